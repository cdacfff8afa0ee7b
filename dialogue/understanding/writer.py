"""Which of the names that the readers find is the writer's.

The surest form first; a surname alone, or what the writer is called (陈生, 小胖), gives way to the full name told with it.

Not here: the forms themselves (people.py, dictated.py, han_names.py, signatures.py, selves.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dialogue.understanding.dictated import dictated_names
from dialogue.understanding.english_names import names_beside, names_in_parts, names_typed
from dialogue.understanding.found import Found
from dialogue.understanding.han_names import explained_names, placed_names, said_names
from dialogue.understanding.people import COMPOUND, NO_NAME, SURNAMES, names_in
from dialogue.understanding.plain import Plain, Span, plain
from dialogue.understanding.selves import self_named
from dialogue.understanding.signatures import signed_names

_FULL: Final = re.compile(rf"(?:{COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}][\u4e00-\u9fff]{{1,3}}")
_TITLED: Final = re.compile(r".{1,2}(?:先生|女士|小姐|太太|生|太|师傅|老师|阿姨|大爷|姐|哥|叔|伯|婆|姨)|[小阿老].|.")
_SURNAME_ONLY: Final = re.compile(rf"{COMPOUND}|[{SURNAMES}]")
_HAS_HAN: Final = re.compile(r"[\u4e00-\u9fff]")


def writer_named(read: Plain, contacts: tuple[Span, ...], *, asked: bool) -> Found[str] | None:
    """The writer's name, or None. `contacts` are places of addresses and numbers."""
    han = _HAS_HAN.search(read.plain) is not None
    first: Found[str] | None = None
    surname = ""
    for name in _candidates(read, contacts, asked=asked, han=han):
        if first is None:
            first = name
            surname = (
                plain(name.value or "").plain if han and _SURNAME_ONLY.fullmatch(plain(name.value or "").plain) else ""
            )
        elif surname and not plain(name.value or "").plain.startswith(surname):
            continue  # 弓長張 explains 張
        if not han or _is_full(name):
            return name if _is_full(name) or first is name else first
    return first


def _is_full(name: Found[str]) -> bool:
    value = plain(name.value or "").plain
    return bool(_FULL.fullmatch(value)) and not _TITLED.fullmatch(value) and not NO_NAME.search(value)


def _candidates(read: Plain, contacts: tuple[Span, ...], *, asked: bool, han: bool) -> Iterator[Found[str]]:
    if han:
        yield from explained_names(read, asked=asked)
    dictated = dictated_names(read, asked=asked, contacts=contacts)
    if asked:
        yield from dictated
        yield from names_in_parts(read)
    if han:
        yield from said_names(read)
    yield from names_in(read, asked=asked, contacts=contacts)
    yield from dictated
    yield from signed_names(read, contacts)
    if han:
        yield from placed_names(read)
    if (name := self_named(read)) is not None:
        yield name
    if contacts:
        yield from names_beside(read, contacts)
    yield from names_typed(read, asked=asked)
