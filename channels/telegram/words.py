"""The few words that the channel itself puts into a customer's message, where what they sent has none; in their language.

    say("location", "zh-Hant", latitude="22.3", longitude="114.2")  ->  "［位置：22.3, 114.2］"

The words stand in words.yml.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

LANGUAGES: Final = ("zh-Hans", "zh-Hant", "en")


def say(name: str, language: str, /, **values: str) -> str:
    return _words()[name][language].format(**values)


def language_of(code: str | None) -> str | None:
    """The nearest of our three languages to a Telegram user's; None for all others."""
    wanted = (code or "").replace("_", "-").lower()
    if wanted.split("-")[0] == "en":
        return "en"
    if wanted.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo", "yue")):
        return "zh-Hant"
    return "zh-Hans" if wanted.split("-")[0] == "zh" else None


@cache
def _words() -> dict[str, dict[str, str]]:
    read: Any = yaml.safe_load(resources.files("channels.telegram").joinpath("words.yml").read_text("utf-8"))
    return {str(name): dict(by_language) for name, by_language in read.items()}
