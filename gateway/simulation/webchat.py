"""A customer at the web chat: the real WebSocket, typing frames as the widget sends them, and coming back with the session."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

import aiohttp

from gateway.simulation.line import Line, Unreached
from gateway.simulation.transcript import House, Owner

TYPING_EVERY: Final = 1.0  # seconds, as the widget
LONGEST_BURST: Final = 12.0  # seconds: a house need not wait for ever, and ours speaks after 15
ACCEPTED_WITHIN: Final = 20.0
TRIES: Final = 8  # of a message that was too fast, or could not be stored


class WebChat(Line):
    """`pace` is how many seconds the customer types at each line."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, locale: str, pace: float, clock: Callable[[], float]
    ) -> None:
        super().__init__(clock)
        self._http, self._url, self._locale, self._pace = http, url.rstrip("/") + "/chat/ws", locale, pace
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._session: str | None = None
        self._last = 0
        self._writing = False
        self._spoken = False
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def open(self) -> None:
        try:
            self._socket = await self._http.ws_connect(self._url)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreached(f"the web chat at {self._url} can't be opened: {error}") from error
        start: dict[str, Any] = {"type": "start", "session": self._session, "locale": self._locale}
        if self._session is not None:
            start["last_message"] = self._last
        await self._send(start)
        self._reader = asyncio.create_task(self._read(self._socket))

    async def say(self, lines: Sequence[str], sent: Callable[[str], None]) -> None:
        pace = min(self._pace, LONGEST_BURST / max(1, len(lines)))
        self._writing = True
        try:
            for number, line in enumerate(lines, 1):
                await self._type(pace)
                self._writing = number < len(lines)
                sent(line)
                await self._hand_over(line)
        finally:
            self._writing = False

    async def _type(self, seconds: float) -> None:
        every = min(TYPING_EVERY, seconds / 3) if seconds else 0
        left = seconds
        while left > 0:
            await self._send({"type": "typing", "active": True})
            await asyncio.sleep(min(every, left))
            left -= every

    async def _hand_over(self, text: str) -> None:
        """Sends until the house has it. Raises Unreached."""
        client_id = secrets.token_hex(8)
        for _ in range(TRIES):
            self._spoken = True
            answer = self._answers[client_id] = asyncio.get_running_loop().create_future()
            await self._send({"type": "message", "client_id": client_id, "text": text})
            try:
                async with asyncio.timeout(ACCEPTED_WITHIN):
                    told = await answer
            except TimeoutError:
                raise Unreached(f"a message was not accepted within {ACCEPTED_WITHIN:.0f} s") from None
            if told["type"] == "accepted":
                return
            if told["code"] not in ("too_fast", "unavailable"):
                raise Unreached(f"a message was refused: {told['code']}: {told['detail']}")
            await asyncio.sleep(min(float(told.get("retry_after") or 1), 60))
        raise Unreached(f"a message was refused {TRIES} times: {told['detail']}")

    async def leave(self) -> None:
        await self.close()
        await self.open()

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._socket is None:
            raise Unreached("the web chat is closed")
        try:
            await self._socket.send_json(frame)
        except (ConnectionError, RuntimeError) as error:
            raise Unreached(f"the web chat has closed: {error}") from error

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                with contextlib.suppress(ValueError):
                    await self._hear(json.loads(message.data))

    async def _hear(self, frame: dict[str, Any]) -> None:
        now = self.inbox.clock()
        match frame["type"]:
            case "session":
                self._session, self.conversation = frame["session"], frame["conversation"]
            case "accepted" | "error":
                self._last = max(self._last, frame.get("message") or 0)
                waiting = self._answers.pop(frame.get("client_id") or "", None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame)
            case "message":
                self._last = max(self._last, frame["message"])
                if frame["sender"] != "customer":
                    named = frozenset(frame["asks"])
                    said = House(frame["text"], now, named=named, interrupts=self._writing, greeting=not self._spoken)
                    self.inbox.put(said if frame["sender"] == "bot" else _by(said, frame["sender"]))
                    await self._send({"type": "seen", "message": frame["message"]})
            case "owner":
                self.inbox.put(Owner(frame["owner"], now))
            case "case" if frame["status"] not in ("draft", "withdrawn"):
                self.reference = frame["reference"]


def _by(said: House, sender: str) -> House:
    return House(
        said.text, said.at, named=said.named, interrupts=said.interrupts, greeting=said.greeting, sender=sender
    )
