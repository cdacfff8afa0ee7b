"""A gateway that takes what agents enter: its own engine, files and notices, and agents who sign in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from case_store import people
from case_store.files import Files
from case_store.people import NewAgent
from case_store.records import Role
from case_store.store import Store
from dialogue.engine import Engine
from gateway.api.app import setup_api
from gateway.api.keys import PASSWORDS
from gateway.auth.passwords import Passwords
from gateway.auth.sessions import digest_of, new_key
from gateway.complaints import Complaints
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.engines import Engines
from gateway.hooks import AGENT_REPLIED, CASE_CHANGED, FILE_CASE, PROMISES, TAKE_COMPLAINT, WAY_OPENED
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.service import filer, replier
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from gateway.web import setup_web
from tests.gateway.counter.desk import PASSWORD, Counter
from tests.shipped_engine import shipped

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def engine() -> Engine:
    return shipped()


OpenCounter = Callable[..., Any]


@asynccontextmanager
async def counters(store: Store, folder: Path, engine: Engine) -> AsyncIterator[OpenCounter]:
    settings = Settings(data_dir=folder / "var", max_message=200_000, complaints_address="complaints@bank.example")
    policy, tokens, files = load_policy(None), Tokens(b"s" * 32), Files(folder / "files")
    promises = Promises(policy, settings)
    notices, engines = Notices(promises, settings, tokens), Engines(engine)
    app = web.Application()
    app[GATEWAY] = Gateway(settings, policy, store, files, tokens, Wakeups())
    setup_web(app)
    app[PROMISES] = promises
    app[TAKE_COMPLAINT] = Complaints(engines, notices)
    app[CASE_CHANGED] = notices.case_changed
    app[WAY_OPENED] = notices.way_opened
    app[FILE_CASE] = filer(notices)
    app[AGENT_REPLIED] = replier(notices)
    setup_api(app)
    app[PASSWORDS] = Passwords(QUICK)
    new = NewAgent("lin", "林悦", Role.AGENT, QUICK.hash(PASSWORD), post="客户关系经理", contact="6012")
    store.write_now(people.add_agent, new, actor="system")
    server = TestServer(app)
    await server.start_server()
    sessions: list[ClientSession] = []

    async def open_one(*scopes: str) -> Counter:
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        sessions.append(session)
        made = Counter(store, files, notices, app, f"http://127.0.0.1:{server.port}", session)
        if scopes:
            key = new_key()
            store.write_now(people.add_key, name="robot", scopes=scopes, digest=digest_of(key), actor="system")
            made.headers = {"Authorization": f"Bearer {key}"}
        else:
            _, signed_in = await made.post("/session", {"username": "lin", "password": PASSWORD})
            made.headers = {"X-CSRF-Token": signed_in["csrf_token"]}
        return made

    yield open_one
    for session in sessions:
        await session.close()
    await server.close()
    engines.close()


@pytest.fixture
async def open_counter(store: Store, tmp_path: Path, engine: Engine) -> AsyncIterator[OpenCounter]:
    """`await open_counter()` is signed in as an agent; `await open_counter("intake")` a machine with these scopes."""
    async with counters(store, tmp_path, engine) as opened:
        yield opened


@pytest.fixture
async def counter(open_counter: OpenCounter) -> Counter:
    made: Counter = await open_counter()
    return made


@pytest.fixture
async def sqlite_counter(sqlite_url: str, tmp_path: Path, engine: Engine) -> AsyncIterator[Counter]:
    """For what is refused before any database is asked."""
    store = Store(sqlite_url)
    async with counters(store, tmp_path, engine) as opened:
        made: Counter = await opened()
        yield made
    store.close()
