"""One chat client's WebSocket: its frames in, the conversation's news out.

Knows the frames, not the store: the `ChatDesk` it is handed does the lasting part. Nothing is kept in memory for an idle
socket but a callback; what is new is read from the desk when a hint says so, so a client that never reads costs nothing but
its own socket, which is closed.

Not here: the widget (gateway/portal), what is said (dialogue).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aiohttp import WSCloseCode, WSMsgType, web

from channels.channel import StoreUnavailable
from channels.webchat.frames import MAX_FRAME, BadFrame, Message, Read, Seen, Start, Typing, parse

PING: Final = 30.0  # seconds
WRITE_LIMIT: Final = 20.0  # seconds a client may take to read before it is let go
START_LIMIT: Final = 60.0  # seconds to say who one is
CLOSE_LIMIT: Final = 2.0  # seconds to answer a closing handshake
SESSION_ENDED: Final = 4001  # close code
BURST: Final = 300  # messages at once
RATE: Final = 60.0  # messages a second after that
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
BAD_FRAMES: Final = 100  # wrong frames before the connection is no longer trusted


class SessionEnded(Exception):
    """The conversation goes on elsewhere; the customer's words for it are its text."""


@dataclass(slots=True)
class Seat:
    """One connection's place in a conversation. `shown` and `version` are what it has been told up to.

    `ended` says in the customer's words that the session which the client came with has ended; the seat has a new one.
    """

    session: str
    conversation: str
    resumed: bool
    locale: str
    shown: int = 0
    version: int = -1
    owner: tuple[str, str | None] = ("bot", None)
    cases: Mapping[str, Any] | None = None
    own: set[int] | None = None  # numbers of messages that this very socket has sent
    session_epoch: int = 0
    ended: str | None = None
    network: str = ""  # where it comes from, for limits; empty if that is not known
    opened: bool = False  # the conversation is known to be stored


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell a seat: frames in order, and what it has then been told."""

    frames: Sequence[Mapping[str, Any]]
    shown: int
    version: int
    owner: tuple[str, str | None]
    cases: Mapping[str, Any] | None


Hint = Callable[[int, Mapping[str, Any] | None], None]
"""(the conversation's version, 0 if unknown; a frame to pass on or None)"""


class ChatDesk(Protocol):
    """The lasting part of a chat. Every method may raise StoreUnavailable."""

    async def begin(self, session: str | None, locale: str | None) -> Seat: ...

    async def take(
        self, seat: Seat, client_id: str, text: str, choice: str | None, attachments: Sequence[str] = ()
    ) -> tuple[int, int, bool]:
        """(number, conversation's version, whether it was there before), once durable.

        Raises SessionEnded. `attachments` name uploads of this chat. Raises BadFrame for one that can't be taken, or
        `too_fast` where too many chats begin from one network.
        """
        ...

    async def attached(self, seat: Seat, number: int) -> Sequence[Mapping[str, Any]]:
        """The files of a message, as frames show them."""
        ...

    async def typing(self, seat: Seat, active: bool) -> None: ...

    async def seen(self, seat: Seat, number: int) -> None:
        """The customer's screen has shown it."""
        ...

    async def read(self, seat: Seat, number: int) -> None:
        """The customer had it in view, on a page in the foreground."""
        ...

    async def news(self, seat: Seat) -> News:
        """Raises SessionEnded."""
        ...

    def listen(self, seat: Seat, hint: Hint) -> Callable[[], None]:
        """Calls `hint` whenever the conversation may have changed, or with a frame that is shown and not kept."""
        ...


class ChatSocket:
    """Drives one connection from its start frame to its end."""

    __slots__ = (  # thousands of these wait at a time
        *("_desk", "_socket", "_transport", "_seat", "_listen_no_more", "_telling", "_again", "_credit", "_credited"),
        *("_bad", "_typing_told", "_taking", "_hinted", "_passing_on", "_network", "__weakref__"),
    )

    def __init__(
        self, desk: ChatDesk, socket: web.WebSocketResponse, transport: asyncio.Transport | None, network: str = ""
    ) -> None:
        self._desk = desk
        self._socket = socket
        self._transport = transport
        self._network = network
        self._seat: Seat | None = None
        self._listen_no_more: Callable[[], None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._again = False
        self._credit = float(BURST)
        self._credited = 0.0
        self._bad = 0
        self._typing_told = 0.0
        self._taking = False
        self._hinted = -1
        self._passing_on: asyncio.Task[None] | None = None

    async def run(self) -> None:
        late = asyncio.get_running_loop().call_later(START_LIMIT, self._abort_unless_started)
        try:
            async for frame in self._socket:
                if frame.type is not WSMsgType.TEXT:
                    await self._error("bad_frame", "frames are JSON text")
                    continue
                await self._heard(frame.data)
                if self._bad > BAD_FRAMES:
                    await self._socket.close(code=1008, message=b"too many wrong frames")
        finally:
            late.cancel()
            if self._listen_no_more is not None:
                self._listen_no_more()
            if self._telling is not None:
                self._telling.cancel()

    async def _heard(self, data: str) -> None:
        client_id = None
        try:
            frame = parse(data)
            client_id = getattr(frame, "client_id", None)
            match frame:
                case Start():
                    await self._start(frame)
                case Message():
                    await self._message(frame)
                case Typing():
                    await self._typing(frame)
                case Seen():
                    # one that is shown faster than anybody reads costs the store nothing
                    if self._seat is not None and not self._too_fast():
                        await self._desk.seen(self._seat, frame.message)
                case Read():
                    if self._seat is not None and not self._too_fast():
                        await self._desk.read(self._seat, frame.message)
        except BadFrame as bad:
            self._bad += bad.code == "bad_frame"
            await self._error(bad.code, bad.detail, bad.client_id, bad.retry_after)
        except SessionEnded as ended:
            await self._end(str(ended), client_id)
        except StoreUnavailable as error:
            await self._error("unavailable", "not stored: send it again", client_id, error.retry_after)

    async def _start(self, start: Start) -> None:
        if self._seat is not None:
            raise BadFrame("this connection has started already")
        seat = await self._desk.begin(start.session, start.locale)
        seat.network = self._network
        if seat.resumed and start.last_message is not None:
            seat.shown = start.last_message
        self._seat = seat
        frame = {"type": "session", "session": seat.session, "conversation": seat.conversation, "resumed": seat.resumed}
        await self._send(frame if seat.ended is None else {**frame, "ended": seat.ended})
        self._listen_no_more = self._desk.listen(seat, self._hint)
        self._tell()

    async def _message(self, message: Message) -> None:
        seat = self._seat
        if seat is None:
            await self._error("no_session", "send a start frame first", message.client_id)
            return
        wait = self._too_fast()
        if wait:
            await self._error("too_fast", "wait before the next message", message.client_id, wait)
            return
        number, version, repeated = await self._take(seat, message)
        if not repeated:
            if seat.own is None:
                seat.own = set()
            seat.own.add(number)
            if number == seat.shown + 1 and version == seat.version + 1:
                seat.shown, seat.version = number, version  # nothing else is new: no need to look
                seat.own.discard(number)
        accepted: dict[str, Any] = {"type": "accepted", "client_id": message.client_id, "message": number}
        if message.attachments:
            accepted["attachments"] = await self._desk.attached(seat, number)
        await self._send(accepted)
        if seat.version < max(version, self._hinted):
            self._tell()

    async def _take(self, seat: Seat, message: Message) -> tuple[int, int, bool]:
        # the hint of our own commit comes before its answer: without this each message would be read back
        self._taking, self._hinted = True, -1
        try:
            files = message.attachments
            return await self._desk.take(seat, message.client_id, message.text, message.choice, files)
        finally:
            self._taking = False

    async def _typing(self, typing: Typing) -> None:
        now = asyncio.get_running_loop().time()
        if self._seat is None or (typing.active and now - self._typing_told < 1.0):
            return
        if typing.active:
            self._typing_told = now
        await self._desk.typing(self._seat, typing.active)

    def _too_fast(self) -> float:
        """Seconds to wait, 0 if the message may come now."""
        now = asyncio.get_running_loop().time()
        self._credit = min(BURST, self._credit + (now - self._credited) * RATE) if self._credited else float(BURST)
        self._credited = now
        if self._credit < 1:
            return round((1 - self._credit) / RATE + 0.5, 1)
        self._credit -= 1
        return 0.0

    def _hint(self, version: int, frame: Mapping[str, Any] | None) -> None:
        if frame is not None:
            self._passing_on = asyncio.get_running_loop().create_task(self._send(frame))
        elif self._taking:
            self._hinted = max(self._hinted, version or 2**31)
        elif self._seat is not None and (version == 0 or version > self._seat.version):
            self._tell()

    def _tell(self) -> None:
        """Tells what is new, one telling at a time; a hint that comes meanwhile makes it look once more."""
        self._again = True
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell_news())

    async def _tell_news(self) -> None:
        seat = self._seat
        while self._again and seat is not None and not self._socket.closed:
            self._again = False
            try:
                news = await self._desk.news(seat)
            except StoreUnavailable:
                await asyncio.sleep(1)
                self._again = True
                continue
            except SessionEnded as ended:
                await self._end(str(ended))
                break
            own = seat.own or set()
            for frame in news.frames:
                if frame.get("type") == "message" and frame["message"] in own:
                    own.discard(frame["message"])
                    continue
                await self._send(frame)
            seat.shown = max(seat.shown, news.shown)
            seat.version = max(seat.version, news.version)
            seat.owner, seat.cases = news.owner, news.cases or None
        self._telling = None  # an ended task would be kept as long as the connection

    async def _error(
        self, code: str, detail: str, client_id: str | None = None, retry_after: float | None = None
    ) -> None:
        await self._send(
            {"type": "error", "code": code, "detail": detail, "client_id": client_id, "retry_after": retry_after}
        )

    async def _end(self, words: str, client_id: str | None = None) -> None:
        """The session is over, and with it the connection: one that comes back begins a conversation of its own."""
        await self._error("session_ended", words, client_id)
        await self._socket.close(code=SESSION_ENDED, message=b"session ended")

    async def _send(self, frame: Mapping[str, Any]) -> None:
        text = _ENCODER.encode(frame)
        transport = self._transport
        try:
            if transport is not None and transport.get_write_buffer_size() == 0:
                await self._socket.send_str(
                    text
                )  # it reads: nothing to wait for, and a time limit costs as much as the frame
                return
            async with asyncio.timeout(WRITE_LIMIT):
                await self._socket.send_str(text)
        except TimeoutError:
            self._abort()
        except ConnectionError:
            pass  # it is gone; what it missed is told when it comes back

    def _abort_unless_started(self) -> None:
        if self._seat is None:
            self._abort()

    def _abort(self) -> None:
        """Lets go of a client that does not read: a closing handshake would wait for it too."""
        transport = self._transport
        if transport is not None:
            transport.abort()


NetworkOf = Callable[[web.Request], str]
SOCKETS: web.AppKey[set[web.WebSocketResponse]] = web.AppKey("chat_sockets", set)


async def close_sockets(app: web.Application) -> None:
    """At the end of the process: clients come back to the next one. All at once: some will not answer."""
    sockets = app[SOCKETS]
    gone = [socket.close(code=WSCloseCode.GOING_AWAY, message=b"going away") for socket in sockets]
    await asyncio.gather(*gone, return_exceptions=True)


def add_chat(
    app: web.Application, desk: ChatDesk, allowed: Callable[[web.Request], bool], network_of: NetworkOf = lambda _: ""
) -> None:
    """Serves `/chat/ws` until the application shuts down. `allowed` judges the Origin, `network_of` says whose limits count."""
    app[SOCKETS] = set()
    app.on_shutdown.append(close_sockets)
    app.router.add_get("/chat/ws", handler(desk, allowed, network_of))


def handler(
    desk: ChatDesk, allowed: Callable[[web.Request], bool], network_of: NetworkOf = lambda _: ""
) -> Callable[[web.Request], Any]:
    """The request handler of `/chat/ws`. `allowed` judges the Origin."""

    async def serve(request: web.Request) -> web.StreamResponse:
        if not allowed(request):
            raise web.HTTPForbidden(text="this site may not embed the chat")
        # no per-message deflate: it costs 92 kB a connection
        socket = web.WebSocketResponse(heartbeat=PING, max_msg_size=MAX_FRAME, compress=False, timeout=CLOSE_LIMIT)
        await socket.prepare(request)
        request.app[SOCKETS].add(socket)
        try:
            await ChatSocket(desk, socket, request.transport, network_of(request)).run()
        finally:
            request.app[SOCKETS].discard(socket)
        return socket

    return serve
