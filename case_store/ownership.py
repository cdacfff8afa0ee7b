"""Who has a conversation, and what changes hands: taken over, given, put off, handed back, answered.

Units over a transaction. A conversation has exactly one owner: the bot, an agent, or the queue. Changing it raises `epoch`
under the row's lock; whatever was begun under an older epoch may not leave any more.

Not here: the messages (conversations.py), giving by turn (givings.py), many at once (bulk.py).

conversations.ConversationError
├── OwnedByAnother       an agent's conversation; `agent` says whose
├── TooFar               a time to put it off to that has passed, or is too far away
├── DangerNotCleared     somebody's life was in danger, and nobody has said in words that it is not any more
└── MovedOn              newer messages than the one last seen; `newer` holds their numbers
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import conversations
from case_store.audit import NOTHING, Entry
from case_store.conversations import ConversationError, NewMessage, Row, StoredMessage
from case_store.records import Owner, Sender
from case_store.store import Transaction
from case_store.tables_desk import givings
from case_store.tables_people import agents

FARTHEST: Final = timedelta(days=90)  # nobody puts a conversation off for longer


class OwnedByAnother(ConversationError):
    """Another agent answers this conversation."""

    def __init__(self, agent: str | None) -> None:
        super().__init__("another agent answers this conversation")
        self.agent = agent


class TooFar(ConversationError, ValueError):
    """A time that has passed, or is more than `FARTHEST` away."""


class DangerNotCleared(ConversationError):
    """A conversation of danger to life goes to no machine before a person has said why there is none any more."""


class MovedOn(ConversationError):
    """There are messages newer than the one last seen."""

    def __init__(self, newer: Sequence[int]) -> None:
        super().__init__(f"{len(newer)} newer messages")
        self.newer = tuple(newer)


def owner_values(
    row: Row,
    owner: Owner,
    now: datetime,
    *,
    agent_id: str | None = None,
    reason: str | None = None,
    urgent: bool = False,
    cleared: bool = False,
) -> dict[str, Any]:
    """What changes in the row with its owner: a new epoch, and nobody else's turn under way or due.

    Danger to life stays with the conversation, whoever has it, and is the reason of its waiting until it is `cleared`.
    """
    waiting = owner is Owner.QUEUE
    danger = row["urgent"] and not cleared
    if danger and not urgent:
        reason = row["waiting_reason"]
    return {
        "owner": owner.value,
        "agent_id": agent_id,
        "epoch": row["epoch"] + 1,
        "speak_at": None,
        "speak_at_latest": None,
        "lease": None,
        "waiting_since": (row["waiting_since"] or now) if waiting else None,
        "waiting_reason": (reason or row["waiting_reason"]) if waiting or danger else None,
        "urgent": urgent or danger,
        "announced_at": row["announced_at"] if waiting and not urgent else None,
        "snoozed_until": None,
        "unassigned": None,
    }


def take_over(
    tx: Transaction,
    id: str,
    *,
    agent_id: str,
    agent_name: str,
    from_another: bool = False,
    beside: Mapping[str, Any] = NOTHING,
) -> Row:
    """Makes the agent the owner. Raises OwnedByAnother unless `from_another`. Taking one's own changes nothing.

    `beside`, here and below: what the trail keeps besides, such as of which act upon many this was a part.
    """
    row = conversations.locked(tx, id)
    if row["owner"] == Owner.AGENT and row["agent_id"] == agent_id:
        if not look_at(tx, row):
            return row
        conversations.add_messages(tx, row, [], entries=[Entry(f"agent:{agent_name}", "opened", dict(beside) or None)])
        return conversations.locked(tx, id)
    if row["owner"] == Owner.AGENT and not from_another:
        raise OwnedByAnother(row["agent_id"])
    values = owner_values(row, Owner.AGENT, tx.now, agent_id=agent_id)
    entry = Entry(f"agent:{agent_name}", "took_over", {"from": row["owner"], "agent": agent_id, **beside})
    conversations.add_messages(tx, row, [], values=values, entries=[entry])
    tx.wake("owner", id)
    return conversations.locked(tx, id)


def look_at(tx: Transaction, row: Row) -> bool:
    """Its agent has looked at what was given to them by turn: from now on it stays theirs (givings.py). False if that was known."""
    g = givings.c
    unseen = sa.and_(g.conversation_id == row["id"], g.epoch == row["epoch"], g.due_at.is_not(None))
    return bool(tx.execute(sa.update(givings).where(unseen).values(due_at=None, opened_at=tx.now)).rowcount)


def assign(
    tx: Transaction,
    id: str,
    *,
    to: tuple[str, str],
    by: str,
    actor: str,
    supervises: bool = False,
    beside: Mapping[str, Any] = NOTHING,
) -> Row:
    """Gives it to an agent, (id, name). Who gives, `by`, has it, or nobody has, or they supervise; else OwnedByAnother.

    Raises DangerNotCleared where a life is in danger: the queue alarms everybody, and one colleague may be away. One takes it oneself.
    """
    row = conversations.locked(tx, id)
    agent_id, name = to
    if row["owner"] == Owner.AGENT and row["agent_id"] == agent_id:
        return row
    if row["owner"] == Owner.AGENT and row["agent_id"] != by and not supervises:
        raise OwnedByAnother(row["agent_id"])
    if row["urgent"] and agent_id != by:
        raise DangerNotCleared("whose life is in danger is given to nobody who may be away")
    values = owner_values(row, Owner.AGENT, tx.now, agent_id=agent_id)
    conversations.add_messages(
        tx,
        row,
        [],
        values=values,
        entries=[Entry(actor, "assigned", {"from": row["owner"], "agent": agent_id, "to": name, **beside})],
    )
    tx.wake("owner", id)
    return conversations.locked(tx, id)


def snooze(
    tx: Transaction, id: str, *, until: datetime | None, by: str, actor: str, beside: Mapping[str, Any] = NOTHING
) -> Row:
    """Puts it off until a time, or takes it up again. Only for whoever answers it: what waits for a person is put off by nobody.

    Raises OwnedByAnother, also where no agent has it; DangerNotCleared where a life is in danger; TooFar for a time that has passed or
    is more than `FARTHEST` away.
    """
    row = conversations.locked(tx, id)
    if row["owner"] != Owner.AGENT or row["agent_id"] != by:
        raise OwnedByAnother(row["agent_id"])
    if row["urgent"] and until is not None:
        raise DangerNotCleared("whose life is in danger is put off by nobody")
    if until is not None and not tx.now < until <= tx.now + FARTHEST:
        raise TooFar(until)
    opened = [Entry(actor, "opened")] if look_at(tx, row) else []
    if until == row["snoozed_until"]:
        if opened:
            conversations.add_messages(tx, row, [], entries=opened)
        return conversations.locked(tx, id)
    entry = (
        Entry(actor, "woken", dict(beside) or None)
        if until is None
        else Entry(actor, "snoozed", {"until": until.astimezone(UTC).isoformat(), **beside})
    )
    conversations.add_messages(tx, row, [], values={"snoozed_until": until}, entries=[*opened, entry])
    tx.wake("conversation", id)
    return conversations.locked(tx, id)


def hand_back(
    tx: Transaction,
    id: str,
    *,
    agent_id: str,
    agent_name: str,
    to: Owner = Owner.BOT,
    no_danger: str | None = None,
    from_another: bool = False,
    actor: str | None = None,
    beside: Mapping[str, Any] = NOTHING,
) -> Row:
    """Gives the conversation to the bot or the queue. What the customer said since the last answer is due at once.

    `no_danger` says why nobody's life is in danger any more: without it danger stays, and a bot doesn't get the conversation.
    `actor`: whoever does it in the agent's place. Raises OwnedByAnother unless `from_another`, DangerNotCleared.
    """
    row = conversations.locked(tx, id)
    others = row["owner"] == Owner.AGENT and row["agent_id"] != agent_id
    if others and not from_another:
        raise OwnedByAnother(row["agent_id"])
    if row["owner"] == to:
        return row
    cleared = bool(row["urgent"] and no_danger)
    if row["urgent"] and to is Owner.BOT and not cleared:
        raise DangerNotCleared("danger to life is cleared in words first")
    values = owner_values(row, to, tx.now, reason="handed_back", cleared=cleared)
    if conversations.unanswered(tx, [row]):  # in the queue a complaint among it is taken down
        values["speak_at"] = values["speak_at_latest"] = tx.now
        tx.wake("turn", id, at=tx.now)
    taken = {"agent": row["agent_id"]} if others else {}  # out of whose hands
    detail = {"to": to.value, **taken, **({"no_danger": no_danger} if cleared else {}), **beside}
    conversations.add_messages(
        tx, row, [], values=values, entries=[Entry(actor or f"agent:{agent_name}", "handed_back", detail)]
    )
    tx.wake("owner", id)
    if values["urgent"]:
        tx.wake("alarm", id)
    if to is Owner.QUEUE and row["owner"] == Owner.AGENT:
        let_go(tx, row, by_hand=not others)
    return conversations.locked(tx, id)


def let_go(tx: Transaction, row: Row, *, by_hand: bool) -> None:
    """Keeps whose it was when it went back to the queue, and whether they gave it back themselves, so that it is not given to them by turn (givings.py).

    A machine is given none.
    """
    g = givings.c
    here = sa.and_(g.conversation_id == row["id"], g.epoch == row["epoch"])
    told = {"due_at": None, "returned_at": tx.now, "by_hand": by_hand}
    if not tx.execute(sa.update(givings).where(here).values(told)).rowcount:
        kept = {"conversation_id": row["id"], "epoch": row["epoch"], "at": tx.now, **told}
        columns = [sa.literal(value, g[name].type).label(name) for name, value in kept.items()]
        person = sa.select(*columns, agents.c.id).where(agents.c.id == row["agent_id"])
        tx.execute(sa.insert(givings).from_select([*kept, "agent_id"], person))


def queue_for_person(
    tx: Transaction, row: Row, reason: str, *, urgent: bool = False, actor: str = "system"
) -> dict[str, Any]:
    """Values that put a locked conversation into the queue, and the alarm that goes with it."""
    tx.wake("owner", row["id"])
    if urgent:
        tx.wake("alarm", row["id"])
    return owner_values(row, Owner.QUEUE, tx.now, reason=reason, urgent=urgent)


def reply(
    tx: Transaction,
    id: str,
    text: str,
    *,
    agent_id: str,
    agent_name: str,
    after: int | None = None,
    from_another: bool = False,
    mail: Mapping[str, Any] | None = None,
) -> StoredMessage:
    """An agent's words; `mail` is what only a mail has, such as who gets a copy. Takes an unowned conversation over.

    Raises MovedOn if `after` isn't the last message any more, OwnedByAnother unless `from_another`: nothing is sent then.
    """
    row = conversations.locked(tx, id)
    if after is not None and row["last_message"] > after:
        raise MovedOn(range(after + 1, row["last_message"] + 1))
    row = take_over(tx, id, agent_id=agent_id, agent_name=agent_name, from_another=from_another)
    message = NewMessage(Sender.AGENT, text, name=agent_name, agent_id=agent_id, case_id=row["case_id"], mail=mail)
    [stored] = conversations.add_messages(
        tx, row, [message], values={"answered_message": row["last_message"], "edited": None}
    )
    return stored


def agent_name(tx: Transaction, agent_id: str | None) -> str | None:
    """The name of the agent who owns a conversation, as the customer is told it."""
    if agent_id is None:
        return None
    name: str | None = tx.execute(sa.select(agents.c.name).where(agents.c.id == agent_id)).scalar_one_or_none()
    return name


def answering(tx: Transaction, row: Row) -> tuple[str, str | None]:
    """Who answers, as the customer is told it: (owner, name). Who was given it by turn and has not looked at it is not there yet."""
    if row["owner"] != Owner.AGENT:
        return row["owner"], None
    g = givings.c
    unseen = sa.and_(g.conversation_id == row["id"], g.epoch == row["epoch"], g.due_at.is_not(None))
    if tx.execute(sa.select(g.epoch).where(unseen)).first() is not None:
        return Owner.QUEUE.value, None
    return row["owner"], agent_name(tx, row["agent_id"])
