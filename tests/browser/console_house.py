"""A gateway on a loop of its own, in the process of the tests: filled by the ways customers use, looked into by its store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import aiosmtplib
from aiohttp import web
from argon2 import PasswordHasher

from case_store import conversations, overview, ownership, people, schema
from case_store.ids import new_id
from case_store.people import NewAgent
from case_store.records import Role
from case_store.store import Transaction
from channels.webchat.socket import Seat
from gateway.api.keys import PASSWORDS
from gateway.auth.passwords import Passwords
from gateway.chat import Chat
from gateway.config import HostPort, Settings
from gateway.context import GATEWAY, Gateway
from gateway.service import Service

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
T = TypeVar("T")


class _Service(Service):
    """The service, with what it shares in reach."""

    gateway: Gateway

    def _app(self, *rooms: Any) -> web.Application:
        app = super()._app(*rooms)
        self.gateway = app[GATEWAY]
        app[PASSWORDS] = Passwords(QUICK)  # else whoever signs in has their password hashed again, with all due effort
        return app


class House:
    """A gateway on a loop of its own, filled by the ways customers use. Its bot answers at once."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        free = HostPort("127.0.0.1", 0)
        usual = {"data_dir": folder, "http": free, "smtp": free, "quiet_seconds": 0.0}
        settings = Settings(**{**usual, **more})
        _lay_down_migrated(settings)
        self._service = _Service(settings)
        self._hash = QUICK.hash(PASSWORD)
        self.do(self._service.start())
        self.agent("lin.yue", "林悦")
        self.agent("megan", "Megan Howe")

    def close(self) -> None:
        self.do(self._service.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    @property
    def url(self) -> str:
        return "http://{}:{}/console".format(*self._service.http)

    @property
    def gateway(self) -> Gateway:
        return self._service.gateway

    def write(self, unit: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self.do(self.gateway.store.write(unit, *args, **kwargs))

    def agent(self, username: str, name: str, role: Role = Role.AGENT, **more: Any) -> None:
        new = NewAgent(username, name, role, self._hash, post="客户关系经理", contact="400-820-0000", **more)
        self.write(people.add_agent, new, actor="system")

    def chat(self, *texts: str, locale: str = "zh-Hans") -> Seat:
        """A chat customer who waits for the bot's answer after each message."""
        seat = self.do(Chat(self.gateway).begin(None, locale))
        for text in texts:
            self.says(seat, text)
            self.do(self._answered(seat.conversation))
        return seat

    def says(self, seat: Seat, text: str) -> None:
        self.do(Chat(self.gateway).take(seat, new_id(), text, None))

    async def _answered(self, conversation: str) -> None:
        with self.gateway.wakeups.subscribed(conversation) as changed:
            async with asyncio.timeout(30):
                while not await self.gateway.store.read(_is_answered, conversation):
                    await changed.get()

    def waits(self, seat: Seat, reason: str = "asked", *, urgent: bool = False) -> None:
        """Puts a conversation before people, as the bot does when it calls one."""
        self.write(wait_for_person, seat.conversation, reason, urgent)

    def mail(self, mail: EmailMessage) -> None:
        assert self._service.smtp is not None
        host, port = self._service.smtp
        mail["To"] = self.gateway.settings.complaints_address
        self.do(aiosmtplib.send(mail, hostname=host, port=port, start_tls=False))

    def told(self, seat: Seat) -> list[tuple[str, str]]:
        """(sender, text) of everything said in a conversation."""
        said = self.do(self.gateway.store.read(conversations.messages_of, seat.conversation))
        return [(message.sender.value, message.text) for message in said]

    def owner(self, seat: Seat) -> tuple[str, str | None]:
        view = self.do(self.gateway.store.read(overview.conversation, seat.conversation))
        return view.row["owner"], view.agent

    def case_of(self, seat: Seat) -> str:
        view = self.do(self.gateway.store.read(overview.conversation, seat.conversation))
        return str(view.row["case_id"])

    def end_sessions(self, username: str) -> None:
        self.write(_end_sessions, username)


def _lay_down_migrated(settings: Settings) -> None:
    """A new house's database as the migrations leave it: to run them takes most of what it costs to start one."""
    path = settings.data_dir / "qingting.db"
    if settings.database_url is None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "qingting.db"
        schema.upgrade(f"sqlite:///{path}")
        return path.read_bytes()


def _is_answered(tx: Transaction, id: str) -> bool:
    row = conversations.find(tx, id)
    return row is not None and not conversations.unanswered(tx, [row]) and row["lease"] is None


def wait_for_person(tx: Transaction, id: str, reason: str, urgent: bool) -> None:
    row = conversations.locked(tx, id)
    values = ownership.queue_for_person(tx, row, reason, urgent=urgent)
    conversations.add_messages(tx, row, [], values=values)


def _end_sessions(tx: Transaction, username: str) -> None:
    hash = people.for_sign_in(tx, username)
    assert hash is not None
    people.change_agent(tx, username, {"password_hash": hash[1]}, actor="system")
