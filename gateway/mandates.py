"""Who may speak for a complainant: naming a proxy, their mandate coming and ending, and what a person has to do about it.

Until the mandate is there the case is marked and a task asks for it; on the day after its last day the proxy is told nothing any
more, and a person looks at what they write.

Not here: what the mark bars (case_store/papers.py), the files of a mandate (filekeeping.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from case_store import cases, papers, tasks, timers
from case_store.papers import Party
from case_store.store import Transaction
from gateway import deadlines
from gateway.promises import Promises

OVER: Final = "mandate_over"
MISSING: Final = "mandate_missing"


def name_proxy(tx: Transaction, promises: Promises, case_id: str, party: Party, *, mandate: bool, actor: str) -> None:
    """This person speaks for the complainant. Without `mandate` a task asks for it."""
    party_id = papers.set_proxy(tx, case_id, party, mandate=mandate, actor=actor)
    tasks.close_about(tx, case_id, {MISSING: "replaced", OVER: "replaced"}, actor=actor)
    if mandate:
        _watch(tx, promises, case_id, party_id, party.valid_until)
    else:
        tasks.add(tx, occasion=f"{MISSING}:{party_id}", kind="look", words=MISSING, case_id=case_id)


def came(tx: Transaction, promises: Promises, case_id: str, valid_until: date | None, *, actor: str) -> None:
    """The mandate has come, or a longer one. Raises papers.NoProxy."""
    party = papers.mandate_came(tx, case_id, valid_until, actor=actor)
    tasks.close_about(tx, case_id, {MISSING: "mandate_came", OVER: "mandate_came"}, actor=actor)
    _watch(tx, promises, case_id, party.id, valid_until)


def ended(tx: Transaction, case_id: str, *, actor: str) -> None:
    """The complainant speaks for themself again. Raises papers.NoProxy."""
    papers.end_proxy(tx, case_id, actor=actor)
    tasks.close_about(tx, case_id, {MISSING: "proxy_ended", OVER: "proxy_ended"}, actor=actor)


def _watch(tx: Transaction, promises: Promises, case_id: str, party_id: str, until: date | None) -> None:
    if until is not None:
        over = deadlines.due_at(until, promises.zone) + timedelta(seconds=1)
        # a timer is set once: a mandate that is prolonged and then cut short again has a new one for each last day
        payload = {"case": case_id, "party": party_id, "last_day": until.isoformat()}
        timers.set_timer(tx, OVER, f"{party_id}{until:%y%m%d}", over, payload)


def fire_over(tx: Transaction, subject: str, payload: Mapping[str, Any]) -> None:
    """The last day of a mandate is over; nothing if it was prolonged or the proxy is another by now."""
    party = papers.mandate_over(tx, payload["case"], payload["party"], payload["last_day"])
    if party is not None and cases.glance(tx, payload["case"]).status in cases.OPEN:
        tasks.add(tx, occasion=f"{OVER}:{subject}", kind="look", words=OVER, case_id=payload["case"])
