"""What an agent says to two cases: one matter told twice, or not. Nothing is merged by it.

Two cases that are one matter stay two records, each with its own conversations, dates and duties to tell its customer; both say
in their trail which other they belong with, by whose word and why. A pair that was decided about is never suggested again; an
agent may decide otherwise later.

Not here: finding them (duplicates.py), what makes them alike (likeness.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases, duplicates
from case_store.audit import Entry
from case_store.case_record import CaseRecord
from case_store.contacts import MANDATE
from case_store.duplicates import DIFFERENT, SAME, SUGGESTED, pair_of
from case_store.likeness import Likeness, Matter, compare
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_duplicates

LONGEST_NAME: Final = 200


class SameCase(ValueError):
    """A case is not its own duplicate."""


class NotFiled(ValueError):
    """One of the two is a draft: it has no number to be named by yet."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Another case that may be, is, or is not the same matter, and what speaks for and against it now."""

    record: CaseRecord
    state: str
    likeness: Likeness
    suggested_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


_ORDER: Final = {SAME: 0, SUGGESTED: 1, DIFFERENT: 2}


def pairings(tx: Transaction, record: CaseRecord) -> list[Pairing]:
    """The other cases of each pair, decided ones first, the likeliest suggestion before the others."""
    rows = duplicates.of_case(tx, record.id)
    mine = _matter(tx, record)
    found = [_pairing(cases.get(tx, other), row, mine, tx) for other, row in rows.items()]
    return sorted(found, key=lambda one: (_ORDER[one.state], -one.likeness.score, one.record.id))


def _pairing(other: CaseRecord, row: Mapping[Any, Any], mine: Matter, tx: Transaction) -> Pairing:
    decided = (row["suggested_at"], row["decided_by"], row["decided_at"], row["reason"])
    return Pairing(other, row["state"], compare(mine, _matter(tx, other), explained=True), *decided)


def _matter(tx: Transaction, record: CaseRecord) -> Matter:
    c = case_contacts.c
    own = sa.select(c.address).where(c.case_id == record.id, sa.or_(c.proof.is_(None), c.proof != MANDATE))
    return Matter(
        case=record.id,
        facts=record.facts,
        category=record.category.value,
        received_at=record.received_at,
        topic=None if record.judgement is None else record.judgement.category.reason,
        words=record.words,
        contacts=frozenset(tx.connection.scalars(own)),
        name=record.facts.name or record.customer,
    )


def decide(tx: Transaction, case_id: str, other_id: str, *, same: bool, by: str, reason: str | None) -> None:
    """An agent's word on two cases, suggested or not; said again it replaces what was said.

    Raises SameCase, NotFiled, cases.NoSuchCase.
    """
    if case_id == other_id:
        raise SameCase("a case can't be its own duplicate")
    for id in sorted((case_id, other_id)):  # one order, so that two who decide at once can't wait for each other
        cases.lock(tx, id)
    one, other = cases.get(tx, case_id), cases.get(tx, other_id)
    if one.reference is None or other.reference is None:
        raise NotFiled("a draft has no reference number yet: file it first")
    _keep(tx, one.id, other.id, state=SAME if same else DIFFERENT, by=by, reason=reason)
    for here, there in ((one, other), (other, one)):
        action = "duplicate_confirmed" if same else "duplicate_denied"
        entry = Entry(by, action, {"case": there.reference, "reason": reason or ""})
        cases.note_change(tx, here.id, entry, possible_duplicate_of=_named_now(tx, here, there, same))


def _named_now(tx: Transaction, here: CaseRecord, there: CaseRecord, same: bool) -> str | None:
    """Which case a record names as its duplicate after the decision: of one matter, the later names the earlier."""
    if same:
        return there.reference if _began(there) <= _began(here) else here.possible_duplicate_of
    if here.possible_duplicate_of != there.reference:
        return here.possible_duplicate_of
    left = [one for one in pairings(tx, here) if one.state != DIFFERENT]
    return left[0].record.reference if left else None


def _began(record: CaseRecord) -> tuple[datetime, str]:
    return record.registered_at or record.received_at, record.reference or ""


def _keep(tx: Transaction, one: str, other: str, *, state: str, by: str, reason: str | None) -> None:
    pair, c = pair_of(one, other), case_duplicates.c
    decided = {"state": state, "decided_by": by[:LONGEST_NAME], "decided_at": tx.now, "reason": reason}
    here = (c.case_id == pair["case_id"], c.other_id == pair["other_id"])
    if not tx.execute(sa.update(case_duplicates).where(*here).values(**decided)).rowcount:
        tx.execute(sa.insert(case_duplicates).values(**pair, **decided))
