"""What happens by itself because time has passed: deadlines warn, silence files, the queue is announced, words are indexed,
uploads that nobody finished and files that no row names go, what is over is erased, surges are looked for, a checkpoint is signed.

Every timer is a row; whichever process finds one due does its work in the unit that ticks it off, so it happens once.

Not here: the dates (promises.py), the words (texts.py).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import DBAPIError

from case_store import (
    bulk,
    checkpoints,
    codes,
    drafts,
    duplicates,
    emergencies,
    idempotency,
    leaving,
    people,
    postings,
    search,
    subjects,
    timers,
)
from case_store.store import StoreError, Transaction, is_passing, is_unavailable
from case_store.timers import Timer
from channels.channel import DutyLost
from channels.channel import StoreUnavailable as ChannelUnavailable
from gateway import alarms, filing, going, lapsing, mandates, negotiating, overhearing, solutions, surging, uploads
from gateway.context import Gateway
from gateway.erasing import Erasing
from gateway.notifications import Notices
from gateway.sweeping import Sweep

POLL: Final = 1.0
AT_ONCE: Final = 50
SWEEP_EVERY: Final = 600  # looks, ten minutes
GONE_EVERY: Final = 10
SURGES_EVERY: Final = 60
CHECKPOINT: Final = "checkpoint"

log = structlog.get_logger(__name__)


def fire_due(tx: Transaction, notices: Notices, key: Ed25519PrivateKey) -> int:
    """Fires the timers that are due. Answers how many."""
    due = timers.claim(tx, AT_ONCE)
    for timer in due:
        try:
            with tx.connection.begin_nested():
                _fire(tx, notices, key, timer)
                timers.fired(tx, timer)
        except DBAPIError as error:
            if is_passing(error) or is_unavailable(error):
                raise
            log.exception("timer_failed", timer=timer.key)
        except Exception:  # it stays leased and is tried again; the others fire
            log.exception("timer_failed", timer=timer.key)
    return len(due)


def _fire(tx: Transaction, notices: Notices, key: Ed25519PrivateKey, timer: Timer) -> None:
    if timer.kind == CHECKPOINT:
        checkpoints.write_checkpoint(tx, key)
    elif timer.kind == "unseen":
        notices.fire_unseen(tx, timer.subject, timer.payload or {})
    elif timer.kind in overhearing.KINDS:
        overhearing.fire(tx, timer.kind, timer.subject, timer.payload or {})
    elif timer.kind == mandates.OVER:
        mandates.fire_over(tx, timer.subject, timer.payload or {})
    elif timer.kind == lapsing.EXPIRES:
        negotiating.fire_expired(tx, notices, timer.subject)
    elif timer.kind == solutions.BY_ITSELF:
        solutions.fire(tx, notices, timer.subject)
    elif timer.kind in (negotiating.NEAR, negotiating.OVERDUE):
        alarms.settlement(tx, notices, timer.kind, str((timer.payload or {})["settlement"]))
    elif timer.kind == emergencies.DECLARED:
        alarms.emergency(tx, notices, timer.subject)
    elif timer.kind.startswith("feedback_"):
        alarms.deadline(tx, notices, timer.kind, timer.subject)


class Clockwork:
    """Looks once a second for what has become due."""

    def __init__(self, gateway: Gateway, notices: Notices, key: Ed25519PrivateKey) -> None:
        self._gateway = gateway
        self._key = key
        self._holder = f"{gateway.settings.node}:{secrets.token_hex(8)}"
        self._sealed_on = ""
        self._ticks = 0
        self._notices = notices
        self._files = Sweep(gateway)
        self._erasing = Erasing(gateway)
        self._forgetting: asyncio.Task[None] | None = None
        self._ordered = False
        self._sweeping: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._now = asyncio.Event()
        gateway.wakeups.on("alarm", lambda wake: self._now.set())
        gateway.wakeups.on("erasure", self._order_came)

    def _order_came(self, wake: object) -> None:
        self._ordered = True
        self._now.set()

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="clockwork")

    async def stop(self) -> None:
        self._stopping.set()
        self._now.set()
        self._erasing.stop()
        if self._loop is not None:
            await self._loop
        for beside in (self._sweeping, self._forgetting):
            if beside is not None:
                await beside

    async def _run(self) -> None:
        while not self._stopping.is_set():
            self._now.clear()
            await self.tick()
            try:
                async with asyncio.timeout(0 if self._stopping.is_set() else POLL):
                    await self._now.wait()
            except TimeoutError:
                pass

    async def tick(self) -> None:
        """Each duty by itself: what keeps one from its work keeps no other."""
        store = self._gateway.store
        await self._duty("announce", lambda: store.write(alarms.announce_waiting, self._notices))
        await self._duty("checkpoint", self._seal_daily)
        await self._duty("timers", lambda: store.write(fire_due, self._notices, self._key))
        await self._duty("silence", lambda: store.write(filing.file_in_silence, self._notices))
        await self._duty("search", self._index)
        await self._duty("webhooks", self._clear)
        if self._ticks % GONE_EVERY == 0:
            await self._duty("gone", self._take_back)
        if self._ticks % SURGES_EVERY == 0:
            await self._duty("surges", lambda: surging.look(store, self._notices, self._holder))
        if self._ticks % SWEEP_EVERY == 0:
            await self._duty("sweep", lambda: store.write(idempotency.sweep))
            await self._duty("sweep", lambda: store.write(people.sweep_sessions, self._gateway.policy.sign_in.idle))
            await self._duty("sweep", lambda: store.write(subjects.sweep))
            await self._duty("sweep", lambda: store.write(postings.sweep))
            await self._duty("sweep", lambda: store.write(codes.forget_old))
            await self._duty("sweep", lambda: store.write(bulk.sweep))
            await self._duty("sweep", lambda: store.write(drafts.sweep))
            await self._duty("uploads", lambda: uploads.sweep(self._gateway))
            self._sweep_files()
        if self._ordered or self._ticks % SWEEP_EVERY == 0:
            self._erase()
        self._ticks += 1

    def _erase(self) -> None:
        """Beside everything else, too; what is ordered while one is at it waits for the next look."""
        if self._forgetting is None or self._forgetting.done():
            self._ordered = False
            self._forgetting = asyncio.create_task(self._duty("erasing", self._erasing.run), name="erasing")

    def _sweep_files(self) -> None:
        """Beside everything else: it looks at every file and every row, and no deadline may wait for that."""
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.create_task(self._duty("files", self._files.run), name="sweep of files")

    async def _duty(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except (StoreError, ChannelUnavailable, DutyLost) as error:
            log.warning("clockwork_waits_for_store", duty=name, error=str(error))
        except Exception:
            log.exception("clockwork_failed", duty=name)

    async def _index(self) -> None:
        if await self._gateway.store.read(search.is_waiting):
            await self._gateway.store.write(search.index_waiting, AT_ONCE)
        if await self._gateway.store.read(duplicates.is_waiting):
            await self._gateway.store.write(duplicates.trace_waiting, AT_ONCE)

    async def _clear(self) -> None:
        """What a webhook leaves that was removed: some of it at each look, so that no writer waits for all of it."""
        if await self._gateway.store.read(postings.is_to_clear):
            await self._gateway.store.write(postings.clear)

    async def _take_back(self) -> None:
        """A key that expires ends without anybody's doing anything."""
        if await self._gateway.store.read(leaving.is_held_by_gone):
            await self._gateway.store.write(going.take_back, self._notices.owner_changed)

    async def _seal_daily(self) -> None:
        """One checkpoint a day over all chains, whichever process comes first: the timer can be set only once."""
        today = f"{datetime.now(UTC):%Y%m%d}"
        if today != self._sealed_on:
            await self._gateway.store.write(_set_checkpoint, today)
            self._sealed_on = today


def _set_checkpoint(tx: Transaction, day: str) -> None:
    timers.set_timer(tx, CHECKPOINT, day, tx.now)
