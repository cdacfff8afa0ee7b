"""Hints for an agent who is writing to a customer: which words, where, why they may be better otherwise, and how.

One routine for any text in any of the three languages, told in the agent's own. It goes by the rules for our own sentences
(wording.py) and by what only a person's reply can have: words of the trade, a reply in another language than the customer's, two
language versions that do not say the same. It finds words, not meaning: a hint is no refusal, and no hint no praise.

Not here: the words of the hints (hints.yml), whether one is shown (the console).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from case_store.records import Language
from dialogue import wording

MOST: Final = 12  # hints at once: whoever writes is to be helped, not corrected
SHOWN: Final = 60  # characters of a long passage that a hint names

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z']+")
_SHOUTED: Final = re.compile(r"\b[A-Z]{4,}(?:\s+[A-Z]{2,})+\b")
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_HAN_NUMERAL: Final = re.compile(r"[一二三四五六七八九十百千万萬两兩]{2,}")
_MONTHS: Final = {name.lower(): str(number) for number, name in enumerate(calendar.month_name) if name}
_MONTH: Final = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b", re.IGNORECASE)
_ENOUGH_HAN: Final = 8  # characters or words that make a version of its own rather than a name or a quotation
_ENOUGH_LATIN: Final = 5


@dataclass(frozen=True, slots=True)
class Hint:
    """`code` is stable; `words` stand in the text from `start` to before `end`, counted in characters."""

    code: str
    words: str
    start: int
    end: int
    why: str
    better: str


@dataclass(frozen=True, slots=True)
class _Spot:
    code: str
    start: int
    end: int
    plain: str = ""


def hints(text: str, language: Language, reader: Language | None = None) -> tuple[Hint, ...]:
    """What to think of in `text`, words to a customer who writes `language`, told in `reader`; in the order of the text."""
    spots = sorted(set(_spots(text, language)), key=lambda spot: (spot.start, spot.end, spot.code))
    return tuple(_hint(text, spot, reader or language) for spot in _apart(spots))[:MOST]


def _apart(spots: Iterable[_Spot]) -> Iterator[_Spot]:
    """Without those that stand inside another of the same kind."""
    reached: dict[str, int] = {}
    for spot in spots:
        if spot.end > reached.get(spot.code, -1):
            reached[spot.code] = spot.end
            yield spot


def _spots(text: str, language: Language) -> Iterator[_Spot]:
    versions = _versions(text)
    two = len(versions) == 2
    for spoken in {language, Language.EN} if two or not _HAN.search(text) else {language}:
        yield from _by_rules(text, spoken, own=spoken is language)
        yield from _jargon(text, spoken)
    yield from (_Spot("raised_voice", *found.span()) for found in _SHOUTED.finditer(text))
    yield from _script(text, language, two)
    yield from _length(text, language)
    if two:
        yield from _unequal(text, *versions)


def _by_rules(text: str, language: Language, *, own: bool) -> Iterator[_Spot]:
    for rule, found in wording.matches(text, language):
        yield _Spot(rule.replace(" ", "_"), *found.span())
    for sentence in wording.long_sentences(text, language) if own else ():
        start = text.index(sentence)
        yield _Spot("long_sentence", start, start + len(sentence))


def _jargon(text: str, language: Language) -> Iterator[_Spot]:
    for found, plain in wording.jargon(text, language):
        yield _Spot("jargon", *found.span(), plain=plain)


def _script(text: str, language: Language, two: bool) -> Iterator[_Spot]:
    if two:
        return
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if (language is Language.EN and han >= _ENOUGH_HAN and han > latin) or (
        language is not Language.EN and not han and latin >= _ENOUGH_LATIN
    ):
        yield _Spot("other_language", 0, len(text))
        return
    wrong = wording.foreign_characters(text, language)
    if wrong:
        start = text.index(wrong[0])
        yield _Spot("other_script", start, start + len(_run(text[start:], wrong)))


def _run(text: str, characters: str) -> str:
    """The word that begins with a character of the other script, as far as Chinese goes on."""
    found = re.match(r"[\u3400-\u9fff]{1,8}", text)
    return found[0] if found else characters[:1]


def _length(text: str, language: Language) -> Iterator[_Spot]:
    size = len(_LATIN.findall(text)) if language is Language.EN else len(_HAN.findall(text))
    if size > _data()["longest_reply"][language.value]:
        yield _Spot("long_reply", 0, len(text))


# two language versions in one reply ------------------------------------------------------------------------------


def _versions(text: str) -> tuple[str, ...]:
    """The Chinese and the English paragraphs, where the reply has enough of both; else none."""
    chinese, english = [], []
    for paragraph in text.split("\n"):
        if _HAN.search(paragraph):
            chinese.append(paragraph)
        elif len(_LATIN.findall(paragraph)) > 1:
            english.append(paragraph)
    enough = len(_HAN.findall("\n".join(chinese))) >= _ENOUGH_HAN
    enough = enough and sum(len(_LATIN.findall(one)) for one in english) >= _ENOUGH_LATIN
    return ("\n".join(chinese), "\n".join(english)) if enough else ()


def _unequal(text: str, chinese: str, english: str) -> Iterator[_Spot]:
    """Figures that only one of the two has; or one that says far less."""
    here, there = _figures(chinese), _figures(english)
    one_sided = set(here) - set(there)
    if not _HAN_NUMERAL.search(chinese):  # 三万五 may be 35,000
        one_sided |= set(there) - set(here)
    for figure in sorted(one_sided):
        written = here.get(figure) or there[figure]
        if found := re.search(rf"(?<![\d,.]){re.escape(written)}(?![\d]|[,.]\d)", text):
            yield _Spot("unequal_translations", *found.span())
    size, words = len(_HAN.findall(chinese)), len(_LATIN.findall(english))
    if not one_sided and not 0.7 <= size / words <= 4.0:
        shorter = (chinese if size / words < 0.7 else english).split("\n")[0]
        start = text.index(shorter)
        yield _Spot("unequal_translations", start, start + len(shorter))


def _figures(text: str) -> dict[str, str]:
    """Every number as it is written, by its value; a month counts as its number."""
    found = {number[0].replace(",", "").rstrip("."): number[0] for number in _NUMBER.finditer(text)}
    return found | {_MONTHS[month[0].lower()]: month[0] for month in _MONTH.finditer(text)}


# the words of the hints ------------------------------------------------------------------------------------------


def _hint(text: str, spot: _Spot, reader: Language) -> Hint:
    told = _data()["hints"].get(spot.code) or _data()["hints"]["general"]
    words = text[spot.start : spot.end]
    shown = words if len(words) <= SHOWN else f"{words[:SHOWN]}…"
    better = told["better"][reader.value].replace("{plain}", spot.plain)
    return Hint(spot.code, shown, spot.start, spot.end, told["why"][reader.value], better)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(
        files("dialogue").joinpath("hints.yml").read_text("utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # six times as fast where libyaml is there
    )
    return data
