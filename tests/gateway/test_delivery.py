"""The one door out: what hangs holds up nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from case_store import outbox
from case_store.files import Files
from case_store.outbox import NewDelivery
from case_store.records import Sender
from case_store.store import Store
from case_store.tables import deliveries
from channels.channel import Accept
from channels.message import Arrival, Event, OutboundMessage
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
    for _ in range(200):
        if len(mail.sent) == len(messenger.sent) == 10:
            break
        await asyncio.sleep(0.05)
    assert (len(mail.sent), len(messenger.sent)) == (10, 10)
    mail.door.set()
    await room.stop()
    states = {row.state for row in store.read_now(lambda tx: list(tx.execute(sa.select(deliveries.c.state))))}
    assert states == {"sent"}
