"""The web chat: a client's own WebSocket, on a real server."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
from aiohttp import web

from channels.webchat.socket import add_chat
from gateway.chat import Chat
from tests.conformance.channels.rig import House, Sent

HOSTILE = (
    b"\x00\xff",
    b"[]",
    b'{"type":"message"}',
    b'{"type":"message","client_id":"","text":""}',
    b'{"type":"message","client_id":"' + b"i" * 5000 + b'","text":"x"}',
    b'{"type":"message","client_id":"n","text":"' + b"\\u0000\\ud800" * 10 + b'"}',
    b"{" * 10_000,
)


class WebChatRig:
    secrets = ()

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._session: str | None = None
        self._taken: set[str] = set()
        self._sent: dict[str, Sent] = {}

    async def start(self, house: House) -> None:
        app = web.Application()
        add_chat(app, Chat(house.gateway), lambda request: True)
        self._runner = web.AppRunner(app, shutdown_timeout=2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def close(self) -> None: ...

    async def deliver(self, sent: Sent) -> None:
        self._sent[sent.id] = sent
        await self.again(sent.id)

    async def again(self, id: str) -> None:
        sent = self._sent[id]
        if await self._say({"type": "message", "client_id": id, "text": sent.text}):
            self._taken.add(id)

    async def _say(self, frame: dict[str, Any] | bytes) -> bool:
        url = f"http://127.0.0.1:{self._port}/chat/ws"
        async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
            await socket.send_json({"type": "start", "session": self._session, "locale": "en"})
            self._session = (await self._frame(socket, "session"))["session"]
            await socket.send_str(frame.decode("latin-1") if isinstance(frame, bytes) else json.dumps(frame))
            answer = await self._frame(socket, "accepted", "error")
            return bool(answer["type"] == "accepted")

    async def _frame(self, socket: aiohttp.ClientWebSocketResponse, *types: str) -> dict[str, Any]:
        while True:
            message = await socket.receive(timeout=10)
            if message.type != aiohttp.WSMsgType.TEXT:
                return {"type": "closed"}
            frame: dict[str, Any] = json.loads(message.data)
            if frame["type"] in types:
                return frame

    async def acknowledged(self, id: str) -> bool:
        return id in self._taken

    async def deliver_oversize(self) -> None:
        await self._say({"type": "message", "client_id": "oversize", "text": "x" * 60_000})

    async def deliver_hostile(self) -> int:
        for raw in HOSTILE:
            await self._say(raw)
        return len(HOSTILE)
