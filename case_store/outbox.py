"""What is to leave the house: one row an occasion, sent at least once under a stable identity.

An attempt begins with a committed `sending` row under the conversation's lock, so a take-over that has answered lets no bot
message begin to leave. Order holds for each conversation and address; one that waits for a retry holds up nothing else.

Not here: how a message is sent and how long it is tried (gateway/delivery.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import tasks
from case_store.ids import new_id, short_key
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries

CHECKED: Final = "checked"
"""In a payload: it leaves only while its address is a contact that may be told."""
SENDING_LEASE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """`occasion` is the key that makes it once: `reply:CONVERSATION:NUMBER`, `case_filed:CASE`. `epoch` only for the bot."""

    occasion: str
    channel: str
    account: str
    address: str
    sender: Sender
    payload: Mapping[str, Any]
    conversation_id: str | None = None
    message: int | None = None
    case_id: str | None = None
    epoch: int | None = None
    external_id: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    id: str
    occasion: str
    channel: str
    account: str
    address: str
    conversation_id: str | None
    message: int | None
    case_id: str | None
    sender: str
    epoch: int | None
    payload: Mapping[str, Any]
    state: str
    attempts: int
    first_attempt_at: datetime | None
    created_at: datetime
    external_id: str | None
    error: str | None
    lease: str | None
    interrupted: bool = False  # an earlier attempt began, and nobody has noted its end


def queue(tx: Transaction, new: NewDelivery) -> str | None:
    """Queues a delivery. None if there is one for this occasion already."""
    occasion = short_key(new.occasion)
    if tx.execute(_OF_OCCASION, {"occasion": occasion}).first() is not None:
        return None
    id, now = new_id(), tx.now
    tx.execute(
        _QUEUE,
        {
            "id": id,
            "occasion": occasion,
            "channel": new.channel,
            "account": new.account,
            "address": new.address,
            "conversation_id": new.conversation_id,
            "message": new.message,
            "case_id": new.case_id,
            "sender": new.sender.value,
            "epoch": new.epoch,
            "payload": dict(new.payload),
            "state": "queued",
            "due_at": new.due_at or now,
            "external_id": new.external_id,
            "created_at": now,
        },
    )
    tx.wake("delivery", id, at=new.due_at)
    return id


_OF_OCCASION: Final = sa.select(deliveries.c.id).where(deliveries.c.occasion == sa.bindparam("occasion"))
_QUEUE: Final = sa.insert(deliveries)


def claim(tx: Transaction, limit: int, channels: Sequence[str]) -> list[StoredDelivery]:
    """Begins attempts: rows that are due, first of their conversation and address, and still allowed to leave."""
    d, earlier = deliveries.c, deliveries.alias("earlier")
    held_up = (
        sa.select(earlier.c.id)
        .where(
            earlier.c.conversation_id == d.conversation_id,
            earlier.c.address == d.address,
            # a notice that waits for the morning holds up no answer to what was just written
            sa.or_(earlier.c.due_at <= tx.now, sa.and_(earlier.c.due_at.is_not(None), earlier.c.attempts > 0)),
            earlier.c.id < d.id,
        )
        .exists()
    )
    rows = tx.execute(
        sa.select(d.id, d.conversation_id, d.sender, d.epoch, d.state)
        .where(d.due_at <= tx.now, d.channel.in_(channels), ~held_up)
        .order_by(d.due_at, d.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    stopped = _stopped(tx, rows)
    if stopped:
        _stop(tx, stopped)
    going = [row.id for row in rows if row.id not in stopped]
    begun = _begun(tx, going) if going else []
    interrupted = {row.id for row in rows if row.state == "sending"}
    return [replace(one, interrupted=True) if one.id in interrupted else one for one in begun]


def _stopped(tx: Transaction, rows: Sequence[Any]) -> set[str]:
    """Bot messages spoken under an owner that is no more. Takes the conversations' locks."""
    ids = sorted({row.conversation_id for row in rows if row.sender == Sender.BOT and row.epoch is not None})
    if not ids:
        return set()
    c = conversations.c
    locked = tx.execute(sa.select(c.id, c.epoch).where(c.id.in_(ids)).order_by(c.id).with_for_update())
    now = {row.id: row.epoch for row in locked}
    return {row.id for row in rows if row.conversation_id in now and row.epoch not in (None, now[row.conversation_id])}


def _stop(tx: Transaction, ids: Set[str]) -> None:
    """What the bot had said stays unsaid; whoever took over tells the customer, who may have got no reference number yet."""
    d = deliveries.c
    stopping = sa.update(deliveries).where(d.id.in_(ids)).values(state="stopped", due_at=None, lease=None)
    for row in tx.execute(stopping.returning(d.id, d.case_id, d.conversation_id)).all():
        tasks.add(
            tx,
            occasion=f"delivery_stopped:{row.id}",
            kind="look",
            words="delivery_stopped",
            case_id=row.case_id,
            conversation_id=row.conversation_id,
        )


def stop(tx: Transaction, case_id: str, address: str) -> None:
    """What still waits to be sent there about this case stays unsent, and a person learns of it.

    What asks by itself before it leaves is kept back then, and its words go another way.
    """
    d = deliveries.c
    queued = (d.case_id == case_id, d.address == address, d.state == "queued")
    waiting = tx.execute(sa.select(d.id, d.payload).where(*queued).with_for_update())
    ids = frozenset(row.id for row in waiting if not row.payload.get(CHECKED))
    if ids:
        _stop(tx, ids)


def _begun(tx: Transaction, ids: Sequence[str]) -> list[StoredDelivery]:
    d, now = deliveries.c, tx.now
    rows = tx.execute(
        sa.update(deliveries)
        .where(d.id.in_(ids))
        .values(
            state="sending",
            lease=new_id(),
            due_at=now + SENDING_LEASE,
            attempts=d.attempts + 1,
            first_attempt_at=sa.func.coalesce(d.first_attempt_at, sa.literal(now, d.first_attempt_at.type)),
        )
        .returning(*(d[name] for name in _FIELDS))
    )
    return sorted((StoredDelivery(**row._mapping) for row in rows), key=lambda delivery: delivery.id)


_FIELDS: Final = (
    *("id", "occasion", "channel", "account", "address", "conversation_id", "message", "case_id", "sender", "epoch"),
    *("payload", "state", "attempts", "first_attempt_at", "created_at", "external_id", "error", "lease"),
)


def _settle(tx: Transaction, delivery: StoredDelivery, **values: Any) -> bool:
    done = tx.execute(_SETTLE, {"of": delivery.id, "under": delivery.lease, "lease": None, **values})
    if done.rowcount and delivery.conversation_id:
        tx.wake("conversation", delivery.conversation_id)
    return bool(done.rowcount)


_SETTLE: Final = sa.update(deliveries).where(
    deliveries.c.id == sa.bindparam("of"), deliveries.c.lease == sa.bindparam("under")
)


_NAME: Final = sa.update(deliveries).where(deliveries.c.id == sa.bindparam("delivery"))


def name_attempts(tx: Transaction, names: Mapping[str, str]) -> None:
    """Keeps under which Message-ID each delivery leaves, before it leaves: an answer may come before `sent` is written."""
    if names:
        tx.execute(
            _NAME,
            [{"delivery": id, "external_id": name} for id, name in names.items()],
        )


def sent(tx: Transaction, delivery: StoredDelivery, external_id: str | None) -> bool:
    values: dict[str, Any] = {"state": "sent", "sent_at": tx.now, "due_at": None, "error": None}
    if external_id is not None:
        values["external_id"] = external_id
    return _settle(tx, delivery, **values)


def try_later(tx: Transaction, delivery: StoredDelivery, error: str, delay: timedelta) -> bool:
    tx.wake("delivery", delivery.id, at=tx.now + delay)
    return _settle(tx, delivery, state="queued", error=error[:2000], due_at=tx.now + delay)


def failed(tx: Transaction, delivery: StoredDelivery, error: str, *, state: str = "failed") -> bool:
    """Given up, or (`state="unsure"`) nobody knows. It shows on the case and wakes a person."""
    if delivery.case_id:
        tx.wake("case", delivery.case_id)
    return _settle(tx, delivery, state=state, error=error[:2000], due_at=None)


def all_parts_sent(tx: Transaction, delivery: StoredDelivery) -> bool:
    """Whether the whole message has left, of which this delivery may be a part."""
    if delivery.message is None:
        return True
    d = deliveries.c
    of_message = (d.conversation_id == delivery.conversation_id, d.message == delivery.message)
    return tx.execute(sa.select(d.id).where(*of_message, d.state != "sent").limit(1)).first() is None


def kept_back(tx: Transaction, delivery: StoredDelivery, why: str) -> bool:
    """An attempt that was begun is not made: the address may not be told any more."""
    return _settle(tx, delivery, state="stopped", error=why[:2000], due_at=None)


def waiting(tx: Transaction, case_id: str, *, tried: bool = False) -> list[StoredDelivery]:
    """What is to leave about this case and was not attempted yet, under lock. `tried`: what is to be attempted again too."""
    d = deliveries.c
    found = sa.select(*(d[name] for name in _FIELDS)).where(
        d.case_id == case_id, d.state == "queued", d.due_at.is_not(None)
    )
    if not tried:
        found = found.where(d.attempts == 0)
    return [StoredDelivery(**row._mapping) for row in tx.execute(found.order_by(d.id).with_for_update())]


def take_back(tx: Transaction, id: str, why: str) -> None:
    """What waits to leave stays here: something else is told in its place."""
    d = deliveries.c
    stopped = {"state": "stopped", "error": why[:2000], "due_at": None, "lease": None}
    tx.execute(sa.update(deliveries).where(d.id == id, d.state == "queued").values(**stopped))


def does_not_arrive(tx: Transaction, conversation_id: str, address: str) -> bool:
    """Whether the last that was sent to this address of a conversation came back or found nobody, and the customer has not written since."""
    d, m = deliveries.c, messages.c
    last = tx.execute(
        sa.select(d.state, d.error, d.created_at)
        .where(d.conversation_id == conversation_id, d.address == address, d.due_at.is_(None), d.state != "stopped")
        .order_by(d.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or not (last.state == "bounced" or (last.error or "").startswith("unknown_address")):
        return False
    written = sa.select(m.number).where(
        m.conversation_id == conversation_id, m.sender == Sender.CUSTOMER.value, m.at > last.created_at
    )
    return tx.execute(written.limit(1)).first() is None


def bounced(tx: Transaction, id: str, detail: str) -> bool:
    """A report says that what we sent did not arrive. False if that was known, or if it was read: then it did."""
    done = tx.execute(
        sa.update(deliveries)
        .where(deliveries.c.id == id, deliveries.c.state != "bounced", deliveries.c.read_at.is_(None))
        .values(state="bounced", error=detail[:2000], due_at=None, lease=None)
    )
    return bool(done.rowcount)


_ON_ITS_WAY: Final = ("sending", "sent")
"""What can still arrive. The report may be quicker than the note that it was sent."""


def arrived(tx: Transaction, id: str, *, read: bool) -> bool:
    """A report says that what we sent lies in its mailbox, or was shown there. False if that was known, or it came back before."""
    d = deliveries.c
    news = d.read_at.is_(None) if read else d.delivered_at.is_(None)
    values: dict[str, Any] = {"delivered_at": sa.func.coalesce(d.delivered_at, sa.literal(tx.now, d.delivered_at.type))}
    if read:
        values["read_at"] = tx.now
    done = tx.execute(sa.update(deliveries).where(d.id == id, d.state.in_(_ON_ITS_WAY), news).values(**values))
    return bool(done.rowcount)


def with_external_id(tx: Transaction, external_ids: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """(conversation, case) of what we sent under one of these Message-IDs."""
    d = deliveries.c
    rows = tx.execute(sa.select(d.conversation_id, d.case_id).where(d.external_id.in_(external_ids)).limit(20))
    return [(row.conversation_id, row.case_id) for row in rows]


def find_sent(tx: Transaction, external_id: str) -> StoredDelivery | None:
    row = tx.execute(
        sa.select(*(deliveries.c[name] for name in _FIELDS)).where(deliveries.c.external_id == external_id)
    ).first()
    return None if row is None else StoredDelivery(**row._mapping)


def sent_lately(
    tx: Transaction,
    address: str,
    case_id: str | None = None,
    *,
    sender: Sender = Sender.BOT,
    within: timedelta = timedelta(hours=1),
    occasion: str = "",
) -> int:
    """How many messages of this sender to this address, or about this case, were queued lately."""
    asked = {"whom": address, "since": tx.now - within, "by": sender.value}
    if case_id is not None:
        asked["about"] = case_id
    if occasion:
        found = _LATELY[case_id is not None].where(deliveries.c.occasion.startswith(occasion, autoescape=True))
        return int(tx.execute(found, asked).scalar_one())
    return int(tx.execute(_LATELY[case_id is not None], asked).scalar_one())


def _lately(*whose: Any) -> Any:
    d = deliveries.c
    return sa.select(sa.func.count()).where(
        sa.or_(*whose), d.created_at > sa.bindparam("since"), d.sender == sa.bindparam("by")
    )


_TO_ADDRESS: Final = deliveries.c.address == sa.bindparam("whom")
_LATELY: Final = {  # by whether the case counts too
    False: _lately(_TO_ADDRESS),
    True: _lately(_TO_ADDRESS, deliveries.c.case_id == sa.bindparam("about")),
}


def on_their_way(tx: Transaction, conversation_id: str) -> list[int]:
    """Numbers of bot messages of this conversation whose sending has begun and not ended."""
    d = deliveries.c
    return list(
        tx.execute(
            sa.select(d.message).where(
                d.conversation_id == conversation_id, d.state == "sending", d.sender == Sender.BOT.value
            )
        ).scalars()
    )


def find(tx: Transaction, id: str) -> StoredDelivery | None:
    row = tx.execute(sa.select(*(deliveries.c[name] for name in _FIELDS)).where(deliveries.c.id == id)).one_or_none()
    return None if row is None else StoredDelivery(**row._mapping)
