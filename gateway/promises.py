"""What the house promises, by policy, at a given moment: dates, persons, clocks.

Brings policy, calendar and settings together for those who talk to customers. Nothing here reads a clock: moments are handed in.

Not here: how a date is reckoned (deadlines.py, working_hours.py), what happens when a clock runs (notifications.py).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from case_store import timers
from case_store.case_record import CaseRecord
from case_store.cases import Registration
from case_store.records import Category, Language, Risk
from case_store.store import Transaction
from dialogue.turn import House, Said
from gateway import deadlines, texts
from gateway.config import Settings
from gateway.deadlines import Due
from gateway.policy import Clock, Policy, StartsAt
from gateway.rules import Rules
from gateway.texts import Occasion
from gateway.working_hours import WorkingDays, WorkingHours

FEEDBACK_CLOCKS: Final = ("feedback_warning", "feedback_urgent", "feedback_overdue")


class Promises:
    """Dates and persons under the policy that counts: within a unit of work always under the same."""

    def __init__(self, rules: Rules | Policy, settings: Settings) -> None:
        self.rules = rules if isinstance(rules, Rules) else Rules(rules, settings.timezone)
        self.zone = settings.timezone

    @property
    def policy(self) -> Policy:
        return self.rules.now.policy

    @property
    def house(self) -> House:
        return self.rules.now.house

    @property
    def days(self) -> WorkingDays:
        return self.rules.now.days

    @property
    def hours(self) -> WorkingHours:
        return self.rules.now.hours

    def due(self, clock: Clock, *, received_at: datetime, registered_at: datetime) -> Due:
        """The last day of a limit. One that counts from the end of handling is reckoned from registration until then."""
        start = deadlines.start_of(clock, received_at=received_at, registered_at=registered_at) or registered_at
        return deadlines.due_date(clock, start, self.days, self.zone)

    def feedback_due(self, now: datetime, received_at: datetime | None = None) -> date:
        """The day by which a case registered now would have its answer."""
        return self.due(self.policy.feedback, received_at=received_at or now, registered_at=now).day

    def person_at(self, now: datetime) -> datetime | None:
        """When a person will answer, in the institution's zone; None: now."""
        return self.hours.next_person_at(now)

    def registration(self, now: datetime, case: CaseRecord, *, incomplete: bool) -> Registration:
        """What filing this case now promises."""
        due = self.due(self.policy.feedback, received_at=case.received_at, registered_at=now)
        return Registration(
            day=now.astimezone(self.zone).date(),
            feedback_due=due.day,
            feedback_due_at=deadlines.due_at(due.day, self.zone),
            policy_version=self.policy.version,
            calendar_gap=due.gap,
            incomplete=incomplete,
            assignee=self.policy.responsible_for(Category(case.category), Risk(case.risk)),
        )

    def set_clocks(self, tx: Transaction, case: CaseRecord) -> None:
        """Timers that warn at parts of the time to the answer, and when it is over (handbook 4.3 (2))."""
        moments = self._clocks(case)
        if moments:
            timers.set_timers(tx, case.id, moments)

    def move_clocks(self, tx: Transaction, case: CaseRecord) -> None:
        """The day of the answer is another than when the clocks were set."""
        timers.move(tx, case.id, self._clocks(case))

    def still_to_warn(self, case: CaseRecord, now: datetime) -> list[str]:
        """Warnings whose moment has not come by the day of the answer as it is now."""
        return [name for name, moment in self._clocks(case).items() if moment > now]

    def _clocks(self, case: CaseRecord) -> dict[str, datetime]:
        if case.registered_at is None or case.feedback_due_at is None:
            return {}
        feedback = self.policy.feedback
        start = case.received_at if feedback.starts_at is StartsAt.RECEIVED else case.registered_at
        moments = deadlines.warnings(start, case.feedback_due_at, feedback.warn_at, self.hours)
        named = (
            dict(zip(FEEDBACK_CLOCKS, (moments[0], moments[-2], moments[-1]), strict=True)) if feedback.warn_at else {}
        )
        return named or {FEEDBACK_CLOCKS[-1]: moments[-1]}

    def apology(self, language: Language, now: datetime) -> Said:
        """The fixed sentence for when no engine answers: what was written is kept, and a person has been called."""
        with self.rules.held():
            text = texts.render(Occasion.RECEIVED, language, person_at=self.person_at(now))
        return Said("utter_received", text.body)
