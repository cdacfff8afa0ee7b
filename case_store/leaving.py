"""What an agent leaves behind who goes, or who from now on only reads: the conversations they answer and the open cases that name them.

Units over a transaction. Not here: giving any of it to somebody else (gateway/api/accounts.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from case_store import cases as case_units
from case_store.people import Agent
from case_store.records import Owner, Status
from case_store.store import Transaction
from case_store.tables import cases, conversations


@dataclass(frozen=True, slots=True)
class Work:
    """Ids, oldest first."""

    conversations: tuple[str, ...]
    cases: tuple[str, ...]

    @property
    def any(self) -> bool:
        return bool(self.conversations or self.cases)


def work_of(tx: Transaction, agent: Agent) -> Work:
    c, k = conversations.c, cases.c
    answered = sa.select(c.id).where(c.owner == Owner.AGENT.value, c.agent_id == agent.id).order_by(c.created_at, c.id)
    open_cases = (
        sa.select(k.id)
        .where(k.assignee == agent.username, k.status.in_([Status.DRAFT.value, *case_units.OPEN]))
        .order_by(k.created_at, k.id)
    )
    return Work(tuple(tx.execute(answered).scalars()), tuple(tx.execute(open_cases).scalars()))
