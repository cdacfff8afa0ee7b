"""Ready solutions of the policy: which fit a case, in the customer's words, and those that the house offers by itself.

What is offered by itself is put once, when a case of its kind is registered: minor, complete, ours, without a doubt or an alarm, and
with nobody but the bot in its conversations.

Not here: offering (negotiating.py), the rules themselves (policy.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from case_store import cases, offers, timers
from case_store.case_record import CaseRecord
from case_store.offers import Option
from case_store.papers import ENDED, MISSING
from case_store.records import Language, Status
from case_store.store import Transaction
from dialogue.themes import themes_in
from gateway import negotiating
from gateway.negotiating import Proposal
from gateway.notifications import Notices
from gateway.paper.words import Words
from gateway.policy import Solution
from gateway.promises import Promises

BY_ITSELF: Final = "offer_by_policy"  # the timer
ACTOR: Final = "system"


def fitting(promises: Promises, case: CaseRecord) -> Iterator[tuple[str, Solution]]:
    """(key, solution) of those that are meant for such a case, in the policy's order."""
    themes = {theme.name for theme in themes_in(case.facts.what_happened or "")}
    for key, solution in promises.policy.negotiation.solutions.items():
        kind = (not solution.categories or case.category in solution.categories) and (
            not solution.risks or case.risk in solution.risks
        )
        if kind and (not solution.themes or solution.themes & themes) and _sum_fits(promises, solution, case):
            yield key, solution


def _sum_fits(promises: Promises, solution: Solution, case: CaseRecord) -> bool:
    amount = case.facts.amount
    if amount is None:
        return solution.up_to is None and not any(option.names_a_sum for option in solution.options)
    at_home = amount.currency == promises.house.home_currency
    return solution.up_to is None or (at_home and amount.value <= solution.up_to)


def in_words(promises: Promises, solution: Solution, case: CaseRecord) -> list[Option]:
    """Its options in the customer's language, with the sum of the complaint."""
    language = Language(case.language)
    amount = case.facts.amount
    shown = "" if amount is None else Words(language, promises.zone).money(amount)

    def filled(texts: Mapping[Language, str]) -> str:
        return texts[language].replace("{amount}", shown)

    return [Option(filled(one.title), filled(one.meaning), one.days) for one in solution.options]


def watch(tx: Transaction, promises: Promises, case: CaseRecord) -> None:
    """To be called when a case is registered: what the policy offers by itself is put once its number has been told."""
    if any(solution.by_itself for _, solution in fitting(promises, case)):
        timers.set_timer(tx, BY_ITSELF, case.id, tx.now)


def fire(tx: Transaction, notices: Notices, case_id: str) -> None:
    """Offers what the policy offers by itself, if the case is still one for it."""
    case = cases.get(tx, case_id)
    rows = negotiating.talks_of(tx, case_id)
    chosen = next(((key, one) for key, one in fitting(notices.promises, case) if one.by_itself), None)
    if chosen is None or not _is_plain(case) or not all(negotiating.is_free(row) for row in rows):
        return
    if offers.rounds_of(tx, case_id):
        return
    key, solution = chosen
    options = in_words(notices.promises, solution, case)
    negotiating.put(tx, notices, case, Proposal(options, by_bot=True, actor=ACTOR, solution=key))


def _is_plain(case: CaseRecord) -> bool:
    judged = case.judgement
    sound = judged is None or not (judged.doubts or judged.alarms or judged.scope.value != "ours")
    return case.status is Status.FILED and not case.incomplete and sound and case.mandate not in (MISSING, ENDED)
