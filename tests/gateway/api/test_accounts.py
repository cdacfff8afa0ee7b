"""Accounts: one-time passwords, and what becomes of the work of who goes."""

from __future__ import annotations

from typing import Any

import pytest

from case_store import cases, conversations, ownership
from case_store.records import Owner, Role

LIN = {"username": "lin.fang", "name": "林芳"}


def owner(house: Any, id: str) -> tuple[str, str | None]:
    row = house.store.read_now(conversations.find, id)
    return row["owner"], row["agent_id"]


def answers(house: Any, agent: Any, *texts: str) -> str:
    """A conversation that the agent has."""
    id: str = house.conversation(*texts)
    given = {"to": (agent.id, agent.name), "by": agent.id, "actor": f"agent:{agent.name}"}
    house.store.write_now(ownership.assign, id, **given)
    return id


async def test_nobody_sets_their_own_password_without_the_one_before(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    status, told, _ = await admin.send("PATCH", "/api/v1/agents/admin", {"password": "chosen at a desk left open"})
    assert (status, told["code"]) == (403, "own_account")
    assert (await admin.get("/api/v1/agents/me"))[0] == 200


async def test_a_one_time_password_lets_in_to_change_it_and_to_nothing_else(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    status, made, _ = await admin.post("/api/v1/agents", LIN)
    assert status == 201
    first = made["one_time_password"]
    lin = await browser()
    assert (await lin.sign_in("lin.fang", first))["agent"]["name"] == "林芳"
    assert (await lin.get("/api/v1/agents/me"))[1]["held"] == "password"
    assert (await lin.get("/api/v1/cases"))[1]["code"] == "password_change_needed"
    same = await lin.post("/api/v1/agents/me/password", {"old": first, "new": first})
    assert same[0] == 422
    assert (await lin.post("/api/v1/agents/me/password", {"old": first, "new": "a password of mine"}))[0] == 204
    await lin.sign_in("lin.fang", "a password of mine")
    assert (await lin.get("/api/v1/cases"))[0] == 200
    assert (await admin.post("/api/v1/agents/lin.fang/password"))[1]["one_time_password"] != first
    assert (await lin.get("/api/v1/agents/me"))[0] == 401


async def test_the_same_request_tells_the_same_password_again(house: Any, browser: Any) -> None:
    admin, key = await browser("admin"), {"headers": {"Idempotency-Key": "once"}}
    for path, body in (("/api/v1/agents", LIN), ("/api/v1/agents/lin.fang/password", None)):
        first, again = [(await admin.post(path, body, **key))[1] for _ in range(2)]
        assert first == again
    lin = await browser()
    await lin.sign_in("lin.fang", first["one_time_password"])


async def test_a_password_that_was_sent_holds_nobody(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    _, made, _ = await admin.post("/api/v1/agents", {**LIN, "password": "sent in clear"})
    assert "one_time_password" not in made
    lin = await browser()
    await lin.sign_in("lin.fang", "sent in clear")
    assert (await lin.get("/api/v1/cases"))[0] == 200


@pytest.mark.parametrize("to", [None, "ben"])
async def test_nobody_is_left_unanswered_by_who_goes(house: Any, browser: Any, to: str | None) -> None:
    ana, ben = house.agent("ana"), house.agent("ben")
    mine, bens, case = answers(house, ana, "你好"), answers(house, ben, "喂"), house.case(assignee="ana")
    done = house.case(assignee="ana", status="resolved", outcome="solved", basis="…", next_steps="…")
    admin = await browser("admin")
    work = (await admin.get("/api/v1/agents/ana/work"))[1]
    assert (work["conversations"], work["cases"]) == (1, 1)
    status, closed, _ = await admin.post("/api/v1/agents/ana/close", {"to": to})
    assert (status, closed["active"], closed["handed_over"]) == (200, False, {"conversations": 1, "cases": 1})
    assert owner(house, mine) == (("agent", ben.id) if to else ("queue", None))
    assert owner(house, bens) == ("agent", ben.id)
    assert house.store.read_now(cases.get, case.id).assignee == to
    assert house.store.read_now(cases.get, done.id).assignee == "ana"  # what was done stays theirs
    _, timeline, _ = await admin.get(f"/api/v1/conversations/{mine}/timeline")
    told = [(one["actor"], one["action"]) for one in timeline["items"] if (one["detail"] or {}).get("left") == "Ana"]
    assert told == [("agent:Admin", "assigned" if to else "handed_back")]


@pytest.mark.parametrize(("to", "told"), [("nobody", "to"), ("ana", "to"), ("reads", "only reads"), ("gone", "open")])
async def test_work_is_handed_to_nobody_who_can_not_do_it(house: Any, browser: Any, to: str, told: str) -> None:
    ana = house.agent("ana")
    house.agent("reads", Role.COMPLIANCE)
    house.agent("gone")
    admin = await browser("admin")
    await admin.send("PATCH", "/api/v1/agents/gone", {"active": False})
    id = answers(house, ana, "你好")
    status, problem, _ = await admin.post("/api/v1/agents/ana/close", {"to": to})
    assert status == 422
    assert told in problem["detail"]
    assert owner(house, id) == (Owner.AGENT, ana.id)


async def test_the_last_admin_stays_and_keeps_their_work(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    id = house.conversation("你好")
    await admin.post(f"/api/v1/conversations/{id}/take-over")
    status, problem, _ = await admin.post("/api/v1/agents/admin/close", {})
    assert (status, problem["code"]) == (409, "last_admin")
    assert owner(house, id)[0] == Owner.AGENT  # all or nothing


async def test_who_answers_somebody_does_not_become_a_reader_before_it_is_handed_over(house: Any, browser: Any) -> None:
    ana = house.agent("ana")
    id = answers(house, ana, "你好")
    admin = await browser("admin")
    change = ("PATCH", "/api/v1/agents/ana", {"role": "compliance"})
    status, problem, _ = await admin.send(*change)
    assert (status, problem["code"], problem["conversations"]) == (409, "has_work", 1)
    back = {"agent_id": ana.id, "agent_name": ana.name, "to": Owner.QUEUE}
    house.store.write_now(ownership.hand_back, id, **back)
    assert (await admin.send(*change))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/conversations/{id}/assign", {"agent": "reads"}),
        ("PATCH", "/api/v1/cases/{case}", {"assignee": "reads"}),
        (
            "POST",
            "/api/v1/bulk",
            {
                "action": {"kind": "assign", "agent": "reads"},
                "conversations": [{"id": "{id}", "epoch": 0, "last_message": "1"}],
            },
        ),
    ],
)
async def test_who_only_reads_is_given_nothing(house: Any, browser: Any, method: str, path: str, body: Any) -> None:
    house.agent("reads", Role.COMPLIANCE)
    id, case = house.conversation("你好"), house.case()
    admin = await browser("admin")
    if "conversations" in body:
        body["conversations"][0]["id"] = id
    headers = {"If-Match": f'"{case.version}"'}
    status, problem, _ = await admin.send(method, path.format(id=id, case=case.id), body, headers=headers)
    assert status == 422
    assert "only reads" in str(problem)
    colleagues = (await admin.get(f"/api/v1/conversations/{id}/colleagues"))[1]["items"]
    assert "reads" not in [one["username"] for one in colleagues]
