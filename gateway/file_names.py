"""Names of files as customers give them, made safe to show and to save under.

A name is a label, never a path and never a reason to believe what is in the file. What turns text round or hides is taken out,
since `gpj.exe` with a turn in it reads as `exe.jpg`; what an operating system would act on is defused. The name is shown
whole, so that two endings are seen as two endings.

Not here: what the content is (file_types.py).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 150
_SLASHES: Final = re.compile("[/\\\\\u2044\u2215\u29f5\uff0f\uff3c]+")  # and what looks like them
_BLANKS: Final = re.compile(r"\s+")
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_ENDING: Final = re.compile(r"\.([0-9A-Za-z]{1,10})$")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})  # controls, turns of direction, nothing at all


def safe_name(given: str, default: str = "file") -> str:
    """The last part of what may be a path, in one line, without anything that can't be seen."""
    last = _SLASHES.split(unicodedata.normalize("NFC", given[-5000:]))[-1]
    seen = "".join(" " if letter.isspace() else letter for letter in last if _can_be_seen(letter))
    plain = _BLANKS.sub(" ", _FORBIDDEN.sub("_", seen)).strip(" .")
    if not plain:
        return default
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    return _shortened(plain)


def _can_be_seen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) not in _HIDDEN


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    ending = _ENDING.search(name)
    tail = ending[0] if ending else ""
    return f"{name[: LONGEST - len(tail) - 1].rstrip(' .')}…{tail}"


def ending_of(name: str) -> str:
    """`pdf` of `Statement.PDF`, or nothing."""
    found = _ENDING.search(name)
    return found[1].lower() if found else ""


def endings_of(name: str) -> tuple[str, ...]:
    """All that look like endings, the last one last: `("pdf", "exe")` of `a.pdf.exe`."""
    found: list[str] = []
    rest = name
    while (ending := _ENDING.search(rest)) is not None:
        found.insert(0, ending[1].lower())
        rest = rest[: ending.start()].rstrip(" .")
    return tuple(found)
