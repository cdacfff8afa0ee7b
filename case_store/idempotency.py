"""Requests that may come twice: the first answer is kept for a day, in the transaction of what it did.

The row of a key is inserted before the effect and filled after it, all in one transaction: the effect without its answer, or
the answer without its effect, can't be, wherever the process is killed. A second request with the same key waits at that
row (or behind the one writer) until the first has ended, and then finds its answer; if the first failed it finds nothing
and goes on itself.

Keys and requests come in as digests: neither what customers wrote nor a password can be read from this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from case_store.store import Transaction
from case_store.tables_house import idempotency

KEPT: Final = timedelta(hours=24)
_PENDING: Final = 0  # a status that no other transaction ever sees


class OtherRequest(Exception):
    """The key was used for another request."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`key` stands for caller, route and the caller's key; `request` for what was asked."""

    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is repeated: a status and a body, as text."""

    status: int
    body: str


def begin(tx: Transaction, claim: Claim) -> Answer | None:
    """Claims the key. The first answer if there is one already; None: do it, then `keep` the answer. Raises OtherRequest."""
    insert = pg_insert if tx.postgresql else sqlite_insert
    row = {"key": claim.key, "request": claim.request, "status": _PENDING, "body": "", "at": tx.now}
    there = idempotency.c
    claiming = insert(idempotency).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(there.key)
    if tx.execute(claiming).first() is not None:
        return None
    kept = tx.execute(sa.select(idempotency).where(there.key == claim.key).with_for_update()).one()
    if kept.at <= tx.now - KEPT:
        tx.execute(sa.update(idempotency).where(there.key == claim.key).values(row))
        return None
    if kept.request != claim.request:
        raise OtherRequest
    return Answer(kept.status, kept.body)


def look(tx: Transaction, claim: Claim) -> Answer | None:
    """The first answer, if the key has one; claims nothing. Raises OtherRequest."""
    kept = tx.execute(sa.select(idempotency).where(idempotency.c.key == claim.key)).one_or_none()
    if kept is None or kept.at <= tx.now - KEPT:
        return None
    if kept.request != claim.request:
        raise OtherRequest
    return Answer(kept.status, kept.body)


def keep(tx: Transaction, claim: Claim, answer: Answer) -> None:
    """The answer that is repeated from now on."""
    tx.execute(
        sa.update(idempotency).where(idempotency.c.key == claim.key).values(status=answer.status, body=answer.body)
    )


def once(tx: Transaction, claim: Claim | None, effect: Callable[[Transaction], Answer]) -> tuple[Answer, bool]:
    """Does it unless it was done; answers the first answer, and whether this is a repeat. Raises OtherRequest."""
    if claim is None:
        return effect(tx), False
    known = begin(tx, claim)
    if known is not None:
        return known, True
    answer = effect(tx)
    keep(tx, claim, answer)
    return answer, False


def sweep(tx: Transaction) -> int:
    """Forgets answers older than a day. Answers how many."""
    return tx.execute(sa.delete(idempotency).where(idempotency.c.at <= tx.now - KEPT)).rowcount
