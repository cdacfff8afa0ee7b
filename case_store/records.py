"""The vocabulary of the house: cases, facts, judgements and the words for their states.

Plain frozen data, no SQL, no clock. Names and values are those of the contract's case record; `to_json` gives
what the contract shows and what the store keeps, `from_json` reads it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final


class Language(StrEnum):
    HANS = "zh-Hans"
    HANT = "zh-Hant"
    EN = "en"


class ChannelName(StrEnum):
    WEBCHAT = "webchat"
    WEBFORM = "webform"
    EMAIL = "email"
    TELEGRAM = "telegram"
    PHONE = "phone"
    LETTER = "letter"
    COUNTER = "counter"


class Owner(StrEnum):
    """Who answers a conversation: exactly one at any time."""

    BOT = "bot"
    QUEUE = "queue"  # waits for a person
    AGENT = "agent"


class Sender(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"
    UNKNOWN = "unknown"  # a voice on the telephone of which nobody knows yet whose it is


class Status(StrEnum):
    DRAFT = "draft"
    FILED = "filed"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What came of it (handbook 6.1.3)."""

    SOLVED = "solved"
    PARTLY_SOLVED = "partly_solved"
    NOT_SOLVED = "not_solved"


class Category(StrEnum):
    """Handbook 1.2.1."""

    SERVICE = "service"
    PRODUCT = "product"
    VIOLATION = "violation"
    OTHER = "other"


class Risk(StrEnum):
    """Handbook 2.3.1; thresholds are policy. Ordered by `severity`."""

    MINOR = "minor"
    GENERAL = "general"
    MAJOR = "major"

    @property
    def severity(self) -> int:
        return ("minor", "general", "major").index(self.value)


class Disposition(StrEnum):
    """Handbook 1.2.2: handle now, investigate, or refer elsewhere."""

    IMMEDIATE = "immediate"
    INVESTIGATE = "investigate"
    OUT_OF_SCOPE = "out_of_scope"


class MessageKind(StrEnum):
    """What a message is at all (preliminary judgement): only a complaint becomes a case by itself."""

    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"
    THANKS = "thanks"
    UNSOLICITED = "unsolicited"
    UNCLEAR = "unclear"


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    COMPLIANCE = "compliance"  # reads everything, changes nothing
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `value` with two decimals, `currency` by ISO 4217."""

    value: Decimal
    currency: str

    def to_json(self) -> dict[str, str]:
        return {"value": f"{self.value:.2f}", "currency": self.currency}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Money:
        return cls(Decimal(data["value"]), data["currency"])


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, a month or a year, as exactly as the customer said it: `2026-11-15`, `2026-11` or `2026`."""

    text: str

    def __post_init__(self) -> None:
        parts = self.text.split("-")
        try:
            date(*(int(part) for part in [*parts, "1", "1"][:3]))
        except (ValueError, TypeError) as error:
            raise ValueError(f"a date is YYYY, YYYY-MM or YYYY-MM-DD, not {self.text!r}") from error
        if [len(part) for part in parts] not in ([4], [4, 2], [4, 2, 2]):
            raise ValueError(f"a date is YYYY, YYYY-MM or YYYY-MM-DD, not {self.text!r}")

    def __str__(self) -> str:
        return self.text


FACT_NAMES: Final = ("name", "contact", "occurred_on", "about", "what_happened", "amount", "desired_outcome")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a complaint (handbook 1.1.3). Unknown is None.

    `contact` is an e-mail address in lower case or a number in E.164.
    """

    name: str | None = None
    contact: str | None = None
    occurred_on: PartialDate | None = None
    about: str | None = None
    what_happened: str | None = None
    amount: Money | None = None
    desired_outcome: str | None = None

    def known(self) -> tuple[str, ...]:
        return tuple(name for name in FACT_NAMES if getattr(self, name) is not None)

    def filled_from(self, other: Facts) -> Facts:
        """These facts, with gaps filled from `other`."""
        gaps = {name: getattr(other, name) for name in FACT_NAMES if getattr(self, name) is None}
        return replace(self, **gaps)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "contact": self.contact,
            "occurred_on": None if self.occurred_on is None else self.occurred_on.text,
            "about": self.about,
            "what_happened": self.what_happened,
            "amount": None if self.amount is None else self.amount.to_json(),
            "desired_outcome": self.desired_outcome,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        known = {field.name: data.get(field.name) for field in fields(cls)}
        if known["occurred_on"] is not None:
            known["occurred_on"] = PartialDate(known["occurred_on"])
        if known["amount"] is not None:
            known["amount"] = Money.from_json(known["amount"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One judgement with its reason (a stable code) and its evidence (the customer's own words)."""

    value: str
    reason: str
    evidence: str = ""

    def to_json(self) -> dict[str, str]:
        return {"value": self.value, "reason": self.reason, "evidence": self.evidence}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Opinion:
        return cls(data["value"], data["reason"], data.get("evidence", ""))


@dataclass(frozen=True, slots=True)
class Judgement:
    """The preliminary judgement of a complaint (handbook 1.2): each part with its reason, all under one policy version.

    `doubts` flag what a person should look at (truth, lawfulness, fraud); `referral` names the authority or firm to
    turn to where the matter is out of scope; `alarms` are codes that call a person at once (`danger_to_life`).
    `emotion` is the last feeling that the customer's words stated, `intents` what they wanted beside complaining (a person, their
    status, to withdraw); both are heard turn by turn and stay known (`after`).
    """

    kind: Opinion
    category: Opinion
    scope: Opinion  # "ours" or "not_ours"
    risk: Opinion
    disposition: Opinion
    policy_version: str
    referral: str | None = None
    doubts: tuple[Opinion, ...] = ()
    alarms: tuple[Opinion, ...] = ()
    emotion: Opinion | None = None
    intents: tuple[Opinion, ...] = ()

    def after(self, earlier: Judgement) -> Judgement:
        """This judgement, with what was heard before it and not again: a feeling, what the customer wanted."""
        heard = {intent.value: intent for intent in (*earlier.intents, *self.intents)}
        return replace(self, emotion=self.emotion or earlier.emotion, intents=tuple(heard.values()))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.to_json(),
            "category": self.category.to_json(),
            "scope": self.scope.to_json(),
            "risk": self.risk.to_json(),
            "disposition": self.disposition.to_json(),
            "policy_version": self.policy_version,
            "referral": self.referral,
            "doubts": [doubt.to_json() for doubt in self.doubts],
            "alarms": [alarm.to_json() for alarm in self.alarms],
            "emotion": self.emotion and self.emotion.to_json(),
            "intents": [intent.to_json() for intent in self.intents],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Judgement:
        return cls(
            kind=Opinion.from_json(data["kind"]),
            category=Opinion.from_json(data["category"]),
            scope=Opinion.from_json(data["scope"]),
            risk=Opinion.from_json(data["risk"]),
            disposition=Opinion.from_json(data["disposition"]),
            policy_version=data["policy_version"],
            referral=data.get("referral"),
            doubts=tuple(Opinion.from_json(doubt) for doubt in data.get("doubts", ())),
            alarms=tuple(Opinion.from_json(alarm) for alarm in data.get("alarms", ())),
            emotion=Opinion.from_json(data["emotion"]) if data.get("emotion") else None,
            intents=tuple(Opinion.from_json(intent) for intent in data.get("intents", ())),
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A complaint as the dialogue knows it at the end of a turn.

    `words` keeps the customer's words beside a fact whose value is ambiguous or a range (`amount`: "五十几万");
    `declined` names facts the customer would not give; `evidence` the words each fact was read from.
    """

    facts: Facts = Facts()
    words: Mapping[str, str] = field(default_factory=dict)
    declined: frozenset[str] = frozenset()
    evidence: Mapping[str, str] = field(default_factory=dict)
