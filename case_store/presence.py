"""Which agents take conversations by turn, and are there to take them.

Units over a transaction. An agent says in a browser that they take conversations; it holds for that browser's session, as long as it was
seen lately: its live socket notes that again and again. So a session that ends, however it ends, and a laptop that is closed leave nobody
who seems to be there. When somebody was here is nobody's business later: only the last time is kept, and nothing of it in a chain.

Not here: who is chosen (gateway/choosing.py), the socket (gateway/api/live.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store.cases import OPEN
from case_store.records import Owner, Status
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations
from case_store.tables_people import agent_sessions, agents

NOTED_EVERY: Final = timedelta(seconds=20)
"""A browser that takes conversations is noted no more often, however many pages of it are open."""
THERE: Final = timedelta(seconds=75)
"""So long after it was last noted its agent counts as there: two notes of the live socket may be lost."""


BUSY: Final = timedelta(days=14)
"""A conversation of an open case in which nothing has happened for so long keeps nobody busy."""
BUSY_WITHOUT_CASE: Final = timedelta(days=1)
"""Likewise one without a case: nobody says that a talk is over, it just ends."""


@dataclass(frozen=True, slots=True)
class AtWork:
    """How an agent with an open account stands. `load`: conversations that go on, which they answer and have not put off."""

    available: bool
    load: int
    given_at: datetime | None


def say(tx: Transaction, agent_id: str, digest: str, *, takes: bool) -> None:
    """The agent takes conversations in this browser from now on, or takes none any more, in whatever browser."""
    s = agent_sessions.c
    if takes:
        tx.execute(sa.update(agent_sessions).where(s.digest == digest).values(takes_at=tx.now))
        tx.wake("takes", agent_id)
    else:
        send_away(tx, [agent_id])


def send_away(tx: Transaction, agent_ids: list[str]) -> None:
    """They take none any more before they say so again."""
    s = agent_sessions.c
    taking = sa.and_(s.agent_id.in_(agent_ids), s.takes_at.is_not(None))
    tx.execute(sa.update(agent_sessions).where(taking).values(takes_at=None))
    for id in agent_ids:
        tx.wake("takes", id)


def note(tx: Transaction, digest: str) -> None:
    """This browser is still there. Changes nothing for one whose agent takes none, and little more often than it has to."""
    s = agent_sessions.c
    before = tx.now - NOTED_EVERY
    tx.execute(sa.update(agent_sessions).where(s.digest == digest, s.takes_at < before).values(takes_at=tx.now))


def takes(tx: Transaction, agent_id: str) -> bool:
    """Whether the agent has said so, in any browser that is signed in, and has not said otherwise since."""
    s = agent_sessions.c
    said = sa.select(s.digest).where(s.agent_id == agent_id, s.takes_at.is_not(None), s.expires_at > tx.now).limit(1)
    return tx.execute(said).first() is not None


def there(now: datetime, idle: timedelta) -> sa.Select[Any]:
    """Ids of the agents who take conversations and are there: by a session that has not ended and was noted lately."""
    s = agent_sessions.c
    return sa.select(s.agent_id).where(s.takes_at > now - THERE, s.expires_at > now, s.seen_at > now - idle)


def at_work(tx: Transaction, idle: timedelta, *, everybody: bool = False) -> Mapping[str, AtWork]:
    """Who is there, or everybody whose account is open, by id: one statement. Sessions end when they were `idle` for so long."""
    c, k = conversations.c, cases.c
    here = there(tx.now, idle)
    talks = sa.and_(k.id.is_(None), c.updated_at > tx.now - BUSY_WITHOUT_CASE)
    goes_on = sa.and_(c.updated_at > tx.now - BUSY, sa.or_(talks, k.status.in_([Status.DRAFT, *OPEN])))
    in_sight = sa.or_(c.snoozed_until.is_(None), c.snoozed_until <= tx.now)
    load = (
        sa.select(c.agent_id, sa.func.count().label("load"))
        .select_from(conversations.outerjoin(cases, k.id == c.case_id))
        .where(c.owner == Owner.AGENT.value, in_sight, goes_on, *(() if everybody else (c.agent_id.in_(here),)))
        .group_by(c.agent_id)
        .subquery()
    )
    found = tx.execute(
        sa.select(
            agents.c.id,
            agents.c.given_at,
            sa.func.coalesce(load.c.load, 0).label("load"),
            agents.c.id.in_(here).label("available"),
        )
        .outerjoin(load, load.c.agent_id == agents.c.id)
        .where(agents.c.active, *(() if everybody else (agents.c.id.in_(here),)))
    )
    return {row.id: AtWork(bool(row.available), int(row.load), row.given_at) for row in found}
