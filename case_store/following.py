"""Who follows a case, and what is new in it since they looked.

Units over a transaction. Nothing is written when something happens to a case: what is new is read from its chain and from its customer's
words, by whoever follows it. Following gives no right and changes nothing about the case.

Not here: JSON (gateway/api/following.py), calling somebody by name (notes.py).

FollowingError
└── TooMany    they follow as many as one may
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store.records import Facts, Sender
from case_store.store import Transaction
from case_store.tables_cases import case_conversations, cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_desk import case_followers
from case_store.tables_house import audit_events
from case_store.tables_people import agents

MOST: Final = 200
"""Cases that one agent may follow."""
WROTE: Final = "wrote"
"""The news that the customer has written, beside the actions of a case's chain."""


class FollowingError(Exception):
    """Anything that can't be done about following."""


class TooMany(FollowingError):
    """They follow as many as one may."""


@dataclass(frozen=True, slots=True)
class News:
    """The latest that they have not seen: an action of the case's chain with its detail, or `WROTE`."""

    action: str
    at: datetime
    actor: str
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """A case that somebody follows. `news` is None where they have seen everything."""

    case_id: str
    reference: str | None
    customer: str | None
    status: str
    conversations: tuple[str, ...]
    since: datetime
    news: News | None


def follow(tx: Transaction, case_id: str, agent_id: str) -> None:
    """From now on they follow it; what has happened so far is not new to them. Raises TooMany."""
    f = case_followers.c
    theirs = tx.execute(sa.select(f.case_id).where(f.agent_id == agent_id)).scalars().all()
    if case_id in theirs:
        return
    if len(theirs) >= MOST:
        raise TooMany(agent_id)
    values = {"agent_id": agent_id, "case_id": case_id, "since": tx.now, **_seen_now(tx, [case_id])[case_id]}
    tx.execute(sa.insert(case_followers).values(values))
    tx.wake("following", agent_id)


def _seen_now(tx: Transaction, case_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What there is to be seen of these cases, as it is kept."""
    c, link = cases.c, case_conversations.c
    heads = sa.select(c.id, c.audit_number).where(c.id.in_(case_ids))
    seen: dict[str, dict[str, Any]] = {
        row.id: {"seen_event": row.audit_number, "seen_messages": {}} for row in tx.execute(heads)
    }
    said = (
        sa.select(link.case_id, link.conversation_id, conversations.c.last_message)
        .join(conversations, conversations.c.id == link.conversation_id)
        .where(link.case_id.in_(case_ids))
    )
    for row in tx.execute(said):
        seen[row.case_id]["seen_messages"][row.conversation_id] = row.last_message
    return seen


def unfollow(tx: Transaction, case_id: str, agent_id: str) -> None:
    f = case_followers.c
    if tx.execute(sa.delete(case_followers).where(f.agent_id == agent_id, f.case_id == case_id)).rowcount:
        tx.wake("following", agent_id)


def carry_on(tx: Transaction, case_id: str, into_id: str) -> None:
    """Whoever follows the one follows the other too, in which it goes on; what has happened in that so far is not new to them."""
    f = case_followers.c
    there = sa.select(f.agent_id).where(f.case_id == into_id)
    mine = sa.select(f.agent_id).where(f.case_id == case_id, f.agent_id.not_in(there))
    agents_here = tx.execute(mine).scalars().all()
    if not agents_here:
        return
    seen = _seen_now(tx, [into_id])[into_id]
    rows = [{"agent_id": id, "case_id": into_id, "since": tx.now, **seen} for id in agents_here]
    tx.execute(sa.insert(case_followers), rows)
    for id in agents_here:
        tx.wake("following", id)


def followers(tx: Transaction, case_id: str) -> list[tuple[str, str]]:
    """(username, name) of the agents with an open account who follow a case, in the order of their names."""
    a, f = agents.c, case_followers.c
    found = (
        sa.select(a.username, a.name)
        .join(case_followers, f.agent_id == a.id)
        .where(f.case_id == case_id, a.active)
        .order_by(a.name, a.username)
    )
    return [(row.username, row.name) for row in tx.execute(found)]


def see(tx: Transaction, agent_id: str, case_ids: Collection[str]) -> None:
    """They have seen these as they are now; what they don't follow stays as it is."""
    f = case_followers.c
    theirs = sa.select(f.case_id).where(f.agent_id == agent_id, f.case_id.in_(list(case_ids)))
    seen = _seen_now(tx, tx.execute(theirs).scalars().all())
    if not seen:
        return
    rows = [{"agent": agent_id, "case": id, **now} for id, now in seen.items()]
    tx.execute(_SEE, rows)
    tx.wake("following", agent_id)


_SEE: Final = sa.update(case_followers).where(
    case_followers.c.agent_id == sa.bindparam("agent"), case_followers.c.case_id == sa.bindparam("case")
)


def of_agent(tx: Transaction, agent_id: str, actor: str) -> list[Followed]:
    """All that they follow: those with something new first, the latest news first, then by when they began.

    What they did last themselves, as `actor`, is no news to them, nor what happened before it.
    """
    rows = tx.execute(_FOLLOWED, {"agent": agent_id}).all()
    linked: dict[str, dict[str, int]] = {row.id: {} for row in rows}
    for row in tx.execute(_LINKED, {"agent": agent_id}):
        linked[row.case_id][row.conversation_id] = row.last_message
    wrote = _wrote(tx, {row.id: _moved_on(linked[row.id], row.seen_messages) for row in rows})
    found = [_followed(row, tuple(linked[row.id]), wrote.get(row.id), actor) for row in rows]
    return sorted(found, key=_latest_news_first)


def _moved_on(now: Mapping[str, int], seen: Mapping[str, int]) -> dict[str, int]:
    """The conversations that hold more messages than they have seen, with the number of the last that they have."""
    return {id: seen.get(id, 0) for id, last in now.items() if last > seen.get(id, 0)}


def _wrote(tx: Transaction, moved_on: Mapping[str, Mapping[str, int]]) -> dict[str, datetime]:
    """When the customer wrote last what they have not seen, by case."""
    ids = {id for those in moved_on.values() for id in those}
    if not ids:
        return {}
    m = messages.c
    said = (
        sa.select(m.conversation_id, sa.func.max(m.number).label("number"), sa.func.max(m.at).label("at"))
        .where(m.conversation_id.in_(ids), m.sender == Sender.CUSTOMER.value)
        .group_by(m.conversation_id)
    )
    last = {row.conversation_id: (row.number, row.at) for row in tx.execute(said)}
    news = {
        case: [last[id][1] for id, seen in those.items() if id in last and last[id][0] > seen]
        for case, those in moved_on.items()
    }
    return {case: max(times) for case, times in news.items() if times}


def _followed(row: Any, linked: tuple[str, ...], wrote: datetime | None, actor: str) -> Followed:
    happened = None if row.at is None or row.actor == actor else News(row.action, row.at, row.actor, row.detail)
    said = None if wrote is None else News(WROTE, wrote, "customer")
    latest = _more_telling(happened, said)
    customer = Facts.from_json(row.facts).name or row.customer
    return Followed(row.id, row.reference, customer, row.status, linked, row.since, latest)


def _more_telling(happened: News | None, said: News | None) -> News | None:
    """The later of the two, but the customer's words rather than what the bot made of them a moment later."""
    if happened is None or said is None:
        return happened or said
    return said if happened.actor == "bot" or said.at > happened.at else happened


def _latest_news_first(one: Followed) -> tuple[bool, float, str]:
    at = one.news.at if one.news else one.since
    return one.news is None, -at.timestamp(), one.case_id


_f, _c, _e = case_followers.c, cases.c, audit_events.c
_THEIRS: Final = _f.agent_id == sa.bindparam("agent")

_FOLLOWED: Final = (  # with the head of its chain, if they have not seen it
    sa.select(
        *(_c.id, _c.reference, _c.facts, _c.customer, _c.status),
        *(_f.since, _f.seen_messages),
        *(_e.action, _e.at, _e.actor, _e.detail),
    )
    .join(case_followers, _f.case_id == _c.id)
    .outerjoin(
        audit_events,
        sa.and_(_e.chain == "case:" + _c.id, _e.number == _c.audit_number, _c.audit_number > _f.seen_event),
    )
    .where(_THEIRS)
)
_LINKED: Final = (  # of a conversation that is withheld nobody knows whose words it holds
    sa.select(case_conversations.c.case_id, case_conversations.c.conversation_id, conversations.c.last_message)
    .join(case_followers, _f.case_id == case_conversations.c.case_id)
    .join(conversations, conversations.c.id == case_conversations.c.conversation_id)
    .where(_THEIRS, case_conversations.c.withheld_at.is_(None))
    .order_by(case_conversations.c.at)
)
