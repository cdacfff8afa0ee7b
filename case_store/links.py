"""Whether a case is told of in the conversations that are linked to it, and taking a link back.

A conversation in which a case was told by its customer stays linked to it for good: it is what was said. Whose it is may come into
doubt all the same; then the link is withheld: nothing of the case is told there, until an agent says whose it is. A conversation
that came to a case by a proof (a code, a known address, an agent's decision) loses its link with the proof.

Not here: linking (cases.py), what makes a link doubtful (parting.py, papers.py).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, identities
from case_store.audit import Entry, case_chain
from case_store.conversations import Row
from case_store.store import Transaction
from case_store.tables_cases import case_conversations
from case_store.tables_conversations import conversations

TOLD_THERE: Final = ("first_complaint", "another_complaint", "form", "entered", "call", "handed_in")
"""Reasons of links that no proof has made: the case was told in the conversation, or handed in to it."""


def told_in(tx: Transaction, case_id: str) -> frozenset[str]:
    """Ids of the conversations in which the case may be told of."""
    c = case_conversations.c
    found = sa.select(c.conversation_id).where(c.case_id == case_id, c.withheld_at.is_(None))
    return frozenset(tx.execute(found).scalars())


def withheld(tx: Transaction, case_id: str) -> list[Row]:
    """(id, channel, address, customer, subject, withheld_at) of the conversations of which nobody has said whose they are."""
    c, link = conversations.c, case_conversations.c
    found = (
        sa.select(c.id, c.channel, c.address, c.customer, c.subject, link.withheld_at)
        .join(case_conversations, link.conversation_id == c.id)
        .where(link.case_id == case_id, link.withheld_at.is_not(None))
        .order_by(link.at)
    )
    return list(tx.execute(found).mappings())


def reason_of(tx: Transaction, case_id: str, conversation_id: str) -> str | None:
    """Why the two are linked; None if they are not."""
    found = sa.select(case_conversations.c.reason).where(*_this(case_id, conversation_id))
    reason: str | None = tx.execute(found).scalar_one_or_none()
    return reason


def is_withheld(tx: Transaction, case_id: str, conversation_id: str) -> bool:
    c = case_conversations.c
    found = sa.select(c.case_id).where(*_this(case_id, conversation_id), c.withheld_at.is_not(None))
    return tx.execute(found).first() is not None


def held_with(tx: Transaction, case_id: str, addresses: Collection[str]) -> list[tuple[Row, str]]:
    """Conversations of the case that are held with one of these identities, under lock, each with the reason of its link."""
    link = case_conversations.c
    found = (
        sa.select(conversations, link.reason.label("linked_for"))
        .join(case_conversations, link.conversation_id == conversations.c.id)
        .where(link.case_id == case_id)
        .order_by(conversations.c.id)
        .with_for_update(of=conversations)
    )
    rows = tx.execute(found).mappings()
    return [(row, row["linked_for"]) for row in rows if identities.identity_of(row) in addresses]


def withhold(tx: Transaction, case_id: str, conversation_id: str, *, by: str, reason: str) -> None:
    _set(tx, case_id, conversation_id, withheld_at=tx.now)
    _note(tx, case_id, by, "link_withheld", conversation_id, reason)


def release(tx: Transaction, case_id: str, conversation_id: str, *, by: str, reason: str) -> bool:
    """It is known whose this conversation is: the case is told of in it again. False if that was not in doubt."""
    if not is_withheld(tx, case_id, conversation_id):
        return False
    _set(tx, case_id, conversation_id, withheld_at=None)
    _note(tx, case_id, by, "link_released", conversation_id, reason)
    return True


def unlink(tx: Transaction, case_id: str, conversation_id: str, *, by: str, reason: str) -> None:
    """The conversation has nothing to do with the case any more; what was said in it stands in both audits."""
    tx.execute(sa.delete(case_conversations).where(*_this(case_id, conversation_id)))
    _note(tx, case_id, by, "unlinked", conversation_id, reason)


def _this(case_id: str, conversation_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    c = case_conversations.c
    return c.case_id == case_id, c.conversation_id == conversation_id


def _set(tx: Transaction, case_id: str, conversation_id: str, **values: Any) -> None:
    tx.execute(sa.update(case_conversations).where(*_this(case_id, conversation_id)).values(**values))


def _note(tx: Transaction, case_id: str, by: str, action: str, conversation_id: str, reason: str) -> None:
    audit.append(tx, case_chain(case_id), Entry(by, action, {"conversation": conversation_id, "reason": reason}))
