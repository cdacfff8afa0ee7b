"""Telegram on its bad days, with real processes: `kill -9` while updates come in, two nodes on one database, a whole complaint."""

from __future__ import annotations

import asyncio
import json
import random
import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.reference import references_in
from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import conversations, messages
from case_store.tables_house import duties
from case_store.tables_outbox import deliveries
from tests.bot_api import TOKEN, BotApi, Customer

pytestmark = pytest.mark.slow

STORY = "You charged me a fee of 300 yuan on 3 November in your Leeds branch, and nobody had told me"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    server = BotApi()
    await server.start()
    yield server
    await server.stop()
    assert server.complaints == []


async def until(happened: Callable[[], object], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def rows(url: str, statement: Any) -> list[Any]:
    store = Store(url, readers=1)
    try:
        return store.read_now(lambda tx: list(tx.execute(statement)))
    finally:
        store.close()


def time_passes(url: str) -> None:
    """What a dead process has leased runs out."""
    store = Store(url, readers=1)
    try:
        store.write_now(lambda tx: tx.execute(sa.update(duties).values(until=tx.now)))
        for table in (arrivals, deliveries):
            leased = sa.update(table).where(table.c.lease.is_not(None))
            store.write_now(lambda tx, leased=leased: tx.execute(leased.values(due_at=tx.now)))
    finally:
        store.close()


def settings(api: BotApi, **more: str) -> dict[str, str]:
    return {"QINGTING_TELEGRAM_TOKEN": TOKEN, "QINGTING_TELEGRAM_API": api.url, "QINGTING_SMTP": "", **more}


async def started(start_gateway: Callable[..., Any], **more: str) -> Any:
    """A gateway, started beside the Bot API that runs in this process."""
    return await asyncio.to_thread(lambda: start_gateway(**more))


async def hears(api: BotApi, customer: Customer, before: int) -> str:
    await until(lambda: len(api.texts(customer)) > before)
    return api.texts(customer)[-1]


@pytest.mark.parametrize("by", ["poll", "webhook"])
async def test_a_whole_complaint_with_a_real_process(
    start_gateway: Callable[..., Any], api: BotApi, sqlite_url: str, by: str
) -> None:
    more = {"QINGTING_DATABASE_URL": sqlite_url, "QINGTING_LOG_LEVEL": "debug"}
    gateway = await started(start_gateway, **settings(api, **more))
    if by == "webhook":
        await asyncio.to_thread(gateway.stop)
        gateway.settings |= {"QINGTING_TELEGRAM_WEBHOOK": "yes", "QINGTING_PUBLIC_URL": gateway.url}
        await asyncio.to_thread(gateway.start)
        await until(lambda: api.webhook)
    ann = api.customer(4711)
    for place, line in enumerate(("/start", STORY, "I want it back", "Ann Lee, ann@customer.example")):
        api.write(ann, line)
        await hears(api, ann, place)
    asked = next(sent for sent in reversed(api.sent) if sent.buttons)
    api.press(ann, asked, "affirm")
    filed = await hears(api, ann, 4)
    await until(lambda: api.answered and not asked.buttons)
    assert len(references_in(filed)) == 1
    assert await asyncio.to_thread(gateway.stop) == 0
    for secret in (TOKEN, TOKEN.split(":")[1], STORY, api.secret or TOKEN):
        assert secret not in gateway.log
    assert bool(api.called("getUpdates")) == (by == "poll") or api.webhook


async def test_kill_9_while_updates_come_in_loses_nothing_and_doubles_nothing(
    start_gateway: Callable[..., Any], api: BotApi, store_url: str
) -> None:
    chance, written = random.Random(20261123), list[str]()
    gateway = await started(start_gateway, **settings(api, QINGTING_DATABASE_URL=store_url))
    people = [api.customer(number + 1) for number in range(8)]

    async def write_on(customer: Customer) -> None:
        for step in range(1000):
            text = f"{customer.id}-{step} {STORY}"
            if step % 3 == 1:
                api.push(message=api.message(customer, photo=api.photo(text.encode()), caption=text))
            else:
                api.write(customer, text)
            written.append(text)
            await asyncio.sleep(chance.uniform(0.05, 0.4))
            await until(lambda: api.waiting() < 200)  # on a slow machine they wait, and bury nobody

    for round_ in range(2):
        if round_:
            await asyncio.to_thread(time_passes, store_url)
            await asyncio.to_thread(gateway.start)
        before = len(api.called("getUpdates"))
        writing = [asyncio.create_task(write_on(customer)) for customer in people]
        await until(lambda before=before: len(api.called("getUpdates")) > before + 2)
        await asyncio.sleep(chance.uniform(0, 0.8))
        await asyncio.to_thread(gateway.kill)
        for task in writing:
            task.cancel()
        await asyncio.gather(*writing, return_exceptions=True)
    await asyncio.to_thread(time_passes, store_url)
    await asyncio.to_thread(gateway.start)
    await until(api.is_idle)
    unread = sa.select(arrivals.c.id).where(arrivals.c.state != "read")
    await until(lambda: not rows(store_url, unread), 90)
    kept = [row.text for row in rows(store_url, sa.select(messages.c.text).where(messages.c.sender == "customer"))]
    assert Counter(kept) == Counter(written)
    due = sa.select(conversations.c.id).where(conversations.c.speak_at.is_not(None), conversations.c.owner == "bot")
    unsent = sa.select(deliveries.c.id).where(deliveries.c.due_at.is_not(None))
    await until(lambda: not rows(store_url, due) and not rows(store_url, unsent), 90)
    queued = Counter(row.address for row in rows(store_url, sa.select(deliveries.c.address)))
    told = Counter(f"telegram:{sent.chat}" for sent in api.sent)
    assert all(told[address] <= queued[address] for address in told), "no answer left twice"
    assert set(told) == {f"telegram:{customer.id}" for customer in people}
    assert await asyncio.to_thread(gateway.stop) == 0


async def test_of_two_nodes_one_polls_and_the_other_goes_on_when_it_dies(
    start_gateway: Callable[..., Any], api: BotApi, postgresql_url: str
) -> None:
    shared = settings(api, QINGTING_DATABASE_URL=postgresql_url, QINGTING_SECRET="s" * 40, QINGTING_NODE="same")
    first = await started(start_gateway, **shared)
    await until(lambda: api.called("getUpdates"))
    second = await started(start_gateway, **shared)
    people = [api.customer(number + 1) for number in range(6)]
    for customer in people:
        api.write(customer, f"{customer.id} {STORY}")
    await until(lambda: len({sent.chat for sent in api.sent}) == len(people))
    await asyncio.to_thread(first.kill)
    await asyncio.to_thread(time_passes, postgresql_url)
    for customer in people:
        api.write(customer, f"{customer.id} I want it back")
    await until(api.is_idle)
    said = sa.select(messages.c.text).where(messages.c.sender == "customer")
    await until(lambda: len(rows(postgresql_url, said)) == 12)
    wanted = [f"{customer.id} {words}" for customer in people for words in (STORY, "I want it back")]
    assert sorted(row.text for row in rows(postgresql_url, said)) == sorted(wanted)
    assert len(rows(postgresql_url, sa.select(conversations.c.id))) == len(people)
    assert "another program" not in first.log + second.log
    assert await asyncio.to_thread(second.stop) == 0


async def test_another_program_that_polls_makes_the_node_not_ready_and_says_why(
    start_gateway: Callable[..., Any], api: BotApi, sqlite_url: str
) -> None:
    gateway = await started(start_gateway, **settings(api, QINGTING_DATABASE_URL=sqlite_url))
    await until(lambda: api.called("getUpdates"))

    def reasons() -> str:
        try:
            with urllib.request.urlopen(f"{gateway.url}/readyz", timeout=5) as answer:
                return str(answer.status)
        except urllib.error.HTTPError as error:
            return str(json.loads(error.read())["detail"])
        except OSError as error:  # no answer in time
            return str(error)

    from channels.telegram.api import Api

    other = Api(TOKEN, api.url)
    stealing = asyncio.create_task(other.updates(None, 30))
    async with asyncio.timeout(60):
        while "telegram: another program uses this bot" not in await asyncio.to_thread(reasons):
            if stealing.done():  # it was the gateway's poll that ended the other one
                await asyncio.gather(stealing, return_exceptions=True)
                stealing = asyncio.create_task(other.updates(None, 30))
            await asyncio.sleep(0.1)
    stealing.cancel()
    await asyncio.gather(stealing, return_exceptions=True)
    await other.close()
    async with asyncio.timeout(60):
        while await asyncio.to_thread(reasons) != "200":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert re.search(r"stop the other one", gateway.log)
    assert await asyncio.to_thread(gateway.stop) == 0


async def test_a_gateway_starts_though_telegram_is_out_of_reach(
    start_gateway: Callable[..., Any], api: BotApi, sqlite_url: str
) -> None:
    await api.stop()
    gateway = await started(
        start_gateway, **settings(api, QINGTING_DATABASE_URL=sqlite_url)
    )  # ready: other channels work
    await until(lambda: "can't be reached" in gateway.log)
    await api.start()
    number = api.write(api.customer(4711), "/start")
    await until(lambda: api.is_confirmed(number))
    assert await asyncio.to_thread(gateway.stop) == 0
