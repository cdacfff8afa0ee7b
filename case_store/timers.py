"""Timers: rows with a unique key, set once, firing once, whichever process finds them due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store.claiming import taken
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_outbox import timers

LEASE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Timer:
    key: str
    kind: str
    subject: str
    payload: Mapping[str, Any] | None
    lease: str


def set_timer(
    tx: Transaction, kind: str, subject: str, due_at: datetime, payload: Mapping[str, Any] | None = None
) -> bool:
    """Sets the timer `kind:subject`. False if it was set before, fired or not."""
    return bool(set_timers(tx, subject, {kind: due_at}, payload))


def set_timers(
    tx: Transaction, subject: str, moments: Mapping[str, datetime], payload: Mapping[str, Any] | None = None
) -> list[str]:
    """Sets the timer `kind:subject` for each kind. Answers the keys that were not set before."""
    keys = {f"{kind}:{subject}": kind for kind in moments}
    known = set(tx.execute(_KNOWN, {"these": list(keys)}).scalars())
    new: list[dict[str, Any]] = [
        {"key": key, "kind": kind, "subject": subject, "due_at": moments[kind], "payload": payload}
        for key, kind in keys.items()
        if key not in known
    ]
    if new:
        tx.execute(_SET, new)
    for row in new:
        tx.wake("timer", row["key"], at=row["due_at"])
    return [row["key"] for row in new]


def again(tx: Transaction, kind: str, subject: str, due_at: datetime, payload: Mapping[str, Any] | None = None) -> None:
    """Sets the timer `kind:subject` anew, whether it was set before or has fired; an earlier moment that is still to come stays."""
    if set_timer(tx, kind, subject, due_at, payload):
        return
    t, key = timers.c, f"{kind}:{subject}"
    first = sa.case((t.due_at < due_at, t.due_at), else_=sa.literal(due_at, t.due_at.type))
    tx.execute(sa.update(timers).where(t.key == key).values(due_at=first, lease=None, payload=payload))
    tx.wake("timer", key, at=due_at)


def move(tx: Transaction, subject: str, moments: Mapping[str, datetime]) -> None:
    """Timers of a subject by other moments. One that has fired fires again only where its new moment is still to come."""
    new = set(set_timers(tx, subject, moments))
    t = timers.c
    for kind, due_at in moments.items():
        key = f"{kind}:{subject}"
        if key in new:
            continue
        moved = sa.update(timers).where(t.key == key)
        if due_at <= tx.now:
            moved = moved.where(t.due_at.is_not(None))
        if tx.execute(moved.values(due_at=due_at, lease=None)).rowcount:
            tx.wake("timer", key, at=due_at)


_KNOWN: Final = sa.select(timers.c.key).where(timers.c.key.in_(sa.bindparam("these", expanding=True)))
_SET: Final = sa.insert(timers)


def cancel(tx: Transaction, subject: str) -> None:
    """No timer of this subject fires any more."""
    tx.execute(sa.update(timers).where(timers.c.subject == subject).values(due_at=None, lease=None))


def claim(tx: Transaction, limit: int) -> list[Timer]:
    """Leases timers that are due."""
    t, now = timers.c, tx.now
    due = sa.select(t.key).where(t.due_at <= now).order_by(t.due_at).limit(limit)
    rows = tx.execute(
        sa.update(timers)
        .where(t.key.in_(taken(due)))
        .values(lease=new_id(), due_at=now + LEASE)
        .returning(t.key, t.kind, t.subject, t.payload, t.lease)
    )
    return [Timer(**row._mapping) for row in rows]


def fired(tx: Transaction, timer: Timer) -> bool:
    """Ticks the timer off; to be called in the unit that does what it is for. False if the lease was lost."""
    done = tx.execute(
        sa.update(timers)
        .where(timers.c.key == timer.key, timers.c.lease == timer.lease)
        .values(due_at=None, lease=None)
    )
    return bool(done.rowcount)
