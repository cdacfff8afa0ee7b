"""Merging a case into another of the same customer, and taking the two apart: clocks, what the dialogue goes on from, and the customer.

The customer is told once, under the number that goes on, by the way they use. When a merge is undone before they were told of it they
hear of neither.

Not here: what is moved and what speaks against it (case_store/merging.py), whereto a number leads (case_store/merged.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from case_store import conversations, merging, outbox, tasks, timers
from case_store.case_record import CaseRecord
from case_store.conversations import Row
from case_store.merging import Apart, Done, Wanted
from case_store.store import Transaction
from case_store.tasks import Deed
from dialogue.memory import Memory, Phase
from gateway import tidings
from gateway.notifications import Notices
from gateway.promises import FEEDBACK_CLOCKS
from gateway.texts import Occasion

UNDONE: Final = "unmerged"


def merge(tx: Transaction, notices: Notices, wanted: Wanted) -> Done:
    """Raises merge_rules.CannotMerge, cases.LostUpdate, cases.NoSuchCase."""
    done = merging.merge(tx, wanted, remember)
    if done.earlier:
        notices.promises.move_clocks(tx, done.into)
    told = f"{Occasion.MERGED}:{done.id}"
    notices.tell_of(tx, done.into, told, Occasion.MERGED, former=done.case.reference)
    return done


def remember(row: Row) -> Mapping[str, Any]:
    """The conversation is about a registered case: nothing is asked for it, and no question about the old one is open.

    What was heard of its customer stays heard: it would be told the bot a second time.
    """
    memory = Memory.of(row["state"], row["language"])
    memory.begin_again()
    memory.phase = Phase.FILED
    memory.others, memory.pending, memory.withdrawing, memory.settling = [], None, None, None
    heard = {name: mark for name, mark in row["state"].items() if name == conversations.HEARD}
    return {**memory.to_json(), **heard}


def take_apart(tx: Transaction, notices: Notices, apart: Apart) -> Done:
    """Raises merging.NotMerged, merging.CannotTakeApart, cases.NoSuchCase."""
    done = merging.take_apart(tx, apart, conversations.SILENCE)
    if done.earlier:
        notices.promises.move_clocks(tx, done.into)
        # what was warned of by the other case's date is nothing to look at by its own
        early = notices.promises.still_to_warn(done.into, tx.now)
        tasks.close_about(tx, done.into.id, dict.fromkeys(early, UNDONE), actor=apart.by)
    _go_on_warning(tx, done.case)
    if _was_told(tx, done, actor=apart.by):
        number, due = done.case.reference, done.case.feedback_due
        told = f"{Occasion.UNMERGED}:{done.id}"
        notices.tell_of(tx, done.into, told, Occasion.UNMERGED, former=number, former_due=due)
    return done


def _go_on_warning(tx: Transaction, case: CaseRecord) -> None:
    """A case that is overdue is told of every day: the days in between told nobody."""
    if case.feedback_due_at is not None and case.feedback_due_at < tx.now:
        timers.set_timer(tx, FEEDBACK_CLOCKS[-1], f"{case.id}:{tx.now:%y%m%d}u", tx.now)


def _was_told(tx: Transaction, done: Done, *, actor: str) -> bool:
    """Whether the customer may have heard of the merge; what was still to tell it tells it no more."""
    occasion = f"{Occasion.MERGED}:{done.id}"
    untold = False
    for task in (one for id in (done.into.id, done.case.id) for one in tasks.open_of(tx, id)):
        tiding = tidings.kept_in(task.detail)
        if tiding is not None and tiding.occasion == occasion:
            untold = tasks.done(tx, task.id, Deed(UNDONE, tx.now, "", actor)) or untold
    tried = False
    for delivery in outbox.waiting(tx, done.into.id, tried=True):
        tiding = tidings.kept_in(delivery.payload)
        if tiding is not None and tiding.occasion == occasion:
            outbox.take_back(tx, delivery.id, UNDONE)
            untold, tried = True, tried or delivery.attempts > 0
    if untold:
        tidings.note_not_told(tx, done.into.id, occasion, UNDONE, actor=actor)
    return tried or not untold
