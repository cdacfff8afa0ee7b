"""The lists that agents work from: which open cases each holds, in which order and how many; and lists they have made themselves.

Units over a transaction. What is counted and what is listed is told once, so that a number beside a list is the length of it. A list that
somebody has made is kept as what was chosen; it is read as any choice is (cases.py).

Not here: conversations and arrivals as they are listed (overview.py, arrivals.py), JSON (gateway/api/views.py).

ViewError
├── NoSuchView    none of theirs, and none that is shared, has this id
├── NameTaken     another list of theirs has this name
└── TooMany       they have as many as one may have
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from case_store import pages, teams
from case_store.case_record import CaseRecord
from case_store.cases import records
from case_store.ids import new_id
from case_store.pages import LastSeen
from case_store.records import Owner, Risk
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import OPEN_CASES, case_duplicates, cases
from case_store.tables_conversations import IN_QUEUE, conversations
from case_store.tables_desk import saved_views
from case_store.tables_people import agents

SOON: Final = timedelta(days=2)
"""How long before its day a case counts as due soon."""
MOST: Final = 50
"""Lists that one agent may keep."""


class View(StrEnum):
    """A list of open cases, each the most pressing first."""

    DUE = "due"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    HIGH_RISK = "high_risk"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    TEAM = "team"


class ViewError(Exception):
    """Anything that can't be done with a list."""


class NoSuchView(ViewError, LookupError):
    """None of theirs, and none that is shared, has this id."""


class NameTaken(ViewError):
    """Another list of theirs has this name."""


class TooMany(ViewError):
    """They have as many as one may have."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """`owner_name` is None where it belongs to whoever asks."""

    id: str
    name: str
    chosen: Mapping[str, Any]
    shared: bool
    owner: str
    owner_name: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """How much waits: open cases by view, conversations in the queue, of them those of one's teams, and one's own, arrivals that could not be read."""

    cases: Mapping[View, int]
    waiting: int
    waiting_team: int
    own: int
    parked: int


_OPEN: Final = sa.text(OPEN_CASES)


def listing(
    tx: Transaction,
    view: View,
    username: str,
    agent_id: str,
    *,
    assignee: str | None = None,
    of_teams: Collection[str] | sa.Select[Any] | None = None,
    after: LastSeen | None = None,
    limit: int = 50,
) -> list[CaseRecord]:
    """The cases of a view, the first to be due first, of one `assignee` or of all; `after` is (feedback_due_at, id) of the last one seen."""
    c = cases.c
    found = sa.select(cases).where(*_holds(view, username, agent_id, tx.now))
    if assignee is not None:
        found = found.where(c.assignee == assignee)
    if of_teams is not None:
        found = found.where(c.team.in_(of_teams))
    found = pages.oldest_first(found, c.feedback_due_at, c.id, after).limit(limit)
    return records(tx, tx.execute(found).mappings().all())


def _holds(
    view: View, username: str, agent_id: str, now: datetime
) -> tuple[sa.ColumnElement[bool] | sa.TextClause, ...]:
    c = cases.c
    due = c.feedback_due_at
    pairs = sa.union_all(*(sa.select(id).where(sa.text("state = 'suggested'")) for id in _PAIR))
    chosen: dict[View, tuple[sa.ColumnElement[bool], ...]] = {
        View.DUE: (),
        View.MINE: (c.assignee == username,),
        View.UNASSIGNED: (c.assignee.is_(None),),
        View.DUE_SOON: (due >= now, due < now + SOON),
        View.OVERDUE: (due < now,),
        View.HIGH_RISK: (c.risk == Risk.MAJOR.value,),
        View.POSSIBLE_DUPLICATE: (c.id.in_(pairs),),
        View.TEAM: (c.team.in_(teams.of_agent(agent_id)),),
    }
    return (_OPEN, due.is_not(None), *chosen[view])


_PAIR: Final = (case_duplicates.c.case_id, case_duplicates.c.other_id)


def work(tx: Transaction, username: str, agent_id: str) -> Work:
    """How much waits for whoever asks."""
    c, waits = conversations.c, sa.text(IN_QUEUE)
    return Work(
        cases={view: _count(tx, cases, *_holds(view, username, agent_id, tx.now)) for view in View},
        waiting=_count(tx, conversations, waits),
        waiting_team=_count(tx, conversations, waits, c.team.in_(teams.of_agent(agent_id))),
        own=_count(tx, conversations, c.owner == Owner.AGENT.value, c.agent_id == agent_id),
        parked=_count(tx, arrivals, sa.text("state = 'parked'")),
    )


def _count(tx: Transaction, table: sa.Table, *where: sa.ColumnElement[bool] | sa.TextClause) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


def of_agent(tx: Transaction, owner: str) -> list[SavedView]:
    """Theirs in the order of their names, then those that others share."""
    v = saved_views.c
    found = tx.execute(
        sa.select(saved_views, agents.c.name.label("owner_name"))
        .outerjoin(agents, agents.c.id == v.owner)
        .where(sa.or_(v.owner == owner, v.shared))
        .order_by(sa.case((v.owner == owner, 0), else_=1), v.name, v.id)
    )
    return [_saved(row, owner) for row in found]


def _saved(row: Any, asking: str) -> SavedView:
    name = None if row.owner == asking else row.owner_name or row.owner
    return SavedView(row.id, row.name, dict(row.chosen), row.shared, row.owner, name)


def save(tx: Transaction, owner: str, name: str, chosen: Mapping[str, Any], *, shared: bool) -> SavedView:
    """Keeps a list. Raises NameTaken, TooMany."""
    if _count(tx, saved_views, saved_views.c.owner == owner) >= MOST:
        raise TooMany(owner)
    saved = SavedView(new_id(), name, dict(chosen), shared, owner, None)
    values = {"id": saved.id, "owner": owner, "name": name, "chosen": saved.chosen, "shared": shared}
    _named(tx, name, sa.insert(saved_views).values(**values, created_at=tx.now))
    return saved


def change(tx: Transaction, id: str, owner: str, changes: Mapping[str, Any]) -> SavedView:
    """Renames it, shares it, or keeps another choice. Raises NoSuchView, also for one that somebody else shares; NameTaken."""
    v = saved_views.c
    mine = sa.and_(v.id == id, v.owner == owner)
    if not _count(tx, saved_views, mine):
        raise NoSuchView(id)
    if changes:
        _named(tx, str(changes.get("name", "")), sa.update(saved_views).where(mine).values(**changes))
    row = tx.execute(sa.select(saved_views, sa.null().label("owner_name")).where(mine)).one()
    return _saved(row, owner)


def _named(tx: Transaction, name: str, statement: sa.Insert | sa.Update) -> None:
    try:
        with tx.connection.begin_nested():
            tx.execute(statement)
    except IntegrityError:
        raise NameTaken(name) from None


def remove(tx: Transaction, id: str, owner: str, *, supervises: bool = False) -> None:
    """Raises NoSuchView, also for one that somebody else shares, but to who supervises: whoever made it may have left."""
    v = saved_views.c
    theirs = sa.or_(v.owner == owner, v.shared) if supervises else v.owner == owner
    gone = tx.execute(sa.delete(saved_views).where(v.id == id, theirs))
    if not gone.rowcount:
        raise NoSuchView(id)
