"""A real process that is killed while an agent sits at it: colleagues at the others see them no longer than the expiry."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import aiohttp
import pytest

from case_store.store import Store, Wake
from gateway import presence
from gateway.context import Gateway
from gateway.listen import Listener
from gateway.presence import Presence
from gateway.wakeups import Wakeups
from tests.bad_days.conftest import PASSWORD

pytestmark = pytest.mark.slow


class Neighbour:
    """Another process on the same database, as far as presence is concerned, by a clock of its own."""

    def __init__(self, url: str) -> None:
        self.now = 0.0
        self.store, self.wakeups = Store(url, readers=1), Wakeups()
        self.changed = asyncio.Event()
        self.wakeups.on(presence.CHANGED, lambda wake: self.changed.set())
        self.listener = Listener(url, self.wakeups, "neighbour")
        self.presence = Presence(cast(Gateway, self), clock=lambda: self.now)
        self.listener.start()

    def hint(self, *wakes: Wake) -> None:
        self.wakeups.publish(list(wakes))
        self.listener.pass_on(list(wakes))

    async def sees(self, doing: str) -> None:
        async with asyncio.timeout(30):
            while [one["doing"] for one in (await self.presence.told(["c1"], "nobody"))["c1"]] != [doing]:
                await self.changed.wait()
                self.changed.clear()

    async def close(self) -> None:
        await self.listener.stop()
        self.store.close()


async def test_a_killed_process_leaves_no_ghosts(start_gateway: Callable[..., Any], postgresql_url: str) -> None:
    killed = start_gateway(QINGTING_DATABASE_URL=postgresql_url, QINGTING_SECRET="s" * 40)
    neighbour = Neighbour(postgresql_url)
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            signing_in = {"username": "admin", "password": PASSWORD}
            async with http.post(f"{killed.url}/api/v1/session", json=signing_in) as answer:
                assert answer.status == 200
            async with http.ws_connect(f"{killed.url}/api/v1/live") as socket:
                await socket.send_json({"type": "showing", "conversations": [], "open": "c1"})
                await neighbour.sees("reading")
                await socket.send_json({"type": "typing", "conversation": "c1", "what": "note", "active": True})
                await neighbour.sees("note")
                killed.kill()
        neighbour.now = presence.EXPIRY
        neighbour.presence.pulse()
        assert neighbour.presence.others("c1", "nobody")
        neighbour.now += 1
        neighbour.presence.pulse()
        assert not neighbour.presence.others("c1", "nobody")
    finally:
        await neighbour.close()
