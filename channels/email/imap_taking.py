"""Takes what is new in a folder: list, fetch, commit to the ledger, move the cursor, mark. Always in this order.

So a process may die between any two steps: what was fetched and not committed is fetched again; what was committed before the
cursor moved comes again and is a repeat; what was not marked yet is marked at the next look. Nothing is marked that is not
committed, and the cursor never passes what could not be committed.

Memory is bounded by sizes, asked for before anything is fetched: small mails come in groups, a large one alone, and of one that
is too large only the head, which is put aside for a person with the reason. So is a mail that the server names and will not give.

Other clients may move, delete and mark mails meanwhile: one that is gone when we come to it was never here.

Not here: the connection (imap_session.py), whose turn it is to look and when (imap.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from channels.channel import Accept, Acceptance
from channels.email.headers import addresses_of, text_of
from channels.email.identity import external_id, thread_root
from channels.email.imap_memory import Cursor, Memory, Owed
from channels.email.imap_place import Done, MailboxError, Place, ServerRefused, Unreachable
from channels.email.imap_session import Listed, Listing
from channels.email.mailbox import Mailbox
from channels.email.mime import parse
from channels.message import Arrival

log = logging.getLogger(__name__)

GROUP_BYTES: Final = 4 << 20
GROUP_MAILS: Final = 50
HEAD: Final = 64 << 10  # bytes that are kept of a mail that is too large
# until a mail that isn't given is asked for again; after the last of them it is put aside
AGAIN: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60))
MOST_OWED: Final = 20  # beyond, it is the server and not the mail
LONGEST_SHOWN: Final = 300  # characters of a header
MARKED_AT_ONCE: Final = 100
MARKING_SPAN: Final = 5_000  # UIDs of one search

T = TypeVar("T")


class Session(Protocol):
    """A connection with the folder open; each method may raise MailboxError. See ImapSession."""

    uidvalidity: int
    can_idle: bool

    def after(self, uid: int) -> Listing: ...

    def describe(self, uids: Sequence[int]) -> list[Listed]: ...

    def fetch(self, uids: Sequence[int], most: int) -> dict[int, bytes]: ...

    def present(self, first: int, last: int) -> list[int]: ...

    def mark(self, uids: Sequence[int]) -> None: ...

    def wait(self, seconds: float) -> None: ...

    def nudge(self) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


class InThread(Protocol):
    """Runs one call of the session in its thread."""

    async def __call__(self, work: Callable[..., T], *args: Any) -> T: ...


@dataclass(slots=True)
class Terms:
    """What holds for every look into this mailbox.

    Mails up to the UID `careful` are asked for one by one; `broke` is the one over which the connection broke last.
    """

    place: Place
    done: Done
    mailbox: Mailbox
    max_size: int
    accept: Accept
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: Callable[[], bool] = lambda: False
    careful: int = 0
    broke: int | None = None

    @property
    def account(self) -> str:
        return f"email:{self.mailbox}"


class _TooManyOwed(ServerRefused):
    """It is not this mail or that one: the server gives none."""


class Taking:
    """One session's work. `keep` commits what is to be remembered, under the duty."""

    def __init__(
        self,
        terms: Terms,
        session: Session,
        in_thread: InThread,
        memory: Memory,
        keep: Callable[[Memory], Awaitable[None]],
    ) -> None:
        self._terms = terms
        self._session = session
        self._in_thread = in_thread
        self._keep = keep
        self._left: list[int] = []
        self._taken: Counter[Acceptance] = Counter()
        self._trouble: MailboxError | None = None
        self.memory = memory
        self.cursor = self._found_cursor()

    def _found_cursor(self) -> Cursor:
        key, now_valid = self._terms.place.key, self._session.uidvalidity
        known = self.memory.folders.get(key)
        if known is not None and known.uidvalidity == now_valid:
            return known
        if known is not None:  # a mailbox that was rebuilt or restored
            log.warning(
                "folder %s was numbered anew: all of it is looked at, and what was taken before is a repeat", key
            )
        return Cursor(now_valid)

    async def look(self) -> None:
        """Takes all that is new. Raises MailboxError, StoreUnavailable, DutyLost."""
        self._taken.clear()
        memory = self.memory
        try:
            while await self._take_batch():
                pass
            memory = replace(self.memory, looked_at=self._terms.clock())
        except _TooManyOwed as error:
            await self._mark()
            memory, self._trouble = self.memory, error
        finally:
            if self._taken:
                new, repeated = self._taken[Acceptance.ACCEPTED], self._taken[Acceptance.REPEATED]
                log.info("taken from the mailbox: %d new, %d that had been taken before", new, repeated)
        if not self._terms.stopping():
            await self._remember(self._as_it_went(memory))

    def _as_it_went(self, memory: Memory) -> Memory:
        now, owed = self._terms.clock(), [one.uid for one in self.cursor.owed]
        if self._trouble is not None:
            return memory.troubled(self._trouble.code, self._trouble.detail, now)
        if owed:
            told = f"{len(owed)} mails are named by the mail server and not given, the first is UID {owed[0]}"
            return memory.troubled("not_given", f"{told}; each is asked for again, and then put aside", now)
        return memory.well()

    async def _take_batch(self) -> bool:
        """Takes the next mails. Answers whether there may be more: until nothing is new, since marking ours hears of others."""
        listing = await self._in_thread(self._session.after, self.cursor.uid)
        owed = {one.uid for one in self.cursor.owed}
        for uids in self._portions([uid for uid in listing.uids if uid not in owed]):
            described = await self._asked(uids, self._session.describe)
            for group in grouped(described, min(GROUP_BYTES, self._terms.max_size)):
                if self._terms.stopping():
                    return False
                await self._accept(await self._arrivals(group))
                await self._advance(group[-1].uid)
        await self._advance(listing.up_to)
        await self._mark()
        return (listing.more or bool(listing.uids)) and not self._terms.stopping()

    def _portions(self, uids: Sequence[int]) -> Iterator[Sequence[int]]:
        """All together, but those among which one has broken the connection: each of them by itself."""
        careful = [uid for uid in uids if uid <= self._terms.careful]
        yield from ([uid] for uid in careful)
        if len(careful) < len(uids):
            yield uids[len(careful) :]

    async def _asked(self, uids: Sequence[int], work: Callable[..., T], *args: Any) -> T:
        """Asks the server about these mails. Some servers break the connection over a single mail that they can't read."""
        try:
            return await self._in_thread(work, uids, *args)
        except Unreachable as error:
            if self._terms.stopping():
                raise
            if len(uids) > 1:
                self._terms.careful = uids[-1]
            elif self._terms.broke == uids[0]:
                await self._owe(uids[0], error.detail)
            else:  # it may have been the network's fault
                self._terms.broke = uids[0]
            raise

    async def _accept(self, arrivals: Sequence[Arrival]) -> None:
        # all of them settle before one that failed is told: none may be under way when the connection is given up
        outcomes = await asyncio.gather(*(self._terms.accept(one) for one in arrivals), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
            self._taken[outcome.acceptance] += 1

    async def _arrivals(self, group: Sequence[Listed]) -> list[Arrival]:
        too_large = (group[0].size or 0) > self._terms.max_size  # then it is alone in its group
        bodies = await self._bodies([mail.uid for mail in group], HEAD if too_large else self._terms.max_size + 1)
        given = [(mail, bodies[mail.uid]) for mail in group if mail.uid in bodies]
        # not on the event loop: a digest over megabytes
        return await asyncio.to_thread(lambda: [self._given(mail, raw) for mail, raw in given])

    async def _bodies(self, uids: Sequence[int], most: int) -> dict[int, bytes]:
        """What can be had of these mails. What is there and isn't given is owed from now on."""
        try:
            found = await self._asked(uids, self._session.fetch, most)
            words = "not a word about it"
        except ServerRefused as error:
            found, words = {}, error.detail
        missing = [uid for uid in uids if uid not in found]
        if len(uids) > 1:  # one of them may spoil it for the others
            for uid in missing:
                found |= await self._bodies([uid], most)
        elif missing and await self._in_thread(self._session.present, uids[0], uids[0]):
            await self._owe(uids[0], words)
        return found

    async def _owe(self, uid: int, words: str) -> None:
        if any(one.uid == uid for one in self.cursor.owed):  # it is written down before it is asked for again
            return
        if len(self.cursor.owed) >= MOST_OWED:
            raise _TooManyOwed(f"the mail server names mails and does not give them: {words}")
        log.warning("mail %d is in the mailbox and isn't given, it is asked for again: %s", uid, words)
        await self._move(self.cursor.owes(Owed(uid, 1, self._terms.clock() + AGAIN[0])))

    async def ask_again(self) -> None:
        """Asks for what is owed and due. Raises like `look`.

        It is written down before: a mail that breaks the connection each time is put aside in the end all the same.
        """
        for owed in self.cursor.owed:
            now = self._terms.clock()
            if owed.again > now or self._terms.stopping():
                continue
            delay = AGAIN[min(owed.tries, len(AGAIN) - 1)]
            await self._move(self.cursor.owes(Owed(owed.uid, owed.tries + 1, now + delay)))
            if owed.tries < len(AGAIN):
                await self._ask_for(owed.uid)
            elif await self._others_are_given():
                await self._accept([self._refused(owed.uid)])
                await self._move(self._with_left(self.cursor.settled(owed.uid)))

    async def _ask_for(self, uid: int) -> None:
        described = await self._asked([uid], self._session.describe)
        arrivals = await self._arrivals(described) if described else []
        await self._accept(arrivals)
        still_there: list[int] = await self._in_thread(self._session.present, uid, uid)
        if not arrivals and still_there:
            return
        if arrivals and uid not in self._left:
            with contextlib.suppress(ServerRefused):
                await self._in_thread(self._session.mark, [uid])
        await self._move(self._with_left(self.cursor.settled(uid)))

    async def _others_are_given(self) -> bool:
        """Is it that one mail, or does the server give none at all?"""
        last = self.cursor.uid
        there = await self._in_thread(self._session.present, max(1, last - MARKING_SPAN), last)
        owed = {one.uid for one in self.cursor.owed}
        others = [uid for uid in there if uid not in owed][-1:]
        try:
            return not others or bool(await self._in_thread(self._session.fetch, others, 1))
        except ServerRefused:
            return False

    def _given(self, mail: Listed, raw: bytes) -> Arrival:
        most = self._terms.max_size
        if max(mail.size or 0, len(raw)) <= most:
            return self._arrival(mail, raw, external_id(raw), thread_lane(raw))
        told = f"{mail.size:,}" if (mail.size or 0) > most else f"more than {most:,}"
        log.warning("mail %d of the mailbox is too large (%s bytes): its head is put aside", mail.uid, told)
        head = raw[:HEAD]
        why = f"{from_whom(head)} has {told} bytes, the limit is {most:,}. "
        why += f"Only its head is kept here; the whole is in {self._where(mail)}"
        return self._limited(mail, head, f"{external_id(head)}/{mail.size or 'large'}", why)

    def _refused(self, uid: int) -> Arrival:
        log.warning("mail %d of the mailbox isn't given by its server: put aside", uid)
        mail = Listed(uid, None, None)
        why = f"the mail server names this mail and does not hand it over; it is in {self._where(mail)}"
        return self._limited(mail, b"", f"#unfetched/{self.cursor.uidvalidity}/{uid}", why)

    def _where(self, mail: Listed) -> str:
        return f"folder {self._terms.place.folder}, UID {mail.uid}"

    def _limited(self, mail: Listed, raw: bytes, name: str, why: str) -> Arrival:
        self._left.append(mail.uid)
        arrival = self._arrival(mail, raw, name)
        return replace(arrival, transport={**arrival.transport, "not_whole": why})

    def _arrival(self, mail: Listed, raw: bytes, name: str, lane: str | None = None) -> Arrival:
        now = self._terms.clock()
        return Arrival(
            channel="email",
            account=self._terms.account,
            external_id=name,
            received_at=min(mail.arrived_at or now, now),
            raw=raw,
            transport={
                "mailbox": str(self._terms.mailbox),
                "imap": {
                    "folder": self._terms.place.folder,
                    "uidvalidity": self.cursor.uidvalidity,
                    "uid": mail.uid,
                },
            },
            lane=lane,
        )

    async def _advance(self, uid: int) -> None:
        """Everything up to `uid` is committed or gone: remember it."""
        cursor = self._with_left(self.cursor.taken(uid))
        if self._terms.done.what == "nothing":
            cursor = cursor.marked(cursor.uid)
        if cursor != self.cursor or self._terms.place.key not in self.memory.folders:
            await self._move(cursor)

    def _with_left(self, cursor: Cursor) -> Cursor:
        left, self._left = self._left, []
        return replace(cursor, left=(*cursor.left, *(uid for uid in left if uid > cursor.done)))

    async def _move(self, cursor: Cursor) -> None:
        await self._remember(self.memory.at(self._terms.place.key, cursor))
        self.cursor = cursor

    async def _remember(self, memory: Memory) -> None:
        await self._keep(memory)
        self.memory = memory

    async def _mark(self) -> None:
        """Marks what has been committed. If the server won't, that is trouble to tell; taking goes on."""
        self._trouble = None
        try:
            while self.cursor.done < self.cursor.uid:
                await self._mark_some()
        except ServerRefused as error:
            log.warning("%s", error.detail)
            self._trouble = error

    async def _mark_some(self) -> None:
        cursor = self.cursor
        last = min(cursor.uid, cursor.done + MARKING_SPAN)
        there = await self._in_thread(self._session.present, cursor.done + 1, last)
        spared = {*cursor.left, *(one.uid for one in cursor.owed)}
        uids = [uid for uid in there if uid not in spared]
        for start in range(0, len(uids), MARKED_AT_ONCE):
            await self._in_thread(self._session.mark, uids[start : start + MARKED_AT_ONCE])
        await self._move(self.cursor.marked(last))


def grouped(mails: Sequence[Listed], most_bytes: int, most_mails: int = GROUP_MAILS) -> Iterator[list[Listed]]:
    """Mails to be fetched together, in order: as many as fit, and one that is large, or of unknown size, by itself."""
    group: list[Listed] = []
    weight = 0
    for mail in mails:
        alone = mail.size is None or mail.size > most_bytes
        if group and (alone or weight + (mail.size or 0) > most_bytes or len(group) >= most_mails):
            yield group
            group, weight = [], 0
        group.append(mail)
        weight += mail.size or 0
        if alone:
            yield group
            group, weight = [], 0
    if group:
        yield group


def from_whom(head: bytes) -> str:
    """Sender and subject, by which a person finds a mail again in another program."""
    sender = subject = ""
    with contextlib.suppress(Exception):  # whatever a hostile head does, the mail is put aside all the same
        fields = parse(head[: head.find(b"\n\r\n") + 1 or head.find(b"\n\n") + 1 or len(head)]).fields()
        subject = text_of(fields.get("subject", [""])[0][:LONGEST_SHOWN])
        sender = addresses_of(fields.get("from", [""])[0][:LONGEST_SHOWN])[0][1]
    return f'mail from {sender or "an unknown sender"}, "{subject}",'


def thread_lane(raw: bytes) -> str | None:
    """Mails of one thread are read in the order in which they came: after an outage they come all at once."""
    root = thread_root(raw)
    return None if root is None else f"mail:{hashlib.blake2b(root.encode(), digest_size=16).hexdigest()}"
