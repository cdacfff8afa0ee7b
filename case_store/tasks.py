"""Tasks for a person: call back, write a letter, look at something. Done when it is recorded that they were done.

A call or a letter tells a customer something, so the customer counts as told when it is recorded, with how, when and by whom,
and not before. Somebody who was not reached is tried again at another time.

Not here: by when it has to be done and when to try again (gateway/telling.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, pages
from case_store.audit import Entry, case_chain, conversation_chain
from case_store.ids import new_id, short_key
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_outbox import tasks

TELLING: Final = ("call_back", "letter")
"""Kinds that tell a customer something."""
INSTEAD: Final = ("reply", "unseen", "elsewhere")
"""What occasions begin with whose words stand as a message: `reply:CONVERSATION:NUMBER`, `…:letter` where a call became one."""


@dataclass(frozen=True, slots=True)
class Task:
    """`due_at`: by when; `next_at`: the next try; `tries`: how often nobody was reached."""

    id: str
    kind: str
    case_id: str | None
    conversation_id: str | None
    words: str
    created_at: datetime
    occasion: str = ""
    detail: Mapping[str, Any] | None = None
    due_at: datetime | None = None
    next_at: datetime | None = None
    tries: int = 0
    tried_at: datetime | None = None
    done_at: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        return self.done_at is None and self.due_at is not None and self.due_at < now


@dataclass(frozen=True, slots=True)
class Deed:
    """How a task was done, when, and by whom. `by` is the actor as audit events name them."""

    how: str
    at: datetime
    by_id: str
    by: str
    note: str = ""

    def told(self) -> dict[str, Any]:
        return {"how": self.how, "at": self.at.isoformat(), "note": self.note}


def add(
    tx: Transaction,
    *,
    occasion: str,
    kind: str,
    words: str,
    case_id: str | None = None,
    conversation_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> str | None:
    """One task an occasion; None if there is one already."""
    occasion = short_key(occasion)
    if tx.execute(sa.select(tasks.c.id).where(tasks.c.occasion == occasion)).first() is not None:
        return None
    id = new_id()
    row = {"id": id, "occasion": occasion, "kind": kind, "case_id": case_id, "conversation_id": conversation_id}
    more = {"words": words, "detail": None if detail is None else dict(detail), "due_at": due_at}
    tx.execute(sa.insert(tasks).values(**row, **more, created_at=tx.now))
    _wake(tx, id, occasion)
    return id


def message_of(occasion: str) -> tuple[str, int] | None:
    """(conversation, number) of the message whose words an occasion is about, if it is about any."""
    name, _, rest = occasion.partition(":")
    conversation, _, number = rest.partition(":")
    number = number.partition(":")[0].partition("#")[0]
    return (conversation, int(number)) if name in INSTEAD and number.isascii() and number.isdigit() else None


def _wake(tx: Transaction, id: str, occasion: str) -> None:
    """How the words of a message stand is shown beside it too."""
    tx.wake("task", id)
    message = message_of(occasion)
    if message is not None:
        tx.wake("conversation", message[0])


def open_tasks(tx: Transaction, *, after: LastSeen | None = None, limit: int = 200) -> list[Task]:
    """What is to be done, the longest open first."""
    found = pages.oldest_first(_SHOWN.where(tasks.c.done_at.is_(None)), tasks.c.created_at, tasks.c.id, after)
    return [Task(**row._mapping) for row in tx.execute(found.limit(limit))]


def pressing(task: Task) -> tuple[datetime, datetime]:
    return task.due_at or task.created_at, task.created_at


def get(tx: Transaction, id: str) -> Task | None:
    row = tx.execute(_SHOWN.where(tasks.c.id == id)).one_or_none()
    return None if row is None else Task(**row._mapping)


def open_of(tx: Transaction, case_id: str) -> list[Task]:
    rows = tx.execute(_SHOWN.where(tasks.c.case_id == case_id, tasks.c.done_at.is_(None)).order_by(tasks.c.created_at))
    return [Task(**row._mapping) for row in rows]


_SHOWN: Final = sa.select(
    *(tasks.c[name] for name in ("id", "kind", "case_id", "conversation_id", "words", "created_at", "occasion")),
    *(tasks.c[name] for name in ("detail", "due_at", "next_at", "tries", "tried_at", "done_at")),
)


def done(tx: Transaction, id: str, deed: Deed) -> bool:
    """Records that the task was done. False if it was done before, or there is none."""
    row = tx.execute(
        sa.update(tasks)
        .where(tasks.c.id == id, tasks.c.done_at.is_(None))
        .values(done_at=tx.now, done_by=deed.by_id, note=deed.note, how=deed.how, happened_at=deed.at, next_at=None)
        .returning(*_SHOWN.selected_columns)
    ).one_or_none()
    if row is None:
        return False
    task = Task(**row._mapping)
    detail = {"kind": task.kind, "words": task.words, **deed.told()}
    _note(tx, task, Entry(deed.by, "task_done", detail))
    _wake(tx, id, task.occasion)
    return True


def not_reached(tx: Transaction, task: Task, deed: Deed, *, next_at: datetime, due_at: datetime, counts: bool) -> int:
    """Records a try that reached nobody. Answers how many tries count now."""
    tries = task.tries + counts
    values = {"next_at": next_at, "due_at": due_at, "tries": tries}
    tx.execute(
        sa.update(tasks).where(tasks.c.id == task.id).values(**values, tried_at=deed.at if counts else task.tried_at)
    )
    detail = {"kind": task.kind, "try": tries, "counts": counts, "next_at": next_at.isoformat(), **deed.told()}
    _note(tx, task, Entry(deed.by, "not_reached", detail))
    tx.wake("task", task.id)
    return tries


def _note(tx: Transaction, task: Task, entry: Entry) -> None:
    if task.case_id:
        audit.append(tx, case_chain(task.case_id), entry)
    elif task.conversation_id:
        audit.append(tx, conversation_chain(task.conversation_id), entry)


def locked(tx: Transaction, id: str) -> Task | None:
    """The task under lock."""
    row = tx.execute(_SHOWN.where(tasks.c.id == id).with_for_update()).one_or_none()
    return None if row is None else Task(**row._mapping)


def with_occasion(tx: Transaction, occasion: str) -> Task | None:
    row = tx.execute(_SHOWN.where(tasks.c.occasion == short_key(occasion))).one_or_none()
    return None if row is None else Task(**row._mapping)


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


def describe(tx: Transaction, id: str, detail: Mapping[str, Any]) -> None:
    """Another detail for an open task."""
    t = tasks.c
    tx.execute(sa.update(tasks).where(t.id == id, t.done_at.is_(None)).values(detail=dict(detail)))
    tx.wake("task", id)


def settle(tx: Transaction, occasion: str, deed: Deed) -> bool:
    """The task of this occasion was done where it belongs, such as beside the call. False if none is open."""
    task = with_occasion(tx, occasion)
    return task is not None and done(tx, task.id, deed)


def close_about(tx: Transaction, case_id: str, words: Mapping[str, str], *, actor: str) -> None:
    """Closes what there was to look at on a case and is settled now; `words` says of each why."""
    for task in open_of(tx, case_id):
        if task.kind == "look" and task.words in words:
            done(tx, task.id, Deed(words[task.words], tx.now, "", actor))
