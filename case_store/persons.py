"""What is held on one person, found by an address of theirs; and orders to erase it.

Units over a transaction. A case is a person's where the address, or one that was proved to be the same customer's, is proved for it as the
customer's own: one that was only typed proves nothing, and a proxy's address leads to no complainant. An address may be shared, by a household
or an office: where the cases that it leads to name more than one person, nothing is chosen until somebody says whose (SeveralPeople).

An order is one row; it is carried out in small units, each of which takes a subject off the list in the transaction that erases it.

Not here: what is taken away (erasing.py), why a case is kept (retention.py), what is handed out (gateway/persons.py).

PersonError
├── SeveralPeople    the address leads to the cases of more than one person
├── Refused          some of the cases must not be erased: `kept`
└── NothingHeld      nothing is held, or nothing that could be erased
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, erasing, forgetting, identities, pages, retention
from case_store.audit import HOUSE, Entry
from case_store.certificates import Why
from case_store.contacts import MANDATE
from case_store.ids import new_id
from case_store.pages import LastSeen
from case_store.retention import Kept
from case_store.search import plain_text
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_conversations, cases
from case_store.tables_conversations import conversations
from case_store.tables_papers import case_parties
from case_store.tables_retention import erasure_orders

RULE: Final = "person"


class PersonError(Exception):
    """Anything that keeps a person's data from being found or erased."""


class SeveralPeople(PersonError):
    """The address leads to the cases of more than one person: `names`, each with the numbers of the cases."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        told = "; ".join(f"{name or '(no name)'}: {', '.join(keys)}" for name, keys in names.items())
        super().__init__(f"this address leads to the cases of more than one person: say whose they are. {told}")
        self.names = {name: list(keys) for name, keys in names.items()}


class Refused(PersonError):
    """Some of the cases must not be erased."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        super().__init__("; ".join(map(str, kept)))
        self.kept = tuple(kept)


class NothingHeld(PersonError):
    """Nothing is held, or nothing that could be erased."""


@dataclass(frozen=True, slots=True)
class PersonsCase:
    id: str
    reference: str | None
    name: str | None
    status: str
    erased: bool

    @property
    def key(self) -> str:
        return self.reference or self.id


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data: `conversations` are ids, each with the case of which alone it may be told, or None for all of it."""

    addresses: tuple[str, ...]
    cases: tuple[PersonsCase, ...]
    conversations: Mapping[str, frozenset[str] | None]
    spoke_for: tuple[str, ...] = ()  # numbers of others' cases in which they are named as a proxy or representative

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.name for one in self.cases if one.name))


def normal(contact: str) -> str:
    """An address as the store keeps it."""
    told = contact.strip()
    return told.lower() if "@" in told else told


def find(tx: Transaction, contact: str, *, names: Collection[str] = (), keys: Collection[str] = ()) -> Person:
    """What is held on whoever has this address. `names` or `keys` say which cases are theirs. Raises SeveralPeople."""
    addresses = identities.addresses_of(tx, normal(contact))
    found = _cases_of(tx, addresses)
    chosen = _chosen(found, names, keys)
    ids = {one.id for one in chosen}
    talks: dict[str, frozenset[str] | None] = _conversations_of(tx, ids)
    if len(chosen) == len(found):  # everything under the address is one person's
        talks |= dict.fromkeys(_without_case(tx, addresses))
    return Person(tuple(sorted(addresses)), chosen, talks, _spoke_for(tx, addresses))


def _cases_of(tx: Transaction, addresses: Collection[str]) -> list[PersonsCase]:
    c, contact = cases.c, case_contacts.c
    theirs = sa.select(contact.case_id).where(
        contact.address.in_(addresses), contact.proof.is_not(None), contact.proof != MANDATE
    )
    found = tx.execute(sa.select(cases).where(c.id.in_(theirs)).order_by(c.received_at, c.id)).mappings()
    return [
        PersonsCase(
            row["id"],
            row["reference"],
            (row["facts"] or {}).get("name") or row["customer"],
            row["status"],
            row["erased_at"] is not None,
        )
        for row in found
    ]


def _chosen(found: list[PersonsCase], names: Collection[str], keys: Collection[str]) -> tuple[PersonsCase, ...]:
    if names or keys:
        wanted = {_plain(name) for name in names}
        return tuple(one for one in found if _plain(one.name) in wanted - {""} or {one.id, one.reference} & set(keys))
    if len({_plain(one.name) for one in found} - {""}) > 1:
        told: dict[str, list[str]] = {}
        for one in found:
            told.setdefault(one.name or "", []).append(one.key)
        raise SeveralPeople(told)
    return tuple(found)


def _plain(name: str | None) -> str:
    return "".join(plain_text(name or "").split())


def _conversations_of(tx: Transaction, ids: Collection[str]) -> dict[str, frozenset[str] | None]:
    """Those of the cases; of one in which another person's case goes on too, only what was said about theirs."""
    if not ids:
        return {}
    linked = case_conversations.c
    own = sa.select(linked.conversation_id).where(linked.case_id.in_(ids), linked.withheld_at.is_(None))
    every = tx.execute(sa.select(linked.conversation_id, linked.case_id).where(linked.conversation_id.in_(own)))
    about: dict[str, set[str]] = {}
    for row in every:
        about.setdefault(row.conversation_id, set()).add(row.case_id)
    return {id: None if these <= set(ids) else frozenset(these & set(ids)) for id, these in sorted(about.items())}


def _without_case(tx: Transaction, addresses: Collection[str]) -> list[str]:
    """Conversations held with one of these addresses, or chats that are the customer's, of which there is no case."""
    c, linked = conversations.c, case_conversations.c
    chats = [address.removeprefix(identities.CHAT) for address in addresses if address.startswith(identities.CHAT)]
    any_case = sa.select(linked.case_id).where(linked.conversation_id == c.id).exists()
    found = sa.select(c.id).where(sa.or_(c.address.in_(addresses), c.id.in_(chats)), ~any_case)
    return list(tx.execute(found.order_by(c.id)).scalars())


def _spoke_for(tx: Transaction, addresses: Collection[str]) -> tuple[str, ...]:
    p = case_parties.c
    found = sa.select(cases.c.reference).join(case_parties, p.case_id == cases.c.id).where(p.contact.in_(addresses))
    return tuple(sorted({key for key in tx.execute(found).scalars() if key}))


@dataclass(frozen=True, slots=True)
class Order:
    """As it stands. `left`: how many subjects are still to be erased."""

    id: str
    cases: tuple[str, ...]
    counts: Mapping[str, int]
    left: int
    reason: str
    ordered_by: str
    even_within_retention: bool
    at: Any
    done_at: Any

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "cases": list(self.cases),
            "counts": dict(self.counts),
            "left": self.left,
            "reason": self.reason,
            "ordered_by": self.ordered_by,
            "even_within_retention": self.even_within_retention,
            "at": self.at.isoformat(),
            "done_at": self.done_at and self.done_at.isoformat(),
        }


def order(
    tx: Transaction,
    person: Person,
    *,
    digest: str,
    reason: str,
    actor: str,
    periods: Mapping[str, int],
    even_within_retention: bool = False,
) -> Order:
    """Orders that all of it be erased. Raises Refused if any of the cases must be kept, and then erases nothing; NothingHeld."""
    left = [one for one in person.cases if not one.erased]
    kept = [why for one in left if (why := retention.kept(tx, one.id, _bound(one, periods, even_within_retention)))]
    if kept:
        raise Refused(kept)
    erased = tx.execute(
        sa.select(conversations.c.id).where(
            conversations.c.id.in_(list(person.conversations)), conversations.c.erased_at.is_not(None)
        )
    )
    gone = set(erased.scalars())
    alone = _without_case(tx, person.addresses)
    talks = [id for id in person.conversations if id not in gone and id in alone]
    if under_way := retention.talking(tx, talks):
        raise Refused(under_way)
    if not left and not talks:
        raise NothingHeld("nothing is held under this address that could be erased")
    id, keys = new_id(), [one.key for one in left]
    subjects = [["case", one.id] for one in left] + [["conversation", talk] for talk in talks]
    subjects.append(["addresses", ""])
    row = {"id": id, "contacts": list(person.addresses), "contact_digest": digest, "reason": reason, "cases": keys}
    told = {"ordered_by": actor, "even_within_retention": even_within_retention, "subjects": subjects, "counts": {}}
    tx.execute(sa.insert(erasure_orders).values(**row, **told, at=tx.now))
    detail = {"order": id, "person": digest, "cases": keys, "conversations": len(talks), "reason": reason}
    if even_within_retention:
        detail["even_within_retention"] = True
    audit.append(tx, HOUSE, Entry(actor, "person_erasure_ordered", detail))
    tx.wake("erasure", id)
    return get(tx, id)


def _bound(one: PersonsCase, periods: Mapping[str, int], even: bool) -> Mapping[str, int] | None:
    """No law asks for a complaint to be kept that was never registered."""
    return None if even or one.reference is None else periods


def get(tx: Transaction, id: str) -> Order:
    """Raises NothingHeld if there is no such order."""
    row = tx.execute(sa.select(erasure_orders).where(erasure_orders.c.id == id)).one_or_none()
    if row is None:
        raise NothingHeld(f"no order has the id {id!r}")
    return _as_order(row)


def orders(tx: Transaction, *, after: LastSeen | None = None, limit: int = 200) -> list[Order]:
    """The last ordered first."""
    o = erasure_orders.c
    found = pages.newest_first(sa.select(erasure_orders), o.at, o.id, after).limit(limit)
    return [_as_order(row) for row in tx.execute(found)]


def _as_order(row: Any) -> Order:
    plain = (row.reason, row.ordered_by, row.even_within_retention, row.at, row.done_at)
    return Order(row.id, tuple(row.cases), dict(row.counts), len(row.subjects), *plain)


def open_orders(tx: Transaction) -> list[str]:
    """Ids of the orders that are to be gone on with, the oldest first."""
    o = erasure_orders.c
    return list(tx.execute(sa.select(o.id).where(o.done_at.is_(None)).order_by(o.at, o.id)).scalars())


def is_open(tx: Transaction, id: str) -> bool:
    o = erasure_orders.c
    return tx.execute(sa.select(o.id).where(o.id == id, o.done_at.is_(None))).first() is not None


def carry_out(tx: Transaction, id: str) -> int:
    """Erases the next subject of an order, and takes it off its list; the last one ends it with a certificate. Answers how many it erased.

    A case that was opened again, or put under a hold, and a conversation in which somebody talks again since it was ordered stay, and
    the certificate says so.
    """
    row = tx.execute(sa.select(erasure_orders).where(erasure_orders.c.id == id).with_for_update()).one()
    if row.done_at is not None:
        return 0
    kind, subject = row.subjects[0]
    counts, why = Counter(row.counts), Why(RULE, row.ordered_by, order=id)
    taken = None
    if kind == "case":
        if retention.kept(tx, subject, None) is not None:
            counts["kept"] += 1
        else:
            taken = erasing.erase_case(tx, subject, why)
            counts["cases"] += taken is not None
    elif kind == "conversation":
        taken = retention.erase_due_conversation(tx, subject, None, why)
        counts["kept"] += bool(retention.talking(tx, [subject]))
    else:
        counts["details"] += forgetting.forget_addresses(tx, row.contacts or (), why)
    if taken is not None:
        counts.update(taken.counts)
    _go_on(tx, row, counts)
    return int(taken is not None)


def _go_on(tx: Transaction, row: Any, counts: Counter[str]) -> None:
    left, told = row.subjects[1:], {name: number for name, number in sorted(counts.items()) if number}
    values: dict[str, Any] = {"subjects": left, "counts": told}
    if not left:
        values |= {"done_at": tx.now, "contacts": None}
        detail = {"order": row.id, "person": row.contact_digest, "cases": list(row.cases), "counts": told}
        audit.append(tx, HOUSE, Entry(row.ordered_by, "person_erased", detail))
    tx.execute(sa.update(erasure_orders).where(erasure_orders.c.id == row.id).values(**values))
