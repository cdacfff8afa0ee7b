"""Measures that follow from what quality samples have shown: what is to get better, by whom and by when, ticked off (handbook 8.2.4).

Units over a transaction; each leaves an entry in the chain of the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from case_store import audit, pages
from case_store.audit import HOUSE, Entry
from case_store.ids import new_id
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_quality import quality_measures

Row = Mapping[Any, Any]


class NoSuchMeasure(LookupError):
    """None has this id."""


class Done(Exception):
    """It was ticked off before."""


@dataclass(frozen=True, slots=True)
class Measure:
    text: str
    who: str
    due_on: date
    criterion: str | None = None


def listing(tx: Transaction, *, after: LastSeen | None = None, limit: int = 50) -> list[Row]:
    """The last added first."""
    m = quality_measures.c
    found = pages.newest_first(sa.select(quality_measures), m.added_at, m.id, after)
    return list(tx.execute(found.limit(limit)).mappings())


def add(tx: Transaction, measure: Measure, *, by: str, actor: str) -> Row:
    id, values = new_id(), {**asdict(measure), "due_on": measure.due_on.isoformat()}
    audit.append(tx, HOUSE, Entry(actor, "quality_measure_added", {"measure": id, **values}))
    tx.execute(sa.insert(quality_measures).values(id=id, **values, added_by=by, added_at=tx.now))
    return _row(tx, id)


def tick_off(tx: Transaction, id: str, *, note: str | None, by: str, actor: str) -> Row:
    """Raises NoSuchMeasure, Done."""
    if _row(tx, id, lock=True)["done_at"] is not None:
        raise Done
    audit.append(tx, HOUSE, Entry(actor, "quality_measure_done", {"measure": id, "note": note}))
    done = {"done_by": by, "done_at": tx.now, "note": note}
    tx.execute(sa.update(quality_measures).where(quality_measures.c.id == id).values(**done))
    return _row(tx, id)


def _row(tx: Transaction, id: str, *, lock: bool = False) -> Row:
    found = sa.select(quality_measures).where(quality_measures.c.id == id)
    row = tx.execute(found.with_for_update() if lock else found).mappings().one_or_none()
    if row is None:
        raise NoSuchMeasure(id)
    return row
