"""Sessions are listed and ended, keys expire and tell when they were used; what is ended hears nothing more."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import WSMsgType

from case_store import audit
from case_store.audit import HOUSE
from case_store.tables_people import agent_sessions, api_keys
from gateway.api.live import SIGNED_OUT
from gateway.auth.browsers import browser_of
from gateway.context import GATEWAY
from tests.gateway.api.signing_in import policy

OWN = "/api/v1/agents/me/sessions"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def test_whoever_is_signed_in_sees_where_and_ends_what_is_not_theirs(house: Any, browser: Any) -> None:
    house.agent("ana")
    one, other, bens = await browser("ana"), await browser(), await browser("admin")
    other.headers["User-Agent"] = FIREFOX
    await other.sign_in("ana")
    _, listed, _ = await one.get(OWN)
    here, there = sorted(listed["items"], key=lambda each: not each["here"])
    assert (here["here"], there["here"], here["network"], there["how"]) == (True, False, "127.0.0.1", "password")
    assert (there["browser"], there["system"]) == ("Firefox", "Windows")
    assert (await bens.send("DELETE", f"{OWN}/{there['id']}"))[0] == 404  # somebody else's
    assert (await one.send("DELETE", f"{OWN}/{there['id']}"))[0] == 204
    assert (await other.get("/api/v1/agents/me"))[0] == 401
    assert (await one.send("DELETE", f"{OWN}/{there['id']}"))[0] == 404
    last = house.store.read_now(audit.timeline, HOUSE)[-1]
    assert (last.actor, last.action) == ("agent:Ana", "sessions_ended")


async def test_all_others_end_at_once_and_this_one_stays(house: Any, browser: Any) -> None:
    house.agent("ana")
    one, *others = [await browser("ana") for _ in range(3)]
    assert (await one.post(f"{OWN}/end-others"))[1] == {"ended": 2}
    assert [(await each.get("/api/v1/agents/me"))[0] for each in (one, *others)] == [200, 401, 401]


async def test_an_admin_sees_and_ends_those_of_anybody(house: Any, browser: Any) -> None:
    house.agent("ana")
    ana, admin = await browser("ana"), await browser("admin")
    assert len((await admin.get("/api/v1/agents/ana/sessions"))[1]["items"]) == 1
    assert (await ana.get("/api/v1/agents/admin/sessions"))[0] == 403
    assert (await admin.post("/api/v1/agents/ana/sessions/end"))[1] == {"ended": 1}
    assert (await ana.get("/api/v1/agents/me"))[0] == 401
    assert (await admin.get("/api/v1/agents/nobody/sessions"))[0] == 404


@pytest.mark.parametrize("ends", ["session", "key"])
async def test_the_live_socket_of_what_was_ended_closes_at_once(house: Any, browser: Any, ends: str) -> None:
    house.agent("ana")
    admin = await browser("admin")
    one = await browser("ana") if ends == "session" else await browser(key=house.key("cases:read"))
    async with one.session.ws_connect(house.url + "/api/v1/live", headers=one.headers) as socket:
        if ends == "session":
            await admin.post("/api/v1/agents/ana/sessions/end")
        else:
            key = (await admin.get("/api/v1/keys"))[1]["items"][0]
            await admin.send("DELETE", f"/api/v1/keys/{key['id']}")
        async with asyncio.timeout(25):  # before it would have looked by itself
            while (frame := await socket.receive()).type is not WSMsgType.CLOSE:
                assert frame.type is WSMsgType.TEXT
        assert frame.data == SIGNED_OUT


@pytest.mark.parametrize(
    ("column", "ago", "lasts"),
    [("seen_at", 4, True), ("seen_at", 6, False), ("expires_at", -1, True), ("expires_at", 1, False)],
)
async def test_a_session_lasts_as_long_as_the_policy_says(
    house: Any, browser: Any, column: str, ago: int, lasts: bool
) -> None:
    policy(house.app[GATEWAY], idle_minutes=5, longest_hours=1)
    one = await browser("admin")
    (known,) = (await one.get(OWN))[1]["items"]
    left = datetime.fromisoformat(known["expires_at"]) - datetime.fromisoformat(known["since"])
    assert left == timedelta(hours=1)
    then = datetime.now(UTC) - timedelta(minutes=ago)
    house.store.write_now(lambda tx: tx.execute(sa.update(agent_sessions).values({column: then})))
    assert (await one.get(OWN))[0] == (200 if lasts else 401)


async def test_a_key_opens_nothing_from_its_day_on_and_tells_when_it_was_used(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    past, later = datetime.now(UTC) - timedelta(seconds=1), datetime.now(UTC) + timedelta(days=1)
    wanted = {"name": "reports", "scopes": ["cases:read"]}
    assert (await admin.post("/api/v1/keys", {**wanted, "expires_at": past.isoformat()}))[0] == 422
    assert (await admin.post("/api/v1/keys", {**wanted, "expires_at": "2030-01-01T00:00:00"}))[
        0
    ] == 422  # of which zone?
    _, made, _ = await admin.post("/api/v1/keys", {**wanted, "expires_at": later.isoformat()})
    assert (made["used_at"], datetime.fromisoformat(made["expires_at"])) == (None, later)
    machine = await browser(key=made["key"])
    assert (await machine.get("/api/v1/cases"))[0] == 200
    (listed,) = (await admin.get("/api/v1/keys"))[1]["items"]
    assert datetime.now(UTC) - datetime.fromisoformat(listed["used_at"]) < timedelta(minutes=1)
    house.store.write_now(lambda tx: tx.execute(sa.update(api_keys).values(expires_at=past)))
    assert (await machine.get("/api/v1/cases"))[0] == 401


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (FIREFOX, ("Firefox", "Windows")),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            ("Chrome", "Linux"),
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", ("Edge", "Windows")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", ("Safari", "macOS")),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile MicroMessenger/8.0", ("WeChat", "Android")),
        ("curl/8.5", (None, None)),
        ("<script>", (None, None)),
        (None, (None, None)),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(said: str | None, known: tuple[str | None, str | None]) -> None:
    assert browser_of(said) == known
