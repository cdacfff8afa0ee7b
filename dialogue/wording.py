"""Whether a sentence may be said to a customer: what chapter five of the handbook forbids, as `faults`, and whether its
translations say the same, as far as that can be counted, as `unequal`.

For our own words only, in tests over the script and the catalogue and as a hint to agents; a customer's words that are read
back are theirs. The rules are data, in wording.yml. A pattern finds words, not meaning: a text without faults may still
be a bad one.

Not here: what is said (rasa_project/, the gateway's catalogue), standard terms (glossary.py), what an agent is told about a fault (hints.py).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml
from opencc import OpenCC

from case_store.records import Language

_SENTENCE_ENDS: Final = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
_VALUE: Final = re.compile(r"{{.*?}}|{%.*?%}|{\w+}")
_QUESTION: Final = re.compile(r"[?？]+")
_FIGURE: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_MONTHS: Final = {name: str(number) for number, name in enumerate(calendar.month_name) if name}
_MONTH_OF_A_DATE: Final = re.compile(rf"\d ({'|'.join(_MONTHS)})\b")  # beside its day: "May I" is no month
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


def faults(text: str, language: Language) -> list[str]:
    """What is wrong with `text`, in the order of the rules: `vague time: 尽快`. Empty if nothing is."""
    return [
        *(f"{rule}: {found[0]}" for rule, found in matches(text, language)),
        *(f"jargon: {found[0]}" for found, _ in jargon(text, language)),
        *_too_long(text, language),
        *_other_script(text, language),
    ]


def matches(text: str, language: Language) -> Iterator[tuple[str, re.Match[str]]]:
    """Every place where a rule finds its words, in the order of the rules."""
    for rule, pattern in _rules(language).items():
        for found in pattern.finditer(text):
            yield rule, found


def jargon(text: str, language: Language) -> Iterator[tuple[re.Match[str], str]]:
    """Every word of the trade, with what a customer would say."""
    pattern, plain = _terms(language)
    for found in pattern.finditer(text):
        yield found, plain[found[0].lower()]


def unequal(texts: Mapping[Language, str]) -> list[str]:
    """In what the translations of one text differ that can be counted: values filled in, questions asked, figures."""
    counted: dict[str, dict[Language, Any]] = {
        "values": {language: sorted(_VALUE.findall(text)) for language, text in texts.items()},
        "questions": {language: len(_QUESTION.findall(text)) for language, text in texts.items()},
        "figures": {language: _figures(text) for language, text in texts.items()},
    }
    return [
        f"{what}: {', '.join(f'{language.value} {count}' for language, count in found.items())}"
        for what, found in counted.items()
        if len({str(count) for count in found.values()}) > 1
    ]


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


def _figures(text: str) -> list[str]:
    """Every number, whatever stands between its thousands, and the month of a date; a placeholder has none."""
    prose = _VALUE.sub(" ", text)
    months = [_MONTHS[found] for found in _MONTH_OF_A_DATE.findall(prose)]
    return sorted([*(number.replace(",", "").rstrip(".") for number in _FIGURE.findall(prose)), *months])


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
def _terms(language: Language) -> tuple[re.Pattern[str], Mapping[str, str]]:
    listed: dict[str, str] = _data()["jargon"][language.value]
    longest_first = sorted(listed, key=len, reverse=True)
    alternatives = "|".join(
        rf"(?<![A-Za-z]){re.escape(term)}(?![A-Za-z])" if term.isascii() else re.escape(term) for term in longest_first
    )
    return re.compile(alternatives, re.IGNORECASE), {term.lower(): plain for term, plain in listed.items()}


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(
        files("dialogue").joinpath("wording.yml").read_text("utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # six times as fast where libyaml is there
    )
    return data
