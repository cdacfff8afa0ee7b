"""A call that goes on: its words in disorder and twice, its facts filling in, its end."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from yarl import URL

from case_store import calls
from case_store.tables_conversations import calls as call_rows
from tests.gateway.telephone.conftest import Telephone

WORDS = [
    ("agent", "Example Bank complaints line, how can I help?"),
    ("customer", "Your Leeds branch charged me a fee of 300 yuan on 3 November."),
    ("agent", "I am sorry to hear that."),
    ("customer", "My name is Ann Lee."),
    ("agent", "What would you like us to do?"),
    ("customer", "I want the fee refunded."),
]


def utterances(numbered: bool = True) -> list[dict[str, Any]]:
    return [
        {
            "speaker": speaker,
            "text": text,
            "start": at * 4.0,
            "end": at * 4.0 + 3,
            **({"sequence": at} if numbered else {}),
        }
        for at, (speaker, text) in enumerate(WORDS)
    ]


async def say(telephone: Telephone, said: Any, call: str = "live-1", **params: str) -> dict[str, Any]:
    answer = await telephone.post(f"/api/v1/calls/{call}/utterances", said, params=params)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "by their seconds"])
async def test_words_in_disorder_and_twice_are_stored_once_in_order(telephone: Telephone, numbered: bool) -> None:
    disorder = [*utterances(numbered), *utterances(numbered)]
    random.Random(7).shuffle(disorder)
    for one in disorder:
        heard = await say(telephone, one)
        assert heard["stored"] + heard["repeated"] == 1
    assert await telephone.said(heard["conversation"]) == WORDS


async def test_the_same_words_posted_at_the_same_time_are_stored_once(telephone: Telephone) -> None:
    answers = await asyncio.gather(*(say(telephone, utterances()) for _ in range(4)))
    assert sum(one["stored"] for one in answers) == len(WORDS)
    assert await telephone.said(answers[0]["conversation"]) == WORDS


async def test_both_sides_may_number_their_own_words(telephone: Telephone) -> None:
    await say(telephone, [{"speaker": "agent", "text": "Hello?", "sequence": 1, "start": 0}])
    heard = await say(telephone, [{"speaker": "customer", "text": "Hello.", "sequence": 1, "start": 2}])
    assert heard["stored"] == 1
    assert await telephone.said(heard["conversation"]) == [("agent", "Hello?"), ("customer", "Hello.")]


async def test_facts_fill_in_while_people_talk_and_nothing_is_filed_yet(telephone: Telephone) -> None:
    heard = await say(telephone, utterances()[:2])
    record = await _until(telephone, heard["conversation"], lambda case: case["facts"]["amount"])
    assert (record["status"], record["reference"]) == ("draft", None)
    await say(telephone, utterances()[2:])
    record = await _until(telephone, heard["conversation"], lambda case: case["facts"]["name"])
    assert record["facts"]["name"] == "Ann Lee"
    assert record["status"] == "draft"
    assert await telephone.tasks() == []


async def _until(telephone: Telephone, conversation: str, is_so: Any) -> dict[str, Any]:
    """The call's case, once it is so."""
    async with asyncio.timeout(60):
        while True:
            shown = await telephone.conversation(conversation)
            record = await telephone.case(shown["case"])
            if is_so(record):
                return record
            with telephone.gateway.wakeups.subscribed() as changed, _suppressed():
                async with asyncio.timeout(0.5):
                    await changed.get()


def _suppressed() -> Any:
    import contextlib

    return contextlib.suppress(TimeoutError)


async def test_a_call_that_has_ended_is_filed(telephone: Telephone) -> None:
    await say(telephone, utterances(), customer="+8613800138000")
    ended = await telephone.post("/api/v1/calls/live-1/end", {})
    again = await telephone.post("/api/v1/calls/live-1/end", {})
    assert (ended.status, ended.body["reference"]) == (200, again.body["reference"])
    record = await telephone.case(ended.body["reference"])
    assert record["facts"]["contact"] == "+8613800138000"
    assert record["facts"]["desired_outcome"]
    assert (await telephone.get("/api/v1/calls/live-1")).body["state"] == "ended"


async def test_a_call_that_falls_silent_is_ended_and_filed(telephone: Telephone) -> None:
    heard = await say(telephone, utterances())
    long_ago = sa.update(call_rows).values(silent_at=telephone.store.read_now(lambda tx: tx.now - timedelta(seconds=1)))
    telephone.store.write_now(lambda tx: tx.execute(long_ago) and None)
    record = await _until(telephone, heard["conversation"], lambda case: case["reference"])
    assert record["status"] == "filed"


async def test_a_word_that_comes_late_is_kept_and_read(telephone: Telephone) -> None:
    said = utterances()
    await say(telephone, [one for one in said if one["sequence"] != 5])
    ended = await telephone.post("/api/v1/calls/live-1/end", {})
    assert (await telephone.case(ended.body["reference"]))["facts"]["desired_outcome"] is None
    heard = await say(telephone, said[5])
    record = await _until(telephone, heard["conversation"], lambda case: case["facts"]["desired_outcome"])
    assert record["reference"] == ended.body["reference"]
    assert await telephone.said(heard["conversation"]) == WORDS


async def test_a_recogniser_may_think_better_of_it(telephone: Telephone) -> None:
    await say(telephone, {"speaker": "customer", "text": "a fee of three hundred van", "sequence": 1})
    heard = await say(telephone, {"speaker": "customer", "text": "a fee of 300 yuan", "sequence": 1})
    assert (heard["stored"], heard["corrected"]) == (0, 1)
    [message] = (await telephone.conversation(heard["conversation"]))["messages"]
    assert message["text"] == "a fee of 300 yuan"
    assert [edit["text"] for edit in message["edits"]] == ["a fee of three hundred van"]


async def test_what_is_not_final_is_shown_and_not_kept(telephone: Telephone) -> None:
    heard = await say(telephone, {"speaker": "customer", "text": "a fee of", "sequence": 1, "final": False})
    assert (heard["stored"], heard["interim"]) == (0, 1)
    assert await telephone.said(heard["conversation"]) == []


async def test_the_transcript_of_a_call_that_was_live_is_the_same_case(telephone: Telephone) -> None:
    heard = await say(telephone, utterances())
    whole = "\n\n".join(
        [
            "WEBVTT",
            *(
                f"00:{at * 4:02}.200 --> 00:{at * 4 + 3:02}.000\n<v {who.title()}>{text}"
                for at, (who, text) in enumerate(WORDS)
            ),
        ]
    )
    answer = await telephone.hand_in(whole, call="live-1")
    assert answer.body["conversation"] == heard["conversation"]
    assert await telephone.said(heard["conversation"]) == WORDS
    late = await say(telephone, utterances()[3])
    assert (late["stored"], late["repeated"]) == (0, 1)
    assert (await telephone.get("/api/v1/calls/live-1")).body["state"] == "ended"


async def test_whoever_speaks_with_the_customer_has_the_conversation_until_the_call_ends(telephone: Telephone) -> None:
    telephone.agent("li.na")
    heard = await say(telephone, utterances()[:2], agent="li.na")
    shown = await telephone.conversation(heard["conversation"])
    assert (shown["owner"], shown["agent"]) == ("agent", "li.na")
    assert shown["messages"][0]["name"] == "Li Na"
    await telephone.post("/api/v1/calls/live-1/end", {})
    assert (await telephone.conversation(heard["conversation"]))["owner"] == "bot"


async def test_danger_to_life_is_heard_while_people_talk(telephone: Telephone) -> None:
    heard = await say(telephone, {"speaker": "customer", "text": "I want to kill myself.", "sequence": 1})
    await _until(telephone, heard["conversation"], lambda case: case["facts"]["what_happened"])
    shown = await telephone.conversation(heard["conversation"])
    assert (shown["owner"], shown["urgent"]) == ("queue", True)


async def test_a_call_that_nobody_has_told_of_can_t_end(telephone: Telephone) -> None:
    assert (await telephone.post("/api/v1/calls/nobody/end", {})).status == 404
    assert (await telephone.get("/api/v1/calls/nobody")).status == 404


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text": "", "speaker": "customer"}, "text"),
        ({"text": "x", "speaker": ""}, "speaker"),
        ({"text": "x", "start": -1}, "start"),
        ({"text": "x", "confidence": 2}, "confidence"),
        ({"text": "x", "sequence": -1}, "sequence"),
        ({"text": "x", "loud": True}, "loud"),
        ([{"text": "x"}, {"speaker": "customer"}], "text"),
    ],
)
async def test_a_wrong_field_is_named(telephone: Telephone, said: Any, field: str) -> None:
    answer = await telephone.post("/api/v1/calls/live-1/utterances", said)
    assert answer.status == 422
    assert any(error["field"].split(".")[-1] == field for error in answer.body["errors"])


async def test_words_that_were_read_are_read_again_after_a_kill_in_between(telephone: Telephone) -> None:
    """Claimed, and the process that claimed it is gone: its lease runs out and another reads the call."""
    await telephone.stop()
    await say(telephone, utterances())
    telephone.store.write_now(lambda tx: calls.end(tx, _row(tx), by="test"))
    [claimed] = telephone.store.write_now(calls.claim_due, 10)
    assert telephone.store.write_now(calls.claim_due, 10) == []
    past = sa.update(call_rows).values(due_at=telephone.store.read_now(lambda tx: tx.now))
    telephone.store.write_now(lambda tx: tx.execute(past) and None)
    await telephone.start()
    assert claimed.call["lease"]
    record = await _until(telephone, claimed.id, lambda case: case["reference"])
    assert record["facts"]["name"] == "Ann Lee"


def _row(tx: Any) -> Any:
    from case_store import conversations

    return conversations.locked(tx, calls.named(tx, "live-1")[0]["conversation_id"])


async def test_what_is_learned_of_a_call_while_it_goes_on_is_kept_with_it(telephone: Telephone) -> None:
    await say(telephone, utterances()[0])
    await say(telephone, utterances()[1], customer="+8613800138000", consent="yes")
    call = (await telephone.get("/api/v1/calls/live-1")).body
    assert (call["customer_number"], call["consent"], call["consent_basis"]) == ("+8613800138000", "yes", "said")


async def test_a_name_with_a_slash_is_one_name(telephone: Telephone) -> None:
    answer = await telephone.hand_in("Customer: You charged me 300 yuan.\nAgent: I see.\n", call="2026/11/23#7 é")
    assert answer.status == 201
    shown = await telephone.session.get(
        URL(f"{telephone.url}/api/v1/calls/{quote('2026/11/23#7 é', safe='')}", encoded=True)
    )
    assert (shown.status, (await shown.json())["reference"]) == (200, answer.body["reference"])
