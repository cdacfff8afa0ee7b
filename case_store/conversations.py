"""Conversations: their messages in order of commit, and when they are due to be answered.

Units over a transaction.

Not here: who owns them (ownership.py), whose turn it is (turns.py), the chat's way in (chat.py), what the bot says (dialogue), sending
(outbox.py).

ConversationError
├── NoSuchConversation
├── Erased               only what proves it is kept: no word comes into it any more
└── …                    what ownership.py refuses
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import timers
from case_store.audit import GENESIS, Entry, Head, add_events, conversation_chain, link
from case_store.records import Owner, Sender
from case_store.store import Transaction
from case_store.tables_conversations import attachments, conversations, messages
from case_store.tables_people import agents

Row = Mapping[Any, Any]

CAP: Final = timedelta(seconds=15)  # the longest a customer's first unanswered message waits for the bot
OVERHEAR: Final = (
    "overhear"  # the timer of a message that came to an agent: somebody has to listen whether a life is in danger
)
SILENCE: Final = timedelta(minutes=30)  # after this an unfinished complaint is filed as it is


class ConversationError(Exception):
    """Anything a conversation can't do."""


class NoSuchConversation(ConversationError, LookupError):
    """No conversation has this id."""


class Erased(ConversationError):
    """It was erased: only what proves it is kept, and nothing comes into it any more."""


@dataclass(frozen=True, slots=True)
class NewConversation:
    id: str
    channel: str
    account: str
    locale: str
    key: str | None = None
    customer: str | None = None
    address: str | None = None
    subject: str | None = None
    notice_version: str | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewMessage:
    sender: Sender
    text: str
    name: str | None = None
    agent_id: str | None = None
    case_id: str | None = None
    arrival_id: str | None = None
    external_id: str | None = None
    response: str | None = None
    asks: Sequence[str] = ()
    choices: Sequence[Mapping[str, str]] = ()
    choice: str | None = None
    mail: Mapping[str, Any] | None = None
    utterance: Mapping[str, Any] | None = None
    at: datetime | None = None  # when it was said, where that is not now
    wordless: bool = False  # `text` is ours: it stands in for files that came without a word


@dataclass(frozen=True, slots=True)
class StoredMessage:
    conversation_id: str
    number: int
    sender: Sender
    name: str | None
    text: str
    at: datetime
    case_id: str | None = None
    external_id: str | None = None
    response: str | None = None
    asks: tuple[str, ...] = ()
    choices: tuple[Mapping[str, str], ...] = ()
    choice: str | None = None
    mail: Mapping[str, Any] | None = None
    arrival_id: str | None = None
    edits: tuple[Mapping[str, Any], ...] = ()
    utterance: Mapping[str, Any] | None = None
    wordless: bool = False
    delivered_at: datetime | None = None  # of our words in a chat: on the customer's screen,
    read_at: datetime | None = None  # and in view on a page in the foreground

    @property
    def spoken(self) -> str:
        """The customer's words: the text without what the channel has described in it, and nothing where all of it is ours."""
        if self.wordless:
            return ""
        unspoken = (self.mail or {}).get("unspoken")
        return self.text.removesuffix(unspoken).removesuffix("\n") if unspoken else self.text


def open_conversation(tx: Transaction, new: NewConversation) -> None:
    """A conversation without messages, owned by the bot."""
    now = tx.now
    tx.execute(
        _OPEN,
        {
            "id": new.id,
            "channel": new.channel,
            "account": new.account,
            "key": new.key,
            "owner": Owner.BOT.value,
            "locale": new.locale,
            "language": new.locale,
            "customer": new.customer,
            "address": new.address,
            "subject": new.subject,
            "notice_version": new.notice_version,
            "state": dict(new.state),
            "created_at": now,
            "updated_at": now,
        },
    )


# Statements of the hot paths are built once: building one costs several times what running it does.
_OPEN: Final = sa.insert(conversations)
_LOCKED: Final = sa.select(conversations).where(conversations.c.id == sa.bindparam("of")).with_for_update()
_LOCKED_TOGETHER: Final = (
    sa.select(conversations)
    .where(conversations.c.id.in_(sa.bindparam("these", expanding=True)))
    .order_by(conversations.c.id)
    .with_for_update()
)
_WITH_KEY: Final = (
    sa.select(conversations)
    .where(conversations.c.account == sa.bindparam("in"), conversations.c.key == sa.bindparam("called"))
    .with_for_update()
)
_FOUND: Final = sa.select(conversations).where(conversations.c.id == sa.bindparam("of"))
_CHANGE: Final = sa.update(conversations).where(conversations.c.id == sa.bindparam("of"))
_SAY: Final = sa.insert(messages)


def locked(tx: Transaction, id: str) -> Row:
    """The conversation's row under lock. Raises NoSuchConversation."""
    row = find_locked(tx, id)
    if row is None:
        raise NoSuchConversation(id)
    return row


def find_locked(tx: Transaction, id: str) -> Row | None:
    return tx.execute(_LOCKED, {"of": id}).mappings().one_or_none()


def with_key(tx: Transaction, account: str, key: str) -> Row | None:
    """The conversation that its channel calls `key`, under lock."""
    return tx.execute(_WITH_KEY, {"in": account, "called": key}).mappings().one_or_none()


def check_kept(row: Row) -> None:
    """Raises Erased. Who writes anything into a conversation asks here; an erasure notes itself in the chain (erasing.py)."""
    if row["erased_at"] is not None:
        raise Erased(row["id"])


def add_messages(
    tx: Transaction,
    row: Row,
    new: Sequence[NewMessage],
    *,
    values: Mapping[str, Any] | None = None,
    entries: Sequence[Entry] = (),
) -> list[StoredMessage]:
    """Adds messages to a locked conversation, sets `values` of its row, and continues its audit chain: three statements.

    The chain has one event for each message, with the text's digest in it, so that what was said when can be proved.
    """
    return write_additions(tx, [added(tx, row, new, values=values, entries=entries)])[0]


@dataclass(frozen=True, slots=True)
class Addition:
    """What `write_additions` is to write for one conversation: messages, audit events and the row's new values."""

    stored: list[StoredMessage]
    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]
    changed: dict[str, Any]


def added(
    tx: Transaction,
    row: Row,
    new: Sequence[NewMessage],
    *,
    values: Mapping[str, Any] | None = None,
    entries: Sequence[Entry] = (),
) -> Addition:
    """What adding these messages to a locked conversation comes to. Writes nothing. Raises Erased."""
    check_kept(row)
    now = tx.now
    stored, rows, told = [], [], []
    for number, message in enumerate(new, start=row["last_message"] + 1):
        rows.append(_message_row(row["id"], number, now, message))
        stored.append(as_stored(rows[-1]))
        told.append(Entry(_actor(message), "message", {"number": number, "text": message.text}))
    events, head = link(
        conversation_chain(row["id"]), Head(row["audit_number"], row["audit_hash"] or GENESIS), now, [*told, *entries]
    )
    changed = {
        "of": row["id"],
        "last_message": row["last_message"] + len(rows),
        "version": row["version"] + 1,
        "updated_at": now,
        "audit_number": head.number,
        "audit_hash": head.hash,
        **(values or {}),
    }
    if row["snoozed_until"] is not None and any(message.sender is Sender.CUSTOMER for message in new):
        changed["snoozed_until"] = None  # whoever put it off has to see what came
    return Addition(stored, rows, events, changed)


def write_additions(tx: Transaction, additions: Sequence[Addition]) -> list[list[StoredMessage]]:
    """Writes additions to different conversations: three statements for all of them that set the same columns."""
    said = [row for addition in additions for row in addition.messages]
    if said:
        tx.execute(_SAY, said)
    add_events(tx, [event for addition in additions for event in addition.events])
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for addition in additions:
        alike.setdefault(tuple(addition.changed), []).append(addition.changed)
    for changes in alike.values():
        tx.execute(_CHANGE, changes)
    for addition in additions:
        tx.wake("conversation", addition.changed["of"], version=addition.changed["version"])
    return [addition.stored for addition in additions]


def _actor(message: NewMessage) -> str:
    return f"agent:{message.name}" if message.sender is Sender.AGENT else message.sender.value


def _message_row(conversation_id: str, number: int, at: datetime, message: NewMessage) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "number": number,
        "sender": message.sender.value,
        "name": message.name,
        "agent_id": message.agent_id,
        "text": message.text,
        "at": message.at or at,
        "case_id": message.case_id,
        "arrival_id": message.arrival_id,
        "external_id": message.external_id,
        "response": message.response,
        "asks": list(message.asks) or None,
        "choices": [dict(choice) for choice in message.choices] or None,
        "choice": message.choice,
        "mail": None if message.mail is None else dict(message.mail),
        "utterance": None if message.utterance is None else dict(message.utterance),
        "wordless": message.wordless or None,
    }


def locked_together(tx: Transaction, ids: Sequence[str]) -> dict[str, Row]:
    """Rows under lock, by id; taken in one order, so that two who lock several can't wait for each other."""
    return {row["id"]: row for row in tx.execute(_LOCKED_TOGETHER, {"these": list(ids)}).mappings()}


def as_stored(row: Row) -> StoredMessage:
    return StoredMessage(
        conversation_id=row["conversation_id"],
        number=row["number"],
        sender=Sender(row["sender"]),
        name=row["name"],
        text=row["text"],
        at=row["at"],
        case_id=row["case_id"],
        external_id=row["external_id"],
        response=row["response"],
        asks=tuple(row["asks"] or ()),
        choices=tuple(row["choices"] or ()),
        choice=row["choice"],
        mail=row["mail"],
        arrival_id=row["arrival_id"],
        edits=tuple(row.get("edits") or ()),
        utterance=row.get("utterance"),
        wordless=bool(row.get("wordless")),
        delivered_at=row.get("delivered_at"),
        read_at=row.get("read_at"),
    )


def due_values(row: Row, now: datetime, quiet: timedelta) -> dict[str, Any]:
    """When the bot is due to speak after a customer's message: once quiet, at the latest 15 s after the first unanswered.

    A turn that is under way loses its lease: it starts again with this message. Who waits in the queue is listened to, for
    a few things work in any state; over an agent the bot never speaks.
    """
    if row["owner"] == Owner.AGENT:
        return {}
    latest = row["speak_at_latest"] or now + CAP
    return {"speak_at": min(now + quiet, latest), "speak_at_latest": latest, "lease": None}


def silence_ends(row: Row, now: datetime) -> datetime | None:
    """When silence files the draft of a customer who has just spoken, or edited their words, to somebody else than the bot.

    There no turn may set that time again; the bot's does.
    """
    in_queue = row["owner"] == Owner.QUEUE and row["case_id"] is not None
    with_agent = row["owner"] == Owner.AGENT and row["quiet_at"] is not None
    return now + SILENCE if in_queue or with_agent else None


def add_customer_message(
    tx: Transaction, row: Row, message: NewMessage, *, quiet: timedelta, values: Mapping[str, Any] | None = None
) -> StoredMessage:
    """A customer's message: stored, and the bot made due to answer if the conversation is the bot's."""
    return write_additions(tx, [customer_addition(tx, row, message, quiet=quiet, values=values)])[0][0]


def customer_addition(
    tx: Transaction,
    row: Row,
    message: NewMessage,
    *,
    quiet: timedelta,
    values: Mapping[str, Any] | None = None,
    entries: Sequence[Entry] = (),
) -> Addition:
    """What a customer's message comes to, for `write_additions`."""
    due, quiet_at = due_values(row, tx.now, quiet), silence_ends(row, tx.now)
    if due:
        tx.wake("turn", row["id"], at=due["speak_at"])
    addition = added(tx, row, [message], values={**due, **(values or {}), "quiet_at": quiet_at}, entries=entries)
    if row["owner"] == Owner.AGENT:
        timers.set_timer(tx, OVERHEAR, f"{row['id']}:{addition.stored[0].number}", tx.now)
    return addition


def is_over(row: Row | None, session_epoch: int) -> bool:
    """Whether a chat's session of this epoch has ended. A chat without a message has no row, and the first session."""
    if row is not None and row["erased_at"] is not None:
        return True
    return session_epoch != (0 if row is None else row["session_epoch"])


def seen(tx: Transaction, id: str, number: int, session_epoch: int = 0) -> bool:
    """The customer's screen has shown everything up to `number`. False if that was known or can't be, or the session has ended."""
    return _reached(tx, id, number, session_epoch, "seen_message", "delivered_at")


def read(tx: Transaction, id: str, number: int, session_epoch: int = 0) -> bool:
    """… and they had it before their eyes: in view, on a page in the foreground. What was read has been seen."""
    seen(tx, id, number, session_epoch)
    return _reached(tx, id, number, session_epoch, "read_message", "read_at")


def _reached(tx: Transaction, id: str, number: int, session_epoch: int, mark: str, stamp: str) -> bool:
    """Moves a mark of the conversation on to `number`, never back, and notes the time on our words that it passes."""
    c, m = conversations.c, messages.c
    before = tx.execute(sa.select(c[mark]).where(c.id == id)).scalar_one_or_none()
    if before is None or before >= number:
        return False
    done = tx.execute(
        sa.update(conversations)
        .where(c.id == id, c[mark] < number, c.last_message >= number, c.session_epoch == session_epoch)
        .values({mark: number, "version": c.version + 1})
    )
    if not done.rowcount:
        return False
    passed = sa.update(messages).where(m.conversation_id == id, m.number > before, m.number <= number)
    tx.execute(passed.where(m.sender != Sender.CUSTOMER.value, m[stamp].is_(None)).values({stamp: tx.now}))
    tx.wake("conversation", id)
    return True


HEARD: Final = "heard_to"


def taken_in(row: Row) -> int:
    """Up to which of its messages what was said is known to the dialogue: answered, or heard while the customer waits for a person."""
    return max(int(row["answered_message"]), int(row["state"].get(HEARD, 0)))


def not_taken_in(row: Row, said: Sequence[StoredMessage]) -> list[StoredMessage]:
    """Of these messages what the dialogue does not know yet, or knows in other words."""
    known, edited = taken_in(row), row["edited"] or {}
    return [message for message in said if message.number > known or str(message.number) in edited]


def unanswered(tx: Transaction, rows: Sequence[Row]) -> dict[str, list[StoredMessage]]:
    """Customers' messages of these conversations that no turn has answered, or not as they read now, by conversation."""
    if not rows:
        return {}
    grouped: dict[str, list[StoredMessage]] = {}
    for row in rows:
        if row["edited"]:
            grouped[row["id"]] = _numbered(tx, row["id"], [int(number) for number in row["edited"]])
    found = tx.execute(_UNANSWERED, {"these": [row["id"] for row in rows]}).mappings()
    edited = {row["id"]: row["edited"] or {} for row in rows}
    for row in found:
        if str(row["number"]) not in edited[row["conversation_id"]]:  # heard, and edited before anybody answered
            grouped.setdefault(row["conversation_id"], []).append(as_stored(row))
    return {id: sorted(said, key=lambda message: message.number) for id, said in grouped.items()}


def _numbered(tx: Transaction, id: str, numbers: Sequence[int]) -> list[StoredMessage]:
    m = messages.c
    found = sa.select(messages).where(m.conversation_id == id, m.number.in_(numbers)).order_by(m.number)
    return [as_stored(row) for row in tx.execute(found).mappings()]


_UNANSWERED: Final = (
    sa.select(*messages.c)
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(
        messages.c.conversation_id.in_(sa.bindparam("these", expanding=True)),
        messages.c.number > conversations.c.answered_message,
        messages.c.sender == Sender.CUSTOMER.value,
    )
    .order_by(messages.c.conversation_id, messages.c.number)
)


def add_attachments(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of `attachments`, ids included. Each is due to be examined (attachments.py)."""
    if rows:
        tx.execute(sa.insert(attachments), [{"examine_at": tx.now, **row} for row in rows])
        tx.wake("attachment", str(rows[0]["conversation_id"]))


def attached_digests(tx: Transaction, message: StoredMessage) -> frozenset[str]:
    """The contents that came with a message already."""
    a = attachments.c
    of = sa.and_(a.conversation_id == message.conversation_id, a.message == message.number)
    return frozenset(tx.execute(sa.select(a.digest).where(of)).scalars())


def messages_of(tx: Transaction, id: str, *, after: int = 0, limit: int = 1000) -> list[StoredMessage]:
    """Messages with a number above `after`, in order."""
    found = (
        sa.select(messages)
        .where(messages.c.conversation_id == id, messages.c.number > after)
        .order_by(messages.c.number)
        .limit(limit)
    )
    return [as_stored(row) for row in tx.execute(found).mappings()]


def find(tx: Transaction, id: str) -> Row | None:
    return tx.execute(_FOUND, {"of": id}).mappings().one_or_none()


def with_external_id(tx: Transaction, external_ids: Sequence[str]) -> list[tuple[str, str | None]]:
    """(conversation, case) of messages that carry one of these Message-IDs, newest first."""
    m = messages.c
    rows = tx.execute(
        sa.select(m.conversation_id, m.case_id).where(m.external_id.in_(external_ids)).order_by(m.at.desc()).limit(20)
    )
    return [(row.conversation_id, row.case_id) for row in rows]


def set_case(tx: Transaction, conversation_id: str, numbers: Sequence[int], case_id: str) -> None:
    """These messages belong to this case, if they belong to none yet."""
    if numbers:
        tx.execute(_SET_CASE, {"of": conversation_id, "these": list(numbers), "case": case_id})


_SET_CASE: Final = (
    sa.update(messages)
    .where(
        messages.c.conversation_id == sa.bindparam("of"),
        messages.c.number.in_(sa.bindparam("these", expanding=True)),
        messages.c.case_id.is_(None),
    )
    .values(case_id=sa.bindparam("case"))
)


def thread_of(tx: Transaction, id: str, limit: int = 10) -> tuple[str, ...]:
    """Message-IDs of the customer's mails in this conversation, newest first."""
    return tuple(tx.execute(_THREAD, {"of": id, "most": limit}).scalars())


_THREAD: Final = (
    sa.select(messages.c.external_id)
    .where(
        messages.c.conversation_id == sa.bindparam("of"),
        messages.c.sender == Sender.CUSTOMER.value,
        messages.c.external_id.is_not(None),
    )
    .order_by(messages.c.number.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def agent_named(tx: Transaction, name: str) -> Row | None:
    """Name, post and contact of the agent who is called this."""
    found = sa.select(agents.c.name, agents.c.post, agents.c.contact).where(agents.c.name == name).limit(1)
    return tx.execute(found).mappings().one_or_none()
