"""Looks at every attachment once it is stored: what its content is, whether the scanner finds something, a picture of it.

A loop over rows that are due, whichever channel they came by; claimed with a lease, so that several processes share the work
and one that dies leaves it to the others. What is found infected is put out of reach where that is written, a person is asked
to look, and a customer who is there is asked for another copy, all in one transaction.

It is nobody's turn here: customers are answered meanwhile, and between two batches it rests for as long as it has worked, so
that a flood of files takes no more than its share of the machine.

Not here: the bytes (attachments.py), the scanner's protocol (clamd.py), pictures (previews.py).
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import structlog

from case_store import attachments, audit, cases, conversations, tasks
from case_store.attachments import Examined, Scan, ToExamine
from case_store.audit import Entry, conversation_chain
from case_store.conversations import NewMessage, Row
from case_store.files import FilesError
from case_store.records import ChannelName, Language, Sender
from case_store.store import StoreError, Transaction
from channels.email.workers import Readers
from gateway import texts
from gateway.attachments import NoContent, parts_of
from gateway.clamd import Clamd, NotScannable, ScannerAway
from gateway.context import Gateway
from gateway.file_names import safe_name
from gateway.file_types import Looked, look_at
from gateway.loop import Loop
from gateway.previews import NoPicture, Pictures, may_be_pictured, may_be_read
from gateway.texts import Occasion

AT_ONCE: Final = 8
BACKLOG: Final = 500  # attachments sent at a time to a scanner that is new here
TRIES: Final = 4  # to get at the bytes
RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(minutes=15)
LONGEST_REST: Final = 10.0  # seconds
AWAY: Final = 10.0  # seconds in which a scanner that did not answer is not asked again
ASKED_IN_CHAT: Final = (ChannelName.WEBCHAT,)

log = structlog.get_logger(__name__)


class Examiner:
    """One for each process."""

    def __init__(self, gateway: Gateway, readers: Readers | None = None, pictures: Pictures | None = None) -> None:
        self._gateway = gateway
        self._readers = readers or Readers(processes=1)
        self._pictures = pictures or Pictures()
        place = gateway.settings.clamd
        self._clamd = None if place is None else Clamd(place)
        self._backlog = self._clamd is not None
        self._away_until = 0.0
        self._current: asyncio.Task[int] | None = None
        self._stopping = False
        self._loop = Loop("examiner", self._work)
        gateway.wakeups.on("attachment", lambda wake: self._loop.hint())

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        """Leaves what is under way: nothing of it was promised, and its lease runs out."""
        self._stopping = True
        if self._current is not None:
            self._current.cancel()
        await self._loop.stop()
        await self._readers.stop()
        await self._pictures.stop()

    async def _work(self) -> int:
        self._current = asyncio.create_task(self._examine_and_rest(), name="examine")
        try:
            return await self._current
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            return 0

    async def _examine_and_rest(self) -> int:
        started = asyncio.get_running_loop().time()
        done = await self.examine_due()
        if done:
            await asyncio.sleep(min(asyncio.get_running_loop().time() - started, LONGEST_REST))
        return done

    async def examine_due(self) -> int:
        """Examines what is due, up to a batch. Answers how many were claimed, or sent to a scanner that is new here."""
        store = self._gateway.store
        claimed = await store.write(attachments.claim, AT_ONCE)
        if not claimed and self._backlog:
            sent = await store.write(attachments.scan_what_was_not, BACKLOG)
            self._backlog = sent > 0
            return sent
        for together in _by_original(claimed):
            await self._examine_together(together)
        return len(claimed)

    async def _examine_together(self, together: Sequence[ToExamine]) -> None:
        """Attachments of one original, which is taken apart once for all of them."""
        try:
            contents = await self._contents(together)
        except (NoContent, FilesError, OSError) as error:
            for one in together:
                await self._not_readable(one, error)
            return
        for one, content in zip(together, contents, strict=True):
            if content is None:
                await self._not_readable(one, NoContent("the mail has no such part"))
            else:
                await self._settle(one, await self._examined(one, content))

    async def _contents(self, together: Sequence[ToExamine]) -> list[bytes | None]:
        first = together[0]
        if first.part is None:
            return [await asyncio.to_thread(self._gateway.files.get, first.digest)]
        row = await self._gateway.store.read(attachments.arrival, first.arrival_id or "")
        if row is None:
            raise NoContent("what it came in is not kept")
        parts = await parts_of(self._gateway, self._readers, row)
        return [parts.get(one.part or "") for one in together]

    async def _examined(self, one: ToExamine, content: bytes) -> Examined:
        looked = await asyncio.to_thread(look_at, io.BytesIO(content), one.name)
        notes = (*looked.notes, looked.refusal.value) if looked.refusal else looked.notes
        scan, told = await self._scanned(content)
        picture = None if scan is Scan.INFECTED else await self._picture(looked, content)
        excerpt = None if scan is Scan.INFECTED else await self._excerpt(looked, content)
        retry = _delay(one.tries) if scan is Scan.UNSCANNED else None
        return Examined(looked.media_type, notes, scan, told, picture, retry, excerpt)

    async def _scanned(self, content: bytes) -> tuple[Scan | None, str | None]:
        if self._clamd is None:
            return None, None
        now = asyncio.get_running_loop().time()
        if now < self._away_until:  # else each of a batch would wait for it as long as the first
            return Scan.UNSCANNED, None
        try:
            signature = await self._clamd.scan(io.BytesIO(content))
        except ScannerAway as error:
            self._away_until = asyncio.get_running_loop().time() + AWAY
            log.warning("scanner_away", error=str(error))
            return Scan.UNSCANNED, str(error)
        except NotScannable as error:
            return Scan.FAILED, str(error)
        return (Scan.CLEAN, None) if signature is None else (Scan.INFECTED, signature)

    async def _picture(self, looked: Looked, content: bytes) -> str | None:
        """The digest of a preview, kept before the row names it; None where there is none to be had."""
        if not may_be_pictured(looked.media_type):
            return None
        try:
            drawn = await self._pictures.preview(content, looked.media_type)
        except NoPicture as error:
            log.info("no_preview", why=str(error))
            return None
        return await asyncio.to_thread(self._gateway.files.put, drawn)

    async def _excerpt(self, looked: Looked, content: bytes) -> str | None:
        if not may_be_read(looked.media_type):
            return None
        try:
            return await self._pictures.excerpt(content, looked.media_type)
        except NoPicture as error:
            log.info("no_excerpt", why=str(error))
            return None

    async def _not_readable(self, one: ToExamine, error: Exception) -> None:
        log.warning("attachment_not_readable", attachment=one.id, error=type(error).__name__)
        scan = None if self._clamd is None else Scan.FAILED
        retry = None if isinstance(error, NoContent) or one.tries >= TRIES else _delay(one.tries)
        await self._settle(one, Examined(None, scan=scan, signature=str(error) or None, retry=retry))

    async def _settle(self, one: ToExamine, found: Examined) -> None:
        try:
            await self._gateway.store.write(settle, one, found)
        except StoreError as error:  # its lease runs out, and it is looked at again
            log.warning("examining_waits_for_store", attachment=one.id, error=str(error))


def _by_original(claimed: Sequence[ToExamine]) -> list[list[ToExamine]]:
    """Those cut from one mail together, every other by itself."""
    groups: dict[str, list[ToExamine]] = {}
    for one in claimed:
        groups.setdefault(one.id if one.part is None else f"arrival {one.arrival_id}", []).append(one)
    return list(groups.values())


def _delay(tries: int) -> timedelta:
    return min(RETRY * (1 << min(tries - 1, 10)), LONGEST_RETRY)


def settle(tx: Transaction, one: ToExamine, found: Examined) -> bool:
    """Keeps what was found out, with what follows from it. False if the lease was lost."""
    row = conversations.find_locked(tx, one.conversation_id)
    if not attachments.settle(tx, one, found):
        return False
    if found.scan is Scan.INFECTED and row is not None and row["erased_at"] is None:
        _is_infected(tx, conversations.locked(tx, one.conversation_id), one, found)
    return True


def _is_infected(tx: Transaction, row: Row, one: ToExamine, found: Examined) -> None:
    """Once for each file: on record, before a person, and before the customer if they can be asked here."""
    case_id = row["case_id"]
    new = tasks.add(
        tx,
        occasion=f"infected:{one.id}",
        kind="look",
        words="file_infected",
        case_id=case_id,
        conversation_id=row["id"],
    )
    if new is None:  # scanned again, with newer signatures
        return
    detail: dict[str, Any] = {"attachment": one.id, "message": one.message, "signature": found.signature}
    audit.append(tx, conversation_chain(row["id"]), Entry("system", "file_infected", detail))
    if case_id is not None:
        cases.heard_more(tx, case_id)
    if row["channel"] in ASKED_IN_CHAT and _is_customers(
        tx, one
    ):  # nobody is asked for another copy of what we enclosed
        text = texts.render(Occasion.ANOTHER_COPY, Language(row["language"]), file=safe_name(one.name))
        message = NewMessage(Sender.SYSTEM, text.body, response="another_copy", case_id=case_id)
        row = conversations.locked(tx, row["id"])
        # a turn that is under way answers without this message: it starts again at once
        again = {"lease": None, "speak_at": tx.now} if row["lease"] is not None else {}
        conversations.add_messages(tx, row, [message], values=again)


def _is_customers(tx: Transaction, one: ToExamine) -> bool:
    said = conversations.messages_of(tx, one.conversation_id, after=one.message - 1, limit=1)
    return bool(said) and said[0].sender is Sender.CUSTOMER
