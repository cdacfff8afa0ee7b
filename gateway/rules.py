"""What the house has decided, as it stands now: one edition for each unit of work, replaced while the gateway runs.

An edition is the policy with the calendar laid over it, what follows from them, and the house's own wording. A unit that has begun sees the
edition that stood then until it ends, whatever is put in force meanwhile: `held` is entered around every unit (Store.around). Outside a unit
the latest one is seen.

Not here: what a policy is (policy.py), which version counts (documents.py, by `in_force.py`), dates (promises.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from dialogue.turn import House
from gateway import texts
from gateway.policy import Policy
from gateway.texts import NO_OWN, OwnTexts
from gateway.working_hours import WorkingDays, WorkingHours


@dataclass(frozen=True)
class Edition:
    """Everything that one version of the rules says. Its parts are made when they are first asked for."""

    policy: Policy
    zone: ZoneInfo
    texts: OwnTexts = NO_OWN

    @cached_property
    def house(self) -> House:
        return self.policy.house()

    @cached_property
    def days(self) -> WorkingDays:
        return WorkingDays(self.policy.calendar)

    @cached_property
    def hours(self) -> WorkingHours:
        return WorkingHours(self.policy.working_hours, self.days, self.zone)


class Rules:
    """The edition in force."""

    def __init__(self, policy: Policy, zone: ZoneInfo) -> None:
        self._latest = Edition(policy, zone)
        self._followers: list[Callable[[Edition], None]] = []

    @property
    def now(self) -> Edition:
        held = _HELD.get()
        return held[1] if held is not None and held[0] is self else self._latest

    @property
    def latest(self) -> Edition:
        """What the next unit sees, also where one is under way."""
        return self._latest

    def put(self, edition: Edition) -> None:
        """From now on this counts; what keeps parts of it is told."""
        self._latest = edition
        for follower in self._followers:
            follower(edition)

    def put_policy(self, policy: Policy) -> None:
        self.put(Edition(policy, self._latest.zone, self._latest.texts))

    def follow(self, follower: Callable[[Edition], None]) -> None:
        """Calls with each edition that is put in force: for what keeps parts of one, such as an engine its thresholds."""
        self._followers.append(follower)

    @contextmanager
    def held(self) -> Iterator[None]:
        """While this lasts, in this thread, nothing changes."""
        if (outer := _HELD.get()) is not None and outer[0] is self:
            yield
            return
        edition = self._latest
        token = _HELD.set((self, edition))
        try:
            with texts.using(edition.texts):
                yield
        finally:
            _HELD.reset(token)


_HELD: Final[ContextVar[tuple[Rules, Edition] | None]] = ContextVar("rules held", default=None)
