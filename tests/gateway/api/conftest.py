"""A gateway's web application over a real store, with agents of each role, and browsers that talk to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from case_store import cases, conversations, people
from case_store.case_record import CaseRecord
from case_store.cases import Registration
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.people import NewAgent
from case_store.records import Draft, Facts, Money, PartialDate, Role, Sender
from case_store.store import Store, Transaction
from dialogue.turn import BotTurn, CustomerTurn
from gateway.api.app import setup_api
from gateway.api.keys import PASSWORDS
from gateway.auth.passwords import Passwords
from gateway.auth.sessions import digest_of, new_key
from gateway.complaint import Complaint
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.hooks import (
    AGENT_REPLIED,
    CASE_ANSWERED,
    CASE_CHANGED,
    FILE_CASE,
    OWNER_CHANGED,
    TAKE_COMPLAINT,
    UNDERSTAND,
)
from gateway.policy import load_policy
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from gateway.web import setup_web

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASH = QUICK.hash(PASSWORD)


@dataclass
class Told:
    """What the hooks were called with, of units that committed or not."""

    changed: list[Any] = field(default_factory=list)
    answered: list[Any] = field(default_factory=list)
    replied: list[Any] = field(default_factory=list)
    owned: list[Any] = field(default_factory=list)


@dataclass
class House:
    app: web.Application
    store: Store
    told: Told
    url: str

    def agent(self, username: str, role: Role = Role.AGENT) -> people.Agent:
        new = NewAgent(username, username.title(), role, _HASH, post="客服", contact="400-000")
        return self.store.write_now(people.add_agent, new, actor="system")

    def key(self, *scopes: str) -> str:
        key = new_key()
        self.store.write_now(people.add_key, name="robot", scopes=scopes, digest=digest_of(key), actor="system")
        return key

    def conversation(self, *texts: str, channel: str = "webchat", address: str | None = None) -> str:
        id = new_id()
        self.store.write_now(_conversation, id, texts, channel, address)
        return id

    def case(self, facts: Facts | None = None, *, filed: bool = True, **more: Any) -> CaseRecord:
        conversation_id = self.conversation("我要投诉")
        return self.store.write_now(_case, conversation_id, facts or FACTS, filed, more)


FACTS = Facts(
    name="江敏",
    contact="+8613900001111",
    occurred_on=PartialDate("2026-11-15"),
    about="滨江支行",
    what_happened="上周买的理财亏了两万多",
    amount=Money(Decimal("23000"), "CNY"),
    desired_outcome="补足本金",
)


def _conversation(tx: Transaction, id: str, texts: tuple[str, ...], channel: str, address: str | None) -> None:
    new = NewConversation(id, channel, f"{channel}:test", "zh-Hans", customer="江敏", address=address)
    conversations.open_conversation(tx, new)
    for text in texts:
        row = conversations.locked(tx, id)
        conversations.add_messages(tx, row, [NewMessage(Sender.CUSTOMER, text)])


def _case(tx: Transaction, conversation_id: str, facts: Facts, filed: bool, more: Mapping[str, Any]) -> CaseRecord:
    id = cases.open_draft(
        tx,
        conversation_id=conversation_id,
        channel="webchat",
        account="webchat:test",
        language="zh-Hans",
        received_at=tx.now,
        customer=facts.name,
    )
    cases.save_draft(tx, id, Draft(facts), None, "zh-Hans")
    if filed:
        cases.file_case(tx, id, REGISTRATION, actor="bot")
    if more:
        cases.change(tx, id, more, actor="agent:Test")
    return cases.get(tx, id)


REGISTRATION = Registration(date(2026, 11, 23), date(2026, 12, 2), datetime(2026, 12, 2, 16, tzinfo=UTC), "built-in 1")


async def take_complaint(gateway: Gateway, complaint: Complaint) -> CaseRecord:
    """Stands in for the filing room: a conversation, a draft, a number."""
    return await gateway.store.write(_taken, complaint)


def _taken(tx: Transaction, complaint: Complaint) -> CaseRecord:
    complaint.idempotency.begin(tx)
    conversation_id = new_id()
    language = complaint.locale.value if complaint.locale else "zh-Hans"
    conversations.open_conversation(
        tx, NewConversation(conversation_id, complaint.channel, complaint.account, language)
    )
    conversations.add_messages(
        tx, conversations.locked(tx, conversation_id), [NewMessage(Sender.CUSTOMER, complaint.what_happened)]
    )
    id = cases.open_draft(
        tx,
        conversation_id=conversation_id,
        channel=complaint.channel,
        account=complaint.account,
        language=language,
        received_at=complaint.received_at,
        customer=complaint.name,
    )
    facts = Facts(
        name=complaint.name,
        contact=complaint.contact,
        occurred_on=complaint.occurred_on if isinstance(complaint.occurred_on, PartialDate) else None,
        about=complaint.about,
        what_happened=complaint.what_happened,
        amount=complaint.amount if isinstance(complaint.amount, Money) else None,
        desired_outcome=complaint.desired_outcome,
    )
    cases.save_draft(tx, id, Draft(facts), None, language)
    cases.file_case(tx, id, REGISTRATION, actor=complaint.entered_by or "customer")
    record = cases.get(tx, id)
    complaint.idempotency.keep(tx, record)
    return record


async def understand(turn: CustomerTurn) -> BotTurn:
    """Stands in for an engine: what is written is what happened."""
    story = turn.draft.facts.what_happened or "\n\n".join(message.text for message in turn.messages)
    facts = replace(turn.draft.facts, what_happened=story)
    return BotTurn((), {}, replace(turn.draft, facts=facts), turn.locale)


def _file(tx: Transaction, case_id: str, actor: str) -> None:
    cases.file_case(tx, case_id, REGISTRATION, actor=actor)


@dataclass
class Browser:
    """A client with a cookie jar and, once signed in, its CSRF token."""

    session: ClientSession
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, username: str, password: str = PASSWORD) -> dict[str, Any]:
        status, body, _ = await self.send("POST", "/api/v1/session", {"username": username, "password": password})
        assert status == 200, body
        self.headers["X-CSRF-Token"] = body["csrf_token"]
        return cast(dict[str, Any], body)

    async def send(self, method: str, path: str, json: Any = None, **more: Any) -> tuple[int, Any, ClientResponse]:
        headers = {**self.headers, **more.pop("headers", {})}
        body = {} if json is None else {"json": json}
        async with self.session.request(method, self.url + path, headers=headers, **body, **more) as answer:
            text = await answer.text(errors="replace")  # of a file: not what is looked at here
            return answer.status, await answer.json(content_type=None) if text and _is_json(answer) else text, answer

    async def get(self, path: str, **more: Any) -> tuple[int, Any, ClientResponse]:
        return await self.send("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> tuple[int, Any, ClientResponse]:
        return await self.send("POST", path, json, **more)


def _is_json(answer: ClientResponse) -> bool:
    return answer.content_type.endswith("json")


NewBrowser = Callable[..., Awaitable[Browser]]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return Settings(data_dir=tmp_path, metrics="open")


@pytest.fixture
async def house(store: Store, settings: Settings) -> AsyncIterator[House]:
    told, wakeups = Told(), Wakeups()
    store.on_wake = wakeups.publish
    app = web.Application()
    app[GATEWAY] = Gateway(settings, load_policy(None), store, cast(Any, None), Tokens(b"s" * 32), wakeups)
    setup_web(app)
    setup_api(app)
    app[PASSWORDS] = Passwords(QUICK)
    app[TAKE_COMPLAINT] = take_complaint
    app[UNDERSTAND] = understand
    app[FILE_CASE] = _file
    app[CASE_CHANGED] = lambda tx, before, after, note, actor: told.changed.append((before, after, note, actor))
    app[CASE_ANSWERED] = lambda tx, before, after, actor: told.answered.append((before.status, after.status, actor))
    app[AGENT_REPLIED] = lambda tx, row, message: told.replied.append((row, message))
    app[OWNER_CHANGED] = lambda tx, before, after, person: told.owned.append((before["owner"], after["owner"], person))
    server = TestServer(app)
    await server.start_server()
    house = House(app, store, told, f"http://127.0.0.1:{server.port}")
    house.agent("admin", Role.ADMIN)
    yield house
    await server.close()


@pytest.fixture
async def browser(house: House) -> AsyncIterator[NewBrowser]:
    """`await browser("admin")` is signed in; `await browser()` is a stranger; `await browser(key=…)` a machine."""
    opened: list[ClientSession] = []

    async def open_one(username: str | None = None, *, key: str | None = None) -> Browser:
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        opened.append(session)
        one = Browser(session, house.url, {"Authorization": f"Bearer {key}"} if key else {})
        if username:
            await one.sign_in(username)
        return one

    yield open_one
    for session in opened:
        await session.close()


@pytest.fixture
def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=30)
