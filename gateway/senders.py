"""What becomes of a mail by the verdict on its sender.

Contacts are proved, not believed. A mail whose sender's domain says how its mail is known, and which is not known so (`fail`),
may be anybody's: it joins no conversation and proves no contact, whatever address, token or number it names. It is stored apart;
whom it says it is from counts as typed, not written from: should it be a complaint, that address gets the reference number and a
link to confirm itself, no facts; should it be none, nothing is sent at all, or the house would answer every forger's victims.

A verdict that says nothing (no policy published, not looked up, handed in locally) leaves everything as it is without one.

Not here: how the verdict is found (channels/email/authenticity.py), where the others go (routing.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from case_store import contacts, conversations, ownership, tasks
from case_store.contacts import Contact
from case_store.conversations import Row, StoredMessage
from case_store.records import ChannelName, Owner
from case_store.store import Transaction

FAILS: Final = "fail"


def is_doubted(verdict: Mapping[str, Any]) -> bool:
    return verdict.get("result") == FAILS


def has_no_way_back(row: Row) -> bool:
    """A conversation by mail with nobody who could be answered: what the bot would say, it doesn't."""
    return row["channel"] == ChannelName.EMAIL and not row["address"]


def claimed_sender(said: Sequence[StoredMessage]) -> str | None:
    """Whom a mail says it is from, proved or not."""
    return next((one.mail["from"] for one in said if one.mail and one.mail.get("from")), None)


def take_as_typed(tx: Transaction, row: Row, case_id: str, said: Sequence[StoredMessage]) -> None:
    """The sender of a doubted mail becomes a contact that is still to be confirmed, and a person looks."""
    address = claimed_sender(said)
    if not address:
        return
    contacts.add_contact(tx, case_id, Contact(address, contacts.kind_of_address(address)))
    ask_to_look(tx, "sender_doubted", row["id"], case_id)


def ask_to_look(tx: Transaction, words: str, conversation_id: str, case_id: str | None = None) -> None:
    tasks.add(
        tx,
        occasion=f"{words}:{conversation_id}",
        kind="look",
        words=words,
        case_id=case_id,
        conversation_id=conversation_id,
    )


def call_person(tx: Transaction, conversation_id: str | None, reason: str) -> None:
    """The conversation waits for a person, if it is still the bot's."""
    row = conversations.find_locked(tx, conversation_id) if conversation_id else None
    if row is not None and row["owner"] == Owner.BOT and row["erased_at"] is None:
        values = ownership.queue_for_person(tx, row, reason)
        conversations.add_messages(tx, row, [], values=values)


def note_how_it_was_read(
    tx: Transaction, notes: Mapping[str, Any], text: str, conversation_id: str, case_id: str | None
) -> None:
    """A mail that only its recipient's key opens, or an invitation, is for a person: no machine makes anything of it."""
    if "sealed" in notes:
        ask_to_look(tx, "mail_sealed", conversation_id, case_id)
        if not text.strip():
            call_person(tx, conversation_id, "mail_sealed")
    if "invitation" in notes:
        call_person(tx, conversation_id, "invitation")
    if "parts_not_read" in notes:
        ask_to_look(tx, "parts_not_read", conversation_id, case_id)
