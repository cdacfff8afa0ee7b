"""Splitting by the API: messages of another matter become a case of their own, once, and by whoever may say so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, checkpoints, conversations
from case_store.store import Transaction
from case_store.tables_conversations import attachments, messages
from dialogue.turn import CallPerson
from tests.gateway.api.merging import ANN, Change, doubtful, merge, one_case, proxy, split


async def test_messages_of_another_matter_become_a_case_of_their_own(house: Any, browser: Any) -> None:
    case, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    agent = await browser("admin")
    status, made = await split(agent, conversation, 3, body={"facts": {"about": "贷款"}})
    assert status == 201, made
    assert made["reference"] not in (None, case.reference)
    assert (made["status"], made["conversations"], made["contacts"]) == (
        "filed",
        [conversation],
        case.to_json()["contacts"],
    )
    assert (made["facts"]["what_happened"], made["facts"]["about"]) == ("还有贷款的利率也不对", "贷款")
    assert (made["facts"]["name"], made["facts"]["amount"]) == (case.facts.name, None), (
        "whose it is is known, what it is of is new"
    )
    m = messages.c
    [said] = house.store.read_now(
        lambda tx: list(tx.execute(sa.select(m.case_id, m.at).where(m.conversation_id == conversation, m.number == 3)))
    )
    assert said.case_id == made["id"]
    assert datetime.fromisoformat(made["received_at"]) == said.at
    assert made["feedback_due"] is not None
    for key, action in ((made["id"], "split_from"), (case.id, "split_off")):
        timeline = (await agent.get(f"/api/v1/cases/{key}/timeline"))[1]["items"]
        assert ("agent:Admin", action) in {(one["actor"], one["action"]) for one in timeline}
    shown = (await agent.get(f"/api/v1/conversations/{conversation}"))[1]
    assert (shown["reference"], shown["references"]) == (case.reference, [case.reference, made["reference"]])
    told = [one["text"] for one in shown["messages"] if one["sender"] == "system"]
    assert made["reference"] in told[-1], "the customer is told its number"
    assert checkpoints.verify(house.store).problems == []


async def test_a_fact_of_the_case_that_is_taken_over_where_it_stands_masked_brings_its_numbers_and_no_others(
    house: Any, browser: Any
) -> None:
    house.agent("megan")
    case, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对，卡6222021234567894")
    about = {"about": "卡6222021234567894", "what_happened": "证件11010519491231002X"}
    house.store.write_now(cases.change, case.id, {"facts": about}, actor="system")
    agent, robot = await browser("megan"), await browser(key=house.key("cases:read"))
    for field, sent in (("about", "证件110***********002X"), ("about", "1************7894")):
        status, problem = await split(agent, conversation, 3, body={"facts": {field: sent}})
        assert (status, problem["errors"][0]["field"]) == (422, f"facts.{field}")
    status, made = await split(agent, conversation, 3, body={"facts": {"about": "卡************7894，贷款"}})
    assert (status, made["facts"]["about"]) == (201, "卡************7894，贷款")
    assert (await robot.get(f"/api/v1/cases/{made['id']}"))[1]["facts"]["about"] == "卡6222021234567894，贷款"


async def test_what_came_with_the_messages_belongs_to_the_new_case(house: Any, browser: Any) -> None:
    case, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")

    def attach(tx: Transaction) -> None:
        for message in (2, 3):
            row = {"id": f"{message}" * 32, "conversation_id": conversation, "message": message, "digest": "0" * 64}
            tx.execute(
                sa.insert(attachments).values(**row, name=f"{message}.pdf", media_type="application/pdf", size=1)
            )

    house.store.write_now(attach)
    agent = await browser("admin")
    made = (await split(agent, conversation, 3))[1]
    for id, name in ((made["id"], "3.pdf"), (case.id, "2.pdf")):
        files = (await agent.get(f"/api/v1/cases/{id}/papers"))[1]["files"]
        assert [one["name"] for one in files] == [name]


def by_bot(tx: Transaction, conversation: str) -> None:
    row = conversations.locked(tx, conversation)
    conversations.add_messages(tx, row, [conversations.NewMessage(conversations.Sender.BOT, "您好")])


@pytest.mark.parametrize(
    ("numbers", "status", "code"),
    [
        ((99,), 422, "not_the_customers"),
        ((2, 99), 422, "not_the_customers"),
        ((4,), 422, "not_the_customers"),  # the bot's
        ((1, 2, 3), 422, "leaves_nothing"),
        ((), 422, "invalid"),
        (("one",), 422, "invalid"),
    ],
)
async def test_what_can_not_be_split_off(
    house: Any, browser: Any, numbers: tuple[Any, ...], status: int, code: str
) -> None:
    _, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    house.store.write_now(by_bot, conversation)
    agent = await browser("admin")
    answered, problem = await split(agent, conversation, *numbers)
    assert (answered, problem["code"]) == (status, code)
    assert (await agent.get("/api/v1/cases"))[1]["items"][1:] == []
    assert (await split(agent, "0" * 32, 1))[0] == 404


async def test_a_message_is_split_off_once(house: Any, browser: Any) -> None:
    _, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    agent = await browser("admin")
    assert (await split(agent, conversation, 3))[0] == 201
    status, problem = await split(agent, conversation, 3)
    assert (status, problem["code"]) == (422, "split_before")
    status, problem = await split(agent, conversation, 2, 3)
    assert (status, problem["code"]) == (422, "several_cases")
    assert (await split(agent, conversation, 2))[0] == 201


@pytest.mark.parametrize(("change", "code"), [(proxy, "proxy"), (doubtful, "whose_is_it")])
async def test_where_it_is_not_known_who_speaks_nothing_is_split_off(
    house: Any, browser: Any, change: Change, code: str
) -> None:
    case, conversation = one_case(house, "信用卡被收了三百元年费")
    house.store.write_now(lambda tx: change(tx, case, case))
    status, problem = await split(await browser("admin"), conversation, 2)
    assert (status, problem["code"]) == (409, code)


async def test_the_same_request_again_splits_once(house: Any, browser: Any) -> None:
    _, conversation = one_case(house, "信用卡被收了三百元年费")
    agent = await browser("admin")
    answers = [await split(agent, conversation, 2, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 201


async def test_two_who_split_the_same_at_once_make_one_case(house: Any, browser: Any) -> None:
    _, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    agent = await browser("admin")
    answers = await asyncio.gather(*(split(agent, conversation, 3) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [201, 422, 422, 422]


async def test_a_message_that_was_edited_while_it_was_read_is_read_again(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway import splitting

    _, conversation = one_case(house, "信用卡被收了三百元年费")
    whole = splitting.understand

    async def slowly(*given: Any) -> Any:
        m = messages.c
        edited = sa.update(messages).where(m.conversation_id == conversation, m.number == 2).values(text="没有了")
        house.store.write_now(lambda tx: tx.execute(edited).rowcount)
        return await whole(*given)

    monkeypatch.setattr(splitting, "understand", slowly)
    status, problem = await split(await browser("admin"), conversation, 2)
    assert (status, problem["code"]) == (409, "changed_meanwhile")


@pytest.mark.parametrize(("owner", "left"), [("bot", "queue"), ("agent", "agent")])
async def test_danger_to_life_in_what_is_split_off_is_nobodys_to_file_away(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch, owner: str, left: str
) -> None:
    """Whoever splits the messages off may not have seen it in them."""
    from gateway import splitting

    _, conversation = one_case(house, "信用卡被收了三百元年费", "另外我不想活了")
    whole = splitting.understand

    async def in_danger(*given: Any) -> Any:
        return replace(await whole(*given), acts=(CallPerson("danger_to_life", urgent=True),))

    monkeypatch.setattr(splitting, "understand", in_danger)
    agent = await browser("admin")
    if owner == "agent":
        await agent.post(f"/api/v1/conversations/{conversation}/take-over")
    assert (await split(agent, conversation, 3))[0] == 201
    shown = (await agent.get(f"/api/v1/conversations/{conversation}"))[1]
    assert (shown["owner"], shown["urgent"]) == (left, True)


async def test_messages_of_no_case_become_the_one_their_conversation_is_about(house: Any, browser: Any) -> None:
    conversation = house.conversation("请问你们几点开门", "另外我要投诉柜台态度差", channel="email", address=ANN)
    agent = await browser("admin")
    status, made = await split(agent, conversation, 2)
    assert (status, made["contacts"]) == (201, [ANN])
    shown = (await agent.get(f"/api/v1/conversations/{conversation}"))[1]
    assert shown["case"] == made["id"]


async def test_a_split_goes_back_by_merging(house: Any, browser: Any) -> None:
    case, conversation = one_case(house, "信用卡被收了三百元年费", "还有贷款的利率也不对")
    agent = await browser("admin")
    made = (await split(agent, conversation, 3))[1]
    back, case = (house.store.read_now(cases.get, id) for id in (made["id"], case.id))
    status, found = await merge(agent, back, case)
    assert (status, found["merged_from"]) == (200, [made["reference"]])
