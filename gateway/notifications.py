"""What the customer and the house are told, when, and by which way.

Units called inside the transaction of what happened, so that a notice exists exactly when its occasion does.

Not here: the words (texts.py), sending (delivery.py), the dates (promises.py).
"""

from __future__ import annotations

from case_store import audit
from case_store.audit import Entry, case_chain
from case_store.cases import CaseRecord
from case_store.store import Transaction


def case_filed(tx: Transaction, case: CaseRecord, *, told: bool) -> None:
    """The case has its number. `told`: the conversation's own answer says so."""
    if told:
        detail = {"occasion": "case_filed", "reference": case.reference}
        audit.append(tx, case_chain(case.id), Entry("bot", "told", detail))
