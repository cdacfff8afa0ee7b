"""`Idempotency-Key`: the first answer is repeated, the effect happens once, and nobody gets another's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import idempotency
from case_store.idempotency import Answer, Claim, OtherRequest, once
from case_store.store import Transaction
from case_store.tables_house import idempotency as kept

KEY = {"Idempotency-Key": "3f1c"}


async def test_the_same_request_again_is_answered_alike_and_done_once(house: Any, browser: Any) -> None:
    path = f"/api/v1/conversations/{house.conversation('你好')}/messages"
    admin = await browser("admin")
    first = await admin.post(path, {"text": "您好"}, headers=KEY)
    again = await admin.post(path, {"text": "您好"}, headers=KEY)
    assert (first[0], first[1]) == (again[0], again[1]) == (201, first[1])
    assert len(house.told.replied) == 1


async def test_in_parallel_it_is_done_once_and_everybody_gets_the_same(house: Any, browser: Any) -> None:
    path = f"/api/v1/conversations/{house.conversation('你好')}/messages"
    admin = await browser("admin")
    answers = await asyncio.gather(*(admin.post(path, {"text": "您好"}, headers=KEY) for _ in range(20)))
    assert {(status, body["id"]) for status, body, _ in answers} == {(201, "2")}
    shown = (await admin.get(path.removesuffix("/messages")))[1]
    assert len(shown["messages"]) == 2


async def test_another_body_under_the_key_is_refused(house: Any, browser: Any) -> None:
    path = f"/api/v1/conversations/{house.conversation('你好')}/messages"
    admin = await browser("admin")
    await admin.post(path, {"text": "您好"}, headers=KEY)
    status, problem, _ = await admin.post(path, {"text": "再见"}, headers=KEY)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    assert len(house.told.replied) == 1


async def test_keys_of_other_callers_and_routes_are_others(house: Any, browser: Any) -> None:
    one, other = house.conversation("你好"), house.conversation("你好")
    house.agent("ana")
    admin, ana = await browser("admin"), await browser("ana")
    body = {"text": "您好", "take_over": True}
    for agent, id in ((admin, one), (admin, other), (ana, one)):
        assert (await agent.post(f"/api/v1/conversations/{id}/messages", body, headers=KEY))[0] == 201
    assert len(house.told.replied) == 3


async def test_a_refusal_is_the_first_answer_too(house: Any, browser: Any) -> None:
    path = f"/api/v1/conversations/{house.conversation('你好')}"
    house.agent("ana")
    admin, ana = await browser("admin"), await browser("ana")
    await ana.post(f"{path}/take-over")
    refused = await admin.post(f"{path}/take-over", headers=KEY)
    await ana.post(f"{path}/hand-back")
    again = await admin.post(f"{path}/take-over", headers=KEY)
    assert (refused[0], refused[1]) == (again[0], again[1]) == (409, refused[1])
    assert (await admin.get(path))[1]["owner"] == "bot"


async def test_a_failure_keeps_nothing_and_the_client_may_come_again(house: Any, browser: Any) -> None:
    from case_store.store import StoreUnavailable
    from gateway.hooks import AGENT_REPLIED

    def full(*_: Any) -> None:
        raise StoreUnavailable("the disk is full")

    path = f"/api/v1/conversations/{house.conversation('你好')}/messages"
    admin = await browser("admin")
    hook = house.app[AGENT_REPLIED]
    house.app._state[AGENT_REPLIED] = full
    assert (await admin.post(path, {"text": "您好"}, headers=KEY))[0] == 503
    house.app._state[AGENT_REPLIED] = hook
    status, message, _ = await admin.post(path, {"text": "您好"}, headers=KEY)
    assert (status, message["id"]) == (201, "2")


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
async def test_a_key_that_is_none_is_refused(house: Any, browser: Any, key: str) -> None:
    path = f"/api/v1/conversations/{house.conversation('你好')}/take-over"
    admin = await browser("admin")
    status, problem, _ = await admin.post(path, headers={"Idempotency-Key": key})
    assert (status, problem["code"]) == (400, "bad_idempotency_key")


def test_effect_and_answer_commit_together_or_not_at_all(store: Any) -> None:
    claim = Claim("key", "request")

    def broken(tx: Transaction) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write_now(once, claim, broken)
    assert store.write_now(once, claim, lambda tx: Answer(201, "{}")) == (Answer(201, "{}"), False)
    assert store.write_now(once, claim, broken) == (Answer(201, "{}"), True)


def test_after_a_day_a_key_is_free_again(store: Any) -> None:
    claim = Claim("key", "request")
    store.write_now(once, claim, lambda tx: Answer(201, "first"))

    def age(tx: Transaction) -> None:
        tx.execute(sa.update(kept).values(at=tx.now - timedelta(hours=25)))

    store.write_now(age)
    other = Claim("key", "another request")
    assert store.write_now(once, other, lambda tx: Answer(201, "second")) == (Answer(201, "second"), False)
    with pytest.raises(OtherRequest):
        store.write_now(once, claim, lambda tx: Answer(201, "third"))
    store.write_now(age)
    assert store.write_now(idempotency.sweep) == 1


async def test_a_change_repeated_under_its_key_is_made_once_though_the_version_has_moved_on(
    house: Any, browser: Any
) -> None:
    path, admin = f"/api/v1/cases/{house.case().id}", await browser("admin")
    version = (await admin.get(path))[2].headers["ETag"]
    sent = {"headers": {**KEY, "If-Match": version}}
    first = await admin.send("PATCH", path, {"note": "we look into it"}, **sent)
    again = await admin.send("PATCH", path, {"note": "we look into it"}, **sent)
    assert (first[0], again[0], again[1]) == (200, 200, first[1])
    assert first[2].headers["ETag"] == again[2].headers["ETag"] != version
    assert again[2].headers["Idempotency-Replayed"] == "true"
    assert len(house.told.changed) == 1


async def test_a_change_of_another_version_is_another_request(house: Any, browser: Any) -> None:
    path, admin = f"/api/v1/cases/{house.case().id}", await browser("admin")
    version = (await admin.get(path))[2].headers["ETag"]
    await admin.send("PATCH", path, {"note": "one"}, headers={**KEY, "If-Match": version})
    status, problem, _ = await admin.send("PATCH", path, {"note": "one"}, headers={**KEY, "If-Match": "*"})
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


async def test_a_lost_update_repeated_under_its_key_names_the_version_again(house: Any, browser: Any) -> None:
    path, admin = f"/api/v1/cases/{house.case().id}", await browser("admin")
    answers = [await admin.send("PATCH", path, {"basis": "x"}, headers={**KEY, "If-Match": '"99"'}) for _ in range(2)]
    version = (await admin.get(path))[2].headers["ETag"]
    assert [(status, problem["code"], got.headers["ETag"]) for status, problem, got in answers] == [
        (412, "changed_meanwhile", version)
    ] * 2


async def test_what_was_deleted_under_a_key_is_deleted_again_with_the_same_answer(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    made = (await admin.post("/api/v1/views", {"name": "mine", "chosen": {}}))[1]
    path = f"/api/v1/views/{made['id']}"
    answers = [(await admin.send("DELETE", path, headers=KEY))[0] for _ in range(2)]
    assert (answers, (await admin.send("DELETE", path))[0]) == ([204, 204], 404)
