"""A mailbox on its bad days: the gateway killed in the middle of a back-fill, two gateways on one mailbox, everything restarted."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_house import duties
from tests.bad_days.conftest import Rooms
from tests.dovecot import Dovecot

pytestmark = pytest.mark.slow


def complaint(name: str, **fields: str) -> bytes:
    head = {"From": f"{name}@customer.example", "To": "complaints@localhost", "Subject": "card fee"}
    head |= {"Message-ID": f"<{name}@customer.example>", **{key.replace("_", "-"): one for key, one in fields.items()}}
    lines = [*(f"{key}: {value}" for key, value in head.items()), ""]
    return "\r\n".join([*lines, f"You charged me a fee of 300 yuan. I want it back. {name}", ""]).encode()


class Counted:
    """What a store holds of the mails of a test."""

    def __init__(self, url: str) -> None:
        self.store = Store(url, readers=1)

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return self.store.read_now(lambda tx: list(tx.execute(statement)))

    def arrived(self) -> Counter[str]:
        found = self.rows(sa.select(arrivals.c.external_id).where(arrivals.c.channel == "email"))
        return Counter(row.external_id.partition("@")[0].removeprefix("<") for row in found)

    def said(self) -> Counter[str]:
        found = self.rows(sa.select(messages.c.external_id).where(messages.c.sender == "customer"))
        return Counter(row.external_id.partition("@")[0].removeprefix("<") for row in found)

    def driver(self) -> str | None:
        found = self.rows(sa.select(duties.c.holder, duties.c.until).where(duties.c.name.startswith("mailbox:")))
        return next((row.holder.partition(":")[0] for row in found if row.until > datetime.now(UTC)), None)

    def a_minute_goes_by(self) -> None:
        """The leases of a process that was killed run out."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        with self.store.engine.begin() as connection:
            connection.execute(sa.update(duties).values(until=past))
            connection.execute(sa.update(arrivals).where(arrivals.c.due_at.is_not(None)).values(due_at=past))

    async def until(self, condition: Callable[[], object], seconds: float = 240) -> None:
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.fixture
def user() -> str:
    return f"box-{secrets.token_hex(4)}"


async def test_killed_again_and_again_in_the_middle_of_a_back_fill_it_loses_and_doubles_nothing(
    start_gateway: Callable[..., Any], dovecot: Dovecot, store_url: str, user: str
) -> None:
    names = [f"m{number}" for number in range(220)]
    dovecot.make_folder(user, "Taken")
    dovecot.deliver_as_it_is(user, *(complaint(name) for name in names))
    url = f"imap://{user}:{dovecot.password}@127.0.0.1:{dovecot.port}/INBOX"
    chance = random.Random(20261126)
    counted = Counted(store_url)
    gateway = start_gateway(
        QINGTING_DATABASE_URL=store_url, QINGTING_IMAP=url, QINGTING_IMAP_DONE="move:Taken", QINGTING_SMTP=""
    )
    for round_ in range(8):
        before = len(counted.arrived())
        if round_ >= 2:
            if before < len(names):
                break
            more = [f"m{len(names) + number}" for number in range(220)]  # it was killed too late to show anything
            dovecot.deliver_as_it_is(user, *(complaint(name) for name in more))
            names += more
        if round_:
            counted.a_minute_goes_by()
            gateway.start()
        await counted.until(lambda before=before: len(counted.arrived()) > before)
        await asyncio.sleep(chance.uniform(0, 0.05))
        gateway.kill()
    assert len(counted.arrived()) < len(names), "it was killed too late to show anything"
    counted.a_minute_goes_by()
    gateway.start()
    await counted.until(lambda: len(dovecot.flags(user, "Taken")) == len(names))
    await counted.until(lambda: sum(counted.said().values()) >= len(names))
    once = Counter(names)
    assert counted.arrived() == once
    assert counted.said() == once
    assert dovecot.flags(user) == {}
    assert len(dovecot.flags(user, "Taken")) == len(names)
    assert gateway.stop() == 0
    assert dovecot.password not in gateway.log
    counted.store.close()


async def test_of_two_gateways_one_drives_the_mailbox_and_the_other_takes_over(
    start_gateway: Callable[..., Any], dovecot: Dovecot, postgresql_url: str, user: str
) -> None:
    url = f"imap://{user}:{dovecot.password}@127.0.0.1:{dovecot.port}/INBOX"
    shared = {"QINGTING_DATABASE_URL": postgresql_url, "QINGTING_SECRET": "s" * 40, "QINGTING_IMAP": url}
    gateways = {name: start_gateway(QINGTING_NODE=name, QINGTING_SMTP="", **shared) for name in ("one", "two")}
    counted, names = Counted(postgresql_url), list[str]()

    async def brings(count: int) -> None:
        new = [f"m{len(names) + number}" for number in range(count)]
        names.extend(new)
        dovecot.deliver_as_it_is(user, *(complaint(name) for name in new))
        await counted.until(lambda: sum(counted.arrived().values()) >= len(names))

    await brings(10)
    driver = counted.driver()
    assert driver in gateways
    gateways[driver].kill()
    await asyncio.to_thread(dovecot.deliver_as_it_is, user, complaint("while-nobody-drives"))
    names.append("while-nobody-drives")
    counted.a_minute_goes_by()
    await brings(10)
    [other] = set(gateways) - {driver}
    assert counted.driver() == other
    gateways[driver].start()
    await brings(5)
    assert counted.driver() == other, "who drives it goes on"
    assert gateways[other].stop() == 0  # and lets go
    await brings(5)
    assert counted.driver() == driver
    await counted.until(lambda: sum(counted.said().values()) >= len(names))
    assert counted.arrived() == Counter(names)
    assert counted.said() == Counter(names)
    counted.store.close()


async def test_mail_server_and_database_restarted_under_load(
    start_gateway: Callable[..., Any],
    start_dovecot: Callable[..., Dovecot],
    cluster: Any,
    postgresql_url: str,
    user: str,
) -> None:
    dovecot = start_dovecot()
    url = f"imap://{user}:{dovecot.password}@127.0.0.1:{dovecot.port}/INBOX"
    gateway = start_gateway(QINGTING_DATABASE_URL=postgresql_url, QINGTING_IMAP=url, QINGTING_SMTP="")
    names = [f"m{number}" for number in range(120)]
    dovecot.deliver_as_it_is(user, *(complaint(name) for name in names[:60]))
    counted = Counted(postgresql_url)
    await counted.until(lambda: len(counted.arrived()) >= 20)
    counted.store.close()
    cluster.stop()
    dovecot.deliver_as_it_is(user, *(complaint(name) for name in names[60:80]))
    cluster.start()  # in this thread: the server ends with the one that began it
    counted = Counted(postgresql_url)
    await counted.until(lambda: len(counted.arrived()) >= 65)
    dovecot.kill()
    dovecot.start()
    dovecot.deliver_as_it_is(user, *(complaint(name) for name in names[80:]))
    await counted.until(lambda: sum(counted.arrived().values()) >= len(names))
    await counted.until(lambda: sum(counted.said().values()) >= len(names))
    assert counted.arrived() == Counter(names)
    assert counted.said() == Counter(names)
    counted.store.close()
    gateway.kill()  # before its database is given back


async def test_a_thread_that_lay_there_all_at_once_is_one_conversation(rooms: Rooms) -> None:
    """After an outage a mail and those that follow on it are read together: each must find the one before."""
    from channels.email.identity import external_id
    from channels.email.imap_taking import thread_lane
    from channels.message import Arrival

    began = datetime.now(UTC) - timedelta(days=3)
    for number in range(12):
        follows = {} if number == 0 else {"In_Reply_To": "<m0@customer.example>", "References": "<m0@customer.example>"}
        raw = complaint(f"m{number}", **follows, From="ann@customer.example")
        arrival = Arrival(
            "email",
            rooms.channel.account,
            external_id(raw),
            began + timedelta(hours=number),
            raw,
            {"imap": {"folder": "INBOX"}},
            thread_lane(raw),
        )
        await rooms.intake.accept(arrival)
    await rooms.settle()
    assert len(rooms.rows(sa.select(conversations.c.id))) == 1
    said = rooms.rows(
        sa.select(messages.c.external_id).where(messages.c.sender == "customer").order_by(messages.c.number)
    )
    assert [row.external_id for row in said] == [f"<m{number}@customer.example>" for number in range(12)]
    [case, *others] = rooms.rows(sa.select(cases).order_by(cases.c.id))
    assert not others, (case, others, rooms.rows(sa.select(messages).order_by(messages.c.number)))
    assert abs(case.received_at - began) < timedelta(seconds=1), "received when it came into the mailbox"
