"""One mail, one arrival; another mail under its Message-ID stands on its own and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.arrivals import NewArrival
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries
from channels.channel import Acceptance


async def test_the_same_mail_twenty_times_at_once(rooms: Any, write: Callable[..., str]) -> None:
    mail = write()
    receipts = await asyncio.gather(*(rooms.mail(mail) for _ in range(20)))
    assert [receipt.acceptance for receipt in receipts].count(Acceptance.ACCEPTED) == 1
    assert len({receipt.arrival_id for receipt in receipts}) == 1
    await asyncio.gather(rooms.settle(), rooms.settle(), rooms.settle())
    await rooms.settle()
    assert len(rooms.rows(sa.select(messages.c.number).where(messages.c.sender == "customer"))) == 1
    assert len(rooms.rows(sa.select(cases.c.id))) == 1
    assert len(rooms.post.mails) == 1


async def test_another_mail_under_a_used_message_id_is_stored_on_its_own_and_marked(
    rooms: Any, write: Callable[..., str]
) -> None:
    used = "<1@example.org>"
    await rooms.mail(write(message_id=used))
    await rooms.settle()
    second = await rooms.mail(write("Eve <eve@example.org>", text="Pay me 1 yuan.", message_id=used))
    assert second.acceptance is Acceptance.ACCEPTED
    await rooms.settle()
    marks = rooms.rows(sa.select(arrivals.c.mark).order_by(arrivals.c.received_at))
    assert [row.mark for row in marks] == [None, "same_message_id_other_content"]
    assert len(rooms.rows(sa.select(conversations.c.id))) == 2


async def test_two_at_once_under_one_message_id_are_marked_too(rooms: Any, write: Callable[..., str]) -> None:
    for text in ("You took 1 yuan.", "You took 2 yuan."):
        await rooms.mail(write(message_id="<1@example.org>", text=text))
    await rooms.settle()
    marks = {row.mark for row in rooms.rows(sa.select(arrivals.c.mark))}
    assert marks == {None, "same_message_id_other_content"}


async def test_mails_without_a_message_id_are_not_taken_for_one_another(rooms: Any, write: Callable[..., str]) -> None:
    for text in ("You took 1 yuan.", "You took 2 yuan."):
        await rooms.mail(write(message_id="", text=text))
    await rooms.settle()
    assert {row.mark for row in rooms.rows(sa.select(arrivals.c.mark))} == {None}
    assert len(rooms.rows(sa.select(messages.c.number).where(messages.c.sender == "customer"))) == 2


async def test_mails_that_say_all_in_their_subject_are_not_taken_for_one_another(rooms: Any) -> None:
    for subject in ("You charged me twice", "You sold me the wrong fund"):
        receipt = await rooms.mail(f"From: ann@example.org\nSubject: {subject}\n\n\n")
        assert receipt.acceptance is Acceptance.ACCEPTED, "a program wrote neither Message-ID nor Date"


async def test_a_mail_that_follows_one_which_is_still_being_read_joins_it(
    rooms: Any, write: Callable[..., str]
) -> None:
    """As after a night without the gateway: both come at once, and the first takes longer to read."""
    long = "<p>You charged me a fee of 300 yuan in your Leeds branch.</p>\n" * 3000
    await rooms.mail(write(message_id="<first@example.org>", text=long, content_type="text/html"))
    await rooms.mail(write(references="<first@example.org>", subject="Re: Card fee", text="It was on 3 November."))
    await rooms.settle()
    rooms.store.write_now(
        lambda tx: tx.execute(sa.update(arrivals).values(due_at=tx.now).where(arrivals.c.due_at.is_not(None)))
    )
    await rooms.settle()
    assert [row.last_message > 2 for row in rooms.rows(sa.select(conversations.c.last_message))] == [True]
    assert len(rooms.rows(sa.select(cases.c.id))) == 1


async def test_the_same_frame_in_parallel_has_one_number(rooms: Any) -> None:
    seat = await rooms.chat.begin(None, "en")
    took = await asyncio.gather(*(rooms.chat.take(seat, "one", "hello", None) for _ in range(20)))
    assert {number for number, _, _ in took} == {2}
    assert sum(not repeated for _, _, repeated in took) == 1


async def test_one_client_id_in_two_sessions_is_two_messages(rooms: Any) -> None:
    for _ in range(2):
        seat = await rooms.chat.begin(None, "en")
        assert (await rooms.chat.take(seat, "one", "hello", None))[2] is False


async def test_an_answer_names_the_mail_it_answers(rooms: Any, write: Callable[..., str]) -> None:
    await rooms.mail(write(message_id="<1@example.org>"))
    await rooms.settle()
    [answer] = rooms.post.mails
    assert answer["In-Reply-To"] == "<1@example.org>"
    assert "<1@example.org>" in answer["References"]


async def test_a_delivery_is_known_by_its_message_id_before_it_has_left(rooms: Any, write: Callable[..., str]) -> None:
    """An answer, or a bounce, may come before we have written down that the mail was sent."""
    await rooms.mail(write())
    await rooms.intake.read_due()
    await rooms.conductor.answer_due()
    rooms.post.door = asyncio.Event()
    sending = asyncio.create_task(rooms.delivery.send_due())
    while True:
        [row] = rooms.rows(sa.select(deliveries.c.state, deliveries.c.external_id))
        if row.state == "sending":
            break
        await asyncio.sleep(0.01)
    rooms.post.door.set()
    await sending
    assert row.external_id == rooms.post.mails[0]["Message-ID"]


async def test_a_clock_that_is_ahead_holds_back_no_mail(
    rooms: Any, write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = rooms.store.write

    async def ahead(unit: Any, *args: Any) -> Any:
        if args and isinstance(args[0], NewArrival):
            args = (replace(args[0], received_at=args[0].received_at + timedelta(minutes=50)), *args[1:])
        return await accept(unit, *args)

    monkeypatch.setattr(rooms.store, "write", ahead)
    await rooms.mail(write())
    assert await rooms.intake.read_due() == 1
