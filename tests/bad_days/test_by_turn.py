"""Two real gateways on one database that deal out the same queue to agents who sit at either of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from case_store.store import Store
from case_store.tables_conversations import conversations
from case_store.tables_house import audit_events
from case_store.tables_people import agents
from tests.bad_days.conftest import PASSWORD
from tests.bad_days.test_processes import Customer

pytestmark = pytest.mark.slow

POLICY = 'version = "two"\n[assignment]\nmode = "round_robin"\nmost = 4\nanswer_within = 60\n'


class Agent:
    """An agent's browser: signed in, with its live socket open."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url, self.csrf = http, f"{url}/api/v1", ""

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"X-CSRF-Token": self.csrf}
        async with self.http.request(method, self.url + path, json=body, headers=headers) as answer:
            assert answer.status < 300, (path, await answer.text())
            return await answer.json() if answer.status != 204 else None

    async def sign_in(self, username: str) -> None:
        self.csrf = (await self.call("POST", "/session", {"username": username, "password": PASSWORD}))["csrf_token"]


@asynccontextmanager
async def desk(url: str, username: str) -> AsyncIterator[Agent]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        agent = Agent(http, url)
        await agent.sign_in(username)
        async with http.ws_connect(f"{agent.url}/live") as socket:
            reading = asyncio.create_task(_read(socket))  # pings are answered while somebody reads
            try:
                yield agent
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)


async def _read(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


def standing(url: str) -> Counter[str]:
    """How many conversations each has; those that wait under `queue`."""
    store = Store(url, readers=1)
    c = conversations.c
    whose = sa.func.coalesce(agents.c.username, c.owner)
    found = sa.select(whose, sa.func.count()).outerjoin(agents, agents.c.id == c.agent_id).group_by(whose)
    try:
        return Counter(dict(store.read_now(lambda tx: [tuple(row) for row in tx.execute(found)])))
    finally:
        store.close()


async def becomes(url: str, expected: dict[str, int]) -> None:
    async with asyncio.timeout(60):
        while await asyncio.to_thread(standing, url) != Counter(expected):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def givings(url: str) -> list[int]:
    """How often each conversation was given by turn."""
    store = Store(url, readers=1)
    e = audit_events.c
    found = sa.select(sa.func.count()).where(e.action == "given_by_turn").group_by(e.chain)
    try:
        return list(store.read_now(lambda tx: tx.execute(found).scalars().all()))
    finally:
        store.close()


async def asks_for_a_person(url: str) -> None:
    customer = Customer()
    async with customer.at(url) as socket:
        await customer.say(socket, "1", "我要找人工客服")
        await customer.answer(socket, customer.accepted["1"])


async def test_no_conversation_goes_twice_nobody_gets_too_many_and_a_process_that_dies_keeps_none(
    start_gateway: Callable[..., Any], postgresql_url: str, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    shared = {
        "QINGTING_DATABASE_URL": postgresql_url,
        "QINGTING_SECRET": "s" * 40,
        "QINGTING_POLICY": str(tmp_path / "policy.toml"),
    }
    first, second = start_gateway(**shared), start_gateway(**shared)
    async with desk(first.url, "admin") as admin:
        for name in ("anna", "bo"):
            await admin.call("POST", "/agents", {"username": name, "name": name.title(), "password": PASSWORD})
    async with desk(second.url, "bo") as bo:
        async with desk(first.url, "anna") as anna:
            for agent in (anna, bo):
                await agent.call("POST", "/agents/me/availability", {"takes": True})
            async with asyncio.TaskGroup() as together:
                for number in range(12):
                    together.create_task(asks_for_a_person((first, second)[number % 2].url))
            await becomes(postgresql_url, {"anna": 4, "bo": 4, "queue": 4})
            assert givings(postgresql_url) == [1] * 8
            await anna.call("DELETE", "/session")
            await becomes(postgresql_url, {"bo": 4, "queue": 8})  # what she has not looked at
        first.kill()
        own = (await bo.call("GET", "/conversations?agent=me"))["items"]
        for one in own[:3]:
            await bo.call("POST", f"/conversations/{one['id']}/opened")
            await bo.call("POST", f"/conversations/{one['id']}/hand-back", {"to": "bot"})
        await becomes(postgresql_url, {"bo": 4, "bot": 3, "queue": 5})
    assert second.stop() == 0
