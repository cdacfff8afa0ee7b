"""A customer is never left in silence: whatever breaks inside, a turn is answered, or a person is called and the customer told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import conversations as store_conversations
from case_store import outbox, ownership, timers
from case_store.conversations import NewMessage
from case_store.outbox import NewDelivery
from case_store.records import ChannelName, Sender
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries, tasks
from channels.message import Retryable
from gateway import alarms, clockwork, filing
from gateway.complaint import Complaint
from gateway.complaints import Complaints
from gateway.conductor import claim_turns
from gateway.engines import Engines

COMPLAINT = "You charged me a fee of 300 yuan on 3 November in your Leeds branch. I want it back."


async def say(rooms: Any, text: str = COMPLAINT) -> Any:
    seat = await rooms.chat.begin(None, "en")
    await rooms.chat.take(seat, "1", text, None)
    return seat


def at_once(tx: Transaction, column: str) -> None:
    tx.execute(sa.update(conversations).values({column: tx.now - timedelta(seconds=1)}))


async def answered(rooms: Any) -> None:
    """Turns until nothing is due any more, without waiting for what was put off."""
    for _ in range(4):
        waiting = sa.select(conversations.c.id).where(conversations.c.speak_at.is_not(None))
        if not rooms.rows(waiting):
            return
        rooms.store.write_now(at_once, "speak_at")
        await rooms.conductor.answer_due()


class Broken:
    name = "broken"

    def __init__(self, how: Callable[[], Any]) -> None:
        self.how = how

    def turn(self, turn: Any) -> Any:
        return self.how()


def raises() -> Any:
    raise RuntimeError("no")


HELD = threading.Event()


@pytest.mark.parametrize("how", [raises, lambda: HELD.wait(60), lambda: None], ids=["raises", "hangs", "says_nothing"])
async def test_an_engine_that_fails_leads_to_a_person_and_a_sentence(rooms: Any, how: Callable[[], Any]) -> None:
    rooms.conductor._engines = Engines(Broken(how), limit=0.2)
    await say(rooms)
    await answered(rooms)
    [row] = rooms.rows(sa.select(conversations))
    assert (row.owner, row.waiting_reason, row.speak_at) == ("queue", "engine_failed", None)
    said = rooms.rows(sa.select(messages.c.sender).order_by(messages.c.number))
    assert [one.sender for one in said] == ["bot", "customer", "bot"]
    rooms.conductor._engines.close()


async def test_an_engine_that_hangs_once_holds_up_nobody_for_ever(rooms: Any) -> None:
    real, hung = rooms.engines._embedded, []

    class HangsOnce:
        name = "hangs"

        def turn(self, turn: Any) -> Any:
            if not hung:
                hung.append(turn)
                HELD.wait(60)
            return real.turn(turn)

    rooms.conductor._engines = Engines(HangsOnce(), limit=5)
    for _ in range(3):
        await say(rooms)
    await answered(rooms)
    owners = [row.owner for row in rooms.rows(sa.select(conversations.c.owner))]
    assert owners == ["bot"] * 3
    assert len(rooms.rows(sa.select(messages.c.number).where(messages.c.number == 3))) == 3
    rooms.conductor._engines.close()


async def test_an_answer_that_cannot_be_stored_leads_to_a_person(rooms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any) -> None:
        raise ValueError("a column is too short")

    monkeypatch.setattr(filing, "speak", fails)
    await say(rooms)
    await answered(rooms)
    [row] = rooms.rows(sa.select(conversations.c.owner, conversations.c.last_message))
    assert (row.owner, row.last_message) == ("queue", 3)


async def test_a_silent_draft_in_a_chat_is_filed_and_told_there(rooms: Any) -> None:
    await say(rooms)
    await rooms.settle()
    [draft] = rooms.rows(sa.select(cases.c.status))
    assert draft.status == "draft"
    rooms.store.write_now(at_once, "quiet_at")
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 1
    [case] = rooms.rows(sa.select(cases.c.reference, cases.c.incomplete))
    [row] = rooms.rows(sa.select(conversations))
    assert case.incomplete
    assert (row.owner, row.quiet_at) == ("queue", None)
    last = rooms.rows(sa.select(messages.c.text).where(messages.c.number == row.last_message))
    assert case.reference in last[0].text
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 0


async def test_a_draft_in_an_agents_hands_is_filed_only_when_both_have_fallen_silent(rooms: Any) -> None:
    seat = await say(rooms)
    await rooms.settle()
    rooms.store.write_now(ownership.take_over, seat.conversation, agent_id="li", agent_name="Li")
    rooms.store.write_now(at_once, "quiet_at")
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 0
    [last] = rooms.rows(sa.select(messages.c.sender).order_by(messages.c.number.desc()).limit(1))
    assert last.sender == "bot", "what was said before the agent came: nothing interrupts them"

    def both_silent(tx: Transaction) -> None:
        at_once(tx, "quiet_at")
        tx.execute(sa.update(conversations).values(updated_at=tx.now - store_conversations.SILENCE))

    rooms.store.write_now(both_silent)
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 1
    [case] = rooms.rows(sa.select(cases.c.status))
    assert case.status == "filed"


async def test_one_draft_that_cannot_be_filed_holds_up_no_other(rooms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await say(rooms)
    await rooms.settle()
    rooms.store.write_now(at_once, "quiet_at")
    poisoned = rooms.rows(sa.select(cases.c.id).order_by(cases.c.id))[0].id
    file_case = filing.file_case

    def fails_once(tx: Transaction, notices: Any, case_id: str, **more: Any) -> str:
        if case_id == poisoned:
            raise ValueError("no calendar")
        return file_case(tx, notices, case_id, **more)

    monkeypatch.setattr(filing, "file_case", fails_once)
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 2
    assert rooms.store.write_now(filing.file_in_silence, rooms.notices) == 0


async def test_a_draft_whose_customer_writes_on_in_the_queue_is_filed_all_the_same(rooms: Any) -> None:
    seat = await say(rooms)
    await rooms.settle()
    await rooms.chat.take(seat, "2", "I want to speak to a person", None)
    await rooms.settle()
    await rooms.chat.take(seat, "3", "hello?", None)
    [row] = rooms.rows(sa.select(conversations.c.owner, conversations.c.quiet_at))
    assert row.owner == "queue"
    assert row.quiet_at is not None


async def test_a_turn_that_a_notice_overtook_is_begun_again_at_once(rooms: Any) -> None:
    seat = await say(rooms)
    [hand] = rooms.store.write_now(claim_turns, 1)

    def notice(tx: Transaction) -> None:
        row = store_conversations.locked(tx, seat.conversation)
        store_conversations.add_messages(tx, row, [NewMessage(Sender.SYSTEM, "Your case has moved on.")])

    rooms.store.write_now(notice)
    await rooms.conductor._answer(hand)
    await rooms.settle()
    said = [row.sender for row in rooms.rows(sa.select(messages.c.sender).order_by(messages.c.number))]
    assert said == ["bot", "customer", "system", "bot"]


async def test_danger_to_life_is_told_however_many_wait_before_it(rooms: Any) -> None:
    for _ in range(51):
        await say(rooms)

    def a_night(tx: Transaction) -> None:
        """All wait, none of them too long; the last is in danger."""
        ids = list(tx.execute(sa.select(conversations.c.id).order_by(conversations.c.id)).scalars())
        for place, id in enumerate(ids):
            waits = {"waiting_since": tx.now + timedelta(seconds=place), "urgent": place == 50}
            tx.execute(sa.update(conversations).where(conversations.c.id == id).values(owner="queue", **waits))

    rooms.store.write_now(a_night)
    assert rooms.store.write_now(alarms.announce_waiting, rooms.notices) == 1
    [told] = rooms.rows(sa.select(conversations.c.urgent).where(conversations.c.announced_at.is_not(None)))
    assert told.urgent


async def test_a_form_is_taken_and_a_person_called_when_the_engine_fails(rooms: Any) -> None:
    engines = Engines(Broken(raises), limit=0.2)
    filled_in = Complaint(
        ChannelName.WEBFORM, "webform", COMPLAINT, datetime.now(UTC), name="Ann", contact="a@x.example"
    )
    record = await Complaints(engines, rooms.notices)(rooms.gateway, filled_in)
    engines.close()
    assert record.reference is not None
    assert (record.facts.name, record.facts.what_happened) == ("Ann", COMPLAINT)
    [row] = rooms.rows(sa.select(conversations.c.owner, conversations.c.waiting_reason))
    assert tuple(row) == ("queue", "engine_failed")
    said = [row.sender for row in rooms.rows(sa.select(messages.c.sender).order_by(messages.c.number))]
    assert said == ["customer", "bot"]


async def test_an_overdue_case_is_told_of_and_one_broken_timer_holds_up_no_other(
    rooms: Any, write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await rooms.mail(write())
    await rooms.settle()
    [case] = rooms.rows(sa.select(cases.c.id))

    def due(tx: Transaction) -> None:
        timers.set_timer(tx, "unseen", "poison", tx.now - timedelta(seconds=2), {})
        tx.execute(sa.update(timers.timers).values(due_at=tx.now - timedelta(seconds=1)))

    rooms.store.write_now(due)
    rooms.store.write_now(clockwork.fire_due, rooms.notices, None)
    words = {row.words for row in rooms.rows(sa.select(tasks.c.words).where(tasks.c.case_id == case.id))}
    assert "feedback_overdue" in words
    again = sa.select(timers.timers.c.subject).where(timers.timers.c.subject.startswith(f"{case.id}:"))
    assert len(rooms.rows(again)) == 1


async def test_a_notice_that_waits_for_the_morning_holds_up_no_answer(rooms: Any, write: Callable[..., str]) -> None:
    await rooms.mail(write())
    await rooms.settle()
    [row] = rooms.rows(sa.select(conversations.c.id))

    def notice(tx: Transaction) -> None:
        payload = {"text": "Your case has moved on", "language": "en", "subject": "News"}
        new = NewDelivery("n", "email", rooms.channel.account, "ann@example.org", Sender.SYSTEM, payload, row.id)
        outbox.queue(tx, new)
        tx.execute(sa.update(deliveries).where(deliveries.c.occasion == "n").values(due_at=tx.now + timedelta(hours=8)))

    rooms.store.write_now(notice)
    [first] = rooms.post.mails
    await rooms.mail(write(to=first["Reply-To"], references=first["Message-ID"], text="It was on the 4th."))
    await rooms.settle()
    assert len(rooms.post.to("ann@example.org")) == 2


async def test_an_agent_hears_of_what_a_take_over_kept_the_bot_from_saying(
    rooms: Any, write: Callable[..., str]
) -> None:
    rooms.post.fault = Retryable("the relay can't be reached")
    await rooms.mail(write())
    await rooms.settle()
    [row] = rooms.rows(sa.select(conversations.c.id))
    rooms.store.write_now(ownership.take_over, row.id, agent_id="li", agent_name="Li")
    rooms.post.fault = None
    rooms.store.write_now(lambda tx: tx.execute(sa.update(deliveries).values(due_at=tx.now)))
    await rooms.settle()
    assert rooms.post.mails == []
    [task] = rooms.rows(sa.select(tasks.c.words, tasks.c.case_id))
    [case] = rooms.rows(sa.select(cases.c.id, cases.c.reference))
    assert tuple(task) == ("delivery_stopped", case.id), f"the customer does not know of {case.reference}"


async def test_a_relay_that_is_down_loses_nothing_and_keeps_the_order(rooms: Any, write: Callable[..., str]) -> None:
    rooms.post.fault = Retryable("the relay can't be reached")
    await rooms.mail(write())
    await rooms.settle()
    await rooms.mail(write(text="Also my card was swallowed in Hull, I want it back."))
    await rooms.settle()
    assert rooms.post.mails == []
    rooms.post.fault = None
    rooms.store.write_now(lambda tx: tx.execute(sa.update(deliveries).values(due_at=tx.now)))
    await rooms.settle()
    assert len(rooms.post.to("ann@example.org")) == 2
    assert {row.state for row in rooms.rows(sa.select(deliveries.c.state))} == {"sent"}
    ids = {mail["Message-ID"] for mail in rooms.post.mails}
    assert ids == {row.external_id for row in rooms.rows(sa.select(deliveries.c.external_id))}
