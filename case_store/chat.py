"""The web chat's way in: accepting and reading a frame are one transaction, since it is so small.

Not here: sessions and frames (gateway/chat.py, channels/webchat).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import uploads
from case_store.conversations import (
    NewConversation,
    NewMessage,
    Row,
    add_messages,
    customer_addition,
    is_over,
    locked,
    locked_together,
    open_conversation,
    write_additions,
)
from case_store.ids import new_id
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.uploads import StoredUpload


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A frame from the web chat. `opening` is used if this is the conversation's first message; `greeting` was shown before."""

    client_id: str
    text: str
    choice: str | None
    received_at: datetime
    opening: NewConversation
    greeting: Sequence[NewMessage] = ()
    files: Sequence[StoredUpload] = ()  # whole uploads that come with it
    wordless: bool = False  # `text` stands in for them
    session_epoch: int = 0


Accepted = tuple[int, int, bool]
"""(number, version of the conversation, whether it was there before); the number is 0 if the session has ended: nothing is taken"""


def accept_chat(tx: Transaction, chat: ChatMessage, quiet: timedelta) -> Accepted:
    """Takes a chat message into ledger and conversation in one go.

    The conversation's lock is taken first: the same frame again, in parallel, waits here and then finds itself accepted.
    """
    return accept_chats(tx, [(chat, quiet)])[0]


def accept_chats(tx: Transaction, chats: Sequence[tuple[ChatMessage, timedelta]]) -> list[Accepted]:
    """Takes many at once, in as many statements as one takes; several of one conversation one after another.

    Raises uploads.NoSuchUpload where a file that comes with one belongs to another message already.
    """
    answers: dict[int, Accepted] = {}
    waiting = dict(enumerate(chats))
    while waiting:
        first: dict[str, int] = {}
        for place, (chat, _) in waiting.items():
            first.setdefault(chat.opening.id, place)
        places = list(first.values())
        answers.update(zip(places, _accept_one_each(tx, [waiting.pop(place) for place in places]), strict=True))
    return [answers[place] for place in range(len(chats))]


def _accept_one_each(tx: Transaction, chats: Sequence[tuple[ChatMessage, timedelta]]) -> list[Accepted]:
    """Messages of different conversations."""
    rows = dict(locked_together(tx, [chat.opening.id for chat, _ in chats]))
    known = _known_numbers(tx, [chat for chat, _ in chats if chat.opening.id in rows])
    answers: list[Accepted] = []
    additions, ledger = [], []
    filed: list[tuple[ChatMessage, int, str]] = []
    for chat, quiet in chats:
        id = chat.opening.id
        if is_over(rows.get(id), chat.session_epoch):
            answers.append((0, 0, False))
            continue
        if id in known:
            answers.append((known[id], rows[id]["version"], True))
            continue
        if id not in rows:
            rows[id] = _opened(tx, chat)
        arrival_id = new_id()
        message = _message(chat, arrival_id, rows[id]["case_id"])
        number = rows[id]["last_message"] + 1
        entries = [uploads.files_entry(chat.files, number)] if chat.files else []
        addition = customer_addition(tx, rows[id], message, quiet=quiet, entries=entries)
        if chat.files:
            filed.append((chat, number, arrival_id))
        additions.append(addition)
        ledger.append(_arrival(chat, arrival_id, number))
        answers.append((number, rows[id]["version"] + 1, False))
    if additions:
        write_additions(tx, additions)
        tx.execute(_TAKE, ledger)
    for chat, number, arrival_id in filed:
        uploads.attach(tx, chat.files, conversation_id=chat.opening.id, message=number, arrival_id=arrival_id)
    return answers


def accepted_before(tx: Transaction, conversation_id: str, client_id: str, session_epoch: int = 0) -> Accepted | None:
    """What a message of this chat was answered when it was accepted, if it was: also long after its files' uploads are forgotten."""
    account = _session_account(conversation_id)
    found = tx.execute(_KNOWN, {"accounts": [account], "names": [client_id]}).first()
    if found is None:
        return None
    row = locked(tx, conversation_id)
    if is_over(row, session_epoch):
        return 0, 0, False
    return int(found.became[0]["message"]), row["version"], True


def _message(chat: ChatMessage, arrival_id: str, case_id: str | None) -> NewMessage:
    return NewMessage(
        Sender.CUSTOMER,
        chat.text,
        arrival_id=arrival_id,
        external_id=chat.client_id,
        choice=chat.choice,
        case_id=case_id,
        wordless=chat.wordless,
    )


def _arrival(chat: ChatMessage, arrival_id: str, number: int) -> dict[str, Any]:
    return {
        "id": arrival_id,
        "channel": chat.opening.channel,
        "account": _session_account(chat.opening.id),
        "external_id": chat.client_id,
        "received_at": chat.received_at,
        "state": "read",
        "size": len(chat.text),
        "transport": {},
        "became": [{"message": number}],
    }


def _session_account(conversation_id: str) -> str:
    return f"webchat:{conversation_id}"


def _known_numbers(tx: Transaction, chats: Sequence[ChatMessage]) -> dict[str, int]:
    """Numbers of those that were accepted before, by conversation."""
    if not chats:
        return {}
    asked = {_session_account(chat.opening.id): chat for chat in chats}
    these = {"accounts": list(asked), "names": list({chat.client_id for chat in chats})}
    found = tx.execute(_KNOWN, these)
    return {
        asked[row.account].opening.id: int(row.became[0]["message"])
        for row in found
        if asked[row.account].client_id == row.external_id
    }


_TAKE: Final = sa.insert(arrivals)
_KNOWN: Final = sa.select(arrivals.c.account, arrivals.c.external_id, arrivals.c.became).where(
    arrivals.c.account.in_(sa.bindparam("accounts", expanding=True)),
    arrivals.c.external_id.in_(sa.bindparam("names", expanding=True)),
)


def _opened(tx: Transaction, chat: ChatMessage) -> Row:
    open_conversation(tx, chat.opening)
    row = locked(tx, chat.opening.id)
    if chat.greeting:
        add_messages(tx, row, chat.greeting)
        row = locked(tx, chat.opening.id)
    return row
