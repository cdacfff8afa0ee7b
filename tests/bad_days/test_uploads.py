"""An upload whose gateway is killed in mid-byte: what was acknowledged is there, the rest is sent again, the file is whole."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp

from case_store.files import Files

SIZE = 6_000_000
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


async def chat(http: aiohttp.ClientSession, url: str, session: str | None) -> tuple[Any, str]:
    socket = await http.ws_connect(f"{url}/chat/ws")
    await socket.send_json({"type": "start", "session": session, "locale": "en"})
    return socket, (await frame(socket, "session"))["session"]


async def frame(socket: Any, kind: str) -> Any:
    while True:
        read = json.loads((await socket.receive(timeout=20)).data)
        if read["type"] == kind:
            return read


async def test_an_upload_is_resumed_after_each_kill_and_becomes_the_very_same_file(
    start_gateway: Callable[..., Any],
) -> None:
    chance = random.Random(7)
    content = chance.randbytes(SIZE)
    gateway = await asyncio.to_thread(start_gateway, QINGTING_SMTP="")
    async with aiohttp.ClientSession() as http:
        socket, session = await chat(http, gateway.url, None)
        await socket.close()
        own = {**TUS, "X-Chat-Session": session}
        name = base64.b64encode(b"recording.dat").decode()
        begun = {**own, "Upload-Length": str(SIZE), "Upload-Metadata": f"filename {name}"}
        async with http.post(f"{gateway.url}/api/v1/uploads", headers=begun) as made:
            place, upload = made.headers["Location"], (await made.json())["id"]
        acknowledged = kills = 0
        while acknowledged < SIZE:
            async with http.head(gateway.url + place, headers=own) as asked:
                offset = int(asked.headers["Upload-Offset"])
            assert offset >= acknowledged, "what was acknowledged is gone"
            killed = kills < 3
            killing = asyncio.create_task(kill_later(gateway, chance.uniform(0.05, 0.4))) if killed else None
            acknowledged = await send_on(http, gateway.url + place, own, content, offset)
            if killing is not None:
                await killing
                kills += 1
                await asyncio.to_thread(gateway.start)
        assert kills == 3
        socket, _ = await chat(http, gateway.url, session)
        said = {"type": "message", "client_id": "m1", "text": "the recording", "attachments": [upload]}
        await socket.send_json(said)
        accepted = await frame(socket, "accepted")
        await asyncio.to_thread(gateway.kill)
        await socket.close()
        await asyncio.to_thread(gateway.start)
        socket, _ = await chat(http, gateway.url, session)
        await socket.send_json(said)  # its answer may have been lost
        assert (await frame(socket, "accepted"))["message"] == accepted["message"]
        [file] = accepted["attachments"]
        async with http.get(f"{gateway.url}/api/v1/chat/attachments/{file['id']}", headers=own) as got:
            assert await got.read() == content
        await socket.close()
    files = Files(gateway.data_dir / "files")
    assert hashlib.sha256(files.get(hashlib.sha256(content).hexdigest())).digest() == hashlib.sha256(content).digest()


async def kill_later(gateway: Any, delay: float) -> None:
    await asyncio.sleep(delay)
    await asyncio.to_thread(gateway.kill)


async def send_on(http: aiohttp.ClientSession, url: str, own: Any, content: bytes, offset: int) -> int:
    """Sends from `offset` on until all is sent or the gateway dies. Answers the last offset that was acknowledged."""
    step = 700_000
    while offset < len(content):
        headers = {**own, **BYTES, "Upload-Offset": str(offset)}
        try:
            async with http.patch(url, data=trickled(content[offset : offset + step]), headers=headers) as added:
                if added.status != 204:
                    return offset
                offset = int(added.headers["Upload-Offset"])
        except (aiohttp.ClientError, ConnectionError):
            return offset
    return offset


async def trickled(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 50_000):
        yield content[start : start + 50_000]
        await asyncio.sleep(0.01)
