"""An agent's decision that somebody is the customer of a case, and taking it back.

A conversation that stands apart (a stranger's mail that names a case, a chat, a call) is linked to the case; whoever it is held with
becomes the case's contact by the agent's word, and the same customer. What was decided and why stands in the audit of both.

Not here: proof by the customer (proving.py, resuming.py, confirmation.py).

JoiningError
├── NobodyToJoin        the case has no identity, or the conversation no address
└── NoSuchIdentity      the address is none of this customer's
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases, contacts, conversations, identities, links, papers, parting
from case_store.audit import Entry
from case_store.case_record import CaseRecord
from case_store.contacts import Contact
from case_store.identities import FIRST, Identity
from case_store.records import ChannelName
from case_store.store import Transaction
from case_store.tables_arrivals import events
from case_store.tables_cases import case_contacts

MOST_CASES: Final = 50
MOST_MAYBE: Final = 20


class JoiningError(Exception):
    """What can't be joined or parted, in a sentence."""


class NobodyToJoin(JoiningError):
    pass


class NoSuchIdentity(JoiningError, LookupError):
    pass


@dataclass(frozen=True, slots=True)
class Customer:
    """Who a case's customer is, as far as it was proved: identities, the other cases that are theirs, and who has named this one.

    `maybe`: cases that name one of this case's addresses without proof on either side, each with the address.
    """

    identities: tuple[Identity, ...]
    cases: tuple[CaseRecord, ...]
    strangers: tuple[dict[str, Any], ...]
    maybe: tuple[tuple[CaseRecord, str], ...] = ()


def customer_of(tx: Transaction, case: CaseRecord) -> Customer:
    known: dict[str, Identity] = {}
    for address in _own_addresses(tx, case):
        for identity in identities.of_customer(tx, address):
            known.setdefault(identity.address, identity)
    addresses = frozenset(known) | frozenset(_own_addresses(tx, case))
    others = [id for id in identities.cases_of(tx, addresses, limit=MOST_CASES) if id != case.id]
    return Customer(
        tuple(sorted(known.values(), key=lambda one: (one.proof != FIRST, one.at, one.address))),
        tuple(cases.of_ids(tx, others)),
        tuple(_strangers(tx, case)),
        tuple(_maybe(tx, case, addresses, {case.id, *others})),
    )


def _maybe(tx: Transaction, case: CaseRecord, own: frozenset[str], known: set[str]) -> list[tuple[CaseRecord, str]]:
    """Cases beside those that are known to be the customer's that name the same address: nobody has proved that they are."""
    c = case_contacts.c
    named = {address for address, _, proof, _ in contacts.contacts_of(tx, case.id) if proof != contacts.MANDATE} | own
    found = (
        sa.select(c.case_id, sa.func.min(c.address).label("address"), sa.func.max(c.at).label("newest"))
        .where(c.address.in_(named), c.case_id.not_in(known), sa.or_(c.proof.is_(None), c.proof != contacts.MANDATE))
        .group_by(c.case_id)
        .order_by(sa.desc("newest"))
        .limit(MOST_MAYBE)
    )
    by_case = {row.case_id: row.address for row in tx.execute(found)}
    return [(one, by_case[one.id]) for one in cases.of_ids(tx, list(by_case))]


def _own_addresses(tx: Transaction, case: CaseRecord) -> list[str]:
    """The customer's own identities that the case itself has proved, contacts first. A proxy's is none of them."""
    known = contacts.contacts_of(tx, case.id)
    proved = [address for address, _, proof, _ in known if proof not in (None, contacts.MANDATE)]
    told_in = links.told_in(tx, case.id)
    rows = [conversations.find(tx, id) for id in case.conversations if id in told_in]
    chats = [identities.identity_of(row) for row in rows if row is not None and row["channel"] == ChannelName.WEBCHAT]
    return list(dict.fromkeys([*proved, *chats]))


def _strangers(tx: Transaction, case: CaseRecord) -> list[dict[str, Any]]:
    """Conversations of which nobody has said whose they are: who told the case, or has named it without being its customer."""
    doubtful = links.withheld(tx, case.id)
    seen: dict[str, dict[str, Any]] = {
        row["id"]: {
            "conversation": row["id"],
            "sender": row["address"] or row["customer"] or row["channel"],
            "at": row["withheld_at"],
            "subject": row["subject"],
        }
        for row in doubtful
    }
    e = events.c
    found = sa.select(e.conversation_id, e.detail, e.at).where(e.case_id == case.id, e.kind == "stranger")
    for row in tx.execute(found.order_by(e.at.desc()).limit(50)):
        conversation = row.detail.get("conversation")
        if conversation and conversation not in case.conversations:
            told = {"conversation": conversation, "sender": row.detail.get("sender"), "at": row.at}
            seen.setdefault(conversation, {**told, "subject": row.detail.get("subject")})
    return list(seen.values())


def join(tx: Transaction, case: CaseRecord, conversation_id: str, *, by: str, reason: str) -> None:
    """Whoever this conversation is held with is the case's customer. Raises NobodyToJoin, or conversations.NoSuchConversation.

    A proxy is nobody's customer: they are told by their mandate, while it lasts.
    """
    row = conversations.locked(tx, conversation_id)
    known, here = _own_addresses(tx, case), identities.identity_of(row)
    if row["channel"] not in (ChannelName.WEBCHAT, ChannelName.PHONE) and not row["address"]:
        raise NobodyToJoin("this conversation has no sender who could be anybody's identity")
    if papers.papers_of(tx, case.id).named(here) is not None:
        raise NobodyToJoin(f"{here} is the proxy's; end the proxy first if it is the complainant's own")
    if row["address"]:
        contacts.add_contact(tx, case.id, Contact(here, contacts.kind_of_address(here), "agent"))
    for address in known[:1]:
        identities.join(tx, address, here, proof="agent", by=by)
    if not cases.link_conversation(tx, case.id, conversation_id, linked_by=by[:80], reason="same_customer"):
        parting.give_back(tx, case.id, conversations.locked(tx, conversation_id), by=by, reason="same_customer")
    told = {"conversation": conversation_id, "address": here, "reason": reason}
    cases.note_change(tx, case.id, Entry(by, "customer_joined", told))
    values = {"case_id": case.id} if row["case_id"] is None else {}
    entry = Entry(by, "customer_joined", {"case": case.reference or case.id, "reason": reason})
    conversations.add_messages(tx, conversations.locked(tx, conversation_id), [], values=values, entries=[entry])


def part(tx: Transaction, case: CaseRecord, address: str, *, by: str, reason: str) -> None:
    """This address is not the customer's after all: what the joining gave it, and whoever came through it, is undone.

    What they have told in conversations stays in the record. A person looks at those from now on. Raises NoSuchIdentity.
    """
    if address not in {identity.address for identity in customer_of(tx, case).identities}:
        raise NoSuchIdentity(f"{address} was never joined with this case's customer")
    parting.part(tx, case.id, address, by=by, reason=reason)
    cases.note_change(tx, case.id, Entry(by, "customer_parted", {"address": address, "reason": reason}))
