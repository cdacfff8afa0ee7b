"""The rooms of a gateway with a Telegram bot, before a Bot API server of our own; a test says when each room works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, conversations, overview, ownership
from case_store.case_record import CaseRecord
from case_store.conversations import StoredMessage
from case_store.files import Files
from case_store.ids import new_id
from case_store.overview import ConversationView
from case_store.records import Language, Owner
from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_arrivals import events as channel_events
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_outbox import deliveries, tasks
from channels.telegram.api import Api
from channels.telegram.channel import TelegramChannel
from channels.telegram.pace import Pace
from dialogue.engine import Engine
from gateway import filing
from gateway.conductor import Conductor
from gateway.config import Settings
from gateway.context import Gateway
from gateway.delivery import Delivery
from gateway.duties import StoredDuty
from gateway.engines import Engines
from gateway.hooks import Person
from gateway.intake import Intake
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.service import thinking_of
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.bot_api import TOKEN, BotApi, Customer, Sent
from tests.shipped_engine import shipped

LI = Person("a" * 32, "li.na", "Li Na", "Complaints officer", "ext. 6012")


class Desk:
    """What customers see and what the house has stored."""

    def __init__(self, gateway: Gateway, engine: Engine, api: BotApi) -> None:
        self.api = api
        self.gateway = gateway
        self.store = gateway.store
        self.channel = TelegramChannel(
            Api(TOKEN, api.url, patience=20),
            StoredDuty(gateway.store, "telegram", "node"),
            language=gateway.settings.locale.value,
            largest=1_000_000,
            pace=Pace(each=0.0, together=100_000),
            pause=0.05,
        )
        self.notices = Notices(Promises(gateway.policy, gateway.settings), gateway.settings, gateway.tokens)
        self.engines = Engines(engine, limit=60)
        self.intake = Intake(gateway, {"telegram": self.channel})
        self.conductor = Conductor(gateway, self.engines, self.notices, thinking_of({"telegram": self.channel}))
        gateway.another_way = self.notices.fall_back
        self.delivery = Delivery(gateway, {"telegram": self.channel})

    async def open(self) -> None:
        await self.channel.start(self.intake.accept)

    async def close(self) -> None:
        await self.channel.stop()
        self.engines.close()

    async def taken(self) -> None:
        """Everything that Telegram has is in the ledger and confirmed."""
        async with asyncio.timeout(30):
            while not self.api.is_idle():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def read(self) -> None:
        await self.taken()
        while await self.intake.read_due():
            pass

    async def settle(self) -> None:
        """Everything is taken, read, answered and sent."""
        await self.taken()
        while True:
            read, said = await self.intake.read_due(), await self.conductor.answer_due()
            if not read + said + await self.delivery.send_due():
                return

    async def say(self, customer: Customer, text: str) -> str:
        """A customer writes. Answers what they are then told."""
        before = len(self.api.sent)
        self.api.write(customer, text)
        await self.settle()
        return "\n".join(sent.text for sent in self.api.sent[before:])

    async def press(self, customer: Customer, value: str, sent: Sent | None = None) -> str:
        before = len(self.api.sent)
        self.api.press(customer, sent or self.asked(), value)
        await self.settle()
        return "\n".join(sent.text for sent in self.api.sent[before:])

    def asked(self) -> Sent:
        """The last message with buttons."""
        return next(sent for sent in reversed(self.api.sent) if sent.buttons)

    # what is stored --------------------------------------------------------------------------------------------

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return self.store.read_now(lambda tx: list(tx.execute(statement)))

    def conversation(self) -> ConversationView:
        """The only one."""
        [row] = self.rows(sa.select(conversation_rows.c.id))
        return self.store.read_now(overview.conversation, row.id)

    def said(self) -> list[StoredMessage]:
        """The customer's messages."""
        return [message for message in self.conversation().messages if message.sender == "customer"]

    def cases(self) -> list[CaseRecord]:
        ids = self.conversation().case_ids
        return self.store.read_now(lambda tx: [cases.get(tx, id) for id in ids])

    def events(self) -> list[str]:
        return sorted(row.kind for row in self.rows(sa.select(channel_events.c.kind)))

    def tasks(self) -> list[tuple[str, str]]:
        return [(row.kind, row.words) for row in self.rows(sa.select(tasks.c.kind, tasks.c.words))]

    def states(self) -> list[str]:
        return sorted(row.state for row in self.rows(sa.select(arrivals.c.state)))

    def deliveries(self) -> list[Any]:
        return self.rows(sa.select(deliveries).order_by(deliveries.c.id))

    def audited(self, action: str) -> list[dict[str, Any]]:
        from case_store.tables_house import audit_events

        found = sa.select(audit_events.c.detail).where(audit_events.c.action == action).order_by(audit_events.c.number)
        return [row.detail for row in self.rows(found)]

    def files(self) -> list[bytes]:
        attached = self.conversation().attachments
        return [self.gateway.files.get(row["digest"]) for number in sorted(attached) for row in attached[number]]

    # what agents do --------------------------------------------------------------------------------------------

    async def take_over(self) -> None:
        await self.store.write(self._take_over, self.conversation().row["id"])

    def _take_over(self, tx: Any, id: str) -> None:
        before = conversations.locked(tx, id)
        after = ownership.take_over(tx, id, agent_id=LI.id, agent_name=LI.name)
        if after["epoch"] != before["epoch"]:
            self.notices.owner_changed(tx, before, after, LI)

    async def hand_back(self) -> None:
        await self.store.write(self._hand_back, self.conversation().row["id"])

    def _hand_back(self, tx: Any, id: str) -> None:
        before = conversations.locked(tx, id)
        after = ownership.hand_back(tx, id, agent_id=LI.id, agent_name=LI.name, to=Owner.BOT)
        self.notices.owner_changed(tx, before, after, LI)

    async def reply(self, text: str, *files: tuple[str, bytes]) -> None:
        """An agent's answer, with files by name."""
        kept = [(name, content, self.gateway.files.put(content)) for name, content in files]
        await self.store.write(self._reply, self.conversation().row["id"], text, kept)

    def _reply(self, tx: Any, id: str, text: str, files: list[tuple[str, bytes, str]]) -> None:
        self._take_over(tx, id)
        message = ownership.reply(tx, id, text, agent_id=LI.id, agent_name=LI.name)
        place = {"conversation_id": id, "message": message.number, "arrival_id": None, "part": None}
        conversations.add_attachments(
            tx,
            [
                {
                    **place,
                    "id": new_id(),
                    "digest": digest,
                    "name": name,
                    "media_type": "image/png",
                    "size": len(content),
                }
                for name, content, digest in files
            ],
        )
        filing.agent_replied(tx, self.notices, conversations.locked(tx, id), message)


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """What differs from one database to another is tried in tests/case_store/test_edits.py, on both."""
    return sqlite_url


@pytest.fixture(scope="session")
def engine() -> Engine:
    return shipped()


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """The Bot API. A call that no correct client would make fails the test."""
    server = BotApi()
    await server.start()
    yield server
    await server.stop()
    assert server.complaints == []


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "var", complaints_address="complaints@bank.example", quiet_seconds=0, locale=Language.EN
    )


@pytest.fixture
async def desk(store: Store, tmp_path: Path, settings: Settings, engine: Engine, api: BotApi) -> AsyncIterator[Desk]:
    gateway = Gateway(settings, load_policy(None), store, Files(tmp_path / "files"), Tokens(b"k" * 32), Wakeups())
    opened = Desk(gateway, engine, api)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def ann(api: BotApi) -> Customer:
    """A customer whose Telegram is in English."""
    return api.customer(4711)


@pytest.fixture
def customer(api: BotApi) -> Callable[..., Customer]:
    return api.customer
