"""Drawing a quality sample: which finished cases could be drawn, and a choice among them that anybody can make again (handbook 8.1.4).

Units over a transaction. The choice is no draw of a machine's dice: cases are put in the order of a digest of the sample's seed and their id,
and the first are taken. Seed and pool are kept with the sample, and their digest stands in the chain of the house: whoever doubts that
nobody picked favourites reckons it again.

Not here: who may draw and how many (gateway/api/quality.py), the score sheets (quality.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import HOUSE, Entry
from case_store.ids import new_id
from case_store.records import Sender, Status
from case_store.store import Transaction
from case_store.tables_cases import case_conversations, cases
from case_store.tables_conversations import messages
from case_store.tables_house import audit_events
from case_store.tables_people import agents
from case_store.tables_quality import quality_samples, quality_sheets

FINISHED: Final = (Status.RESOLVED.value, Status.CLOSED.value)
LARGEST_POOL: Final = 50_000


class PoolTooLarge(Exception):
    """More cases than a pool holds were finished in the period: narrow it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is drawn from: cases finished from `since` until before `until`. None means any."""

    since: datetime
    until: datetime
    count: int
    agent: str | None = None  # username of the handler
    channel: str | None = None
    category: str | None = None

    def to_json(self) -> dict[str, Any]:
        period = {"from": self.since.isoformat(), "until": self.until.isoformat(), "count": self.count}
        return period | {"agent": self.agent, "channel": self.channel, "category": self.category}


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished case as far as drawing minds. `handler`: the agent who has it, else whoever answered most in it."""

    id: str
    channel: str
    category: str
    finished_at: datetime
    registered_at: datetime | None
    due_at: datetime | None
    handler: str | None
    involved: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pool:
    able: Mapping[str, Finished]
    left_out: Mapping[str, int] = field(default_factory=dict)


def in_order(ids: Iterable[str], seed: str) -> list[str]:
    """The order in which cases of a pool are drawn: by nothing but their id and the seed."""
    return sorted(ids, key=lambda id: (hashlib.sha256(f"{seed}:{id}".encode()).hexdigest(), id))


def digest_of(ids: Iterable[str]) -> str:
    return hashlib.sha256(",".join(sorted(ids)).encode()).hexdigest()


def draw(
    tx: Transaction, wish: Wish, found: Sequence[Finished], *, seed: str, quarter: str, by: str, name: str, actor: str
) -> tuple[str, list[str]]:
    """Draws a sample of what was `found` before, in a reading: of a year it takes longer than anybody who writes should wait.

    Answers its id, and the cases in the order in which they were drawn. Raises PoolTooLarge.
    """
    id = new_id()
    audit.lock_house(tx)  # two who draw at once: the second sees what the first has drawn
    pool = pool_of(tx, found, quarter=quarter, by=by)
    drawn = in_order(pool.able, seed)[: wish.count]
    told = {
        **wish.to_json(),
        "sample": id,
        "seed": seed,
        "pool_size": len(pool.able),
        "pool_sha256": digest_of(pool.able),
        "drawn": drawn,
    }
    audit.append(tx, HOUSE, Entry(actor, "quality_drawn", told))
    sample = {"id": id, "drawn_by": by, "drawn_by_name": name, "at": tx.now, "quarter": quarter, "seed": seed}
    kept = {"chosen": wish.to_json(), "pool": ",".join(sorted(pool.able)), "pool_size": len(pool.able)}
    tx.execute(sa.insert(quality_samples).values(**sample, **kept, left_out=dict(pool.left_out)))
    known = measured(tx, [pool.able[case] for case in drawn])
    rows = [_sheet(tx, id, place, pool.able[case], quarter, known[case]) for place, case in enumerate(drawn, 1)]
    if rows:
        tx.execute(sa.insert(quality_sheets), rows)
    return id, drawn


def _sheet(
    tx: Transaction, sample: str, place: int, case: Finished, quarter: str, facts: Mapping[str, Any]
) -> dict[str, Any]:
    about = {"case_id": case.id, "handler": case.handler, "channel": case.channel, "category": case.category}
    begun = {"version": 1, "state": "drawn", "grades": {}, "created_at": tx.now, "updated_at": tx.now}
    kept = {"id": new_id(), "sample_id": sample, "place": place, "quarter": quarter, "measured": dict(facts)}
    return {**kept, **about, **begun}


def pool_of(tx: Transaction, found: Sequence[Finished], *, quarter: str, by: str) -> Pool:
    """What could be drawn, and how many finished cases could not be, each for the first reason that holds."""
    if len(found) > LARGEST_POOL:
        raise PoolTooLarge
    drawn = set(tx.execute(_DRAWN, {"in": quarter}).scalars())
    able: dict[str, Finished] = {}
    left_out = dict.fromkeys(("by_nobody", "own", "drawn"), 0)
    for one in found:
        reason = _why_not(one, by, drawn)
        if reason is None:
            able[one.id] = one
        else:
            left_out[reason] += 1
    return Pool(able, left_out)


def _why_not(one: Finished, by: str, drawn: set[str]) -> str | None:
    if one.handler is None:
        return "by_nobody"
    if by in one.involved:
        return "own"
    return "drawn" if one.id in drawn else None


_DRAWN: Final = sa.select(quality_sheets.c.case_id).where(quality_sheets.c.quarter == sa.bindparam("in"))


def finished(tx: Transaction, wish: Wish) -> list[Finished]:
    """Registered cases that were finished in the period and still are: two statements. Of those merged into another, the other counts."""
    rows = tx.execute(_finished(wish).limit(LARGEST_POOL + 1)).all()
    if not rows:
        return []
    answered = _answered(tx, wish)
    people = {row.id: row for row in tx.execute(sa.select(agents.c.id, agents.c.username))}
    by_name = {row.username: row.id for row in people.values()}
    found = []
    for row in rows:
        own = row.assignee if row.assignee in people else by_name.get(row.assignee or "")
        most = answered.get(row.id, {})
        handled = bool(most) or bool(row.by_person)
        first = own or max(most, key=lambda id: (most[id], id), default=None)
        handler = first if handled else None
        if wish.agent is not None and (handler is None or people[handler].username != wish.agent):
            continue
        involved = frozenset([*most, *([own] if own else [])])
        when = (row.finished_at, row.registered_at, row.feedback_due_at)
        found.append(Finished(row.id, row.channel, row.category, *when, handler, involved))
    return found


def _narrowed(wish: Wish) -> list[Any]:
    c = cases.c
    where: list[Any] = [c.status.in_(FINISHED), c.reference.is_not(None), c.merged_into.is_(None)]
    where.append(c.updated_at >= wish.since)  # whoever was finished later has changed later
    where += [c[name] == value for name in ("channel", "category") if (value := getattr(wish, name)) is not None]
    return where


def _finished(wish: Wish) -> sa.Select[Any]:
    c, e = cases.c, audit_events.c
    ends = sa.and_(
        e.chain == sa.literal("case:") + c.id,
        e.action == "changed",
        e.detail["status"]["to"].as_string().in_(FINISHED),
    )
    at = sa.func.coalesce(sa.func.max(e.at), c.updated_at, type_=c.updated_at.type)
    by_person = sa.func.max(sa.case((e.actor.like("agent:%"), 1), else_=0))
    return (
        sa.select(
            *(c.id, c.channel, c.category, c.assignee, c.registered_at, c.feedback_due_at),
            at.label("finished_at"),
            by_person.label("by_person"),
        )
        .outerjoin(audit_events, ends)
        .where(*_narrowed(wish))
        .group_by(c.id)
        .having(at >= sa.literal(wish.since, c.updated_at.type), at < sa.literal(wish.until, c.updated_at.type))
        .order_by(c.id)
    )


def _answered(tx: Transaction, wish: Wish) -> dict[str, dict[str, int]]:
    """How many messages each agent wrote in the conversations of a case, by case."""
    c, link, m = cases.c, case_conversations.c, messages.c
    rows = tx.execute(
        sa.select(c.id, m.agent_id, sa.func.count().label("many"))
        .join(case_conversations, link.case_id == c.id)
        .join(messages, m.conversation_id == link.conversation_id)
        .join(agents, agents.c.id == m.agent_id)
        .where(*_narrowed(wish))
        .group_by(c.id, m.agent_id)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.id, {})[row.agent_id] = row.many
    return found


def measured(tx: Transaction, drawn: Sequence[Finished]) -> dict[str, dict[str, Any]]:
    """What the record tells by itself of each case: nobody scores that by hand."""
    said = _said(tx, [one.id for one in drawn])
    return {one.id: _facts(one, said.get(one.id, {})) for one in drawn}


def _facts(one: Finished, said: Mapping[str, tuple[int, datetime]]) -> dict[str, Any]:
    first, answer = said.get(Sender.CUSTOMER, (0, None)), said.get(Sender.AGENT, (0, None))
    both = first[1] is not None and answer[1] is not None
    return {
        "finished_at": one.finished_at.isoformat(),
        "due_at": one.due_at and one.due_at.isoformat(),
        "in_time": None if one.due_at is None else one.finished_at <= one.due_at,
        "seconds_to_finish": _seconds(one.registered_at, one.finished_at),
        "seconds_to_first_answer": _seconds(first[1], answer[1]) if both else None,
        "customer_messages": first[0],
        "agent_messages": answer[0],
    }


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else max(0, int((end - start).total_seconds()))


def _said(tx: Transaction, ids: Sequence[str]) -> dict[str, dict[str, tuple[int, datetime]]]:
    link, m = case_conversations.c, messages.c
    rows = tx.execute(
        sa.select(link.case_id, m.sender, sa.func.count().label("many"), sa.func.min(m.at).label("first"))
        .join(messages, m.conversation_id == link.conversation_id)
        .where(link.case_id.in_(ids))
        .group_by(link.case_id, m.sender)
    )
    found: dict[str, dict[str, tuple[int, datetime]]] = {}
    for row in rows:
        found.setdefault(row.case_id, {})[row.sender] = (row.many, row.first)
    return found


@dataclass(frozen=True, slots=True)
class Checked:
    """A sample reckoned again from its seed and pool, beside what stands in the house's chain and in the sheets."""

    seed: str
    pool_size: int
    pool_sha256: str
    again: tuple[str, ...]
    drawn: tuple[str, ...]
    chained: bool  # the chain of the house tells the same seed, pool and cases

    @property
    def same(self) -> bool:
        return self.chained and self.again == self.drawn


def check(tx: Transaction, sample_id: str) -> Checked | None:
    """None if there is no such sample."""
    row = tx.execute(sa.select(quality_samples).where(quality_samples.c.id == sample_id)).one_or_none()
    if row is None:
        return None
    s, e = quality_sheets.c, audit_events.c
    drawn = tuple(tx.execute(sa.select(s.case_id).where(s.sample_id == sample_id).order_by(s.place)).scalars())
    pool = [id for id in row.pool.split(",") if id]
    again = tuple(in_order(pool, row.seed)[: row.chosen["count"]])
    at = sa.select(e.detail).where(
        e.chain == HOUSE, e.action == "quality_drawn", e.detail["sample"].as_string() == sample_id
    )
    told = tx.execute(at).scalar_one_or_none() or {}
    wanted = {"seed": row.seed, "pool_sha256": digest_of(pool), "drawn": list(drawn)}
    chained = {name: told.get(name) for name in wanted} == wanted
    return Checked(row.seed, len(pool), digest_of(pool), again, drawn, chained)
