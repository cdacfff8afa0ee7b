"""What figures on a period are made from: the cases that it concerns, their steps, the first answers, and what agents did.

Units that only read, each in one snapshot and a fixed number of statements, by ranges of indexes over time. A case that is dealt with under
another is left out altogether: it is counted as that one. Drafts are told apart: they are counted, and are part of nothing else.

Not here: what is made of it (gateway/figures.py), what goes on now (floor.py).

FiguresError
└── TooManyCases     the period concerns more cases than are asked for at once; `count` says how many
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store.records import Sender, Status
from case_store.steps import Step
from case_store.store import Transaction
from case_store.tables_cases import OPEN_CASES, case_conversations, cases
from case_store.tables_conversations import messages
from case_store.tables_figures import BY_AGENTS, FILED, TAKEN, case_steps
from case_store.tables_house import audit_events
from case_store.tables_outbox import tasks
from case_store.tables_people import agents

Row = Mapping[Any, Any]

NARROWED: Final = ("channel", "category", "risk", "disposition", "language", "account", "assignee")
"""What the cases of a question can be narrowed by."""
_TOLD: Final = ("called", "posted", "handed_over")
_HOUSE: Final = (Sender.BOT.value, Sender.SYSTEM.value)


class FiguresError(Exception):
    """Anything that can't be counted."""


class TooManyCases(FiguresError):
    """The period concerns more cases than are asked for at once."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} cases")
        self.count = count


@dataclass(frozen=True, slots=True)
class Asked:
    """A period, `start` to before `end`, and what the cases are narrowed to; None: all."""

    start: datetime
    end: datetime
    narrowed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OneStep:
    at: datetime
    step: Step
    assignee: str | None


@dataclass(frozen=True, slots=True)
class Answers:
    """When a case was first answered: by the house without a person, and by a person; `agent_id` says by whom."""

    house: datetime | None = None
    person: datetime | None = None
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """An agent, and what they did in conversations: taken over or given to them, messages, conversations with one."""

    id: str
    username: str
    name: str
    taken: int = 0
    messages: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """`open_at_end`: open cases when the period ended, or now if it has not ended. `drafts`: when each was received."""

    asked_at: datetime
    cases: Sequence[Row]
    steps: Mapping[str, Sequence[OneStep]]
    answers: Mapping[str, Answers]
    drafts: Sequence[datetime]
    open_at_end: int
    people: Sequence[Person]


def gather(tx: Transaction, asked: Asked, most: int) -> Gathered:
    """Everything that the period concerns: eleven statements. Raises TooManyCases."""
    tx.see_one_state()
    concerned = _concerned(asked)
    count = int(tx.execute(sa.select(sa.func.count()).select_from(cases).where(*concerned)).scalar_one())
    if count > most:
        raise TooManyCases(count)
    found = (
        tx.execute(sa.select(*_COLUMNS).where(*concerned).order_by(cases.c.received_at, cases.c.id)).mappings().all()
    )
    here = {row["id"] for row in found}
    return Gathered(
        asked_at=tx.now,
        cases=found,
        steps=_steps(tx, asked, here),
        answers=_answers(tx, asked),
        drafts=_drafts(tx, asked),
        open_at_end=_open_at_end(tx, asked),
        people=_people(tx, asked),
    )


_K: Final = cases.c
_COLUMNS: Final = (
    *(_K.id, _K.reference, _K.status, _K.outcome, _K.category, _K.risk, _K.disposition, _K.channel, _K.account),
    *(_K.language, _K.assignee, _K.incomplete, _K.received_at, _K.registered_at, _K.feedback_due, _K.feedback_due_at),
    _K.facts["about"].as_string().label("about"),
)


def _within(column: Any, asked: Asked) -> sa.ColumnElement[bool]:
    return sa.and_(column >= asked.start, column < asked.end)


def _narrowed(asked: Asked) -> tuple[sa.ColumnElement[bool], ...]:
    unknown = sorted(set(asked.narrowed) - set(NARROWED))
    if unknown:
        raise ValueError(f"cases are narrowed by {', '.join(NARROWED)}, not by {', '.join(unknown)}")
    return (_K.merged_into.is_(None), *(_K[name] == value for name, value in asked.narrowed.items()))


def _ids(asked: Asked) -> sa.CompoundSelect[Any]:
    """Filed cases that were received, registered or due in the period, or had a step in it: four ranges of indexes."""
    filed = sa.text(f"cases.{FILED}")
    moments = (_K.received_at, _K.registered_at, _K.feedback_due_at)
    return sa.union(
        *(sa.select(_K.id).where(_within(column, asked), filed) for column in moments),
        sa.select(case_steps.c.case_id).where(_within(case_steps.c.at, asked)),
    )


def _concerned(asked: Asked) -> tuple[sa.ColumnElement[bool], ...]:
    return (_K.id.in_(_ids(asked)), *_narrowed(asked))


def _steps(tx: Transaction, asked: Asked, here: set[str]) -> dict[str, list[OneStep]]:
    """All steps of these cases, also those before and after: what a case was at a moment follows from what came before it."""
    s = case_steps.c
    found = tx.execute(
        sa.select(s.case_id, s.at, s.step, s.assignee).where(s.case_id.in_(_ids(asked))).order_by(s.case_id, s.number)
    )
    grouped: dict[str, list[OneStep]] = {}
    for row in found:
        if row.case_id in here:
            grouped.setdefault(row.case_id, []).append(OneStep(row.at, Step(row.step), row.assignee))
    return grouped


def _answers(tx: Transaction, asked: Asked) -> dict[str, Answers]:
    """The first answers to these cases: in writing, and by a call or a letter that was recorded."""
    link, m = case_conversations.c, messages.c
    merged = cases.alias("merged")
    about = sa.or_(  # a conversation may be about another case as well
        m.case_id.is_(None),
        m.case_id == _K.id,
        m.case_id.in_(sa.select(merged.c.id).where(merged.c.merged_into == _K.reference)),
    )
    concerned = _concerned(asked)
    written = (
        sa.select(_K.id, m.sender, m.agent_id, sa.func.min(m.at).label("at"))
        .select_from(
            cases.join(case_conversations, link.case_id == _K.id).join(
                messages, m.conversation_id == link.conversation_id
            )
        )
        .where(*concerned, m.sender.in_([Sender.AGENT.value, *_HOUSE]), m.at >= _K.received_at, about)
        .group_by(_K.id, m.sender, m.agent_id)
    )
    told_at = sa.func.coalesce(tasks.c.happened_at, tasks.c.done_at)
    told = (
        sa.select(_K.id, tasks.c.done_by, sa.func.min(told_at).label("at"))
        .select_from(cases.join(tasks, tasks.c.case_id == _K.id))
        .where(*concerned, tasks.c.how.in_(_TOLD), told_at >= _K.received_at)
        .group_by(_K.id, tasks.c.done_by)
    )
    house: dict[str, datetime] = {}
    person: dict[str, tuple[datetime, str]] = {}
    for row in tx.execute(written):
        if row.sender in _HOUSE:
            house[row.id] = min(house.get(row.id, row.at), row.at)
        else:
            person[row.id] = min(person.get(row.id, (row.at, row.agent_id or "")), (row.at, row.agent_id or ""))
    for row in tx.execute(told):
        person[row.id] = min(person.get(row.id, (row.at, row.done_by or "")), (row.at, row.done_by or ""))
    return {
        id: Answers(house.get(id), *((person[id][0], person[id][1] or None) if id in person else (None, None)))
        for id in house.keys() | person.keys()
    }


def _drafts(tx: Transaction, asked: Asked) -> list[datetime]:
    """Complaints that were begun in the period and have no number yet."""
    draft = (_K.reference.is_(None), _K.status == Status.DRAFT.value)
    found = sa.select(_K.received_at).where(_within(_K.received_at, asked), *draft, *_narrowed(asked))
    return list(tx.execute(found).scalars())


def _open_at_end(tx: Transaction, asked: Asked) -> int:
    """What is open now, without what has come and with what has gone since the period ended."""
    open_now = sa.select(sa.func.count()).select_from(cases).where(sa.text(OPEN_CASES), *_narrowed(asked))
    s = case_steps.c
    flow = sa.case(*((s.step == step.value, step.flow) for step in Step if step.flow), else_=0)
    since = (
        sa.select(sa.func.sum(flow))
        .select_from(case_steps.join(cases, _K.id == s.case_id))
        .where(s.at >= asked.end, *_narrowed(asked))
    )
    return int(tx.execute(open_now).scalar_one()) - int(tx.execute(since).scalar_one() or 0)


def _people(tx: Transaction, asked: Asked) -> list[Person]:
    """What each agent did in conversations in the period, whatever the cases are narrowed to; all who have an account, or did something."""
    m, e = messages.c, audit_events.c
    words = tx.execute(
        sa.select(m.agent_id, sa.func.count(), sa.func.count(m.conversation_id.distinct()))
        .where(sa.text(f"messages.{BY_AGENTS}"), _within(m.at, asked), m.agent_id.is_not(None))
        .group_by(m.agent_id)
    )
    spoken: dict[str, Any] = {row[0]: row for row in words}
    whom = e.detail["agent"].as_string()
    taking = (
        sa.select(whom, sa.func.count()).where(sa.text(f"audit_events.{TAKEN}"), _within(e.at, asked)).group_by(whom)
    )
    pairs: list[Any] = list(tx.execute(taking))
    taken: dict[str | None, int] = dict(pairs)
    a = agents.c
    found = tx.execute(sa.select(a.id, a.username, a.name, a.active).order_by(a.name, a.id))
    return [
        Person(
            *(row.id, row.username, row.name, taken.get(row.id, 0)),
            *(spoken[row.id][1:] if row.id in spoken else (0, 0)),
        )
        for row in found
        if row.active or row.id in spoken or row.id in taken
    ]
