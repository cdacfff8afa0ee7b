"""Surges and hot spots as they are kept: raised once, followed while they last, ended, acknowledged by a person (handbook 3.3.1, 7.3.2).

Units over a transaction. Of one key at most one is open: the schema says so, whoever looks at the same moment.

Not here: counting (surge_counts.py), when there is one (gateway/surge_rules.py), who is told (gateway/surging.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, pages
from case_store.audit import HOUSE, Entry
from case_store.ids import new_id
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_quality import surges

Row = Mapping[Any, Any]

SURGE: Final = "surge"
HOT_SPOT: Final = "hot_spot"


class NoSuchSurge(LookupError):
    """None has this id."""


class Acknowledged(Exception):
    """Somebody has, before."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found at a look."""

    kind: str
    span: str
    dimension: str
    value: str
    count: int
    threshold: int
    usual: float | None
    customers: int | None = None
    examples: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return ":".join((self.kind, self.span, self.dimension, self.value))


def open_ones(tx: Transaction, *, lock: bool = False) -> dict[str, Row]:
    """By key, those that began first first."""
    s = surges.c
    found = sa.select(surges).where(s.ended_at.is_(None)).order_by(s.started_at, s.id)
    return {row["key"]: row for row in tx.execute(found.with_for_update() if lock else found).mappings()}


def listing(tx: Transaction, *, after: LastSeen | None = None, limit: int = 50) -> list[Row]:
    """Open or over, the last begun first."""
    s = surges.c
    found = pages.newest_first(sa.select(surges), s.started_at, s.id, after)
    return list(tx.execute(found.limit(limit)).mappings())


def get(tx: Transaction, id: str, *, lock: bool = False) -> Row:
    """Raises NoSuchSurge."""
    found = sa.select(surges).where(surges.c.id == id)
    row = tx.execute(found.with_for_update() if lock else found).mappings().one_or_none()
    if row is None:
        raise NoSuchSurge(id)
    return row


def begin(tx: Transaction, seen: Seen, policy: str) -> str:
    """Raises one. Answers its id."""
    id = new_id()
    plain = {
        name: getattr(seen, name) for name in ("kind", "span", "dimension", "value", "count", "threshold", "usual")
    }
    audit.append(tx, HOUSE, Entry("system", "surge_raised", {"surge": id, **plain, "policy": policy}))
    beginning = {"peak": seen.count, "peak_at": tx.now, "started_at": tx.now, "looked_at": tx.now}
    more = {"customers": seen.customers, "examples": list(seen.examples), "policy_version": policy}
    tx.execute(sa.insert(surges).values(id=id, key=seen.key, **plain, **beginning, **more))
    tx.wake("surge", id)
    return id


def go_on(tx: Transaction, row: Row, seen: Seen) -> None:
    """What an open one has come to. Its peak is where its first cases are shown from."""
    values: dict[str, Any] = {"count": seen.count, "looked_at": tx.now}
    if seen.count > row["peak"]:
        values |= {"peak": seen.count, "peak_at": tx.now, "customers": seen.customers, "examples": list(seen.examples)}
    tx.execute(sa.update(surges).where(surges.c.id == row["id"]).values(**values))
    if seen.count > row["peak"]:
        tx.wake("surge", row["id"])


def end(tx: Transaction, row: Row, count: int) -> None:
    told = {"surge": row["id"], "peak": row["peak"], "count": count}
    audit.append(tx, HOUSE, Entry("system", "surge_ended", told))
    over = {"ended_at": tx.now, "looked_at": tx.now, "count": count}
    tx.execute(sa.update(surges).where(surges.c.id == row["id"]).values(**over))
    tx.wake("surge", row["id"])


def acknowledge(tx: Transaction, id: str, *, note: str, by: str, actor: str) -> Row:
    """Somebody has seen it and says what is done. Raises NoSuchSurge, Acknowledged."""
    row = get(tx, id, lock=True)
    if row["acknowledged_at"] is not None:
        raise Acknowledged(row["acknowledged_by"])
    audit.append(tx, HOUSE, Entry(actor, "surge_acknowledged", {"surge": id, "note": note}))
    seen = {"acknowledged_by": by, "acknowledged_at": tx.now, "note": note}
    tx.execute(sa.update(surges).where(surges.c.id == id).values(**seen))
    tx.wake("surge", id)
    return get(tx, id)


def example_ids(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(id for row in rows for id in row["examples"]))
