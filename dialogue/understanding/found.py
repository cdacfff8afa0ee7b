"""What was found in a text. Every finding keeps the customer's words it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from case_store.records import Facts, Language
from dialogue.understanding.replies import Reply

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """`value` is None where the words are a range or ambiguous: then only the words are kept. `start` is where they stand."""

    value: T | None
    words: str
    start: int = 0


class Emotion(StrEnum):
    CALM = "calm"
    ANGRY = "angry"
    WORRIED = "worried"
    SAD = "sad"
    DISAPPOINTED = "disappointed"
    DESPERATE = "desperate"


class Signal(StrEnum):
    """What interrupts a question or answers it, whatever else is said."""

    YES = "yes"
    NO = "no"
    REFUSES = "refuses"  # will not give what was asked
    DOES_NOT_KNOW = "does_not_know"
    WANTS_PERSON = "wants_person"
    DANGER_TO_LIFE = "danger_to_life"
    ABUSE = "abuse"
    WITHDRAWS = "withdraws"
    ASKS_STATUS = "asks_status"
    ASKS_DATA_HELD = "asks_data_held"
    ASKS_WHY = "asks_why"  # "要我的电话干什么"
    ASKS_HOW_LONG = "asks_how_long"
    ASKS_MACHINE = "asks_machine"  # whether a machine answers, and no person is wished for
    STOLEN_CARD = "stolen_card"  # needs the hotline now
    SCAM_NOW = "scam_now"  # a fraud that is going on: the money may still be kept
    GREETS = "greets"
    THANKS = "thanks"
    CORRECTS = "corrects"  # "不对", "是两万三", "not 500 but 600"
    ANOTHER_COMPLAINT = "another_complaint"
    THREATENS = "threatens"  # to turn to a regulator, a court or the public
    COMMAND = "command"  # "/restart", "/intent{…}": never obeyed


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that one text says.

    `language` is None unless the words are certain of it. `words` holds, by fact, the words of ambiguous values (facts that
    are None in `facts`); `evidence`, by fact or signal, the words each was read from.
    """

    text: str
    language: Language | None = None
    facts: Facts = Facts()
    words: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    signals: frozenset[Signal] = frozenset()
    emotion: Emotion = Emotion.CALM
    named: frozenset[str] = frozenset()  # facts that a correction names: "the date is wrong, it should be …"
    reply: Reply | None = None  # the kind of an answer that gives nothing
