"""Tasks for a person: call back, write a letter, look at something. Done when it is recorded that they were done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from case_store import audit
from case_store.audit import Entry, case_chain
from case_store.ids import new_id, short_key
from case_store.store import Transaction
from case_store.tables import tasks


@dataclass(frozen=True, slots=True)
class Task:
    id: str
    kind: str
    case_id: str | None
    conversation_id: str | None
    words: str
    created_at: datetime
    detail: Mapping[str, Any] | None = None


def add(
    tx: Transaction,
    *,
    occasion: str,
    kind: str,
    words: str,
    case_id: str | None = None,
    conversation_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> str | None:
    """One task an occasion; None if there is one already."""
    occasion = short_key(occasion)
    if tx.execute(sa.select(tasks.c.id).where(tasks.c.occasion == occasion)).first() is not None:
        return None
    id = new_id()
    row = {"id": id, "occasion": occasion, "kind": kind, "case_id": case_id, "conversation_id": conversation_id}
    more = {"words": words, "detail": None if detail is None else dict(detail)}
    tx.execute(sa.insert(tasks).values(**row, **more, created_at=tx.now))
    tx.wake("task", id)
    return id


def open_tasks(tx: Transaction, limit: int = 200) -> list[Task]:
    t = tasks.c
    rows = tx.execute(
        sa.select(t.id, t.kind, t.case_id, t.conversation_id, t.words, t.created_at, t.detail)
        .where(t.done_at.is_(None))
        .order_by(t.created_at)
        .limit(limit)
    )
    return [Task(**row._mapping) for row in rows]


def done(tx: Transaction, id: str, *, agent_id: str, agent_name: str, note: str) -> bool:
    """Records that the task was done, by whom and how. False if it was done before."""
    row = tx.execute(
        sa.update(tasks)
        .where(tasks.c.id == id, tasks.c.done_at.is_(None))
        .values(done_at=tx.now, done_by=agent_id, note=note)
        .returning(tasks.c.case_id, tasks.c.kind, tasks.c.words)
    ).one_or_none()
    if row is not None and row.case_id:
        detail = {"kind": row.kind, "words": row.words, "note": note}
        audit.append(tx, case_chain(row.case_id), Entry(f"agent:{agent_name}", "task_done", detail))
    return row is not None


def renew(tx: Transaction, occasion: str, words: str, detail: Mapping[str, Any]) -> bool:
    """What is to be said and asked has changed. False if there is no open task of this occasion."""
    t = tasks.c
    changed = tx.execute(
        sa.update(tasks)
        .where(t.occasion == short_key(occasion), t.done_at.is_(None))
        .values(words=words, detail=dict(detail))
        .returning(t.id)
    ).scalar_one_or_none()
    if changed is not None:
        tx.wake("task", changed)
    return changed is not None


def put_off(tx: Transaction, id: str, detail: Mapping[str, Any]) -> bool:
    """The task stays open with another detail. False if it was done."""
    t = tasks.c
    kept = tx.execute(sa.update(tasks).where(t.id == id, t.done_at.is_(None)).values(detail=dict(detail)))
    tx.wake("task", id)
    return kept.rowcount == 1


def settle(tx: Transaction, occasion: str, *, agent_id: str, agent_name: str, note: str = "") -> bool:
    """The task of this occasion was done where it belongs, such as beside the call. False if none is open."""
    t = tasks.c
    id = tx.execute(sa.select(t.id).where(t.occasion == short_key(occasion), t.done_at.is_(None))).scalar_one_or_none()
    if id is None:
        return False
    tx.wake("task", id)
    return done(tx, id, agent_id=agent_id, agent_name=agent_name, note=note)


def find(tx: Transaction, id: str) -> Task | None:
    t = tasks.c
    found = sa.select(t.id, t.kind, t.case_id, t.conversation_id, t.words, t.created_at, t.detail).where(t.id == id)
    row = tx.execute(found.with_for_update()).one_or_none()
    return None if row is None else Task(**row._mapping)


def exists(tx: Transaction, id: str) -> bool:
    return tx.execute(sa.select(tasks.c.id).where(tasks.c.id == id)).first() is not None
