"""Real processes on their bad days: two on one database, one paused, the database gone, the disk full, SIGTERM under load."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import smtplib
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import conversations, messages

pytestmark = pytest.mark.slow

TEXT = "你们柜台上周多收了我200元手续费，我要求退回。"


class Customer:
    """One chat customer who comes back to whichever gateway is there, and counts what was answered."""

    def __init__(self) -> None:
        self.session: str | None = None
        self.accepted: dict[str, int] = {}
        self.shown: dict[int, str] = {}
        self.errors: list[str] = []

    @asynccontextmanager
    async def at(self, url: str) -> AsyncIterator[Any]:
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/chat/ws") as socket:
            await socket.send_json({"type": "start", "session": self.session, "locale": "zh-Hans"})
            yield socket

    async def hear(self, socket: Any, until: Callable[[dict[str, Any]], bool], seconds: float = 180) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while True:
                frame = json.loads((await socket.receive()).data)
                if frame["type"] == "session":
                    self.session = frame["session"]
                elif frame["type"] == "accepted":
                    self.accepted[frame["client_id"]] = frame["message"]
                elif frame["type"] == "message":
                    assert frame["message"] not in self.shown, "shown twice on one connection"
                    self.shown[frame["message"]] = frame["sender"]
                elif frame["type"] == "error":
                    self.errors.append(frame["code"])
                if until(frame):
                    return frame

    async def say(self, socket: Any, client_id: str, text: str = TEXT) -> dict[str, Any]:
        await socket.send_json({"type": "message", "client_id": client_id, "text": text})
        return await self.hear(socket, lambda frame: frame.get("client_id") == client_id and frame["type"] != "message")

    async def answer(self, socket: Any, after: int) -> None:
        if not any(number > after and sender == "bot" for number, sender in self.shown.items()):
            await self.hear(
                socket, lambda f: f["type"] == "message" and f["sender"] in ("bot", "system") and f["message"] > after
            )


def conversations_of(url: str) -> dict[str, list[str]]:
    """Who spoke in each conversation, in order."""
    store = Store(url, readers=1)
    try:
        rows = store.read_now(
            lambda tx: tx.execute(
                sa.select(messages.c.conversation_id, messages.c.sender).order_by(
                    messages.c.conversation_id, messages.c.number
                )
            ).all()
        )
    finally:
        store.close()
    spoken: dict[str, list[str]] = {}
    for row in rows:
        spoken.setdefault(row.conversation_id, []).append(row.sender)
    return spoken


def waiting(url: str) -> int:
    store = Store(url, readers=1)
    try:
        found = sa.select(sa.func.count()).where(conversations.c.speak_at.is_not(None))
        return int(store.read_now(lambda tx: tx.execute(found).scalar_one()))
    finally:
        store.close()


async def quiet(url: str) -> None:
    async with asyncio.timeout(240):
        while await asyncio.to_thread(waiting, url):  # noqa: ASYNC110
            await asyncio.sleep(0.3)


def answered_once(spoken: list[str]) -> bool:
    """After the greeting customer and bot take turns: no two turns of the bot without a word of the customer between."""
    return all(not (one == other == "bot") for one, other in pairwise(spoken[1:]))


async def test_two_gateways_one_paused_past_its_lease_and_one_killed(
    start_gateway: Callable[..., Any], postgresql_url: str
) -> None:
    shared = {"QINGTING_DATABASE_URL": postgresql_url, "QINGTING_SECRET": "s" * 40, "QINGTING_NODE": "same"}
    first, second = start_gateway(**shared), start_gateway(**shared)
    people = [Customer() for _ in range(8)]
    for customer in people:  # half of them sit at the one that will be paused
        async with customer.at(first.url) as socket:
            await customer.say(socket, "1")
    first.signal(signal.SIGSTOP)  # in mid-turn, or before
    try:
        for customer in people:
            async with customer.at(second.url) as socket:
                await customer.hear(socket, lambda frame: frame["type"] == "session")
                customer.shown.clear()
                await customer.say(socket, "2", "是上周三的事。")
        async with people[0].at(second.url) as socket:
            people[0].shown.clear()
            await people[0].answer(socket, people[0].accepted["2"])
        await quiet(postgresql_url)
    finally:
        first.signal(signal.SIGCONT)
    for customer in people:
        async with customer.at(first.url) as socket:
            customer.shown.clear()
            await customer.say(socket, "3", "没有别的了。")
    second.kill()
    await quiet(postgresql_url)
    spoken = conversations_of(postgresql_url)
    assert len(spoken) == len(people)
    assert [one for one in spoken.values() if one.count("customer") != 3] == []
    assert [one for one in spoken.values() if not answered_once(one)] == []
    assert first.stop() == 0


async def test_a_chat_at_one_gateway_hears_what_the_other_says(
    start_gateway: Callable[..., Any], postgresql_url: str
) -> None:
    """Two processes of the same name: each must hear the other's hints."""
    shared = {"QINGTING_DATABASE_URL": postgresql_url, "QINGTING_SECRET": "s" * 40, "QINGTING_NODE": "same"}
    first, second = start_gateway(**shared), start_gateway(**shared)
    customer, tab = Customer(), Customer()
    async with customer.at(first.url) as socket:
        await customer.say(socket, "1")
        tab.session = customer.session
        async with tab.at(second.url) as other:
            await tab.hear(other, lambda frame: frame["type"] == "message" and frame["sender"] == "customer")
            await customer.say(socket, "2", "还有一件事。")
            await tab.hear(other, lambda f: f.get("client_id") == "2")
            await tab.answer(other, customer.accepted["2"])


def refused(gateway: Any, **settings: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "gateway", "serve"],
        env={**gateway.environment(), **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr


def test_a_second_gateway_on_one_data_directory_is_refused_and_told_which(start_gateway: Callable[..., Any]) -> None:
    gateway = start_gateway()
    said = refused(gateway, QINGTING_HTTP="127.0.0.1:0", QINGTING_SMTP="")
    assert str(gateway.process.pid) in said
    assert gateway.url in said


def test_another_secret_on_one_database_is_refused(
    start_gateway: Callable[..., Any], tmp_path: Path, postgresql_url: str
) -> None:
    gateway = start_gateway(QINGTING_DATABASE_URL=postgresql_url, QINGTING_SECRET="s" * 40)
    other = tmp_path / "other"
    other.mkdir()
    said = refused(
        gateway,
        QINGTING_DATA_DIR=str(other),
        QINGTING_SECRET="t" * 40,
        QINGTING_HTTP="127.0.0.1:0",
        QINGTING_SMTP="",
    )
    assert "QINGTING_SECRET" in said


async def test_sigterm_under_load_ends_cleanly_and_loses_nothing(
    start_gateway: Callable[..., Any], store_url: str
) -> None:
    gateway = start_gateway(QINGTING_DATABASE_URL=store_url)
    people = [Customer() for _ in range(6)]

    async def talk(customer: Customer) -> None:
        async with customer.at(gateway.url) as socket:
            for number in range(1000):
                await customer.say(socket, str(number))

    async def idle() -> None:
        async with Customer().at(gateway.url) as socket:
            while (await socket.receive()).type != aiohttp.WSMsgType.CLOSE:
                pass

    tasks = [asyncio.create_task(talk(customer)) for customer in people]
    tasks += [asyncio.create_task(idle()) for _ in range(20)]
    async with asyncio.timeout(60):
        while not all(customer.accepted for customer in people):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert await asyncio.to_thread(gateway.stop) == 0
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    store = Store(store_url)
    try:
        found = Counter(
            store.read_now(
                lambda tx: (
                    tx.execute(sa.select(messages.c.number).where(messages.c.sender == "customer")).scalars().all()
                )
            )
        )
    finally:
        store.close()
    assert sum(found.values()) >= sum(len(customer.accepted) for customer in people)
    assert "Traceback" not in gateway.log


def send_mail(port: int, number: int, more: str = "") -> None:
    head = f"From: c{number}@example.org\r\nMessage-ID: <{number}@x>\r\nSubject: fee"
    mail = f"{head}\r\n\r\nYou took 300 yuan. Refund it. {more}\r\n"
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        smtp.sendmail(f"c{number}@example.org", ["complaints@localhost"], mail)


def send_until_refused(port: int, accepted: set[str]) -> None:
    for number in range(100):
        send_mail(port, number, "word " * 8_000)
        accepted.add(f"<{number}@x>")


async def test_a_database_that_goes_away_is_told_honestly_and_comes_back_without_a_restart(
    start_gateway: Callable[..., Any], cluster: Any, postgresql_url: str
) -> None:
    gateway = start_gateway(QINGTING_DATABASE_URL=postgresql_url)
    customer = Customer()
    async with customer.at(gateway.url) as socket:
        await customer.say(socket, "1")
        await customer.answer(socket, customer.accepted["1"])
        await asyncio.to_thread(cluster.stop)
        try:
            told = await customer.say(socket, "2", "还在吗")
            assert (told["type"], told["code"]) == ("error", "unavailable")
            with pytest.raises(smtplib.SMTPDataError) as refusal:
                await asyncio.to_thread(send_mail, gateway.smtp, 1)
            assert refusal.value.smtp_code == 451
            async with aiohttp.ClientSession() as http:
                body = {"what_happened": "柜台多收了我 200 元"}
                async with http.post(f"{gateway.url}/api/v1/complaints", json=body) as answer:
                    assert answer.status == 503
                    assert "Retry-After" in answer.headers
                async with http.get(f"{gateway.url}/readyz") as answer:
                    assert answer.status == 503
                async with http.get(f"{gateway.url}/healthz") as answer:
                    assert answer.status == 200
        finally:
            cluster.start()  # in this thread: the server ends with the thread that began it
        async with asyncio.timeout(60):
            while (await customer.say(socket, "2", "还在吗"))["type"] != "accepted":  # noqa: ASYNC110
                await asyncio.sleep(0.3)
        await customer.answer(socket, customer.accepted["2"])
    await asyncio.to_thread(send_mail, gateway.smtp, 1)
    await quiet(postgresql_url)
    [spoken] = [one for one in conversations_of(postgresql_url).values() if one[0] == "bot"]
    assert spoken.count("customer") == 2
    assert gateway.stop() == 0


def largest(database: Path) -> int:
    return max(database.stat().st_size, Path(f"{database}-wal").stat().st_size)


def limit_files(gateway: Any, size: int) -> None:
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def test_a_full_disk_is_told_honestly_and_what_was_promised_is_there(
    start_gateway: Callable[..., Any], sqlite_url: str
) -> None:
    """The database may not grow: a limit on the size of any file the process writes, as a full disk would be."""
    gateway = start_gateway(QINGTING_DATABASE_URL=sqlite_url)
    customer = Customer()
    async with customer.at(gateway.url) as socket:
        await customer.say(socket, "before")
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        limit_files(gateway, largest(path))
        codes, mails = [], set[str]()
        for number in range(400):
            told = await customer.say(socket, f"full-{number}", "字" * 7000)
            codes.append(told.get("code", "accepted"))
            if codes[-1] != "accepted":
                break
        assert codes[-1] == "unavailable"
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            await asyncio.to_thread(send_until_refused, gateway.smtp, mails)
        assert refusal.value.smtp_code == 451
        limit_files(gateway, resource.RLIM_INFINITY)
        async with asyncio.timeout(30):
            while (await customer.say(socket, "after"))["type"] != "accepted":  # noqa: ASYNC110
                await asyncio.sleep(0.3)
    assert gateway.stop() == 0
    store = Store(sqlite_url)
    try:
        kept = store.read_now(lambda tx: set(tx.execute(sa.select(messages.c.external_id)).scalars()))
        assert store.read_now(lambda tx: tx.execute(sa.text("PRAGMA integrity_check")).scalar_one()) == "ok"
        arrived = store.read_now(lambda tx: list(tx.execute(sa.select(arrivals.c.external_id)).scalars()))
    finally:
        store.close()
    assert set(customer.accepted) <= kept
    assert [mail for mail in mails if not any(str(id).startswith(mail) for id in arrived)] == []
