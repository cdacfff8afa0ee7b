"""Hints between processes on one PostgreSQL: LISTEN and NOTIFY, joined up, ids only, possibly lost.

Sent after the commit on a connection of its own, at most twenty times a second: a NOTIFY inside every transaction halved the
commits. Whoever misses one polls all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Final

import psycopg
import structlog

from case_store.store import Wake
from gateway.wakeups import Wakeups

CHANNEL: Final = "qingting"
PAUSE: Final = 0.05  # seconds between notifications
LARGEST: Final = 7000  # bytes: PostgreSQL refuses payloads of 8000
RECONNECT: Final = 2.0

log = structlog.get_logger(__name__)


class Listener:
    """Passes this process's hints to the others and theirs to it."""

    def __init__(self, dsn: str, wakeups: Wakeups, node: str) -> None:
        self._dsn = dsn
        self._wakeups = wakeups
        self._node = node
        self._waiting: dict[tuple[str, str], Wake] = {}
        self._any = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._keep(self._listen), name="listen"),
            asyncio.create_task(self._keep(self._notify), name="notify"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def pass_on(self, wakes: list[Wake]) -> None:
        """Joins up hints about the same thing; beyond a thousand they are dropped, since everybody polls."""
        for wake in wakes:
            if len(self._waiting) < 1000:
                self._waiting[wake.kind, wake.id] = wake
        self._any.set()

    async def _keep(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (OSError, psycopg.Error) as error:
                log.warning("listen_lost_database", error=type(error).__name__)
                await asyncio.sleep(RECONNECT)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=5) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            async for notice in connection.notifies():
                sender, *hints = json.loads(notice.payload)
                if sender != self._node:
                    self._wakeups.publish([Wake(kind, id, version=version) for kind, id, version in hints])

    async def _notify(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=5) as connection:
            while True:
                await self._any.wait()
                self._any.clear()
                waiting, self._waiting = list(self._waiting.values()), {}
                for payload in _payloads(self._node, waiting):
                    await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
                await asyncio.sleep(PAUSE)


def _payloads(node: str, wakes: list[Wake]) -> list[str]:
    payloads: list[str] = []
    hints: list[list[object]] = []
    size = 0
    for wake in wakes:
        hint: list[object] = [wake.kind, wake.id, wake.version]
        size += len(json.dumps(hint)) + 1
        if hints and size > LARGEST:
            payloads.append(json.dumps([node, *hints]))
            hints, size = [], len(json.dumps(hint)) + 1
        hints.append(hint)
    if hints:
        payloads.append(json.dumps([node, *hints]))
    return payloads
