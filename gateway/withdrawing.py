"""What a withdrawal settles: nobody looks at, calls about or writes about a case that is withdrawn, but to say that it is.

What had not been told yet, such as the number and the date of an answer that will not come, is told no more: the confirmation of the
withdrawal says all that still holds. An answer to the complaint, and an agent's own words, are still told.

Not here: recording the withdrawal (case_store/papers.py), its confirmation (notifications.py).
"""

from __future__ import annotations

from typing import Final

from case_store import merged, offers, outbox, tasks
from case_store.offers import OfferState
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tasks import TELLING, Deed
from gateway import mandates, tidings
from gateway.texts import Occasion

WITHDRAWN: Final = "withdrawn"
SETTLED: Final = dict.fromkeys(
    ("feedback_warning", "feedback_urgent", "feedback_overdue", mandates.MISSING, mandates.OVER), WITHDRAWN
)
"""What there is to look at no more."""
OVERTAKEN: Final = (
    Occasion.CASE_FILED,
    Occasion.INFORMATION_NEEDED,
    Occasion.STATUS_CHANGED,
    Occasion.DEADLINE_EXTENDED,
    Occasion.CALL_BACK,
    Occasion.OFFER,
    Occasion.OFFER_WITHDRAWN,
    Occasion.OFFER_EXPIRED,
    Occasion.MERGED,
    Occasion.UNMERGED,
)
"""What is told no more."""


def settle(tx: Transaction, case_id: str, *, actor: str) -> None:
    """To be called in the unit of the withdrawal, before its confirmation is told."""
    tasks.close_about(tx, case_id, SETTLED, actor=actor)
    latest = offers.latest_of(tx, [case_id]).get(case_id)
    if latest is not None and latest.state is OfferState.OPEN:  # there is nothing left to choose
        offers.withdraw(tx, latest.id, actor=actor, note=WITHDRAWN)
    for task in tasks.open_of(tx, case_id):
        tiding = tidings.kept_in(task.detail)
        occasion = task.occasion if tiding is None else tiding.occasion
        if task.kind in TELLING and occasion.partition(":")[0] in OVERTAKEN:
            tasks.done(tx, task.id, Deed(WITHDRAWN, tx.now, "", actor))
            tidings.note_not_told(tx, case_id, occasion, WITHDRAWN, actor=actor)
    for occasion in _taken_back(tx, case_id):
        tidings.note_not_told(tx, case_id, occasion, WITHDRAWN, actor=actor)


def _taken_back(tx: Transaction, case_id: str) -> list[str]:
    """Takes back the house's notices that wait for the morning or for another try; the bot's answers go on. Answers of what."""
    occasions: dict[str, None] = {}  # one message may leave in parts
    waiting = [one for id in merged.all_of(tx, case_id) for one in outbox.waiting(tx, id, tried=True)]
    for delivery in waiting:
        tiding = tidings.kept_in(delivery.payload)
        if delivery.sender == Sender.SYSTEM and tiding is not None and tiding.begins_with(*OVERTAKEN):
            outbox.take_back(tx, delivery.id, WITHDRAWN)
            occasions[tiding.occasion] = None
    return list(occasions)
