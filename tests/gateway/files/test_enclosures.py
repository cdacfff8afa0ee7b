"""Files that an agent encloses with an answer, in a whole running house: by mail, in the chat, to somebody who has left it, and what may not leave."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import attachments, audit, contacts, tasks
from case_store.attachments import Scan
from case_store.contacts import Contact
from case_store.papers import files_of
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import attachments as attachment_rows
from case_store.tables_outbox import deliveries
from case_store.tables_outbox import timers as timer_rows
from gateway.enclosures import MOST_BY_MAIL
from tests.browser.console_house import House
from tests.gateway.files.enclosing import COMPLAINT, NAME, PNG, Agent, by_mail, files_in, house, of, outgoing, until

__all__ = ["house"]


def test_what_is_enclosed_leaves_with_the_mail_as_it_is_and_stands_on_record(house: House) -> None:
    conversation = by_mail(house)
    before = len(outgoing(house))

    async def answered() -> Any:
        async with Agent(house) as megan:
            return await megan.answers(conversation, await megan.upload())

    status, said = asyncio.run(answered())
    assert (status, [file["name"] for file in said["attachments"]]) == (201, [NAME])
    house.do(until(house, lambda tx: len(outgoing(house)) > before))
    mail = outgoing(house)[-1]
    assert files_in(mail) == [(NAME, PNG)]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Here is the proof." in body.get_content()
    assert of(house, lambda tx: [files_of(tx, id) for id in _cases(tx)]) == [()], "it was handed in by nobody"
    assert of(house, lambda tx: [attachments.of_case(tx, id) for id in _cases(tx)]) == [[]]
    told = [
        one for one in of(house, audit.timeline, audit.conversation_chain(conversation)) if one.action == "enclosed"
    ]
    assert [(one.actor, one.detail["files"][0]["name"]) for one in told] == [("agent:Megan Howe", NAME)]


def _cases(tx: Transaction) -> list[str]:
    return list(tx.execute(sa.select(cases.c.id)).scalars())


def test_the_customer_of_a_chat_gets_it_there_and_no_other_chat_does(house: House) -> None:
    seat, stranger = house.chat(COMPLAINT, locale="en"), house.chat(COMPLAINT, locale="en")

    async def answered() -> list[tuple[int, bytes]]:
        async with Agent(house) as megan:
            status, said = await megan.answers(seat.conversation, await megan.upload())
            assert status == 201, said
            place = f"{megan.root}/api/v1/chat/attachments/{said['attachments'][0]['id']}"
            got = []
            for one in (seat, stranger):
                async with megan.session.get(place, headers={"X-Chat-Session": one.session}) as answer:
                    got.append((answer.status, await answer.read()))
            return got

    mine, theirs = asyncio.run(answered())
    assert mine == (200, PNG)
    assert theirs[0] == 404


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("unknown", "unknown upload"),
        ("unfinished", "unfinished upload"),
        ("program", "refused upload"),
        ("twice", "no other message"),
        ("many", "at most"),
    ],
)
def test_what_can_not_be_enclosed_is_named_and_nothing_is_sent(house: House, what: str, told: str) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    before = len(house.told(seat))

    async def answered() -> tuple[int, Any]:
        async with Agent(house) as megan:
            if what == "unknown":
                return await megan.answers(seat.conversation, "no-such-upload")
            if what == "unfinished":
                return await megan.answers(seat.conversation, await megan.upload(whole=False))
            if what == "program":
                return await megan.answers(seat.conversation, await megan.upload(b"MZ" + b"\0" * 400, "update.exe"))
            if what == "many":
                return await megan.answers(seat.conversation, *[str(number) for number in range(11)])
            used = await megan.upload()
            other = house.chat(COMPLAINT, locale="en")
            assert (await megan.answers(other.conversation, used))[0] == 201
            return await megan.answers(seat.conversation, used)

    status, problem = asyncio.run(answered())
    assert status == 422, problem
    assert told in str(problem)
    assert len(house.told(seat)) == before
    assert house.owner(seat)[0] == "bot"  # nothing was taken over either


def test_more_than_mail_systems_take_is_refused_for_mail_and_taken_in_the_chat(house: House) -> None:
    conversation, seat = by_mail(house), house.chat(COMPLAINT, locale="en")
    large = PNG + b"\0" * MOST_BY_MAIL

    async def answered() -> list[tuple[int, Any]]:
        async with Agent(house) as megan:
            file = await megan.upload(large)
            return [await megan.answers(one, file) for one in (conversation, seat.conversation)]

    by_post, in_chat = asyncio.run(answered())
    assert by_post[0] == 422
    assert "15,000,000" in str(by_post[1])
    assert in_chat[0] == 201


def test_the_same_request_again_encloses_once(house: House) -> None:
    seat = house.chat(COMPLAINT, locale="en")

    async def answered() -> list[tuple[int, Any]]:
        async with Agent(house) as megan:
            body = {"text": "Here is the proof.", "attachments": [await megan.upload()]}
            path = f"/api/v1/conversations/{seat.conversation}/messages"
            return [await megan.post(path, body, **{"Idempotency-Key": "once"}) for _ in range(2)]

    first, again = asyncio.run(answered())
    assert first == again
    assert first[0] == 201
    assert of(house, lambda tx: tx.execute(sa.select(sa.func.count()).select_from(attachment_rows)).scalar()) == 1


def _queued(tx: Transaction, conversation: str) -> Any:
    row = tx.execute(
        sa.select(deliveries).where(
            deliveries.c.conversation_id == conversation, deliveries.c.sender == Sender.AGENT.value
        )
    )
    return row.mappings().one_or_none()


def test_what_the_scanner_has_found_something_in_does_not_leave_and_a_person_hears_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = by_mail(house)
    before = len(outgoing(house))
    infects(monkeypatch)

    async def answered() -> Any:
        async with Agent(house) as megan:
            return await megan.answers(conversation, await megan.upload())

    assert asyncio.run(answered())[0] == 201
    house.do(until(house, lambda tx: (_queued(tx, conversation) or {}).get("state") == "failed"))
    assert of(house, _queued, conversation)["error"] == f"file_infected: {NAME}"
    assert len(outgoing(house)) == before
    words = of(house, lambda tx: [task.words for task in tasks.open_tasks(tx)])
    assert any("Here is the proof." in one and NAME in one for one in words) or "delivery_failed" in words


def test_who_has_left_the_chat_gets_the_files_by_mail(house: House) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    case = house.case_of(seat)
    house.write(contacts.add_contact, case, Contact("ann@customer.example", "email", proof="agent"))
    before = len(outgoing(house))

    async def answered() -> Any:
        async with Agent(house) as megan:
            return await megan.answers(seat.conversation, await megan.upload())

    assert asyncio.run(answered())[0] == 201
    house.write(_a_while_passes)
    house.do(until(house, lambda tx: len(outgoing(house)) > before))
    assert files_in(outgoing(house)[-1]) == [(NAME, PNG)]


def test_who_can_only_be_rung_is_told_which_files_there_are(house: House) -> None:
    seat = house.chat(COMPLAINT, locale="en")

    async def answered() -> Any:
        async with Agent(house) as megan:
            return await megan.answers(seat.conversation, await megan.upload())

    assert asyncio.run(answered())[0] == 201
    house.write(_a_while_passes)
    house.do(until(house, tasks.open_tasks))
    [words] = [task.words for task in of(house, tasks.open_tasks)]
    assert "Here is the proof." in words
    assert NAME in words


def _a_while_passes(tx: Transaction) -> None:
    """Long enough for a message that nobody has looked at to go another way."""
    t = timer_rows.c
    tx.execute(sa.update(timer_rows).where(t.kind == "unseen", t.due_at.is_not(None)).values(due_at=tx.now))
    tx.wake("timer", "unseen")


def infects(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the scanner had found something in every file before it leaves."""
    found = attachments.of_messages

    def infected(tx: Transaction, conversation_id: str, after: int) -> Any:
        return {
            number: [{**row, "scan": Scan.INFECTED.value} for row in rows]
            for number, rows in found(tx, conversation_id, after).items()
        }

    monkeypatch.setattr(attachments, "of_messages", infected)
