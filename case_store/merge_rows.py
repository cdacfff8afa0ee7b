"""The rows of merges: what stood before each and what was moved by it; and which of several dates and risks holds.

Not here: merging and taking apart (merging.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store.case_record import CaseRecord
from case_store.ids import new_id
from case_store.records import Risk
from case_store.store import Transaction
from case_store.tables_cases import case_merges

Due = dict[str, Any]
"""The columns of a case that tell by when its answer comes."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that stands."""

    id: str
    case_id: str
    into_id: str
    reason: str
    merged_by: str
    merged_at: datetime
    before: Mapping[str, Any]

    @staticmethod
    def moment(kept: str | None) -> datetime | None:
        """A time as `before` keeps it."""
        return None if kept is None else datetime.fromisoformat(kept)


def keep(tx: Transaction, case_id: str, into_id: str, reason: str, by: str, before: Mapping[str, Any]) -> str:
    id = new_id()
    row = {"id": id, "case_id": case_id, "into_id": into_id, "reason": reason, "merged_by": by[:80]}
    tx.execute(sa.insert(case_merges).values(**row, merged_at=tx.now, before=dict(before)))
    return id


def standing(tx: Transaction, case_id: str) -> Merge | None:
    """The merge by which this case is dealt with under another."""
    return next(iter(_found(tx, case_merges.c.case_id == case_id)), None)


def active_into(tx: Transaction, into_id: str) -> list[Merge]:
    """The merges into this case that stand, the first first."""
    return _found(tx, case_merges.c.into_id == into_id)


def _found(tx: Transaction, where: sa.ColumnElement[bool]) -> list[Merge]:
    c = case_merges.c
    columns = (c.id, c.case_id, c.into_id, c.reason, c.merged_by, c.merged_at, c.before)
    rows = tx.execute(sa.select(*columns).where(where, c.undone_at.is_(None)).order_by(c.merged_at, c.id))
    return [Merge(**row._mapping) for row in rows]


def undo(tx: Transaction, id: str, *, by: str, reason: str) -> None:
    undone = {"undone_by": by[:80], "undone_at": tx.now, "undone_reason": reason}
    tx.execute(sa.update(case_merges).where(case_merges.c.id == id).values(**undone))


def change_before(tx: Transaction, id: str, before: Mapping[str, Any]) -> None:
    tx.execute(sa.update(case_merges).where(case_merges.c.id == id).values(before=dict(before)))


# dates and risks --------------------------------------------------------------------------------------------------


_DUE: Final = ("feedback_due_at", "due_policy", "calendar_gap")


def due_of(case: CaseRecord) -> Due:
    return {"feedback_due": shown_due(case), **{name: getattr(case, name) for name in _DUE}}


def shown_due(case: CaseRecord) -> str | None:
    return None if case.feedback_due is None else case.feedback_due.isoformat()


def stored_due(case: CaseRecord) -> Due:
    """The same as JSON keeps it."""
    at = case.feedback_due_at
    return {**due_of(case), "feedback_due_at": at and at.isoformat()}


def earliest(dues: Sequence[Due]) -> Due:
    """The first of them that ends; of equal ones the first named. One that promises nothing is later than all."""
    promised = [due for due in dues if due["feedback_due_at"] is not None]
    return min(promised, key=lambda due: due["feedback_due_at"]) if promised else dues[0]


def gravest(risks: Sequence[Risk]) -> Risk:
    return max(risks, key=lambda risk: risk.severity)
