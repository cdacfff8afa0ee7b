"""A conversation in the tests: lines in, turns out, the house's part played as plainly as it goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from case_store.records import ChannelName, Draft, Facts, Language, Status
from dialogue.embedded import EmbeddedEngine, embedded_engine
from dialogue.turn import (
    REFERENCE,
    Act,
    AnotherComplaint,
    BotTurn,
    CaseGlance,
    CustomerMessage,
    CustomerTurn,
    FileCase,
    House,
    Pace,
    WithdrawCase,
)
from tests.dialogue.houses import DUE, HOUSE, HOUSES, NOW


@dataclass(slots=True)
class Conversation:
    """Holds what the house would: state, draft, cases. State goes through JSON between turns, as in the store."""

    engine: EmbeddedEngine
    locale: Language = Language.HANS
    pace: Pace = Pace.LIVE
    channel: ChannelName = ChannelName.WEBCHAT
    house: House = HOUSE
    sender: str | None = None
    sender_name: str | None = None
    person_at: datetime | None = None
    state: dict[str, Any] = field(default_factory=lambda: {"notice_shown": "2026-1"})
    draft: Draft = Draft()
    cases: tuple[CaseGlance, ...] = ()
    number: int = 0
    turns: list[BotTurn] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def next_turn(self, said: str | Sequence[str], choice: str | None = None) -> CustomerTurn:
        lines = [said] if isinstance(said, str) else list(said)
        messages = tuple(CustomerMessage(self.number + place, line, choice) for place, line in enumerate(lines))
        self.number += len(lines)
        return CustomerTurn(
            messages=messages,
            channel=self.channel,
            pace=self.pace,
            now=NOW,
            locale=self.locale,
            house=self.house,
            feedback_due=DUE,
            state=json.loads(json.dumps(self.state)),
            draft=self.draft,
            cases=self.cases,
            sender=self.sender,
            sender_name=self.sender_name,
            person_at=self.person_at,
        )

    def say(self, said: str | Sequence[str], choice: str | None = None) -> BotTurn:
        return self.take(self.next_turn(said, choice))

    def take(self, turn: CustomerTurn) -> BotTurn:
        answer = self.engine.turn(turn)
        self.state, self.draft = dict(answer.state), answer.draft
        for act in answer.acts:
            self._do(act)
        self.turns.append(answer)
        self.acts += answer.acts
        return answer

    def _do(self, act: Act) -> None:
        match act:
            case FileCase():
                reference = f"C20261123-00042{len(self.cases)}-4"
                self.cases = (*self.cases, CaseGlance(reference, Status.FILED, DUE))
            case WithdrawCase(reference=reference) if reference:
                self.cases = tuple(
                    replace(case, status=Status.WITHDRAWN) if case.reference == reference else case
                    for case in self.cases
                )
            case AnotherComplaint() | _:
                pass

    @property
    def facts(self) -> Facts:
        return self.draft.facts

    @property
    def text(self) -> str:
        """What the bot said last."""
        return "\n".join(said.text for said in self.turns[-1].says).replace(REFERENCE, "C20261123-000420-4")

    @property
    def asks(self) -> tuple[str, ...]:
        return tuple(fact for said in self.turns[-1].says for fact in said.asks)


@pytest.fixture(scope="session")
def engine() -> EmbeddedEngine:
    return embedded_engine()


@pytest.fixture
def talk(engine: EmbeddedEngine) -> Callable[..., Conversation]:
    """A fresh conversation; give `locale`, `pace`, `house` … where they matter."""

    def begin(**given: Any) -> Conversation:
        if "locale" in given:
            given["locale"] = Language(given["locale"])
        if isinstance(given.get("house"), str):
            given["house"] = HOUSES[given["house"]]
        if given.get("pace") == "letter":
            given = {"channel": ChannelName.EMAIL, "state": {}, **given, "pace": Pace.LETTER}
        return Conversation(engine, **given)

    return begin
