"""Turns: conversations that are due to be answered, claimed with a lease, and let go of.

A conversation in the queue has turns too, for what works in any state; one of an agent's has none.
A turn is committed only if lease, owner and last message are still what they were at the claim; otherwise it never was.

Not here: what is said and what a turn writes (gateway/filing.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from case_store.claiming import taken
from case_store.conversations import Row, StoredMessage, find_locked, locked, unanswered
from case_store.ids import new_id
from case_store.records import Owner
from case_store.store import Transaction
from case_store.tables_conversations import conversations

TURN_LEASE: Final = timedelta(seconds=30)


def push_on(tx: Transaction, id: str, quiet: timedelta) -> None:
    """The customer is typing: wait on, but no longer than the cap allows."""
    row = find_locked(tx, id)
    if row is None or row["speak_at"] is None or row["owner"] == Owner.AGENT or row["lease"] is not None:
        return
    speak_at = min(tx.now + quiet, row["speak_at_latest"] or tx.now + quiet)
    tx.execute(sa.update(conversations).where(conversations.c.id == id).values(speak_at=speak_at))
    tx.wake("turn", id, at=speak_at)


@dataclass(frozen=True, slots=True)
class ClaimedTurn:
    """A conversation leased for one turn, with everything that the customer said since the last."""

    row: Row
    unanswered: tuple[StoredMessage, ...]

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def lease(self) -> str:
        return str(self.row["lease"])


def claim_due(tx: Transaction, limit: int) -> list[ClaimedTurn]:
    """Leases conversations that are due to be answered, the longest due first, with their unanswered messages."""
    asked = {"by": tx.now, "most": limit, "lease_now": new_id(), "until": tx.now + TURN_LEASE}
    rows = tx.execute(_CLAIM, asked).mappings().all()
    said = unanswered(tx, rows)
    return [ClaimedTurn(row, tuple(said.get(row["id"], ()))) for row in rows]


_DUE: Final = (
    sa.select(conversations.c.id)
    .where(conversations.c.speak_at <= sa.bindparam("by"), conversations.c.owner != Owner.AGENT.value)
    .order_by(conversations.c.speak_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_CLAIM: Final = (
    sa.update(conversations)
    .where(conversations.c.id.in_(taken(_DUE)))
    .values(lease=sa.bindparam("lease_now"), speak_at=sa.bindparam("until"))
    .returning(*conversations.c)
)


def still_mine(tx: Transaction, claim: ClaimedTurn) -> Row | None:
    """The row under lock if lease, owner and last message are what they were at the claim; else None: start again."""
    row = locked(tx, claim.id)
    same = all(row[name] == claim.row[name] for name in ("lease", "epoch", "last_message"))
    return row if same and row["owner"] != Owner.AGENT else None


def stumble(tx: Transaction, claim: ClaimedTurn, delay: timedelta) -> None:
    """A turn failed: it is tried once more after `delay`, unless something has happened meanwhile."""
    tx.execute(
        sa.update(conversations)
        .where(conversations.c.id == claim.id, conversations.c.lease == claim.lease)
        .values(lease=None, speak_at=tx.now + delay, stumbles=conversations.c.stumbles + 1)
    )


def begin_again(tx: Transaction, claim: ClaimedTurn) -> None:
    """A notice came between claim and commit: the customer is answered at once, not when the lease has run out."""
    again = sa.update(conversations).where(
        conversations.c.id == claim.id,
        conversations.c.lease == claim.lease,
        conversations.c.owner != Owner.AGENT.value,
    )
    if tx.execute(again.values(lease=None, speak_at=tx.now)).rowcount:
        tx.wake("turn", claim.id)


def nothing_to_say(tx: Transaction, claim: ClaimedTurn) -> None:
    """Lets go of a turn that has nothing to answer."""
    tx.execute(
        sa.update(conversations)
        .where(conversations.c.id == claim.id, conversations.c.lease == claim.lease)
        .values(lease=None, speak_at=None, speak_at_latest=None)
    )


def wait_for_silence(tx: Transaction, id: str, delay: timedelta) -> None:
    """The customer's silence is looked at again after `delay`."""
    tx.execute(sa.update(conversations).where(conversations.c.id == id).values(quiet_at=tx.now + delay))


def fallen_silent(tx: Transaction, limit: int) -> list[Row]:
    """Conversations under lock whose unfinished complaint has waited long enough for its customer."""
    c = conversations.c
    found = sa.select(conversations).where(c.quiet_at <= tx.now).order_by(c.quiet_at).limit(limit)
    return list(tx.execute(found.with_for_update(skip_locked=True)).mappings())
