"""The console and the API over a real store, asked by a machine that may read and write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestServer

from case_store import cases, conversations, people
from case_store.case_record import CaseRecord
from case_store.cases import Registration
from case_store.conversations import NewConversation, NewMessage
from case_store.files import Files
from case_store.ids import new_id
from case_store.records import Draft, Facts, Sender
from case_store.store import Store, Transaction
from gateway import console
from gateway.api.app import setup_api
from gateway.auth.sessions import digest_of, new_key
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.filing import file_case
from gateway.hooks import CASE_CHANGED, FILE_CASE
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from gateway.web import setup_web


@dataclass
class House:
    store: Store
    files: Files
    url: str
    session: ClientSession
    headers: dict[str, str]

    async def ask(self, method: str, path: str, json: Any = None, **headers: str) -> tuple[ClientResponse, bytes]:
        async with self.session.request(
            method, self.url + path, json=json, headers={**self.headers, **headers}, allow_redirects=False
        ) as answer:
            return answer, await answer.read()

    async def get(self, path: str, **headers: str) -> tuple[ClientResponse, bytes]:
        return await self.ask("GET", path, **headers)

    def conversation(self, text: str = "我要投诉", channel: str = "webchat", **message: Any) -> str:
        id = new_id()
        self.store.write_now(_conversation, id, channel, text, message)
        return id

    def case(self, due: datetime | None = None, channel: str = "webchat", **changes: Any) -> CaseRecord:
        return self.store.write_now(_case, self.conversation(channel=channel), due, changes)


def _conversation(tx: Transaction, id: str, channel: str, text: str, message: dict[str, Any]) -> None:
    conversations.open_conversation(tx, NewConversation(id, channel, f"{channel}:test", "zh-Hans"))
    conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(Sender.CUSTOMER, text, **message)])


def _case(tx: Transaction, conversation_id: str, due: datetime | None, changes: dict[str, Any]) -> CaseRecord:
    channel = {"channel": "webchat", "account": "webchat:test", "language": "zh-Hans"}
    id = cases.open_draft(tx, conversation_id=conversation_id, received_at=tx.now, customer=None, **channel)
    cases.save_draft(tx, id, Draft(Facts(what_happened="被多收手续费", contact="j@example.com")), None, "zh-Hans")
    if due is not None:
        cases.file_case(tx, id, Registration(date(2026, 11, 23), due.date(), due, "test 1"), actor="bot")
    if changes:
        cases.change(tx, id, changes, actor="agent:Test")
    return cases.get(tx, id)


@pytest.fixture
async def house(store: Store, tmp_path: Path) -> AsyncIterator[House]:
    settings, policy, tokens = Settings(data_dir=tmp_path), load_policy(None), Tokens(b"s" * 32)
    files, wakeups = Files(tmp_path / "files"), Wakeups()
    notices = Notices(Promises(policy, settings), settings, tokens)
    app = web.Application()
    app[GATEWAY] = Gateway(settings, policy, store, files, tokens, wakeups)
    app[CASE_CHANGED] = notices.case_changed
    app[FILE_CASE] = lambda tx, case_id, actor: _file(tx, notices, case_id, actor)
    setup_web(app)
    setup_api(app)
    console.routes(app)
    key = new_key()
    scopes = ("cases:read", "cases:write", "conversations:read")
    store.write_now(people.add_key, name="robot", scopes=scopes, digest=digest_of(key), actor="system")
    server = TestServer(app)
    await server.start_server()
    async with ClientSession() as session:
        url = f"http://127.0.0.1:{server.port}"
        yield House(store, files, url, session, {"Authorization": f"Bearer {key}"})
    await server.close()


def _file(tx: Transaction, notices: Notices, case_id: str, actor: str) -> None:
    file_case(tx, notices, case_id, incomplete=False, actor=actor, notify=True)


@pytest.fixture
def noon() -> datetime:
    return datetime(2026, 12, 2, 4, tzinfo=UTC)
