"""Teams, over the API: who makes them, what is given to one, who is given it by turn, and what each sees of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from case_store import audit, givings, people
from case_store.records import Role
from gateway import giving

from .test_at_work import by_turn, takes, waiting

CARDS = {"name": "cards", "title": "银行卡组", "members": ["megan"]}


async def made(admin: Any, **other: Any) -> Any:
    status, found, _ = await admin.post("/api/v1/teams", {**CARDS, **other})
    assert status == 201, found
    return found


async def give(agent: Any, id: str, team: str | None, note: str | None = None) -> tuple[int, Any]:
    status, found, _ = await agent.post(f"/api/v1/conversations/{id}/team", {"team": team, "note": note})
    return status, found


async def ids(agent: Any, path: str) -> list[str]:
    status, found, _ = await agent.get(path)
    assert status == 200, found
    return [one["id"] for one in found["items"]]


def last(house: Any, chain: str) -> tuple[str, str, Any]:
    one = house.store.read_now(audit.timeline, chain)[-1]
    return one.actor, one.action, one.detail


# teams ---------------------------------------------------------------------------------------------------------------


async def test_an_admin_makes_a_team_and_changes_it_and_the_houses_chain_tells_both(house: Any, browser: Any) -> None:
    for name in ("megan", "carol"):
        house.agent(name)
    admin = await browser("admin")
    found = await made(admin)
    assert found == CARDS | {"note": "", "active": True, "version": 1, "waiting": 0, "open": 0}
    assert last(house, audit.HOUSE)[1:] == (
        "team_added",
        {"name": "cards", "title": "银行卡组", "members": ["megan"]},
    )
    change = {"title": "Cards", "members": ["carol"]}
    status, found, answer = await admin.send("PATCH", "/api/v1/teams/cards", change, headers={"If-Match": '"1"'})
    assert (status, found["title"], found["members"], answer.headers["ETag"]) == (200, "Cards", ["carol"], '"2"')
    assert last(house, audit.HOUSE)[2] == {"name": "cards", "title": "Cards", "added": ["carol"], "left": ["megan"]}


async def test_of_two_who_change_it_at_once_the_second_is_told(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin = await browser("admin")
    await made(admin)
    change = {"note": "Mondays"}
    assert (await admin.send("PATCH", "/api/v1/teams/cards", change, headers={"If-Match": '"1"'}))[0] == 200
    status, problem, _ = await admin.send("PATCH", "/api/v1/teams/cards", change, headers={"If-Match": '"1"'})
    assert (status, problem["code"]) == (412, "changed_meanwhile")
    status, problem, _ = await admin.send("PATCH", "/api/v1/teams/cards", change)
    assert (status, problem["code"]) == (428, "version_required")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Cards!"}, "name"),
        ({"name": "mine"}, "name"),
        ({"title": " "}, "title"),
        ({"members": ["nobody"]}, "members"),
        ({"members": ["gone"]}, "members"),
        ({"members": ["reader"]}, "members"),
    ],
    ids=str,
)
async def test_nonsense_is_refused_by_name_and_makes_nothing(
    house: Any, browser: Any, body: dict[str, Any], field: str
) -> None:
    house.agent("megan")
    house.agent("gone")
    house.store.write_now(people.change_agent, "gone", {"active": False}, actor="system")
    house.agent("reader", Role.COMPLIANCE)
    admin = await browser("admin")
    status, problem, _ = await admin.post("/api/v1/teams", {**CARDS, **body})
    assert (status, [one["field"] for one in problem["errors"]]) == (422, [field])
    assert (await admin.get("/api/v1/teams"))[1]["items"] == []


async def test_a_name_is_given_once_for_ever(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin = await browser("admin")
    await made(admin)
    closed = {"active": False}
    assert (await admin.send("PATCH", "/api/v1/teams/cards", closed, headers={"If-Match": "*"}))[0] == 200
    status, problem, _ = await admin.post("/api/v1/teams", CARDS)
    assert (status, problem["code"]) == (409, "name_taken")


async def test_a_case_stays_with_a_team_that_has_closed_and_none_is_given_to_it(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin = await browser("admin")
    await made(admin)
    given, other = house.case(team="cards"), house.case()
    await admin.send("PATCH", "/api/v1/teams/cards", {"active": False}, headers={"If-Match": "*"})
    for case, status in ((given, 200), (other, 422)):
        answer = await admin.send("PATCH", f"/api/v1/cases/{case.id}", {"team": "cards"}, headers={"If-Match": "*"})
        assert answer[0] == status
    assert (await admin.get(f"/api/v1/cases/{given.id}"))[1]["team"] == "cards"


async def test_whose_account_is_closed_is_in_it_again_once_it_is_opened(house: Any, browser: Any) -> None:
    house.agent("megan")
    house.agent("carol")
    admin = await browser("admin")
    await made(admin, members=["megan", "carol"])
    house.store.write_now(people.change_agent, "megan", {"active": False}, actor="system")
    change = {"members": ["carol"]}
    found = (await admin.send("PATCH", "/api/v1/teams/cards", change, headers={"If-Match": "*"}))[1]
    assert found["members"] == ["carol"]
    house.store.write_now(people.change_agent, "megan", {"active": True}, actor="system")
    assert (await admin.get("/api/v1/teams/cards"))[1]["members"] == ["carol", "megan"]


# what is given to one ------------------------------------------------------------------------------------------------


async def test_who_has_a_conversation_gives_it_to_a_team_with_a_word_for_them(house: Any, browser: Any) -> None:
    house.agent("megan")
    house.agent("carol")
    await made(await browser("admin"))
    megan, carol, id = await browser("megan"), await browser("carol"), house.conversation("hello")
    await carol.post(f"/api/v1/conversations/{id}/take-over")
    status, found = await give(carol, id, "cards", "A card was swallowed")
    assert (status, found["owner"], found["agent"], found["team"]) == (200, "queue", None, "cards")
    assert found["waiting_reason"] == "given_to_team"
    actions = [(one.action, one.detail) for one in house.store.read_now(audit.timeline, audit.conversation_chain(id))]
    assert ("given_to_team", {"from": "agent", "team": "cards"}) in actions
    [note] = (await megan.get(f"/api/v1/conversations/{id}/notes"))[1]["items"]
    assert note["text"] == "A card was swallowed"
    assert house.told.owned[-1][:2] == ("agent", "queue")
    assert await ids(megan, "/api/v1/conversations?team=mine") == [id]
    assert await ids(carol, "/api/v1/conversations?team=mine") == []
    assert await ids(carol, "/api/v1/conversations?team=cards&owner=queue") == [id]
    counts = [(await one.get("/api/v1/views"))[1]["counts"] for one in (megan, carol)]
    assert [(one["waiting"], one["waiting_team"]) for one in counts] == [(1, 1), (1, 0)]


async def test_what_waits_keeps_its_place_and_its_customer_is_told_nothing_again(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin, id = await browser("admin"), waiting(house)
    await made(admin)
    before = (await admin.get(f"/api/v1/conversations/{id}"))[1]
    told = len(house.told.owned)
    for team in ("cards", "cards", None):
        status, found = await give(admin, id, team)
        assert (status, found["team"], found["waiting_since"]) == (200, team, before["waiting_since"])
    assert found["epoch"] == before["epoch"]
    assert found["waiting_reason"] == before["waiting_reason"]
    assert len(house.told.owned) == told


async def test_out_of_anothers_hands_it_takes_a_supervisor(house: Any, browser: Any) -> None:
    for name in ("megan", "carol"):
        house.agent(name)
    house.agent("sian", Role.SUPERVISOR)
    await made(await browser("admin"))
    id = house.conversation("hello")
    await (await browser("carol")).post(f"/api/v1/conversations/{id}/take-over")
    status, problem = await give(await browser("megan"), id, "cards")
    assert (status, problem["code"], problem["agent_name"]) == (409, "owned_by_another", "Carol")
    assert (await give(await browser("sian"), id, "cards"))[0] == 200


@pytest.mark.parametrize("team", ["nobody", "cards"])
async def test_only_an_open_team_is_given_anything(house: Any, browser: Any, team: str) -> None:
    house.agent("megan")
    admin, id, case = await browser("admin"), house.conversation("hello"), house.case()
    await made(admin)
    await admin.send("PATCH", "/api/v1/teams/cards", {"active": False}, headers={"If-Match": "*"})
    assert (await give(admin, id, team))[1]["errors"][0]["field"] == "team"
    status, problem, _ = await admin.send(
        "PATCH", f"/api/v1/cases/{case.id}", {"team": team}, headers={"If-Match": "*"}
    )
    assert (status, problem["errors"][0]["field"]) == (422, "team")


async def test_a_case_is_given_to_a_team_and_the_conversation_about_it_goes_with_it(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin, megan, case = await browser("admin"), await browser("megan"), house.case()
    await made(admin)
    headers = {"If-Match": f'"{case.version}"'}
    status, found, _ = await admin.send("PATCH", f"/api/v1/cases/{case.id}", {"team": "cards"}, headers=headers)
    assert (status, found["team"]) == (200, "cards")
    [conversation] = found["conversations"]
    assert await ids(megan, "/api/v1/conversations?team=mine") == [conversation]
    chain = house.store.read_now(audit.timeline, audit.conversation_chain(conversation))
    assert (chain[-1].action, chain[-1].detail["with_case"]) == ("given_to_team", case.id)
    for path in ("cases?team=mine", "cases?team=cards&q=江敏", "due?view=team", "due?team=mine"):
        assert await ids(megan, f"/api/v1/{path}") == [case.id], path
        assert await ids(admin, f"/api/v1/{path}") == ([case.id] if "=cards" in path else []), path
    assert (await megan.get("/api/v1/views"))[1]["counts"]["team"] == 1
    assert (await megan.get("/api/v1/teams/cards"))[1]["open"] == 1


async def test_a_list_of_ones_own_may_hold_the_cases_of_ones_teams(house: Any, browser: Any) -> None:
    house.agent("megan")
    megan = await browser("megan")
    status, found, _ = await megan.post("/api/v1/views", {"name": "Ours", "chosen": {"team": "mine", "risk": "major"}})
    assert (status, found["chosen"]) == (201, {"team": "mine", "risk": "major"})


# by turn -------------------------------------------------------------------------------------------------------------


async def test_by_turn_a_team_is_given_its_own_and_nobody_else_is(house: Any, browser: Any, tmp_path: Path) -> None:
    for name in ("megan", "carol"):
        house.agent(name)
    promises = by_turn(house, tmp_path)
    admin, megan, carol, id = await browser("admin"), await browser("megan"), await browser("carol"), waiting(house)
    await made(admin)
    await give(admin, id, "cards")
    await takes(carol)
    assert house.store.write_now(giving.hold, promises) == 0
    found = (await admin.get(f"/api/v1/conversations/{id}"))[1]
    assert (found["owner"], found["unassigned"]) == ("queue", "nobody_in_team")
    lacks = {
        one["username"]: one["lacks"] for one in (await admin.get(f"/api/v1/conversations/{id}/colleagues"))[1]["items"]
    }
    assert (lacks["carol"], lacks["megan"]) == (["team"], ["away"])
    await takes(megan)
    assert house.store.write_now(giving.hold, promises) == 1
    assert (await admin.get(f"/api/v1/conversations/{id}"))[1]["agent"] == "megan"
    given = [
        one for one in house.store.read_now(audit.timeline, audit.conversation_chain(id)) if one.action == givings.GIVEN
    ]
    assert given[0].detail["team"] == "cards"


async def test_of_a_closed_team_everybody_is_given_what_waits(house: Any, browser: Any, tmp_path: Path) -> None:
    house.agent("megan")
    house.agent("carol")
    promises = by_turn(house, tmp_path)
    admin, carol, id = await browser("admin"), await browser("carol"), waiting(house)
    await made(admin)
    await give(admin, id, "cards")
    await admin.send("PATCH", "/api/v1/teams/cards", {"active": False}, headers={"If-Match": "*"})
    await takes(carol)
    assert house.store.write_now(giving.hold, promises) == 1
    assert (await admin.get(f"/api/v1/conversations/{id}"))[1]["agent"] == "carol"


async def test_whoever_is_signed_in_is_told_the_open_teams_and_which_are_theirs(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin = await browser("admin")
    await made(admin)
    await made(admin, name="funds", title="理财组", members=[])
    await made(admin, name="old", title="Old", members=[])
    await admin.send("PATCH", "/api/v1/teams/old", {"active": False}, headers={"If-Match": "*"})
    told = (await (await browser("megan")).get("/api/v1/agents/me"))[1]["teams"]
    assert sorted((one["name"], one["title"], one["mine"]) for one in told) == [
        ("cards", "银行卡组", True),
        ("funds", "理财组", False),
    ]


async def test_the_live_board_tells_what_each_team_has_and_lists_it(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin, id = await browser("admin"), waiting(house)
    await made(admin)
    await give(admin, id, "cards")
    waiting(house)
    [row] = (await admin.get("/api/v1/reports/now"))[1]["teams"]
    assert (row["value"], row["waiting"], row["unanswered"]) == ("cards", 1, 0)
    assert await ids(admin, "/api/v1/reports/now/conversations?of=waiting&team=cards") == [id]
    await (await browser("megan")).post(f"/api/v1/conversations/{id}/take-over")
    [row] = (await admin.get("/api/v1/reports/now"))[1]["teams"]
    assert (row["waiting"], row["agents"]) == (0, 1)
