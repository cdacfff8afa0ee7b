"""How a case's customer may be reached. Contacts are proved, not believed.

An address is proved when the customer wrote from it, confirmed it by a link, or an agent vouched for it; one that was only
typed has no proof and is told no facts. One that bounced is written to no more. A proxy's address is a contact only while
their mandate is there (papers.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import Entry, case_chain
from case_store.records import ChannelName, Sender
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_conversations
from case_store.tables_conversations import conversations, messages
from case_store.tables_papers import case_parties

MANDATE: Final = "mandate"  # proof of a proxy's address: they are told, and are not the customer


@dataclass(frozen=True, slots=True)
class Contact:
    address: str
    kind: str  # email, phone, telegram
    proof: str | None = None  # wrote_from, confirmed, agent, mandate; None: only typed
    bounced_at: datetime | None = None


def kind_of_address(address: str) -> str:
    if address.startswith("telegram:"):
        return "telegram"
    return "email" if "@" in address else "phone"


def add_contact(tx: Transaction, case_id: str, contact: Contact) -> None:
    """A way to reach the customer. A proof, once had, is kept."""
    known = tx.execute(_PROOF, {"of": case_id, "whom": contact.address}).one_or_none()
    if known is None and contact.proof not in _BY_A_PERSON and is_of_a_proxy(tx, case_id, contact.address):
        return  # whose mandate is missing or over: writing to us makes them no contact of the case
    if known is None:
        row = {"case_id": case_id, "address": contact.address, "kind": contact.kind, "proof": contact.proof}
        tx.execute(_ADD, {**row, "at": tx.now})
    elif contact.proof is not None and known.proof is None:
        tx.execute(
            sa.update(case_contacts)
            .where(case_contacts.c.case_id == case_id, case_contacts.c.address == contact.address)
            .values(proof=contact.proof)
        )


def is_of_a_proxy(tx: Transaction, case_id: str, address: str) -> bool:
    """Whether somebody who speaks or has spoken for the complainant of this case has named this address."""
    return tx.execute(_OF_A_PROXY, {"of": case_id, "whom": address}).first() is not None


def proof_of(tx: Transaction, case_id: str, address: str) -> str | None:
    """What has proved this contact of the case; None where nothing has, or it is no contact."""
    proof: str | None = tx.execute(_PROOF, {"of": case_id, "whom": address}).scalar_one_or_none()
    return proof


def prove(tx: Transaction, case_id: str, address: str, proof: str) -> None:
    """This address of the case is the customer's own, by `proof`."""
    c = case_contacts.c
    tx.execute(sa.update(case_contacts).where(c.case_id == case_id, c.address == address).values(proof=proof))
    _give_address(tx, case_id, address)


def _give_address(tx: Transaction, case_id: str, address: str) -> None:
    """Conversations of the case that mail from here opened while nobody could tell whose it was are answered here now."""
    c, linked, m = conversations.c, case_conversations.c, messages.c
    opened = (
        sa.select(c.id, m.mail)
        .join(case_conversations, linked.conversation_id == c.id)
        .join(messages, sa.and_(m.conversation_id == c.id, m.sender == Sender.CUSTOMER.value))
        .where(linked.case_id == case_id, c.channel == ChannelName.EMAIL.value, c.address.is_(None))
    )
    theirs = {row.id for row in tx.execute(opened) if (row.mail or {}).get("from") == address}
    if theirs:
        given = {"address": address, "version": c.version + 1}
        tx.execute(sa.update(conversations).where(c.id.in_(theirs)).values(**given))


def remove(tx: Transaction, case_id: str, address: str) -> None:
    """This address is no way to the customer of the case any more."""
    c = case_contacts.c
    tx.execute(sa.delete(case_contacts).where(c.case_id == case_id, c.address == address))


def own_mail(tx: Transaction, case_id: str) -> list[str]:
    """Mail addresses of the customer's own that are proved and have not bounced, the longest known first. A proxy's is none."""
    return [
        address
        for address, kind, proof, bounced_at in contacts_of(tx, case_id)
        if kind == "email" and proof not in (None, MANDATE) and bounced_at is None
    ]


_ADD: Final = sa.insert(case_contacts)
_PROOF: Final = sa.select(case_contacts.c.proof).where(
    case_contacts.c.case_id == sa.bindparam("of"), case_contacts.c.address == sa.bindparam("whom")
)
_BY_A_PERSON: Final = ("agent", MANDATE)
_OF_A_PROXY: Final = sa.select(case_parties.c.id).where(
    case_parties.c.case_id == sa.bindparam("of"),
    case_parties.c.contact == sa.bindparam("whom"),
    case_parties.c.role == "proxy",
)
_OF_CASE: Final = (
    sa.select(case_contacts.c.address, case_contacts.c.kind, case_contacts.c.proof, case_contacts.c.bounced_at)
    .where(case_contacts.c.case_id == sa.bindparam("of"))
    .order_by(case_contacts.c.at)
)


def contacts_of(tx: Transaction, case_id: str) -> list[tuple[str, str, str | None, datetime | None]]:
    """(address, kind, proof, bounced_at) of each contact, the longest known first."""
    rows = tx.execute(_OF_CASE, {"of": case_id})
    return [(row.address, row.kind, row.proof, row.bounced_at) for row in rows]


def find(tx: Transaction, case_id: str, address: str) -> Contact | None:
    """What is known of this address of the case; None if it is no contact of it."""
    rows = contacts_of(tx, case_id)
    return next((Contact(*row) for row in rows if row[0] == address), None)


def flag_bounced(tx: Transaction, case_id: str, address: str) -> bool:
    """Nothing is written to this address of the case any more. False if it isn't a contact of the case."""
    done = tx.execute(
        sa.update(case_contacts)
        .where(case_contacts.c.case_id == case_id, case_contacts.c.address == address)
        .values(bounced_at=tx.now)
    )
    if done.rowcount:
        audit.append(tx, case_chain(case_id), Entry("system", "bounced", {"address": address}))
        _show_where_written(tx, case_id, address)
    return bool(done.rowcount)


def _show_where_written(tx: Transaction, case_id: str, address: str) -> None:
    """Whoever looks at a conversation held with this address sees at once that nothing arrives there."""
    c = conversations.c
    held = sa.update(conversations).where(c.case_id == case_id, c.address == address)
    for id in sorted(tx.execute(held.values(version=c.version + 1).returning(c.id)).scalars()):
        tx.wake("conversation", id)


def reached_again(tx: Transaction, address: str, case_id: str | None = None) -> None:
    """The customer has written from this address: what is written there arrives again. For one case, or for all that know it."""
    c = case_contacts.c
    flagged = sa.update(case_contacts).where(c.address == address, c.bounced_at.is_not(None))
    of_these = flagged if case_id is None else flagged.where(c.case_id == case_id)
    again = tx.execute(of_these.values(bounced_at=None).returning(c.case_id))
    for id in sorted(again.scalars()):
        audit.append(tx, case_chain(id), Entry("system", "reachable_again", {"address": address}))


def first_mail(tx: Transaction, case_id: str) -> str | None:
    """The first address of the case that is proved and has not bounced."""
    for address, kind, proof, bounced_at in contacts_of(tx, case_id):
        if kind == "email" and proof is not None and bounced_at is None:
            return address
    return None


def with_contact(tx: Transaction, address: str, *, proved: bool = True) -> list[str]:
    """Ids of the cases that know this address, newest first."""
    c = case_contacts.c
    found = sa.select(c.case_id).where(c.address == address).order_by(c.at.desc()).limit(50)
    return list(tx.execute(found.where(c.proof.is_not(None)) if proved else found).scalars())


def is_proved(tx: Transaction, case_id: str, address: str) -> bool:
    """Whether the customer of this case is known to write from this address."""
    c = case_contacts.c
    found = sa.select(c.case_id).where(c.case_id == case_id, c.address == address, c.proof.is_not(None))
    return tx.execute(found).first() is not None
