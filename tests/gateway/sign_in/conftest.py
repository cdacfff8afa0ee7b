"""A gateway with its console, agents without a session, and a sign-in service on a port of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer, unused_port
from argon2 import PasswordHasher
from yarl import URL

from case_store import people
from case_store.people import NewAgent
from case_store.records import Role
from case_store.store import Store
from gateway import console
from gateway.api.app import setup_api
from gateway.api.keys import PASSWORDS
from gateway.auth.passwords import Passwords
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.policy import load_policy
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from gateway.web import setup_web
from tests.oidc import CLIENT, SECRET, Service

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"


@dataclass
class House:
    store: Store
    url: str
    app: web.Application

    def agent(self, username: str, role: Role = Role.AGENT) -> people.Agent:
        new = NewAgent(username, username.title(), role, QUICK.hash(PASSWORD))
        return self.store.write_now(people.add_agent, new, actor="system")


@dataclass
class Came:
    """Where a browser ended: the status, the path, the page."""

    status: int
    path: str
    page: str

    @property
    def code(self) -> str:
        """Why it was not signed in."""
        return self.page.partition("<code>")[2].partition("</code>")[0]


@dataclass
class Browser:
    session: ClientSession
    house: House
    way: list[str] = field(default_factory=list)  # addresses it was sent to

    async def get(self, url: str) -> Came:
        """Follows redirects as browsers do."""
        at = URL(url if url.startswith("http") else self.house.url + url, encoded=True)
        for _ in range(6):
            async with self.session.get(at, allow_redirects=False) as answer:
                if answer.status not in (302, 303):
                    return Came(answer.status, at.path, await answer.text())
                at = at.join(URL(answer.headers["Location"], encoded=True))
                self.way.append(str(at))
        raise AssertionError(self.way)

    async def stops_before(self, path: str, url: str = "/sign-in/oidc") -> str:
        """Goes on until it is sent to `path`, and answers that address without going there."""
        at = URL(url if url.startswith("http") else self.house.url + url, encoded=True)
        for _ in range(6):
            if at.path == path:
                return str(at)
            async with self.session.get(at, allow_redirects=False) as answer:
                at = at.join(URL(answer.headers["Location"], encoded=True))
        raise AssertionError(path)

    async def me(self) -> dict[str, Any] | None:
        async with self.session.get(f"{self.house.url}/api/v1/agents/me") as answer:
            return cast(dict[str, Any], await answer.json()) if answer.status == 200 else None

    async def sign_in(self) -> Came:
        return await self.get("/sign-in/oidc")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    one = Service()
    server = await one.start()
    yield one
    await server.close()


OpenHouse = Callable[..., Awaitable[House]]


@pytest.fixture
async def open_house(store: Store, service: Service, tmp_path: Path) -> AsyncIterator[OpenHouse]:
    """`await open_house(oidc_new_accounts=True)`: a gateway that knows the service."""
    async with AsyncExitStack() as ends:

        async def begin(**more: Any) -> House:
            port = unused_port()
            url = f"http://127.0.0.1:{port}"
            given = {"oidc_issuer": service.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, **more}
            settings = Settings(data_dir=tmp_path, public_url=url, **given)
            app = web.Application()
            app[GATEWAY] = Gateway(settings, load_policy(None), store, cast(Any, None), Tokens(b"s" * 32), Wakeups())
            setup_web(app)
            setup_api(app)
            console.routes(app)
            app[PASSWORDS] = Passwords(QUICK)
            server = TestServer(app, port=port)
            await server.start_server()
            ends.push_async_callback(server.close)
            return House(store, url, app)

        yield begin


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    one = await open_house()
    one.agent("megan")
    one.agent("admin", Role.ADMIN)
    return one


@pytest.fixture
async def browser() -> AsyncIterator[Callable[[House], Browser]]:
    async with AsyncExitStack() as ends:
        opened: list[ClientSession] = []

        def begin(house: House) -> Browser:
            session = ClientSession(cookie_jar=CookieJar(unsafe=True))
            opened.append(session)
            ends.push_async_callback(session.close)
            return Browser(session, house)

        yield begin
