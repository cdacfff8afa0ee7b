"""How the house's words went out: as a delivery, in the chat, by a mail in their place, by a call or a letter, or not at all.

A message may have gone several ways, one after another: what nobody looked at in a chat goes by mail, what a messenger does not
deliver is told by a person. The last of them is how the words stand.

Units that only read. Not here: sending (outbox.py), recording that somebody was told (tasks.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store.conversations import Row, StoredMessage
from case_store.records import ChannelName, Sender
from case_store.store import Transaction
from case_store.tables_outbox import deliveries, tasks
from case_store.tables_people import agents
from case_store.tasks import INSTEAD, TELLING, message_of

OURS: Final = (Sender.BOT, Sender.AGENT, Sender.SYSTEM)
NOT_SENT: Final = "not_sent"
TO_BE_TOLD: Final = "to_be_told"
TOLD: Final = "told"
NOT_TOLD: Final = "not_told"

_AS_TOLD: Final = ("called", "posted", "handed_over", "otherwise")
DELIVERED: Final = "delivered"
READ: Final = "read"
_WORST_LAST: Final = (READ, DELIVERED, "sent", "queued", "sending", "stopped", "unsure", "bounced", "failed")
"""A long message leaves in parts: it stands as the worst of them does."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way that words took. `by`: a channel, or the kind of a task; `state`: a delivery's, or delivered, read, to_be_told, told,
    not_told, not_sent.

    `at`: when it left or was told; `delivered_at` and `read_at` as the customer's screen or mail system says. `how` and `note` are what was recorded of a call or letter, `person` who did it.
    """

    state: str
    by: str
    at: datetime | None = None
    error: str | None = None
    address: str | None = None
    task: str | None = None
    how: str | None = None
    note: str | None = None
    person: str | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """When it came to stand as it does."""
        return {READ: self.read_at, DELIVERED: self.delivered_at}.get(self.state, self.at)


@dataclass(frozen=True, slots=True)
class Aside:
    """Words of a case that stand in no conversation: a notice by mail, or what a person was to tell."""

    occasion: str
    at: datetime
    text: str
    way: Way


Ways = Mapping[int, tuple[Way, ...]]  # by message number


def of_messages(
    tx: Transaction, rows: Sequence[Row], said: Mapping[str, Sequence[StoredMessage]], case_ids: Iterable[str]
) -> dict[str, Ways]:
    """The ways of all words of the house in these conversations, whose cases are `case_ids`; three queries."""
    ids = [row["id"] for row in rows]
    if not ids:
        return {}
    sent, instead = _sent(tx, ids), _instead(tx, ids, sorted(set(case_ids)))
    return {row["id"]: _of_one(row, said.get(row["id"], ()), sent.get(row["id"], {}), instead) for row in rows}


def _of_one(
    row: Row, said: Sequence[StoredMessage], sent: Mapping[int, Way], instead: Mapping[tuple[str, int], list[Way]]
) -> Ways:
    found: dict[int, tuple[Way, ...]] = {}
    after: StoredMessage | None = None
    for message in sorted(said, key=lambda one: one.number, reverse=True):
        if message.sender not in OURS or message.utterance is not None:
            after = None
            continue
        own = [*_left(row, message, sent), *instead.get((row["id"], message.number), ())]
        if not own and after is not None and (after.sender, after.at) == (message.sender, message.at):
            own = list(found[after.number])  # what is said together leaves as one
        found[message.number] = tuple(own) or (Way(NOT_SENT, row["channel"]),)
        after = message
    return found


def _left(row: Row, message: StoredMessage, sent: Mapping[int, Way]) -> list[Way]:
    """In the chat it is sent when stored, delivered when the screen has it, read when it was in view in the foreground."""
    if message.number in sent:
        return [sent[message.number]]
    if row["channel"] != ChannelName.WEBCHAT:
        return []
    known = row["seen_message"], row["read_message"]
    state = READ if message.number <= known[1] else DELIVERED if message.number <= known[0] else "sent"
    return [Way(state, row["channel"], message.at, delivered_at=message.delivered_at, read_at=message.read_at)]


def _sent(tx: Transaction, ids: Sequence[str]) -> dict[str, dict[int, Way]]:
    d = deliveries.c
    found = tx.execute(
        sa.select(d.conversation_id, d.message, *_HOW_FAR)
        .where(d.conversation_id.in_(ids), d.message.is_not(None))
        .order_by(d.id)
    )
    grouped: dict[str, dict[int, Way]] = {}
    for row in found:
        of_one = grouped.setdefault(row.conversation_id, {})
        before = of_one.get(row.message)
        way = _of_delivery(row)
        if before is None or _WORST_LAST.index(way.state) >= _WORST_LAST.index(before.state):
            of_one[row.message] = way
    return grouped


_HOW_FAR: Final = tuple(
    deliveries.c[name] for name in ("state", "channel", "sent_at", "error", "address", "delivered_at", "read_at")
)


def _of_delivery(row: Any) -> Way:
    state = row.state
    if state == "sent":  # and has not come back after all
        state = READ if row.read_at else DELIVERED if row.delivered_at else "sent"
    return Way(
        state, row.channel, row.sent_at, row.error, row.address, delivered_at=row.delivered_at, read_at=row.read_at
    )


def _instead(tx: Transaction, ids: Sequence[str], case_ids: Sequence[str]) -> dict[tuple[str, int], list[Way]]:
    """Mails, calls and letters that carry the words of a message, in the order they were asked for."""
    d, t = deliveries.c, tasks.c
    mails = sa.select(d.occasion, d.created_at, *_HOW_FAR).where(
        d.case_id.in_(case_ids), d.message.is_(None), sa.or_(*(d.occasion.startswith(f"{name}:") for name in INSTEAD))
    )
    of_these = sa.or_(t.case_id.in_(case_ids), sa.and_(t.case_id.is_(None), t.conversation_id.in_(ids)))
    told = _TASKS.where(of_these, sa.or_(*(t.occasion.startswith(f"{name}:") for name in INSTEAD)))
    found = [(row.occasion, row.created_at, _of_delivery(row)) for row in tx.execute(mails)]
    found += [(row.occasion, row.created_at, _of_task(row)) for row in tx.execute(told)]
    grouped: dict[tuple[str, int], list[Way]] = {}
    for occasion, _, way in sorted(found, key=lambda one: one[1]):
        message = message_of(occasion)
        if message is not None:
            grouped.setdefault(message, []).append(way)
    return grouped


def _of_task(row: Any) -> Way:
    state = TO_BE_TOLD if row.done_at is None else TOLD if row.how in _AS_TOLD else NOT_TOLD
    return Way(state, row.kind, row.happened_at or row.done_at, None, None, row.id, row.how, row.note, row.name)


_TASKS: Final = (
    sa.select(
        *(tasks.c[name] for name in ("id", "occasion", "kind", "words", "created_at", "done_at", "how", "note")),
        tasks.c.happened_at,
        agents.c.name,
    )
    .outerjoin(agents, agents.c.id == tasks.c.done_by)
    .where(tasks.c.kind.in_(TELLING))
)


def asides_of(tx: Transaction, case_id: str) -> list[Aside]:
    """What was told of a case beside its conversations, or is to be, the oldest first."""
    d, t = deliveries.c, tasks.c
    columns = (d.occasion, d.created_at, d.payload, *_HOW_FAR)
    mails = tx.execute(sa.select(*columns).where(d.case_id == case_id, d.message.is_(None)))
    found = [Aside(row.occasion, row.created_at, row.payload.get("text", ""), _of_delivery(row)) for row in mails]
    told = tx.execute(_TASKS.where(t.case_id == case_id))
    found += [Aside(row.occasion, row.created_at, row.words, _of_task(row)) for row in told]
    beside = (one for one in found if message_of(one.occasion) is None and not one.occasion.startswith("copy:"))
    return sorted(beside, key=lambda one: (one.at, one.occasion))
