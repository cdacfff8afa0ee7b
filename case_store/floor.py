"""What goes on at this moment: what has arrived, who waits, who answers, what is due; by channel, language and agent.

Units that only read. All numbers of one look come from one snapshot and a fixed number of statements, each from an index of what goes on now:
however much has been dealt with before. What is counted and what is listed is told once (`_sets`), so that a number is the length of its list.

Not here: who is there to be given anything (presence.py), figures on what has been (figures.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from case_store.presence import BUSY, BUSY_WITHOUT_CASE, there
from case_store.records import Owner, Risk, Sender, Status
from case_store.store import Transaction
from case_store.tables_cases import OPEN_CASES, cases
from case_store.tables_conversations import IN_QUEUE, conversations, messages
from case_store.tables_outbox import tasks
from case_store.tables_people import agent_sessions, agents
from case_store.views import SOON

Row = Mapping[Any, Any]

HOUR: Final = timedelta(hours=1)
QUARTER: Final = timedelta(minutes=15)
SIGNED_IN: Final = timedelta(minutes=5)
"""Whose browser has asked for nothing for so long is not there."""
_LAST_WORDS: Final = 20
"""A customer's latest words are looked for among so many of the latest messages."""
_BOUND: Final = 500
"""Rows of one list, at most."""


class Talk(StrEnum):
    """A set of conversations that the board counts."""

    WAITING = "waiting"
    LATE = "late"  # waits longer than the policy allows
    DANGER = "danger"  # somebody's life, and nobody has answered
    BOT = "bot"  # with the bot, and something was said in the last hour
    AGENTS = "agents"  # an agent's, and goes on
    UNANSWERED = "unanswered"  # of these, the customer has spoken last
    PUT_OFF = "put_off"
    WROTE_QUARTER = "wrote_quarter"
    WROTE_HOUR = "wrote_hour"
    BEGUN_QUARTER = "begun_quarter"
    BEGUN_HOUR = "begun_hour"


class Matter(StrEnum):
    """A set of open cases that the board counts."""

    OPEN = "open"
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    OVERDUE_MAJOR = "overdue_major"
    UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the policy makes of this moment. `late`: what has waited since then waits too long; `day_ends`: the institution's day."""

    late: datetime
    day_ends: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """An agent with an open account. `takes`: is there and is given conversations by turn; `seen_at`: when a browser of theirs last asked for something."""

    id: str
    username: str
    name: str
    most: int | None
    takes: bool
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """One group of conversations or cases: what they have in common, and the numbers by set."""

    channel: str
    language: str
    agent: str | None  # id of whose conversations they are; username (or id) of who has the cases
    numbers: Mapping[str, int]
    oldest: datetime | None = None  # waiting, or the oldest word that an agent has not answered
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    at: datetime
    talks: Sequence[Counted]
    matters: Sequence[Counted]
    people: Sequence[Person]
    danger_since: datetime | None
    late_since: datetime | None
    tasks_open: int
    tasks_overdue: int
    open_by_assignee: Mapping[str | None, int] = field(default_factory=dict)


def board(tx: Transaction, limits: Limits, idle: timedelta) -> Board:
    """Everything that the board shows: nine statements. Sessions end when they were `idle` for so long."""
    tx.see_one_state()
    (waiting, late_since), (danger, danger_since) = _waiting(tx, limits), _in_danger(tx, limits)
    open_tasks = sa.select(sa.func.count(), _many(tasks.c.due_at < tx.now)).where(sa.text("tasks.done_at IS NULL"))
    [[many, overdue]] = _rows(tx, open_tasks)
    return Board(
        at=tx.now,
        talks=[*waiting, *danger, *_with_agents(tx), *_with_the_bot(tx), *_arrived(tx)],
        matters=_due(tx, limits),
        people=_people(tx, idle),
        danger_since=danger_since,
        late_since=late_since,
        tasks_open=int(many),
        tasks_overdue=int(overdue or 0),
        open_by_assignee=_open_by_assignee(tx),
    )


def _rows(tx: Transaction, statement: sa.Executable) -> list[Any]:
    return list(tx.execute(statement))


def _many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


# what is counted --------------------------------------------------------------------------------------------------

_C: Final = conversations.c
_ASKED: Final = (
    sa.select(sa.func.min(messages.c.at))
    .where(
        messages.c.conversation_id == _C.id,
        messages.c.number > _C.answered_message,
        messages.c.sender == Sender.CUSTOMER.value,
    )
    .correlate(conversations)
    .scalar_subquery()
)
"""When the customer said first what nobody has answered."""
_WROTE: Final = (
    sa.select(sa.func.max(messages.c.at))
    .where(
        messages.c.conversation_id == _C.id,
        messages.c.number > _C.last_message - _LAST_WORDS,
        messages.c.sender.in_([Sender.CUSTOMER.value, Sender.UNKNOWN.value]),
    )
    .correlate(conversations)
    .scalar_subquery()
)


def _going_on(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """An agent's conversations that keep them busy, by the same words as when they are given by turn (presence.py)."""
    k = cases.c
    goes_on = k.status.in_([status.value for status in (Status.DRAFT, *_OPEN)])
    talks = sa.and_(k.id.is_(None), _C.updated_at > now - BUSY_WITHOUT_CASE)
    return (_C.owner == Owner.AGENT.value, _C.updated_at > now - BUSY, sa.or_(talks, goes_on))


_OPEN: Final = (Status.FILED, Status.IN_PROGRESS, Status.WAITING_FOR_CUSTOMER)


def _sets(now: datetime, limits: Limits) -> Mapping[Talk, Sequence[sa.ColumnElement[bool] | sa.TextClause]]:
    """Which conversations belong to each set, joined to their case."""
    theirs = _going_on(now)
    in_sight = sa.or_(_C.snoozed_until.is_(None), _C.snoozed_until <= now)
    owner = sa.func.coalesce(
        _C.owner, ""
    )  # or SQLite walks through all that agents ever had, instead of the urgent ones
    in_danger = sa.or_(owner == Owner.QUEUE.value, sa.and_(owner == Owner.AGENT.value, _ASKED.is_not(None)))
    wrote = _WROTE
    return {
        Talk.WAITING: (sa.text(IN_QUEUE),),
        Talk.LATE: (sa.text(IN_QUEUE), _C.waiting_since <= limits.late),
        Talk.DANGER: (sa.text("conversations.urgent"), in_danger),
        Talk.BOT: (_C.owner == Owner.BOT.value, _C.updated_at > now - HOUR),
        Talk.AGENTS: (*theirs, in_sight),
        Talk.UNANSWERED: (*theirs, in_sight, _ASKED.is_not(None)),
        Talk.PUT_OFF: (*theirs, _C.snoozed_until > now),
        Talk.WROTE_QUARTER: (_C.updated_at > now - QUARTER, wrote > now - QUARTER),
        Talk.WROTE_HOUR: (_C.updated_at > now - HOUR, wrote > now - HOUR),
        Talk.BEGUN_QUARTER: (_C.updated_at > now - QUARTER, _C.created_at > now - QUARTER),
        Talk.BEGUN_HOUR: (_C.updated_at > now - HOUR, _C.created_at > now - HOUR),
    }


def _matters(now: datetime, limits: Limits) -> Mapping[Matter, sa.ColumnElement[bool]]:
    """Which open cases belong to each set."""
    due, k = cases.c.feedback_due_at, cases.c
    return {
        Matter.OPEN: sa.true(),
        Matter.OVERDUE: due < now,
        Matter.DUE_TODAY: sa.and_(due >= now, due <= limits.day_ends),
        Matter.DUE_SOON: sa.and_(due >= now, due < now + SOON),
        Matter.OVERDUE_MAJOR: sa.and_(due < now, k.risk == Risk.MAJOR.value),
        Matter.UNASSIGNED: k.assignee.is_(None),
    }


# counting ---------------------------------------------------------------------------------------------------------


def _waiting(tx: Transaction, limits: Limits) -> tuple[list[Counted], datetime | None]:
    """The queue by channel, language and team, and since when those wait who wait too long."""
    late = _C.waiting_since <= limits.late
    found = _rows(
        tx,
        sa.select(
            *(_C.channel, _C.language, _C.team, sa.func.count(), _many(late), sa.func.min(_C.waiting_since)),
            sa.func.min(sa.case((late, _C.waiting_since))).label("late_since"),
        )
        .where(sa.text(IN_QUEUE))
        .group_by(_C.channel, _C.language, _C.team),
    )
    counted = [
        Counted(channel, language, None, {Talk.WAITING: count, Talk.LATE: int(many or 0)}, oldest, team)
        for channel, language, team, count, many, oldest, _ in found
    ]
    return counted, min((row.late_since for row in found if row.late_since), default=None)


def _in_danger(tx: Transaction, limits: Limits) -> tuple[list[Counted], datetime | None]:
    """Where a life is in danger and nobody has answered, whoever has it, and since when."""
    columns = (_C.channel, _C.language, _C.waiting_since, _C.updated_at, _ASKED.label("asked_at"))
    found = tx.execute(sa.select(*columns).where(*_sets(tx.now, limits)[Talk.DANGER]).limit(_BOUND)).all()
    begun = [row.waiting_since or row.asked_at or row.updated_at for row in found]
    return [Counted(row.channel, row.language, None, {Talk.DANGER: 1}) for row in found], min(begun, default=None)


def _with_agents(tx: Transaction) -> list[Counted]:
    now = tx.now
    off = (_C.snoozed_until > now).label("off")
    each = (
        sa.select(
            _C.agent_id,
            _C.channel,
            _C.language,
            _C.team,
            sa.func.coalesce(off, sa.false()).label("off"),
            _ASKED.label("asked_at"),
        )
        .select_from(conversations.outerjoin(cases, cases.c.id == _C.case_id))
        .where(*_going_on(now))
        .subquery()
    )
    e = each.c
    here = sa.not_(e.off)
    asks = sa.and_(here, e.asked_at.is_not(None))
    found = _rows(
        tx,
        sa.select(
            *(e.agent_id, e.channel, e.language, e.team, _many(here), _many(asks), _many(e.off)),
            sa.func.min(e.asked_at),
        ).group_by(e.agent_id, e.channel, e.language, e.team),
    )
    return [
        Counted(
            channel,
            language,
            agent,
            {Talk.AGENTS: int(talks), Talk.UNANSWERED: int(unanswered), Talk.PUT_OFF: int(put_off)},
            oldest,
            team,
        )
        for agent, channel, language, team, talks, unanswered, put_off, oldest in found
    ]


def _with_the_bot(tx: Transaction) -> list[Counted]:
    found = _rows(
        tx,
        sa.select(_C.channel, _C.language, sa.func.count())
        .where(_C.owner == Owner.BOT.value, _C.updated_at > tx.now - HOUR)
        .group_by(_C.channel, _C.language),
    )
    return [Counted(channel, language, None, {Talk.BOT: count}) for channel, language, count in found]


def _arrived(tx: Transaction) -> list[Counted]:
    now = tx.now
    each = sa.select(_C.channel, _C.language, _C.created_at, _WROTE.label("wrote_at")).where(_C.updated_at > now - HOUR)
    e = each.subquery().c
    numbers = {
        Talk.WROTE_QUARTER: e.wrote_at > now - QUARTER,
        Talk.WROTE_HOUR: e.wrote_at > now - HOUR,
        Talk.BEGUN_QUARTER: e.created_at > now - QUARTER,
        Talk.BEGUN_HOUR: e.created_at > now - HOUR,
    }
    found = _rows(tx, sa.select(e.channel, e.language, *map(_many, numbers.values())).group_by(e.channel, e.language))
    return [
        Counted(channel, language, None, {name: int(count or 0) for name, count in zip(numbers, counts, strict=True)})
        for channel, language, *counts in found
    ]


def _due(tx: Transaction, limits: Limits) -> list[Counted]:
    """Of the open cases those that are due soon or have been, by who has them: one range of an index of open cases."""
    now, k = tx.now, cases.c
    sets = {name: condition for name, condition in _matters(now, limits).items() if name in _BY_DAY}
    until = max(limits.day_ends, now + SOON)
    found = _rows(
        tx,
        sa.select(k.channel, k.language, k.assignee, k.team, *map(_many, sets.values()))
        .where(sa.text(OPEN_CASES), k.feedback_due_at <= until)
        .group_by(k.channel, k.language, k.assignee, k.team),
    )
    return [
        Counted(
            channel,
            language,
            who,
            {name: int(count or 0) for name, count in zip(sets, counts, strict=True)},
            team=team,
        )
        for channel, language, who, team, *counts in found
    ]


_BY_DAY: Final = (Matter.OVERDUE, Matter.DUE_TODAY, Matter.DUE_SOON, Matter.OVERDUE_MAJOR)


def _open_by_assignee(tx: Transaction) -> dict[str | None, int]:
    counted = sa.select(cases.c.assignee, sa.func.count()).where(sa.text(OPEN_CASES)).group_by(cases.c.assignee)
    return dict(_rows(tx, counted))


def _people(tx: Transaction, idle: timedelta) -> list[Person]:
    s, a = agent_sessions.c, agents.c
    takes = a.id.in_(there(tx.now, idle)).label("takes")
    seen = sa.select(sa.func.max(s.seen_at)).where(s.agent_id == a.id, s.expires_at > tx.now).scalar_subquery()
    found = _rows(
        tx,
        sa.select(a.id, a.username, a.name, a.most, takes, seen.label("seen")).where(a.active).order_by(a.name, a.id),
    )
    return [Person(row.id, row.username, row.name, row.most, bool(row.takes), row.seen) for row in found]


# listing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a set to list; None means any. `agent`: whose, as a username."""

    channel: str | None = None
    language: str | None = None
    agent: str | None = None
    team: str | None = None


def talks(tx: Transaction, of: Talk, part: Part, limits: Limits, limit: int = 100) -> Sequence[Row]:
    """The conversations of a set, those first whose customers wait the longest."""
    tx.see_one_state()
    a, k = agents.c, cases.c
    asked = _ASKED.label("asked_at")
    found = (
        sa.select(
            *(_C.id, _C.version, _C.epoch, _C.last_message, _C.channel, _C.language, _C.owner, _C.customer, _C.subject),
            *(_C.waiting_since, _C.waiting_reason, _C.urgent, _C.snoozed_until, _C.updated_at, _C.case_id, asked),
            *(a.username.label("agent"), a.name.label("agent_name"), k.reference, k.risk),
        )
        .select_from(conversations.outerjoin(cases, k.id == _C.case_id).outerjoin(agents, a.id == _C.agent_id))
        .where(*_sets(tx.now, limits)[of])
        .order_by(_C.urgent.desc(), sa.func.coalesce(_C.waiting_since, asked, _C.updated_at), _C.id)
        .limit(min(limit, _BOUND))
    )
    chosen = (
        (_C.channel, part.channel),
        (_C.language, part.language),
        (_C.team, part.team),
        (a.username, part.agent),
    )
    for column, value in chosen:
        if value is not None:
            found = found.where(column == value)
    return tx.execute(found).mappings().all()


def matters(tx: Transaction, of: Matter, part: Part, limits: Limits, limit: int = 100) -> Sequence[Row]:
    """The cases of a set, the first to be due first."""
    tx.see_one_state()
    k, a = cases.c, agents.c
    named = sa.or_(a.username == k.assignee, a.id == k.assignee)
    found = (
        sa.select(
            *(k.id, k.version, k.reference, k.status, k.category, k.risk, k.channel, k.language, k.assignee),
            *(k.customer, k.received_at, k.feedback_due, k.feedback_due_at, a.name.label("assignee_name")),
        )
        .select_from(cases.outerjoin(agents, named))
        .where(sa.text(OPEN_CASES), _matters(tx.now, limits)[of])
        .order_by(k.feedback_due_at, k.id)
        .limit(min(limit, _BOUND))
    )
    for column, value in ((k.channel, part.channel), (k.language, part.language), (k.team, part.team)):
        if value is not None:
            found = found.where(column == value)
    if part.agent is not None:
        found = found.where(sa.or_(k.assignee == part.agent, a.username == part.agent))
    return tx.execute(found).mappings().all()
