"""What an agent leaves behind who goes, or who from now on only reads: the conversations they answer and the open cases that name them.

A key that was revoked or has expired leaves conversations too. Units over a transaction. Not here: giving any of it to somebody else
(gateway/going.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from case_store import cases as case_units
from case_store.people import Agent
from case_store.records import Owner, Status
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations
from case_store.tables_people import agents, api_keys


@dataclass(frozen=True, slots=True)
class Work:
    """Ids, oldest first."""

    conversations: tuple[str, ...]
    cases: tuple[str, ...]

    @property
    def any(self) -> bool:
        return bool(self.conversations or self.cases)

    @property
    def counted(self) -> dict[str, int]:
        return {"conversations": len(self.conversations), "cases": len(self.cases)}


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation whose agent, or machine, is here no more."""

    conversation_id: str
    holder: str
    username: str
    name: str


def work_of(tx: Transaction, agent: Agent) -> Work:
    c, k = conversations.c, cases.c
    answered = sa.select(c.id).where(c.owner == Owner.AGENT.value, c.agent_id == agent.id).order_by(c.created_at, c.id)
    open_cases = (
        sa.select(k.id)
        .where(k.assignee == agent.username, k.status.in_([Status.DRAFT.value, *case_units.OPEN]))
        .order_by(k.created_at, k.id)
    )
    return Work(tuple(tx.execute(answered).scalars()), tuple(tx.execute(open_cases).scalars()))


def held_by_gone(tx: Transaction, *, holder: str | None = None, limit: int | None = None) -> list[Held]:
    """What keys that open nothing any more and closed accounts hold, one of them or all; the oldest first."""
    gone = _gone(tx)
    if holder is not None:
        gone = {id: named for id, named in gone.items() if id == holder}
    if not gone:
        return []
    c = conversations.c
    held = sa.select(c.id, c.agent_id).where(c.agent_id.in_(list(gone)), c.owner == Owner.AGENT.value)
    rows = tx.execute(held.order_by(c.created_at, c.id).limit(limit))
    return [Held(row.id, row.agent_id, *gone[row.agent_id]) for row in rows]


def _gone(tx: Transaction) -> dict[str, tuple[str, str]]:
    """Username and name by id. They are few, and each is asked for by the index of what it holds."""
    k, a = api_keys.c, agents.c
    over = sa.or_(k.revoked_at.is_not(None), k.expires_at <= tx.now)
    keys = {row.id: (f"key:{row.name}", row.name) for row in tx.execute(sa.select(k.id, k.name).where(over))}
    closed = sa.select(a.id, a.username, a.name).where(a.active.is_(False))
    return keys | {row.id: (row.username, row.name) for row in tx.execute(closed)}


def is_held_by_gone(tx: Transaction) -> bool:
    return bool(held_by_gone(tx, limit=1))
