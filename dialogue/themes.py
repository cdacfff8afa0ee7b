"""What a complaint is about, for the sympathy that names it and for the question whether a sum plays a part.

The words stand in themes.toml. Not here: category, risk and scope, which are judgements with a policy (triage.py).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from opencc import OpenCC

from dialogue.understanding.required import Index

GENERAL: Final = "general"
OF_THE_OLD: Final = "elderly"
AFRAID: Final = "afraid"
PRESSING: Final = frozenset({"hardship", "bereaved", AFRAID})
"""Themes that are met with a word also when they come up later."""

_ENOUGH: Final = 1_000  # what it is about stands at the beginning
_TO_SIMPLIFIED: Final = OpenCC("t2s")


@dataclass(frozen=True, slots=True)
class Theme:
    name: str
    pattern: re.Pattern[str]
    money: bool


@lru_cache(maxsize=256)
def themes_in(text: str) -> tuple[Theme, ...]:
    """Every theme of the text, the weightiest first."""
    simplified, themes, index = _simplified(text), *_themes()
    may_stand, _ = index.within(simplified)
    found = tuple(
        theme for number, theme in enumerate(themes) if may_stand >> number & 1 and theme.pattern.search(simplified)
    )
    if found and found[0].name == OF_THE_OLD and len(found) > 1 and not any(theme.money for theme in found[1:]):
        return found[1:]  # an old customer was insulted or kept waiting: savings are not what it is about
    return found


def names_need(text: str) -> bool:
    """Whether it tells of what no record needs and nobody may pass over: hunger, a death, fear."""
    return any(theme.name in PRESSING for theme in themes_in(text))


def names_fear(text: str) -> bool:
    """Whether somebody says that they are afraid."""
    return any(theme.name == AFRAID for theme in themes_in(text))


def theme_names() -> frozenset[str]:
    """Every theme there is."""
    return frozenset(theme.name for theme in _themes()[0])


def facts_named(text: str) -> tuple[str, ...]:
    """The facts that the text speaks of by name: "唔想畀名" is about the name, whatever was asked."""
    simplified = _simplified(text)
    return tuple(fact for fact, pattern in _fact_names().items() if pattern.search(simplified))


def says_there_is_none(text: str) -> bool:
    """Whether the answer is that there is nothing of the kind: no sum, no wish."""
    return _answer("nothing").search(_simplified(text)) is not None


def says_no_money(text: str) -> bool:
    """Whether a clause says that no money plays a part: "no amount really, last Tuesday"."""
    return _answer("no_money").search(_simplified(text)) is not None


def only_announces(text: str) -> bool:
    """ "I want to complain": why they came, and not yet what happened."""
    return _answer("announces").search(_simplified(text)) is not None


def without_small_talk(text: str) -> str:
    """What is left of a message when people have said who and how old they are."""
    return _answer("small_talk").sub("", _simplified(text))


def says_no_contact(text: str) -> bool:
    """Whether the customer has no number or address to give."""
    return _answer("no_contact").search(_simplified(text)) is not None


def has_reservation(text: str) -> bool:
    """Whether a yes goes on with what is not right yet."""
    return _answer("reservation").search(_simplified(text)) is not None


def _simplified(text: str) -> str:
    return str(_TO_SIMPLIFIED.convert(text[:_ENOUGH])).lower()


@lru_cache(maxsize=1)
def _words() -> dict[str, object]:
    return tomllib.loads((resources.files("dialogue") / "themes.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _themes() -> tuple[tuple[Theme, ...], Index]:
    """Every theme, and by its place what its pattern requires."""
    entries = _words()["theme"]
    assert isinstance(entries, list)
    themes, index = tuple(_theme(entry) for entry in entries), Index()
    index.add_all([theme.pattern.pattern for theme in themes])
    return themes, index


def _theme(entry: dict[str, object]) -> Theme:
    chinese = _TO_SIMPLIFIED.convert(str(entry["zh"]))
    return Theme(str(entry["name"]), re.compile(f"{chinese}|{entry['en']}"), bool(entry.get("money", True)))


@lru_cache(maxsize=8)
def _answer(name: str) -> re.Pattern[str]:
    answers = _words()["answers"]
    assert isinstance(answers, dict)
    return re.compile(str(answers[name]))


@lru_cache(maxsize=1)
def _fact_names() -> dict[str, re.Pattern[str]]:
    facts = _words()["facts"]
    assert isinstance(facts, dict)
    return {name: re.compile(str(words)) for name, words in facts.items()}
