"""Every reading of a case by the house's people and machines is on record: which requests are readings, and how they are written down.

The table of routes says what each of them gives to read (`Route.reads`; what is fetched under the path of a case or a conversation is
read without being named). Whoever guards the routes notes it after the answer was made and before it leaves. What one reader does with one case within half an hour is one reading; that they saw it in lists is told
once a day.

Ordinary readings are collected and written once a second, in one transaction: no request waits for the disk. What goes out whole, a
file, an original, a recording, a printed record, is written first: if that fails the answer is that it failed. A process that is killed
loses at most the ordinary readings of its last second; one that can't write keeps them, and refuses to give more to read once
it has too many.

Not here: where readings are kept and found again (case_store/readings.py).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web

from case_store import readings
from case_store.readings import Reading
from case_store.store import StoreError
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.context import GATEWAY, Gateway

EVERY: Final = 1.0  # seconds between two writings
JOINED: Final = 30 * 60.0  # seconds that one reading holds for
LISTED: Final = 24 * 3600.0  # the same for what was seen in a list
REMEMBERED: Final = 50_000  # readings that others are joined to; the oldest are forgotten and written again
MOST_WAITING: Final = 5_000  # readings that were not written yet

log = structlog.get_logger(__name__)

SEEN: web.RequestKey[tuple[tuple[str, ...], str | None]] = web.RequestKey("seen", tuple)
"""Where a handler says what it gave to read, if the path does not: subjects, `case:ID` or `conversation:ID`."""
ALSO: web.RequestKey[tuple[str, ...]] = web.RequestKey("also_seen", tuple)
"""What stood beside it, as in a list: other cases of the customer, one that may tell the same matter."""
_Key = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Reads:
    """What a route gives to read. `part` of its path names the `subject`; neither, where the handler says it by `seen`.

    `of` is the part of the path that says which file; `first`: it is written down before it is answered.
    """

    what: str
    subject: str = ""
    part: str = ""
    of: str = ""
    first: bool = False


CASE: Final = Reads("case", "case", "key")
TALK: Final = Reads("conversation", "conversation", "id")
SHOWING: Final = frozenset({"Case", "Conversation", "Message"})
"""Answers that show a case, a conversation, or what was said in it."""
LIST: Final = Reads("listed")
PRINT: Final = Reads("print", first=True)
FILE: Final = Reads("file", "conversation", "id", of="attachment", first=True)
PREVIEW: Final = Reads("preview", "conversation", "id", first=True)
ORIGINAL: Final = Reads("original", "conversation", "id", of="number", first=True)


def by_path(method: str, path: str, answer: str | None) -> Reads | None:
    """What is fetched under the path of a case or a conversation gives it to read, and so does any act that answers with it."""
    if method != "GET" and answer not in SHOWING:
        return None
    if path.startswith("/api/v1/cases/{key}"):
        return CASE
    return TALK if path.startswith("/api/v1/conversations/{id}") else None


def seen(request: web.Request, *subjects: str, of: str | None = None) -> None:
    """A handler says what it gives to read."""
    request[SEEN] = (subjects, of)


def also(request: web.Request, *subjects: str) -> None:
    """A handler says what stands beside what it gives to read."""
    request[ALSO] = subjects


class Readings:
    """The readings of one process."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._waiting: list[Reading] = []
        self._until: OrderedDict[_Key, float] = OrderedDict()
        self._writing = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def note(self, request: web.Request, reads: Reads) -> None:
        """Writes a reading down, at once or soon. Raises StoreError where it has to be written first and can't be."""
        await self._note(request[PRINCIPAL], reads, *_told(request, reads))
        if ALSO in request:
            beside = request[ALSO]
            await self._note(request[PRINCIPAL], LIST, tuple(dict.fromkeys(beside)), None)

    async def _note(self, principal: Principal, reads: Reads, subjects: tuple[str, ...], of: str | None) -> None:
        keys = {subject: (principal.caller, reads.what, subject, of) for subject in subjects}
        now = time.monotonic()
        fresh = tuple(subject for subject in subjects if self._until.get(keys[subject], 0.0) <= now)
        if not fresh:
            return
        reading = Reading(principal.actor, principal.username, reads.what, fresh, of)
        if reads.first:
            await self._gateway.store.write(readings.keep, [reading])
        else:
            if len(self._waiting) >= MOST_WAITING:
                await self.flush()
            self._waiting.append(reading)
        holds = now + (LISTED if reads.what == "listed" else JOINED)
        for subject in fresh:
            self._until[keys[subject]] = holds
            self._until.move_to_end(keys[subject])
        while len(self._until) > REMEMBERED:
            self._until.popitem(last=False)

    async def flush(self) -> None:
        """Writes what waits. Raises StoreError, and keeps it, if that can't be done."""
        async with self._writing:
            batch = list(self._waiting)
            if batch:
                await self._gateway.store.write(readings.keep, batch)
                del self._waiting[: len(batch)]

    def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="readings")

    async def stop(self) -> None:
        self._stopping.set()
        if self._loop is not None:
            await self._loop
        await self._written()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(EVERY):
                    await self._stopping.wait()
            except TimeoutError:
                await self._written()

    async def _written(self) -> None:
        try:
            await self.flush()
        except StoreError as error:
            log.warning("readings_wait_for_store", waiting=len(self._waiting), error=str(error))
        except Exception:
            log.exception("readings_failed", waiting=len(self._waiting))


def _told(request: web.Request, reads: Reads) -> tuple[tuple[str, ...], str | None]:
    if reads.part:
        of = request.match_info[reads.of] if reads.of else None
        subjects, named = (f"{reads.subject}:{request.match_info[reads.part]}",), of
        return (subjects, request[SEEN][1]) if SEEN in request else (subjects, named)
    subjects, named = request.get(SEEN, ((), None))
    return tuple(dict.fromkeys(subjects)), named


READINGS: web.AppKey[Readings] = web.AppKey("readings", Readings)


def set_up(app: web.Application) -> None:
    app[READINGS] = Readings(app[GATEWAY])

    async def running(app: web.Application):  # type: ignore[no-untyped-def]
        app[READINGS].start()
        yield
        await app[READINGS].stop()

    app.cleanup_ctx.append(running)
