"""Freely invented customers, each with a sheet of facts and a temper, played against the engine turn by turn.

Whatever the engine asks is answered from the sheet; what was said before is never said again unasked. Counted is what a
customer would mind: facts wrong, questions for what was already told, questions put again and again, no end in sight.
The customers were written before the rules; those marked `held_out` are reported and never tuned on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dialogue.turn import CallPerson, FileCase, WithdrawCase
from tests.yamls import from_yaml

SHEETS = sorted((Path(__file__).parent / "voices").glob("*.yaml"))
KEYS = {
    "who", "held_out", "house", "first", "gives", "answers", "confirm", "record", "declined", "settled", "withdraw", "end",
}  # fmt: skip
DO_NOT_KNOW = {"zh-Hans": "不清楚", "zh-Hant": "不清楚", "en": "I don't know"}
YES = {"zh-Hans": "对", "zh-Hant": "對", "en": "yes"}
LONGEST = 16


@dataclass(slots=True)
class Call:
    """How one customer fared."""

    end: str = "stuck"
    turns: int = 0
    wrong: dict[str, object] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    asked_though_given: list[str] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)
    sympathies: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def asked_twice(self) -> list[str]:
        return [fact for fact, times in self.asked.items() if times > 1]


def sheets() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in SHEETS:
        for sheet in from_yaml(file.read_text(encoding="utf-8")):
            yield file.stem, sheet


class Customer:
    """Answers from the sheet: by fact, the first time with `fact`, the second time with `fact2` if it stands there."""

    def __init__(self, language: str, sheet: dict[str, Any]) -> None:
        self.language, self.sheet = language, sheet
        self.told: set[str] = set(sheet["gives"])
        self.heard: Counter[str] = Counter()
        self.confirms = list(sheet.get("confirm", []))

    def first(self) -> str | list[str]:
        first = self.sheet["first"]
        return [str(line) for line in first] if isinstance(first, list) else str(first)

    def answer(self, asks: tuple[str, ...]) -> str:
        if "confirm" in asks:
            return str(self.confirms.pop(0)) if self.confirms else YES[self.language]
        parts = [self._one(fact) for fact in ("+".join(asks),) if self._has(fact)] or [self._one(fact) for fact in asks]
        joint = ", " if self.language == "en" else "，"
        return joint.join(dict.fromkeys(parts))

    def _has(self, fact: str) -> bool:
        return fact in self.sheet.get("answers", {})

    def _one(self, fact: str) -> str:
        answers = self.sheet.get("answers", {})
        self.heard[fact] += 1
        second = f"{fact}2"
        if second in answers and self.heard[fact] == 1:
            return str(answers[fact])  # this one only asks back or tells something else
        self.told.update(fact.split("+"))
        return str(answers.get(second, answers.get(fact, DO_NOT_KNOW[self.language])))


def play(language: str, sheet: dict[str, Any], talk: Callable[..., Any]) -> Call:
    assert set(sheet) <= KEYS, set(sheet) - KEYS
    call, customer = Call(), Customer(language, sheet)
    heard = talk(locale=language, **({"house": sheet["house"]} if "house" in sheet else {}))
    said: str | list[str] = customer.first()
    while call.turns < LONGEST:
        answer = heard.say(said)
        call.turns += 1
        call.lines += [f"C {said}", f"B [{','.join(heard.asks)}] {heard.text}"]
        call.languages.add(answer.language)
        call.sympathies += sum(_is_first_sympathy(part) for part in _names(answer))
        if (end := _end(answer)) or not (heard.asks or _asks_withdrawal(answer)):
            call.end = end or "stuck"
            break
        if _asks_withdrawal(answer):
            said = str(sheet.get("withdraw", YES[language]))
            continue
        facts = tuple(fact for fact in heard.asks if fact != "confirm")
        call.asked.update(facts)
        call.asked_though_given += [fact for fact in facts if fact in customer.told]
        said = customer.answer(heard.asks)
    call.wrong = wrong_facts(sheet, heard, customer.told | set(call.asked))
    return call


def _is_first_sympathy(name: str) -> bool:
    """Fear that is told of later is met with a word of its own, whatever was said to what happened."""
    return name.startswith("utter_sympathy") and name != "utter_sympathy_afraid"


def _names(answer: Any) -> list[str]:
    return [name for said in answer.says for name in said.response.split("+")]


def _asks_withdrawal(answer: Any) -> bool:
    return "utter_ask_withdraw" in _names(answer)


def _end(answer: Any) -> str | None:
    for act in answer.acts:
        match act:
            case CallPerson(reason="danger_to_life", urgent=True):
                return "danger"
            case CallPerson(reason="asked"):
                return "person"
            case CallPerson(reason=reason):
                return reason
            case FileCase():
                return "filed"
            case WithdrawCase():
                return "withdrawn"
    return None


def wrong_facts(sheet: dict[str, Any], heard: Any, told: set[str]) -> dict[str, object]:
    """What the record has otherwise; a sum that the script rightly never asked for is no fault."""
    found = heard.facts.to_json()
    wrong = {}
    for fact, expected in sheet.get("record", {}).items():
        if fact == "amount" and fact not in told:
            continue
        value, words = found[fact], heard.draft.words.get(fact, "")
        if isinstance(value, dict):
            value = f"{value['value']} {value['currency']}"
        alternatives = str(expected).split("|")
        if not any(_fits(fact, alternative, value, words) for alternative in alternatives):
            wrong[fact] = (value, words)
    for fact in sheet.get("declined", []):
        if fact in told and fact not in heard.draft.declined:
            wrong[fact] = "not declined"
    for fact in sheet.get("settled", []):
        if found[fact] is not None:
            wrong[fact] = found[fact]
    return wrong


def _fits(fact: str, expected: str, value: object, words: str) -> bool:
    if expected.startswith("words:"):
        return value is None and expected.removeprefix("words:") in words
    if fact in {"amount", "occurred_on", "name", "contact"}:
        return value == expected
    return expected in str(value) or expected in words


def good(sheet: dict[str, Any], call: Call) -> bool:
    return (
        call.end == sheet.get("end", "filed")
        and not call.wrong
        and not call.asked_though_given
        and max(call.asked.values(), default=0) <= 2
        and call.sympathies <= 1
    )


TUNED = [pytest.param(language, sheet, id=f"{language}: {sheet['who']}")
         for language, sheet in sheets() if not sheet.get("held_out")]  # fmt: skip


@pytest.mark.parametrize(("language", "sheet"), TUNED)
def test_a_customer_is_heard(language: str, sheet: dict[str, Any], talk: Callable[..., Any]) -> None:
    call = play(language, sheet, talk)
    assert call.languages == {language}
    assert good(sheet, call), "\n".join(
        [f"{call.end} {call.wrong} {call.asked_though_given} {call.asked}", *call.lines]
    )


@pytest.mark.parametrize(
    ("language", "sheet"), [pytest.param(*one, id=f"{one[0]}: {one[1]['who']}") for one in sheets()]
)
def test_nobody_is_asked_more_than_three_times_or_left_without_an_end(
    language: str, sheet: dict[str, Any], talk: Callable[..., Any]
) -> None:
    call = play(language, sheet, talk)
    assert call.end != "stuck"
    assert max(call.asked.values(), default=0) <= 3
    assert call.sympathies <= 1


def test_there_are_thirty_customers_in_each_language_ten_of_them_held_out() -> None:
    assert Counter(language for language, _ in sheets()) == {"zh-Hans": 30, "zh-Hant": 30, "en": 30}
    assert set(Counter(language for language, sheet in sheets() if sheet.get("held_out")).values()) == {10}
