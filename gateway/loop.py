"""A loop of the gateway: works off what is due, woken by hints, looking every second all the same.

What fails is logged and tried again a second later: the store out of reach, or a fault of ours, ends no loop.

Not here: what is due and what is done about it (intake.py, conductor.py, delivery.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from case_store.store import StoreError

POLL: Final = 1.0  # seconds: hints may be lost
_SOON: Final = 30.0  # seconds: what falls due later is found by polling
_STEP: Final = 0.01  # seconds: what falls due together is looked for once

log = structlog.get_logger(__name__)


class Loop:
    """`work` answers how much it has begun; after nothing the loop waits for a hint."""

    def __init__(self, name: str, work: Callable[[], Awaitable[int]]) -> None:
        self._name = name
        self._work = work
        self._due = asyncio.Event()
        self._moments: set[int] = set()  # at which something falls due, in steps
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Begins nothing more, and returns when what is under way has ended."""
        self._stopping = True
        self._due.set()
        if self._task is not None:
            await self._task

    def hint(self, delay: float = 0.0) -> None:
        """There is something to do, or will be after `delay` seconds."""
        if delay <= 0:
            self._due.set()
        elif delay < _SOON:
            clock = asyncio.get_running_loop()
            moment = math.ceil((clock.time() + delay) / _STEP)
            if moment not in self._moments:
                self._moments.add(moment)
                clock.call_at(moment * _STEP, self._fall_due, moment)

    def _fall_due(self, moment: int) -> None:
        self._moments.discard(moment)
        self._due.set()

    async def _run(self) -> None:
        while not self._stopping:
            self._due.clear()  # before the work: a hint that comes meanwhile is not lost
            if await self._worked() == 0 and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._due.wait()

    async def _worked(self) -> int:
        try:
            return await self._work()
        except StoreError as error:
            log.warning("loop_waits_for_store", loop=self._name, error=str(error))
        except Exception:
            log.exception("loop_failed", loop=self._name)
        await asyncio.sleep(POLL)
        return 0
