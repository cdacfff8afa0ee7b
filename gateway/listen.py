"""Hints between processes on one PostgreSQL: LISTEN and NOTIFY, joined up, ids only, possibly lost.

Sent after the commit on a connection of its own, at most twenty times a second: a NOTIFY inside every transaction halved the
commits. Whoever misses one polls all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

import psycopg
import structlog

from case_store.store import Wake
from gateway.wakeups import RELOAD, Wakeups

CHANNEL: Final = "qingting"
PAUSE: Final = 0.05  # seconds between notifications
LARGEST: Final = 7000  # bytes: PostgreSQL refuses payloads of 8000
RECONNECT: Final = 2.0
MOST_WAITING: Final = 1000

log = structlog.get_logger(__name__)


class Listener:
    """Passes this process's hints to the others and theirs to it."""

    def __init__(self, dsn: str, wakeups: Wakeups, node: str) -> None:
        self._dsn = dsn
        self._wakeups = wakeups
        # two processes on one machine may have the same name, and must not take each other's hints for their own
        self._node = f"{node[:60]}:{secrets.token_hex(8)}"
        self._lost = False
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
        """Joins up hints about the same thing; beyond a thousand one hint tells everybody to look again."""
        for wake in wakes:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[wake.kind, wake.id] = wake
            else:
                self._lost = True
        self._any.set()

    async def _keep(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (OSError, psycopg.Error) as error:
                log.warning("listen_lost_database", error=type(error).__name__)
            except Exception:  # whoever a hint was for may fail: the next one is heard all the same
                log.exception("listen_failed")
            else:
                continue
            await asyncio.sleep(RECONNECT)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=5) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._wakeups.reload()  # sockets wait for hints only, and those of the time without a connection are lost
            async for notice in connection.notifies():
                self._heard(notice.payload)

    def _heard(self, payload: str) -> None:
        try:
            sender, *hints = json.loads(payload)
            wakes = [Wake(str(kind), str(id), version=int(version)) for kind, id, version in hints]
        except (ValueError, TypeError):
            log.warning("hint_not_understood")
            return
        if sender == self._node:
            return
        if any(wake.kind == RELOAD.kind for wake in wakes):
            self._wakeups.reload()
        self._wakeups.publish([wake for wake in wakes if wake.kind != RELOAD.kind])

    async def _notify(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=5) as connection:
            while True:
                await self._any.wait()
                self._any.clear()
                waiting, self._waiting = list(self._waiting.values()), {}
                if self._lost:
                    waiting.append(RELOAD)
                self._lost = True  # until they are sent
                for payload in _payloads(self._node, waiting):
                    await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
                self._lost = False
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
