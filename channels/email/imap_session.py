"""One connection to a folder of a mailbox: lists, fetches, waits, marks. Blocking, and so for a thread of its own.

imapclient speaks the protocol. What it and some servers leave open is closed here:

- What a server says in one breath with its consent to IDLE is not seen by `idle_check`, which looks only at the socket.
- A connection that was closed looks to `idle_check` like one on which nothing was said: leaving IDLE finds out.
- A SEARCH over a large folder answers one line, which the library takes up to a million bytes: it is asked in windows.
- RFC822.SIZE is the server's word: a mail is fetched only up to the limit, whatever was said before.
- Server words may repeat what was sent: the password is cut out of all that is told.
- Some servers (NetEase's) open no folder for a client that hasn't said who it is (RFC 2971).

Nothing here can delete: no EXPUNGE, no CLOSE, no \\Deleted. With nothing to be done to mails the folder is opened by EXAMINE,
which lets a client change nothing at all.

Not here: what is taken when, and what is remembered (imap_taking.py, imap.py).
"""

from __future__ import annotations

import contextlib
import logging
import re
import select
import socket
import ssl
import time
from ast import literal_eval
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import imapclient  # type: ignore[import-untyped]
from imapclient.exceptions import (  # type: ignore[import-untyped]
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
)

from channels.email.imap_place import (
    Distrusted,
    Done,
    MailboxError,
    NoSuchFolder,
    Place,
    ServerRefused,
    SignInRefused,
    Unreachable,
)

CONNECTING: Final = 15.0  # seconds
READING: Final = 120.0  # seconds without a byte where one is due: the first search in a large folder takes long
WAKING: Final = 30.0  # the same for an answer that costs nothing, after which a silent peer is known to be gone
PARTING: Final = 3.0  # seconds for a good-bye
WINDOW: Final = 10_000  # UIDs of one search: at eleven bytes each far from a million
BATCH: Final = 100  # mails of one listing
LONGEST_WORDS: Final = 200
NOTHING: Final = Done()

_BYTES = re.compile(r"""\bb'(?:[^'\\]|\\.)*'|\bb"(?:[^"\\]|\\.)*\"""")  # as the library prints what a server said
_FIRST_LINES = "BODY.PEEK[]<0.{}>"
_BODY = b"BODY[]<0>"


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the folder. `size` is None where the server doesn't say; `arrived_at` is when it came into the mailbox."""

    uid: int
    size: int | None
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The UIDs that there are up to `up_to`; with `more` there may be something behind it."""

    uids: tuple[int, ...]
    up_to: int
    more: bool


class ImapSession:
    """Signed in, with the folder open. Every method raises MailboxError.

    All are called from one thread, but `nudge` and `abort`, which any thread may call.
    """

    def __init__(self, place: Place, done: Done, since: date | None, client: Any, reading: float) -> None:
        self.place = place
        self._reading = reading
        self._done = done
        self._since = since
        self._client = client
        self.can_idle = client.has_capability("IDLE")
        self._can_move = client.has_capability("MOVE")
        opened = _opened(client, place.folder, read_only=done.what == "nothing")
        self.uidvalidity = int(opened[b"UIDVALIDITY"])
        self.exists = int(opened[b"EXISTS"])
        self._last_uid = _last_uid(client, opened)
        self._lasting_flags: Sequence[bytes] | None = opened.get(b"PERMANENTFLAGS")
        self._count = str(self.exists).encode()
        self._announced()
        self._nudged, self._nudge = socket.socketpair()

    @classmethod
    def open(
        cls, place: Place, done: Done = NOTHING, since: date | None = None, reading: float | None = None
    ) -> ImapSession:
        """`reading`: seconds that the server may be silent where it owes an answer."""
        reading = READING if reading is None else reading
        # the library tells its log everything that passes, mails and all
        logging.getLogger("imapclient").setLevel(logging.WARNING)
        client = _connected(place, reading)
        try:
            with _told(place):
                _sign_in(client, place)
                _introduce(client)
            with _told(place, refusal=NoSuchFolder, doing=f"folder {place.folder} can't be opened"):
                return cls(place, done, since, client, reading)
        except BaseException:
            _hang_up(client)
            raise

    def after(self, uid: int) -> Listing:
        """The UIDs of the next mails behind this one, in the order in which they came, at most BATCH of them."""
        with _told(self.place):
            end = uid + WINDOW if self.exists > WINDOW and uid + WINDOW < self._last_uid else None
            # `n:*` names the last mail even where n is beyond it
            found = [one for one in self._search(uid + 1, end) if one > uid]
            # what was announced behind the answer is not in it, and IDLE will not announce it again
            more = self._announced() or end is not None or len(found) > BATCH
        if len(found) > BATCH:
            return Listing(tuple(found[:BATCH]), found[BATCH - 1], more)
        return Listing(tuple(found), end or max(found, default=uid), more)

    def describe(self, uids: Sequence[int]) -> list[Listed]:
        """What these mails are, but those that are no longer there."""
        with _told(self.place):
            try:
                found = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
            except IMAPClientAbortError:
                raise
            except IMAPClientError:  # one of them is more than the server can do: each is tried by itself later
                found = {uid: {} for uid in uids}
        told = ((uid, found[uid]) for uid in uids if uid in found)
        return [Listed(uid, parts.get(b"RFC822.SIZE"), parts.get(b"INTERNALDATE")) for uid, parts in told]

    def _announced(self) -> bool:
        """Has the server said beside its answers that the number of mails is another?

        Some repeat it with every answer. All that was said so is forgotten: the library would keep it for ever.
        """
        said = {name: self._client._imap.response(name)[1] for name in ("EXISTS", "RECENT", "EXPUNGE", "FETCH")}
        before, self._count = self._count, said["EXISTS"][-1] or self._count
        return before != self._count

    def _search(self, first: int, last: int | None) -> list[int]:
        criteria: list[Any] = ["UID", f"{first}:{last or '*'}"]
        if self._since is not None:
            criteria += ["SINCE", self._since]
        return sorted(self._client.search(criteria))

    def fetch(self, uids: Sequence[int], most: int) -> dict[int, bytes]:
        """Up to `most` bytes of each mail, by UID, unread as they were. What is no longer there is missing."""
        with _told(self.place):
            found = self._client.fetch(uids, [_FIRST_LINES.format(most)])
        # some leave the `<0>` out when they give all of it
        bodies = {uid: parts.get(_BODY, parts.get(b"BODY[]")) for uid, parts in found.items()}
        return {uid: body for uid, body in bodies.items() if body is not None}

    def present(self, first: int, last: int) -> list[int]:
        """The UIDs from `first` to `last` that are in the folder, and from the days that count."""
        with _told(self.place):
            return self._search(first, last)

    def mark(self, uids: Sequence[int]) -> None:
        """Does to these mails what is done once they are taken. Those that are gone meanwhile are no error."""
        if not uids or self._done.what == "nothing":
            return
        doing = f"taken mails can't be marked ({self._done.what} {self._done.name})".replace(" )", ")")
        with _told(self.place, doing=doing):
            if self._done.what == "move" and self._can_move:
                self._client.move(uids, self._done.name)
                return
            flag = self._done.name.encode() if self._done.what == "keyword" else imapclient.SEEN
            if not self._lasts(flag):  # a server may say OK all the same
                raise ServerRefused(f"{doing}: this user may not set it in folder {self.place.folder}")
            self._client.add_flags(uids, [flag], silent=True)
            if self._done.what == "move":  # a copy, and the original stays: only an EXPUNGE could remove it
                self._client.copy(uids, self._done.name)  # last, so that what fails makes no copy each time

    def _lasts(self, flag: bytes) -> bool:
        flags = self._lasting_flags
        return flags is None or flag in flags or (self._done.what == "keyword" and rb"\*" in flags)

    def has_folder(self, name: str) -> bool:
        with _told(self.place):
            return bool(self._client.folder_exists(name))

    def wait(self, seconds: float) -> None:
        """Returns when there may be something new, after `seconds` at the latest, or once nudged."""
        with _told(self.place, refusal=Unreachable):  # a good-bye looks to the library like a refused IDLE
            if not self.can_idle:
                self._heard(seconds)
                self._client.noop()
                return
            self._client.idle()
            self._listen(seconds)
            # a connection that is gone is found out here: by its end, or because nobody answers
            self._client.socket().settimeout(WAKING)
            self._client.idle_done()
            self._client.socket().settimeout(self._reading)

    def _listen(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        if _something_new(self._client.idle_check()):  # said in one breath with the server's consent
            return
        while self._heard(until - time.monotonic(), self._client.socket().fileno()):
            said = self._client.idle_check()
            if not said or _something_new(said):
                return  # nothing, although there was something to read: the end

    def _heard(self, seconds: float, *sockets: int) -> bool:
        """Waits until there is something to read from one of these. False once nudged or after `seconds`."""
        poll = select.poll()
        nudged = self._nudged.fileno()
        for each in (nudged, *sockets):
            poll.register(each, select.POLLIN)
        events = poll.poll(max(0.0, seconds) * 1000)
        return bool(events) and all(ready != nudged for ready, _ in events)

    def nudge(self) -> None:
        """Ends a `wait` soon, now and for ever."""
        with contextlib.suppress(OSError):
            self._nudge.send(b".")

    def abort(self) -> None:
        """Breaks the connection under whatever is being done with it."""
        self.nudge()
        with contextlib.suppress(OSError):
            # not SSLSocket's own, which takes its TLS away from under the thread that reads
            socket.socket.shutdown(self._client.socket(), socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._client.socket().settimeout(PARTING)
            self._client.logout()
        _hang_up(self._client)
        self._nudged.close()
        self._nudge.close()


def _something_new(said: Sequence[tuple[Any, ...]]) -> bool:
    return any(b"EXISTS" in one or b"BYE" in one for one in said)


def _opened(client: Any, folder: str, *, read_only: bool) -> Any:
    try:
        return client.select_folder(folder, readonly=read_only)
    except IMAPClientReadOnlyError:  # what comes is taken all the same; that it can't be marked is told by `mark`
        return client.select_folder(folder, readonly=True)


def _last_uid(client: Any, opened: Any) -> int:
    if b"UIDNEXT" in opened:
        return int(opened[b"UIDNEXT"]) - 1
    return max(client.search(["UID", "*"]), default=0) if opened[b"EXISTS"] else 0


def _hang_up(client: Any) -> None:
    with contextlib.suppress(OSError):
        client.shutdown()


def _connected(place: Place, reading: float) -> Any:
    """A connection that is as safe as it has to be."""
    context = _trust(place)
    patience = imapclient.SocketTimeout(CONNECTING, reading)
    with _told(place):
        client = imapclient.IMAPClient(
            place.host, place.port, ssl=place.security == "tls", ssl_context=context, timeout=patience
        )
    try:
        client.normalise_times = False  # with their zone
        # `idle_check` reads only if the socket has something, and so misses what has been read ahead; we poll ourselves
        client._poll_socket = lambda sock, timeout=None: True
        client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with _told(place):
            if place.security == "starttls" or (place.security == "none" and client.has_capability("LOGINDISABLED")):
                _encrypt(client, place, context)
    except BaseException:
        _hang_up(client)
        raise
    return client


def _trust(place: Place) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=place.ca)
    except OSError as error:  # ssl.SSLError is one, for a file without certificates
        raise Distrusted(f"{place.ca} can't be read as a PEM file of certificates: {error.strerror or error}") from None


def _encrypt(client: Any, place: Place, context: ssl.SSLContext) -> None:
    if not client.has_capability("STARTTLS"):
        raise Distrusted(f"{_where(place)} offers no STARTTLS, so the password would be sent in the clear")
    client.starttls(context)


def _sign_in(client: Any, place: Place) -> None:
    try:
        if client.has_capability("AUTH=PLAIN"):  # LOGIN takes ASCII alone
            client.plain_login(place.user, place.password)
        elif place.user.isascii() and place.password.isascii():
            client.login(place.user, place.password)
        else:
            raise SignInRefused(f"{_where(place)} takes names and passwords in ASCII alone")
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError):
            raise Unreachable(f"{_where(place)} broke the connection while we signed in") from None
        words = _words(error, place)
        if "UNAVAILABLE" in words or "Temporary" in words:
            raise Unreachable(f"{_where(place)} can't sign anybody in just now: {words}") from None
        raise SignInRefused(f"{_where(place)} doesn't let {place.user} in: {words}") from None


def _introduce(client: Any) -> None:
    if client.has_capability("ID"):
        with contextlib.suppress(IMAPClientError):
            client.id_({"name": "Qingting"})


@contextlib.contextmanager
def _told(
    place: Place,
    *,
    refusal: Callable[[str], MailboxError] = ServerRefused,
    doing: str = "",
) -> Iterator[None]:
    """Makes a MailboxError of whatever goes wrong, without its cause: that may hold what was sent."""
    where = _where(place)
    try:
        yield
    except MailboxError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Distrusted(f"the certificate of {where} doesn't count: {error.verify_message}") from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError):
        raise Unreachable(f"{where} broke the connection") from None
    except ssl.SSLError as error:
        raise Distrusted(f"{where} does not speak TLS as it should: {error.reason}") from None
    except TimeoutError:
        raise Unreachable(f"{where} does not answer in time") from None
    except OSError as error:
        raise Unreachable(f"{where} can't be reached: {error.strerror or type(error).__name__}") from None
    except IMAPClientAbortError as error:
        raise Unreachable(f"the connection to {where} broke: {_words(error, place)}") from None
    except IMAPClientError as error:
        raise refusal(f"{doing or where + ' refused'}: {_words(error, place)}") from None
    except Exception as error:  # the library met an answer that it didn't expect
        raise refusal(f"{doing or where}: answered what can't be understood ({type(error).__name__})") from None


def _where(place: Place) -> str:
    return f"{place.host}:{place.port}"


def _words(error: Exception, place: Place) -> str:
    """What the server said, fit for a log: short, printable, without the password in either form."""
    text = _BYTES.sub(lambda found: literal_eval(found[0]).decode("utf-8", "replace"), str(error))
    signed_in = b64encode(f"\0{place.user}\0{place.password}".encode()).decode()
    quoted = place.password.replace("\\", "\\\\").replace('"', '\\"')
    for hidden in (quoted, place.password, signed_in):
        if hidden:
            text = text.replace(hidden, "***")
    return "".join(char if char.isprintable() else " " for char in text)[:LONGEST_WORDS]


__all__ = ["BATCH", "ImapSession", "Listed", "Listing"]
