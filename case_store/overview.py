"""What the console shows: conversations with their messages, a page of them in a fixed number of queries, and the figures of the house.

Units that only read. Not here: JSON and cursors (gateway/api/).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import sqlalchemy as sa

from case_store import attachments as kept
from case_store import calls, outbox, pages, ways
from case_store.cases import OPEN
from case_store.conversations import NoSuchConversation, StoredMessage, as_stored, messages_of
from case_store.pages import LastSeen, Span
from case_store.records import ChannelName, Owner
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import case_contacts, case_conversations, cases
from case_store.tables_conversations import IN_QUEUE, attachments, conversations, messages
from case_store.tables_desk import givings
from case_store.tables_outbox import deliveries, tasks
from case_store.tables_people import agents
from case_store.views import SOON
from case_store.ways import Ways

Row = Mapping[Any, Any]

LATEST: Final = 50  # messages of each conversation in a list, at most


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation's row with what belongs beside it. `ways` holds, by message number, how our words went out."""

    row: Row
    agent: str | None  # username
    agent_name: str | None
    reference: str | None
    references: tuple[str, ...]
    case_ids: tuple[str, ...]
    messages: tuple[StoredMessage, ...]
    ways: Ways
    attachments: Mapping[int, tuple[Row, ...]] = field(default_factory=dict)
    call: Row | None = None  # of a telephone call
    unreachable: bool = False  # nothing arrives at the address it is held with


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations to list; None means any. `before` is (updated_at, id) of the last one seen, or (waiting_since, id) of `waiting`."""

    owner: tuple[str, ...] = ()  # any of these
    waiting: bool = False  # those in the queue, who has waited the longest first
    urgent: bool | None = None
    channel: tuple[str, ...] = ()
    updated: Span = Span()
    agent_id: str | None = None
    teams: Collection[str] | sa.Select[Any] | None = None  # any of these
    case_id: str | None = None
    messages: int = LATEST  # of each
    before: LastSeen | None = None


def conversation(tx: Transaction, id: str, *, after: int = 0) -> ConversationView:
    """One conversation with all its messages. Raises NoSuchConversation."""
    row = tx.execute(_WITH_AGENT.where(conversations.c.id == id)).mappings().one_or_none()
    if row is None:
        raise NoSuchConversation(id)
    said = messages_of(tx, id, after=after, limit=100_000)
    view = _views(tx, [row], {id: said})[0]
    without_case = row["address"] is not None and not view.case_ids
    lost = without_case and outbox.does_not_arrive(tx, id, row["address"])
    return replace(view, unreachable=view.unreachable or lost)


def conversation_page(tx: Transaction, chosen: ConversationFilter, limit: int) -> list[ConversationView]:
    """Conversations, last changed first or the longest waiting first, with the latest messages of each."""
    c = conversations.c
    if chosen.waiting:
        waiting = _WITH_AGENT.where(sa.text(IN_QUEUE), c.waiting_since.is_not(None), *_conditions(chosen))
        if chosen.channel:
            waiting = waiting.where(c.channel.in_(chosen.channel))
        return _shown(tx, pages.oldest_first(waiting, c.waiting_since, c.id, chosen.before).limit(limit), chosen)
    conditions, by_owner, by_channel = _conditions(chosen), _any(c.owner, chosen.owner), _any(c.channel, chosen.channel)
    page = (c.updated_at, c.id, chosen.before, limit)
    if len(chosen.owner) > 1:
        ids = pages.first_of_each(c.owner, chosen.owner, conditions + by_channel, page)
    elif len(chosen.channel) > 1:
        ids = pages.first_of_each(c.channel, chosen.channel, conditions + by_owner, page)
    else:
        narrowed = _WITH_AGENT.where(*conditions, *by_owner, *by_channel)
        return _shown(tx, pages.newest_first(narrowed, c.updated_at, c.id, chosen.before).limit(limit), chosen)
    among = _WITH_AGENT.where(c.id.in_(ids))
    return _shown(tx, pages.newest_first(among, c.updated_at, c.id, None).limit(limit), chosen)


def _shown(tx: Transaction, found: sa.Select[Any], chosen: ConversationFilter) -> list[ConversationView]:
    rows = tx.execute(found).mappings().all()
    return _views(tx, rows, _latest(tx, [row["id"] for row in rows], chosen.messages))


def _any(column: sa.Column[Any], values: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    return [] if not values else [column == values[0] if len(values) == 1 else column.in_(values)]


def _conditions(chosen: ConversationFilter) -> list[sa.ColumnElement[bool]]:
    """All but who owns it, and the channel."""
    c = conversations.c
    found = chosen.updated.of(c.updated_at)
    if chosen.urgent is not None:
        found.append(c.urgent == chosen.urgent)
    if chosen.agent_id is not None:
        found.append(c.agent_id == chosen.agent_id)
    if chosen.teams is not None:
        found.append(c.team.in_(chosen.teams))
    if chosen.case_id is not None:
        linked = sa.select(case_conversations.c.conversation_id).where(case_conversations.c.case_id == chosen.case_id)
        found.append(c.id.in_(linked))
    return found


_WITH_AGENT: Final = (
    sa.select(
        *conversations.c,
        agents.c.username.label("agent_username"),
        agents.c.name.label("agent_name"),
        cases.c.risk.label("case_risk"),
        givings.c.at.label("given_at"),  # by turn, and not looked at yet
    )
    .outerjoin(agents, agents.c.id == conversations.c.agent_id)
    .outerjoin(cases, cases.c.id == conversations.c.case_id)
    .outerjoin(
        givings,
        sa.and_(
            givings.c.conversation_id == conversations.c.id,
            givings.c.epoch == conversations.c.epoch,
            givings.c.due_at.is_not(None),
        ),
    )
)


def _latest(tx: Transaction, ids: Sequence[str], limit: int) -> dict[str, list[StoredMessage]]:
    if not ids:
        return {}
    m, c = messages.c, conversations.c
    found = tx.execute(
        sa.select(*m)
        .join(conversations, c.id == m.conversation_id)
        .where(m.conversation_id.in_(ids), m.number > c.last_message - limit)
        .order_by(m.conversation_id, m.number)
    )
    grouped: dict[str, list[StoredMessage]] = {}
    for row in found.mappings():
        grouped.setdefault(row["conversation_id"], []).append(as_stored(row))
    return grouped


def _views(tx: Transaction, rows: Sequence[Row], said: Mapping[str, Sequence[StoredMessage]]) -> list[ConversationView]:
    ids = [row["id"] for row in rows]
    linked, attached = _linked(tx, ids), _attached(tx, ids)
    unreachable = _unreachable(tx, rows)
    told = ways.of_messages(tx, rows, said, (case_id for known in linked.values() for case_id, _ in known))
    spoken = calls.of_conversations(tx, [row["id"] for row in rows if row["channel"] == ChannelName.PHONE])
    return [
        ConversationView(
            row=row,
            agent=row["agent_username"] or row["agent_id"],
            agent_name=row["agent_name"],
            reference=dict(linked.get(row["id"], ())).get(row["case_id"]),
            references=tuple(reference for _, reference in linked.get(row["id"], ()) if reference),
            case_ids=tuple(case_id for case_id, _ in linked.get(row["id"], ())),
            messages=tuple(calls.in_order(said.get(row["id"], ()))),
            ways=told.get(row["id"], {}),
            attachments=attached.get(row["id"], {}),
            call=spoken.get(row["id"]),
            unreachable=row["id"] in unreachable,
        )
        for row in rows
    ]


def _unreachable(tx: Transaction, rows: Sequence[Row]) -> set[str]:
    """Conversations whose case knows that nothing arrives at their address."""
    c, k = conversations.c, case_contacts.c
    ids = [row["id"] for row in rows if row["address"] is not None and row["case_id"] is not None]
    if not ids:
        return set()
    bounced = sa.and_(k.case_id == c.case_id, k.address == c.address, k.bounced_at.is_not(None))
    return set(tx.execute(sa.select(c.id).join(case_contacts, bounced).where(c.id.in_(ids))).scalars())


def _linked(tx: Transaction, ids: Sequence[str]) -> dict[str, list[tuple[str, str | None]]]:
    """(case id, reference) of the cases each conversation is linked to, the first linked first."""
    if not ids:
        return {}
    link = case_conversations.c
    found = tx.execute(
        sa.select(link.conversation_id, cases.c.id, cases.c.reference)
        .join(cases, cases.c.id == link.case_id)
        .where(link.conversation_id.in_(ids))
        .order_by(link.at, cases.c.id)
    )
    grouped: dict[str, list[tuple[str, str | None]]] = {}
    for row in found:
        grouped.setdefault(row.conversation_id, []).append((row.id, row.reference))
    return grouped


def _attached(tx: Transaction, ids: Sequence[str]) -> dict[str, dict[int, tuple[Row, ...]]]:
    if not ids:
        return {}
    found = tx.execute(
        sa.select(attachments).where(attachments.c.conversation_id.in_(ids)).order_by(attachments.c.id)
    ).mappings()
    grouped: dict[str, dict[int, tuple[Row, ...]]] = {}
    for row in found:
        of_one = grouped.setdefault(row["conversation_id"], {})
        of_one[row["message"]] = (*of_one.get(row["message"], ()), row)
    return grouped


def conversation_version(tx: Transaction, id: str) -> int | None:
    found: int | None = tx.execute(
        sa.select(conversations.c.version).where(conversations.c.id == id)
    ).scalar_one_or_none()
    return found


def case_version(tx: Transaction, id: str) -> int | None:
    found: int | None = tx.execute(sa.select(cases.c.version).where(cases.c.id == id)).scalar_one_or_none()
    return found


def figures(tx: Transaction) -> dict[str, float]:
    """What operators watch, each from an index of its own size: lags in seconds, counts."""
    now = tx.now
    a, c, d, k = arrivals.c, conversations.c, deliveries.c, cases.c
    open_cases = k.status.in_(OPEN)

    def count(table: Any, *where: Any) -> float:
        return float(tx.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())

    def age(column: Any, *where: Any) -> float:
        oldest = tx.execute(sa.select(sa.func.min(column)).where(*where)).scalar_one_or_none()
        return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0

    return {
        "arrivals_waiting": count(arrivals, a.due_at.is_not(None)),
        "arrivals_parked": count(arrivals, a.state == "parked"),
        "intake_lag_seconds": age(a.received_at, a.due_at.is_not(None)),
        "deliveries_unsent": count(deliveries, d.due_at.is_not(None)),
        "oldest_unsent_seconds": age(d.created_at, d.due_at.is_not(None)),
        "conversations_waiting": count(conversations, c.owner == Owner.QUEUE.value),
        "longest_wait_seconds": age(c.waiting_since, c.owner == Owner.QUEUE.value),
        "turns_due": count(conversations, c.speak_at <= now, c.speak_at.is_not(None)),
        "cases_overdue": count(cases, k.feedback_due_at < now, open_cases),
        "deadlines_at_risk": count(cases, k.feedback_due_at >= now, k.feedback_due_at < now + SOON, open_cases),
        "tasks_open": count(tasks, tasks.c.done_at.is_(None)),
        "tasks_overdue": count(tasks, tasks.c.done_at.is_(None), tasks.c.due_at < now),
        **kept.counts(tx),
    }
