"""The web chat: a client's own WebSocket, on a real server."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
from aiohttp import web

from channels.webchat.socket import add_chat
from gateway.chat import Chat
from tests.conformance.channels.rig import House, Sent
from tests.conformance.channels.web import WebServer

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
        self._server = WebServer(self._add)
        self._house: House | None = None
        self._uploads: dict[str, str] = {}
        self._session: str | None = None
        self._taken: set[str] = set()
        self._sent: dict[str, Sent] = {}

    def _add(self, app: web.Application) -> None:
        assert self._house is not None
        add_chat(app, Chat(self._house.gateway), lambda request: True)

    async def start(self, house: House) -> None:
        self._house = house
        await self._server.start(house)

    async def stop(self) -> None:
        await self._server.stop()

    async def close(self) -> None: ...

    async def deliver(self, sent: Sent) -> None:
        self._sent[sent.id] = sent
        await self.again(sent.id)

    async def again(self, id: str) -> None:
        sent = self._sent[id]
        frame: dict[str, Any] = {"type": "message", "client_id": id, "text": sent.text}
        if sent.attachment is not None:
            frame["attachments"] = [await self._upload(id, sent.attachment)]
        if await self._say(frame):
            self._taken.add(id)

    async def _upload(self, id: str, content: bytes) -> str:
        """Uploaded once, in pieces; a message that is sent again names the same upload."""
        if id in self._uploads:
            return self._uploads[id]
        await self._say({"type": "typing", "active": False}, answered=False)  # a session, before anything is said
        headers = {"Tus-Resumable": "1.0.0", "X-Chat-Session": self._session or ""}
        async with aiohttp.ClientSession(headers=headers) as http:
            begun = {"Upload-Length": str(len(content)), "Upload-Metadata": "filename cHJvb2YuYmlu"}
            async with http.post(f"{self._server.url}/api/v1/uploads", headers=begun) as made:
                assert made.status == 201
                self._uploads[id] = (await made.json())["id"]
                place = made.headers["Location"]
            for start in range(0, len(content), 30_000):
                piece = {"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"}
                body = content[start : start + 30_000]
                async with http.patch(self._server.url + place, data=body, headers=piece) as added:
                    assert added.status == 204
        return self._uploads[id]

    async def _say(self, frame: dict[str, Any] | bytes, *, answered: bool = True) -> bool:
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{self._server.url}/chat/ws") as socket:
            await socket.send_json({"type": "start", "session": self._session, "locale": "en"})
            self._session = (await self._frame(socket, "session"))["session"]
            await socket.send_str(frame.decode("latin-1") if isinstance(frame, bytes) else json.dumps(frame))
            if not answered:
                return True
            answer = await self._frame(socket, "accepted", "error")
            return bool(answer["type"] == "accepted")

    async def _frame(self, socket: aiohttp.ClientWebSocketResponse, *types: str) -> dict[str, Any]:
        while True:
            message = await socket.receive(timeout=30)
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
