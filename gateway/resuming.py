"""Going on with a chat from elsewhere: a signed link, sent to an address that is proved for the chat's case.

The link names the conversation and the address under our signature. Nothing happens until a person presses the button, since mail
programs open links by themselves. Then the chat's older sessions end: whoever held one may have typed an address that isn't theirs.
Only with that is the chat held by whoever has read the address's mail, and both are the same customer's from then on. It ends with its
age, and where the address is the customer's no more. A proxy's address leads nowhere, nor does another's than the one to whom
the chat was given before.

Not here: when a link is sent (notifications.py), the page (portal/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from case_store import cases, contacts, conversations, identities
from case_store.audit import Entry
from case_store.conversations import Row
from case_store.records import ChannelName
from case_store.store import Transaction
from gateway.tokens import LinkKind, Tokens

LINK_AGE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Resumption:
    """What a valid link says."""

    conversation_id: str
    address: str


def sign(tokens: Tokens, conversation_id: str, address: str, now: datetime) -> str:
    return tokens.sign_link(LinkKind.RESUME, conversation_id, address, issued_at=now)


def read(tokens: Tokens, token: str) -> Resumption | None:
    """The resumption a link asks for, if we signed it and it is young enough."""
    parts = tokens.read_link(LinkKind.RESUME, token, datetime.now(UTC), LINK_AGE)
    return Resumption(*parts) if parts and len(parts) == 2 else None


def reference_of(tx: Transaction, asked: Resumption) -> str | None:
    """A reference number of the chat, while the address is proved for its case; empty for a draft. None: not valid any more."""
    row = conversations.find(tx, asked.conversation_id)
    return None if row is None else _reference(tx, row, asked.address)


def may(tx: Transaction, row: Row, address: str) -> bool:
    """Whether this chat can go on with whoever reads this address's mail."""
    return _reference(tx, row, address) is not None


def _reference(tx: Transaction, row: Row, address: str) -> str | None:
    if row["channel"] != ChannelName.WEBCHAT:
        return None
    chat = identities.chat_identity(row["id"])
    holders = identities.addresses_of(tx, chat) - {chat}
    if holders and address not in holders:  # what was said since is theirs
        return None
    for case in cases.of_conversations(tx, [row["id"]]).get(row["id"], ()):
        if address in contacts.own_mail(tx, case.id):
            return case.reference or ""
    return None


def resume(tx: Transaction, asked: Resumption) -> int | None:
    """The chat goes on with whoever read this address's mail, and with nobody else. Answers the epoch of their session.

    None if the link is not valid any more.
    """
    row = conversations.find_locked(tx, asked.conversation_id)
    if row is None or not may(tx, row, asked.address):
        return None
    epoch = int(row["session_epoch"]) + 1
    entry = Entry("customer", "resumed", {"address": asked.address})
    conversations.add_messages(tx, row, [], values={"session_epoch": epoch}, entries=[entry])
    identities.join(tx, asked.address, identities.chat_identity(row["id"]), proof="signed_link", by="customer")
    return epoch
