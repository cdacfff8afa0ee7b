"""A gateway that takes telephone calls: its rooms with the engine that ships, its API on a port, both databases."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientResponse, ClientSession, FormData, web
from aiohttp.test_utils import TestServer

from case_store import people
from case_store.files import Files
from case_store.people import NewAgent
from case_store.records import Language, Role
from case_store.store import Store
from channels.phone.channel import PhoneChannel
from dialogue.engine import Engine
from gateway.api.app import setup_api
from gateway.auth.sessions import digest_of, new_key
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.engines import Engines
from gateway.hooks import PROMISES
from gateway.intake import Intake
from gateway.notifications import Notices
from gateway.policy import Policy, load_policy
from gateway.promises import Promises
from gateway.telephone.handing_in import HandingIn, keeper
from gateway.telephone.reading import Calls
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from gateway.web import setup_web
from tests.shipped_engine import shipped

COMPLAINT = """Agent: Example Bank complaints line, this call is recorded.
Customer: Hello, my name is Ann Lee. On 3 November your Leeds branch charged me a fee of 300 yuan.
Agent: What would you like us to do?
Customer: I want the fee refunded.
"""


@dataclass
class Answered:
    status: int
    body: Any
    headers: Any


@dataclass
class Telephone:
    """The house, and a program that may do everything."""

    gateway: Gateway
    store: Store
    url: str
    session: ClientSession
    channel: PhoneChannel
    engines: Engines
    notices: Notices
    intake: Intake
    calls: Calls
    loops: bool = False

    async def start(self) -> None:
        """The loops, anew: what has been stopped does not run again."""
        if not self.loops:
            self.intake = Intake(self.gateway, {"phone": self.channel})
            self.calls = Calls(self.gateway, self.engines, self.notices)
            self.intake.start()
            self.calls.start()
            self.loops = True

    async def stop(self) -> None:
        if self.loops:
            await self.intake.stop()
            await self.calls.stop()
            self.loops = False

    async def send(self, method: str, path: str, **more: Any) -> Answered:
        async with self.session.request(method, self.url + path, **more) as answer:
            return Answered(answer.status, await _content(answer), answer.headers)

    async def get(self, path: str, **more: Any) -> Answered:
        return await self.send("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> Answered:
        return await self.send("POST", path, **({} if json is None else {"json": json}), **more)

    async def hand_in(self, transcript: str | bytes, recording: bytes | None = None, **params: str) -> Answered:
        """A transcript as a program sends it: as body, or with its recording as a form."""
        raw = transcript.encode() if isinstance(transcript, str) else transcript
        headers = params.pop("headers", None)
        name = params.pop("name", "call.txt")
        if recording is None:
            return await self.post("/api/v1/transcripts", data=raw, params=params, headers=headers)
        form = FormData()
        form.add_field("file", raw, filename=name, content_type="application/octet-stream")
        form.add_field("recording", recording, filename="call.wav", content_type="application/octet-stream")
        return await self.post("/api/v1/transcripts", data=form, params=params, headers=headers)

    async def case(self, reference: str) -> dict[str, Any]:
        answer = await self.get(f"/api/v1/cases/{reference}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    async def conversation(self, id: str) -> dict[str, Any]:
        answer = await self.get(f"/api/v1/conversations/{id}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    async def said(self, id: str) -> list[tuple[str, str]]:
        """(sender, text) in the order shown; without what a better transcript has replaced."""
        shown = (await self.conversation(id))["messages"]
        return [(one["sender"], one["text"]) for one in shown if not (one["utterance"] or {}).get("superseded")]

    async def tasks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.get("/api/v1/tasks")).body["items"]
        return found

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return self.store.read_now(lambda tx: list(tx.execute(statement)))

    def key(self, name: str, *scopes: str) -> dict[str, str]:
        """What another program with a key of its own sends along."""
        key = new_key()
        self.store.write_now(people.add_key, name=name, scopes=scopes, digest=digest_of(key), actor="system")
        return {"Authorization": f"Bearer {key}"}

    async def read_all(self) -> None:
        """Everything in the ledger is read; for loops that do not run."""
        while await self.intake.read_due():
            pass

    async def settle(self) -> None:
        """Everything that calls have to do is done."""
        while await self.calls.read_due():
            pass

    def agent(self, username: str, name: str = "Li Na") -> None:
        new = NewAgent(username, name, Role.AGENT, "x", post="Complaints", contact="")
        self.store.write_now(people.add_agent, new, actor="system")


async def _content(answer: ClientResponse) -> Any:
    return await answer.json(content_type=None) if answer.content_type.endswith("json") else await answer.read()


def tone(seconds: float = 1.0, pitch: float = 220.0) -> bytes:
    """A WAV as a telephone records it: 8 kHz, one channel."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        frames = int(8000 * seconds)
        file.writeframes(
            b"".join(struct.pack("<h", int(6000 * math.sin(2 * math.pi * pitch * at / 8000))) for at in range(frames))
        )
    return made.getvalue()


@pytest.fixture(scope="session")
def engine() -> Engine:
    return shipped()


@pytest.fixture
def policy() -> Policy:
    return load_policy(None)


@pytest.fixture
def wav() -> Callable[..., bytes]:
    return tone


@pytest.fixture
async def telephone(store: Store, tmp_path: Path, engine: Engine, policy: Policy) -> AsyncIterator[Telephone]:
    settings = Settings(data_dir=tmp_path / "var", locale=Language.EN, max_message=2_000_000)
    wakeups = Wakeups()
    store.on_wake = wakeups.publish
    gateway = Gateway(settings, policy, store, Files(tmp_path / "files"), Tokens(b"k" * 32), wakeups)
    notices = Notices(Promises(policy, settings), settings, gateway.tokens)
    engines = Engines(engine)
    channel = PhoneChannel(keeper(gateway), settings.timezone, announced=policy.telephone.announces_recording)
    intake = Intake(gateway, {"phone": channel})
    gateway.hand_in = HandingIn(gateway, channel, intake)
    app = web.Application(client_max_size=int(settings.max_message))
    app[GATEWAY] = gateway
    app[PROMISES] = notices.promises
    setup_web(app)
    setup_api(app)
    server = TestServer(app)
    await server.start_server()
    key = new_key()
    store.write_now(people.add_key, name="pbx", scopes=("admin",), digest=digest_of(key), actor="system")
    async with ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:
        url, calls = f"http://127.0.0.1:{server.port}", Calls(gateway, engines, notices)
        house = Telephone(gateway, store, url, session, channel, engines, notices, intake, calls)
        await house.start()
        yield house
        await house.stop()
    await server.close()
    await channel.stop()
    engines.close()
