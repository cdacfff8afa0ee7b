"""Mail in: a folder of a mailbox that other people and programs use too, read by IMAP.

One process at a time drives it, by a Duty. Who drives it signs in, takes what is new (imap_taking.py), and then waits in IDLE for
more. IDLE is left and entered again every minute: servers end it after half an hour, boxes on the way drop silent connections
sooner, and a peer that has vanished is only found out by asking. A server that has no IDLE, or breaks it again and again, is
asked every half minute.

Whatever goes wrong ends the session: it is told in the log and in what is remembered, the duty is let go so that another node
may fare better, and it is tried again later and later. The mails lie safe in the mailbox meanwhile.

The protocol is spoken in a thread of its own; an answer that takes too long breaks the connection.

Not here: the connection (imap_session.py), what is taken in which order (imap_taking.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

from channels.channel import Accept, Duty, DutyLost, Hold, StoreUnavailable
from channels.email.imap_memory import Memory
from channels.email.imap_place import Done, MailboxError, Place, SignInRefused, Unreachable
from channels.email.imap_session import ImapSession
from channels.email.imap_taking import Session, Taking, Terms
from channels.email.mailbox import Mailbox

log = logging.getLogger(__name__)

BROKEN_IDLES: Final = 3  # in a row: then the server is asked instead
T = TypeVar("T")
Connect = Callable[[Place, Done, date | None], Session]


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds."""

    idle: float = 60.0
    poll: float = 30.0  # between questions to a server without IDLE
    without_idle: float = 3_600.0  # that a server which breaks IDLE is asked instead
    first_retry: float = 1.0
    longest_retry: float = 300.0
    sign_in_retry: float = 60.0  # at first, after a refused password
    longest_sign_in_retry: float = 900.0
    longest_store_retry: float = 15.0
    answer: float = 600.0  # one call of the session, a large mail over a slow line included
    standby: float = 5.0  # between a waiting node's questions whether the mailbox is free
    stopping: float = 10.0  # that what is under way may take at the end
    parting: float = 2.0  # and what is broken off


class ImapReceiver:
    """Reads one folder. `start` hands each mail to `accept`; `stop` finishes what is being taken."""

    def __init__(
        self,
        place: Place,
        complaints_address: str,
        duty: Duty,
        *,
        max_size: int,
        done: Done | None = None,
        since: date | None = None,
        pace: Pace | None = None,
        connect: Connect = ImapSession.open,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.place = place
        self.done = done or Done()
        self.since = since
        self.pace = pace or Pace()
        self._mailbox = Mailbox.parse(complaints_address)
        self._duty = duty
        self._max_size = max_size
        self._connect = connect
        self._clock = clock
        self._terms: Terms | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._session: Session | None = None
        self._woken = asyncio.Event()
        self._stopping = False
        self.failures = 0
        self._broken_idles = 0
        self._idle_again_at = 0.0
        self.looks = 0  # into the folder, since the start

    async def start(self, accept: Accept) -> None:
        """Begins to look; that the mailbox can't be reached keeps nothing else from starting."""
        self._terms = Terms(
            place=self.place,
            done=self.done,
            mailbox=self._mailbox,
            max_size=self._max_size,
            accept=accept,
            clock=self._clock,
            stopping=lambda: self._stopping,
        )
        self._stopping = False
        self._woken.clear()
        self._thread = ThreadPoolExecutor(1, "mailbox")
        self._task = asyncio.create_task(self._run(), name="mailbox")

    async def stop(self) -> None:
        """What is being committed is finished; a fetch that takes long is broken off, and begun again at the next start."""
        self._stopping = True
        self._woken.set()
        if self._task is None or self._thread is None:
            return
        if self._session is not None:
            self._session.nudge()
        # without a session nothing is being taken
        patience = self.pace.parting if self._session is None else self.pace.stopping
        await asyncio.wait({self._task}, timeout=patience)
        if not self._task.done():
            self._abort()
            await asyncio.wait({self._task}, timeout=self.pace.parting)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        pace = self.pace
        while not self._stopping:
            try:
                hold = await self._duty.take()
                if hold is None:
                    await self._pause(min(pace.standby, self._duty.seconds / 3))
                else:
                    await self._drive(hold)
            except DutyLost:
                log.info("another process drives the mailbox now")
            except StoreUnavailable:
                await self._back_off("the store is out of reach", pace.first_retry, pace.longest_store_retry)
            except SignInRefused as error:
                await self._back_off(error.detail, pace.sign_in_retry, pace.longest_sign_in_retry)
            except MailboxError as error:
                await self._back_off(error.detail, pace.first_retry, pace.longest_retry)
            except Exception as error:
                log.exception("the mailbox driver failed")
                await self._back_off(type(error).__name__, pace.first_retry, pace.longest_retry)

    async def _back_off(self, why: str, first: float, longest: float) -> None:
        if self._stopping:
            return
        delay = min(longest, first * 2 ** min(self.failures, 20)) * random.uniform(0.8, 1.2)
        self.failures += 1
        log.warning("no mail is taken from the mailbox: %s; next try in %.0f s", why, delay)
        await self._pause(delay)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _drive(self, hold: Hold) -> None:
        """Reads the mailbox for as long as nothing goes wrong, with the duty kept all the while."""
        work = asyncio.create_task(self._work(hold), name="mailbox work")
        keeping = asyncio.create_task(self._keep(hold), name="mailbox duty")
        try:
            await asyncio.wait({work, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if keeping.done():
                keeping.result()
            work.result()
        finally:
            lost = keeping.done()
            for task in (keeping, work):
                task.cancel()
            await asyncio.gather(keeping, work, return_exceptions=True)
            if not lost:
                with contextlib.suppress(StoreUnavailable):
                    await self._duty.let_go(hold)

    async def _keep(self, hold: Hold) -> None:
        """Ends only with DutyLost."""
        now = asyncio.get_running_loop().time
        sure_until = now() + self._duty.seconds
        while True:
            await asyncio.sleep(self._duty.seconds / 3)
            try:
                held = await self._duty.take()
            except StoreUnavailable:
                if now() < sure_until:
                    continue
                raise DutyLost("the store was out of reach for too long") from None
            if held is None or held.fence != hold.fence:
                raise DutyLost("another process has it")
            sure_until = now() + self._duty.seconds

    async def _work(self, hold: Hold) -> None:
        assert self._terms is not None
        memory = Memory.read(hold.memory)

        async def keep(changed: Memory) -> None:
            nonlocal memory
            await self._duty.remember(hold, changed.write())
            memory = changed

        try:
            self._session = session = await self._opened()
            taking = Taking(self._terms, session, self._in_thread, memory, keep)
            while not self._stopping:
                await taking.look()
                self._looked()
                await taking.ask_again()
                if not self._stopping:
                    await self._wait(session)
        except MailboxError as error:
            if not self._stopping:
                await keep(memory.troubled(error.code, error.detail, self._clock()))
            raise
        finally:
            await self._closed()

    def _looked(self) -> None:
        if self.failures or not self.looks:
            log.info("mail is taken from the mailbox, folder %s", self.place.folder)
        self.failures = 0
        self.looks += 1

    async def _wait(self, session: Session) -> None:
        idles = session.can_idle
        try:
            seconds = self.pace.idle if idles else self.pace.poll
            await self._in_thread(session.wait, seconds, patience=seconds + self.pace.answer)
        except MailboxError:
            self._broken_idles += idles
            if self._broken_idles >= BROKEN_IDLES:
                log.warning("the mail server breaks IDLE: it is asked every %.0f s instead", self.pace.poll)
                self._broken_idles = 0
                self._idle_again_at = asyncio.get_running_loop().time() + self.pace.without_idle
            raise
        if idles:
            self._broken_idles = 0

    async def _opened(self) -> Session:
        future = self._submitted(self._connect, self.place, self.done, self.since)
        try:
            session = await asyncio.wait_for(asyncio.shield(future), self.pace.answer)
        except (TimeoutError, asyncio.CancelledError) as error:
            future.add_done_callback(_closed_when_it_comes)
            self._leave_thread()
            if isinstance(error, TimeoutError):
                raise Unreachable(
                    f"{self.place.host}:{self.place.port} does not come to an end with signing in"
                ) from None
            raise
        if asyncio.get_running_loop().time() < self._idle_again_at:
            session.can_idle = False
        return session

    async def _closed(self) -> None:
        session, self._session = self._session, None
        if session is not None and self._thread is not None:
            await asyncio.wait({self._submitted(session.close)}, timeout=self.pace.parting)

    async def _in_thread(self, work: Callable[..., T], *args: Any, patience: float | None = None) -> T:
        future = self._submitted(work, *args)
        try:
            return await asyncio.wait_for(asyncio.shield(future), patience or self.pace.answer)
        except (TimeoutError, asyncio.CancelledError) as error:
            self._abort()
            if not future.done():
                self._leave_thread()
            if isinstance(error, TimeoutError):
                raise Unreachable(f"{self.place.host}:{self.place.port} took too long") from None
            raise

    def _submitted(self, work: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        assert self._thread is not None
        future = asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        future.add_done_callback(_seen)
        return future

    def _abort(self) -> None:
        if self._session is not None:
            self._session.abort()

    def _leave_thread(self) -> None:
        """What still runs in the thread comes to its end by itself; what follows doesn't wait for it."""
        if self._thread is not None:
            self._thread.shutdown(wait=False)
        self._thread = ThreadPoolExecutor(1, "mailbox")


def _seen(future: asyncio.Future[Any]) -> None:
    """One that nobody waits for any more has no unseen error."""
    if not future.cancelled():
        future.exception()


def _closed_when_it_comes(future: asyncio.Future[Session]) -> None:
    if not future.cancelled() and future.exception() is None:
        session = future.result()
        session.abort()
        session.close()


__all__ = ["ImapReceiver", "Pace"]
