"""Where a case is dealt with: under its own number, or under that of the case it was merged into.

A merged case keeps its record, its number and all that was said of it; whoever comes with its number, its link or an answer to one of
its mails is led on from here. A case that was merged may have been merged on: the way is followed to its end, in bounded steps.

Not here: merging and taking apart (merging.py), who may be told of the case at its end (contacts.py, links.py, identities.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases
from case_store.case_record import CaseRecord
from case_store.store import Transaction
from case_store.tables_cases import cases as rows

LONGEST_WAY: Final = 8
"""Merges that follow one after another, at most: merging.py makes no longer way."""


def leads_to(tx: Transaction, case_id: str) -> str:
    """The id of the case under which this one is dealt with; its own where it was never merged."""
    for _ in range(LONGEST_WAY + 1):
        further: str | None = tx.execute(_NEXT, {"of": case_id}).scalar_one_or_none()
        if further is None:
            break
        case_id = further
    return case_id


def current(tx: Transaction, key: str) -> CaseRecord:
    """The case that is meant by this id or number, as it is dealt with now. Raises cases.NoSuchCase."""
    named = cases.get(tx, key)
    return named if named.merged_into is None else cases.get(tx, leads_to(tx, named.id))


def lock_current(tx: Transaction, case_id: str) -> str:
    """The same as `leads_to`, under lock: nobody merges it on before this transaction ends."""
    id = leads_to(tx, case_id)
    for _ in range(LONGEST_WAY + 1):
        cases.lock(tx, id)
        further = leads_to(tx, id)
        if further == id:
            break
        id = further
    return id


def steps_below(tx: Transaction, case_id: str) -> int:
    """How many merges, at most, lead one after another to this case."""
    ids, steps = [case_id], 0
    while steps <= LONGEST_WAY and (ids := merged_into(tx, ids)):
        steps += 1
    return steps


def merged_into(tx: Transaction, ids: Iterable[str]) -> list[str]:
    """Ids of the cases that were merged into one of these, without those that came with them."""
    return list(tx.execute(_CAME, {"these": list(ids)}).scalars())


def all_of(tx: Transaction, case_id: str) -> list[str]:
    """The ids of a case and of all that is dealt with under it."""
    found, ids = [case_id], [case_id]
    for _ in range(LONGEST_WAY + 1):
        ids = merged_into(tx, ids)
        if not ids:
            break
        found += ids
    return found


_here, _there = rows.alias("here"), rows.alias("there")
_NEXT: Final = (
    sa.select(_there.c.id)
    .join(_here, _here.c.merged_into == _there.c.reference)
    .where(_here.c.id == sa.bindparam("of"), _here.c.merged_into.is_not(None))
)
_THESE: Final[sa.BindParameter[Any]] = sa.bindparam("these", expanding=True)
_CAME: Final = (
    sa.select(_here.c.id)
    .join(_there, _here.c.merged_into == _there.c.reference)
    .where(_there.c.id.in_(_THESE), _here.c.merged_into.is_not(None))
    .order_by(_here.c.id)
)
