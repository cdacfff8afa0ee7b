"""A gateway as operators run it: a process of its own that can be killed, paused and started again."""

from __future__ import annotations

import asyncio
import email
import email.policy
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.files import Files
from case_store.records import Language
from case_store.store import Store
from channels.channel import Receipt
from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.identity import external_id
from channels.email.mailbox import Mailbox
from channels.message import Arrival, Delivery
from dialogue.engine import Engine
from gateway.chat import Chat
from gateway.conductor import Conductor
from gateway.config import Settings
from gateway.context import Gateway
from gateway.delivery import Delivery as DeliveryRoom
from gateway.engines import Engines
from gateway.intake import Intake
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.bad_days.negotiated import House
from tests.ports import free_port
from tests.shipped_engine import shipped

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"


class GatewayProcess:
    """`start` returns once it is ready; `kill` is SIGKILL, `stop` SIGTERM."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.http = free_port()
        self.smtp = free_port()
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def log(self) -> str:
        return (self.data_dir.parent / "gateway.log").read_text(errors="replace")

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
        return {
            **kept,
            "QINGTING_DATA_DIR": str(self.data_dir),
            "QINGTING_HTTP": f"127.0.0.1:{self.http}",
            "QINGTING_SMTP": f"127.0.0.1:{self.smtp}",
            "QINGTING_ADMIN_PASSWORD": PASSWORD,
            "QINGTING_CHATS_PER_ADDRESS": "1000000",  # all customers sit at this machine
            "QINGTING_REQUESTS_PER_ADDRESS": "off",
            "QINGTING_REQUESTS_PER_KEY": "off",
            "QINGTING_QUIET_SECONDS": "0.2",
            **self.settings,
        }

    def start(self) -> None:
        with (self.data_dir.parent / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "serve"], cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 180) -> None:
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            assert self.process is not None
            assert self.process.poll() is None, f"the gateway ended by itself:\n{self.log[-3000:]}"
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"the gateway was not ready in {seconds} s:\n{self.log[-3000:]}")

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(30)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        assert self.process is not None
        return self.process.wait(60)


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[Callable[..., GatewayProcess]]:
    """`start_gateway(QINGTING_…="…")` starts one on a data directory of its own (`data_dir=` names another)."""
    started: list[GatewayProcess] = []

    def start(data_dir: Path | None = None, *, wait: bool = True, **settings: str) -> GatewayProcess:
        directory = data_dir or tmp_path / f"var{len(started)}"
        directory.mkdir(exist_ok=True)
        gateway = GatewayProcess(directory, **settings)
        started.append(gateway)
        gateway.start()
        return gateway

    yield start
    for gateway in started:
        if gateway.process is not None and gateway.process.poll() is None:
            gateway.process.kill()
            gateway.process.wait(30)


class Post:
    """Where mail leaves to in these tests: kept in memory; `fault`, if set, is raised instead."""

    names_recipient = False

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.fault: Exception | None = None
        self.door: asyncio.Event | None = None  # what leaves waits here, on its way

    async def send(self, raw: bytes, sender: str, recipient: str, now: datetime) -> Delivery:
        if self.fault is not None:
            raise self.fault
        if self.door is not None:
            await self.door.wait()
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        mail["X-Envelope-From"], mail["X-Envelope-To"] = sender, recipient
        self.mails.append(mail)
        return Delivery()

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["X-Envelope-To"] == address]


class Rooms:
    """The rooms of a gateway as service.py wires them, without loops: a test says when each of them works."""

    def __init__(self, gateway: Gateway, engine: Engine) -> None:
        self.gateway = gateway
        self.store = gateway.store
        self.post = Post()
        mailbox = Mailbox.parse(gateway.settings.complaints_address)
        self.channel = EmailChannel(Composer(mailbox, "Bank"), self.post)
        promises = Promises(gateway.policy, gateway.settings)
        self.notices = Notices(promises, gateway.settings, gateway.tokens)
        gateway.another_way = self.notices.fall_back
        self.engines = Engines(engine, limit=60)  # a machine that stands still is no engine that hangs
        self.intake = Intake(gateway, {"email": self.channel})
        self.conductor = Conductor(gateway, self.engines, self.notices)
        self.delivery = DeliveryRoom(gateway, {"email": self.channel})
        self.chat = Chat(gateway)

    async def mail(self, raw: bytes | str, mail_from: str = "customer@example.org") -> Receipt:
        """What SMTP hands over."""
        data = raw.encode() if isinstance(raw, str) else raw
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        transport = {"mail_from": mail_from, "rcpt_tos": [self.gateway.settings.complaints_address]}
        arrival = Arrival("email", self.channel.account, external_id(data), datetime.now(UTC), data, transport)
        return await self.intake.accept(arrival)

    async def settle(self) -> None:
        """Everything that is due now is read, answered and sent."""
        while True:
            read, said = await self.intake.read_due(), await self.conductor.answer_due()
            if not read + said + await self.delivery.send_due():
                return

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return self.store.read_now(lambda tx: list(tx.execute(statement)))

    async def close(self) -> None:
        await self.channel.stop()
        self.engines.close()


@pytest.fixture(scope="session")
def engine() -> Engine:
    return shipped()


@pytest.fixture
async def rooms(store: Store, tmp_path: Path, engine: Engine) -> AsyncIterator[Rooms]:
    settings = Settings(
        data_dir=tmp_path / "var", complaints_address="complaints@bank.example", quiet_seconds=0, locale=Language.EN
    )
    gateway = Gateway(settings, load_policy(None), store, Files(tmp_path / "files"), Tokens(b"k" * 32), Wakeups())
    made = Rooms(gateway, engine)
    yield made
    await made.close()


def written(sender: str = "Ann <ann@example.org>", text: str = "", **fields: str) -> str:
    """A mail as a customer writes it; `subject`, `message_id`, `references`, `to` … by keyword."""
    head = {"subject": "Card fee", "message_id": f"<{secrets.token_hex(8)}@example.org>", **fields}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in head.items()]
    words = text or "You charged me a fee of 300 yuan on 3 November in your Leeds branch. I want it back. Ann Lee"
    return "\n".join([f"From: {sender}", *lines, "", words, ""])


@pytest.fixture
def write() -> Callable[..., str]:
    return written


@pytest.fixture
def house(rooms: Rooms) -> House:
    return House(rooms)
