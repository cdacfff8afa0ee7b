"""Names as they are dictated: 我姓章立早章章文雄, "it's Bronwen double u Pugh bronwen pugh".

Who dictates explains a name by its parts, or says it twice; the machine writes down all of it.

Not here: names that are written (people.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.people import SURNAMES, names_in
from dialogue.understanding.plain import Plain, Span

LONGEST: Final = 120
"""Characters of a clause in which a name is looked for."""

_HAN = r"[\u4e00-\u9fff]"
_END = r"(?=$|[^\u4e00-\u9fff]|电话|手机|号码)"
# the surname, what explains it (詹前柏的詹, 立早章), the full name
_SURNAME_FIRST: Final = re.compile(
    rf"姓(?P<surname>[{SURNAMES}])(?:{_HAN}{{1,4}}的?(?P=surname))?[,， ]?(?:名?叫)?(?P<name>(?P=surname){_HAN}{{1,2}}){_END}"
)
# the full name, each character of it explained: 詹文雄，文化的文，英雄的雄
_EXPLAINED: Final = re.compile(
    rf"(?:叫|姓名是?|名字是?)(?P<name>[{SURNAMES}]{_HAN}{{1,2}})[,， ]?(?:{_HAN}{{1,4}}的{_HAN}[,，、 ]?){{1,3}}{_END}"
)
_ONLY_SURNAME: Final = re.compile(rf"姓(?P<name>[{SURNAMES}])(?:{_HAN}{{1,4}}的?(?P=name)){_END}")

_OWN: Final = re.compile(r"(?:我|本人|敝|免贵|小)(?:姓|叫)")
_LEAD: Final = re.compile(
    r"(?:(?:ok(?:ay)?|so|yeah|yes|well|right|and|it's|it is|my name is|my name's|the name is|name is|name's|this is|i'm|i am|call me)[ ,]+){1,4}",
    re.IGNORECASE,
)
_FILLER: Final = re.compile(
    r"\b(?:um+|uh+|er+m?|you know|like|that's|spelled|spelt|double [a-z]\b|[a-z] for \w+|[a-z])\b", re.IGNORECASE
)
_WORD: Final = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'-]{1,24}")
_MOST_WORDS: Final = 10


def dictated_names(read: Plain, *, asked: bool, contacts: tuple[Span, ...] = ()) -> tuple[Found[str], ...]:
    """Names said with their explanation, or, asked for, twice. `contacts` are places of addresses and numbers."""
    if not asked and not _OWN.search(read.plain):
        return ()
    for pattern in (_SURNAME_FIRST, _EXPLAINED, _ONLY_SURNAME):
        if match := pattern.search(read.plain):
            return (Found(read.own[slice(*match.span("name"))], read.own[slice(*match.span())], match.start()),)
    for clause in re.finditer(rf"[^,，。;；\n]{{4,{LONGEST}}}", read.plain):
        if any(start < clause.end() and clause.start() < end for start, end in contacts):
            continue
        name = _said_twice(read.own[slice(*clause.span())]) if asked else None
        if name and names_in(name, asked=True):
            return (Found(name, clause[0].strip(), clause.start()),)
    return ()


def _said_twice(clause: str) -> str | None:
    """The name that is said once with what explains it and once more: its last words have been said before, in their order."""
    lead = _LEAD.match(clause.strip())
    said = clause.strip()[lead.end() if lead else 0 :]
    words = _WORD.findall(_FILLER.sub(" ", said))
    if len(words) > _MOST_WORDS:
        return None
    for count in (3, 2):
        if len(words) < 2 * count:
            continue
        last, before = words[-count:], words[:-count]
        lower = [word.lower() for word in before]
        if all(word.lower() in lower for word in last):
            return " ".join(before[lower.index(word.lower())].capitalize() for word in last)
    return None
