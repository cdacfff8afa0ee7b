"""What another edition of the rules would change, for whoever is about to put it in force: dates, grades of risk, what customers are told.

Nothing is changed here. A day that has been promised stays as it was promised, whatever the rules say later: what is shown beside it is the day
that the same case would be promised if it were registered under the new ones.

Not here: the versions (case_store/documents.py), requests (api/house_policy.py, api/house_calendar.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from case_store import cases
from case_store.case_record import CaseRecord
from case_store.records import Draft, Facts, Language, Money
from case_store.store import Transaction
from gateway import deadlines
from gateway.config import Settings
from gateway.masking import masked
from gateway.own_texts import judged_examples
from gateway.policy import WEEKDAYS, DayKind, Policy, triage_of
from gateway.portal.publication import publish
from gateway.portal.wording import catalogue
from gateway.rules import Edition

MOST_CASES: Final = 1_000  # that are reckoned again
SHOWN: Final = 50
GRADED: Final = 10  # of the house's own cases


@dataclass(frozen=True, slots=True)
class Cases:
    """What the store says for a preview. `more`: there are more open cases than were looked at."""

    open: Sequence[CaseRecord]
    recent: Sequence[CaseRecord]
    more: bool


def look(tx: Transaction) -> Cases:
    found = cases.open_ones(tx, MOST_CASES + 1)
    recent = [one for one in found if one.facts.what_happened and one.judgement][:GRADED]
    return Cases(found[:MOST_CASES], recent, len(found) > MOST_CASES)


def due_days(there: Cases, old: Edition, new: Edition) -> dict[str, Any]:
    """Open cases that would be promised another day under the new rules."""
    moved = list(_moved(there.open, old, new))
    return {
        "open": len(there.open),
        "more": there.more,
        "changed": len(moved),
        "cases": moved[:SHOWN],
        "new_ones": new_ones(old, new),
    }


def _moved(open_ones: Sequence[CaseRecord], old: Edition, new: Edition) -> Iterator[dict[str, Any]]:
    for case in open_ones:
        before, after = (_due(edition, case.received_at, case.registered_at) for edition in (old, new))
        if before != after:
            yield {
                "id": case.id,
                "reference": case.reference,
                "promised": case.feedback_due and case.feedback_due.isoformat(),
                "by": case.due_policy,
                "would_be": after.isoformat(),
            }


def _due(edition: Edition, received_at: datetime, registered_at: datetime | None) -> date:
    clock = edition.policy.feedback
    start = deadlines.start_of(clock, received_at=received_at, registered_at=registered_at)
    return deadlines.due_date(clock, start or registered_at or received_at, edition.days, edition.zone).day


def new_ones(old: Edition, new: Edition) -> dict[str, Any]:
    """What a customer who complains now is promised."""
    now = datetime.now(old.zone)
    before, after = (_due(edition, now, now).isoformat() for edition in (old, new))
    return {"before": before, "after": after}


def on_changed_days(there: Cases, old: Edition, new: Edition) -> list[dict[str, Any]]:
    """Open cases whose promised day is worked under one edition and not under the other."""
    return [
        {
            "id": case.id,
            "reference": case.reference,
            "promised": case.feedback_due.isoformat(),
            "working": new.days.is_working(case.feedback_due),
        }
        for case in there.open
        if case.feedback_due is not None
        and old.days.is_working(case.feedback_due) != new.days.is_working(case.feedback_due)
    ][:SHOWN]


def grades(there: Cases, old: Policy, new: Policy, language: Language, *, masks: bool = False) -> list[dict[str, Any]]:
    """Cases of the house, and examples, as the thresholds would grade them; `masks`: to somebody who has opened none of these cases."""
    from dialogue.triage import judge  # reads word lists

    rules = triage_of(old), triage_of(new)
    shown = [
        (
            {
                "reference": case.reference,
                "text": _beginning(case.facts.what_happened or "", masks=masks),
                **_sum(case.facts.amount),
            },
            case.draft(),
        )
        for case in there.recent
    ]
    for said, amount in judged_examples(language):
        facts = Facts(what_happened=said, amount=Money(Decimal(amount), new.institution.home_currency))
        shown.append(({"reference": None, "text": said, **_sum(facts.amount)}, Draft(facts)))
    graded = []
    for about, draft in shown:
        text = draft.facts.what_happened or ""
        before, after = (judge(text, draft, one, language=language) for one in rules)
        graded.append({**about, "before": str(before.risk.value), "after": str(after.risk.value)})
    return graded


def _beginning(text: str, *, masks: bool) -> str:
    """Masked before it is cut: half a number would be none."""
    return (masked(text) if masks else text)[:120]


def _sum(amount: Money | None) -> dict[str, Any]:
    return {"amount": None if amount is None else amount.to_json()}


def told(old: Policy, new: Policy, settings: Settings) -> list[dict[str, Any]]:
    """What the customers' page would say otherwise, by language."""
    changed = []
    for language in Language:
        before, after = (publish(policy, settings, language, catalogue(language)) for policy in (old, new))
        for name, plain in _TOLD.items():
            if plain(before) != plain(after):
                changed.append(
                    {"language": language.value, "about": name, "before": plain(before), "after": plain(after)}
                )
    return changed


def _of(name: str) -> Callable[[Any], list[str]]:
    def plain(published: Any) -> list[str]:
        value = getattr(published, name)
        return [value] if isinstance(value, str) else list(value)

    return plain


def _limits(published: Any) -> list[str]:
    return [
        f"{one.what}: {one.time} {one.start}" + (f" ({one.extension})" if one.extension else "")
        for one in published.limits
    ]


_TOLD: Final[dict[str, Callable[[Any], list[str]]]] = {
    **{name: _of(name) for name in ("name", "hotline", "ways", "next_authorities", "emergency", "hours")},
    "limits": _limits,
    "privacy": _of("privacy_notice"),
}


_SPOKEN: Final = {Language.HANS: "zh_CN", Language.HANT: "zh_TW", Language.EN: "en_US"}  # by the calendar's library


def year(edition: Edition, number: int, language: Language) -> list[dict[str, Any]]:
    """The days of a year that are not simply worked or weekend, with why."""
    import holidays  # takes half a second to load

    calendar = edition.policy.calendar
    names = holidays.country_holidays(
        calendar.country, subdiv=calendar.subdivision or None, years=number, expand=False, language=_SPOKEN[language]
    )
    weekend = frozenset(WEEKDAYS.index(name) for name in calendar.weekend)
    found = []
    first, last = date(number, 1, 1).toordinal(), date(number, 12, 31).toordinal()
    for day in map(date.fromordinal, range(first, last + 1)):
        override, name = calendar.overrides.get(day), names.get(day)
        working = edition.days.is_working(day)
        if override is not None or name is not None or working == (day.weekday() in weekend):
            kind = DayKind.WORK if working else DayKind.OFF
            found.append({"day": day.isoformat(), "kind": kind.value, "name": name or ""})
    return found
