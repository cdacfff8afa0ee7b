"""The customer's end of a channel: what every channel shares."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from gateway.simulation.transcript import Entry


class Unreached(Exception):
    """The channel can't be used at all; its words say why."""


class Inbox:
    """What has come from the house and was not read yet. `clock` gives the seconds since the conversation began."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._entries: list[Entry] = []
        self._came = asyncio.Event()

    def put(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._came.set()

    async def take(self, seconds: float, settle: float) -> list[Entry]:
        """What the house says next, once it has been silent for `settle` seconds. Empty if nothing comes in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._came.wait()
        except TimeoutError:
            return []
        while self._came.is_set():
            self._came.clear()
            try:
                async with asyncio.timeout(settle):
                    await self._came.wait()
            except TimeoutError:
                break
        found, self._entries = self._entries, []
        self._came.clear()
        return found


class Line(ABC):
    """One customer on one channel.

    `reference` and `conversation` are what the channel itself gives away; None where it tells nothing.
    """

    settle = 0.4  # seconds of silence after which the house has had its say

    def __init__(self, clock: Callable[[], float]) -> None:
        self.inbox = Inbox(clock)
        self.reference: str | None = None
        self.conversation: str | None = None

    @abstractmethod
    async def open(self) -> None:
        """Reaches the house. Raises Unreached."""

    @abstractmethod
    async def say(self, lines: Sequence[str], sent: Callable[[str], None]) -> None:
        """Writes and sends them one after the other, as a person types. `sent` is called with each as it leaves."""

    async def leave(self) -> None:
        """Closes the window without a word and comes back. Channels that have none do nothing."""
        return

    async def close(self) -> None:
        return

    async def hear(self, seconds: float) -> list[Entry]:
        return await self.inbox.take(seconds, self.settle)
