"""Long polling: one process at a time asks for updates, and the offset moves on only when what came is committed.

An offset is sent once, to confirm what has been taken, and then left out: Telegram hands over from the oldest unconfirmed update
by itself, and an offset kept for long would be wrong, since after a week of silence the numbers begin anew at random; one that
is too high makes Telegram forget what it has not delivered.

What keeps the poll from working stands in `trouble` and in the duty's memory, and is tried again: somebody else who polls the
same bot (409), a token that is refused (401), the Bot API out of reach.

Not here: what an update means (read.py), who may poll (gateway/duties.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from telegram.error import Conflict, InvalidToken, TelegramError

from channels.channel import Duty, DutyLost, Hold, StoreUnavailable
from channels.telegram.api import Api, Flooded, NotSent, Unanswered, in_words
from channels.telegram.update import peek

Take = Callable[[bytes], Awaitable[None]]
"""Commits one update. Raises StoreUnavailable."""

LONGEST_WAIT: Final = 20  # seconds for which one request stays open
LONGEST_PAUSE: Final = 30.0
AT_ONCE: Final = 0.3  # seconds: an answer with nothing in it should take longer
ENOUGH: Final = 3  # failures in a row, until another node may try

log = logging.getLogger(__name__)


class Poller:
    """Polls while it has the duty. `pause` in seconds is the shortest wait after something failed."""

    def __init__(self, api: Api, duty: Duty, take: Take, pause: float = 1.0) -> None:
        self._api = api
        self._duty = duty
        self._take = take
        self._pause = pause
        self._failures = 0
        self._hold: Hold | None = None
        self._task: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        self.refused = False  # the trouble is one that somebody has to put right

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="telegram poll")

    async def stop(self) -> None:
        """What was not confirmed comes again at the next start, and is recognised."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._hold is not None:
            with contextlib.suppress(StoreUnavailable):
                await self._duty.let_go(self._hold)

    async def _run(self) -> None:
        while True:
            try:
                self._hold = await self._duty.take()
                if self._hold is None:
                    self.trouble, self.refused = None, False
                    await asyncio.sleep(min(self._duty.seconds / 6, 5.0))
                else:
                    await self._poll()
            except DutyLost:
                self._hold = None
            except StoreUnavailable:
                await asyncio.sleep(self._pause)
            except TelegramError as error:
                await self._failed(error)
            except Exception as error:  # a fault of ours: said, and tried again
                log.error("the Telegram poll failed", exc_info=error)
                await asyncio.sleep(LONGEST_PAUSE if self._pause >= 1 else self._pause)

    async def _poll(self) -> None:
        """Asks, takes and confirms, for as long as the duty is ours. Raises DutyLost, StoreUnavailable, TelegramError."""
        await self._api.use_polling()
        offset: int | None = None
        while True:
            wait = 0 if self.trouble else min(LONGEST_WAIT, int(self._duty.seconds * 2 / 3))
            asked = time.monotonic()
            updates = await self._api.updates(offset, wait)
            self._works()
            offset = await self._taken(updates)
            # nothing to confirm them by, or somebody between us who does not wait: at once would be for ever
            if offset is None and time.monotonic() - asked < min(wait, AT_ONCE):
                await asyncio.sleep(self._pause)

    async def _taken(self, updates: list[bytes]) -> int | None:
        """Commits them one after another. Answers the offset that confirms them, None if nothing came."""
        offset = None
        try:
            for raw in updates:
                await self._take(raw)
                offset = number_of(raw, offset)
        except StoreUnavailable:
            if offset is None:
                raise
            await asyncio.sleep(self._pause)  # those that are committed are confirmed; the rest comes again
        await self._remember({"last": offset} if offset is not None else {})
        return offset

    async def _remember(self, more: dict[str, Any]) -> None:
        """Holds on to the duty, and keeps how things stand for whoever asks: the doctor reads it."""
        if self._hold is None:
            raise DutyLost("telegram")
        told = {"at": datetime.now(UTC).isoformat(), "trouble": self.trouble}
        self._hold = await self._duty.remember(self._hold, {**self._hold.memory, **told, **more})

    def _works(self) -> None:
        if self.trouble is not None:
            log.warning("the Telegram poll works again")
        self.trouble, self.refused, self._failures = None, False, 0

    async def _failed(self, error: TelegramError) -> None:
        """Says what is wrong, once, and waits."""
        self._failures += 1
        told = in_words(error)
        self.refused = isinstance(error, Conflict | InvalidToken)
        if self.refused and told != self.trouble:
            log.error("Telegram: %s; %s", told, _ADVICE[isinstance(error, InvalidToken)])
        elif self.trouble is None:
            log.warning("Telegram: %s; trying again", told)
        self.trouble = told
        with contextlib.suppress(DutyLost, StoreUnavailable):
            await self._remember({})
            if self._failures >= ENOUGH and self._hold is not None and isinstance(error, NotSent | Unanswered):
                await self._duty.let_go(self._hold)  # the fault may be our network's: another node tries
        doubled = min(self._pause * 2 ** min(self._failures - 1, 6), LONGEST_PAUSE)
        await asyncio.sleep(max(doubled, error.seconds) if isinstance(error, Flooded) else doubled)


_ADVICE: Final = {
    False: "stop the other one, or give each its own bot",
    True: "put the token that @BotFather shows into QINGTING_TELEGRAM_TOKEN and restart",
}


def number_of(raw: bytes, before: int | None) -> int | None:
    """The offset that confirms this update and those before it."""
    number = peek(raw).get("update_id")
    if not isinstance(number, int):
        return before
    return number + 1 if before is None else max(before, number + 1)
