"""A circuit breaker for a helper that the house can do without: after failures in a row nobody waits for it until a pause is over.

Purgatory counts; two things of it are narrowed here. After the pause it would let everybody through at once, and all of them would
wait for a helper that is still down: here one is let through, and the others go on without. It measures the pause by the wall
clock, and a clock that is set back would keep the helper out for as long: here the pause is counted by one that nobody sets.

Not here: what is asked, and what is done without (rasa.py).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import HALF_OPENED, OPENED, HalfOpenedState


class AtRest(Exception):
    """Nobody is to be asked now."""


class Breaker:
    """Rests for `pause` seconds after `failures` attempts in a row that raised."""

    def __init__(self, failures: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause, self._clock = pause, clock
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=failures, default_ttl=pause)
        self._breakers.add_listener(self._heed)
        self._rests_until = 0.0
        self._on_trial = False

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Whatever is raised within counts as a failure. Raises AtRest."""
        breaker = await self._breakers.get_breaker("helper")
        if breaker.context.state == OPENED:
            if self._clock() < self._rests_until:
                raise AtRest
            breaker.context.set_state(HalfOpenedState())
        trial = breaker.context.state == HALF_OPENED
        if trial and self._on_trial:
            raise AtRest
        self._on_trial = self._on_trial or trial
        try:
            async with breaker:
                yield
        finally:
            if trial:
                self._on_trial = False

    def _heed(self, circuit: str, what: str, event: Any) -> None:
        if what == "state_changed" and event.state == OPENED:
            self._rests_until = self._clock() + self._pause
