"""Conversations by the API: lists, take-over and its races, answers that miss nothing."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from case_store import conversations, outbox, ownership
from case_store.conversations import NewMessage
from case_store.outbox import NewDelivery
from case_store.records import Sender
from case_store.store import Transaction
from gateway.api import reading


def says(house: Any, id: str, text: str) -> int:
    def unit(tx: Transaction) -> int:
        row = conversations.locked(tx, id)
        return conversations.add_messages(tx, row, [NewMessage(Sender.CUSTOMER, text)])[0].number

    return int(house.store.write_now(unit))


async def test_a_conversation_has_what_the_contract_promises(house: Any, browser: Any) -> None:
    case = house.case()
    [id] = case.conversations
    admin = await browser("admin")
    status, shown, answer = await admin.get(f"/api/v1/conversations/{id}")
    assert status == 200
    promised = {"id", "channel", "owner", "agent", "waiting_since", "reference", "references", "customer", "messages"}
    assert promised <= set(shown)
    assert (shown["owner"], shown["agent"], shown["references"]) == ("bot", None, [case.reference])
    [message] = shown["messages"]
    assert (message["id"], message["sender"], message["text"]) == ("1", "customer", "我要投诉")
    assert message["at"].endswith("+00:00")
    assert answer.headers["ETag"] == f'"{shown["version"]}"'


async def test_lists_are_paged_with_nothing_left_out_or_twice(house: Any, browser: Any) -> None:
    ids = [house.conversation(f"你好 {n}") for n in range(7)]
    admin = await browser("admin")
    found, cursor = [], ""
    while cursor is not None:
        _, page, _ = await admin.get(f"/api/v1/conversations?limit=3&cursor={cursor}")
        found += [item["id"] for item in page["items"]]
        assert all(item["messages"] for item in page["items"])
        cursor = page["next_cursor"]
    assert found == ids[::-1]


async def test_lists_are_filtered_by_owner_channel_and_agent(house: Any, browser: Any) -> None:
    chat, mail = house.conversation("a"), house.conversation("b", channel="email", address="a@example.com")
    admin = await browser("admin")
    await admin.post(f"/api/v1/conversations/{chat}/take-over")

    async def ids(query: str) -> list[str]:
        _, page, _ = await admin.get(f"/api/v1/conversations?{query}")
        return [item["id"] for item in page["items"]]

    assert await ids("owner=agent") == await ids("agent=me") == await ids("agent=admin") == [chat]
    assert await ids("owner=bot") == await ids("channel=email") == [mail]
    assert await ids("owner=queue") == await ids("agent=nobody") == []
    assert await ids("owner=agent,bot") == await ids("channel=webchat,email") == await ids("")
    assert sorted(await ids("owner=queue,bot&channel=email,phone")) == [mail]
    assert await ids("owner=bot&channel=webchat,phone") == await ids("updated_to=2020-01-01") == []
    assert await ids("updated_from=2020-01-01&owner=agent") == [chat]


async def test_the_queue_begins_with_who_has_waited_the_longest(house: Any, browser: Any) -> None:
    """Whatever was said since: who has waited long and writes again must not go to the end, nor out of the first page."""
    waiting = [house.conversation("a") for _ in range(5)]
    for number, id in enumerate(waiting):
        house.store.write_now(_waits, id, timedelta(minutes=50 - 10 * number), urgent=number == 3)
    house.conversation("nobody is asked for")
    says(house, waiting[0], "is anybody there?")
    admin = await browser("admin")
    found, cursor = [], ""
    for _ in range(3):
        path = f"/api/v1/conversations?owner=queue&order=waiting&limit=2&cursor={cursor}"
        page = (await admin.get(path))[1]
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert (found, cursor) == (waiting, None)
    grave = (await admin.get("/api/v1/conversations?owner=queue&order=waiting&urgent=yes"))[1]["items"]
    assert [item["id"] for item in grave] == [waiting[3]]
    others = (await admin.get("/api/v1/conversations?owner=queue&urgent=no&channel=webchat,email&order=waiting"))[1]
    assert [item["id"] for item in others["items"]] == [id for id in waiting if id != waiting[3]]


def _waits(tx: Transaction, id: str, since: timedelta, *, urgent: bool) -> None:
    row = conversations.locked(tx, id)
    values = ownership.queue_for_person(tx, row, "asked", urgent=urgent)
    conversations.add_messages(tx, row, [], values={**values, "waiting_since": tx.now - since})


@pytest.mark.parametrize(("asked", "texts"), [("", ["a", "b", "c"]), ("messages=2", ["b", "c"]), ("messages=0", [])])
async def test_a_list_shows_the_latest_messages_of_each(house: Any, browser: Any, asked: str, texts: list[str]) -> None:
    house.conversation("a", "b", "c")
    admin = await browser("admin")
    [item] = (await admin.get(f"/api/v1/conversations?{asked}"))[1]["items"]
    assert [message["text"] for message in item["messages"]] == texts


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("owner=robot", "owner"),
        ("channel=fax", "channel"),
        ("cursor=nonsense", "cursor"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("messages=51", "messages"),
        ("urgent=maybe", "urgent"),
        ("owner=queue&order=newest", "order"),
        ("order=waiting", "order"),
        ("owner=queue,bot&order=waiting", "order"),
    ],
)
async def test_a_filter_that_means_nothing_is_named(browser: Any, query: str, field: str) -> None:
    admin = await browser("admin")
    status, body, answer = await admin.get(f"/api/v1/conversations?{query}")
    assert (status, answer.content_type) == (422, "application/problem+json")
    assert body["errors"][0]["field"] == field


async def test_a_list_takes_as_many_statements_however_long_it_is(house: Any, browser: Any) -> None:
    import sqlalchemy as sa

    admin, counts, statements = await browser("admin"), [], []
    sa.event.listen(house.store.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    for n in (1, 10):
        for _ in range(n):
            house.conversation("你好")
        statements.clear()
        await admin.get("/api/v1/conversations")
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_taking_over_makes_the_agent_the_owner_and_names_what_was_on_its_way(house: Any, browser: Any) -> None:
    id = house.conversation("你好", channel="email", address="a@example.com")

    def begin_sending(tx: Transaction) -> None:
        new = NewDelivery("reply:1", "email", "email:x", "a@example.com", Sender.BOT, {}, conversation_id=id, message=1)
        outbox.queue(tx, new)
        outbox.claim(tx, 1, ["email"])

    house.store.write_now(begin_sending)
    admin = await browser("admin")
    status, shown, _ = await admin.post(f"/api/v1/conversations/{id}/take-over")
    assert (status, shown["owner"], shown["agent"], shown["on_their_way"]) == (200, "agent", "admin", ["1"])
    [(before, after, person)] = house.told.owned
    assert (before, after, person.username, person.post) == ("bot", "agent", "admin", "客服")


async def test_of_200_parallel_claims_one_wins(house: Any, browser: Any) -> None:
    id = house.conversation("你好")
    agents = []
    for n in range(10):
        house.agent(f"agent{n}")
        agents.append(await browser(f"agent{n}"))
    claims = [agents[n % 10].post(f"/api/v1/conversations/{id}/take-over") for n in range(200)]
    answers = await asyncio.gather(*claims)
    won = {body["agent"] for status, body, _ in answers if status == 200}
    lost = {(status, body["code"], body["agent"]) for status, body, _ in answers if status != 200}
    [winner] = won
    assert lost == {(409, "owned_by_another", winner)}
    assert sum(status == 200 for status, _, _ in answers) == 20  # the winner's own claims
    assert len(house.told.owned) == 1


async def test_another_agents_conversation_is_only_taken_on_purpose(house: Any, browser: Any) -> None:
    id = house.conversation("你好")
    house.agent("ana"), house.agent("ben")
    ana, ben = await browser("ana"), await browser("ben")
    await ana.post(f"/api/v1/conversations/{id}/take-over")
    assert (await ben.post(f"/api/v1/conversations/{id}/take-over"))[0] == 409
    assert (await ben.post(f"/api/v1/conversations/{id}/hand-back"))[0] == 409
    status, body, _ = await ben.post(f"/api/v1/conversations/{id}/messages", {"text": "在吗"})
    assert (status, body["agent"]) == (409, "ana")
    status, _, _ = await ben.post(f"/api/v1/conversations/{id}/messages", {"text": "在吗", "take_over": True})
    assert status == 201
    assert (await ben.get(f"/api/v1/conversations/{id}"))[1]["agent"] == "ben"
    assert len(house.told.replied) == 1


async def test_an_answer_takes_an_unowned_conversation_over(house: Any, browser: Any) -> None:
    id = house.conversation("你好")
    admin = await browser("admin")
    status, message, _ = await admin.post(f"/api/v1/conversations/{id}/messages", {"text": "您好，我是客服"})
    assert (status, message["sender"], message["name"], message["text"]) == (201, "agent", "Admin", "您好，我是客服")
    assert message["delivery"] == {"state": "sent", "error": None, "by": "webchat", "at": message["at"]}
    shown = (await admin.get(f"/api/v1/conversations/{id}"))[1]
    assert (shown["owner"], shown["messages"][-1]) == ("agent", message)
    [(row, stored)] = house.told.replied
    assert (row["owner"], stored.text) == ("agent", "您好，我是客服")


async def test_an_answer_to_what_was_seen_is_not_sent_when_there_is_more(house: Any, browser: Any) -> None:
    id = house.conversation("我要退款")
    admin = await browser("admin")
    seen = (await admin.get(f"/api/v1/conversations/{id}"))[1]["messages"][-1]["id"]
    says(house, id, "等一下")
    status, body, _ = await admin.post(f"/api/v1/conversations/{id}/messages", {"text": "好的", "after": seen})
    assert (status, body["code"], [newer["text"] for newer in body["newer"]]) == (409, "moved_on", ["等一下"])
    shown = (await admin.get(f"/api/v1/conversations/{id}"))[1]
    assert (shown["owner"], len(shown["messages"])) == ("bot", 2)
    after = int(body["newer"][-1]["id"])
    assert (await admin.post(f"/api/v1/conversations/{id}/messages", {"text": "好的", "after": after}))[0] == 201


async def test_two_agents_answering_at_once_do_not_both_answer(house: Any, browser: Any) -> None:
    id = house.conversation("你好")
    one, other = await browser("admin"), await browser("admin")
    answers = await asyncio.gather(
        *(each.post(f"/api/v1/conversations/{id}/messages", {"text": "您好", "after": "1"}) for each in (one, other))
    )
    assert sorted(status for status, _, _ in answers) == [201, 409]


@pytest.mark.parametrize(("to", "owner"), [(None, "bot"), ("bot", "bot"), ("queue", "queue")])
async def test_handing_back(house: Any, browser: Any, to: str | None, owner: str) -> None:
    id = house.conversation("你好")
    admin = await browser("admin")
    await admin.post(f"/api/v1/conversations/{id}/take-over")
    status, shown, _ = await admin.post(f"/api/v1/conversations/{id}/hand-back", to and {"to": to})
    assert (status, shown["owner"], shown["agent"]) == (200, owner, None)
    assert (shown["waiting_since"] is not None) == (owner == "queue")


async def test_a_conversation_of_danger_keeps_its_danger_until_an_agent_clears_it_in_words(
    house: Any, browser: Any
) -> None:
    id = house.conversation("我不想活了")
    house.store.write_now(_in_danger, id)
    admin = await browser("admin")
    path = f"/api/v1/conversations/{id}"
    await admin.post(f"{path}/take-over")
    status, told, _ = await admin.post(f"{path}/hand-back", {"to": "bot"})
    assert (status, told["code"]) == (409, "danger_not_cleared")
    assert (await admin.post(f"{path}/hand-back", {"to": "bot", "no_danger": "  "}))[0] == 422
    status, shown, _ = await admin.post(f"{path}/hand-back", {"to": "queue"})
    assert (status, shown["urgent"], shown["waiting_reason"]) == (200, True, "danger_to_life")
    status, shown, _ = await admin.post(f"{path}/hand-back", {"to": "bot", "no_danger": "家人在身边"})
    assert (status, shown["owner"], shown["urgent"], shown["waiting_reason"]) == (200, "bot", False, None)


def _in_danger(tx: Any, id: str) -> None:
    row = conversations.locked(tx, id)
    values = ownership.queue_for_person(tx, row, "danger_to_life", urgent=True)
    conversations.add_messages(tx, row, [], values=values)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "  "}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 8001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "x", "after": "last"}, "after"),
        ({"text": "x", "to": "customer"}, "to"),
        (["text"], ""),
    ],
)
async def test_a_wrong_body_is_refused_by_name_and_nothing_is_sent(
    house: Any, browser: Any, body: Any, field: str
) -> None:
    id = house.conversation("你好")
    admin = await browser("admin")
    status, problem, _ = await admin.post(f"/api/v1/conversations/{id}/messages", body)
    assert (status, problem["errors"][0]["field"]) == (422, field)
    assert len((await admin.get(f"/api/v1/conversations/{id}"))[1]["messages"]) == 1


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"text": NaN}', {}, 400),
        (b'{"text": "x"}', {"Content-Type": "text/plain"}, 415),
        (b'{"text": "' + b"x" * 1_100_000 + b'"}', {}, 413),
    ],
)
async def test_what_is_not_json_or_too_large_is_a_problem_and_not_a_failure(
    house: Any, browser: Any, data: bytes, headers: dict[str, str], status: int
) -> None:
    id = house.conversation("你好")
    admin = await browser("admin")
    headers = {"Content-Type": "application/json", **headers}
    path = f"/api/v1/conversations/{id}/messages"
    got, problem, answer = await admin.send("POST", path, data=io.BytesIO(data), headers=headers)
    assert (got, problem["status"], answer.content_type) == (status, status, "application/problem+json")


async def test_script_in_a_message_comes_back_as_json_text(house: Any, browser: Any) -> None:
    script = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    id = house.conversation(script)
    admin = await browser("admin")
    await admin.post(f"/api/v1/conversations/{id}/messages", {"text": script})
    _, shown, answer = await admin.get(f"/api/v1/conversations/{id}")
    assert [message["text"] for message in shown["messages"]] == [script, script]
    assert answer.content_type == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("verb", ["take-over", "hand-back", "messages"])
async def test_a_conversation_that_is_not_there(browser: Any, verb: str) -> None:
    admin = await browser("admin")
    assert (await admin.post(f"/api/v1/conversations/nothing/{verb}", {"text": "x"} if verb == "messages" else None))[
        0
    ] == 404
    assert (await admin.get("/api/v1/conversations/nothing"))[0] == 404


async def test_a_hook_that_fails_takes_the_answer_with_it(house: Any, browser: Any) -> None:
    from case_store.store import StoreUnavailable
    from gateway.hooks import AGENT_REPLIED

    def full(*_: Any) -> None:
        raise StoreUnavailable("the disk is full")

    id = house.conversation("你好")
    admin = await browser("admin")
    house.app._state[AGENT_REPLIED] = full
    status, problem, answer = await admin.post(f"/api/v1/conversations/{id}/messages", {"text": "您好"})
    assert (status, problem["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    shown = (await admin.get(f"/api/v1/conversations/{id}"))[1]
    assert (shown["owner"], len(shown["messages"])) == ("bot", 1)


async def test_a_body_that_trickles_in_is_given_up(house: Any, browser: Any, monkeypatch: Any) -> None:
    released = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await released.wait()

    admin = await browser("admin")
    path = f"/api/v1/conversations/{house.conversation('x')}/messages"
    headers = {"Content-Type": "application/json"}
    monkeypatch.setattr(reading, "PATIENCE", 0.05)
    status, problem, _ = await admin.send("POST", path, data=trickle(), headers=headers)
    released.set()
    assert (status, problem["code"]) == (408, "too_slow")
