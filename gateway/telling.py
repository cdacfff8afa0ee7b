"""What people tell customers by telephone or by post because nothing can be sent: by when, tried how often, told when recorded.

Somebody who was not reached is tried again at another time of the day; after as many tries as the policy says the words go by post.
Until a call or letter is recorded as done the customer does not count as told (handbook 7.1.1 (3)).

Not here: the words (texts.py), when somebody has to be told at all (notifications.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from case_store import audit, tasks
from case_store.audit import Entry, case_chain
from case_store.case_record import CaseRecord
from case_store.records import Status
from case_store.store import Transaction
from case_store.tasks import TELLING, Deed, Task
from gateway import tidings
from gateway.promises import Promises
from gateway.texts import Occasion

WAYS: Final = ("called", "posted", "handed_over", "otherwise")
"""How a customer was told; `otherwise` is said in the note."""
USUAL_WAY: Final = {"call_back": "called", "letter": "posted"}
NOT_REACHED: Final = "not_reached"
TIMES_OF_DAY: Final = (time(10), time(15))  # in the institution's zone, for tries in the other half of the day
NOON: Final = time(13)
LONGEST_WAIT: Final = 21  # days that are looked through for an open hour


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try that reached nobody: another one at `next_at`, or the letter task `letter` in its place."""

    tries: int
    counts: bool
    next_at: datetime | None = None
    letter: str | None = None


def ask(
    tx: Transaction,
    promises: Promises,
    *,
    occasion: str,
    kind: str,
    words: str,
    case_id: str | None,
    conversation_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> str | None:
    """Has a person tell the customer. None if that was asked for before. `detail`: what is to be asked besides."""
    due_at = promises.hours.after(tx.now, timedelta(hours=promises.policy.telling.within_hours))
    id = tasks.add(
        tx,
        occasion=occasion,
        kind=kind,
        words=words,
        case_id=case_id,
        conversation_id=conversation_id,
        due_at=due_at,
        detail=detail,
    )
    if id is not None and case_id is not None:
        told = {"occasion": _named(occasion, detail), "kind": kind, "due_at": due_at.isoformat()}
        audit.append(tx, case_chain(case_id), Entry("system", "to_be_told", told))
    return id


def _named(occasion: str, detail: Mapping[str, Any] | None) -> str:
    """As the trail names it, by whichever way it came to a person."""
    tiding = tidings.kept_in(detail)
    return occasion if tiding is None else tiding.occasion


def done(tx: Transaction, id: str, deed: Deed) -> bool:
    """A task is done; if it was a call or a letter the customer has been told. False if it was done before."""
    task = tasks.locked(tx, id)
    if task is None or not tasks.done(tx, id, deed):
        return False
    if task.kind in TELLING and task.case_id is not None:
        detail = {"occasion": _named(task.occasion, task.detail), **deed.told()}
        audit.append(tx, case_chain(task.case_id), Entry(deed.by, "told", detail))
    return True


def not_reached(tx: Transaction, promises: Promises, task: Task, deed: Deed, next_at: datetime | None = None) -> Tried:
    """Nobody was there. The last of the policy's tries turns the call into a letter; one too near the last does not count."""
    rules = promises.policy.telling
    counts = task.tried_at is None or deed.at - task.tried_at >= timedelta(hours=rules.hours_between)
    at = next_at or next_try(promises, deed.at, tx.now)
    due_at = task.due_at or at
    if counts:  # one that does not count moves no date, or a task could be put off for ever
        due_at = max(due_at, promises.hours.after(at, timedelta(hours=rules.hours_between)))
    tries = tasks.not_reached(tx, task, deed, next_at=at, due_at=due_at, counts=counts)
    if tries < rules.tries:
        return Tried(tries, counts, next_at=at)
    tasks.done(tx, task.id, Deed(NOT_REACHED, deed.at, deed.by_id, deed.by, deed.note))
    letter = ask(
        tx,
        promises,
        occasion=f"{task.occasion}:letter",
        kind="letter",
        words=task.words,
        case_id=task.case_id,
        conversation_id=task.conversation_id,
        detail=task.detail if tidings.kept_in(task.detail) is not None else None,
    )
    return Tried(tries, counts, letter=letter)


def next_try(promises: Promises, tried_at: datetime, now: datetime) -> datetime:
    """When to try again: in the other half of a day on which people are there, some hours later at the earliest. UTC."""
    zone, gap = promises.zone, timedelta(hours=promises.policy.telling.hours_between)
    was_morning = tried_at.astimezone(zone).time() < NOON
    earliest = max(tried_at + gap, now)
    for at in _times(promises, earliest):
        other_half = (at.astimezone(zone).time() < NOON) is not was_morning
        if other_half and at >= earliest and promises.hours.is_open(at):
            return at.astimezone(UTC)
    return promises.hours.after(tried_at, gap)


def _times(promises: Promises, start: datetime) -> Iterator[datetime]:
    day = start.astimezone(promises.zone).date()
    for passed in range(LONGEST_WAIT):
        for clock in TIMES_OF_DAY:
            yield datetime.combine(day + timedelta(days=passed), clock, promises.zone)


def receipt_given(tx: Transaction, case: CaseRecord, deed: Deed) -> None:
    """The receipt is in the customer's hands: who was to be told that the complaint is registered has been."""
    for task in tasks.open_of(tx, case.id):
        if task.kind in TELLING and _named(task.occasion, task.detail).partition(":")[0] == Occasion.CASE_FILED:
            done(tx, task.id, deed)
            return
    if case.status is not Status.DRAFT:
        detail = {"occasion": "receipt", **deed.told()}
        audit.append(tx, case_chain(case.id), Entry(deed.by, "told", detail))
