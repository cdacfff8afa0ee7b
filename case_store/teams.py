"""Teams: who belongs to which, and what is given to one instead of to a person.

Units over a transaction. A team is named in cases and conversations, and in their chains, by a word that never changes; what people read is its
title. A conversation of a team waits in that team's queue: everybody may take it, by turn only its people are given it. Setting a case's team
sets that of the conversations about it. A closed team keeps what it has, and counts as no team where conversations are given.

Not here: who is chosen within one (gateway/choosing.py), who may change teams (gateway/api/teams.py).

TeamError
├── NoSuchTeam         none has this name
├── TeamNameTaken      another one has it, or had
└── TeamChanged        somebody has changed it meanwhile
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, conversations
from case_store.audit import HOUSE, NOTHING, Entry
from case_store.conversations import Row
from case_store.ownership import OwnedByAnother, let_go, owner_values
from case_store.records import Owner
from case_store.store import Transaction
from case_store.tables_cases import OPEN_CASES, case_conversations, cases
from case_store.tables_conversations import IN_QUEUE
from case_store.tables_conversations import conversations as rows
from case_store.tables_people import agents
from case_store.tables_teams import team_members, teams

GIVEN: Final = "given_to_team"


class TeamError(Exception):
    """Anything that can't be done with a team."""


class NoSuchTeam(TeamError, LookupError):
    """None has this name."""


class TeamNameTaken(TeamError):
    """Another one has this name, or had it."""


class TeamChanged(TeamError):
    """Somebody has changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Team:
    """`members`: usernames of those with an open account, in order."""

    name: str
    title: str
    note: str
    active: bool
    version: int
    members: tuple[str, ...]


def every(tx: Transaction) -> list[Team]:
    """All of them by title, the closed ones too: two statements."""
    return _teams(tx, sa.true())


def find(tx: Transaction, name: str) -> Team:
    """Raises NoSuchTeam."""
    found = _teams(tx, teams.c.name == name)
    if not found:
        raise NoSuchTeam(name)
    return found[0]


def _teams(tx: Transaction, which: sa.ColumnElement[bool]) -> list[Team]:
    found = tx.execute(sa.select(teams).where(which).order_by(teams.c.title, teams.c.name)).all()
    of: dict[str, tuple[str, ...]] = {}
    for row in tx.execute(
        sa.select(team_members.c.team, agents.c.username)
        .join(agents, sa.and_(agents.c.id == team_members.c.agent_id, agents.c.active))
        .join(teams, teams.c.name == team_members.c.team)
        .where(which)
        .order_by(agents.c.username)
    ):
        of[row.team] = (*of.get(row.team, ()), row.username)
    return [Team(one.name, one.title, one.note, one.active, one.version, of.get(one.name, ())) for one in found]


def loads(tx: Transaction) -> Mapping[str, tuple[int, int]]:
    """By name how many conversations wait in the queue of each, and how many open cases it has: two statements, each over what is open."""
    many = sa.func.count().label("many")
    of_queue = sa.text(IN_QUEUE)
    waiting = sa.select(rows.c.team, many).where(of_queue, rows.c.team.is_not(None)).group_by(rows.c.team)
    k = cases.c
    open_cases = sa.select(k.team, many).where(sa.text(OPEN_CASES), k.team.is_not(None)).group_by(k.team)
    wait = {row.team: int(row.many) for row in tx.execute(waiting)}
    has = {row.team: int(row.many) for row in tx.execute(open_cases)}
    return {name: (wait.get(name, 0), has.get(name, 0)) for name in wait.keys() | has.keys()}


def by_agent(tx: Transaction) -> Mapping[str, frozenset[str]]:
    """The open teams of each agent who has any, by the agent's id."""
    found: dict[str, frozenset[str]] = {}
    open_ones = sa.select(*team_members.c).join(teams, sa.and_(teams.c.name == team_members.c.team, teams.c.active))
    for row in tx.execute(open_ones):
        found[row.agent_id] = found.get(row.agent_id, frozenset()) | {row.team}
    return found


def of_agent(agent_id: str) -> sa.Select[Any]:
    """Names of the open teams of one agent, to be asked for within another statement."""
    belongs = sa.and_(teams.c.name == team_members.c.team, teams.c.active)
    return sa.select(team_members.c.team).join(teams, belongs).where(team_members.c.agent_id == agent_id)


def add(tx: Transaction, name: str, *, title: str, note: str = "", members: Sequence[str] = (), actor: str) -> Team:
    """`members` are agents' ids. Raises TeamNameTaken."""
    if tx.execute(sa.select(teams.c.name).where(teams.c.name == name)).first() is not None:
        raise TeamNameTaken(name)
    tx.execute(sa.insert(teams).values(name=name, title=title, note=note, created_at=tx.now, updated_at=tx.now))
    _set_members(tx, name, members)
    made = find(tx, name)
    audit.append(tx, HOUSE, Entry(actor, "team_added", {"name": name, "title": title, "members": list(made.members)}))
    tx.wake("takes", name)
    return made


def change(
    tx: Transaction,
    name: str,
    changes: Mapping[str, Any],
    *,
    members: Sequence[str] | None = None,
    version: int | None = None,
    actor: str,
) -> Team:
    """Sets title, note, whether it is open, and whose it is (agents' ids). Raises NoSuchTeam, TeamChanged."""
    row = tx.execute(sa.select(teams).where(teams.c.name == name).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchTeam(name)
    if version is not None and row.version != version:
        raise TeamChanged(name)
    before = find(tx, name)
    tx.execute(
        sa.update(teams).where(teams.c.name == name).values(**changes, version=row.version + 1, updated_at=tx.now)
    )
    if members is not None:
        _set_members(tx, name, members)
    after = find(tx, name)
    audit.append(tx, HOUSE, Entry(actor, "team_changed", {"name": name, **_differs(before, after)}))
    tx.wake("takes", name)
    return after


def _set_members(tx: Transaction, name: str, ids: Sequence[str]) -> None:
    """Members whose account is closed stay: they are in it again once it is opened."""
    closed = sa.select(agents.c.id).where(~agents.c.active)
    tx.execute(sa.delete(team_members).where(team_members.c.team == name, team_members.c.agent_id.not_in(closed)))
    if ids:
        tx.execute(sa.insert(team_members), [{"team": name, "agent_id": id} for id in sorted(set(ids))])


def _differs(before: Team, after: Team) -> dict[str, Any]:
    found: dict[str, Any] = {
        field: getattr(after, field)
        for field in ("title", "note", "active")
        if getattr(before, field) != getattr(after, field)
    }
    added, left = set(after.members) - set(before.members), set(before.members) - set(after.members)
    return found | ({"added": sorted(added)} if added else {}) | ({"left": sorted(left)} if left else {})


# what is a team's ---------------------------------------------------------------------------------------------------


def give(
    tx: Transaction,
    id: str,
    *,
    team: str | None,
    by: str,
    actor: str,
    supervises: bool = False,
    beside: Mapping[str, Any] = NOTHING,
) -> Row:
    """Puts a conversation into a team's queue, or with None into everybody's; what waits keeps its place.

    Who gives, `by`, has it, or nobody has, or they supervise; else OwnedByAnother.
    """
    row = conversations.locked(tx, id)
    if row["owner"] == Owner.AGENT and row["agent_id"] != by and not supervises:
        raise OwnedByAnother(row["agent_id"])
    waits = row["owner"] == Owner.QUEUE
    if waits and row["team"] == team:
        return row
    values: dict[str, Any] = {"unassigned": None} if waits else owner_values(row, Owner.QUEUE, tx.now, reason=GIVEN)
    detail = {"from": row["owner"], "team": team, **beside}
    conversations.add_messages(tx, row, [], values=values | {"team": team}, entries=[Entry(actor, GIVEN, detail)])
    tx.wake("owner", id)
    if row["urgent"]:
        tx.wake("alarm", id)
    if row["owner"] == Owner.AGENT:
        let_go(tx, row, by_hand=row["agent_id"] == by)
    return conversations.locked(tx, id)


def follow(tx: Transaction, case_id: str, team: str | None, *, actor: str) -> None:
    """The conversations that are about a case, and about no other now, go to its team; whoever has one keeps it."""
    link, other = case_conversations.c, rows.c.team.is_distinct_from(team)
    told_in = sa.select(link.conversation_id).where(link.case_id == case_id, link.withheld_at.is_(None))
    linked = rows.c.id.in_(told_in)
    of_it = sa.and_(linked, sa.or_(rows.c.case_id == case_id, rows.c.case_id.is_(None)), other)
    about = sa.select(rows).where(of_it).order_by(rows.c.id).with_for_update()
    for row in tx.execute(about).mappings().all():
        entry = Entry(actor, GIVEN, {"from": row["owner"], "team": team, "with_case": case_id})
        values = {"team": team, "unassigned": None}
        conversations.add_messages(tx, row, [], values=values, entries=[entry])
        tx.wake("owner", row["id"])
