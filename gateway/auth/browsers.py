"""What a browser says it is, in the two words that its owner knows it by. Said by the browser itself, so it proves nothing."""

from __future__ import annotations

import re
from typing import Final

# the first that fits: most say they are several others as well
_BROWSERS: Final = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("QQ", r"QQBrowser/"),
    ("WeChat", r"MicroMessenger/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|Chromium|CriOS)/"),
    ("Safari", r"Version/.*Safari/"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def browser_of(said: str | None) -> tuple[str | None, str | None]:
    """(browser, system); None for what is not known."""
    return _first(_BROWSERS, said or ""), _first(_SYSTEMS, said or "")


def _first(known: tuple[tuple[str, str], ...], said: str) -> str | None:
    return next((name for name, pattern in known if re.search(pattern, said)), None)
