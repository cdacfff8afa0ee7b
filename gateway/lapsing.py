"""What the end of an offer settles: it is put before nobody any more, and whoever may have heard of it hears that it is over.

A letter or a mail that has not left, a call that was not made and a notice that nobody has looked at put no offer that is over. The trail
says why. A case that is finished has nothing to choose: its offer lapses with it.

Not here: ending an offer (case_store/offers.py), what else a withdrawal settles (withdrawing.py).
"""

from __future__ import annotations

from typing import Final

from case_store import cases, conversations, links, offers, outbox, tasks
from case_store.case_record import CaseRecord
from case_store.offers import OfferState, StoredOffer
from case_store.papers import ENDED, MISSING
from case_store.records import ChannelName, Status
from case_store.store import Transaction
from case_store.tasks import Deed
from gateway import tidings, withdrawing
from gateway.hooks import CaseAnswered, CaseChanged
from gateway.notifications import Notices
from gateway.texts import Occasion

EXPIRES: Final = "offer_expires"  # the timer, and what there is to look at


def is_negotiable(case: CaseRecord) -> bool:
    """Whether solutions of this case may be offered and agreed: it is registered and not finished, and no mandate is missing."""
    return case.status in cases.OPEN and case.mandate not in (MISSING, ENDED)


def told_no_more(tx: Transaction, case_id: str, over: StoredOffer) -> bool:
    """What was still to put this offer puts it no more. Answers whether the customer may have heard of it all the same."""
    occasion, why = f"{Occasion.OFFER}:{over.round}", over.state.value
    untold = False
    for task in tasks.open_of(tx, case_id):
        tiding = tidings.kept_in(task.detail)
        if tiding is not None and tiding.occasion == occasion:
            tasks.done(tx, task.id, Deed(why, tx.now, "", "system"))
            untold = True
    tried = False
    for delivery in outbox.waiting(tx, case_id, tried=True):
        tiding = tidings.kept_in(delivery.payload)
        if tiding is not None and tiding.occasion == occasion:
            outbox.take_back(tx, delivery.id, why)
            untold = True
            tried = tried or delivery.attempts > 0  # it may have arrived though nobody said so
    if untold:
        tidings.note_not_told(tx, case_id, occasion, why, actor="system")
    return tried or not untold or _stands_in_a_chat(tx, case_id)


def _stands_in_a_chat(tx: Transaction, case_id: str) -> bool:
    """Whether it can be read in a chat, though its customer has left and it was on its way to them elsewhere."""
    rows = (conversations.find(tx, id) for id in sorted(links.told_in(tx, case_id)))
    return any(row is not None and row["channel"] == ChannelName.WEBCHAT for row in rows)


def case_finished(tx: Transaction, notices: Notices, case_id: str, *, actor: str) -> None:
    """The case has its answer or is closed: what was offered and not answered lapses, and whoever heard of it hears so."""
    case = cases.get(tx, case_id)
    latest = offers.latest_of(tx, [case_id]).get(case_id)
    if latest is None or latest.state is not OfferState.OPEN:
        return
    over = offers.withdraw(tx, latest.id, actor=actor, note=case.status.value)
    if told_no_more(tx, case_id, over):
        named = f"{Occasion.OFFER_WITHDRAWN}:{over.round}"
        notices.tell_of(tx, case, named, Occasion.OFFER_WITHDRAWN, finished=True)


def changer(notices: Notices) -> CaseChanged:
    """What follows when a person has changed a case: what it leaves unanswered lapses, and the customer is told."""

    def changed(tx: Transaction, before: CaseRecord, after: CaseRecord, note: str | None, actor: str) -> None:
        if after.status is Status.WITHDRAWN and before.status is not Status.WITHDRAWN:
            withdrawing.settle(tx, after.id, actor=actor)
        else:
            _lapses(tx, notices, after, actor)
        notices.case_changed(tx, before, after, note, actor)

    return changed


def answerer(notices: Notices) -> CaseAnswered:
    """The same, where the answer that the change came with tells the customer already."""

    def answered(tx: Transaction, before: CaseRecord, after: CaseRecord, actor: str) -> None:
        _lapses(tx, notices, after, actor)

    return answered


def _lapses(tx: Transaction, notices: Notices, after: CaseRecord, actor: str) -> None:
    if after.status not in (*cases.OPEN, Status.DRAFT):
        case_finished(tx, notices, after.id, actor=actor)
