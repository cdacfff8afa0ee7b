"""Copies of an answer by mail: who may get one, and how it leaves.

Contacts are proved, not believed: a copy goes only to another proved mail address of the case that the conversation is about, such as a
joint holder's or a named proxy's while their mandate is there, and only while the answer itself goes to one. Everybody who gets the answer
stands in its head, in the thread and in the conversation's chain. There is no hidden copy: the answer to a complaint is evidence, and a
recipient whom neither the customer nor the record sees would be a leak that the record hides.

Each copy is a delivery of its own, with its own bounce address: one that comes back says nothing of the others. It tells the customer
nothing by itself, so it goes no other way; a person looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from case_store import contacts, conversations, links, outbox, papers
from case_store.audit import Entry
from case_store.contacts import MANDATE
from case_store.conversations import Row, StoredMessage
from case_store.outbox import NewDelivery
from case_store.records import ChannelName
from case_store.store import Transaction

OCCASION: Final = "copy:"
"""What the occasions of copies begin with: `copy:CONVERSATION:NUMBER:ADDRESS`."""
CC: Final = "cc"
"""In a message's `mail` and in payloads: the addresses that get a copy."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may get a copy. `name` where it is known whose address it is, as of a proxy."""

    address: str
    name: str | None
    proof: str


class NoReader(Exception):
    """These may get no copy; `may` says who may."""

    def __init__(self, addresses: Sequence[str], may: Sequence[str]) -> None:
        super().__init__(", ".join(addresses))
        self.addresses = tuple(addresses)
        self.may = tuple(may)


def readers(tx: Transaction, row: Mapping[str, Any]) -> list[Reader]:
    """Who may get a copy of an answer in this conversation; nobody where the answer doesn't go to a proved address of its case by mail."""
    case_id = row["case_id"]
    if row["channel"] != ChannelName.EMAIL or not row["address"] or case_id is None:
        return []
    if row["id"] not in links.told_in(tx, case_id):  # whose conversation it is stands in doubt
        return []
    there = [
        (address, proof)
        for address, kind, proof, bounced_at in contacts.contacts_of(tx, case_id)
        if kind == "email" and proof is not None and bounced_at is None
    ]
    if row["address"] not in dict(there):
        return []
    known = papers.papers_of(tx, case_id)
    others = [(address, proof) for address, proof in there if address != row["address"]]
    return [Reader(address, known.named(address) if proof == MANDATE else None, proof) for address, proof in others]


def checked(tx: Transaction, row: Mapping[str, Any], addresses: Sequence[str]) -> list[str]:
    """The addresses as the case knows them, each once. Raises NoReader."""
    may = [reader.address for reader in readers(tx, row)] if addresses else []
    asked = list(dict.fromkeys(address.strip().lower() for address in addresses))
    barred = [address for address in asked if address not in may]
    if barred:
        raise NoReader(barred, may)
    return asked


def note(tx: Transaction, said: StoredMessage, addresses: Sequence[str], actor: str) -> None:
    """In the conversation's chain: who gets a copy of these words."""
    row = conversations.locked(tx, said.conversation_id)
    told = {"message": said.number, "to": list(addresses)}
    conversations.add_messages(tx, row, [], values={}, entries=[Entry(actor, "copied", told)])


def of_message(said: StoredMessage) -> list[str]:
    return list((said.mail or {}).get(CC, ()))


def queue(tx: Transaction, row: Row, said: StoredMessage, answer: NewDelivery) -> None:
    """The copies of an answer that was queued: the same words under the same head, each to its reader."""
    for address in of_message(said):
        outbox.queue(
            tx,
            NewDelivery(
                occasion=f"{OCCASION}{row['id']}:{said.number}:{address}",
                channel=answer.channel,
                account=answer.account,
                address=address,
                sender=answer.sender,
                conversation_id=row["id"],
                case_id=said.case_id,
                payload={**answer.payload, "to": answer.address},
            ),
        )
