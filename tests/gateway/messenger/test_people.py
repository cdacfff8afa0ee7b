"""Agents, notices and customers who have left: take-over stops the bot, what is told arrives or goes the next proved way."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from case_store import audit, cases, contacts, outbox
from case_store.contacts import Contact
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_outbox import deliveries
from gateway import conductor, filing, notifications
from gateway.texts import Occasion, Text
from tests.bot_api import Fault, Refusal, flooded
from tests.gateway.messenger.conftest import Desk

STORY = "You charged me a fee of 300 yuan on 3 November in your Leeds branch, and nobody had told me"
TELLING = ("/start", STORY, "I want it back", "Ann Lee, 13800138000")


async def filed(desk: Desk, ann: Any) -> str:
    for line in TELLING:
        await desk.say(ann, line)
    await desk.press(ann, "affirm")
    reference = desk.cases()[0].reference
    assert reference is not None
    return reference


def tell(desk: Desk, words: str, occasion: str = "status_changed:9") -> None:
    """The house has something to say to the customer of the only case."""
    case = desk.cases()[0]
    desk.store.write_now(lambda tx: desk.notices.tell(tx, cases.get(tx, case.id), occasion, Text("About", words)))


def hurry(desk: Desk) -> None:
    """The morning has come, or the time for another try."""
    d = deliveries.c
    late = sa.update(deliveries).where(d.due_at.is_not(None))
    desk.store.write_now(lambda tx: tx.execute(late.values(due_at=tx.now)))


def known(desk: Desk, case_id: str) -> list[Any]:
    return desk.store.read_now(contacts.contacts_of, case_id)


def mails(desk: Desk) -> list[Any]:
    return [row for row in desk.deliveries() if row.channel == "email"]


async def test_an_agent_takes_over_answers_and_hands_back(desk: Desk, ann: Any) -> None:
    for line in TELLING[:2]:
        await desk.say(ann, line)
    before = len(desk.api.sent)
    await desk.reply("Good morning, this is Li Na. Which account was it?")
    await desk.settle()
    told = [sent.text for sent in desk.api.sent[before:]]
    assert told[0].startswith("Li Na (Complaints officer) is now here")
    assert told[1:] == ["Good morning, this is Li Na. Which account was it?"]
    assert await desk.say(ann, "The one ending in 42") == "", "a person answers"
    await desk.hand_back()
    await desk.settle()
    assert "The assistant is taking notes for you again" in desk.api.texts(ann)[-2]
    assert desk.conversation().row["owner"] == "bot"


async def test_a_turn_begun_before_a_take_over_is_never_sent(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    desk.api.write(ann, STORY)
    await desk.read()
    await desk.conductor.answer_due()  # the answer is stored, and queued
    await desk.take_over()
    await desk.settle()
    await desk.settle()
    assert [row.state for row in desk.deliveries()] == ["sent", "stopped", "sent"]
    assert len(desk.api.texts(ann)) == 2
    assert "is now here" in desk.api.texts(ann)[-1]


async def test_commands_are_for_the_bot_and_not_for_an_agent(desk: Desk, ann: Any) -> None:
    for line in TELLING[:2]:
        await desk.say(ann, line)
    await desk.take_over()
    await desk.settle()
    assert await desk.say(ann, "/help") == ""
    assert desk.said()[-1].text == "/help"


async def test_a_customer_who_waits_for_a_person_is_told_from_when(desk: Desk, ann: Any) -> None:
    for line in TELLING[:2]:
        await desk.say(ann, line)
    told = await desk.say(ann, "I want to talk to a person")
    assert told
    assert desk.conversation().row["owner"] == "queue"


@pytest.mark.parametrize("command", ["/restart", "/stop", "/settings", "/cancel@bank_bot", "/start"])
async def test_no_command_reaches_the_engine(desk: Desk, ann: Any, command: str) -> None:
    for line in TELLING[:2]:
        await desk.say(ann, line)
    state = desk.conversation().row["state"]
    told = await desk.say(ann, command)
    assert ("There are no commands here" in told) == (command != "/start")
    assert told
    assert desk.conversation().row["state"] == state
    assert desk.conversation().row["speak_at"] is None
    await desk.say(ann, "I want it back")
    assert desk.cases()[0].facts.desired_outcome == "I want it back"


async def test_who_waits_is_answered_what_works_in_any_state(desk: Desk, ann: Any) -> None:
    reference = await filed(desk, ann)
    await desk.say(ann, "get me a manager")
    waiting = desk.conversation().row
    assert waiting["owner"] == "queue"
    assert reference in await desk.say(ann, "any news on my complaint?")
    assert await desk.say(ann, "it was the blue leaflet") == ""
    assert "Do you want to withdraw" in await desk.say(ann, "I want to withdraw my complaint")
    assert "is withdrawn" in await desk.say(ann, "yes")
    assert desk.cases()[0].status == "withdrawn"
    assert await desk.say(ann, "ok") == ""
    now = desk.conversation().row
    assert [now[name] for name in ("owner", "epoch", "waiting_since", "waiting_reason")] == [
        waiting[name] for name in ("owner", "epoch", "waiting_since", "waiting_reason")
    ]


async def test_danger_spoken_of_in_the_queue_raises_the_alarm(desk: Desk, ann: Any) -> None:
    await desk.say(ann, STORY)
    await desk.say(ann, "get me a manager")
    assert "Are you safe" in await desk.say(ann, "I'm standing on a bridge")
    row = desk.conversation().row
    assert (row["owner"], row["urgent"], row["waiting_reason"]) == ("queue", True, "danger_to_life")
    assert "on duty" in await desk.say(ann, "I am at home")
    assert await desk.say(ann, "the kettle is on") == ""
    await desk.say(ann, "what data do you hold about me")
    assert desk.conversation().row["waiting_reason"] == "danger_to_life"


async def test_nobody_speaks_over_an_agent(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    await desk.say(ann, "get me a manager")
    await desk.take_over()
    await desk.settle()
    for line in ("any news on my complaint?", "I want to withdraw my complaint", "get me a manager"):
        assert await desk.say(ann, line) == ""


async def test_a_command_in_a_burst_swallows_nothing(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    for line in (STORY, "/restart", "I want it back"):
        desk.api.write(ann, line)
    await desk.read()
    await desk.settle()
    facts = desk.cases()[0].facts
    assert facts.what_happened is not None
    assert "restart" not in facts.what_happened
    assert facts.desired_outcome is not None


async def test_words_after_a_command_are_the_customers_own(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    await desk.say(ann, f"/complaint {STORY}")
    assert desk.cases()[0].facts.what_happened == STORY


async def test_the_payload_of_a_deep_link_stands_in_no_message(desk: Desk, ann: Any) -> None:
    told = await desk.say(ann, "/start eyJhbGciOi-token_42")
    assert "complaints desk" in told
    assert [said.text for said in desk.said()] == ["/start"]


async def test_a_notice_is_told_in_telegram_after_the_quiet_hours(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    before = len(desk.api.sent)
    tell(desk, "Your complaint is being looked into.")
    hurry(desk)
    await desk.settle()
    assert [sent.text for sent in desk.api.sent[before:]] == ["Your complaint is being looked into."]
    assert desk.conversation().messages[-1].sender == "system"
    assert desk.tasks() == []
    assert mails(desk) == []


async def test_a_notice_waits_for_the_morning(desk: Desk, ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await filed(desk, ann)
    morning = datetime(2030, 1, 2, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(notifications, "may_notify_at", lambda *args: morning)
    tell(desk, "Your complaint is being looked into.")
    assert desk.deliveries()[-1].due_at == morning


def told(desk: Desk) -> list[str]:
    """What the trail of the only case says was told, or is to be."""
    events = desk.store.read_now(audit.timeline, audit.case_chain(desk.cases()[0].id))
    return [f"{one.action} {(one.detail or {})['occasion']}" for one in events if one.action in ("told", "to_be_told")]


async def test_the_trail_says_told_when_all_parts_have_been_taken(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    assert told(desk) == ["to_be_told case_filed", "told case_filed"]
    tell(desk, "\n\n".join(f"{number} {'word ' * 300}" for number in range(4)))
    d = deliveries.c
    second = sa.update(deliveries).where(d.occasion.endswith("#2"))
    desk.store.write_now(lambda tx: tx.execute(second.values(due_at=tx.now + timedelta(hours=9))))
    hurry_first = sa.update(deliveries).where(d.due_at.is_not(None), ~d.occasion.endswith("#2"))
    desk.store.write_now(lambda tx: tx.execute(hurry_first.values(due_at=tx.now)))
    await desk.settle()
    assert [row.state for row in desk.deliveries()[-2:]] == ["sent", "queued"]
    assert told(desk)[2:] == ["to_be_told status_changed:9"], "one part has been taken, another waits"
    hurry(desk)
    await desk.settle()
    assert told(desk)[2:] == ["to_be_told status_changed:9", "told status_changed:9"]


async def test_a_customer_who_has_blocked_us_is_told_the_next_proved_way(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    case = desk.cases()[0]
    mail = Contact("ann@customer.example", "email", "confirmed")
    desk.store.write_now(lambda tx: contacts.add_contact(tx, case.id, mail))
    desk.api.block(ann)
    await desk.settle()
    assert desk.events() == ["blocked"]
    tell(desk, "Your complaint is answered.")
    [sent] = mails(desk)
    assert sent.address == "ann@customer.example"
    assert "Your complaint is answered." in sent.payload["text"]


async def test_without_another_way_a_person_is_given_the_words(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    desk.api.block(ann)
    await desk.settle()
    tell(desk, "Your complaint is answered.")
    assert desk.tasks() == [("call_back", "Your complaint is answered.")]


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(403, "Forbidden: bot was blocked by the user"),
        Refusal(403, "Forbidden: user is deactivated"),
        Refusal(400, "Bad Request: chat not found"),
    ],
    ids=["blocked", "deactivated", "no chat"],
)
async def test_a_notice_that_finds_nobody_goes_the_next_way_once(desk: Desk, ann: Any, refusal: Refusal) -> None:
    await filed(desk, ann)
    case = desk.cases()[0]
    mail = Contact("ann@customer.example", "email", "confirmed")
    desk.store.write_now(lambda tx: contacts.add_contact(tx, case.id, mail))
    long = "\n\n".join(f"Paragraph {number} of our answer. " + "x" * 500 for number in range(20))
    tell(desk, long)
    hurry(desk)
    desk.api.fail("sendMessage", *[Fault(refusal)] * 9)
    await desk.settle()
    [sent] = mails(desk)
    assert long[:600] in sent.payload["text"]
    assert "Paragraph 19" in sent.payload["text"], "all of it, though it would have left in parts"
    [flagged] = [bounced for address, _, _, bounced in known(desk, case.id) if address == "telegram:4711"]
    assert flagged
    assert desk.tasks() == []


async def test_an_agents_words_that_find_nobody_go_the_next_way(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    desk.api.customer(ann.id).state = "kicked"
    await desk.reply("We have found the reason.")
    await desk.settle()
    words = [words for kind, words in desk.tasks() if kind == "call_back"]
    assert "We have found the reason." in words
    await desk.reply("And it is put right.")
    await desk.settle()
    assert ("call_back", "And it is put right.") in desk.tasks(), "known to be gone: not even tried"


async def test_the_bots_words_that_find_nobody_are_looked_at_by_a_person(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    desk.api.customer(ann.id).state = "kicked"
    await desk.say(ann, STORY)
    assert desk.tasks() == [("look", "delivery_failed")]


async def test_a_customer_who_comes_back_is_told_in_telegram_again(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    desk.api.block(ann)
    await desk.settle()
    desk.api.block(ann, "member")
    await desk.settle()
    assert desk.events() == ["blocked", "unblocked"]
    assert "Everything said so far is still here" in await desk.say(ann, "/start")
    before = len(desk.api.sent)
    tell(desk, "Your complaint is answered.")
    hurry(desk)
    await desk.settle()
    assert [sent.text for sent in desk.api.sent[before:]] == ["Your complaint is answered."]


async def test_a_long_answer_leaves_in_parts_and_none_of_them_twice(desk: Desk, ann: Any) -> None:
    for line in TELLING[:2]:
        await desk.say(ann, line)
    await desk.take_over()
    await desk.settle()
    before = len(desk.api.sent)
    long = "\n\n".join(f"Paragraph {number}. " + "x" * 900 for number in range(9))
    desk.api.fail("sendMessage", Fault(), Fault(bare=500), Fault())
    await desk.reply(long)
    await desk.settle()
    first = [sent.text for sent in desk.api.sent[before:]]
    assert len(first) == 1, "the second part has failed, and the third waits for it"
    shown = desk.conversation()
    assert shown.ways[shown.messages[-1].number][-1].state == "queued"
    hurry(desk)
    await desk.settle()
    parts = [sent.text for sent in desk.api.sent[before:]]
    assert len(parts) == 3
    assert "\n\n".join(parts) == long
    assert desk.conversation().ways[shown.messages[-1].number][-1].state == "sent"


async def test_an_answer_of_which_nobody_knows_whether_it_arrived_is_shown_to_an_agent(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    desk.api.fail("sendMessage", Fault(silent=True))
    await desk.say(ann, STORY)
    assert desk.tasks() == [("look", "delivery_unsure")]
    hurry(desk)
    await desk.settle()
    assert len(desk.api.texts(ann)) == 2, "not sent again"


async def test_a_notice_of_which_nobody_knows_is_told_again(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    before = len(desk.api.sent)
    desk.api.fail("sendMessage", Fault(silent=True))
    tell(desk, "Your complaint is answered.")
    hurry(desk)
    await desk.settle()
    hurry(desk)
    await desk.settle()
    assert [sent.text for sent in desk.api.sent[before:]] == ["Your complaint is answered."] * 2


@pytest.mark.parametrize("sender", ["bot", "agent", "system"])
async def test_an_attempt_that_died_with_its_process_is_not_blindly_repeated(desk: Desk, ann: Any, sender: str) -> None:
    await filed(desk, ann)
    before = len(desk.api.sent)
    if sender == "bot":
        desk.api.write(ann, "thanks")
        await desk.read()
        await desk.conductor.answer_due()
    elif sender == "agent":
        await desk.take_over()
        await desk.settle()
        before = len(desk.api.sent)
        await desk.reply("We have found the reason.")
    else:
        tell(desk, "Your complaint is answered.")
        hurry(desk)
    claimed = await desk.store.write(outbox.claim, 9, ["telegram"])  # and the process dies
    assert claimed
    hurry(desk)
    await desk.settle()
    again = [row.state for row in desk.deliveries()][-1]
    assert again == ("sent" if sender == "system" else "unsure")
    assert (("look", "delivery_unsure") in desk.tasks()) == (sender != "system")
    assert len(desk.api.sent) - before == (1 if sender == "system" else 0)


async def test_a_notice_is_not_told_again_for_ever(desk: Desk, ann: Any) -> None:
    """Something between us and Telegram cuts every answer off."""
    await filed(desk, ann)
    before = len(desk.api.sent)
    desk.api.fail("sendMessage", *[Fault(silent=True)] * 9)
    tell(desk, "Your complaint is answered.")
    for _ in range(9):
        hurry(desk)
        await desk.settle()
    assert [sent.text for sent in desk.api.sent[before:]] == ["Your complaint is answered."] * 3
    assert desk.tasks() == [("look", "delivery_unsure")]


async def test_that_somebody_answers_now_is_no_call_for_who_has_left(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    desk.api.customer(ann.id).state = "kicked"
    await desk.take_over()
    await desk.settle()
    assert desk.tasks() == []


async def test_a_customer_sees_that_an_answer_is_being_written(
    desk: Desk, ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conductor, "A_MOMENT", 0.01)
    await desk.say(ann, "/start")
    assert desk.api.called("sendChatAction") == []
    answer = desk.engines.answer

    async def slowly(id: str, turn: Any) -> Any:
        await asyncio.sleep(0.1)
        return await answer(id, turn)

    monkeypatch.setattr(desk.engines, "answer", slowly)
    await desk.say(ann, STORY)
    [shown] = desk.api.called("sendChatAction")
    assert shown == {"chat_id": ann.id, "action": "typing"}


async def test_a_flood_limit_is_kept(desk: Desk, ann: Any) -> None:
    await desk.say(ann, "/start")
    desk.api.fail("sendMessage", flooded(17))
    before = desk.store.read_now(lambda tx: tx.now)
    await desk.say(ann, STORY)
    row = desk.deliveries()[-1]
    assert row.state == "queued"
    now = desk.store.read_now(lambda tx: tx.now)
    assert (row.due_at - now).total_seconds() <= 17 <= (row.due_at - before).total_seconds()
    assert desk.tasks() == []


async def test_replying_to_a_notice_is_about_its_case(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    first = desk.cases()[0]
    tell(desk, "About the first.")
    hurry(desk)
    await desk.settle()
    notice = desk.api.sent[-1]
    told = {"message_id": notice.number, "date": 1, "chat": ann.chat(), "text": notice.text}
    desk.api.push(message=desk.api.message(ann, text="Which records are these?", reply_to_message=told))
    await desk.settle()
    assert desk.said()[-1].case_id == first.id
    assert (desk.said()[-1].mail or {})["quoted"] == "About the first."


async def test_groups_and_channels_are_kept_and_never_answered(desk: Desk, ann: Any) -> None:
    group = {"id": -100_77, "type": "supergroup", "title": "Angry customers"}
    for _ in range(2):
        desk.api.push(message={**desk.api.message(ann, text=STORY), "chat": group})
    desk.api.push(channel_post={"message_id": 5, "date": 1, "chat": {**group, "type": "channel"}, "text": "hello"})
    desk.api.push(inline_query={"id": "1", "from": ann.user(), "query": "fee", "offset": ""})
    desk.api.push(
        my_chat_member={"chat": group, "from": ann.user(), "date": 1, "new_chat_member": {"status": "member"}}
    )
    await desk.settle()
    assert desk.api.sent == []
    assert desk.events() == ["channel_post", "group_membership", "group_message", "group_message", "inline_query"]
    assert desk.states() == ["read"] * 5


async def test_occasions_that_have_been_told_are_told_once(desk: Desk, ann: Any) -> None:
    await filed(desk, ann)
    for _ in range(3):
        tell(desk, "Your complaint is answered.", Occasion.RESULT)
    hurry(desk)
    await desk.settle()
    assert desk.api.texts(ann).count("Your complaint is answered.") == 1


async def test_a_complaint_left_unfinished_is_filed_by_silence_and_told_in_telegram(desk: Desk, ann: Any) -> None:
    for line in TELLING[:2]:
        await desk.say(ann, line)
    rows = conversation_rows
    desk.store.write_now(lambda tx: tx.execute(sa.update(rows).values(quiet_at=tx.now)))
    assert await desk.store.write(filing.file_in_silence, desk.notices) == 1
    hurry(desk)
    await desk.settle()
    reference = desk.cases()[0].reference
    assert reference is not None
    assert reference in desk.api.texts(ann)[-1]
    assert desk.conversation().row["owner"] == "queue"
