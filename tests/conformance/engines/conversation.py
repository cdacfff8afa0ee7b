"""A conversation of the suite: readable YAML, played turn by turn against an engine, the house's part played plainly.

A file is a list of conversations, one kind of customer each file, in conversations/<language>/<kind>.yaml:

    title    what the customer does
    given    optional: `locale` (default: the folder's), `pace: letter` (a mail), `house` (CN, HK, TW), `sender`, `sender_name`,
             `channel`, `person_at` (ISO time: nobody is on duty until then), `offer` (a case is filed already and these options
             of it wait for an answer, each [title, meaning, working days])
    turns    each with `customer` (a line, or a list: a burst) and what must come of it:
        asks        exactly the facts asked for now, `confirm` for the read-back
        facts       values as the contract shows them; null: still unknown. A list: words that the value holds
        declined    exactly the facts the customer won't give
        language    of the answer
        acts        exactly what was done, by name (none if left out): FileCase, FileCase incomplete, CallPerson asked,
                    CallPerson danger_to_life urgent, WithdrawCase, AnotherComplaint …
        response    names of responses that are among those said; `not_response`: names that are not
        says, never words that the answer holds, or doesn't
        silent      true: nothing is said
        choice      a button's value pressed, in place of words
        files       names of files that came with the line
        corrects    the answered words that the customer changed to `customer`
        waiting     why the conversation waits for a person
        next_day    true: the line comes a day later
    ends     optional: `phase` (open, confirming, filed, withdrawn), `cases` (how many are filed), `facts` as above

Whatever a conversation says of itself, in none is a known fact asked for again or anything asked for more than three times.

Not here: which engines there are (conftest.py), who plays them (test_simplified.py and its neighbours).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from case_store.records import ChannelName, Draft, Language, Status
from dialogue.engine import Engine
from dialogue.turn import (
    REFERENCE,
    Act,
    Agreed,
    AnswerOffer,
    BotTurn,
    CallPerson,
    CaseGlance,
    ChooseOption,
    ConfirmSettlement,
    CustomerMessage,
    CustomerTurn,
    FileCase,
    Offer,
    OfferedOption,
    Pace,
    WithdrawCase,
)
from gateway.filing import sounds_like_a_complaint
from tests.dialogue.houses import DUE, HOUSES, NOW
from tests.yamls import from_yaml

FOLDER: Final = Path(__file__).parent / "conversations"
CONVERSATION: Final = {"title", "given", "turns", "ends"}
GIVEN: Final = {"locale", "pace", "house", "sender", "sender_name", "channel", "person_at", "state", "offer"}
STEP: Final = {
    "customer", "choice", "files", "corrects", "waiting", "next_day",
    "asks", "facts", "declined", "language", "acts", "says", "never", "response", "not_response", "silent",
}  # fmt: skip
MOST_ASKED: Final = 3


def conversations() -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, conversation) of all files."""
    for file in sorted(FOLDER.glob("*/*.yaml")):
        language = file.parent.name
        for conversation in from_yaml(file.read_text(encoding="utf-8")):
            given = {"locale": language, **conversation.get("given", {})}
            yield f"{language}/{file.stem}: {conversation['title']}", {**conversation, "given": given}


def suite(language: str) -> list[tuple[str, dict[str, Any]]]:
    """(kind and title, conversation) of one language."""
    return [(name.partition("/")[2], one) for name, one in conversations() if name.startswith(f"{language}/")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One turn as engines are compared by it: names, facts, questions and state, not wording."""

    said: tuple[str, ...]
    asked: tuple[str, ...]
    acts: tuple[str, ...]
    facts: Mapping[str, Any]
    declined: tuple[str, ...]
    language: str
    state: Mapping[str, Any]


@dataclass(slots=True)
class Heard:
    """Holds what the house would: state, draft, cases. State goes through JSON between turns, as in the store."""

    engine: Engine
    given: Mapping[str, Any]
    state: dict[str, Any] = field(default_factory=dict)
    draft: Draft = Draft()
    cases: tuple[CaseGlance, ...] = ()
    keeps: bool = False
    number: int = 0
    now: datetime = NOW
    offers: tuple[Offer, ...] = ()
    answer: BotTurn | None = None

    def __post_init__(self) -> None:
        assert set(self.given) <= GIVEN, self.given
        self.state = dict(self.given.get("state", {} if self.pace is Pace.LETTER else {"notice_shown": "2026-1"}))
        if "offer" in self.given:
            self.state |= {"phase": "filed", "language": self.given["locale"], "notice_shown": "2026-1"}
            self.cases = (CaseGlance("C20261123-000420-4", Status.FILED, DUE),)
            options = tuple(OfferedOption(title, meaning, days, DUE) for title, meaning, days in self.given["offer"])
            self.offers = (Offer("a" * 32, self.cases[0].reference, 1, options, DUE),)

    @property
    def pace(self) -> Pace:
        return Pace(self.given.get("pace", "live"))

    def turn(self, step: Mapping[str, Any]) -> CustomerTurn:
        if step.get("next_day"):
            self.now += timedelta(days=1)
        lines = step.get("customer", "")
        lines = [lines] if isinstance(lines, str) else list(lines)
        messages = [
            CustomerMessage(
                self.number + place,
                line,
                step.get("choice"),
                files=tuple(step.get("files", ())) if place == len(lines) - 1 else (),
                corrects=step.get("corrects"),
            )
            for place, line in enumerate(lines)
        ]
        self.number += len(lines)
        person_at = self.given.get("person_at")
        channel = self.given.get("channel", "email" if self.pace is Pace.LETTER else "webchat")
        return CustomerTurn(
            messages=tuple(messages),
            channel=ChannelName(channel),
            pace=self.pace,
            now=self.now,
            locale=Language(self.given["locale"]),
            house=HOUSES[self.given.get("house", "CN")],
            feedback_due=DUE,
            state=json.loads(json.dumps(self.state)),
            draft=self.draft,
            cases=self.cases,
            sender=self.given.get("sender"),
            sender_name=self.given.get("sender_name"),
            person_at=None if person_at is None else datetime.fromisoformat(str(person_at)),
            waiting=step.get("waiting"),
            offers=self.offers,
        )

    def take(self, answer: BotTurn) -> None:
        self.answer = answer
        self.state = dict(answer.state)
        self.keeps = self.keeps or sounds_like_a_complaint(answer)
        self.draft = answer.draft if self.keeps else Draft()  # what no draft is opened for is forgotten
        for act in answer.acts:
            self._do(act)

    def _do(self, act: Act) -> None:
        match act:
            case FileCase():
                self.cases = (*self.cases, CaseGlance(f"C20261123-00042{len(self.cases)}-4", Status.FILED, DUE))
            case WithdrawCase(reference=reference) if reference:
                self.cases = tuple(
                    replace(case, status=Status.WITHDRAWN) if case.reference == reference else case
                    for case in self.cases
                )
            case ChooseOption(option=option):
                self.offers = tuple(replace(offer, chosen=option) for offer in self.offers)
            case ConfirmSettlement(option=option, by=by):
                agreed = tuple(Agreed(offer.options[option - 1].title, by) for offer in self.offers)
                self.cases = tuple(replace(case, agreed=agreed) for case in self.cases)
                self.offers = tuple(replace(offer, state="agreed", chosen=None) for offer in self.offers)
            case AnswerOffer(kind="change" | "counter"):
                self.offers = tuple(replace(offer, chosen=None) for offer in self.offers)
            case _:
                pass


def name_of(act: object) -> str:
    match act:
        case CallPerson(reason=reason, urgent=urgent):
            return f"CallPerson {reason}{' urgent' if urgent else ''}"
        case FileCase(incomplete=incomplete):
            return "FileCase incomplete" if incomplete else "FileCase"
        case ChooseOption(option=option) | ConfirmSettlement(option=option):
            return f"{type(act).__name__} {option}"
        case AnswerOffer(kind=kind):
            return f"AnswerOffer {kind}"
        case _:
            return type(act).__name__


def outcome(answer: BotTurn) -> Outcome:
    return Outcome(
        said=tuple(name for said in answer.says for name in said.response.split("+")),
        asked=tuple(fact for said in answer.says for fact in said.asks),
        acts=tuple(name_of(act) for act in answer.acts),
        facts=answer.draft.facts.to_json() | {f"{fact}, in words": said for fact, said in answer.draft.words.items()},
        declined=tuple(sorted(answer.draft.declined)),
        language=answer.language.value,
        state=dict(answer.state),
    )


def play(conversation: Mapping[str, Any], engine: Engine) -> list[Outcome]:
    """Plays it and asserts everything it says. Answers what came of each turn."""
    assert set(conversation) <= CONVERSATION, set(conversation) - CONVERSATION
    heard = Heard(engine, conversation["given"])
    asked_before: dict[str, int] = {}
    outcomes: list[Outcome] = []
    for step in conversation["turns"]:
        assert set(step) <= STEP, set(step) - STEP
        known_before = {*heard.draft.facts.known(), *heard.draft.words}
        heard.take(engine.turn(heard.turn(step)))
        assert heard.answer is not None
        outcomes.append(outcome(heard.answer))
        check(step, heard)
        if "AnotherComplaint" in outcomes[-1].acts:
            known_before, asked_before = {"name", "contact"} & known_before, {}
        where = f"{step.get('customer')} -> {text_of(heard.answer)}"
        assert not known_before & set(outcomes[-1].asked), f"asked again for what was known: {where}"
        for fact in outcomes[-1].asked:
            asked_before[fact] = asked_before.get(fact, 0) + 1
            assert fact == "confirm" or asked_before[fact] <= MOST_ASKED, f"asked too often for {fact}: {where}"
    check_end(conversation.get("ends", {}), heard)
    return outcomes


def text_of(answer: BotTurn) -> str:
    return "\n".join(said.text for said in answer.says).replace(REFERENCE, "C20261123-000420-4")


def check(step: Mapping[str, Any], heard: Heard) -> None:
    """What the step says must come of it."""
    assert heard.answer is not None
    came, text = outcome(heard.answer), text_of(heard.answer)
    where = f"{step.get('customer')} -> {text}"
    if "asks" in step:
        assert list(came.asked) == step["asks"], where
    check_facts(step.get("facts", {}), came.facts, where)
    if "declined" in step:
        assert list(came.declined) == sorted(step["declined"]), where
    if "language" in step:
        assert came.language == step["language"], where
    assert list(came.acts) == step.get("acts", []), where
    for words in step.get("says", []):
        assert words in text, f"{words!r} is missing: {where}"
    for words in step.get("never", []):
        assert words not in text, f"{words!r} was said: {where}"
    for name in step.get("response", []):
        assert name in came.said, f"{name} was not said, but {came.said}: {where}"
    for name in step.get("not_response", []):
        assert name not in came.said, f"{name} was said: {where}"
    assert (not came.said) == step.get("silent", False), where


def check_facts(expected: Mapping[str, Any], facts: Mapping[str, Any], where: str) -> None:
    for fact, value in expected.items():
        if isinstance(value, list):
            assert all(words in str(facts[fact]) for words in value), f"{fact} is {facts[fact]!r}: {where}"
        else:
            assert facts[fact] == value, f"{fact} is {facts[fact]!r}: {where}"


def check_end(ends: Mapping[str, Any], heard: Heard) -> None:
    if "phase" in ends:
        assert heard.state.get("phase", "open") == ends["phase"]
    if "cases" in ends:
        assert len(heard.cases) == ends["cases"]
    check_facts(ends.get("facts", {}), heard.draft.facts.to_json(), "at the end")


def kinds() -> Sequence[str]:
    """What kinds of customers there are, by file name."""
    return sorted({file.stem for file in FOLDER.glob("*/*.yaml")})
