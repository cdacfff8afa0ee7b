"""The web chat's way in: accepting and reading a frame are one transaction, since it is so small.

Not here: sessions and frames (gateway/chat.py, channels/webchat).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from case_store.conversations import (
    NewConversation,
    NewMessage,
    Row,
    add_customer_message,
    add_messages,
    find_locked,
    locked,
    open_conversation,
)
from case_store.ids import new_id
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables import arrivals


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A frame from the web chat. `opening` is used if this is the conversation's first message; `greeting` was shown before."""

    client_id: str
    text: str
    choice: str | None
    received_at: datetime
    opening: NewConversation
    greeting: Sequence[NewMessage] = ()


def accept_chat(tx: Transaction, chat: ChatMessage, quiet: timedelta) -> tuple[int, int, bool]:
    """Takes a chat message into ledger and conversation in one go. Answers (number, version, whether it was there before).

    The conversation's lock is taken first: the same frame again, in parallel, waits here and then finds itself accepted.
    """
    id = chat.opening.id
    row = find_locked(tx, id)
    if row is None:
        row = _opened(tx, chat)
    else:
        known = _known_number(tx, id, chat.client_id)
        if known is not None:
            return known, row["version"], True
    arrival_id = new_id()
    stored = add_customer_message(
        tx,
        row,
        NewMessage(
            Sender.CUSTOMER,
            chat.text,
            arrival_id=arrival_id,
            external_id=chat.client_id,
            choice=chat.choice,
            case_id=row["case_id"],
        ),
        quiet=quiet,
    )
    tx.execute(
        sa.insert(arrivals).values(
            id=arrival_id,
            channel=chat.opening.channel,
            account=_session_account(id),
            external_id=chat.client_id,
            received_at=chat.received_at,
            state="read",
            size=len(chat.text),
            transport={},
            became=[{"message": stored.number}],
        )
    )
    return stored.number, row["version"] + 1, False


def _session_account(conversation_id: str) -> str:
    return f"webchat:{conversation_id}"


def _known_number(tx: Transaction, conversation_id: str, client_id: str) -> int | None:
    became = tx.execute(
        sa.select(arrivals.c.became).where(
            arrivals.c.account == _session_account(conversation_id), arrivals.c.external_id == client_id
        )
    ).scalar_one_or_none()
    return None if became is None else int(became[0]["message"])


def _opened(tx: Transaction, chat: ChatMessage) -> Row:
    open_conversation(tx, chat.opening)
    row = locked(tx, chat.opening.id)
    if chat.greeting:
        add_messages(tx, row, chat.greeting)
        row = locked(tx, chat.opening.id)
    return row
