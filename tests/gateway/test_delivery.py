"""The one door out: what hangs holds up nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from case_store import outbox
from case_store.files import Files
from case_store.outbox import NewDelivery
from case_store.records import Sender
from case_store.store import Store, Transaction
from case_store.tables_outbox import deliveries, tasks
from channels.channel import Accept
from channels.message import Arrival, DeliveryError, Event, OutboundMessage, Retryable, UnknownAddress
from channels.message import Delivery as Delivered
from gateway.config import Settings
from gateway.context import Gateway
from gateway.delivery import AT_ONCE, Delivery
from gateway.policy import load_policy
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups


class Way:
    """A way out; what is addressed to `hanging` does not come back until the door is opened."""

    account = "way:test"

    def __init__(self, name: str) -> None:
        self.name = name
        self.door = asyncio.Event()
        self.sent: list[str] = []

    async def start(self, accept: Accept) -> None: ...

    async def stop(self) -> None: ...

    def needs_fetch(self, arrival: Arrival) -> bool:
        return False

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]:
        return {}

    async def read(self, arrival: Arrival, fetched: Mapping[str, bytes]) -> list[Event]:
        return []

    async def send(self, message: OutboundMessage) -> Delivered:
        if message.address == "hanging":
            await self.door.wait()
        self.sent.append(message.address)
        return Delivered()


async def test_a_peer_that_hangs_holds_up_neither_its_own_channel_nor_another(store: Store, tmp_path: Path) -> None:
    gateway = Gateway(Settings(), load_policy(None), store, Files(tmp_path), Tokens(b"k" * 32), Wakeups())
    mail, messenger = Way("email"), Way("telegram")
    room = Delivery(gateway, {"email": mail, "telegram": messenger})

    def queue(tx: object, number: int, channel: str, address: str) -> None:
        new = NewDelivery(f"{number}", channel, "way:test", address, Sender.SYSTEM, {"text": "words", "language": "en"})
        outbox.queue(tx, new)  # type: ignore[arg-type]

    for number in range(AT_ONCE - 1):
        await store.write(queue, number, "email", "hanging")
    for number in range(10):
        await store.write(queue, 100 + number, "email", f"ann{number}")
        await store.write(queue, 200 + number, "telegram", f"{number}")
    room.start()
    for _ in range(1200):
        if len(mail.sent) == len(messenger.sent) == 10:
            break
        await asyncio.sleep(0.05)
    assert (len(mail.sent), len(messenger.sent)) == (10, 10)
    mail.door.set()
    await room.stop()
    states = {row.state for row in store.read_now(lambda tx: list(tx.execute(sa.select(deliveries.c.state))))}
    assert states == {"sent"}


Between = tuple[timedelta, timedelta]


async def tried_until_given_up(store: Store, tmp_path: Path, error: DeliveryError) -> tuple[list[Between], str, str]:
    """(delays between the attempts, each as what it is no less and no more than, final state, error) of a mail that never gets through; time is moved, not waited for."""
    gateway = Gateway(Settings(), load_policy(None), store, Files(tmp_path), Tokens(b"k" * 32), Wakeups())
    way = Way("email")
    ids: list[str] = []

    async def refuses(message: OutboundMessage) -> Delivered:
        ids.append(message.message_id)
        raise error

    way.send = refuses  # type: ignore[method-assign]
    room = Delivery(gateway, {"email": way})
    new = NewDelivery(
        "notice:1", "email", "way:test", "ann@example.org", Sender.SYSTEM, {"text": "words", "language": "en"}
    )
    await store.write(lambda tx: outbox.queue(tx, new))
    delays: list[Between] = []
    before = await store.read(_now)
    while await room.send_due():
        [row] = await store.read(lambda tx: list(tx.execute(sa.select(deliveries))))
        if row.due_at is None:
            assert len(set(ids)) == 1, "one mail keeps one Message-ID over all tries"
            return delays, row.state, row.error
        delays.append((row.due_at - await store.read(_now), row.due_at - before))
        await store.write(_move_on, delays[-1][0])
        before = await store.read(_now)
    raise AssertionError("it waits for nothing")


def _now(tx: Transaction) -> datetime:
    return tx.now


def _move_on(tx: Transaction, delay: timedelta) -> None:
    """As if `delay` had gone by."""
    [row] = tx.execute(sa.select(deliveries.c.first_attempt_at)).all()
    tx.execute(sa.update(deliveries).values(due_at=tx.now, first_attempt_at=row.first_attempt_at - delay))


async def test_a_mail_is_tried_for_five_days_ever_more_slowly_and_then_given_up_before_a_person(
    store: Store, tmp_path: Path
) -> None:
    delays, state, error = await tried_until_given_up(store, tmp_path, Retryable("the relay can't be reached"))
    wanted = [30, 60, 120, 240, 480, 960, 1920] + [3600] * (len(delays) - 7)
    assert len(wanted) == len(delays) > 8
    for (least, most), seconds in zip(delays, wanted, strict=True):
        assert least <= timedelta(seconds=seconds) <= most
    assert timedelta(days=5) <= timedelta(seconds=sum(wanted)) < timedelta(days=5, hours=1)
    assert (state, error) == ("failed", "try_later: the relay can't be reached")
    [task] = await store.read(lambda tx: list(tx.execute(sa.select(tasks.c.words))))
    assert task.words == "delivery_failed"


async def test_a_mail_that_nobody_takes_is_given_up_at_once_with_the_peers_words(store: Store, tmp_path: Path) -> None:
    delays, state, error = await tried_until_given_up(store, tmp_path, UnknownAddress("550 5.1.1 no such user"))
    assert (delays, state, error) == ([], "failed", "unknown_address: 550 5.1.1 no such user")
