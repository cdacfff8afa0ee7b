"""A gateway's web application with chat, form and console over a real store, and customers who send files to it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from case_store import people
from case_store.files import Files
from case_store.people import NewAgent
from case_store.records import Language, Role
from case_store.store import Store
from case_store.tables_conversations import attachments, messages
from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.mailbox import Mailbox
from channels.webchat.socket import add_chat
from dialogue.engine import Engine
from gateway import console
from gateway.api.app import setup_api
from gateway.api.keys import PASSWORDS, THROTTLE
from gateway.auth.passwords import Passwords
from gateway.auth.sessions import digest_of, new_key
from gateway.auth.throttle import LIMITS, Throttle
from gateway.chat import Chat
from gateway.complaints import Complaints
from gateway.conductor import Conductor
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.engines import Engines
from gateway.examiner import Examiner
from gateway.hooks import TAKE_COMPLAINT
from gateway.intake import Intake
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.portal.routes import routes as portal_routes
from gateway.previews import Pictures
from gateway.promises import Promises
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from gateway.web import CLIENT, setup_web
from tests.pictures import picture
from tests.shipped_engine import shipped

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def database() -> str:
    """SQLite, but for the tests that name both: what they are about is not the database."""
    return "sqlite"


@pytest.fixture(scope="session")
def engine() -> Engine:
    return shipped()


@pytest.fixture(scope="session")
def pictures() -> Iterator[Pictures]:
    """One drawing process for all tests."""
    made = Pictures()
    yield made
    asyncio.run(made.stop())


@dataclass
class Desk:
    """What the tests have of a gateway: its rooms, worked by hand, and its address."""

    gateway: Gateway
    app: web.Application
    url: str
    session: ClientSession
    examiner: Examiner
    conductor: Conductor
    intake: Intake
    sockets: list[ClientWebSocketResponse] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.gateway.store

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return self.store.read_now(lambda tx: list(tx.execute(statement)))

    def attached(self) -> list[Any]:
        return self.rows(sa.select(attachments).order_by(attachments.c.id))

    def said(self) -> list[Any]:
        return self.rows(sa.select(messages).order_by(messages.c.at, messages.c.conversation_id, messages.c.number))

    async def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(
            method, self.url + path, data=body, headers=sent, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers, await answer.read()

    async def create(
        self, size: int, name: str = "statement.pdf", **headers: str
    ) -> tuple[int, Mapping[str, str], Any]:
        metadata = f"filename {base64.b64encode(name.encode()).decode()}"
        told = {"Upload_Length": str(size), "Upload_Metadata": metadata, "Tus_Resumable": "1.0.0"}
        status, answered, body = await self.send("POST", "/api/v1/uploads", **{**told, **headers})
        return status, answered, json.loads(body)

    async def begun(self, size: int, name: str = "statement.pdf", **headers: str) -> str:
        """The path of a new upload."""
        status, answered, body = await self.create(size, name, **headers)
        assert status == 201, body
        return str(answered["Location"])

    async def patch(self, path: str, offset: int, body: Any, **headers: str) -> tuple[int, Mapping[str, str], Any]:
        told = {"Upload_Offset": str(offset), "Tus_Resumable": "1.0.0", "Content_Type": BYTES}
        body = io.BytesIO(body) if isinstance(body, bytes) else body
        status, answered, read = await self.send("PATCH", path, body, **{**told, **headers})
        return status, answered, json.loads(read) if read else None

    async def head(self, path: str, **headers: str) -> tuple[int, Mapping[str, str]]:
        status, answered, _ = await self.send("HEAD", path, Tus_Resumable="1.0.0", **headers)
        return status, answered

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until something has come about on the other side of a connection."""
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - nobody there could set an event of ours
                await asyncio.sleep(0.01)

    async def uploaded(self, content: bytes, name: str = "statement.pdf", **headers: str) -> str:
        """The id of a whole upload."""
        path = await self.begun(len(content), name, **headers)
        if content:
            status, _, problem = await self.patch(path, 0, content, **headers)
            assert status == 204, problem
        return path.rpartition("/")[2]

    async def chat(self, session: str | None = None, last: int | None = None, locale: str = "en") -> ChatCustomer:
        socket = await self.session.ws_connect(f"{self.url}/chat/ws")
        self.sockets.append(socket)
        start: dict[str, Any] = {"type": "start", "session": session, "locale": locale}
        if last is not None:
            start["last_message"] = last
        await socket.send_json(start)
        customer = ChatCustomer(self, socket)
        begun = await customer.next("session")
        customer.session, customer.conversation = begun["session"], begun["conversation"]
        return customer

    async def examine(self) -> None:
        while await self.examiner.examine_due():
            pass

    async def answer(self) -> None:
        while await self.conductor.answer_due():
            pass

    async def agent(self, role: Role = Role.AGENT) -> Agent:
        name = role.value
        new = NewAgent(name, name.title(), role, QUICK.hash(PASSWORD))
        self.store.write_now(people.add_agent, new, actor="system")
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        asked = {"username": name, "password": PASSWORD}
        async with session.post(f"{self.url}/api/v1/session", json=asked) as answer:
            token = (await answer.json())["csrf_token"]
        return Agent(self, session, {"X-CSRF-Token": token})

    def key(self, *scopes: str) -> dict[str, str]:
        key = new_key()
        self.store.write_now(people.add_key, name="robot", scopes=scopes, digest=digest_of(key), actor="system")
        return {"Authorization": f"Bearer {key}"}


@dataclass
class ChatCustomer:
    desk: Desk
    socket: ClientWebSocketResponse
    session: str = ""
    conversation: str = ""

    @property
    def header(self) -> dict[str, str]:
        return {"X_Chat_Session": self.session}

    async def next(self, *types: str) -> dict[str, Any]:
        while True:
            received = await self.socket.receive(timeout=30)
            assert received.type == WSMsgType.TEXT, received
            frame: dict[str, Any] = json.loads(received.data)
            if frame["type"] in types:
                return frame

    async def say(self, text: str | None, *uploads: str, client_id: str = "m1") -> dict[str, Any]:
        """The answer to a message: `accepted` or `error`."""
        frame: dict[str, Any] = {"type": "message", "client_id": client_id}
        frame |= {} if text is None else {"text": text}
        frame |= {"attachments": list(uploads)} if uploads else {}
        await self.socket.send_json(frame)
        return await self.next("accepted", "error")

    async def upload(self, content: bytes, name: str = "statement.pdf") -> str:
        return await self.desk.uploaded(content, name, **self.header)

    async def get(self, attachment: str, what: str = "") -> tuple[int, Mapping[str, str], bytes]:
        return await self.desk.send("GET", f"/api/v1/chat/attachments/{attachment}{what}", **self.header)


@dataclass
class Agent:
    desk: Desk
    session: ClientSession
    headers: dict[str, str]

    async def get(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        async with self.session.get(self.desk.url + path, headers=self.headers) as answer:
            return answer.status, answer.headers, await answer.read()

    async def post(self, path: str, json: Any) -> tuple[int, Any, ClientResponse]:
        async with self.session.post(self.desk.url + path, headers=self.headers, json=json) as answer:
            return answer.status, await answer.json(content_type=None), answer


NewDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def open_desk(store: Store, tmp_path: Path, engine: Engine, pictures: Pictures) -> AsyncIterator[NewDesk]:
    """`await open_desk(clamd=…, max_message=…)`: a gateway over the test's store."""
    opened: list[tuple[Desk, TestServer]] = []

    async def open_one(limits: Mapping[str, str] | None = None, policy: Any = None, **settings: Any) -> Desk:
        settings = {"data_dir": tmp_path, "quiet_seconds": 0, "locale": Language.EN, "metrics": "open", **settings}
        given = Settings(complaints_address="complaints@bank.example", **settings)
        house = policy or load_policy(None)
        wakeups = Wakeups()
        store.on_wake = wakeups.publish
        gateway = Gateway(given, house, store, Files(tmp_path / "files"), Tokens(b"s" * 32), wakeups)
        promises = Promises(house, given)
        notices, engines = Notices(promises, given, gateway.tokens), Engines(engine)
        mailbox = EmailChannel(Composer(Mailbox.parse(given.complaints_address), "Bank"), None)  # type: ignore[arg-type]
        app = web.Application(client_max_size=int(given.max_message))
        app[GATEWAY] = gateway
        setup_web(app)
        app[TAKE_COMPLAINT] = Complaints(engines, notices)
        setup_api(app)
        app[PASSWORDS] = Passwords(QUICK)
        app[THROTTLE] = Throttle({**LIMITS, "uploads": "100000 per minute", **(limits or {})})
        portal_routes(app)
        console.routes(app)
        add_chat(app, Chat(gateway), lambda request: True, lambda request: request[CLIENT].network)
        server = TestServer(app)
        await server.start_server()
        desk = Desk(
            gateway,
            app,
            f"http://127.0.0.1:{server.port}",
            ClientSession(cookie_jar=CookieJar(unsafe=True)),
            Examiner(gateway, pictures=pictures),
            Conductor(gateway, engines, notices),
            Intake(gateway, {"email": mailbox}),
        )
        opened.append((desk, server))
        return desk

    yield open_one
    for desk, server in opened:
        for socket in desk.sockets:
            await socket.close()
        await desk.session.close()
        await server.close()


@pytest.fixture
async def desk(open_desk: NewDesk) -> Desk:
    return await open_desk()


@pytest.fixture(scope="session")
def png() -> bytes:
    return picture()
