"""What customers are told about files, in their language: why one is not taken, how large one may be, what stands for one in a text.

The words stand in the portal's catalogues under `files`; the chat's own scripts read the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from babel.numbers import format_decimal

from case_store.records import Language
from gateway.file_names import safe_name
from gateway.portal.wording import catalogue

MOST_NAMES: Final = 10


def stand_in(names: Sequence[str], language: Language) -> str:
    """What a message says that came without a word: the names of its files, in brackets."""
    words = catalogue(language)["files"]
    shown = [safe_name(name) for name in names[:MOST_NAMES]] + ["…"] * (len(names) > MOST_NAMES)
    joined = words["separator"].join(shown)
    return str(words["file" if len(names) == 1 else "files"].format(names=joined))


def refusal_words(kind: str, language: Language, *, name: str = "", **values: Any) -> str:
    """A sentence for whoever sent a file that is not taken."""
    return str(catalogue(language)["files"]["refused"][kind].format(name=safe_name(name), **values))


def size_words(size: int, language: Language) -> str:
    """`35 MB`, in units of a thousand as file managers count."""
    unit, divisor = ("MB", 1_000_000) if size >= 1_000_000 else ("kB", 1_000)
    shown = round(size / divisor, 1 if size < 10 * divisor else 0)
    return f"{format_decimal(shown, locale=language.value.replace('-', '_'))} {unit}"
