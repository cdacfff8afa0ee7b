"""Signing in and out, and the attacks on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, people, subjects
from case_store.audit import HOUSE
from case_store.records import Role
from case_store.store import Transaction
from case_store.tables_house import idempotency
from case_store.tables_people import agent_sessions
from case_store.tables_sign_in import spent_words
from gateway.api.keys import THROTTLE
from gateway.auth.throttle import LIMITS

PASSWORD = "correct horse battery"
ANA = {"username": "ana", "password": PASSWORD}


async def test_signing_in_sets_a_cookie_that_no_script_and_no_other_site_gets(house: Any, browser: Any) -> None:
    house.agent("ana")
    anyone = await browser()
    status, body, answer = await anyone.post("/api/v1/session", ANA)
    assert (status, body["agent"]["username"], body["agent"]["role"]) == (200, "ana", "agent")
    assert body["csrf_token"]
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert (await anyone.get("/api/v1/agents/me"))[1]["csrf_token"] == body["csrf_token"]


@pytest.mark.parametrize("proto", ["http", "https"])
async def test_the_cookie_is_secure_where_the_connection_is(
    house: Any, browser: Any, settings: Any, proto: str
) -> None:
    import ipaddress

    object.__setattr__(settings, "trusted_proxies", (ipaddress.ip_network("127.0.0.1"),))
    anyone = await browser()
    body = {"username": "admin", "password": PASSWORD}
    _, _, answer = await anyone.post("/api/v1/session", body, headers={"X-Forwarded-Proto": proto})
    cookie = answer.headers["Set-Cookie"]
    assert ("Secure" in cookie, cookie.startswith("__Host-")) == ((proto == "https"),) * 2


async def test_an_unknown_name_and_a_wrong_password_are_answered_alike(browser: Any) -> None:
    anyone = await browser()
    unknown = await anyone.post("/api/v1/session", {"username": "nobody", "password": "x"})
    wrong = await anyone.post("/api/v1/session", {"username": "admin", "password": "x"})
    assert unknown[0] == wrong[0] == 401
    assert unknown[1] == wrong[1]
    assert "WWW-Authenticate" in unknown[2].headers


async def test_a_name_that_nobody_has_costs_a_hash_all_the_same(house: Any, browser: Any, monkeypatch: Any) -> None:
    from gateway.api.keys import PASSWORDS

    hashed: list[str] = []
    verify_now = house.app[PASSWORDS]._verify_now
    monkeypatch.setattr(house.app[PASSWORDS], "_verify_now", lambda *a: hashed.append(a[0]) or verify_now(*a))
    anyone = await browser()
    await anyone.post("/api/v1/session", {"username": "nobody", "password": "x"})
    await anyone.post("/api/v1/session", {"username": "admin", "password": "x"})
    assert len(hashed) == 2


async def test_guessing_is_throttled_and_says_when_to_come_back(house: Any, browser: Any) -> None:
    house.agent("ana")
    anyone = await browser()
    tries = [anyone.post("/api/v1/session", {**ANA, "password": f"guess {n}"}) for n in range(30)]
    statuses = [status for status, _, _ in await asyncio.gather(*tries)]
    assert statuses.count(401) == 10
    status, body, answer = await anyone.post("/api/v1/session", ANA)
    assert (status, body["code"]) == (429, "too_many")  # even the right one, or a guesser would learn it
    assert int(answer.headers["Retry-After"]) > 0
    assert (await anyone.post("/api/v1/session", {"username": "admin", "password": PASSWORD}))[0] == 200


def limits_reached(house: Any) -> list[tuple[str, Any]]:
    told = house.store.read_now(audit.timeline, HOUSE)
    return [(one.action, one.detail["username"]) for one in told if one.action.endswith("_limit_reached")]


async def test_guessing_at_an_account_leaves_one_entry_however_often_it_goes_on(house: Any, browser: Any) -> None:
    house.agent("ana")
    anyone = await browser()

    async def guess(times: int, username: str = "ana") -> set[int]:
        body = {"username": username, "password": "guess"}
        return {status for status, _, _ in [await anyone.post("/api/v1/session", body) for _ in range(times)]}

    assert await guess(10) == {401}
    assert limits_reached(house) == []
    assert await guess(5) == {429}
    assert limits_reached(house) == [("sign_in_limit_reached", "ana")]
    house.app[THROTTLE].__init__()  # another process, that has counted nothing yet
    assert await guess(12) == {401, 429}
    assert limits_reached(house) == [("sign_in_limit_reached", "ana")]
    assert await guess(12, "nobody") == {401, 429}  # or anybody could fill the chain with names
    assert limits_reached(house) == [("sign_in_limit_reached", "ana")]
    [entry] = [one for one in house.store.read_now(audit.timeline, HOUSE) if one.action == "sign_in_limit_reached"]
    assert entry.actor == "system"
    assert entry.detail == {"username": "ana", "limit": "10 per 15 minutes", "network": "127.0.0.1"}
    house.store.write_now(lambda tx: tx.execute(sa.update(spent_words).values(until=tx.now)) and None)
    house.store.write_now(subjects.sweep)
    house.app[THROTTLE].__init__()  # the window is over
    await guess(12)
    assert limits_reached(house) == [("sign_in_limit_reached", "ana")] * 2


async def test_guessing_at_every_account_does_not_fill_the_chain(house: Any, browser: Any) -> None:
    house.app[THROTTLE].limits = {**LIMITS, "sign_in": "1 per 15 minutes", "limits_told": "3 per day"}
    anyone = await browser()
    for n in range(6):
        house.agent(f"a{n}")
        for _ in range(2):
            await anyone.post("/api/v1/session", {"username": f"a{n}", "password": "guess"})
    assert [name for _, name in limits_reached(house)] == ["a0", "a1", "a2"]


async def test_session_fixation_a_token_from_the_browser_is_never_adopted(browser: Any) -> None:
    victim = await browser()
    victim.session.cookie_jar.update_cookies({"qingting": "planted-by-an-attacker"})
    _, _, answer = await victim.post("/api/v1/session", {"username": "admin", "password": PASSWORD})
    assert "planted" not in answer.headers["Set-Cookie"]
    attacker = await browser()
    attacker.session.cookie_jar.update_cookies({"qingting": "planted-by-an-attacker"})
    assert (await attacker.get("/api/v1/agents/me"))[0] == 401


async def test_signing_in_again_ends_the_session_before(house: Any, browser: Any) -> None:
    one = await browser("admin")
    before = {cookie.key: cookie.value for cookie in one.session.cookie_jar}
    await one.sign_in("admin")
    old = await browser()
    old.session.cookie_jar.update_cookies(before)
    assert (await old.get("/api/v1/agents/me"))[0] == 401
    assert (await one.get("/api/v1/agents/me"))[0] == 200


async def test_two_browsers_with_one_account_are_both_signed_in(browser: Any) -> None:
    one, other = await browser("admin"), await browser("admin")
    assert (await one.send("DELETE", "/api/v1/session"))[0] == 204
    assert (await one.get("/api/v1/agents/me"))[0] == 401
    assert (await other.get("/api/v1/agents/me"))[0] == 200


@pytest.mark.parametrize("token", [None, "", "0" * 64, "other"])
async def test_csrf_an_unsafe_request_without_the_sessions_token_does_nothing(
    house: Any, browser: Any, token: str | None
) -> None:
    id = house.conversation("你好")
    one, other = await browser("admin"), await browser("admin")
    sent = other.headers["X-CSRF-Token"] if token == "other" else token
    one.headers = {} if sent is None else {"X-CSRF-Token": sent}
    for method, path in (("POST", f"/api/v1/conversations/{id}/take-over"), ("DELETE", "/api/v1/session")):
        status, body, _ = await one.send(method, path)
        assert (status, body["code"]) == (403, "csrf")
    assert (await one.get(f"/api/v1/conversations/{id}"))[1]["owner"] == "bot"


async def test_csrf_another_site_can_not_sign_a_browser_in_by_a_form(browser: Any) -> None:
    anyone = await browser()
    text = '{"username":"admin","password":"' + PASSWORD + '"}'
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        status, _, _ = await anyone.send("POST", "/api/v1/session", data=text, headers={"Content-Type": media_type})
        assert status == 415


@pytest.mark.parametrize("authorization", ["Bearer qt_unknown", "Bearer ", "Bearer ключ", "Basic YWRtaW46eA==", ""])
async def test_without_a_known_credential_nothing_is_shown(browser: Any, authorization: str) -> None:
    anyone = await browser()
    headers = {"Authorization": authorization.encode().decode("latin-1")}
    for path in (
        "/api/v1/cases",
        "/api/v1/conversations",
        "/api/v1/conversations/x",
        "/api/v1/cases/C20261123-000001-1",
    ):
        status, _, answer = await anyone.get(path, headers=headers)
        assert status == 401
        assert "Bearer" in answer.headers["WWW-Authenticate"]


async def test_a_key_may_do_what_its_scopes_say_and_no_more(house: Any, browser: Any) -> None:
    id = house.conversation("你好")
    machine = await browser(key=house.key("conversations:read"))
    assert (await machine.get(f"/api/v1/conversations/{id}"))[0] == 200
    status, body, _ = await machine.post(f"/api/v1/conversations/{id}/take-over")
    assert (status, body["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    ("path", "scope", "status"),
    [
        ("agents", "transcripts", 403),
        ("agents", "conversations:read", 200),
        ("live", "transcripts", 403),
        ("live", "intake", 403),
        ("live", "cases:read", 426),  # may: but this is no WebSocket
        ("cases/{case}/record.pdf", "cases:read", 403),  # it holds every message
    ],
)
async def test_a_key_that_only_hands_in_learns_nothing(
    house: Any, browser: Any, path: str, scope: str, status: int
) -> None:
    case = house.case()
    machine = await browser(key=house.key(scope))
    assert (await machine.get(f"/api/v1/{path.format(case=case.id)}"))[0] == status


async def test_a_closed_account_is_out_at_once(house: Any, browser: Any) -> None:
    house.agent("ana")
    ana = await browser("ana")
    await house.store.write(people.change_agent, "ana", {"active": False}, actor="agent:Admin")
    assert (await ana.get("/api/v1/agents/me"))[0] == 401
    assert (await ana.post("/api/v1/session", ANA))[0] == 401


@pytest.mark.parametrize("column", ["seen_at", "expires_at"])
async def test_a_session_ends_when_idle_and_when_old(house: Any, browser: Any, long_ago: Any, column: str) -> None:
    one = await browser("admin")

    def age(tx: Transaction) -> None:
        tx.execute(sa.update(agent_sessions).values({column: long_ago}))

    await house.store.write(age)
    assert (await one.get("/api/v1/agents/me"))[0] == 401


async def test_the_store_holds_nothing_that_signs_in(house: Any, browser: Any) -> None:
    one = await browser()
    _, body, answer = await one.post(
        "/api/v1/session", {"username": "admin", "password": PASSWORD}, headers={"Idempotency-Key": "k"}
    )
    token = answer.cookies["qingting"].value

    def dump(tx: Transaction) -> str:
        return repr([tx.execute(sa.select(table)).all() for table in (agent_sessions, idempotency)])

    kept = await house.store.read(dump)
    for secret in (token, body["csrf_token"], PASSWORD):
        assert secret not in kept


async def test_signing_in_again_under_one_idempotency_key_is_one_session(house: Any, browser: Any) -> None:
    one, key = await browser(), {"Idempotency-Key": "sign in"}
    admin = {"username": "admin", "password": PASSWORD}
    first = await one.post("/api/v1/session", admin, headers=key)
    again = await one.post("/api/v1/session", admin, headers=key)
    assert (first[0], first[1]) == (again[0], again[1])
    assert first[2].cookies["qingting"].value == again[2].cookies["qingting"].value
    status, body, _ = await one.post("/api/v1/session", {**admin, "password": "wrong"}, headers=key)
    assert (status, body["code"]) == (401, "wrong_credentials")


async def test_the_first_agent_is_made_once_and_told_once(store: Any) -> None:
    from gateway.auth.first import ensure_admin

    made = await ensure_admin(store, None)
    assert made
    assert await ensure_admin(store, "later") is None
    assert store.read_now(people.for_sign_in, "admin")[0].role is Role.ADMIN


async def test_a_password_from_the_settings_is_not_told_again(store: Any) -> None:
    from gateway.auth.first import ensure_admin
    from gateway.auth.passwords import Passwords

    assert await ensure_admin(store, "from the settings") is None
    _, hash = store.read_now(people.for_sign_in, "admin")
    assert await Passwords().verify(hash, "from the settings")
