"""The record of a case, as the contract shows it.

Not here: how it is opened, filed and changed (cases.py), who may see which part of it (gateway/api).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from case_store.records import Category, Disposition, Draft, Facts, Judgement, Outcome, Risk, Status


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as the contract shows it (`to_json`), and what the house knows beside."""

    id: str
    version: int
    reference: str | None
    status: Status
    outcome: Outcome | None
    incomplete: bool
    category: Category
    risk: Risk
    disposition: Disposition
    channel: str
    account: str
    language: str
    facts: Facts
    words: Mapping[str, str]
    evidence: Mapping[str, str]
    declined: tuple[str, ...]
    judgement: Judgement | None
    corrected: tuple[str, ...]
    customer: str | None
    received_at: datetime
    entered_at: datetime | None
    registered_at: datetime | None
    feedback_due: date | None
    feedback_due_at: datetime | None
    due_policy: str | None
    calendar_gap: bool
    basis: str | None
    next_steps: str | None
    assignee: str | None
    possible_duplicate_of: str | None
    created_at: datetime
    updated_at: datetime
    conversations: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    team: str | None = None
    mandate: str | None = None  # of a proxy: missing, here, ended
    merged_into: str | None = None  # the number of the case under which this one is dealt with now
    merged_from: tuple[str, ...] = ()  # what is dealt with under this one: numbers, or the id of what never had one
    held_since: datetime | None = None  # a legal hold stands
    erased_at: datetime | None = None  # only what proves it is kept

    @classmethod
    def of(cls, row: Mapping[Any, Any], conversations: tuple[str, ...], contacts: tuple[str, ...]) -> CaseRecord:
        """The record of a row of the table, with the conversations and contacts that are linked to it."""
        plain = {name: row[name] for name in _AS_THEY_ARE}
        return cls(
            **plain,
            status=Status(row["status"]),
            outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
            category=Category(row["category"]),
            risk=Risk(row["risk"]),
            disposition=Disposition(row["disposition"]),
            facts=Facts.from_json(row["facts"]),
            declined=tuple(row["declined"]),
            corrected=tuple(row["corrected"]),
            merged_from=tuple(row["merged_from"]),
            judgement=None if row["judgement"] is None else Judgement.from_json(row["judgement"]),
            feedback_due=None if row["feedback_due"] is None else date.fromisoformat(row["feedback_due"]),
            conversations=conversations,
            contacts=contacts,
        )

    def draft(self) -> Draft:
        return Draft(self.facts, dict(self.words), frozenset(self.declined), dict(self.evidence))

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "version": self.version,
            "reference": self.reference,
            "conversations": list(self.conversations),
            "status": self.status.value,
            "outcome": self.outcome and self.outcome.value,
            "incomplete": self.incomplete,
            "category": self.category.value,
            "risk": self.risk.value,
            "disposition": self.disposition.value,
            "channel": self.channel,
            "account": self.account,
            "language": self.language,
            "facts": self.facts.to_json(),
            "words": dict(self.words),
            "evidence": dict(self.evidence),
            "contacts": list(self.contacts),
            "declined": sorted(self.declined),
            "judgement": self.judgement and self.judgement.to_json(),
            "corrected": list(self.corrected),
            "received_at": self.received_at.isoformat(),
            "entered_at": self.entered_at and self.entered_at.isoformat(),
            "registered_at": self.registered_at and self.registered_at.isoformat(),
            "feedback_due": self.feedback_due and self.feedback_due.isoformat(),
            "calendar_gap": self.calendar_gap,
            "basis": self.basis,
            "next_steps": self.next_steps,
            "assignee": self.assignee,
            "team": self.team,
            "possible_duplicate_of": self.possible_duplicate_of,
            "merged_into": self.merged_into,
            "merged_from": list(self.merged_from),
            "mandate": self.mandate,
            "held_since": self.held_since and self.held_since.isoformat(),
            "erased_at": self.erased_at and self.erased_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }


_AS_THEY_ARE: Final = (
    *("id", "version", "reference", "incomplete", "channel", "account", "language", "words", "evidence", "customer"),
    *("received_at", "entered_at", "registered_at", "feedback_due_at", "due_policy", "calendar_gap", "basis"),
    *("next_steps", "assignee", "team", "possible_duplicate_of", "merged_into", "mandate", "created_at", "updated_at"),
    *("held_since", "erased_at"),
)
