"""Who is the customer: asked where nobody can tell, answered by an agent, and the call read anew."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from case_store.tables_conversations import calls
from tests.gateway.telephone.conftest import Telephone

VOICES = """WEBVTT

00:00.000 --> 00:04.000
<v Speaker 1>Your Leeds branch charged me a fee of 300 yuan on 3 November.

00:05.000 --> 00:06.000
<v Speaker 2>I see, and 500 yuan would be the usual fee there.

00:07.000 --> 00:09.000
<v Speaker 1>I want the fee refunded. My name is Ann Lee.
"""
ONE_VOICE = "WEBVTT\n\n00:00.000 --> 00:04.000\nYou charged me a fee of 300 yuan.\n\n00:05.000 --> 00:06.000\nI see.\n"


async def test_nothing_is_guessed_and_an_agent_is_asked(telephone: Telephone) -> None:
    answer = await telephone.hand_in(VOICES, call="c")
    assert answer.status == 201
    record = await telephone.case(answer.body["reference"])
    assert (record["status"], record["incomplete"]) == ("filed", True)
    assert record["facts"] == dict.fromkeys(record["facts"])
    assert record["judgement"] is None
    assert {sender for sender, _ in await telephone.said(answer.body["conversation"])} == {"unknown"}
    [task] = await telephone.tasks()
    assert (task["kind"], task["words"], task["conversation"]) == (
        "look",
        "who_is_the_customer",
        answer.body["conversation"],
    )


async def test_the_call_is_read_anew_once_an_agent_has_said_who_is_who(telephone: Telephone) -> None:
    answer = await telephone.hand_in(VOICES, call="c", customer="+8613800138000")
    said = await telephone.post(
        "/api/v1/calls/c/speakers", {"speakers": {"Speaker 1": "customer", "Speaker 2": "agent"}}
    )
    assert said.status == 200, said.body
    record = await _filed(telephone, answer.body["reference"])
    assert record["facts"]["amount"] == {"value": "300.00", "currency": "CNY"}  # not the 500 that the agent spoke of
    assert record["facts"]["name"] == "Ann Lee"
    assert record["incomplete"] is False
    assert [sender for sender, _ in await telephone.said(answer.body["conversation"])] == [
        "customer",
        "agent",
        "customer",
    ]
    assert [task["kind"] for task in await telephone.tasks()] == [
        "call_back"
    ]  # the question is answered, the customer is to be told
    events = (await telephone.get(f"/api/v1/cases/{answer.body['reference']}/timeline")).body["items"]
    assert any(event["action"] == "task_done" for event in events)


async def _filed(telephone: Telephone, reference: str) -> dict[str, Any]:
    while await telephone.calls.read_due():
        pass
    assert telephone.gateway.hand_in is not None
    [(source,)] = telephone.rows(select(calls.c.source).where(calls.c.call == "c"))
    await telephone.gateway.hand_in.settled(source, "c")
    return await telephone.case(reference)


async def test_one_voice_for_both_is_told_apart_utterance_by_utterance(telephone: Telephone) -> None:
    answer = await telephone.hand_in(ONE_VOICE, call="c")
    first, second = (await telephone.conversation(answer.body["conversation"]))["messages"]
    said = await telephone.post(
        "/api/v1/calls/c/speakers", {"utterances": {first["id"]: "customer", second["id"]: "agent"}}
    )
    assert said.status == 200, said.body
    record = await _filed(telephone, answer.body["reference"])
    assert record["facts"]["amount"] == {"value": "300.00", "currency": "CNY"}


async def test_whoever_was_wrong_may_say_it_anew(telephone: Telephone) -> None:
    answer = await telephone.hand_in(VOICES, call="c")
    await telephone.post("/api/v1/calls/c/speakers", {"speakers": {"Speaker 1": "agent", "Speaker 2": "customer"}})
    assert (await _filed(telephone, answer.body["reference"]))["facts"]["name"] is None
    await telephone.post("/api/v1/calls/c/speakers", {"speakers": {"Speaker 1": "customer", "Speaker 2": "agent"}})
    record = await _filed(telephone, answer.body["reference"])
    assert (record["facts"]["name"], record["facts"]["amount"]["value"]) == ("Ann Lee", "300.00")
    [task] = await telephone.tasks()
    assert "500" not in task["words"]
    assert "300" in task["words"]


async def test_what_was_decided_holds_for_what_is_said_later(telephone: Telephone) -> None:
    await telephone.post("/api/v1/calls/c/utterances", {"speaker": "spk_0", "text": "Hello?", "sequence": 0})
    await telephone.post("/api/v1/calls/c/speakers", {"speakers": {"spk_0": "customer"}})
    heard = await telephone.post(
        "/api/v1/calls/c/utterances", {"speaker": "spk_0", "text": "You charged me 300 yuan.", "sequence": 1}
    )
    assert [sender for sender, _ in await telephone.said(heard.body["conversation"])] == ["customer", "customer"]


@pytest.mark.parametrize(
    "wrong",
    [{"speakers": {"nobody": "customer"}}, {"utterances": {"999": "customer"}}, {"utterances": {"x": "customer"}}, {}],
)
async def test_a_voice_that_the_call_does_not_have_is_named(telephone: Telephone, wrong: Any) -> None:
    await telephone.hand_in(VOICES, call="c")
    answer = await telephone.post("/api/v1/calls/c/speakers", wrong)
    assert answer.status == 422
    assert answer.body["errors"]


async def test_the_question_stays_until_there_is_a_customer(telephone: Telephone) -> None:
    await telephone.hand_in(VOICES, call="c")
    await telephone.post("/api/v1/calls/c/speakers", {"speakers": {"Speaker 2": "agent"}})
    assert [task["words"] for task in await telephone.tasks()] == ["who_is_the_customer"]
    await telephone.post("/api/v1/calls/c/speakers", {"speakers": {"Speaker 1": "customer"}})
    assert "who_is_the_customer" not in [task["words"] for task in await telephone.tasks()]


async def test_what_is_said_of_a_voice_without_a_name_is_said_of_nobody_who_is_known(telephone: Telephone) -> None:
    said = [
        {"speaker": "agent", "text": "Example Bank.", "sequence": 0},
        {"speaker": "unknown", "text": "You charged me 300 yuan.", "sequence": 1},
    ]
    heard = await telephone.post("/api/v1/calls/c/utterances", said)
    await telephone.post("/api/v1/calls/c/speakers", {"speakers": {"": "customer"}})
    await telephone.post("/api/v1/calls/c/utterances", {"speaker": "agent", "text": "I see.", "sequence": 2})
    assert [sender for sender, _ in await telephone.said(heard.body["conversation"])] == ["agent", "customer", "agent"]
