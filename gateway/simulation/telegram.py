"""A customer on Telegram, by way of a Bot API server of one's own that lets customers in over HTTP.

`python -m tests.bot_api_customers` runs such a server. What it needs to offer: `POST /customers/{id}/messages` with `text`,
`first_name` and `language_code`, and `GET /customers/{id}/messages?after=N` that answers `{"messages": [{"number", "text"}]}`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final

import aiohttp

from gateway.simulation.line import Line, Unreached
from gateway.simulation.mail import REFERENCE
from gateway.simulation.transcript import House

LOOKS: Final = 0.15  # seconds
LONGEST_BURST: Final = 12.0


class Telegram(Line):
    settle = 0.8

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        id: int,
        name: str,
        locale: str,
        pace: float,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(clock)
        self._http, self._url, self._pace = http, f"{url.rstrip('/')}/customers/{id}/messages", pace
        self._who = {"first_name": name, "language_code": locale.lower()}
        self._last = 0
        self._writing = False
        self._reader: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self._look()
        self._reader = asyncio.create_task(self._watch())

    async def say(self, lines: Sequence[str], sent: Callable[[str], None]) -> None:
        # a bot is not told that its customer types: short pauses only, within any quiet window
        pause = min(self._pace / 4, LONGEST_BURST / max(1, len(lines)))
        try:
            for number, line in enumerate(lines, 1):
                self._writing = number < len(lines)
                sent(line)
                async with self._http.post(self._url, json={"text": line, **self._who}) as answer:
                    answer.raise_for_status()
                if self._writing:
                    await asyncio.sleep(pause)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreached(f"the stand-in of Telegram takes no message: {error}") from error
        finally:
            self._writing = False

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(Unreached):
                await self._look()
            await asyncio.sleep(LOOKS)

    async def _look(self) -> None:
        try:
            async with self._http.get(self._url, params={"after": str(self._last)}) as answer:
                answer.raise_for_status()
                told = (await answer.json())["messages"]
        except (aiohttp.ClientError, OSError, TimeoutError, KeyError, ValueError) as error:
            raise Unreached(f"the stand-in of Telegram at {self._url} does not answer: {error}") from error
        for said in told:
            self._last = max(self._last, said["number"])
            found = REFERENCE.search(said["text"])
            self.reference = found[0] if found else self.reference
            self.inbox.put(House(said["text"], self.inbox.clock(), interrupts=self._writing))
