"""Who is the same customer: addresses joined by proof, never by resemblance.

An identity is an address on a channel: a mail address in lower case, a number in E.164, `telegram:ID`, `chat:CONVERSATION`. One
that was never joined stands for itself and has no row. Joining needs a proof (a signed link opened, a code sent to one and typed
in the other, an address confirmed, an agent's decision) and can be taken back by an agent; both stand in the house's audit chain.
What was joined through what is kept: taking one back takes back whoever came through it. A chat is whoever holds its session.
An address that only a mandate proves is a proxy's: it makes nobody the customer but whoever writes from it.

Not here: how something is proved (gateway/proving.py, gateway/confirmation.py), which addresses a case has (contacts.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import HOUSE, Entry
from case_store.contacts import MANDATE
from case_store.conversations import Row
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_cases import case_contacts
from case_store.tables_customers import identities, identity_joins

CHAT: Final = "chat:"
FIRST: Final = "first"  # the proof of an identity that others were joined to
PROOFS: Final = ("signed_link", "code", "confirmed", "agent")


_ONE_AT_A_TIME: Final = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('identities', 0))")


@dataclass(frozen=True, slots=True)
class Identity:
    address: str
    proof: str
    joined_by: str
    at: datetime


def chat_identity(conversation_id: str) -> str:
    """A chat's customer is whoever holds its session."""
    return f"{CHAT}{conversation_id}"


def identity_of(row: Row) -> str:
    """Who a conversation is held with: the address where there is one, else whoever holds the chat."""
    address: str | None = row["address"]
    return address or chat_identity(row["id"])


def of_customer(tx: Transaction, address: str) -> list[Identity]:
    """All identities of whoever this address belongs to, the first known first; empty if it was never joined."""
    i = identities.c
    whose = sa.select(i.customer).where(i.address == address).scalar_subquery()
    found = sa.select(i.address, i.proof, i.joined_by, i.at).where(i.customer == whose).order_by(i.at, i.address)
    return [Identity(**row._mapping) for row in tx.execute(found)]


def addresses_of(tx: Transaction, address: str) -> frozenset[str]:
    """The address itself and all that were joined with it."""
    return frozenset({address, *(identity.address for identity in of_customer(tx, address))})


def join(tx: Transaction, one: str, other: str, *, proof: str, by: str) -> bool:
    """Says that `other` belongs to the customer of `one`, with everything that either was joined with. False if that was known."""
    if proof not in PROOFS:
        raise ValueError(f"identities are joined by {', '.join(PROOFS)}, not by {proof!r}")
    if one == other:
        return False
    if tx.postgresql:  # one that joins to a customer who is being merged into another would be left behind
        tx.execute(_ONE_AT_A_TIME)
    known = _known(tx, one, other)
    _keep_way(tx, one, other, proof=proof, by=by)
    if len(known) == 2 and known[one] == known[other]:
        return False
    customer = known.get(one) or known.get(other) or new_id()
    for address in (one, other):
        if address not in known:
            told = proof if known or address == other else FIRST
            row = {"address": address, "customer": customer, "proof": told, "joined_by": by[:80], "at": tx.now}
            tx.execute(sa.insert(identities), row)
    merged = known.get(other)
    if merged is not None and merged != customer:
        tx.execute(sa.update(identities).where(identities.c.customer == merged).values(customer=customer))
    audit.append(tx, HOUSE, Entry(by, "identities_joined", {"one": one, "other": other, "proof": proof}))
    return True


def _keep_way(tx: Transaction, through: str, address: str, *, proof: str, by: str) -> None:
    j = identity_joins.c
    known = sa.select(j.address).where(j.through == through, j.address == address)
    if tx.execute(known).first() is None:
        row = {"through": through, "address": address, "proof": proof, "joined_by": by[:80], "at": tx.now}
        tx.execute(sa.insert(identity_joins), row)


def part(tx: Transaction, address: str, *, by: str, reason: str) -> tuple[frozenset[str], frozenset[str]]:
    """Takes an identity away from its customer, with all that came through it and through nothing else.

    Answers those who went, the address among them, and those who stayed; nobody stayed where it stood alone. Those who went stay
    joined with each other, as they were proved to be.
    """
    if tx.postgresql:
        tx.execute(_ONE_AT_A_TIME)
    whole = addresses_of(tx, address)
    j = identity_joins.c
    found = sa.select(j.through, j.address).where(sa.or_(j.through.in_(whole), j.address.in_(whole)))
    ways = {(row.through, row.address) for row in tx.execute(found)}
    gone = _came_through(address, ways)
    rest = whole - gone
    for through, to in ways:
        if (through in gone) != (to in gone):
            tx.execute(sa.delete(identity_joins).where(j.through == through, j.address == to))
    if rest:
        ways = {way for way in ways if (way[0] in gone) == (way[1] in gone)}
        _regroup(tx, whole, ways)
        detail = {"address": address, "reason": reason, "with": sorted(gone - {address})}
        audit.append(tx, HOUSE, Entry(by, "identity_parted", detail))
    return gone, rest


def _came_through(address: str, ways: set[tuple[str, str]]) -> frozenset[str]:
    """The address, and what was joined to it or to such, without what was joined elsewhere too."""
    gone, found = {address}, {address}
    while found:
        found = {to for through, to in ways if through in gone} - gone
        gone |= found
    while True:
        elsewhere = {to for through, to in ways if to in gone and through not in gone} - {address}
        if not elsewhere:
            return frozenset(gone)
        gone -= elsewhere


def _regroup(tx: Transaction, addresses: frozenset[str], ways: set[tuple[str, str]]) -> None:
    """These are the same customers' as far as the ways between them lead; who is joined with nobody has no row."""
    left = set(addresses)
    while left:
        group = {min(left)}
        while True:
            near = {end for way in ways if group & set(way) for end in way} - group
            if not near:
                break
            group |= near
        left -= group
        here = identities.c.address.in_(group)
        if len(group) == 1:
            tx.execute(sa.delete(identities).where(here))
        else:
            tx.execute(sa.update(identities).where(here).values(customer=new_id()))


def _known(tx: Transaction, one: str, other: str) -> dict[str, str]:
    i = identities.c
    rows = tx.execute(sa.select(i.address, i.customer).where(i.address.in_((one, other))))
    return {row.address: row.customer for row in rows}


def is_customer_of(tx: Transaction, case_id: str, address: str) -> bool:
    """Whether this address is proved for the case, or one that is the same customer's is proved to be that customer's own."""
    c = case_contacts.c
    i, same = identities.alias("known"), identities.alias("same")
    joined = (
        sa.select(same.c.address)
        .join(i, i.c.customer == same.c.customer)
        .where(i.c.address == address)
        .scalar_subquery()
    )
    own = sa.and_(c.address.in_(joined), c.proof != MANDATE)
    found = sa.select(c.case_id).where(c.case_id == case_id, c.proof.is_not(None), sa.or_(c.address == address, own))
    return tx.execute(found).first() is not None


def cases_of(tx: Transaction, addresses: frozenset[str], *, limit: int = 50) -> list[str]:
    """Ids of the cases for which one of these addresses is proved to be the customer's, newest first."""
    c = case_contacts.c
    found = (
        sa.select(c.case_id, sa.func.max(c.at).label("newest"))
        .where(c.address.in_(addresses), c.proof != MANDATE)
        .group_by(c.case_id)
        .order_by(sa.desc("newest"))
        .limit(limit)
    )
    return [row.case_id for row in tx.execute(found)]
