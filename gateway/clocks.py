"""The clocks of a case, counted in working time: what runs, since when, under which policy, and how much working time is left or over.

*Working time* is the policy's opening hours on the days its calendar works: swapped days and holidays as everywhere else. A limit that
the policy states in days or weeks ends on its day all the same; what is told here is how much time people have for it at their desks.
Outside those hours every clock stands still, and says until when. Working time that is left never grows while time passes, is nothing
when the limit ends, and is less than nothing behind it.

No policy pauses a clock yet, so none is paused. A case's end stops them; that it is closed later, or dealt with under another, does not
stop them anew.

Not here: dates by which something is due (deadlines.py, promises.py), who is warned (alarms.py), the counting between two answers
of the API (console/static/clocks.js).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import offers, settlements, steps, tasks
from case_store.case_record import CaseRecord
from case_store.offers import OfferState
from case_store.records import Owner, Status
from case_store.store import Transaction
from case_store.tables_conversations import conversations
from case_store.tables_desk import givings
from gateway import deadlines
from gateway.policy import Clock, StartsAt
from gateway.promises import Promises
from gateway.working_hours import WorkingHours

FINISHED: Final = frozenset({Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN})
HORIZON: Final = timedelta(days=70)  # so far ahead and back a page can count by itself
ACKNOWLEDGES: Final = (
    "acknowledge"  # the policy's clock that registering a complaint stops: its customer is told the number then
)


@dataclass(frozen=True, slots=True)
class CaseClock:
    """`name` is the policy's own (`feedback`, `final`, `acknowledge`) or `waiting`, `given`, `task`, `offer`, `settlement`.

    `about` says which one of its kind: a task's kind, a round. `stopped_at`: when what it waits for was done; None while it runs.
    """

    name: str
    started_at: datetime
    due_at: datetime
    policy: str
    starts_at: str  # the event that started it
    limit: str | None = None  # as the policy states it, such as `7 working_days`
    about: str | None = None
    conversation: str | None = None
    stopped_at: datetime | None = None
    calendar_gap: bool = False


def clocks_of(tx: Transaction, record: CaseRecord, promises: Promises) -> list[CaseClock]:
    """All clocks of a case: those that run by what ends first, then those that have been stopped."""
    found = [*_of_policy(tx, record, promises), *_of_work(tx, record, promises)]
    return sorted(found, key=lambda one: (one.stopped_at is not None, one.due_at, one.name))


def _of_policy(tx: Transaction, record: CaseRecord, promises: Promises) -> Iterable[CaseClock]:
    if record.reference is None or record.registered_at is None:
        return
    finished_at = (steps.ended_at(tx, record.id) or record.updated_at) if record.status in FINISHED else None
    for name, clock in promises.policy.clocks.items():
        at, event = _start(clock, record, finished_at)
        if at is None:
            continue
        if name == "feedback" and record.feedback_due_at is not None:
            due_at, gap = record.feedback_due_at, record.calendar_gap
            version = record.due_policy or promises.policy.version  # of the version that the customer was told it by
        else:
            due = deadlines.due_date(clock, at, promises.days, promises.zone)
            due_at, gap, version = deadlines.due_at(due.day, promises.zone), due.gap, promises.policy.version
        stopped = record.registered_at if name == ACKNOWLEDGES else finished_at
        limit = f"{clock.count} {clock.unit.value}"
        yield CaseClock(name, at, due_at, version, event, limit, stopped_at=stopped, calendar_gap=gap)


def _start(clock: Clock, record: CaseRecord, finished_at: datetime | None) -> tuple[datetime | None, str]:
    """What started it. One that counts from the end of handling is reckoned from registration until then (promises.py)."""
    at = deadlines.start_of(
        clock, received_at=record.received_at, registered_at=record.registered_at, handled_at=finished_at
    )
    if at is None:
        return record.registered_at, StartsAt.REGISTERED.value
    return at, clock.starts_at.value


def _of_work(tx: Transaction, record: CaseRecord, promises: Promises) -> Iterable[CaseClock]:
    """What people and the customer have still to do: only what runs."""
    version = promises.policy.version
    for task in tasks.open_of(tx, record.id):
        if task.due_at is not None:
            yield CaseClock("task", task.created_at, task.due_at, version, "asked", about=task.kind)
    for offer in offers.rounds_of(tx, record.id):
        if offer.state is OfferState.OPEN:
            due_at = deadlines.due_at(offer.expires_on, promises.zone)
            yield CaseClock("offer", offer.offered_at, due_at, version, "offered", about=str(offer.round))
    for agreed in settlements.of_case(tx, record.id):
        if agreed.performed_on is None:
            yield CaseClock(
                "settlement",
                agreed.confirmed_at,
                agreed.due_at,
                agreed.policy_version,
                "agreed",
                f"{agreed.option.days} working_days",
                str(agreed.round),
                calendar_gap=agreed.calendar_gap,
            )
    yield from _of_talks(tx, record, promises)


def _of_talks(tx: Transaction, record: CaseRecord, promises: Promises) -> Iterable[CaseClock]:
    c, g, policy = conversations.c, givings.c, promises.policy
    given = sa.and_(g.conversation_id == c.id, g.epoch == c.epoch, g.due_at.is_not(None))
    found = (
        sa.select(c.id, c.owner, c.waiting_since, g.at, g.due_at)
        .outerjoin(givings, given)
        .where(c.id.in_(record.conversations), sa.or_(c.waiting_since.is_not(None), g.at.is_not(None)))
    )
    for row in tx.execute(found):
        if row.at is not None:
            limit = f"{policy.assignment.answer_within} minutes"
            yield CaseClock("given", row.at, row.due_at, policy.version, "given", limit, conversation=row.id)
        elif row.owner == Owner.QUEUE and row.waiting_since is not None:
            minutes = policy.waiting.limit_minutes
            due_at = promises.hours.after(row.waiting_since, timedelta(minutes=minutes))
            limit = f"{minutes} working_minutes"
            yield CaseClock("waiting", row.waiting_since, due_at, policy.version, "waits", limit, conversation=row.id)


@dataclass(frozen=True, slots=True)
class Left:
    """`seconds` of working time between two moments, and the same as people say it: whole working days, and the rest."""

    seconds: int
    days: int
    rest: int


def between(hours: WorkingHours, start: datetime, end: datetime) -> Left:
    """A day counts as a whole one when all its opening hours lie between the two."""
    seconds, days, rest = 0, 0, 0
    for _, spans in hours.days(start, end):
        worked = sum(_overlap(start, end, opens, closes) for opens, closes in spans)
        seconds += worked
        if start <= spans[0][0] and spans[-1][1] <= end:
            days += 1
        else:
            rest += worked
    return Left(seconds, days, rest)


def _overlap(start: datetime, end: datetime, opens: datetime, closes: datetime) -> int:
    return max(0, int((min(closes, end) - max(opens, start)).total_seconds()))


def told(found: Sequence[CaseClock], hours: WorkingHours, now: datetime) -> list[dict[str, Any]]:
    """As the API tells them. `working_seconds_left` is less than nothing once a limit is over; null for a clock that has been stopped."""
    still = hours.next_person_at(now)
    return [_told(one, hours, now, still) for one in found]


def _told(one: CaseClock, hours: WorkingHours, now: datetime, still: datetime | None) -> dict[str, Any]:
    runs, over = one.stopped_at is None, now > one.due_at
    left = between(hours, *((one.due_at, now) if over else (now, one.due_at))) if runs else None
    return {
        "name": one.name,
        "about": one.about,
        "conversation": one.conversation,
        "starts_at": one.starts_at,
        "started_at": one.started_at.isoformat(),
        "due_at": one.due_at.isoformat(),
        "limit": one.limit,
        "policy": one.policy,
        "calendar_gap": one.calendar_gap,
        "stopped_at": one.stopped_at and one.stopped_at.isoformat(),
        "kept": None if one.stopped_at is None else one.stopped_at <= one.due_at,
        "over": over if runs else None,
        "working_seconds_left": left and (-left.seconds if over else left.seconds),
        "working_days": left and left.days,
        "working_rest": left and left.rest,
        "stands_still_until": still.isoformat() if still is not None and runs else None,
    }


def openings(found: Sequence[CaseClock], hours: WorkingHours, now: datetime) -> list[dict[str, Any]]:
    """The days and hours between the limits and now, and some beyond, so that a page can count without asking."""
    running = [one.due_at for one in found if one.stopped_at is None]
    first = max(min([now, *running]), now - HORIZON)
    last = min(max([now + timedelta(days=14), *running]), now + HORIZON)
    return [
        {"day": day.isoformat(), "hours": [[opens.isoformat(), closes.isoformat()] for opens, closes in spans]}
        for day, spans in hours.days(first, last)
    ]
