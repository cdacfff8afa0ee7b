"""What is due is claimed in the order it is due and no more of it than was asked for, however PostgreSQL goes about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from case_store import arrivals, attachments, calls, timers, turns
from case_store.conversations import NewConversation, open_conversation
from case_store.ids import new_id
from case_store.store import Store, Transaction
from case_store.tables_arrivals import arrivals as arrival_rows
from case_store.tables_conversations import attachments as attachment_rows
from case_store.tables_conversations import calls as call_rows
from case_store.tables_conversations import conversations as conversation_rows

OTHER_WAYS = ("hashagg", "hashjoin", "mergejoin", "material", "sort")
"""Without these the planner compares row by row, as it may by itself where it takes a table for nearly empty."""


class Queue(NamedTuple):
    add: Callable[[Transaction, int], str]
    """Adds what has been due for so many minutes; answers what it is known by."""
    claim: Callable[[Transaction, int], Sequence[Any]]
    known: Callable[[Any], str]


def an_arrival(tx: Transaction, minutes: int) -> str:
    new = arrivals.NewArrival("email", "complaints@bank.example", f"<{minutes}@x>", tx.now, size=5, raw=b"words")
    id, _ = arrivals.accept(tx, new)
    tx.execute(sa.update(arrival_rows).where(arrival_rows.c.id == id).values(due_at=ago(tx, minutes)))
    return id


def a_turn(tx: Transaction, minutes: int) -> str:
    id = new_id()
    open_conversation(tx, NewConversation(id, "webchat", "webchat", "en"))
    tx.execute(sa.update(conversation_rows).where(conversation_rows.c.id == id).values(speak_at=ago(tx, minutes)))
    return id


def a_call(tx: Transaction, minutes: int) -> str:
    id = new_id()
    open_conversation(tx, NewConversation(id, "phone", "phone", "en"))
    row = {"conversation_id": id, "call": id, "line": "main", "state": "live", "due_at": ago(tx, minutes)}
    tx.execute(sa.insert(call_rows), row)
    return id


def a_timer(tx: Transaction, minutes: int) -> str:
    subject = new_id()
    timers.set_timer(tx, "feedback_due", subject, ago(tx, minutes))
    return subject


def an_attachment(tx: Transaction, minutes: int) -> str:
    row = {"id": new_id(), "conversation_id": new_id(), "message": 1, "digest": "0" * 64, "name": "a.pdf"}
    kind = {"media_type": "application/pdf", "size": 5, "examine_at": ago(tx, 60 - minutes)}  # the latest first
    tx.execute(sa.insert(attachment_rows), {**row, **kind})
    return str(row["id"])


def ago(tx: Transaction, minutes: int) -> Any:
    return tx.now - timedelta(minutes=minutes)


QUEUES = {
    "arrivals": Queue(an_arrival, arrivals.claim, lambda one: one.id),
    "arrivals of a channel": Queue(
        an_arrival, lambda tx, most: arrivals.claim(tx, most, ["email"]), lambda one: one.id
    ),
    "turns": Queue(a_turn, turns.claim_due, lambda one: one.id),
    "calls": Queue(a_call, calls.claim_due, lambda one: one.id),
    "timers": Queue(a_timer, timers.claim, lambda one: one.subject),
    "attachments": Queue(an_attachment, attachments.claim, lambda one: one.id),
}


@pytest.mark.parametrize("row_by_row", [False, True], ids=["as planned", "row by row"])
@pytest.mark.parametrize("queue", QUEUES.values(), ids=QUEUES)
def test_no_more_is_claimed_than_was_asked_for(store: Store, queue: Queue, row_by_row: bool) -> None:
    longest_due = [store.write_now(queue.add, minutes) for minutes in (50, 40, 30, 20, 10)]

    def claim(tx: Transaction) -> list[str]:
        for way in OTHER_WAYS if tx.postgresql and row_by_row else ():
            tx.execute(sa.text(f"SET LOCAL enable_{way} = off"))
        return sorted(queue.known(one) for one in queue.claim(tx, 2))

    assert store.write_now(claim) == sorted(longest_due[:2])
    assert store.write_now(claim) == sorted(longest_due[2:4])
