"""Calling back: what to say and ask, whom and when, in the customer's language; and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from case_store.records import Language
from dialogue.questions import question
from tests.gateway.telephone.conftest import COMPLAINT, Telephone

THIN = "Agent: Example Bank.\nCustomer: Your Leeds branch charged me a fee and nobody told me about it.\n"


async def test_the_call_back_says_what_a_letter_would_be_answered(telephone: Telephone) -> None:
    answer = await telephone.hand_in(COMPLAINT, call="c", customer="+8613800138000")
    [task] = await telephone.tasks()
    assert (task["kind"], task["case"], task["conversation"]) == (
        "call_back",
        (await telephone.case(answer.body["reference"]))["id"],
        answer.body["conversation"],
    )
    for words in (answer.body["reference"], "told us on the telephone", "300", "Leeds branch"):
        assert words in task["words"]
    assert "reply to this message" not in task["words"]


@pytest.mark.parametrize(
    ("transcript", "language"),
    [
        (THIN, Language.EN),
        ("客服：您好。\n客户：你们滨江支行乱扣费，扣了我的钱没有任何人告诉我。\n", Language.HANS),
        ("客服：您好。\n客戶：你們中環分行亂收費，收了我的錢沒有任何人告訴我。\n", Language.HANT),
    ],
)
async def test_what_is_missing_is_asked_in_the_bot_s_own_sentences(
    telephone: Telephone, transcript: str, language: Language
) -> None:
    answer = await telephone.hand_in(transcript, call="c")
    assert answer.status == 201, answer.body
    assert answer.body["incomplete"] is True
    [task] = await telephone.tasks()
    assert task["detail"]["language"] == language.value
    asked = {one["fact"]: one["ask"] for one in task["detail"]["questions"]}
    assert {"occurred_on", "desired_outcome", "name", "contact"} <= set(asked)
    assert "what_happened" not in asked
    assert all(sentence == question(fact, language) for fact, sentence in asked.items())


async def test_nobody_is_called_outside_working_hours(telephone: Telephone) -> None:
    await telephone.hand_in(COMPLAINT, call="c", customer="+8613800138000")
    [task] = await telephone.tasks()
    moment = datetime.fromisoformat(task["detail"]["not_before"])
    assert moment.utcoffset() is not None
    hours = telephone.notices.promises.hours
    assert hours.is_open(moment)


async def test_what_the_recogniser_was_not_sure_of_is_marked_and_to_be_confirmed(telephone: Telephone) -> None:
    said = [
        {
            "speaker": "customer",
            "text": "Your Leeds branch charged me a fee on 3 November.",
            "sequence": 0,
            "confidence": 0.97,
            "start": 0,
        },
        {"speaker": "customer", "text": "It was 300 yuan.", "sequence": 1, "confidence": 0.41, "start": 9},
        {
            "speaker": "customer",
            "text": "I want it refunded. My name is Ann Lee.",
            "sequence": 2,
            "confidence": 0.93,
            "start": 20,
        },
    ]
    await telephone.post("/api/v1/calls/c/utterances", said, params={"customer": "+8613800138000"})
    ended = await telephone.post("/api/v1/calls/c/end", {})
    record = await telephone.case(ended.body["reference"])
    assert record["evidence"]["amount.confidence"] == "0.41"
    assert "name.confidence" not in record["evidence"]
    [task] = await telephone.tasks()
    [doubt] = task["detail"]["confirm"]
    assert (doubt["fact"], doubt["confidence"], doubt["start"]) == ("amount", 0.41, 9.0)
    assert "300 yuan" in doubt["ask"]
    await telephone.post(f"/api/v1/tasks/{task['id']}/done", {"note": "she said yes"})
    confirmed = await telephone.case(ended.body["reference"])
    assert "amount.confidence" not in confirmed["evidence"]
    assert confirmed["corrected"] == ["amount"]
    heard = (await telephone.get("/api/v1/calls/c")).body["heard"]
    assert (heard["amount"]["unsure"], heard["amount"]["start"]) == (True, 9.0)


async def test_words_said_twice_are_as_sure_as_the_surer_time(telephone: Telephone) -> None:
    said = [
        {"speaker": "customer", "text": "You charged me 300 yuan.", "sequence": 0, "confidence": 0.3},
        {"speaker": "agent", "text": "How much?", "sequence": 1},
        {"speaker": "customer", "text": "Yes, 300 yuan.", "sequence": 2, "confidence": 0.95},
    ]
    await telephone.post("/api/v1/calls/c/utterances", said)
    await telephone.post("/api/v1/calls/c/end", {})
    assert "amount" not in {one["fact"] for one in (await telephone.tasks())[0]["detail"]["confirm"]}


async def test_the_answers_fill_the_facts_and_the_number_is_vouched_for(telephone: Telephone) -> None:
    answer = await telephone.hand_in(THIN, call="c", customer="+8613800138000")
    [task] = await telephone.tasks()
    facts = {
        "occurred_on": "2026-11-03",
        "desired_outcome": "a refund",
        "name": "Ann Lee",
        "amount": {"value": "300", "currency": "CNY"},
    }
    done = await telephone.post(
        f"/api/v1/tasks/{task['id']}/done", {"note": "spoke with Ms Lee", "facts": facts, "vouched": True}
    )
    assert (done.status, done.body["done"]) == (200, True), done.body
    record = await telephone.case(answer.body["reference"])
    assert {name: record["facts"][name] for name in ("name", "occurred_on", "desired_outcome")} == {
        "name": "Ann Lee",
        "occurred_on": "2026-11-03",
        "desired_outcome": "a refund",
    }
    assert record["incomplete"] is False
    assert await telephone.tasks() == []
    events = (await telephone.get(f"/api/v1/cases/{record['id']}/timeline")).body["items"]
    assert [event["detail"]["note"] for event in events if event["action"] == "task_done"] == ["spoke with Ms Lee"]
    from case_store import contacts

    known = telephone.store.read_now(contacts.contacts_of, record["id"])
    assert [(address, proof) for address, _, proof, _ in known] == [("+8613800138000", "agent")]
    again = await telephone.post(f"/api/v1/tasks/{task['id']}/done", {"note": "twice"})
    assert (again.status, again.body["code"]) == (409, "done_before")


async def test_what_the_customer_will_not_say_is_asked_no_more(telephone: Telephone) -> None:
    answer = await telephone.hand_in(THIN, call="c", customer="+8613800138000")
    [task] = await telephone.tasks()
    open_facts = [one["fact"] for one in task["detail"]["questions"]]
    await telephone.post(f"/api/v1/tasks/{task['id']}/done", {"note": "would say no more", "declined": open_facts})
    record = await telephone.case(answer.body["reference"])
    assert set(record["declined"]) == set(open_facts)
    assert record["incomplete"] is False


async def test_a_call_that_reached_nobody_leaves_the_task_for_another_time(telephone: Telephone) -> None:
    answer = await telephone.hand_in(THIN, call="c", customer="+8613800138000")
    [task] = await telephone.tasks()
    tried = await telephone.post(f"/api/v1/tasks/{task['id']}/done", {"reached": False, "note": "no answer"})
    assert (tried.status, tried.body["done"]) == (200, False)
    [still] = await telephone.tasks()
    assert still["id"] == task["id"]
    assert still["tries"] == 1
    assert datetime.fromisoformat(still["next_at"]) > datetime.fromisoformat(task["detail"]["not_before"])
    events = (await telephone.get(f"/api/v1/cases/{answer.body['reference']}/timeline")).body["items"]
    assert [event["detail"]["note"] for event in events if event["action"] == "not_reached"] == ["no answer"]


async def test_a_fact_that_can_t_be_is_named_and_the_task_stays_open(telephone: Telephone) -> None:
    await telephone.hand_in(THIN, call="c")
    [task] = await telephone.tasks()
    wrong = await telephone.post(f"/api/v1/tasks/{task['id']}/done", {"facts": {"occurred_on": "soon"}})
    assert wrong.status == 422
    assert [one["id"] for one in await telephone.tasks()] == [task["id"]]


async def test_a_spoken_address_is_asked_to_be_confirmed_and_told_no_facts(telephone: Telephone) -> None:
    from sqlalchemy import select

    from case_store.tables_outbox import deliveries

    await telephone.hand_in(COMPLAINT + "Customer: My address is ann@customer.example.\n", call="c")
    mails = telephone.rows(select(deliveries.c.address, deliveries.c.payload))
    assert [row.address for row in mails] == ["ann@customer.example"]
    assert "300" not in mails[0].payload["text"]
    kinds: list[Any] = [task["kind"] for task in await telephone.tasks()]
    assert kinds == ["call_back"]
