"""Telephone calls: a program that posts transcripts, and a telephone system that leaves them in a folder."""

from __future__ import annotations

import asyncio
import io
import tempfile
from functools import cache
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from case_store import people
from channels.phone.channel import PhoneChannel
from channels.phone.folder import DONE, WatchedFolder
from dialogue.embedded import EmbeddedEngine, embedded_engine
from gateway.api.app import setup_api
from gateway.auth.sessions import digest_of, new_key
from gateway.context import GATEWAY
from gateway.duties import StoredDuty
from gateway.engines import Engines
from gateway.notifications import Notices
from gateway.promises import Promises
from gateway.telephone.handing_in import HandingIn, keeper
from gateway.telephone.reading import Calls
from gateway.web import setup_web
from tests.conformance.channels.rig import House, Sent

LARGEST = 200_000
PATIENCE = 30.0  # seconds
WATCHED = 8.0  # seconds in which what can't be taken is not moved
HOSTILE = (
    b"",
    b"\x00\xff\xfe" * 100,
    b"WEBVTT\n\n" + b"00:00.000 --> 00:01.000\n<v " + b"A" * 50_000 + b">x\n",
    b'{"results":' * 5_000,
    b"[" * 100_000,
    b'{"results":{"utterances":[{"start":1e999,"end":-1,"confidence":"x","speaker":0,"transcript":"\\ud800\\u0000"}]}}',
    b"1\n99:99:99,999 --> 00:00:00,000\nx\n" * 2_000,
    b"Customer: " + b"\xed\xa0\x80" * 30 + b"\nAgent: x\n",
)


def transcript(text: str) -> bytes:
    return (
        f"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Customer>{text}\n\n00:02.500 --> 00:03.000\n<v Agent>I see.\n".encode()
    )


@cache
def _engine() -> EmbeddedEngine:
    return embedded_engine()


class PhoneUploadRig:
    """`POST /api/v1/transcripts`: acknowledged by 201, once the call is filed."""

    def __init__(self) -> None:
        self.key = new_key()
        self.secrets = (self.key,)
        self._engines = Engines(_engine())
        self._known = False
        self._sent: dict[str, bytes] = {}
        self._taken: dict[str, bool] = {}
        self._server: TestServer | None = None
        self._channel: PhoneChannel | None = None

    async def start(self, house: House) -> None:
        gateway = house.gateway
        gateway.settings = gateway.settings.model_copy(update={"max_message": LARGEST})
        self._channel = house.channels["phone"] = PhoneChannel(keeper(gateway))
        calls = Calls(
            gateway,
            self._engines,
            Notices(Promises(gateway.policy, gateway.settings), gateway.settings, gateway.tokens),
        )

        async def drive() -> None:
            await house.intake.read_due()
            await calls.read_due()

        gateway.hand_in = HandingIn(gateway, self._channel, house.intake, drive)
        if not self._known:
            house.store.write_now(
                people.add_key, name="pbx", scopes=("transcripts",), digest=digest_of(self.key), actor="system"
            )
            self._known = True
        app = web.Application(client_max_size=LARGEST)
        app[GATEWAY] = gateway
        setup_web(app)
        setup_api(app)
        self._server = TestServer(app)
        await self._server.start_server()

    async def stop(self) -> None:
        assert self._server is not None
        assert self._channel is not None
        await self._server.close()
        await self._channel.stop()

    async def close(self) -> None:
        self._engines.close()

    async def deliver(self, sent: Sent) -> None:
        self._sent[sent.id] = transcript(sent.text)
        await self.again(sent.id)

    async def again(self, id: str) -> None:
        self._taken[id] = await self._post(self._sent[id], id) == 201

    async def _post(self, raw: bytes, call: str) -> int:
        assert self._server is not None
        url = f"http://127.0.0.1:{self._server.port}/api/v1/transcripts"
        headers = {"Authorization": f"Bearer {self.key}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, data=io.BytesIO(raw), params={"call": call}) as answer,
        ):
            return answer.status

    async def acknowledged(self, id: str) -> bool:
        return self._taken[id]

    async def deliver_oversize(self) -> None:
        assert await self._post(transcript("x" * LARGEST), "oversize") == 413

    async def deliver_hostile(self) -> int:
        for number, raw in enumerate(HOSTILE):
            assert await self._post(raw, f"hostile-{number}") in (201, 413, 422)
        return len(HOSTILE)


class PhoneFolderRig:
    """A watched folder: acknowledged by moving the file to done/."""

    secrets = ()

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._place = Path(self._folder.name)
        self._sent: dict[str, bytes] = {}
        self._channel: PhoneChannel | None = None
        self._house: House | None = None

    async def start(self, house: House) -> None:
        self._house = house
        duty = StoredDuty(house.store, "transcripts", "node")
        folder = WatchedFolder(self._place, duty, largest=LARGEST, settled=0.05, look=0.05)
        self._channel = house.channels["phone"] = PhoneChannel(keeper(house.gateway), folder=folder)
        await self._channel.start(house.intake.accept)

    async def stop(self) -> None:
        assert self._channel is not None
        await self._channel.stop()

    async def close(self) -> None:
        self._folder.cleanup()

    async def deliver(self, sent: Sent) -> None:
        self._sent[sent.id] = transcript(sent.text)
        await self.again(sent.id)

    async def again(self, id: str) -> None:
        self._leave(id, self._sent[id])

    def _leave(self, name: str, raw: bytes) -> None:
        unfinished = self._place / f"{name}.vtt.part"
        unfinished.write_bytes(raw)
        unfinished.rename(self._place / f"{name}.vtt")

    async def acknowledged(self, id: str) -> bool:
        """Whether it is moved, in the end.

        Under a name of its own if what it replaced was being taken just then.
        """
        loop = asyncio.get_running_loop()
        assert self._house is not None
        give_up = loop.time() + (WATCHED if self._house.store.down else PATIENCE)
        names = (f"{id}.vtt", f"{id}.1.vtt")
        while loop.time() < give_up:
            if not (self._place / names[0]).exists() and any((self._place / DONE / name).exists() for name in names):
                return True
            await asyncio.sleep(0.05)
        return False

    async def deliver_oversize(self) -> None:
        self._leave("oversize", transcript("x" * LARGEST))

    async def deliver_hostile(self) -> int:
        for number, raw in enumerate(HOSTILE):
            self._leave(f"hostile-{number}", raw)
        return len(HOSTILE)
