"""Which addresses are one customer's is forgotten with the last case and the last conversation that names them.

Not here: the contacts of a case and the address of a conversation, which go with these (erasing.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit
from case_store.certificates import Taken, Why, certify
from case_store.identities import CHAT, chat_identity
from case_store.slices import piece_by_piece
from case_store.store import Transaction
from case_store.tables_cases import case_contacts
from case_store.tables_conversations import conversations
from case_store.tables_customers import identities, identity_joins
from case_store.tables_house import NAMING_CUSTOMERS, audit_events

_NAMING: Final[sa.ColumnElement[Any]] = sa.literal_column(NAMING_CUSTOMERS)


def addresses_of(tx: Transaction, case_id: str | None, talks: Sequence[str]) -> set[str]:
    """Where the customer was reached, before it is gone."""
    c, k = conversations.c, case_contacts.c
    found = {chat_identity(id) for id in talks}
    found |= set(tx.execute(sa.select(c.address).where(c.id.in_(list(talks)), c.address.is_not(None))).scalars())
    return found | set(tx.execute(sa.select(k.address).where(k.case_id == case_id)).scalars())


def forget_addresses(tx: Transaction, addresses: Collection[str], why: Why) -> int:
    """Forgets which addresses are one customer's, of those that nothing else names. Answers how many details told of it.

    What was proved to be the same customer's, and stands nowhere else, goes once nothing of theirs is named any more.
    """
    i = identities.c
    whose = sa.select(i.customer).where(i.address.in_(sorted(addresses)))
    joined = set(tx.execute(sa.select(i.address).where(i.customer.in_(whose))).scalars()) | set(addresses)
    going = addresses if _named(tx, joined) else joined
    free = _forget_unused(tx, going)
    return _erase_house_details(tx, free, why) if free else 0


def _forget_unused(tx: Transaction, addresses: Collection[str]) -> set[str]:
    """Takes addresses that no case and no conversation names out of what is known of customers. Answers which."""
    i, j = identities.c, identity_joins.c
    free = set(addresses) - _named(tx, addresses)
    if free:
        tx.execute(sa.delete(identity_joins).where(sa.or_(j.through.in_(sorted(free)), j.address.in_(sorted(free)))))
        tx.execute(sa.delete(identities).where(i.address.in_(sorted(free))))
    return free


def _named(tx: Transaction, addresses: Collection[str]) -> set[str]:
    """Those of the addresses that a case or a conversation names."""
    these, c, known = sorted(addresses), conversations.c, case_contacts.c.address
    used = set(tx.execute(sa.select(known).where(known.in_(these))).scalars())
    used |= set(tx.execute(sa.select(c.address).where(c.address.in_(these))).scalars())
    chats = [one.removeprefix(CHAT) for one in these if one.startswith(CHAT)]
    talking = sa.select(c.id).where(c.id.in_(chats), c.erased_at.is_(None))
    return used | {chat_identity(id) for id in tx.execute(talking).scalars()}


def _erase_house_details(tx: Transaction, addresses: set[str], why: Why) -> int:
    """Of the house's own chain: details that tell that one of these addresses is a customer's. Answers how many."""
    if not _telling(tx, addresses):
        return 0
    audit.lock_house(tx)  # only now: everybody who appends to that chain waits
    telling, e = _telling(tx, addresses), audit_events.c
    for chosen in piece_by_piece(e.number, telling):
        tx.execute(sa.update(audit_events).where(e.chain == audit.HOUSE, chosen).values(detail=None, salt=None))
    if telling:
        certify(tx, "house", "house", audit.HOUSE, why, Taken(Counter(details=len(telling))), whole=False)
    return len(telling)


def _telling(tx: Transaction, addresses: set[str]) -> list[int]:
    e = audit_events.c
    rows = tx.execute(sa.select(e.chain, e.number, e.detail).where(_NAMING))
    return [row.number for row in rows if row.chain == audit.HOUSE and addresses & _texts(row.detail)]


def _texts(detail: Any) -> set[str]:
    if isinstance(detail, str):
        return {detail}
    if isinstance(detail, dict):
        return set().union(*map(_texts, detail.values())) if detail else set()
    return set().union(*map(_texts, detail)) if isinstance(detail, list) and detail else set()
