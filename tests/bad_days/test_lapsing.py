"""An offer that is over: its day has passed, it is taken back, or its case is finished. Nobody is put an offer that nobody can take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, contacts, offers
from case_store.audit import case_chain
from case_store.contacts import Contact
from case_store.offers import OfferIsOver, Option
from case_store.papers import ENDED
from case_store.records import Owner, Status
from case_store.store import Transaction
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import conversations as conversation_table
from case_store.tables_conversations import messages
from case_store.tables_outbox import deliveries
from case_store.tables_papers import offers as offer_table
from gateway import lapsing
from tests.bad_days.negotiated import AGENT, HALF, LETTER, House, agreed, text_of


async def test_an_offer_that_ran_out_is_told_and_can_be_taken_no_more(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    house.fire("offer_expires")
    assert house.state(made.id)[0] == "expired"
    assert "time to choose" in house.last().text
    assert house.words() == ["offer_expires"]
    await house.say("option 2")
    assert house.settled() == []
    assert "no longer stand" in house.last().text
    assert house.owner() == Owner.QUEUE


async def test_an_offer_whose_last_day_is_over_is_not_taken_though_its_timer_is_late(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    yesterday = (house.today() - timedelta(days=1)).isoformat()
    late = sa.update(offer_table).values(expires_on=yesterday)
    house.rooms.store.write_now(lambda tx: tx.execute(late))
    await house.say("option 2")
    assert house.state(made.id) == ("open", None)
    assert "no longer stand" in house.last().text


async def test_an_offer_taken_back_is_told_and_so_is_that_the_complaint_goes_on(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    house.take_back(made.id)
    assert "no longer stand" in house.last().text
    assert "12378" in house.last().text
    with pytest.raises(OfferIsOver):
        house.take_back(made.id)


async def test_a_complaint_that_is_withdrawn_leaves_nothing_to_choose(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say("I want to withdraw my complaint")
    await house.say("yes")
    assert house.rooms.store.read_now(cases.get, house.case_id).status is Status.WITHDRAWN
    assert house.state(made.id)[0] == "withdrawn"


def finish(house: House, status: Status, **more: Any) -> None:
    """An agent sets the status, as the console and the API do."""

    def change(tx: Transaction) -> None:
        before = cases.get(tx, house.case_id)
        after = cases.change(tx, before.id, {"status": status.value, **more}, actor=AGENT)
        lapsing.changer(house.rooms.notices)(tx, before, after, None, AGENT)

    house.rooms.store.write_now(change)


def by_letter(house: House) -> None:
    """A customer of a letter has nothing that can be sent to: a person puts the offer."""
    gone = sa.update(conversation_table).values(channel="letter")
    house.rooms.store.write_now(lambda tx: tx.execute(gone))


def reasons(house: House, action: str) -> list[Any]:
    events = house.rooms.store.read_now(audit.timeline, case_chain(house.case_id))
    return [
        (event.detail or {}).get("why") or (event.detail or {}).get("note")
        for event in events
        if event.action == action
    ]


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN])
async def test_an_offer_lapses_with_its_case_and_the_trail_says_why(house: House, status: Status) -> None:
    await house.file_by_chat()
    made = house.offer()
    finish(house, status)
    assert house.state(made.id) == ("withdrawn", None)
    assert reasons(house, "offer_withdrawn") == [status.value]
    await house.say("option 2")
    await house.say("yes")
    assert house.settled() == []


def said(house: House) -> list[Any]:
    return house.rooms.rows(sa.select(messages).order_by(messages.c.at, messages.c.number))


async def test_a_case_that_an_answer_resolves_lapses_its_offer_and_tells_nothing_else(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    told = len(said(house))

    def answer(tx: Transaction) -> None:
        before = cases.get(tx, house.case_id)
        after = cases.change(tx, before.id, {"status": "resolved", "outcome": "solved"}, actor=AGENT)
        lapsing.answerer(house.rooms.notices)(tx, before, after, AGENT)

    house.rooms.store.write_now(answer)
    assert house.state(made.id) == ("withdrawn", None)
    (one,) = said(house)[told:]
    assert "is finished" in one.text


async def test_who_has_read_the_offer_hears_that_it_ends_with_the_case(house: House) -> None:
    await house.file_by_chat()
    house.offer()
    finish(house, Status.CLOSED)
    texts = [row.text for row in house.rooms.rows(sa.select(messages.c.text).order_by(messages.c.number))]
    [told] = [text for text in texts if "no longer stand" in text]
    assert "is finished" in told
    assert "goes on as before" not in told
    finish(house, Status.IN_PROGRESS)
    finish(house, Status.CLOSED)
    assert len(reasons(house, "offer_withdrawn")) == 1


async def test_a_case_that_only_goes_on_keeps_its_offer(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    finish(house, Status.IN_PROGRESS)
    finish(house, Status.WAITING_FOR_CUSTOMER)
    assert house.state(made.id) == ("open", None)


async def test_what_was_agreed_outlives_its_case(house: House) -> None:
    settled = await agreed(house)
    finish(house, Status.CLOSED)
    assert house.words() == ["settlement_to_perform"]
    assert house.state(settled.offer_id)[0] == "agreed"
    house.fire("settlement_near")
    assert "settlement_near" in house.words()


@pytest.mark.parametrize("ends", ["taken_back", "expired", "closed", "withdrawn", "replaced"])
async def test_a_call_that_was_to_put_an_offer_puts_it_no_more_once_it_is_over(house: House, ends: str) -> None:
    """Nobody is rung to hear that what they never heard of no longer stands: the trail says that it was not told."""
    await house.file_by_chat()
    by_letter(house)
    made = house.offer()
    [words] = house.words("call_back")
    assert "please tell us the number" in words
    _end(house, made.id, ends)
    assert not any("please tell us the number" in said and HALF.title in said for said in house.words("call_back"))
    assert not any("no longer stand" in said or "time to choose" in said for said in house.words("call_back"))
    assert reasons(house, "not_told") == [house.state(made.id)[0]]


@pytest.mark.parametrize("ends", ["taken_back", "expired", "closed", "withdrawn", "replaced"])
@pytest.mark.parametrize("attempts", [0, 2])
async def test_a_mail_that_has_not_left_puts_no_offer_that_is_over(
    house: House, write: Callable[..., str], ends: str, attempts: int
) -> None:
    """It waits for the morning, or for the relay to come back."""
    rooms = house.rooms
    await rooms.mail(write())
    await rooms.settle()
    made = house.offer()
    waits = sa.update(deliveries).where(deliveries.c.state == "queued")
    rooms.store.write_now(lambda tx: tx.execute(waits.values(attempts=attempts, due_at=tx.now + timedelta(hours=9))))
    _end(house, made.id, ends)
    rooms.store.write_now(lambda tx: tx.execute(waits.values(due_at=tx.now)))
    await rooms.settle()
    assert not any(HALF.title in text_of(mail) for mail in rooms.post.mails)
    over = [
        mail for mail in rooms.post.mails if "no longer stand" in text_of(mail) or "time to choose" in text_of(mail)
    ]
    told = attempts > 0 and ends in ("taken_back", "expired", "closed")
    assert len(over) == told, "one that was tried may have arrived"


async def test_an_offer_in_a_chat_that_nobody_looks_at_is_not_mailed_once_it_is_over(house: House) -> None:
    case_id = await house.file_by_chat()
    house.offer()
    house.take_back(house.rooms.store.read_now(offers.rounds_of, case_id)[0].id)
    house.rooms.store.write_now(contacts.add_contact, case_id, Contact("ann@example.org", "email", "code"))
    house.fire("unseen")
    house.rooms.store.write_now(lambda tx: tx.execute(sa.update(deliveries).values(due_at=tx.now)))
    await house.rooms.settle()
    mails = [text_of(mail) for mail in house.rooms.post.to("ann@example.org")]
    assert not any(HALF.title in text for text in mails)
    assert any("no longer stand" in text for text in mails)


def _end(house: House, id: str, how: str) -> None:
    if how == "taken_back":
        house.take_back(id)
    elif how == "expired":
        house.fire("offer_expires")
    elif how == "replaced":
        house.offer(options=(LETTER, Option("An apology", "the manager writes to you", 2)))
    else:
        finish(house, Status(how))


async def test_an_offer_is_agreed_with_nobody_whose_mandate_has_ended(house: House) -> None:
    case_id = await house.file_by_chat()
    made = house.offer()
    ended = sa.update(case_table).where(case_table.c.id == case_id).values(mandate=ENDED)
    await house.say("2")
    house.rooms.store.write_now(lambda tx: tx.execute(ended))
    await house.say("yes")
    assert house.settled() == []
    assert house.state(made.id)[0] == "open", "it can be taken once the mandate is here again"
    assert house.owner() == Owner.QUEUE


async def test_a_yes_to_an_offer_withdraws_nothing_that_was_asked_before_it(house: House) -> None:
    await house.file_by_chat()
    await house.say("I want to withdraw my complaint")
    house.offer()
    await house.say("yes")
    assert house.rooms.store.read_now(cases.get, house.case_id).status is Status.FILED
    assert "number" in house.last().text


async def test_an_offer_put_anew_says_so_only_to_who_heard_of_the_one_before(house: House) -> None:
    await house.file_by_chat()
    house.offer()
    house.offer(options=(HALF, LETTER))
    assert "in place of the earlier ones" in house.last().text
    by_letter(house)
    house.offer(options=(LETTER, HALF))
    house.offer(options=(HALF, LETTER))
    [words] = house.words("call_back")
    assert "in place of" not in words
