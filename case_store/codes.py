"""Codes that prove a case is the customer's own: sent to where the case's customer is known, typed in where they are asking.

A code belongs to the conversation and the message that asked for it, so a turn that is run again asks for no second one and
comes to the same result. Only a digest is kept.

Not here: making and sending one, and what a proved customer may see (gateway/proving.py).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from case_store.store import Transaction
from case_store.tables_customers import codes

LASTING: Final = timedelta(minutes=15)
TRIES: Final = 5  # of one code: with six digits, one guess in 200,000 gets through
IN_A_CONVERSATION: Final = 5  # codes an hour
FOR_A_CASE: Final = 5
"""Codes a day: nobody's mailbox is filled, and guessing goes on no longer. Nobody is told that it is reached."""


class Result(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"  # too late, or tried too often: only a new code helps


def was_asked(tx: Transaction, conversation_id: str, message: int) -> bool:
    """Whether this very message has asked for a code before: its turn runs again."""
    c = codes.c
    found = sa.select(c.asked_in).where(c.conversation_id == conversation_id, c.asked_in == message)
    return tx.execute(found).first() is not None


def may_ask(tx: Transaction, conversation_id: str) -> bool:
    """Whether this conversation may ask for another code now. It counts whether or not there is such a case."""
    c = codes.c
    return _count(tx, c.conversation_id == conversation_id, c.at > tx.now - timedelta(hours=1)) < IN_A_CONVERSATION


def may_send(tx: Transaction, case_id: str) -> bool:
    """Whether another code may be sent to this case's customer now. Who asks must not be told: it tells that there is a case."""
    c = codes.c
    return _count(tx, c.case_id == case_id, c.at > tx.now - timedelta(days=1)) < FOR_A_CASE


def _count(tx: Transaction, *where: sa.ColumnElement[bool]) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(codes).where(*where)).scalar_one())


@dataclass(frozen=True, slots=True)
class Proved:
    """What a right code proves: whoever types it reads what is sent to this address of the case."""

    case_id: str
    address: str


def keep(tx: Transaction, conversation_id: str, message: int, proves: Proved | None, digest: str) -> None:
    """A new code for this conversation; an earlier one is worth nothing any more. None: nothing was sent, and nothing is right."""
    c = codes.c
    tx.execute(sa.update(codes).where(c.conversation_id == conversation_id).values(settled=True))
    row: dict[str, Any] = {"conversation_id": conversation_id, "asked_in": message}
    row |= {} if proves is None else {"case_id": proves.case_id, "address": proves.address}
    tx.execute(
        sa.insert(codes).values(**row, digest=digest, expires_at=tx.now + LASTING, tries={}, settled=False, at=tx.now)
    )


def try_code(tx: Transaction, conversation_id: str, message: int, digest: str) -> tuple[Result, Proved | None] | None:
    """What this try comes to, and what a right one proves. None where no code is waited for.

    The same message tried again comes to what it came to before.
    """
    c = codes.c
    newest = sa.select(codes).where(c.conversation_id == conversation_id).order_by(c.asked_in.desc()).limit(1)
    row = tx.execute(newest.with_for_update()).mappings().first()
    if row is None or row["asked_in"] >= message:
        return None
    before = row["tries"].get(str(message))
    if before is not None:
        return Result(before), _proved(row) if before == Result.RIGHT else None
    if row["settled"]:
        return None
    result = _judged(row, digest, tx.now)
    tries = {**row["tries"], str(message): result.value}
    settled = result is not Result.WRONG
    tx.execute(
        sa.update(codes)
        .where(c.conversation_id == conversation_id, c.asked_in == row["asked_in"])
        .values(tries=tries, settled=settled)
    )
    return result, _proved(row) if result is Result.RIGHT else None


def _proved(row: Any) -> Proved:
    return Proved(row["case_id"], row["address"])


def _judged(row: Any, digest: str, now: datetime) -> Result:
    if now > row["expires_at"]:
        return Result.OVER
    # a code for no case was never sent: nothing is right for it, and it wears out like any other
    if row["address"] is not None and hmac.compare_digest(row["digest"], digest):
        return Result.RIGHT
    return Result.OVER if len(row["tries"]) + 1 >= TRIES else Result.WRONG


def forget_old(tx: Transaction, older_than: timedelta = timedelta(days=30)) -> int:
    """Deletes codes that nobody can use any more."""
    return tx.execute(sa.delete(codes).where(codes.c.at < tx.now - older_than)).rowcount
