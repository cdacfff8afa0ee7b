"""How many requests the API takes of one caller: told on every answer, kept to, and no way to fill the memory with callers."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession

from case_store import people
from gateway.api.keys import THROTTLE
from gateway.api.routes import ANYONE, TABLE, is_limited
from gateway.auth.quota import QUOTAS, Kind, Quota, Quotas
from gateway.auth.throttle import LIMITS, Throttle
from gateway.config import Settings
from tests.growth import grows_no_faster


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def quota(quota: int, **known: Any) -> tuple[Quota, Clock]:
    clock = Clock()
    return Quota(Kind.KEY, quota, clock=clock, **known), clock


def test_as_many_as_the_quota_are_taken_at_once_and_no_more() -> None:
    key, _ = quota(5)
    assert [key.take("a").left for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = key.take("a")
    assert (refused.admitted, refused.left, refused.full_in, refused.next_in) == (False, 0, 60, 12.0)


def test_what_was_used_comes_back_evenly() -> None:
    key, clock = quota(5)
    for _ in range(5):
        key.take("a")
    clock.now += 12.0
    assert (key.take("a").admitted, key.take("a").admitted) == (True, False)
    clock.now += 60.0
    assert [key.take("a").admitted for _ in range(6)] == [True] * 5 + [False]


def test_one_caller_uses_up_nothing_of_anothers() -> None:
    key, _ = quota(1)
    assert (key.take("a").admitted, key.take("b").admitted, key.take("a").admitted) == (True, True, False)


def test_who_is_refused_is_kept_out_no_longer_for_having_asked() -> None:
    key, clock = quota(1)
    key.take("a")
    for _ in range(100):
        key.take("a")
    clock.now += 60.0
    assert key.take("a").admitted


def test_a_flood_of_addresses_fills_no_memory_and_pushes_out_who_is_at_work() -> None:
    address, _ = quota(3, most=10)
    for number in range(1_000):
        address.take(f"address {number}")
        address.take("at work")
    assert len(address) == 10
    assert not address.take("at work").admitted


def test_the_cost_of_a_request_does_not_grow_with_the_callers() -> None:
    def asked(callers: int) -> None:
        address = Quota(Kind.ADDRESS, 600)
        for number in range(callers):
            address.take(str(number))

    grows_no_faster(asked, 200_000)


def test_the_headers_are_those_of_the_draft() -> None:
    key, _ = quota(600)
    assert key.take("a").headers == {"RateLimit-Policy": '"key";q=600;w=60', "RateLimit": '"key";r=599;t=1'}


def limited(house: Any, **settings: Any) -> None:
    usual = {f"requests_per_{kind}": "off" for kind in Kind if kind is not Kind.REFUSED}
    house.app._state[QUOTAS] = Quotas(Settings(**{**usual, **settings}))


async def asked(house: Any, path: str, **headers: str) -> tuple[int, Any, Any]:
    async with ClientSession() as client, client.get(f"{house.url}{path}", headers=headers) as answer:
        return answer.status, await answer.json(), answer.headers


async def test_a_key_is_told_what_it_has_left_and_when_to_come_back(house: Any) -> None:
    limited(house, requests_per_key=2)
    key = house.key("cases:read")
    seen = [await asked(house, "/api/v1/cases", Authorization=f"Bearer {key}") for _ in range(3)]
    assert [status for status, _, _ in seen] == [200, 200, 429]
    assert [headers["RateLimit"][:9] for _, _, headers in seen] == ['"key";r=1', '"key";r=0', '"key";r=0']
    _, problem, headers = seen[-1]
    assert (problem["code"], problem["violated-policies"]) == ("too_many", ["key"])
    assert "2 requests a minute" in problem["detail"]
    assert headers["RateLimit-Policy"] == '"key";q=2;w=60'
    assert 1 <= int(headers["Retry-After"]) <= 30
    assert headers["RateLimit"] == f'"key";r=0;t={headers["Retry-After"]}'


async def test_each_session_and_each_key_has_its_own(house: Any, browser: Any) -> None:
    limited(house, requests_per_key=1, requests_per_session=2)
    house.agent("ana")
    admin, ana = await browser("admin"), await browser("ana")
    for agent in (admin, ana):
        answers = [(await agent.get("/api/v1/agents/me"))[0] for _ in range(2)]
        assert answers == [200, 200]
    assert (await admin.get("/api/v1/agents/me"))[0] == 429
    for key in (house.key("cases:read"), house.key("cases:read")):
        assert (await asked(house, "/api/v1/cases", Authorization=f"Bearer {key}"))[0] == 200


def test_looking_at_what_is_left_uses_nothing_up() -> None:
    key, _ = quota(2)
    assert [key.look("a").admitted for _ in range(5)] == [True] * 5
    assert [key.take("a").admitted for _ in range(2)] == [True, True]
    assert (key.look("a").admitted, key.look("b").admitted) == (False, True)


SENT = [{}, {"Authorization": "Bearer qt_guessed"}, {"Authorization": "Bearer \xff"}, {"Cookie": "qingting=guessed"}]


@pytest.mark.parametrize("sent", SENT)
async def test_whoever_guesses_at_keys_is_counted_by_address(house: Any, sent: dict[str, str]) -> None:
    limited(house, requests_per_address=2)
    assert [(await asked(house, "/api/v1/cases", **sent))[0] for _ in range(3)] == [401, 401, 429]
    key = house.key("cases:read")
    assert (await asked(house, "/api/v1/cases", Authorization=f"Bearer {key}"))[
        0
    ] == 200  # a colleague at the same address


REVOKED = {"Authorization": "Bearer qt_revoked"}


async def test_a_program_with_a_revoked_key_keeps_nobody_at_its_address_from_signing_in(
    house: Any, browser: Any
) -> None:
    limited(house, requests_per_address=2)
    for number in range(3):  # another key each time, as a guesser sends them
        await asked(house, "/api/v1/cases", Authorization=f"Bearer qt_guessed{number}")
        await asked(house, "/api/v1/cases", **REVOKED)
    assert (await asked(house, "/api/v1/cases"))[0] == 429
    assert (await asked(house, "/api/v1/agents/me"))[0] == 401  # the console asks it before it shows the form
    assert (await asked(house, "/api/v1/agents/me", Cookie="qingting=over"))[0] == 401
    admin = await browser("admin")
    assert (await admin.get("/api/v1/agents/me"))[0] == 200
    assert (await asked(house, "/api/openapi.json"))[0] == 200  # what anybody may ask is not used up either


async def test_what_anybody_may_ask_uses_up_no_way_to_sign_in(house: Any, browser: Any) -> None:
    limited(house, requests_per_address=1)
    assert [(await asked(house, "/api/openapi.json"))[0] for _ in range(2)] == [200, 429]
    assert (await (await browser("admin")).get("/api/v1/agents/me"))[0] == 200


async def test_many_who_sign_in_at_once_wait_for_a_limit_of_their_own(house: Any, browser: Any) -> None:
    limited(house)
    house.app._state[THROTTLE] = Throttle({**LIMITS, "sign_ins": "2 per minute"})
    asked_with = {"username": "admin", "password": "wrong"}
    one = await browser()
    assert [(await one.post("/api/v1/session", asked_with))[0] for _ in range(3)] == [401, 401, 429]


async def test_a_key_that_was_refused_again_and_again_is_not_looked_up(house: Any, monkeypatch: Any) -> None:
    limited(house, requests_per_address=2)
    looked: list[str] = []
    find = people.find_key
    monkeypatch.setattr(people, "find_key", lambda tx, digest: looked.append(digest) or find(tx, digest))
    seen = [await asked(house, "/api/v1/agents/me", **REVOKED) for _ in range(5)]
    assert [status for status, _, _ in seen] == [401, 401, 429, 429, 429]
    assert len(looked) == 2
    _, problem, headers = seen[-1]
    assert problem["violated-policies"] == ["refused"]
    assert headers["RateLimit-Policy"] == '"refused";q=2;w=60'


async def test_who_forges_requests_in_a_sessions_name_does_not_use_it_up(house: Any, browser: Any) -> None:
    limited(house, requests_per_address=2)
    admin = await browser("admin")
    forged = [
        (await admin.post("/api/v1/agents/me/sessions/end-others", headers={"X-CSRF-Token": "x"}))[0] for _ in range(3)
    ]
    assert forged == [403, 403, 429]
    assert (await admin.get("/api/v1/agents/me"))[0] == 200


async def test_what_is_turned_off_is_not_told_of(house: Any) -> None:
    limited(house)
    status, _, headers = await asked(house, "/api/v1/cases", Authorization=f"Bearer {house.key('cases:read')}")
    assert (status, "RateLimit" in headers, "RateLimit-Policy" in headers) == (200, False, False)


async def test_whether_the_house_is_well_may_be_asked_at_any_time(house: Any) -> None:
    limited(house, requests_per_address=1)
    assert [(await asked(house, "/healthz"))[0] for _ in range(3)] == [200] * 3


def test_every_route_of_the_api_is_limited_but_sockets_and_pieces_of_files(house: Any) -> None:
    free = {route.path for route in house.app[TABLE].routes if not is_limited(route)}
    paths = {"/healthz", "/readyz", "/metrics", "/api/v1/live", "/api/v1/uploads", "/api/v1/uploads/{id}"}
    assert free == paths
    assert any(is_limited(route) and route.scope is ANYONE for route in house.app[TABLE].routes)


async def test_the_description_tells_of_the_limits(house: Any) -> None:
    _, document, _ = await asked(house, "/api/openapi.json")
    answers = document["paths"]["/api/v1/cases"]["get"]["responses"]
    assert {"RateLimit", "RateLimit-Policy"} <= answers["200"]["headers"].keys()
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= answers["429"]["headers"].keys()
