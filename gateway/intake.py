"""The one door in.

A channel hands over an `Arrival` and may acknowledge to its peer once `accept` has returned: by then the bytes are committed
and synced. What they mean is found out later (`read_due`), so a mail that can't be read can neither be lost nor hold up the
next one.

Not here: how a channel talks to its peer (channels/), which conversation a message joins (routing.py), whose turn it is
(conductor.py).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog

from case_store import arrivals
from case_store.arrivals import NewArrival, StoredArrival
from case_store.files import FilesError
from case_store.store import StoreError, Transaction
from channels.channel import Acceptance, Channel, FetchFailed, Receipt, StoreUnavailable
from channels.message import Arrival, Event, MessageIn
from gateway import routing
from gateway.context import Gateway
from gateway.loop import Loop

INLINE: Final = 48 * 1024  # bytes kept in the ledger's row; larger originals become files
AT_ONCE: Final = 64  # arrivals being read: those that take long leave room for the others
RETRY: Final = timedelta(seconds=20)
SOON: Final = timedelta(seconds=3)  # within this what came before has been read
FETCHING_TRIES: Final = 8  # with the delays below some forty minutes; then the arrival is read without what is missing
LONGEST_FETCH_DELAY: Final = timedelta(minutes=15)
SMALL: Final = 4 * 1024  # bytes of a fetched part that are kept in the ledger's row; larger ones become files

log = structlog.get_logger(__name__)


class Intake:
    """Accepts for every channel, then reads what was accepted."""

    def __init__(self, gateway: Gateway, channels: Mapping[str, Channel], *, only: Sequence[str] | None = None) -> None:
        """`only`: arrivals of these channels are read, those of others wait for a process that has them."""
        self._gateway = gateway
        self._only = only
        self._channels = channels
        self._reading: set[asyncio.Task[None]] = set()
        self._loop = Loop("intake", self._begin)
        gateway.wakeups.on("arrival", lambda wake: self._loop.hint())

    async def accept(self, arrival: Arrival, also: Callable[[Transaction, str], None] | None = None) -> Receipt:
        """Commits an arrival to the ledger. Returning means durable. Raises StoreUnavailable, and nothing was taken.

        `also` runs in the same transaction, with the arrival's id; what it raises undoes both.
        """
        small = len(arrival.raw) <= INLINE
        try:
            # the file is written, synced and renamed before the transaction that names it
            digest = None if small else await asyncio.to_thread(self._gateway.files.put, arrival.raw)
            new = NewArrival(
                channel=arrival.channel,
                account=arrival.account,
                external_id=arrival.external_id,
                received_at=arrival.received_at,
                size=len(arrival.raw),
                raw=arrival.raw if small else None,
                digest=digest,
                transport=arrival.transport,
                lane=arrival.lane,
            )
            id, repeated = await self._gateway.store.write(_accept, new, also)
        except (StoreError, FilesError, OSError) as error:
            raise StoreUnavailable(str(error)) from error
        return Receipt(id, Acceptance.REPEATED if repeated else Acceptance.ACCEPTED)

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        """Finishes what is being read; the rest waits in the ledger."""
        await self._loop.stop()
        await self._all_read()

    async def _all_read(self) -> None:
        while self._reading:
            await asyncio.wait(self._reading)

    async def read_due(self) -> int:
        """Reads what waits, up to a batch. Answers how many arrivals were claimed."""
        begun = await self._begin()
        await self._all_read()
        return begun

    async def _begin(self) -> int:
        """Begins to read what waits, as far as there is room: one that takes long holds up no other."""
        room = AT_ONCE - len(self._reading)
        claimed = await self._gateway.store.write(arrivals.claim, room, self._only) if room else []
        for arrival in claimed:
            task = asyncio.create_task(self._read_or_leave(arrival), name=f"read {arrival.id}")
            self._reading.add(task)
            task.add_done_callback(self._has_read)
        return len(claimed)

    def _has_read(self, task: asyncio.Task[None]) -> None:
        self._reading.discard(task)
        if len(self._reading) == AT_ONCE - 1:
            self._loop.hint()  # there was no room until now

    async def _read_or_leave(self, stored: StoredArrival) -> None:
        """What the store can't take now keeps its lease and is read again when that has run out."""
        try:
            await self._read(stored)
        except StoreError as error:
            log.warning("reading_waits_for_store", arrival=stored.id, error=str(error))
        except Exception:
            log.exception("reading_failed", arrival=stored.id)
        if stored.lane is not None:
            self._loop.hint()  # the next of its lane may be due

    async def _read(self, stored: StoredArrival) -> None:
        channel = self._channels.get(stored.channel)
        if channel is None:
            await self._park(stored, f"no channel {stored.channel!r} runs here")
            return
        try:
            arrival = _as_arrival(stored, await self._original(stored))
            known = await self._fetched(channel, stored, arrival)
            if known is None:
                return
            stored, fetched = known
            events = await channel.read(arrival, fetched)
            await self._keep_files(events)
        except StoreError:
            raise
        except Exception as error:  # whatever a hostile message did: it is put aside with its reason
            await self._not_read(stored, error)
            return
        try:
            await self._gateway.store.write(self._take_in, stored, events)
        except (StoreError, routing.LeaseLost):
            raise
        except routing.TooEarly as error:
            await self._gateway.store.write(arrivals.try_later, stored, str(error), SOON)
        except Exception as error:
            log.exception("taking_in_failed", arrival=stored.id)
            await self._not_read(stored, error)

    async def _fetched(
        self, channel: Channel, stored: StoredArrival, arrival: Arrival
    ) -> tuple[StoredArrival, Mapping[str, bytes]] | None:
        """What was looked up for it, now or before. None if that has to be tried again later, or the lease was lost."""
        if stored.fetched is not None:
            return stored, await asyncio.to_thread(self._unpacked, stored.fetched)
        if not channel.needs_fetch(arrival):
            return stored, {}
        try:
            async with self._held(stored):
                parts = await channel.fetch(arrival)
        except FetchFailed as error:
            if error.retryable and stored.attempts < FETCHING_TRIES:
                await self._fetch_later(stored, error)
                return None
            log.warning("fetch_given_up", arrival=stored.id, channel=stored.channel)
            parts = error.partial
        packed = await asyncio.to_thread(self._packed, parts)
        kept = await self._gateway.store.write(arrivals.keep_fetched, stored, packed)
        return None if kept is None else (kept, parts)

    async def _fetch_later(self, stored: StoredArrival, error: FetchFailed) -> None:
        doubled = min(RETRY * (1 << min(stored.attempts - 1, 10)), LONGEST_FETCH_DELAY)
        delay = doubled if error.retry_after is None else timedelta(seconds=error.retry_after)
        await self._gateway.store.write(arrivals.try_later, stored, error.detail, delay, state="fetching")

    @contextlib.asynccontextmanager
    async def _held(self, stored: StoredArrival) -> AsyncIterator[None]:
        """Keeps the lease while something large is on its way."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(arrivals.LEASE.total_seconds() / 3)
                with contextlib.suppress(StoreError):
                    await self._gateway.store.write(arrivals.renew, stored)

        renewing = asyncio.create_task(renew(), name=f"hold {stored.id}")
        try:
            yield
        finally:
            renewing.cancel()

    def _packed(self, parts: Mapping[str, bytes]) -> dict[str, Any]:
        """Parts as the ledger's row holds them. Files are written before the transaction that names them."""
        return {
            name: {"inline": base64.b64encode(part).decode()}
            if len(part) <= SMALL
            else {"digest": self._gateway.files.put(part), "size": len(part)}
            for name, part in parts.items()
        }

    def _unpacked(self, packed: Mapping[str, Any]) -> dict[str, bytes]:
        return {
            name: base64.b64decode(kept["inline"]) if "inline" in kept else self._gateway.files.get(kept["digest"])
            for name, kept in packed.items()
        }

    async def _keep_files(self, events: list[Event]) -> None:
        """What stands in no original that is kept becomes a file before the transaction that names it."""
        own = [
            attachment.content
            for event in events
            if isinstance(event, MessageIn)
            for attachment in event.attachments
            if attachment.part is None
        ]
        for content in own:
            await asyncio.to_thread(self._gateway.files.put, content)

    def _take_in(self, tx: Transaction, stored: StoredArrival, events: list[Event]) -> None:
        routing.take_in(tx, self._gateway, stored, events)

    async def _original(self, stored: StoredArrival) -> bytes:
        if stored.raw is not None:
            return stored.raw
        return await asyncio.to_thread(self._gateway.files.get, stored.digest or "")

    async def _not_read(self, stored: StoredArrival, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if stored.attempts >= arrivals.READING_TRIES or getattr(error, "final", False):
            await self._park(stored, reason)
        else:
            await self._gateway.store.write(arrivals.try_later, stored, reason, RETRY)

    async def _park(self, stored: StoredArrival, reason: str) -> None:
        log.warning("arrival_parked", arrival=stored.id, channel=stored.channel, reason=reason.split(":")[0])
        await self._gateway.store.write(arrivals.park, stored, reason)


def _accept(tx: Transaction, new: NewArrival, also: Callable[[Transaction, str], None] | None) -> tuple[str, bool]:
    id, repeated = arrivals.accept(tx, new)
    if also is not None:
        also(tx, id)
    return id, repeated


def _as_arrival(stored: StoredArrival, raw: bytes) -> Arrival:
    return Arrival(
        stored.channel, stored.account, stored.external_id, stored.received_at, raw, stored.transport, stored.lane
    )
