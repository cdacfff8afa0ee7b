"""The lists that agents work from, by the API: what is counted, and lists that are saved, shared, changed and refused."""

from __future__ import annotations

from typing import Any

import pytest

from case_store.records import Role
from case_store.views import View

GRAVE = {"name": "Grave, with me", "chosen": {"risk": "major", "assignee": "me"}}


async def test_the_numbers_are_those_of_the_lists(house: Any, browser: Any) -> None:
    house.agent("megan")
    house.case(risk="major", assignee="megan")
    house.case()
    house.case(filed=False)
    agent = await browser("megan")
    counts = (await agent.get("/api/v1/views"))[1]["counts"]
    for view in View:
        found = (await agent.get(f"/api/v1/due?view={view.value}"))[1]["items"]
        assert counts[view.value] == len(found), view
    assert (counts["due"], counts["mine"], counts["unassigned"], counts["high_risk"]) == (2, 1, 1, 1)
    assert (counts["waiting"], counts["own_conversations"], counts["parked"]) == (0, 0, 0)


async def test_a_list_is_narrowed_to_one_agents_cases(house: Any, browser: Any) -> None:
    house.agent("megan")
    mine, others = house.case(risk="major", assignee="megan"), house.case(risk="major")
    agent = await browser("megan")
    for asked, held in (("assignee=megan", {mine.id}), ("assignee=me", {mine.id}), ("", {mine.id, others.id})):
        found = (await agent.get(f"/api/v1/due?view=high_risk&{asked}"))[1]["items"]
        assert {one["id"] for one in found} == held, asked


async def test_a_list_is_saved_under_a_name_and_shown_as_it_was_chosen(house: Any, browser: Any) -> None:
    house.agent("megan")
    agent = await browser("megan")
    status, kept, _ = await agent.post("/api/v1/views", GRAVE)
    assert (status, kept["chosen"], kept["owner_name"]) == (201, GRAVE["chosen"], None)
    changed = await agent.send(
        "PATCH", f"/api/v1/views/{kept['id']}", {"name": "Grave", "chosen": {"risk": "major", "q": "fee"}}
    )
    assert (changed[0], changed[1]["name"], changed[1]["chosen"]) == (200, "Grave", {"risk": "major", "q": "fee"})
    assert [one["name"] for one in (await agent.get("/api/v1/views"))[1]["items"]] == ["Grave"]
    assert (await agent.send("DELETE", f"/api/v1/views/{kept['id']}"))[0] == 204
    assert (await agent.get("/api/v1/views"))[1]["items"] == []


async def test_a_list_that_a_supervisor_shares_is_seen_by_everybody_and_changed_by_nobody_else(
    house: Any, browser: Any
) -> None:
    house.agent("carol", Role.SUPERVISOR)
    house.agent("megan")
    carol, megan = await browser("carol"), await browser("megan")
    shared = (await carol.post("/api/v1/views", {**GRAVE, "shared": True}))[1]
    (seen,) = (await megan.get("/api/v1/views"))[1]["items"]
    assert (seen["id"], seen["owner_name"]) == (shared["id"], "Carol")
    assert (await megan.send("PATCH", f"/api/v1/views/{shared['id']}", {"name": "mine"}))[0] == 404
    assert (await megan.send("DELETE", f"/api/v1/views/{shared['id']}"))[0] == 404
    assert (await megan.post("/api/v1/views", {**GRAVE, "shared": True}))[0] == 403
    house.agent("sian", Role.SUPERVISOR)
    sian = await browser("sian")
    assert (await sian.send("PATCH", f"/api/v1/views/{shared['id']}", {"name": "mine"}))[0] == 404
    assert (await sian.send("DELETE", f"/api/v1/views/{shared['id']}"))[0] == 204  # whoever made it may have left
    own = (await megan.post("/api/v1/views", GRAVE))[1]
    assert (await sian.send("DELETE", f"/api/v1/views/{own['id']}"))[0] == 404
    assert (await megan.send("PATCH", f"/api/v1/views/{own['id']}", {"shared": True}))[0] == 403


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({**GRAVE, "chosen": {"risk": "huge"}}, 422, "risk"),
        ({**GRAVE, "chosen": {"colour": "red"}}, 422, "colour"),
        ({**GRAVE, "name": " "}, 422, "name"),
        ({**GRAVE, "name": "n" * 61}, 422, "name"),
        ({"name": "nothing chosen"}, 422, "chosen"),
    ],
)
async def test_what_is_wrong_with_a_list_is_told(
    house: Any, browser: Any, body: dict[str, Any], status: int, told: str
) -> None:
    got, problem, _ = await (await browser("admin")).post("/api/v1/views", body)
    assert got == status
    assert told in str(problem)


async def test_a_name_is_given_once(house: Any, browser: Any) -> None:
    agent = await browser("admin")
    assert (await agent.post("/api/v1/views", GRAVE))[0] == 201
    status, problem, _ = await agent.post("/api/v1/views", GRAVE)
    assert (status, problem["code"]) == (409, "name_taken")


async def test_an_unknown_list_is_refused_by_name(house: Any, browser: Any) -> None:
    status, problem, _ = await (await browser("admin")).get("/api/v1/due?view=everything")
    assert status == 422
    assert "overdue" in str(problem)
