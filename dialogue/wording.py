"""Whether a sentence may be said to a customer: what chapter five of the handbook forbids, as `faults`.

For our own words only, in tests over the script and the catalogue and as a hint to agents; a customer's words that are read
back are theirs. The rules are data, in wording.yml. A pattern finds words, not meaning: a text without faults may still
be a bad one.

Not here: what is said (rasa_project/, the gateway's catalogue), what an agent is told about a fault (hints.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml
from opencc import OpenCC

from case_store.records import Language

_SENTENCE_ENDS: Final = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


def faults(text: str, language: Language) -> list[str]:
    """What is wrong with `text`, in the order of the rules: `vague time: 尽快`. Empty if nothing is."""
    return [
        *(f"{rule}: {found[0]}" for rule, found in matches(text, language)),
        *_too_long(text, language),
        *_other_script(text, language),
    ]


def matches(text: str, language: Language) -> Iterator[tuple[str, re.Match[str]]]:
    """Every place where a rule finds its words, in the order of the rules."""
    for rule, pattern in _rules(language).items():
        for found in pattern.finditer(text):
            yield rule, found


def long_sentences(text: str, language: Language) -> Iterator[str]:
    """The sentences that hold more than a reader takes in at once."""
    longest = _data()["longest_sentence"][language.value]
    for sentence in _SENTENCE_ENDS.split(text):
        if _length(sentence.strip(), language) > longest:
            yield sentence.strip()


def foreign_characters(text: str, language: Language) -> str:
    """Chinese characters that this language does not write: the other script's, or any in English; each once."""
    han = dict.fromkeys(_HAN.findall(text))
    if language is Language.EN:
        return "".join(han)
    foreign = _is_traditional if language is Language.HANS else _is_simplified
    return "".join(character for character in han if foreign(character))


def _too_long(text: str, language: Language) -> list[str]:
    return [f"long sentence: {sentence}" for sentence in long_sentences(text, language)]


def _length(sentence: str, language: Language) -> int:
    if language is Language.EN:
        return len(sentence.split())
    # a number, a name in Latin letters or a link is read at a glance
    return len(re.sub(r"[\x21-\x7e]+", "x", sentence).replace(" ", ""))


def _other_script(text: str, language: Language) -> list[str]:
    wrong = foreign_characters(text, language)
    rule = "Chinese in English" if language is Language.EN else "character of the other script"
    return [f"{rule}: {wrong}"] if wrong else []


@cache
def _is_traditional(character: str) -> bool:
    return bool(_converter("t2s").convert(character) != character)


@cache
def _is_simplified(character: str) -> bool:
    """Simplified and nothing else: many of those characters are words of their own in Traditional texts."""
    return (
        character not in _data()["shared_characters"]
        and _converter("s2t").convert(character) != character
        and not _is_traditional(character)
    )


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


@cache
def _rules(language: Language) -> dict[str, re.Pattern[str]]:
    return {
        rule: re.compile(patterns[language.value], re.IGNORECASE)
        for rule, patterns in _data()["rules"].items()
        if language.value in patterns
    }


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(
        files("dialogue").joinpath("wording.yml").read_text("utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # six times as fast where libyaml is there
    )
    return data
