"""What a customer and the house have agreed, and whether it was performed (handbook 5.3.3).

A settlement holds parties, facts, solution and the day by which it is performed as they stood when the customer confirmed it,
whatever becomes of the case's record later; beside them the words, the message and the way of the confirmation.

Not here: the negotiation that led to it (offers.py), the warnings before and after its day (gateway).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases
from case_store.audit import Entry
from case_store.ids import new_id
from case_store.offers import (
    AnswerKind,
    OfferError,
    OfferState,
    Option,
    Said,
    actor_of,
    answered,
    close,
    standing,
    told_of,
)
from case_store.store import Transaction
from case_store.tables_papers import offers, settlements

Row = Mapping[Any, Any]


class NoSuchSettlement(OfferError, LookupError):
    """No settlement has this id."""


class PerformedBefore(OfferError):
    """That the settlement was performed is on record already."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed beside the option: who, about what, by when, reckoned by which policy."""

    parties: Mapping[str, Any]
    facts: Mapping[str, Any]
    language: str
    due_on: date
    due_at: datetime
    policy_version: str
    calendar_gap: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """`due_on` is the last day for performing it, `performed_on` the day it was, `performed_at` when that was recorded."""

    id: str
    case_id: str
    offer_id: str
    round: int
    option: Option
    option_number: int
    parties: Mapping[str, Any]
    facts: Mapping[str, Any]
    language: str
    due_on: date
    due_at: datetime
    calendar_gap: bool
    policy_version: str
    confirmed_at: datetime
    words: str
    conversation_id: str | None
    message: int | None
    way: str
    recorded_by: str
    performed_on: date | None
    performed_at: datetime | None
    performed_by: str | None
    note: str | None
    overdue_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        return self.performed_on is None and self.due_at < now


def settle(tx: Transaction, id: str, number: int, terms: Terms, said: Said) -> Settlement:
    """The customer confirms this option: the round ends, and what was agreed stands. Raises NoSuchOffer, OfferIsOver, NoSuchOption."""
    found = standing(tx, id)
    option = found.option(number)
    close(tx, found, OfferState.AGREED)
    answered(tx, found, AnswerKind.CONFIRMATION, said, number)
    row = {
        "id": new_id(),
        "case_id": found.case_id,
        "offer_id": id,
        "option": asdict(option),
        "option_number": number,
        "parties": dict(terms.parties),
        "facts": dict(terms.facts),
        "language": terms.language,
        "due_on": terms.due_on.isoformat(),
        "due_at": terms.due_at,
        "calendar_gap": terms.calendar_gap,
        "policy_version": terms.policy_version,
        "confirmed_at": tx.now,
        **asdict(said),
    }
    row["recorded_by"] = said.recorded_by[:80]
    tx.execute(sa.insert(settlements).values(**row))
    detail = told_of(found, said) | {"settlement": row["id"], "option": number, "title": option.title}
    detail |= {"meaning": option.meaning, "due_on": row["due_on"], "policy": terms.policy_version}
    cases.note_change(tx, found.case_id, Entry(actor_of(said), "settled", detail))
    return get(tx, str(row["id"]))


def performed(tx: Transaction, id: str, on: date, *, actor: str, note: str | None = None) -> Settlement:
    """The house has done what was agreed, on this day. Raises NoSuchSettlement, PerformedBefore."""
    found = get(tx, id)
    cases.lock(tx, found.case_id)
    if get(tx, id).performed_on is not None:
        raise PerformedBefore(id)
    values = {"performed_on": on.isoformat(), "performed_at": tx.now, "performed_by": actor[:80], "note": note}
    tx.execute(sa.update(settlements).where(settlements.c.id == id).values(**values))
    detail = {"settlement": id, "performed_on": on.isoformat(), "due_on": found.due_on.isoformat(), "note": note}
    cases.note_change(tx, found.case_id, Entry(actor, "settlement_performed", detail))
    return get(tx, id)


def not_performed(tx: Transaction, id: str, *, actor: str, note: str) -> Settlement:
    """It was not performed after all: what was recorded is taken back, with the reason. Raises NoSuchSettlement, ValueError."""
    found = get(tx, id)
    cases.lock(tx, found.case_id)
    if get(tx, id).performed_on is None:
        raise ValueError("nothing says that it was performed")
    values = {"performed_on": None, "performed_at": None, "performed_by": None, "note": note}
    tx.execute(sa.update(settlements).where(settlements.c.id == id).values(**values))
    cases.note_change(tx, found.case_id, Entry(actor, "settlement_not_performed", {"settlement": id, "note": note}))
    return get(tx, id)


def found_overdue(tx: Transaction, id: str) -> Settlement | None:
    """Notes that the day has passed; None if it was performed, or the day is not over."""
    found = get(tx, id)
    cases.lock(tx, found.case_id)
    found = get(tx, id)
    if not found.is_overdue(tx.now):
        return None
    if found.overdue_at is None:
        tx.execute(sa.update(settlements).where(settlements.c.id == id).values(overdue_at=tx.now))
    detail = {"settlement": id, "due_on": found.due_on.isoformat()}
    cases.note_change(tx, found.case_id, Entry("system", "settlement_overdue", detail))
    return get(tx, id)


def get(tx: Transaction, id: str) -> Settlement:
    """Raises NoSuchSettlement."""
    found = _settlements(tx, settlements.c.id == id)
    if not found:
        raise NoSuchSettlement(id)
    return found[0]


def of_case(tx: Transaction, case_id: str) -> list[Settlement]:
    """All that was agreed on a case, the first first."""
    return _settlements(tx, settlements.c.case_id == case_id)


def of_cases(tx: Transaction, case_ids: Sequence[str]) -> dict[str, list[Settlement]]:
    """All that was agreed on each of these cases: one query for all of them."""
    found: dict[str, list[Settlement]] = {}
    for agreed in _settlements(tx, settlements.c.case_id.in_(case_ids)) if case_ids else ():
        found.setdefault(agreed.case_id, []).append(agreed)
    return found


def _settlements(tx: Transaction, where: sa.ColumnElement[bool]) -> list[Settlement]:
    found = (
        sa.select(settlements, offers.c.round)
        .join(offers, offers.c.id == settlements.c.offer_id)
        .where(where)
        .order_by(settlements.c.confirmed_at, settlements.c.id)
    )
    return [_settlement(row) for row in tx.execute(found).mappings()]


def _settlement(row: Row) -> Settlement:
    plain = {name: row[name] for name in _AS_THEY_ARE}
    on = row["performed_on"]
    return Settlement(
        **plain,
        option=Option.from_json(row["option"]),
        due_on=date.fromisoformat(row["due_on"]),
        performed_on=None if on is None else date.fromisoformat(on),
    )


_AS_THEY_ARE: Final = (
    *("id", "case_id", "offer_id", "round", "option_number", "parties", "facts", "language", "due_at", "calendar_gap"),
    *("policy_version", "confirmed_at", "words", "conversation_id", "message", "way", "recorded_by", "performed_at"),
    *("performed_by", "note", "overdue_at"),
)
