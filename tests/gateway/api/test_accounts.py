"""Accounts: one-time passwords, and what becomes of the work of who goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from case_store import audit, cases, conversations, notes, ownership, people
from case_store.records import Owner, Role
from case_store.tables_people import api_keys
from gateway import going
from gateway.clockwork import Clockwork
from gateway.context import GATEWAY
from gateway.going import Giver
from gateway.hooks import OWNER_CHANGED

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
    called = [(note.text, note.mentions) for note in house.store.read_now(notes.of_conversation, mine)]
    assert called == ([("@ben", ("ben",))] if to else []), "who goes is called to nothing"


async def test_closing_by_a_change_of_the_account_leaves_nobody_unanswered_either(house: Any, browser: Any) -> None:
    ana = house.agent("ana")
    mine, case = answers(house, ana, "你好"), house.case(assignee="ana")
    admin = await browser("admin")
    change = {"active": False, "post": "前专员"}
    status, closed, _ = await admin.send("PATCH", "/api/v1/agents/ana", change)
    assert (status, closed["active"], closed["post"]) == (200, False, "前专员")
    assert owner(house, mine) == ("queue", None)
    assert house.store.read_now(cases.get, case.id).assignee is None
    assert [(before, after) for before, after, _ in house.told.owned] == [("agent", "queue")]
    _, timeline, _ = await admin.get(f"/api/v1/conversations/{mine}/timeline")
    told = [(one["actor"], one["action"]) for one in timeline["items"] if (one["detail"] or {}).get("left") == "Ana"]
    assert told == [("agent:Admin", "handed_back")]


async def a_key_that_answers(house: Any, browser: Any, *conversations_of: str) -> tuple[str, list[str]]:
    """The id of a key that has taken these over."""
    admin = await browser("admin")
    wanted = {"name": "robot", "scopes": ["conversations:read", "conversations:write"]}
    _, made, _ = await admin.post("/api/v1/keys", wanted)
    robot = await browser(key=made["key"])
    taken = [house.conversation(text) for text in conversations_of]
    for id in taken:
        assert (await robot.post(f"/api/v1/conversations/{id}/take-over"))[0] == 200
        assert owner(house, id) == ("agent", made["id"])
    house.told.owned.clear()
    return made["id"], taken


async def test_a_revoked_key_keeps_no_conversation(house: Any, browser: Any) -> None:
    key, taken = await a_key_that_answers(house, browser, "你好", "喂")
    others, _ = await a_key_that_answers(house, browser)
    bens = answers(house, house.agent("ben"), "hello")
    admin = await browser("admin")
    assert (await admin.send("DELETE", f"/api/v1/keys/{key}"))[0] == 204
    assert [owner(house, id) for id in taken] == [("queue", None)] * 2
    assert owner(house, bens)[0] == "agent"
    assert [(before, after, who.name) for before, after, who in house.told.owned] == [("agent", "queue", "robot")] * 2
    _, timeline, _ = await admin.get(f"/api/v1/conversations/{taken[0]}/timeline")
    last = timeline["items"][-1]
    assert (last["actor"], last["action"]) == ("agent:Admin", "handed_back")
    assert last["detail"]["left"] == "robot"
    assert (await admin.send("DELETE", f"/api/v1/keys/{key}"))[0] == 204
    assert (await admin.send("DELETE", f"/api/v1/keys/{others}"))[0] == 204
    assert len(house.told.owned) == 2


async def test_nothing_is_revoked_where_its_conversations_can_not_be_given_back(house: Any, browser: Any) -> None:
    key, [mine] = await a_key_that_answers(house, browser, "你好")

    def told(*_: Any) -> None:
        raise RuntimeError("undone")

    by = Giver("x", "Admin", "agent:Admin")
    with pytest.raises(RuntimeError):
        house.store.write_now(lambda tx: going.revoke_key(tx, key, by=by, told=told))
    assert owner(house, mine) == ("agent", key)
    assert house.store.read_now(people.all_keys)[0].revoked_at is None


async def test_the_clockwork_takes_back_what_a_key_holds_that_has_expired(house: Any, browser: Any) -> None:
    key, [mine] = await a_key_that_answers(house, browser, "你好")
    lasting, [theirs] = await a_key_that_answers(house, browser, "喂")
    clockwork = Clockwork(house.app[GATEWAY], a_teller(house), Ed25519PrivateKey.generate())
    await clockwork._take_back()
    assert owner(house, mine) == ("agent", key)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    expired = sa.update(api_keys).where(api_keys.c.id == key).values(expires_at=an_hour_ago)
    house.store.write_now(lambda tx: tx.execute(expired) and None)
    await clockwork._take_back()
    assert (owner(house, mine), owner(house, theirs)) == (("queue", None), ("agent", lasting))
    assert [(before, after) for before, after, _ in house.told.owned] == [("agent", "queue")]
    last = house.store.read_now(audit.timeline, audit.conversation_chain(mine))[-1]
    assert (last.actor, last.action, last.detail["left"]) == ("system", "handed_back", "robot")
    await clockwork._take_back()
    assert len(house.told.owned) == 1


async def test_what_was_taken_over_in_the_instant_of_closing_is_found(house: Any) -> None:
    ana = house.agent("ana")
    house.store.write_now(people.change_agent, "ana", {"active": False}, actor="system")  # and nothing handed over
    mine = answers(house, ana, "你好")
    assert house.store.write_now(going.take_back, house.app[OWNER_CHANGED]) == 1
    assert owner(house, mine) == ("queue", None)


def a_teller(house: Any) -> Any:
    """As much of the notices as is called here."""
    return SimpleNamespace(owner_changed=house.app[OWNER_CHANGED])


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
