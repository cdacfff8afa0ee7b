"""The steps of a case from its registration to its end and back, as they happened.

A case's row knows its status now; figures on last week need what it was then. Each change of status of a filed case leaves a row here,
in the transaction of the change. What opens and what ends a case adds up: open before + registered + reopened − ended − withdrawn = open after.
A case that is dealt with under another has a step of its own, and is left out of all figures as long as it is so (figures.py).

Not here: the changes themselves (cases.py, merging.py), what is counted (figures.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from case_store.records import Status
from case_store.store import Transaction
from case_store.tables_figures import case_steps

OPEN: Final = frozenset({Status.FILED.value, Status.IN_PROGRESS.value, Status.WAITING_FOR_CUSTOMER.value})


class Step(StrEnum):
    REGISTERED = "registered"
    ENDED = "ended"  # resolved, or closed without
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    MOVED = "moved"  # neither opens nor ends it
    MERGED = "merged"
    UNMERGED = "unmerged"

    @property
    def flow(self) -> int:
        """What the step adds to the number of open cases."""
        return _FLOW.get(self, 0)


_FLOW: Final = {Step.REGISTERED: 1, Step.REOPENED: 1, Step.ENDED: -1, Step.WITHDRAWN: -1}


def note(tx: Transaction, row: Mapping[Any, Any], changes: Mapping[str, Any], number: int) -> None:
    """Keeps the step that these changes of a case are, if they are one. `number`: of the last entry that they left in its chain."""
    before, after = str(row["status"]), str(changes.get("status", row["status"]))
    merging = "merged_into" in changes and changes["merged_into"] != row["merged_into"]
    if changes.get("reference", row["reference"]) is None or (after == before and not merging):
        return
    if row["reference"] is None:
        step = Step.REGISTERED
    elif merging:
        step = Step.UNMERGED if changes["merged_into"] is None else Step.MERGED
    else:
        step = step_of(before, after)
    values = {"case_id": row["id"], "number": number, "at": tx.now, "step": step.value, "status": after}
    tx.execute(_ADD, {**values, "assignee": changes.get("assignee", row["assignee"])})


def ended_at(tx: Transaction, case_id: str) -> datetime | None:
    """Since when a filed case has been at its end; None for one that is open, or has no steps.

    What comes after its end and doesn't open it again (it is closed, or dealt with under another) ended nothing.
    """
    return tx.execute(_ENDED_AT, {"of": case_id}).scalar_one_or_none()


def step_of(before: str, after: str) -> Step:
    """What a change of status is, of a case that has its number."""
    was, is_now = before in OPEN, after in OPEN
    if was == is_now:
        return Step.MOVED
    if is_now:
        return Step.REOPENED
    return Step.WITHDRAWN if after == Status.WITHDRAWN else Step.ENDED


_ADD: Final = sa.insert(case_steps)
_S: Final = case_steps.c
_LAST_OPEN: Final = (
    sa.select(sa.func.coalesce(sa.func.max(_S.number), -1))
    .where(_S.case_id == sa.bindparam("of"), _S.status.in_(sorted(OPEN)))
    .scalar_subquery()
)
_ENDED_AT: Final = (
    sa.select(_S.at).where(_S.case_id == sa.bindparam("of"), _S.number > _LAST_OPEN).order_by(_S.number).limit(1)
)
