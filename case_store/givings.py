"""Conversations that are given to agents by turn: which wait, what is given, and what comes back because nobody has looked at it.

Units over a transaction, each a fixed number of statements, however many conversations and agents there are. What is given is kept beside
the conversation with the place in the queue that it had: until its agent has looked at it, it can come back to that place, and its customer
is told nothing, since nobody is there for them yet. Looking at it is opening or answering it (ownership.look_at); a colleague who takes
it, or gives it away, ends it by the conversation's new epoch.

Not here: who is chosen (gateway/choosing.py), when (gateway/assigner.py), who is there (presence.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import conversations, ownership, presence
from case_store.audit import Entry
from case_store.conversations import Row
from case_store.records import Owner
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import IN_QUEUE, messages
from case_store.tables_conversations import conversations as rows
from case_store.tables_desk import givings
from case_store.tables_people import agents
from case_store.tables_teams import teams

GIVEN: Final = "given_by_turn"
TAKEN_BACK: Final = "taken_back"
ACTOR: Final = "system"
HALF_A_DAY: Final = timedelta(hours=12)
"""Who has given a conversation back to the queue is not given it again so soon, however well they know it."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A conversation that may be given to somebody."""

    id: str
    language: str
    channel: str
    account: str
    case_id: str | None
    category: str | None
    risk: str | None
    what_happened: str
    holder: str | None  # id of the agent who has its case
    unassigned: str | None
    team: str | None = None  # an open one


@dataclass(frozen=True, slots=True)
class Gift:
    """A conversation for an agent; `detail` says in its chain why for them."""

    conversation_id: str
    agent_id: str
    agent_name: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unopened:
    """What was given and nobody has looked at yet. `over`: it is that agent's no more."""

    conversation_id: str
    epoch: int
    agent_id: str
    agent_name: str
    waited_since: datetime | None
    reason: str | None
    due: bool
    there: bool
    over: bool
    asks: tuple[str, ...] = ()  # what its customer has said that nobody has answered


@dataclass(frozen=True, slots=True)
class Return:
    """`why`: not_opened, away, danger_to_life. `danger`: it goes before everybody."""

    of: Unopened
    why: str
    detail: Mapping[str, Any]
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A conversation whose owner has changed, as it was and as it is."""

    before: Row
    after: Row
    agent_id: str


def alone(tx: Transaction) -> bool:
    """Whether no other process deals conversations out just now: two that count at the same time would both give an agent their last."""
    return not tx.postgresql or bool(tx.execute(_ALONE).scalar_one())


_ALONE: Final = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended('givings', 0))")


def waiting(tx: Transaction, announced_first: Collection[str], limit: int) -> list[Waits]:
    """What waits for a person, the longest waiting first. Never where a life is in danger: the queue alarms everybody.

    What waits for one of `announced_first` has to be announced to everybody before; and what the customer has said last has to be heard
    before, by whatever listens in the queue, since whoever is given it may be away.
    """
    c = rows.c
    announced = sa.or_(sa.func.coalesce(c.waiting_reason, "").not_in(announced_first), c.announced_at.is_not(None))
    here = sa.text(IN_QUEUE)
    found = _WAITS.where(here, ~c.urgent, c.speak_at.is_(None), announced).order_by(c.waiting_since, c.id).limit(limit)
    return [_waits(row) for row in tx.execute(found)]


def glance(tx: Transaction, id: str) -> Waits | None:
    """One conversation, whether it waits or not, as far as it matters who could answer it."""
    row = tx.execute(_WAITS.where(rows.c.id == id)).one_or_none()
    return None if row is None else _waits(row)


_WAITS: Final = (
    sa.select(
        *(rows.c.id, rows.c.language, rows.c.channel, rows.c.account, rows.c.case_id, rows.c.unassigned),
        *(cases.c.category, cases.c.risk, cases.c.facts, agents.c.id.label("holder"), teams.c.name.label("of_team")),
    )
    .outerjoin(teams, sa.and_(teams.c.name == rows.c.team, teams.c.active))
    .outerjoin(cases, cases.c.id == rows.c.case_id)
    .outerjoin(agents, sa.or_(agents.c.id == cases.c.assignee, agents.c.username == cases.c.assignee))
)


def _waits(row: Any) -> Waits:
    return Waits(
        *(row.id, row.language, row.channel, row.account, row.case_id, row.category, row.risk),
        what_happened=(row.facts or {}).get("what_happened") or "",
        holder=row.holder,
        unassigned=row.unassigned,
        team=row.of_team,
    )


def let_lie(tx: Transaction, since: datetime) -> dict[str, frozenset[str]]:
    """By conversation who was given it and let it come back since then, or gave it back themselves within half a day."""
    g = givings.c
    half_a_day_ago = tx.now - HALF_A_DAY
    recent = sa.and_(g.returned_at > min(since, half_a_day_ago), sa.or_(g.returned_at > since, g.by_hand))
    grouped: dict[str, frozenset[str]] = {}
    for row in tx.execute(sa.select(g.conversation_id, g.agent_id).where(recent)):
        grouped[row.conversation_id] = grouped.get(row.conversation_id, frozenset()) | {row.agent_id}
    return grouped


def answered_before(tx: Transaction, these: Sequence[Waits]) -> dict[str, tuple[str, ...]]:
    """By conversation the agents who have answered in it or in others of its case: in it first, the latest first."""
    if not these:
        return {}
    m, last = messages.c, sa.func.max(messages.c.at).label("last")
    of_case = {one.case_id for one in these if one.case_id}
    own = sa.select(m.conversation_id.label("of"), m.agent_id, last).where(
        m.conversation_id.in_([one.id for one in these]), m.agent_id.is_not(None)
    )
    others = sa.select(m.case_id.label("of"), m.agent_id, last).where(m.case_id.in_(of_case), m.agent_id.is_not(None))
    both = sa.union_all(own.group_by(m.conversation_id, m.agent_id), others.group_by(m.case_id, m.agent_id))
    found: dict[str, list[str]] = {}
    for row in sorted(tx.execute(both), key=lambda row: (row.last, row.agent_id), reverse=True):
        found.setdefault(row.of, []).append(row.agent_id)
    return {one.id: tuple(dict.fromkeys([*found.get(one.id, ()), *found.get(one.case_id or "", ())])) for one in these}


def give(tx: Transaction, gifts: Sequence[Gift], due_at: datetime) -> list[Moved]:
    """Makes each agent the owner of what they are given, unless somebody has it by now. `due_at`: until when they have to look at it."""
    free = sa.and_(rows.c.owner == Owner.QUEUE.value, ~rows.c.urgent, rows.c.speak_at.is_(None))
    here = _locked(tx, [gift.conversation_id for gift in gifts], free)
    told: list[tuple[Gift, Row, dict[str, Any], Entry]] = []
    for gift in gifts:
        row = here.get(gift.conversation_id)
        if row is not None:
            values = ownership.owner_values(row, Owner.AGENT, tx.now, agent_id=gift.agent_id)
            detail = {"from": row["owner"], "agent": gift.agent_id, "to": gift.agent_name, **gift.detail}
            told.append((gift, row, values, Entry(ACTOR, GIVEN, detail)))
    moved = _write(tx, [(row, values, entry, gift.agent_id) for gift, row, values, entry in told])
    if not moved:
        return []
    tx.execute(
        sa.insert(givings),
        [
            {
                "conversation_id": one.after["id"],
                "epoch": one.after["epoch"],
                "agent_id": one.agent_id,
                "at": tx.now,
                "waited_since": one.before["waiting_since"],
                "reason": one.before["waiting_reason"],
                "due_at": due_at,
            }
            for one in moved
        ],
    )
    # of several that are given together the order is kept: who was given the last one is the last to be given another
    turns = {one.agent_id: tx.now + timedelta(microseconds=place) for place, one in enumerate(moved)}
    of = sa.update(agents).where(agents.c.id == sa.bindparam("of")).values(given_at=sa.bindparam("turn"))
    tx.execute(of, [{"of": id, "turn": at} for id, at in sorted(turns.items())])
    return moved


def unopened(tx: Transaction, idle: timedelta, limit: int) -> list[Unopened]:
    """What was given and not looked at, with what its customer has said since: two statements."""
    g, c = givings.c, rows.c
    found = tx.execute(
        sa.select(
            *(g.conversation_id, g.epoch, g.agent_id, g.waited_since, g.reason, agents.c.name),
            (g.due_at <= tx.now).label("due"),
            g.agent_id.in_(presence.there(tx.now, idle)).label("there"),
            (c.epoch != g.epoch).label("over"),
            *(c.id, c.answered_message, c.edited),
        )
        .join(rows, c.id == g.conversation_id)
        .join(agents, agents.c.id == g.agent_id)
        .where(g.due_at.is_not(None))
        .order_by(g.due_at, g.conversation_id)
        .limit(limit)
    ).mappings()
    kept = list(found)
    said = conversations.unanswered(tx, [row for row in kept if not row["over"]])
    return [
        Unopened(
            conversation_id=row["conversation_id"],
            epoch=row["epoch"],
            agent_id=row["agent_id"],
            agent_name=row["name"],
            waited_since=row["waited_since"],
            reason=row["reason"],
            due=bool(row["due"]),
            there=bool(row["there"]),
            over=bool(row["over"]),
            asks=tuple(message.spoken for message in said.get(row["conversation_id"], ())),
        )
        for row in kept
    ]


def end(tx: Transaction, these: Sequence[Unopened]) -> None:
    """They are no longer their agents': nothing is waited for."""
    if these:
        told = [{"of": one.conversation_id, "under": one.epoch} for one in these]
        tx.execute(_OF.values(due_at=None), told)


def take_back(tx: Transaction, returns: Sequence[Return]) -> list[Moved]:
    """Puts them back into the queue where they stood, unless their agent has just looked at them, or has them no more.

    What their customers have said meanwhile is listened to as if they had waited all the time.
    """
    wanted = {one.of.conversation_id: one for one in returns}
    here = _locked(tx, list(wanted), sa.true())
    unseen = _unseen(tx, list(wanted))
    still = [(here[id], one) for id, one in wanted.items() if id in here and (id, here[id]["epoch"]) in unseen]
    speaking = conversations.unanswered(tx, [row for row, _ in still])
    changes = []
    for row, one in still:
        reason = one.why if one.danger else one.of.reason
        values = ownership.owner_values(row, Owner.QUEUE, tx.now, reason=reason, urgent=one.danger)
        values["waiting_since"] = one.of.waited_since or tx.now
        if row["id"] in speaking:
            values["speak_at"] = values["speak_at_latest"] = tx.now
            tx.wake("turn", row["id"], at=tx.now)
        detail = {"from": one.of.agent_name, "agent": one.of.agent_id, "why": one.why, **one.detail}
        changes.append((row, values, Entry(ACTOR, TAKEN_BACK, detail), one.of.agent_id))
        if values["urgent"]:
            tx.wake("alarm", row["id"])
    moved = _write(tx, changes)
    if moved:
        told = [{"of": one.before["id"], "under": one.before["epoch"]} for one in moved]
        tx.execute(_OF.values(due_at=None, returned_at=tx.now), told)
    return moved


_OF: Final = sa.update(givings).where(
    givings.c.conversation_id == sa.bindparam("of"), givings.c.epoch == sa.bindparam("under")
)


def _unseen(tx: Transaction, ids: Sequence[str]) -> set[tuple[str, int]]:
    """(conversation, epoch), read under the conversations' locks, which whoever looks at one holds too."""
    g = givings.c
    found = tx.execute(sa.select(g.conversation_id, g.epoch).where(g.conversation_id.in_(ids), g.due_at.is_not(None)))
    return {(row.conversation_id, row.epoch) for row in found}


def say_why(tx: Transaction, why: Mapping[str, str | None]) -> None:
    """Keeps why nobody is given what waits, by conversation; one statement for each reason. No new version: nothing of it has changed."""
    reasons: dict[str | None, list[str]] = {}
    for id, reason in why.items():
        reasons.setdefault(reason, []).append(id)
    for reason, ids in reasons.items():
        free = sa.select(rows.c.id).where(rows.c.id.in_(ids), rows.c.owner == Owner.QUEUE.value)
        tx.execute(
            sa.update(rows).where(rows.c.id.in_(free.with_for_update(skip_locked=True))).values(unassigned=reason)
        )
        for id in ids:
            tx.wake("conversation", id)


def forget_why(tx: Transaction) -> None:
    """Nobody is given anything any more: so nothing keeps anybody from it."""
    waits = sa.text(IN_QUEUE)
    tx.execute(sa.update(rows).where(waits, rows.c.unassigned.is_not(None)).values(unassigned=None))


def _locked(tx: Transaction, ids: Sequence[str], *where: sa.ColumnElement[bool]) -> dict[str, Row]:
    """Those that nobody else is at, by id."""
    if not ids:
        return {}
    found = sa.select(rows).where(rows.c.id.in_(ids), *where).order_by(rows.c.id).with_for_update(skip_locked=True)
    return {row["id"]: row for row in tx.execute(found).mappings()}


def _write(tx: Transaction, changes: Sequence[tuple[Row, dict[str, Any], Entry, str]]) -> list[Moved]:
    """New owners, each with its audit event: two statements for all."""
    additions = [conversations.added(tx, row, [], values=values, entries=[entry]) for row, values, entry, _ in changes]
    conversations.write_additions(tx, additions)
    for row, *_ in changes:
        tx.wake("owner", row["id"])
    return [
        Moved(row, {**row, **addition.changed}, agent_id)
        for (row, _, _, agent_id), addition in zip(changes, additions, strict=True)
    ]
