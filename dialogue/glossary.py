"""Standard terms of finance, place by place: whether a sentence of ours uses a word of another place, as `strangers`.

One glossary for the script, the catalogue, the pages and the policies. For our own words only: customers and agents call a
thing what they like.

Not here: the terms (glossary.yml), how else a sentence has to be worded (wording.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml
from opencc import OpenCC

from case_store.records import Language

_HANS, _HANT, _EN = Language.HANS.value, Language.HANT.value, Language.EN.value
_YUE: Final = "yue"


@dataclass(frozen=True, slots=True)
class Term:
    """`words` by place; every place has one, Hong Kong's own is that of `zh-Hant` unless it is said otherwise there."""

    words: Mapping[str, str]
    shared: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@cache
def terms() -> tuple[Term, ...]:
    return tuple(_term(entry) for entry in _data()["terms"])


def everyday() -> Mapping[str, str]:
    """What a text for all readers of Traditional Chinese does not say, with what it says instead."""
    words: dict[str, str] = _data()["traditional"]
    return words


def strangers(text: str, language: Language, *, cantonese: bool = False) -> dict[str, str]:
    """The words of other places in `text`, each with the word of its own place."""
    pattern, foreign = _words(_YUE if cantonese else language.value)
    found = dict.fromkeys(word.lower() for word in pattern.findall(text))
    return {word: foreign[word] for word in found if word in foreign}


@cache
def _words(place: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """What to look for in a sentence, and every other place's word, in this place's script, with the right one.

    What is at home here is looked for too: the longest counts, and a stranger inside a word of one's own is none.
    """
    home = {term.words[place] for term in terms()} | {word for term in terms() for word in term.shared}
    foreign = {word: term.words[place] for term in terms() for word in _elsewhere(term, place) if word not in home}
    longest_first = sorted(home | set(foreign), key=len, reverse=True)
    alternatives = "|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in longest_first)
    return re.compile(alternatives, re.IGNORECASE), foreign


def _elsewhere(term: Term, place: str) -> Iterator[str]:
    if place == _EN:
        yield from term.never
        return
    for other in (_HANS, _HANT, _YUE):
        if other != place and term.words[other] != term.words[place]:
            yield _converter("t2s" if place == _HANS else "s2t").convert(term.words[other])


def _term(entry: Mapping[str, Any]) -> Term:
    words = {_YUE: entry[_HANT], **{place: entry[place] for place in (_HANS, _HANT, _YUE, _EN) if place in entry}}
    return Term(words, tuple(entry.get("shared", ())), tuple(entry.get("never", ())))


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.load(
        files("dialogue").joinpath("glossary.yml").read_text("utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # six times as fast where libyaml is there
    )
    return data
