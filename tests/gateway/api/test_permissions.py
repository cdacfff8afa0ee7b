"""Who may use which route: every one of them, tried by nobody, by each role and by a key of each scope."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from argon2 import PasswordHasher

from case_store import people
from case_store.people import NewAgent
from case_store.records import Role
from gateway.auth.principals import SCOPES
from gateway.auth.sessions import csrf_of, digest_of, new_key
from gateway.config import HostPort, Settings
from gateway.context import GATEWAY, Gateway
from gateway.service import Service
from tests.gateway.api.permissions import ROLES, Row, as_markdown, rows

KEYS = ("key", *(f"key {scope}" for scope in SCOPES))
EVERYBODY = ("nobody", *ROLES, *KEYS)
RECOGNISING = {"find_session", "find_key", "touch_session", "use_key"}
BODIES = {
    "POST /api/v1/bulk": {
        "conversations": [{"id": "nothing", "epoch": 1, "last_message": "1"}],
        "action": {"kind": "hand_back", "to": "bot"},
    },
}
SAFE = {"GET", "HEAD", "OPTIONS"}
DOCS = Path(__file__).parents[3] / "docs" / "roles.md"


@dataclass
class Gate:
    """A whole gateway, and everybody who may come to it."""

    app: web.Application
    url: str
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)  # what was read and written in the store

    @property
    def gateway(self) -> Gateway:
        return self.app[GATEWAY]

    async def ask(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
        self.units.clear()
        body = None if method in SAFE else BODIES.get(f"{method} {path}", {})
        address = self.url + re.sub(r"\{[^}]+\}", "nothing", path)
        session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        sent = {"Tus-Resumable": "1.0.0", **headers}
        if "/uploads/" in path and method == "PATCH":
            sent |= {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        async with session, session.request(method, address, headers=sent, json=body, allow_redirects=False) as got:
            document = await got.json() if got.content_type.endswith("json") and await got.read() else {}
            return got.status, document.get("code", "") if isinstance(document, dict) else ""


IN_REQUEST: ContextVar[bool] = ContextVar("in_request", default=False)


@web.middleware
async def _marked(request: web.Request, handler: Any) -> web.StreamResponse:
    IN_REQUEST.set(True)
    answer: web.StreamResponse = await handler(request)
    return answer


class _Service(Service):
    app: web.Application

    def _app(self, *rooms: Any) -> web.Application:
        self.app = super()._app(*rooms)
        self.app.middlewares.append(_marked)
        return self.app


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gate]:
    free = HostPort("127.0.0.1", 0)
    service = _Service(Settings(data_dir=tmp_path, http=free, smtp=None))
    await service.start()
    gate = Gate(service.app, "http://{}:{}".format(*service.http))
    hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse battery")
    store = gate.gateway.store
    for role in ROLES:
        agent = await store.write(people.add_agent, NewAgent(f"an.{role}", role, Role(role), hash), actor="system")
        gate.headers[role] = await let_in(gate, agent.id, f"token-of-{role}")
    for name in KEYS:
        key = new_key()
        await store.write(people.add_key, name=name, scopes=name.split()[1:], digest=digest_of(key), actor="system")
        gate.headers[name] = {"Authorization": f"Bearer {key}"}
    gate.headers["nobody"] = {}

    for way in ("read", "write"):
        work = getattr(store, way)

        async def spied(unit: Any, *args: Any, _work: Any = work, **kwargs: Any) -> Any:
            if IN_REQUEST.get():  # and not what the gateway does by itself
                gate.units.append(getattr(unit, "__name__", repr(unit)))
            return await _work(unit, *args, **kwargs)

        monkeypatch.setattr(store, way, spied)
    yield gate
    await service.stop()


async def let_in(gate: Gate, agent_id: str, token: str) -> dict[str, str]:
    known = {"digest": digest_of(token), "csrf": digest_of(csrf_of(token)), "lasts": timedelta(hours=1)}
    await gate.gateway.store.write(people.open_session, agent_id, **known, client=None, instead_of=None)
    return {"Cookie": f"qingting={token}", "X-CSRF-Token": csrf_of(token)}


def registered(app: web.Application) -> set[str]:
    """Every route of the router, HEAD beside its GET left out."""
    return {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }


async def test_every_route_has_a_row_and_every_row_a_route(gate: Gate) -> None:
    named = [row.name for row in rows()]
    assert len(named) == len(set(named))
    assert registered(gate.app) - set(named) == set(), "say in permissions.txt who may use them"
    assert set(named) - registered(gate.app) == set(), "these are no routes any more"


async def tried(gate: Gate, row: Row, who: str) -> str | None:
    """What is wrong with the answer, if anything is."""
    status, code = await gate.ask(row.method, row.path, gate.headers[who])
    beside = set(gate.units) - RECOGNISING
    told = f"{row.name} by {who}: {status} {code}"
    if row.lets_in(who):
        return f"{told}, but may" if status in (401, 403) else None
    if status not in ((401,) if who == "nobody" or not row.roles else (403,)):
        return f"{told}, but may not"
    return f"{told}, but only after {beside}" if beside else None


async def test_everybody_may_what_the_table_says_and_nothing_else(gate: Gate) -> None:
    wrong = []
    for row in rows():
        answers = [await tried(gate, row, who) for who in EVERYBODY]
        wrong.extend(found for found in answers if found is not None)
        if row.name in ("DELETE /api/v1/session", "POST /api/v1/sign-out"):
            for role in ROLES:
                agent = await gate.gateway.store.read(people.find_agent, f"an.{role}")
                gate.headers[role] = await let_in(gate, agent.id, f"token-of-{role}")
    assert wrong == [], "\n".join(wrong)


def test_the_roles_are_documented_as_they_are() -> None:
    assert as_markdown() in DOCS.read_text("utf-8"), (
        "python -m tests.gateway.api.permissions prints the table for docs/roles.md"
    )


async def test_csrf_no_unsafe_route_does_anything_by_cookie_without_the_sessions_token(gate: Gate) -> None:
    wrong = []
    cookie = {"Cookie": gate.headers["admin"]["Cookie"]}
    for row in rows():
        if row.method in SAFE or row.nobody:  # what anybody may do is done as nobody
            continue
        for sent in ({}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": gate.headers["agent"]["X-CSRF-Token"]}):
            status, code = await gate.ask(row.method, row.path, {**cookie, **sent})
            if (status, code) != (403, "csrf") or set(gate.units) - RECOGNISING:
                wrong.append(f"{row.name}: {status} {code} after {gate.units}")
    assert wrong == [], "\n".join(wrong)
