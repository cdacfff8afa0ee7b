"""Customers' messages that change after they came: edited by their writer, or of several parts that come one after another.

What a message said before stays in its `edits`, and each change is an event of the conversation's audit chain. A change of what
the bot has not answered yet is simply answered; what has been answered already is kept in the conversation's `edited`, so that the
next turn takes it as a correction.

Not here: which edit belongs to which message of which channel (gateway/messenger.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import timers
from case_store.audit import Entry
from case_store.conversations import (
    OVERHEAR,
    Row,
    StoredMessage,
    add_messages,
    as_stored,
    due_values,
    silence_ends,
    taken_in,
)
from case_store.records import Owner, Sender
from case_store.store import Transaction
from case_store.tables_conversations import message_parts, messages


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message, under the name that its channel has for it. `unspoken` describes what it has no words for."""

    external_id: str
    text: str
    unspoken: str = ""


def find(tx: Transaction, conversation_id: str, external_id: str) -> StoredMessage | None:
    """The customer's message of this name, or the one that it is a part of."""
    part = tx.execute(_PART, {"of": conversation_id, "called": external_id}).scalar_one_or_none()
    found = _NUMBERED if part is not None else _CALLED
    row = tx.execute(found, {"of": conversation_id, "called": external_id, "number": part}).mappings().first()
    return None if row is None else as_stored(row)


def of_group(tx: Transaction, conversation_id: str, group: str) -> StoredMessage | None:
    """The message that parts of this group belong to."""
    number = tx.execute(_OF_GROUP, {"of": conversation_id, "whole": group}).scalar()
    if number is None:
        return None
    row = tx.execute(_NUMBERED, {"of": conversation_id, "number": number, "called": ""}).mappings().first()
    return None if row is None else as_stored(row)


def put_part(tx: Transaction, message: StoredMessage, group: str, part: Part) -> list[Part]:
    """Adds a part to a message, or changes it. Answers all its parts, in order of commit."""
    p = message_parts.c
    mine = sa.and_(p.conversation_id == message.conversation_id, p.external_id == part.external_id)
    changed = tx.execute(sa.update(message_parts).where(mine).values(text=part.text, unspoken=part.unspoken))
    parts = _parts(tx, message)
    if not changed.rowcount:
        row = {"conversation_id": message.conversation_id, "message": message.number, "group_key": group}
        values = {"external_id": part.external_id, "text": part.text, "unspoken": part.unspoken}
        tx.execute(sa.insert(message_parts), {**row, **values, "number": len(parts) + 1})
        parts.append(part)
    return parts


def group_of(tx: Transaction, message: StoredMessage) -> str | None:
    """What its channel calls the whole, if the message has parts."""
    p = message_parts.c
    of = sa.and_(p.conversation_id == message.conversation_id, p.message == message.number)
    found: str | None = tx.execute(sa.select(p.group_key).where(of).limit(1)).scalar_one_or_none()
    return found


def _parts(tx: Transaction, message: StoredMessage) -> list[Part]:
    p = message_parts.c
    of = sa.and_(p.conversation_id == message.conversation_id, p.message == message.number)
    rows = tx.execute(sa.select(p.external_id, p.text, p.unspoken).where(of).order_by(p.number))
    return [Part(row.external_id, row.text, row.unspoken) for row in rows]


def change(
    tx: Transaction,
    row: Row,
    message: StoredMessage,
    *,
    text: str,
    mail: Mapping[str, Any],
    action: str,
    quiet: timedelta,
    edits: tuple[Mapping[str, Any], ...] | None = None,
) -> None:
    """Gives a message of a locked conversation another text. `edits` are its earlier texts, where they change too."""
    m = messages.c
    values: dict[str, Any] = {"text": text, "mail": dict(mail) or None}
    if edits is not None:
        values["edits"] = [dict(edit) for edit in edits]
    mine = sa.and_(m.conversation_id == row["id"], m.number == message.number)
    tx.execute(sa.update(messages).where(mine).values(**values))
    told = Entry(Sender.CUSTOMER.value, action, {"number": message.number, "text": text})
    now = replace(message, text=text, mail=mail)
    add_messages(tx, row, [], values=_to_be_answered(tx, row, message, now, quiet), entries=[told])


def _to_be_answered(
    tx: Transaction, row: Row, message: StoredMessage, now: StoredMessage, quiet: timedelta
) -> dict[str, Any]:
    """What makes the bot take other words into account: a turn that is under way begins again with them."""
    if now.spoken == message.spoken:
        return {}
    if (
        row["owner"] == Owner.AGENT
    ):  # other words are new words, to whoever put it off and to whoever listens for danger
        heard = f"{row['id']}:{message.number}"
        timers.again(tx, OVERHEAR, heard, tx.now, {"last": row["last_message"]})
        unanswered = message.number > row["answered_message"]  # the bot reads it anew if it gets the conversation again
        return {"snoozed_until": None, **(_corrected(row, message) if unanswered else {})}
    values = {**due_values(row, tx.now, quiet), "quiet_at": silence_ends(row, tx.now), **_corrected(row, message)}
    tx.wake("turn", row["id"], at=values["speak_at"])
    return values


def _corrected(row: Row, message: StoredMessage) -> dict[str, Any]:
    """What the dialogue knows in other words is kept as it knows it; the first of several edits is what it knows."""
    if message.number > taken_in(row):
        return {}
    known = dict(row["edited"] or {})
    known.setdefault(str(message.number), message.spoken)
    return {"edited": known}


_PART: Final = sa.select(message_parts.c.message).where(
    message_parts.c.conversation_id == sa.bindparam("of"), message_parts.c.external_id == sa.bindparam("called")
)
_OF_GROUP: Final = (
    sa.select(message_parts.c.message)
    .where(message_parts.c.conversation_id == sa.bindparam("of"), message_parts.c.group_key == sa.bindparam("whole"))
    .limit(1)
)
_NUMBERED: Final = sa.select(messages).where(
    messages.c.conversation_id == sa.bindparam("of"),
    messages.c.number == sa.bindparam("number"),
)
_CALLED: Final = sa.select(messages).where(
    messages.c.conversation_id == sa.bindparam("of"),
    messages.c.external_id == sa.bindparam("called"),
    messages.c.sender == Sender.CUSTOMER.value,
)
