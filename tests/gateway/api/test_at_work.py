"""Who takes conversations by turn, over the API: what an agent says of themselves, what an admin says of them, and what others see."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, conversations, ownership, people, presence
from case_store.store import Transaction
from case_store.tables_people import agent_sessions
from gateway import giving
from gateway.api import live
from gateway.context import GATEWAY
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.sign_in_policy import SignIn

from .test_live import listen

IDLE = SignIn().idle


def by_turn(house: Any, folder: Path, more: str = "") -> Promises:
    file = folder / "policy.toml"
    file.write_text(f'version = "own-1"\n[assignment]\nmode = "round_robin"\nmost = 3\n{more}')
    gateway = house.app[GATEWAY]
    gateway.rules.put_policy(load_policy(file))
    return Promises(gateway.policy, gateway.settings)


@pytest.fixture
def promises(house: Any, tmp_path: Path) -> Promises:
    return by_turn(house, tmp_path)


async def takes(agent: Any, yes: bool = True) -> tuple[int, Any]:
    status, found, _ = await agent.post("/api/v1/agents/me/availability", {"takes": yes})
    return status, found


async def me(agent: Any) -> tuple[bool, bool]:
    found = (await agent.get("/api/v1/agents/me"))[1]
    return found["by_turn"], found["takes"]


def waits(tx: Transaction, id: str) -> None:
    row = conversations.locked(tx, id)
    conversations.add_messages(tx, row, [], values=ownership.queue_for_person(tx, row, "asked"))


def waiting(house: Any, *texts: str) -> str:
    id: str = house.conversation(*(texts or ("我要找人工",)))
    house.store.write_now(waits, id)
    return id


# what an agent says of themselves ----------------------------------------------------------------------------------


async def test_an_agent_says_that_they_take_conversations_and_that_they_take_none(
    browser: Any, promises: Promises
) -> None:
    admin = await browser("admin")
    assert await me(admin) == (True, False)
    assert await takes(admin) == (200, {"takes": True})
    assert await me(admin) == (True, True)
    assert await takes(admin, False) == (200, {"takes": False})
    assert await me(admin) == (True, False)


async def test_where_nothing_is_given_by_turn_nobody_can_say_so(browser: Any) -> None:
    admin = await browser("admin")
    status, problem = await takes(admin)
    assert (status, problem["code"]) == (409, "not_by_turn")
    assert await me(admin) == (False, False)
    assert await takes(admin, False) == (200, {"takes": False})  # going away is never refused


async def test_a_machine_takes_none(house: Any, browser: Any, promises: Promises) -> None:
    robot = await browser(key=house.key("conversations:write", "conversations:read"))
    status, problem = await takes(robot)
    assert (status, problem["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("body", [{}, {"takes": "maybe"}, {"takes": True, "until": "noon"}])
async def test_nonsense_is_refused_by_name(browser: Any, promises: Promises, body: Any) -> None:
    status, problem, _ = await (await browser("admin")).post("/api/v1/agents/me/availability", body)
    assert status == 422
    assert "takes" in str(problem) or "until" in str(problem)


async def test_every_page_of_the_agent_hears_of_it_and_nobody_elses(
    house: Any, browser: Any, promises: Promises
) -> None:
    house.agent("ana")
    admin, ana = await browser("admin"), await browser("ana")
    here, there = await listen(admin), await listen(ana)
    await takes(admin)
    told = {"type": "changed", "kind": "availability", "id": "", "version": 0}
    assert await asyncio.wait_for(here.receive_json(), 30) == told
    id = house.conversation("hello")
    await house.store.write(waits, id)
    assert (await asyncio.wait_for(there.receive_json(), 30))["kind"] == "conversation"  # the first that ana hears
    await here.close()
    await there.close()


async def test_signing_out_is_being_away(house: Any, browser: Any, promises: Promises) -> None:
    admin = await browser("admin")
    await takes(admin)
    assert (await admin.send("DELETE", "/api/v1/session"))[0] == 204
    assert house.store.read_now(presence.at_work, IDLE) == {}
    assert await me(await browser("admin")) == (True, False)


# whether they are there --------------------------------------------------------------------------------------------


def last_noted(house: Any) -> Any:
    found = sa.select(agent_sessions.c.takes_at)
    return house.store.read_now(lambda tx: tx.execute(found).scalars().one())


def unseen(house: Any, by: timedelta) -> None:
    house.store.write_now(lambda tx: tx.execute(sa.update(agent_sessions).values(takes_at=tx.now - by)))


async def test_an_open_page_keeps_its_agent_there_and_a_closed_one_does_not(
    house: Any, browser: Any, promises: Promises, monkeypatch: Any
) -> None:
    monkeypatch.setattr(live, "RECHECK", 0.02)
    admin = await browser("admin")
    await takes(admin)
    unseen(house, timedelta(minutes=5))
    assert house.store.read_now(presence.at_work, IDLE) == {}
    written = asyncio.Event()
    note = live._note_presence

    async def noted(gateway: Any, principal: Any) -> None:
        await note(gateway, principal)
        written.set()

    monkeypatch.setattr(live, "_note_presence", noted)
    socket = await listen(admin)
    await asyncio.wait_for(written.wait(), 30)
    assert len(house.store.read_now(presence.at_work, IDLE)) == 1
    unseen(house, timedelta(seconds=30))
    before = last_noted(house)
    written.clear()
    await asyncio.wait_for(written.wait(), 30)  # and again and again
    assert last_noted(house) > before
    await socket.close()
    unseen(house, presence.THERE)
    assert house.store.read_now(presence.at_work, IDLE) == {}


async def test_of_who_takes_none_nothing_is_noted(
    house: Any, browser: Any, promises: Promises, monkeypatch: Any
) -> None:
    monkeypatch.setattr(live, "RECHECK", 0.02)
    notes: list[str] = []
    monkeypatch.setattr(presence, "note", lambda tx, digest: notes.append(digest))
    looked = asyncio.Event()
    recognise = live.recognise

    async def recognised(request: Any, *, in_use: bool = True) -> Any:
        looked.set()
        return await recognise(request, in_use=in_use)

    monkeypatch.setattr(live, "recognise", recognised)
    socket = await listen(await browser("admin"))
    for _ in range(3):
        looked.clear()
        await asyncio.wait_for(looked.wait(), 30)
    assert notes == []
    await socket.close()


# what was given ----------------------------------------------------------------------------------------------------


async def test_what_was_given_shows_until_its_agent_has_opened_it(house: Any, browser: Any, promises: Promises) -> None:
    admin, id = await browser("admin"), waiting(house)
    await takes(admin)
    assert house.store.write_now(giving.hold, promises) == 1
    found = (await admin.get("/api/v1/conversations?agent=me"))[1]["items"][0]
    assert (found["id"], found["owner"], found["agent"], found["given_at"] is not None) == (id, "agent", "admin", True)
    assert house.told.owned == []  # nobody is there for the customer yet
    for _ in range(2):
        status, found, _ = await admin.post(f"/api/v1/conversations/{id}/opened")
        assert (status, found["given_at"], found["agent"]) == (200, None, "admin")
    assert [(before, after, person.username) for before, after, person in house.told.owned] == [
        ("queue", "agent", "admin")
    ]
    happened = [event.action for event in house.store.read_now(audit.timeline, audit.conversation_chain(id))]
    assert happened.count("opened") == 1
    assert audit_verifies(house, id)


def audit_verifies(house: Any, id: str) -> bool:
    row = house.store.read_now(conversations.find, id)
    last = house.store.read_now(audit.timeline, audit.conversation_chain(id))[-1]
    return bool(row["audit_number"] == last.number)


async def test_nobody_opens_what_is_not_theirs(house: Any, browser: Any, promises: Promises) -> None:
    house.agent("ana")
    admin, ana, id = await browser("admin"), await browser("ana"), waiting(house)
    await takes(admin)
    assert (await ana.post(f"/api/v1/conversations/{id}/opened"))[1]["code"] == "not_yours"
    house.store.write_now(giving.hold, promises)
    status, problem, _ = await ana.post(f"/api/v1/conversations/{id}/opened")
    assert (status, problem["code"]) == (409, "not_yours")
    assert (await ana.get(f"/api/v1/conversations/{id}"))[1]["given_at"] is not None
    assert (await admin.post("/api/v1/conversations/none/opened"))[0] == 404


@pytest.mark.parametrize(("step", "body"), [("take-over", {"take_over": True}), ("assign", {"agent": "bo"})])
async def test_out_of_the_hands_of_who_has_not_looked_its_customer_hears_for_the_first_time_who_is_there(
    house: Any, browser: Any, promises: Promises, step: str, body: Any
) -> None:
    house.agent("ana")
    house.agent("bo")
    ana, admin, id = await browser("ana"), await browser("admin"), waiting(house)
    await takes(ana)
    assert house.store.write_now(giving.hold, promises) == 1
    assert (await admin.post(f"/api/v1/conversations/{id}/{step}", body))[0] == 200
    assert [(before, after) for before, after, _ in house.told.owned] == [("queue", "agent")]


async def test_why_nobody_is_given_it_stands_in_the_queue(house: Any, browser: Any, promises: Promises) -> None:
    admin, id = await browser("admin"), waiting(house)
    house.store.write_now(giving.hold, promises)
    assert (await admin.get("/api/v1/conversations?owner=queue"))[1]["items"][0]["unassigned"] == "nobody_available"
    await admin.post(f"/api/v1/conversations/{id}/take-over")
    assert (await admin.get(f"/api/v1/conversations/{id}"))[1]["unassigned"] is None


# what an admin says of them ----------------------------------------------------------------------------------------


async def test_languages_skills_and_how_many_are_set_by_an_admin_and_seen_by_everybody(
    house: Any, browser: Any
) -> None:
    house.agent("ana")
    admin, ana = await browser("admin"), await browser("ana")
    set_to = {"languages": ["zh-Hant", "en", "en"], "skills": ["Funds", "理财", "funds"], "most": 4}
    status, found, _ = await admin.send("PATCH", "/api/v1/agents/ana", set_to)
    assert (status, found["languages"], found["skills"], found["most"]) == (
        200,
        ["zh-Hant", "en"],
        ["funds", "理财"],
        4,
    )
    seen = {one["username"]: one for one in (await ana.get("/api/v1/agents"))[1]["items"]}
    assert (seen["ana"]["skills"], seen["admin"]["languages"], seen["admin"]["most"]) == (["funds", "理财"], [], None)
    assert (await ana.send("PATCH", "/api/v1/agents/ana", {"most": 1}))[0] == 403
    await admin.send("PATCH", "/api/v1/agents/ana", {"most": None, "languages": []})
    assert (await ana.get("/api/v1/agents/me"))[1]["most"] is None
    new = {
        "username": "bo",
        "name": "Bo",
        "password": "correct horse battery",
        "languages": ["en"],
        "skills": ["cards"],
    }
    assert (await admin.post("/api/v1/agents", new))[1]["skills"] == ["cards"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"languages": ["fr"]},
        {"languages": "en"},
        {"skills": ["two words"]},
        {"skills": [""]},
        {"skills": ["a,b"]},
        {"skills": ["x" * 41]},
        {"most": 0},
        {"most": 101},
        {"most": "many"},
    ],
)
async def test_what_is_no_language_no_word_or_no_number_is_refused_by_name(browser: Any, wrong: Any) -> None:
    status, problem, _ = await (await browser("admin")).send("PATCH", "/api/v1/agents/admin", wrong)
    assert status == 422
    assert next(iter(wrong)) in str(problem)


# who could answer instead ------------------------------------------------------------------------------------------


async def test_those_come_first_who_can_and_are_there_each_with_what_keeps_them(
    house: Any, browser: Any, tmp_path: Path
) -> None:
    promises = by_turn(house, tmp_path, '[[assignment.needs]]\nskill = "chat"\nchannel = "webchat"\n')
    for name in ("ana", "bo", "cai", "dan"):
        agent = house.agent(name)
        work = {"skills": ["chat"], "languages": ["en"] if name == "dan" else [], "most": 1 if name == "bo" else None}
        house.store.write_now(people.change_agent, name, work, actor="system")
        if name != "cai":
            await takes(await browser(name))
        if name == "bo":
            taken = house.conversation("hello")
            house.store.write_now(ownership.take_over, taken, agent_id=agent.id, agent_name="Bo")
    house.agent("gone")
    house.store.write_now(people.change_agent, "gone", {"active": False}, actor="system")
    admin, id = await browser("admin"), waiting(house)
    found = (await admin.get(f"/api/v1/conversations/{id}/colleagues"))[1]["items"]
    assert [(one["username"], one["available"], one["load"], one["limit"], one["lacks"]) for one in found] == [
        ("ana", True, 0, 3, []),
        ("dan", True, 0, 3, ["language"]),
        ("bo", True, 1, 1, ["full"]),
        ("cai", False, 0, 3, ["away"]),
        ("admin", False, 0, 3, ["away", "skill"]),
    ]
    assert house.store.write_now(giving.hold, promises) == 1
    assert (await admin.get(f"/api/v1/conversations/{id}"))[1]["agent"] == "ana"
    assert (await admin.get("/api/v1/conversations/none/colleagues"))[0] == 404


async def test_where_nothing_is_given_by_turn_nobody_is_told_to_be_away_or_full(house: Any, browser: Any) -> None:
    house.agent("ana")
    house.store.write_now(people.change_agent, "ana", {"languages": ["en"]}, actor="system")
    admin, id = await browser("admin"), waiting(house)
    found = (await admin.get(f"/api/v1/conversations/{id}/colleagues"))[1]["items"]
    told = [(one["username"], one["limit"], one["lacks"]) for one in found]
    assert told == [("admin", None, []), ("ana", None, ["language"])]
