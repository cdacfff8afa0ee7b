"""What is due to be erased because its time is over, and why something must not be erased yet.

Units over a transaction. Due is only what is at its end and has been so for as long as the policy keeps it. A case that is dealt with under
another has no end of its own: the whole group is looked at together, and one hold keeps all of it. The look is made again under the
locks of the unit that erases, so it doesn't matter how many processes look at once, or what happened since the list was made.

Not here: the periods (gateway/retention_policy.py), what is taken away (erasing.py), when it is done (gateway/erasing.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import erasing, steps
from case_store.certificates import Taken, Why
from case_store.presence import BUSY
from case_store.records import Owner, Status
from case_store.steps import Step
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import case_conversations, cases
from case_store.tables_conversations import attachments, conversations, messages
from case_store.tables_figures import case_steps
from case_store.tables_outbox import deliveries, tasks
from case_store.tables_papers import settlements

ENDS: Final = {
    Status.RESOLVED.value: "resolved_years",
    Status.CLOSED.value: "closed_years",
    Status.WITHDRAWN.value: "withdrawn_years",
}
_FLOW: Final = [Step.REGISTERED.value, Step.REOPENED.value, Step.ENDED.value, Step.WITHDRAWN.value]
Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a case must not be erased: `code` is held, open, settlement, to_be_sent, task, talking or retention."""

    code: str
    case: str  # its number, or its id
    until: datetime | None = None

    def __str__(self) -> str:
        return f"{self.case}: {_TOLD[self.code]}{f' until {self.until:%Y-%m-%d}' if self.until else ''}"


_TOLD: Final = {
    "held": "a legal hold stands",
    "open": "it is open",
    "settlement": "what was agreed has not been performed",
    "to_be_sent": "something is still to be sent",
    "task": "a call, a letter or a look is still to be done",
    "talking": "somebody is in conversation about it, or waits to be",
    "retention": "it has to be kept",
}


def kept(tx: Transaction, case_id: str, periods: Mapping[str, int] | None) -> Kept | None:
    """Why the case may not be erased now; None if it may. `periods`: days by rule; None: whatever is left of its time."""
    group = _group(tx, case_id)
    root = group[0]
    for row in group:
        if row["held_since"] is not None:
            return Kept("held", _name(row))
    if root["reference"] is not None and root["status"] not in ENDS:
        return Kept("open", _name(root))
    under_way = _under_way(tx, [row["id"] for row in group])
    if under_way is not None:
        return Kept(under_way, _name(root))
    if periods is None:
        return None
    until = _until(tx, root, periods)
    return None if until is not None and until <= tx.now else Kept("retention", _name(root), until)


def _name(row: Row) -> str:
    return str(row["reference"] or row["id"])


def _group(tx: Transaction, case_id: str) -> list[Row]:
    """The case under which this one is dealt with, and all that are dealt with under it; it comes first. Locked, in one order."""
    c = cases.c
    row = tx.execute(sa.select(cases).where(c.id == case_id)).mappings().one()
    seen = {row["id"]}
    while row["merged_into"] is not None:
        above = tx.execute(sa.select(cases).where(c.reference == row["merged_into"])).mappings().one_or_none()
        if above is None or above["id"] in seen:
            break
        row = above
        seen.add(row["id"])
    root, ids, names = row["id"], {row["id"]}, {row["reference"]} - {None}
    while names:
        below = tx.execute(sa.select(c.id, c.reference).where(c.merged_into.in_(sorted(names)))).all()
        new = [one for one in below if one.id not in ids]
        ids |= {one.id for one in new}
        names = {one.reference for one in new} - {None}
    locked = tx.execute(sa.select(cases).where(c.id.in_(sorted(ids))).order_by(c.id).with_for_update()).mappings().all()
    return sorted(locked, key=lambda one: one["id"] != root)


def _under_way(tx: Transaction, ids: list[str]) -> str | None:
    s, d, t, linked, c = settlements.c, deliveries.c, tasks.c, case_conversations.c, conversations.c
    if tx.execute(sa.select(s.id).where(s.case_id.in_(ids), s.performed_on.is_(None)).limit(1)).first():
        return "settlement"
    if tx.execute(sa.select(d.id).where(d.case_id.in_(ids), d.state.in_(["queued", "sending"])).limit(1)).first():
        return "to_be_sent"
    if tx.execute(sa.select(t.id).where(t.case_id.in_(ids), t.done_at.is_(None)).limit(1)).first():
        return "task"
    talks = sa.select(linked.conversation_id).where(linked.case_id.in_(ids), linked.withheld_at.is_(None))
    talking = sa.select(c.id).where(c.id.in_(talks), c.case_id.in_(ids), _talks(tx)).limit(1)
    return "talking" if tx.execute(talking).first() else None


def _talks(tx: Transaction) -> sa.ColumnElement[bool]:
    """Somebody waits for a person there, or an agent has it and something happened lately: nobody says that a talk is over."""
    c = conversations.c
    answers = sa.and_(c.owner == Owner.AGENT.value, c.updated_at > tx.now - BUSY)
    return sa.or_(c.owner == Owner.QUEUE.value, answers)


def talking(tx: Transaction, ids: Sequence[str]) -> list[Kept]:
    """Which of these conversations, of which no case is left, must not be erased now."""
    c = conversations.c
    found = sa.select(c.id).where(c.id.in_(list(ids)), _talks(tx)).order_by(c.id)
    return [Kept("talking", id) for id in tx.execute(found).scalars()]


def _until(tx: Transaction, root: Row, periods: Mapping[str, int]) -> datetime | None:
    """Until when it has to be kept; None for ever."""
    draft = root["reference"] is None
    days = periods.get("drafts_days" if draft else ENDS[root["status"]])
    if days is None:
        return None
    ended = root["updated_at"] if draft else steps.ended_at(tx, root["id"]) or root["updated_at"]
    return ended + timedelta(days=days)


def due_cases(tx: Transaction, rule: str, days: int, after: str = "", limit: int = 50) -> list[str]:
    """Ids of the cases whose time is over by this rule, in order; those that are dealt with under another come by `due_merged`."""
    c, cutoff = cases.c, tx.now - timedelta(days=days)
    found = sa.select(c.id).where(c.id > after, c.erased_at.is_(None), c.held_since.is_(None), c.created_at <= cutoff)
    if rule == "drafts_days":
        found = found.where(c.reference.is_(None), c.merged_into.is_(None), c.updated_at <= cutoff)
    else:
        status = next(status for status, name in ENDS.items() if name == rule)
        s = case_steps.c
        since = sa.select(s.case_id).where(s.case_id == c.id, s.at > cutoff, s.step.in_(_FLOW)).exists()
        found = found.where(c.reference.is_not(None), c.status == status, c.merged_into.is_(None), ~since)
    return list(tx.execute(found.order_by(c.id).limit(limit)).scalars())


def due_merged(tx: Transaction, after: str = "", limit: int = 50) -> list[str]:
    """Ids of cases that are dealt with under one that is erased."""
    c, above = cases.c, cases.alias("above")
    found = (
        sa.select(c.id)
        .join(above, above.c.reference == c.merged_into)
        .where(c.id > after, c.merged_into.is_not(None), c.erased_at.is_(None), above.c.erased_at.is_not(None))
    )
    return list(tx.execute(found.order_by(c.id).limit(limit)).scalars())


def due_conversations(tx: Transaction, days: int, after: str = "", limit: int = 50) -> list[str]:
    """Ids of the conversations in which nothing happened for so long, and of which no case is left or ever was."""
    c, found = conversations.c, _no_case_needs()
    quiet = sa.and_(c.updated_at <= tx.now - timedelta(days=days), c.erased_at.is_(None), ~_talks(tx))
    return list(tx.execute(sa.select(c.id).where(c.id > after, quiet, found).order_by(c.id).limit(limit)).scalars())


def _no_case_needs() -> sa.ColumnElement[bool]:
    linked = case_conversations.c
    needed = (
        sa.select(linked.case_id)
        .join(cases, cases.c.id == linked.case_id)
        .where(linked.conversation_id == conversations.c.id, cases.c.erased_at.is_(None))
    )
    return ~needed.exists()


def due_arrivals(tx: Transaction, days: int, after: str = "", limit: int = 50) -> list[str]:
    """Ids of originals that came so long ago and could not be read, or that no conversation needs any more, or ever did."""
    a = arrivals.c
    old = sa.and_(a.received_at <= tx.now - timedelta(days=days), a.state.in_(["read", "parked"]))
    content = sa.or_(a.raw.is_not(None), a.digest.is_not(None))
    needed = [_needs(one, a.id) for one in (messages, attachments)]
    found = sa.select(a.id).where(a.id > after, old, content, a.channel != "phone", *(~one for one in needed))
    return list(tx.execute(found.order_by(a.id).limit(limit)).scalars())


def _needs(table: sa.Table, arrival: Any) -> sa.ColumnElement[bool]:
    """Whether something that came in it stands in a conversation that is not erased: words, or only a picture."""
    c, t = conversations.c, table.c
    found = sa.select(t.arrival_id).join(conversations, c.id == t.conversation_id)
    return found.where(t.arrival_id == arrival, c.erased_at.is_(None)).exists()


def erase_due_arrival(tx: Transaction, id: str, days: int, why: Why) -> Taken | None:
    """Erases the original, if that is still due. None if it isn't, or was done."""
    a = arrivals.c
    row = tx.execute(sa.select(a.received_at, a.became).where(a.id == id).with_for_update()).one()
    if row.received_at > tx.now - timedelta(days=days):
        return None
    c, places = conversations.c, erasing.places_of(row.became)
    named = sa.select(c.id).where(c.id.in_(sorted(places)), c.erased_at.is_(None)).limit(1)
    if tx.execute(named).first() is not None:
        return None
    needed = sa.select(sa.or_(*(_needs(one, id) for one in (messages, attachments))))
    return None if tx.execute(needed).scalar_one() else erasing.erase_arrival(tx, id, why)


def erase_due_case(tx: Transaction, case_id: str, periods: Mapping[str, int], why: Why) -> Taken | None:
    """Erases the case, if that is still due. None if it isn't, or was done."""
    if tx.execute(sa.select(cases.c.erased_at).where(cases.c.id == case_id)).scalar_one() is not None:
        return None
    return None if kept(tx, case_id, periods) is not None else erasing.erase_case(tx, case_id, why)


def erase_due_merged(tx: Transaction, case_id: str, why: Why) -> Taken | None:
    """The same for one that is dealt with under another which is erased: it has no time of its own."""
    return None if kept(tx, case_id, None) is not None else erasing.erase_case(tx, case_id, why)


def erase_due_conversation(tx: Transaction, id: str, days: int | None, why: Why) -> Taken | None:
    """The same for one that no case needs and nobody talks in; `days` None: whatever is left of its time."""
    c = conversations.c
    quiet = sa.select(c.updated_at).where(c.id == id, _no_case_needs(), ~_talks(tx))
    found = tx.execute(quiet.with_for_update()).first()
    if found is None:
        return None
    if days is not None and found.updated_at > tx.now - timedelta(days=days):
        return None
    return erasing.erase_conversation(tx, id, why)
