"""All names that the readers find, and which of them the rules take for the writer's: one sign among others in weighed_names.py.

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
from dialogue.understanding.given_names import is_given, is_ordinary
from dialogue.understanding.han_names import explained_names, placed_names, said_names
from dialogue.understanding.people import COMPOUND, NO_NAME, SURNAMES, names_in
from dialogue.understanding.plain import Plain, Span, plain
from dialogue.understanding.selves import self_named
from dialogue.understanding.signatures import is_a_word, signed_names

_FULL: Final = re.compile(rf"(?:{COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}][\u4e00-\u9fff]{{1,3}}")
_TITLED: Final = re.compile(r".{1,2}(?:先生|女士|小姐|太太|生|太|师傅|老师|阿姨|大爷|姐|哥|叔|伯|婆|姨)|[小阿老].|.")
_SURNAME_ONLY: Final = re.compile(rf"{COMPOUND}|[{SURNAMES}]")
_HAS_HAN: Final = re.compile(r"[\u4e00-\u9fff]")


def writer_named(read: Plain, contacts: tuple[Span, ...], *, asked: bool) -> Found[str] | None:
    """The writer's name by the rules alone, or None. `contacts` are places of addresses and numbers."""
    han = _HAS_HAN.search(read.plain) is not None
    first: Found[str] | None = None
    surname = ""
    for name in _readings(read, contacts, asked=asked, han=han):
        if is_anothers(read.plain, name.start):
            continue
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


_NO_SURNAME_ALONE: Final = frozenset(
    "代车时都能于从向别万常连和方全单终何当平应明支满有关来经过后路成安查相公解计项利费元"
)


def name_alone(read: Plain) -> Found[str] | None:
    """The name, if the text is one in full and nothing else: sent unasked, as while everything is read back."""
    said = read.plain.strip(" .。,，!！")
    start = read.plain.find(said) if said else 0
    han = _FULL_ALONE.fullmatch(said) is not None and said[0] not in _NO_SURNAME_ALONE and not is_a_word(said)
    if han or _CALLED_ALONE.fullmatch(said):
        return Found(read.own[start : start + len(said)], read.own[start : start + len(said)], start)
    words = said.split(" ")
    if _ENGLISH_ALONE.fullmatch(said) and is_given(words[0]) and not all(map(is_ordinary, words)):
        return Found(said, said, start)
    return None


_FULL_ALONE: Final = re.compile(
    rf"(?:{COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}](?:(?![我你您他她它的了是在就都不没吗呢吧啊呀嘅咗系喺啦喇嘛错对])[\u4e00-\u9fff]){{2}}"
)
_CALLED_ALONE: Final = re.compile(rf"(?:{COMPOUND}|[{SURNAMES}])(?:先生|女士|小姐|太太|伯|婆婆|阿姨)")
_ENGLISH_ALONE: Final = re.compile(r"[A-Z][a-z'-]+(?: [A-Z][A-Za-z'-]+){1,2}")


_PERSON: Final = re.compile(  # whose name comes next: "to my ex, Paul Grant"
    r"(?P<is>\b(?:i am|i'm|im|this is|it is|it's|here is|from|speaking is) |(?:^|[.!?\n])\s{0,3})?\b(?:my|our|his|her|your|the|an?|this|some) (?:(?:ex|late|former|old|elderly|next-door|new|own|other|dear|poor|step)[ -]){0,2}(?:ex|husband|wife|partner|boyfriend|girlfriend|fianc\S{1,2}|mum|mom|mother|dad|father|son|daughter|brother|sister|uncle|aunt|auntie|cousin|nephew|niece|nan|gran|grandad|grandma|grandson|granddaughter|neighbour|neighbor|friend|mate|flatmate|housemate|lodger|tenant|landlord|landlady|boss|colleague|employee|carer|builder|seller|buyer|trader|scammer|fraudster|solicitor|accountant|broker|manager|advis[eo]r|cashier|teller|clerk|agent|lad|lady|man|woman|chap|bloke|guy|girl)(?:,? (?:called|named))?[,:]?\s*$"
    r"|(?P<is_>(?:是|系)[^,，。;；\n]{0,6})?(?:我|你们|你哋|他|她|佢)的?(?:前夫|前妻|前男友|前女友|前任|室友|房东|邻居|同事|老板)(?:名?叫|是|系)?[,，:： ]{0,2}$",
    re.IGNORECASE,
)


def is_anothers(text: str, at: int) -> bool:
    """Whether a name that begins there is said to be somebody's else: an ex, a friend, a clerk."""
    said = _PERSON.search(text, max(0, at - 60), at)
    return said is not None and not (said["is"] or said["is_"])


def _is_full(name: Found[str]) -> bool:
    value = plain(name.value or "").plain
    return bool(_FULL.fullmatch(value)) and not _TITLED.fullmatch(value) and not NO_NAME.search(value)


def _readings(read: Plain, contacts: tuple[Span, ...], *, asked: bool, han: bool) -> Iterator[Found[str]]:
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
