"""Mail in: an SMTP server that says 250 when the mail is durable, and not before.

aiosmtpd speaks the protocol. Three things are done otherwise here:

- DATA is read in blocks up to `<CR><LF>.<CR><LF>`, and that alone ends it. Lines may be as long as the mail (aiosmtpd answers a
  permanent 500 to lines over 1,001 octets, which ordinary HTML mail has), and the bytes that came are kept as they came.
- Connections, their time, their commands, and the bytes of all mails under way together have limits.
- Nothing is told that helps to find addresses, and nobody signs in.

Not here: what makes a repeat (identity.py), what a mail means (read.py).
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.channel import Accept, Acceptance, StoreUnavailable
from channels.email.identity import external_id
from channels.email.mailbox import Mailbox
from channels.message import Arrival

log = logging.getLogger(__name__)

END_OF_DATA: Final = b"\r\n.\r\n"
BLOCK: Final = 1 << 16
LONGEST_COMMAND: Final = 1_024
OVERRUN: Final = 4  # times the size limit that a peer may go on sending before it is cut off
# A mailbox in angle brackets as all but a few write it; the rest goes through aiosmtpd's slower grammar.
_PLAIN_PATH = re.compile(
    r"<([^\s<>@\"\\,;:()\[\]\x00-\x1f\x7f]{1,320}(?:@[^\s<>@\"\\,;:()\[\]\x00-\x1f\x7f]{1,255})?)?>(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one peer, and all of them together, may take."""

    connections: int = 400
    connections_per_peer: int = 100  # an institution's own relay is one peer
    idle_seconds: float = 60.0
    data_seconds: float = 600.0
    session_seconds: float = 3_600.0
    recipients: int = 100
    refused_recipients: int = 20
    mails_per_connection: int = 5_000
    bytes_under_way: int = 512 << 20


class SmtpReceiver:
    """Listens for mail to the complaints address. `start` hands each one to `accept`; `stop` finishes what is being taken."""

    def __init__(
        self,
        host: str,
        port: int,
        hostname: str,
        max_size: int,
        complaints_address: str,
        tls_context: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.mailbox = Mailbox.parse(complaints_address)
        self.account = f"email:{self.mailbox}"
        self.hostname = hostname
        self.max_size = max_size
        self.tls_context = tls_context
        self.limits = limits or Limits()
        self.clock = clock
        self.accept: Accept | None = None
        self.open: set[_Conversation] = set()
        self.per_peer: Counter[str] = Counter()
        self.under_way = 0  # bytes of mails that are being taken
        self.stopping = False
        self._taking: set[asyncio.Task[str]] = set()
        self._address = (host, port)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens; of use when it was told port 0."""
        if self._server is None or not self._server.sockets:
            return self._address[1]
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, accept: Accept) -> None:
        # aiosmtpd logs senders and recipients at INFO: personal data.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self.accept = accept
        self.stopping = False
        loop = asyncio.get_running_loop()
        host, port = self._address
        self._server = await loop.create_server(lambda: _Conversation(self, loop), host, port, backlog=512)

    async def stop(self, patience: float = 30.0) -> None:
        """No new connections; mails in DATA are finished, for as long as `patience` seconds."""
        self.stopping = True
        if self._server is not None:
            self._server.close()
        for conversation in tuple(self.open):
            conversation.finish()
        until = asyncio.get_running_loop().time() + patience
        while self.open or self._taking:
            waited_for: list[asyncio.Future[Any]] = [*self._taking, *(conversation.ended for conversation in self.open)]
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await asyncio.wait(waited_for, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for conversation in tuple(self.open):
            conversation.cut()
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def take(self, session: Session, envelope: Envelope, raw: bytes) -> str:
        """Commit one mail; the answer to the peer. Goes on when the peer is gone: what is committed is committed."""
        task = asyncio.ensure_future(self._take(session, envelope, raw))
        self._taking.add(task)
        task.add_done_callback(self._taken)
        return await asyncio.shield(task)

    def _taken(self, task: asyncio.Task[str]) -> None:
        self._taking.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a mail could not be taken", exc_info=task.exception())

    async def _take(self, session: Session, envelope: Envelope, raw: bytes) -> str:
        assert self.accept is not None
        arrival = Arrival(
            channel="email",
            account=self.account,
            external_id=external_id(raw),
            received_at=self.clock(),
            raw=raw,
            transport={
                "peer": str(session.peer[0]) if session.peer else "",
                "mail_from": _printable("" if envelope.mail_from == "<>" else envelope.mail_from or ""),
                "rcpt_tos": [_printable(address) for address in envelope.rcpt_tos],
                "helo": _printable(session.host_name or ""),
                "tls": session.ssl is not None,
                "mailbox": str(self.mailbox),
            },
        )
        try:
            receipt = await self.accept(arrival)
        except StoreUnavailable:
            return "451 4.3.0 Can't take mail at the moment, please try again later"
        if receipt.acceptance is Acceptance.REPEATED:
            return f"250 2.0.0 Repeated, accepted before as {_printable(receipt.arrival_id)}"
        return f"250 2.0.0 Accepted as {_printable(receipt.arrival_id)}"

    def admit(self, peer: str) -> str | None:
        """Why a connection can't be had now; None if it can."""
        if self.stopping:
            return "421 4.3.2 Closing down, please try again later"
        if len(self.open) >= self.limits.connections:
            return "421 4.7.0 Too many connections, please try again later"
        if self.per_peer[peer] >= self.limits.connections_per_peer:
            return "421 4.7.0 Too many connections from you, please try again later"
        return None


class _Hooks:
    """What aiosmtpd asks while it speaks with one peer."""

    def __init__(self, receiver: SmtpReceiver) -> None:
        self._receiver = receiver
        self._refused = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        offered = [line for line in responses if line[4:8] not in ("AUTH", "HELP")]
        return [*(f"250-{line[4:]}" for line in offered[:-1]), f"250 {offered[-1][4:]}"]

    async def handle_RCPT(
        self, server: _Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        receiver = self._receiver
        if len(envelope.rcpt_tos) >= receiver.limits.recipients:
            return "452 4.5.3 Too many recipients"
        if receiver.mailbox.accepts(address):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
            return "250 2.1.5 OK"
        self._refused += 1
        if self._refused > receiver.limits.refused_recipients:
            server.finish()
            return "421 4.7.0 Too many unknown recipients"
        if receiver.mailbox.is_local(address):
            return "550 5.1.1 No such mailbox here"
        return "550 5.7.1 Relaying denied"

    async def handle_exception(self, error: Exception) -> str:
        log.error("an SMTP session failed", exc_info=error)
        return "451 4.3.0 Local error, please try again later"


class _Conversation(SMTP):
    """One connection."""

    line_length_limit = BLOCK  # of the stream; DATA below has no limit on lines but the size

    def __init__(self, receiver: SmtpReceiver, loop: asyncio.AbstractEventLoop) -> None:
        self.receiver = receiver
        self.ended: asyncio.Future[None] = loop.create_future()
        self._peer = ""
        self._admitted = False
        self._busy = False  # between DATA and its answer
        self._finishing = False
        self._mails = 0
        self._last_heard = self._began = loop.time()
        limits = receiver.limits
        # aiosmtpd keeps these on the class, where each EHLO of anybody raises them for all.
        self.command_size_limits = defaultdict(lambda: LONGEST_COMMAND)
        super().__init__(
            _Hooks(receiver),
            data_size_limit=receiver.max_size,
            enable_SMTPUTF8=True,
            hostname=receiver.hostname,
            ident="Qingting",
            tls_context=receiver.tls_context,
            timeout=limits.idle_seconds,
            command_call_limit={
                "*": 20,
                "MAIL": limits.mails_per_connection,
                "RCPT": limits.mails_per_connection * 2,
                "DATA": limits.mails_per_connection,
                "RSET": limits.mails_per_connection,
                "NOOP": 200,
            },
            loop=loop,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is not None:  # the same connection, after STARTTLS
            super().connection_made(transport)
            return
        peername = transport.get_extra_info("peername")
        self._peer = str(peername[0]) if peername else ""
        refusal = self.receiver.admit(self._peer)
        if refusal is not None:
            assert isinstance(transport, asyncio.WriteTransport)
            transport.write(refusal.encode() + b"\r\n")
            transport.close()
            return
        self._admitted = True
        self.receiver.open.add(self)
        self.receiver.per_peer[self._peer] += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._admitted:
            return
        if self in self.receiver.open:
            self.receiver.open.discard(self)
            self.receiver.per_peer[self._peer] -= 1
            if not self.receiver.per_peer[self._peer]:
                del self.receiver.per_peer[self._peer]
        if not self.ended.done():
            self.ended.set_result(None)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self._admitted:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._admitted else False

    def finish(self) -> None:
        """End the connection: at once if nothing is being taken, else after its answer."""
        self._finishing = True
        if not self._busy and self.transport is not None:
            if not self.transport.is_closing() and self.session is not None and self.receiver.stopping:
                self._writer.write(b"421 4.3.2 Closing down, please try again later\r\n")
            self.loop.call_soon(self.cut)

    def cut(self) -> None:
        if self.transport is not None:
            self.transport.close()

    # The timer of aiosmtpd is cancelled and set anew with each command. One that looks when somebody was last heard is
    # cheaper, and also ends peers that send a byte a minute for ever.
    def _reset_timeout(self, duration: float | None = None) -> None:
        self._last_heard = self.loop.time()
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(self.receiver.limits.idle_seconds, self._timeout_cb)

    def _timeout_cb(self) -> None:
        now, limits = self.loop.time(), self.receiver.limits
        idle_until = self._last_heard + limits.idle_seconds
        session_until = self._began + limits.session_seconds
        if now < idle_until and (now < session_until or self._busy):
            wait = min(idle_until, session_until) if now < session_until else idle_until
            self._timeout_handle = self.loop.call_later(max(0.05, wait - now), self._timeout_cb)
            return
        if self.transport is not None:
            if not self._busy:
                self._writer.write(b"421 4.4.2 Timeout\r\n")
            self.transport.close()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        found = _PLAIN_PATH.match(arg)
        if found is None:
            # Its grammar raises IndexError on some broken input.
            try:
                address, rest = super()._getaddr(arg)
            except (IndexError, ValueError):
                return None, None
            return address, rest
        return found[1] or "<>", arg[found.end() :]

    async def smtp_AUTH(self, arg: str) -> None:
        await self.push("502 5.5.1 Not offered")

    async def smtp_VRFY(self, arg: str) -> None:
        await self.push("252 2.5.2 Can't verify, send mail")

    async def smtp_EXPN(self, arg: str) -> None:
        await self.push("502 5.5.1 Not offered")

    async def smtp_HELP(self, arg: str) -> None:
        await self.push("214 2.0.0 See RFC 5321")

    async def smtp_DATA(self, arg: str | None) -> None:
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        assert self.session is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        self._busy = True
        try:
            status = await self._take_data(self.session, self.envelope)
        finally:
            self._busy = False
        self.envelope = self._create_envelope()
        await self.push(status)
        self._mails += 1
        if self._finishing:
            self.cut()

    async def _take_data(self, session: Session, envelope: Envelope) -> str:
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        taken = 0
        try:
            # wait_for makes a task of its own; the timer below costs one entry in the loop.
            until = self.loop.time() + self.receiver.limits.data_seconds
            data, refusal, taken = await self._read_data(until)
            if data is None:
                return refusal
            with memoryview(data) as view:  # a slice of the bytearray would be one more copy of 35 MB
                raw = bytes(view[2:])
            if b"\r\n." in data:
                stuffed_first = data.startswith(b"\r\n.")
                raw = raw.replace(b"\r\n.", b"\r\n")[stuffed_first:]
            del data
            return await self.receiver.take(session, envelope, raw)
        finally:
            self.receiver.under_way -= taken

    async def _read_data(self, until: float) -> tuple[bytearray | None, str, int]:
        """What came up to the end of data, behind a first `<CR><LF>`; or None and why it isn't taken. And its size."""
        receiver = self.receiver
        data = bytearray(b"\r\n")
        taken = total = 0
        refusal = ""
        try:
            while True:
                block = await self._reader.read(1 << 30)  # all there is, so that what follows can be given back below
                if not block:
                    raise ConnectionResetError("the peer left during DATA")
                now = self._last_heard = self.loop.time()
                searched = max(0, len(data) - 4)
                data += block
                total += len(block)
                taken += len(block)
                receiver.under_way += len(block)
                end = data.find(END_OF_DATA, searched)
                if end >= 0:
                    rest = bytes(data[end + len(END_OF_DATA) :])
                    if rest and not self._reader.at_eof():
                        self._reader.feed_data(rest)
                    del data[end + 2 :]
                    if not refusal and len(data) - 2 > receiver.max_size:
                        refusal = _TOO_BIG
                    return (None if refusal else data), refusal, taken
                if not refusal and len(data) > receiver.max_size + 6:
                    refusal = _TOO_BIG
                elif not refusal and receiver.under_way > receiver.limits.bytes_under_way:
                    refusal = "452 4.3.1 Too much mail at once, please try again later"
                if refusal:  # read on to the end, keep nothing
                    receiver.under_way -= taken
                    taken = 0
                    del data[:-4]
                if now > until or total > OVERRUN * receiver.max_size + (1 << 20):
                    self.cut()
                    raise ConnectionResetError("the peer took too long or sent far too much")
        except BaseException:
            receiver.under_way -= taken
            raise


_TOO_BIG: Final = "552 5.3.4 Message too big"


def _printable(text: str) -> str:
    """Text from the peer as the ledger can keep it."""
    return "".join(char if char.isprintable() else "?" for char in text.encode("utf-8", "replace").decode("utf-8"))[
        :1000
    ]


__all__ = ["Limits", "SmtpReceiver"]
