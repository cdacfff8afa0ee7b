"""A gateway that is killed while complaints come in: of every case that was filed there is an event, and of no other."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from case_store.store import Store
from case_store.tables_cases import cases
from tests.browser.conftest import PASSWORD, GatewayProcess

KILLS = 3

pytestmark = pytest.mark.slow


async def test_every_filed_case_is_told_and_nothing_else_over_kills_in_mid_work(receiver: Any, tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path, QINGTING_WEBHOOK_NETWORKS="127.0.0.0/8")
    try:
        await asyncio.to_thread(gateway.start)
        receiver.secrets.append(await add_webhook(gateway.url, receiver.url))
        for _ in range(KILLS):
            begun = asyncio.Event()
            filing = [asyncio.create_task(files(gateway.url, begun)) for _ in range(4)]
            await begun.wait()  # the first of a start takes longest
            await asyncio.sleep(random.uniform(0.0, 0.6))  # anywhere in its work: that is what is tried
            gateway.kill()
            await asyncio.gather(*filing)
            await asyncio.to_thread(gateway.start)
        store = Store(f"sqlite:///{tmp_path}/var/qingting.db", readers=1)
        filed = store.read_now(lambda tx: set(tx.execute(sa.select(cases.c.reference)).scalars()) - {None})
        store.close()
        assert filed
        async with asyncio.timeout(180):  # what was under way when it was killed is leased for two minutes
            while {event["subject"] for event in receiver.taken} < filed:
                receiver.came.clear()
                await receiver.came.wait()
        assert {event["subject"] for event in receiver.taken} == filed
        assert receiver.forged == 0
        by_subject: dict[str, set[str]] = {}
        for event in receiver.taken:
            by_subject.setdefault(event["subject"], set()).add(event["id"])
        assert all(len(ids) == 1 for ids in by_subject.values())  # posted twice perhaps, told once
    finally:
        gateway.kill()


async def add_webhook(url: str, to: str) -> str:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        who = {"username": "admin", "password": PASSWORD}
        async with session.post(f"{url}/api/v1/session", json=who) as answer:
            csrf = {"X-CSRF-Token": (await answer.json())["csrf_token"]}
        hook = {"url": to, "types": ["org.qingting.case.filed.v1"]}
        async with session.post(f"{url}/api/v1/webhooks", json=hook, headers=csrf) as answer:
            assert answer.status == 201, await answer.text()
            return str((await answer.json())["secret"])


async def files(url: str, begun: asyncio.Event) -> None:
    """A customer who files complaints until nobody answers any more."""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        async with aiohttp.ClientSession() as session:
            for number in range(1000):
                body = {
                    "what_happened": f"The transfer number {number} never arrived.",
                    "contact": "kim@customer.example",
                }
                async with session.post(f"{url}/api/v1/complaints", json=body) as answer:
                    await answer.read()
                    begun.set()
