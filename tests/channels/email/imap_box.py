"""A mailbox on a real Dovecot and whatever of ours reads it, for the tests of the mailbox."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import duties
from case_store.files import Files
from case_store.records import Language
from case_store.tables_arrivals import arrivals
from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.imap import ImapReceiver, Pace
from channels.email.imap_memory import Cursor, Memory
from channels.email.imap_place import Place
from channels.email.mailbox import Mailbox
from channels.email.send import OutgoingFolder
from gateway.config import Settings
from gateway.context import Gateway
from gateway.duties import StoredDuty
from gateway.policy import load_policy
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.conformance.channels.rig import House, UnsteadyStore
from tests.dovecot import Dovecot

OURS = "complaints@bank.example"
MOST = 100_000
SOON = 120.0  # seconds, for a machine that has much to do
QUICK = Pace(
    idle=3_600,
    poll=0.1,
    first_retry=0.02,
    longest_retry=0.2,
    sign_in_retry=0.05,
    longest_sign_in_retry=0.2,
    longest_store_retry=0.05,
)
NEVER = Pace(idle=3_600, poll=3_600, first_retry=0.05, longest_retry=0.2)  # but for IDLE nothing would be heard of


def mail(name: object, text: str = "You charged me 300 yuan. I want it back.", **fields: str) -> bytes:
    """A mail with its own Message-ID; `fields` adds or, if empty, leaves out."""
    head = {"From": "Ann <ann@customer.example>", "To": OURS, "Subject": f"Card fee {name}"}
    head |= {"Date": "Mon, 23 Nov 2026 10:00:00 +0800", "Message-ID": f"<{name}@customer.example>"}
    head |= {key.replace("_", "-"): value for key, value in fields.items()}
    lines = [f"{key}: {value}" for key, value in head.items() if value]
    return "\r\n".join([*lines, "", f"{text} ({name})", ""]).encode()


async def until(condition: Callable[[], object], seconds: float = SOON) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    store = UnsteadyStore(sqlite_url)
    settings = Settings(data_dir=tmp_path / "var", complaints_address=OURS, quiet_seconds=0, locale=Language.EN)
    gateway = Gateway(settings, load_policy(None), store, Files(tmp_path / "files"), Tokens(b"k" * 32), Wakeups())
    house = House(gateway, store)
    house.channels["email"] = EmailChannel(Composer(Mailbox.parse(OURS), "Bank"), OutgoingFolder(tmp_path / "outgoing"))
    yield house
    await house.channels["email"].stop()
    store.close()


class Box:
    """A mailbox of its own on a server, and whatever of ours reads it."""

    def __init__(self, server: Dovecot, house: House) -> None:
        self.server = server
        self.house = house
        self.user = f"box-{secrets.token_hex(4)}"
        self.drivers: list[ImapReceiver] = []

    def place(self, **others: Any) -> Place:
        here = {"host": "127.0.0.1", "port": self.server.port, "user": self.user, "folder": "INBOX", "security": "none"}
        return Place(**{**here, "password": self.server.password, **others})

    async def read(
        self, pace: Pace = QUICK, duty_lasting: float = 30, place: Place | None = None, **options: Any
    ) -> ImapReceiver:
        """Starts to read it."""
        duty = StoredDuty(self.house.store, "mailbox", f"node{len(self.drivers)}", timedelta(seconds=duty_lasting))
        options = {"max_size": MOST, **options}
        driver = ImapReceiver(place or self.place(), OURS, duty, pace=pace, **options)
        self.drivers.append(driver)
        await driver.start(self.house.intake.accept)
        return driver

    def deliver(self, raw: bytes, at: datetime | None = None, folder: str = "INBOX") -> None:
        self.server.deliver(self.user, raw, at, folder)

    def stored(self) -> list[str]:
        """The names of all arrivals, in order of commit."""
        return [name for name in self._all() if not name.startswith("last-")]

    def _all(self) -> list[str]:
        rows = self.house.rows(sa.select(arrivals.c.external_id).order_by(arrivals.c.id))
        return [row.external_id.partition("@")[0].removeprefix("<") for row in rows]

    def count(self) -> int:
        return len(self.stored())

    def memory(self) -> Memory:
        found = self.house.store.read_now(duties.look, "mailbox")
        return Memory() if found is None else Memory.read(found[1])

    def cursor(self) -> Any:
        return self.memory().folders.get(self.place().key, Cursor(0))

    def trouble(self) -> str:
        trouble = self.memory().trouble
        return "" if trouble is None else f"{trouble.code}: {trouble.detail}"

    async def settled(self, folder: str = "INBOX") -> list[str]:
        """All that has been stored, once a mail that is sent now has come through and the cursor is behind it."""
        name = f"last-{secrets.token_hex(4)}"
        validity, uid = await asyncio.to_thread(self.server.deliver, self.user, mail(name), None, folder)
        await until(lambda: name in self._all())
        cursors = lambda: self.memory().folders.values()  # noqa: E731
        await until(lambda: any(one.uidvalidity == validity and one.uid >= uid for one in cursors()))
        return self.stored()


@pytest.fixture
async def boxes(house: House) -> AsyncIterator[Callable[[Dovecot], Box]]:
    made: list[Box] = []

    def make(server: Dovecot) -> Box:
        made.append(Box(server, house))
        return made[-1]

    yield make
    house.store.down = False
    for box in made:
        await asyncio.gather(*(driver.stop() for driver in box.drivers))


@pytest.fixture
async def box(boxes: Callable[[Dovecot], Box], dovecot: Dovecot) -> Box:
    return boxes(dovecot)
