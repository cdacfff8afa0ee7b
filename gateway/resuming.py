"""Going on with a chat from elsewhere: a signed link, sent to an address that is proved for the chat's case.

The link names the conversation and the address under our signature. Nothing happens until a person presses the button, since mail
programs open links by themselves; using it twice changes nothing. Whoever uses it has read that address's mail, so the chat
and the address are the same customer's from then on. It ends with its age, and where the address is the customer's no more.

Not here: when a link is sent (notifications.py), the page (portal/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from case_store import cases, contacts, conversations, identities
from case_store.audit import Entry
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
    if row is None or row["channel"] != ChannelName.WEBCHAT:
        return None
    for case in cases.of_conversations(tx, [row["id"]]).get(row["id"], ()):
        known = {address: (proof, bounced) for address, _, proof, bounced in contacts.contacts_of(tx, case.id)}
        proof, bounced_at = known.get(asked.address, (None, None))
        if proof is not None and bounced_at is None:
            return case.reference or ""
    return None


def resume(tx: Transaction, asked: Resumption) -> bool:
    """The chat goes on with whoever read this address's mail. False if the link is not valid any more."""
    if reference_of(tx, asked) is None:
        return False
    chat = identities.chat_identity(asked.conversation_id)
    identities.join(tx, asked.address, chat, proof="signed_link", by="customer")
    row = conversations.locked(tx, asked.conversation_id)
    conversations.add_messages(tx, row, [], entries=[Entry("customer", "resumed", {"address": asked.address})])
    return True
