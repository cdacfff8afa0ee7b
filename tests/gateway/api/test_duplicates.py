"""Cases of one matter by the API: what is shown, what an agent decides, and what is refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.gateway.api.conftest import FACTS

AGAIN = replace(FACTS, contact="jiang@mail.example", what_happened="上周在滨江支行买的理财亏损两万三千元，要求补足本金")


def told_twice(house: Any) -> tuple[Any, Any]:
    return house.case(), house.case(AGAIN)


async def decide(agent: Any, case: Any, body: dict[str, Any], **more: Any) -> tuple[int, Any]:
    status, found, _ = await agent.post(f"/api/v1/cases/{case.id}/duplicates", body, **more)
    return status, found


async def test_a_suggestion_is_explained(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    assert second.possible_duplicate_of == first.reference
    status, found, _ = await (await browser("admin")).get(f"/api/v1/cases/{second.reference}/duplicates")
    assert status == 200
    (one,) = found["items"]
    assert (one["reference"], one["state"], one["strength"]) == (first.reference, "suggested", "likely")
    agrees = {point["about"]: (point["here"], point["there"]) for point in one["agrees"]}
    assert agrees["amount"] == ("23,000.00 CNY", "23,000.00 CNY")
    assert agrees["name"] == ("江敏", "江敏")
    assert {"about": "other_contact", "here": "jiang@mail.example", "there": "+8613900001111"} in one["differs"]
    assert (one["decided_by"], one["reason"]) == (None, None)


async def test_an_agents_word_stands_on_both(house: Any, browser: Any) -> None:
    house.agent("megan")
    first, second = told_twice(house)
    agent = await browser("megan")
    body = {"other": first.reference, "same": True, "reason": "same loss"}
    status, found = await decide(agent, second, body)
    assert (status, found["items"][0]["state"], found["items"][0]["decided_by"]) == (200, "same", "Megan")
    other = (await agent.get(f"/api/v1/cases/{first.id}/duplicates"))[1]["items"][0]
    assert (other["reference"], other["reason"]) == (second.reference, "same loss")
    for case in (first, second):
        timeline = (await agent.get(f"/api/v1/cases/{case.id}/timeline"))[1]["items"]
        assert ("agent:Megan", "duplicate_confirmed") in {(one["actor"], one["action"]) for one in timeline}


async def test_a_case_that_was_not_suggested_can_be_named(house: Any, browser: Any) -> None:
    first, second = house.case(), house.case(replace(FACTS, name="别人", contact=None, amount=None))
    agent = await browser("admin")
    assert (await agent.get(f"/api/v1/cases/{second.id}/duplicates"))[1]["items"] == []
    spelled = first.reference.lower().replace("-", " ")
    status, found = await decide(agent, second, {"other": spelled, "same": True, "reason": "the caller said so"})
    assert (status, found["items"][0]["case"], found["items"][0]["suggested_at"]) == (200, first.id, None)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"other": "C20261123-000421-5", "same": True, "reason": "x"}, 404, "mistyped_reference"),
        ({"other": "nothing", "same": True, "reason": "x"}, 404, "not_found"),
        ({"other": "itself", "same": True, "reason": "x"}, 422, "not_a_pair"),
        ({"other": "draft", "same": True, "reason": "x"}, 422, "not_a_pair"),
        ({"other": "first", "same": True}, 422, "invalid"),
        ({"other": "first", "same": True, "reason": "  "}, 422, "invalid"),
        ({"other": "first"}, 422, "invalid"),
        ({"other": "first", "same": False, "merge": True}, 422, "invalid"),
    ],
)
async def test_what_is_refused(house: Any, browser: Any, body: dict[str, Any], status: int, code: str) -> None:
    first, second = told_twice(house)
    named = {"itself": second.id, "draft": house.case(filed=False).id, "first": first.id}
    told = await decide(await browser("admin"), second, {**body, "other": named.get(body["other"], body["other"])})
    assert (told[0], told[1]["code"].startswith(code)) == (status, True), told


async def test_the_same_request_again_decides_once(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    body = {"other": first.id, "same": False}
    answers = [await decide(agent, second, body, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0] == answers[1]
    timeline = (await agent.get(f"/api/v1/cases/{second.id}/timeline"))[1]["items"]
    assert [one["action"] for one in timeline].count("duplicate_denied") == 1


async def test_two_agents_who_decide_from_both_ends_at_once_do_not_wait_for_each_other(
    house: Any, browser: Any
) -> None:
    first, second = told_twice(house)
    agent = await browser("admin")
    bodies = [(second, first, True), (first, second, False)] * 4
    answers = await asyncio.gather(
        *(decide(agent, here, {"other": there.id, "same": same, "reason": "r"}) for here, there, same in bodies)
    )
    assert [status for status, _ in answers] == [200] * 8


async def test_reading_takes_a_scope_and_deciding_another(house: Any, browser: Any) -> None:
    first, second = told_twice(house)
    reader = await browser(key=house.key("cases:read"))
    assert (await reader.get(f"/api/v1/cases/{second.id}/duplicates"))[0] == 200
    assert (await decide(reader, second, {"other": first.id, "same": False}))[0] == 403
    assert (await (await browser()).get(f"/api/v1/cases/{second.id}/duplicates"))[0] == 401
