"""What somebody did with many conversations or cases at once, and how each of them is put back.

Units over a transaction. What each was before is kept in the act's one row while it may be undone, and a while longer for whoever comes too
late; no customer's word is in it. Putting back changes nothing that somebody has touched since: it says so instead. Nothing is erased by it:
the chains tell of the act and of its undoing.

Not here: the acts themselves (ownership.py, cases.py), who may do them and what customers are told (gateway/api/bulk.py).

BulkError
├── NoSuchAct        there is none with this id, or it was too long ago
├── NotTheirs        somebody else did it
├── UndoneAlready    it is undone once
├── TooLate          more than `UNDO` has passed
└── LeftAsItIs       one of them can't be put back
    ├── ChangedSince     somebody has taken it, handed it on, put it off, or decided otherwise
    ├── AnsweredSince    an agent has said something in it
    ├── WroteSince       the customer has written while the bot had it
    ├── DangerSince      somebody's life is in danger: that is nobody's second thought
    └── AccountClosed    who had it is not there any more
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases, conversations, ownership
from case_store.audit import Entry
from case_store.case_record import CaseRecord
from case_store.records import Owner, Role, Sender
from case_store.store import Transaction
from case_store.tables_conversations import messages
from case_store.tables_desk import bulk_actions, givings
from case_store.tables_people import agents

Row = Mapping[Any, Any]
Kept = Mapping[str, Any]
"""One item of an act, as JSON: its id, what it `had`, and how it was `left`."""

UNDO: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=1)
_TIMES: Final = ("waiting_since", "announced_at", "snoozed_until")
_HAD: Final = ("owner", "agent_id", "waiting_since", "waiting_reason", "announced_at", "snoozed_until")
_LEFT: Final = ("epoch", "last_message", "snoozed_until")


class BulkError(Exception):
    """Anything that can't be undone."""


class NoSuchAct(BulkError, LookupError):
    """There is none with this id, or it was too long ago."""


class NotTheirs(BulkError):
    """Somebody else did it."""


class UndoneAlready(BulkError):
    """It is undone once."""


class TooLate(BulkError):
    """More than `UNDO` has passed."""


class LeftAsItIs(BulkError):
    """One of them can't be put back."""


class ChangedSince(LeftAsItIs):
    """Somebody has taken it, handed it on, put it off, or decided otherwise."""


class AnsweredSince(LeftAsItIs):
    """An agent has said something in it."""


class WroteSince(LeftAsItIs):
    """The customer has written while the bot had it."""


class DangerSince(LeftAsItIs):
    """Somebody's life is in danger."""


class AccountClosed(LeftAsItIs):
    """Who had it is not there any more."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did with many."""

    id: str
    kind: str
    before: Sequence[Kept]


# keeping ----------------------------------------------------------------------------------------------------------


def keep(tx: Transaction, id: str, *, by: str, kind: str, before: Sequence[Kept]) -> datetime:
    """Keeps what each was before. Answers until when it may be undone."""
    until = tx.now + UNDO
    values = {"id": id, "by": by, "kind": kind, "before": [dict(one) for one in before]}
    tx.execute(sa.insert(bulk_actions).values(**values, at=tx.now, undo_until=until))
    return until


def unopened(tx: Transaction, rows: Mapping[str, Row]) -> dict[str, dict[str, Any]]:
    """Of these conversations, where those that their agents were given by turn and have not looked at stood in the queue."""
    g = givings.c
    found = tx.execute(
        sa.select(g.conversation_id, g.epoch, g.waited_since, g.reason).where(
            g.conversation_id.in_(list(rows)), g.due_at.is_not(None)
        )
    )
    return {
        row.conversation_id: {
            "owner": Owner.QUEUE.value,
            "agent_id": None,
            "waiting_since": row.waited_since,
            "waiting_reason": row.reason,
        }
        for row in found
        if rows[row.conversation_id]["epoch"] == row.epoch
    }


def conversation_kept(before: Row, after: Row, note: str | None = None) -> dict[str, Any] | None:
    """What is kept of a conversation that changed, and of the note that called its new agent; None where nothing changed."""
    if after["epoch"] == before["epoch"] and after["snoozed_until"] == before["snoozed_until"]:
        return None
    had, left = _plain(before, _HAD), _plain(after, _LEFT)
    return {"id": before["id"], "had": had, "left": left, "note": note}


def case_kept(before: CaseRecord, after: CaseRecord) -> dict[str, Any] | None:
    """What is kept of a case that has another assignee now."""
    if after.assignee == before.assignee:
        return None
    left = {"assignee": after.assignee, "status": after.status.value}
    return {"id": before.id, "had": {"assignee": before.assignee}, "left": left}


def _plain(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in names}


def sweep(tx: Transaction) -> int:
    """Forgets what can't be undone any more since a day. Answers how many."""
    return tx.execute(sa.delete(bulk_actions).where(bulk_actions.c.at <= tx.now - KEPT)).rowcount


# what has been said since ------------------------------------------------------------------------------------------


def said_since(tx: Transaction, rows: Mapping[str, Row], seen: Mapping[str, int]) -> dict[str, frozenset[Sender]]:
    """Who has spoken in each of these conversations after the number given for it. What the house itself told there is nobody's word."""
    later = [id for id, number in seen.items() if id in rows and rows[id]["last_message"] > number]
    if not later:
        return {}
    m = messages.c
    found = tx.execute(
        sa.select(m.conversation_id, m.sender, sa.func.max(m.number).label("latest"))
        .where(m.conversation_id.in_(later), m.sender != Sender.SYSTEM.value)
        .group_by(m.conversation_id, m.sender)
    ).all()
    return {
        id: frozenset(Sender(one.sender) for one in found if one.conversation_id == id and one.latest > seen[id])
        for id in later
    }


# undoing ----------------------------------------------------------------------------------------------------------


def undo(tx: Transaction, id: str, by: str) -> Act:
    """The act, undone from now on: whoever asks puts back each. Raises NoSuchAct, NotTheirs, UndoneAlready, TooLate."""
    b = bulk_actions.c
    row = tx.execute(sa.select(bulk_actions).where(b.id == id).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchAct(id)
    if row.by != by:
        raise NotTheirs(id)
    if row.undone_at is not None:
        raise UndoneAlready(id)
    if row.undo_until <= tx.now:
        raise TooLate(id)
    tx.execute(sa.update(bulk_actions).where(b.id == id).values(undone_at=tx.now))
    return Act(id, row.kind, row.before)


def closed_accounts(tx: Transaction, before: Sequence[Kept]) -> frozenset[str]:
    """Of those who had them, ids and usernames, whose accounts are closed or only read by now. A machine by its key has none that could be."""
    named = {one["had"].get("agent_id") or one["had"].get("assignee") for one in before} - {None}
    if not named:
        return frozenset()
    a = agents.c
    closed = sa.select(a.id, a.username).where(
        sa.or_(a.id.in_(named), a.username.in_(named)), sa.or_(a.active.is_(False), a.role == Role.COMPLIANCE.value)
    )
    return frozenset(name for row in tx.execute(closed) for name in row)


def put_back_conversation(
    tx: Transaction,
    row: Row,
    kept: Kept,
    *,
    said: Collection[Sender] = (),
    closed: Collection[str] = (),
    actor: str,
    beside: Mapping[str, Any],
) -> Row:
    """A locked conversation as it was, in its old place of the queue; what was due to be answered is due. Raises LeftAsItIs.

    `said`: who has spoken in it since. `closed`: accounts that are closed.
    """
    had: dict[str, Any] = {name: _moment(value) if name in _TIMES else value for name, value in kept["had"].items()}
    _check_untouched(row, kept["left"], said)
    if had["agent_id"] in closed:
        raise AccountClosed(had["agent_id"])
    values = {"snoozed_until": had["snoozed_until"]}
    if (row["owner"], row["agent_id"]) != (had["owner"], had["agent_id"]):
        values = {**ownership.owner_values(row, Owner(had["owner"]), tx.now), **had, **_due(tx, row, had["owner"])}
        tx.wake("owner", row["id"])
    detail = {"to": had["owner"], "agent": had["agent_id"], **beside}
    conversations.add_messages(tx, row, [], values=values, entries=[Entry(actor, "put_back", detail)])
    return conversations.locked(tx, row["id"])


def _check_untouched(row: Row, left: Mapping[str, Any], said: Collection[Sender]) -> None:
    if row["urgent"]:
        raise DangerSince(row["id"])
    if Sender.AGENT in said:
        raise AnsweredSince(row["id"])
    if Sender.CUSTOMER in said and row["owner"] == Owner.BOT:
        raise WroteSince(row["id"])
    if row["epoch"] != left["epoch"] or row["snoozed_until"] != _moment(left["snoozed_until"]):
        raise ChangedSince(row["id"])


def _due(tx: Transaction, row: Row, owner: str) -> dict[str, Any]:
    """What the customer has said and no turn has heard is heard now, by the bot or for the queue."""
    if owner == Owner.AGENT or not conversations.unanswered(tx, [row]):
        return {}
    tx.wake("turn", row["id"], at=tx.now)
    return {"speak_at": tx.now, "speak_at_latest": tx.now}


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def put_back_case(
    tx: Transaction, kept: Kept, *, closed: Collection[str] = (), actor: str, beside: Mapping[str, Any]
) -> tuple[CaseRecord, CaseRecord]:
    """A locked case with the assignee it had, and as it was before that. Raises LeftAsItIs."""
    before, had, left = cases.get(tx, kept["id"]), kept["had"], kept["left"]
    if (before.assignee, before.status.value) != (left["assignee"], left["status"]):
        raise ChangedSince(kept["id"])
    if had["assignee"] in closed:
        raise AccountClosed(had["assignee"])
    return before, cases.change(tx, kept["id"], had, actor=actor, beside=beside)
