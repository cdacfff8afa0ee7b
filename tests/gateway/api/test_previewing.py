"""What would become of an answer: asked of a whole house, by each way; and nothing of it happens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import contacts, conversations, tasks
from case_store.contacts import Contact
from case_store.tables_conversations import messages
from case_store.tables_house import audit_events
from case_store.tables_outbox import deliveries
from gateway.enclosures import MOST_BY_MAIL
from tests.browser.console_house import House
from tests.gateway.files.enclosing import COMPLAINT, PNG, Agent, by_mail, files_in, house, of, outgoing, until

__all__ = ["house"]

WORDS = "We have found the fee."


def previewed(house: House, conversation: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    async def asked() -> tuple[int, Any]:
        async with Agent(house) as megan:
            return await megan.post(f"/api/v1/conversations/{conversation}/messages/preview", body or {"text": WORDS})

    return asyncio.run(asked())


def everything(house: House) -> list[int]:
    """How many rows there are of what an answer leaves behind."""
    tables = (messages, deliveries, audit_events)
    return [
        of(house, lambda tx, one=table: tx.execute(sa.select(sa.func.count()).select_from(one)).scalar())
        for table in tables
    ]


def test_by_mail_it_is_told_to_whom_from_where_and_under_which_subject(house: House) -> None:
    conversation = by_mail(house)
    before = everything(house)
    status, told = previewed(house, conversation)
    assert status == 200
    [way] = told["ways"]
    assert (way["way"], way["to"], way["from"]) == ("email", "ann@customer.example", "complaints@localhost")
    assert way["subject"].endswith("Fee")
    assert way["text"] == WORDS
    assert everything(house) == before
    assert of(house, tasks.open_tasks) == []


@pytest.mark.parametrize("address", [None, "ann@customer.example"])
def test_in_the_chat_it_is_told_where_it_goes_if_nobody_looks(house: House, address: str | None) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    if address is not None:
        house.write(contacts.add_contact, house.case_of(seat), Contact(address, "email", proof="agent"))
    before = everything(house)
    status, told = previewed(house, seat.conversation)
    assert (status, told["text"]) == (200, WORDS)
    assert [(one["way"], one["otherwise"]) for one in told["ways"]] == [("webchat", address)]
    assert everything(house) == before
    assert house.owner(seat)[0] == "bot"


def test_an_unknown_conversation_is_told(house: House) -> None:
    assert previewed(house, "none")[0] == 404


def test_what_is_not_filled_in_is_refused_before_it_is_shown(house: House) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    assert previewed(house, seat.conversation, {"text": "by ⟦feedback_due⟧"})[0] == 422


# what is shown is what happens ---------------------------------------------------------------------------------------


def shown_and_sent(house: House, conversation: str, *names: str, **body: Any) -> tuple[Any, Any, list[tuple[str, str]]]:
    """The preview, the answer, and what then stands in the conversation beyond what stood there before."""

    async def both() -> tuple[Any, Any, int]:
        async with Agent(house) as megan:
            whole = {"text": WORDS, **body, "attachments": [await megan.upload(name=name) for name in names]}
            before = of(house, conversations.find, conversation)["last_message"]
            counted = everything(house)
            status, shown = await megan.post(f"/api/v1/conversations/{conversation}/messages/preview", whole)
            assert status == 200, shown
            assert everything(house) == counted
            status, sent = await megan.post(f"/api/v1/conversations/{conversation}/messages", whole)
            assert status == 201, sent
            return shown, sent, before

    shown, sent, before = asyncio.run(both())
    said = of(house, lambda tx: conversations.messages_of(tx, conversation, after=before))
    return shown, sent, [(one.sender.value, one.text) for one in said]


def read_around(shown: Any) -> list[tuple[str, str]]:
    """What a preview says that the customer reads, in order."""
    notices = {when: [("system", one["text"]) for one in shown["notices"] if one["when"] == when] for when in WHEN}
    return [*notices["before"], ("agent", shown["text"]), *notices["after"]]


WHEN = ("before", "after")


def test_in_the_chat_it_is_shown_that_a_person_is_here_now(house: House) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    shown, sent, said = shown_and_sent(house, seat.conversation, "proof.png")
    assert read_around(shown) == said
    assert "Megan Howe" in said[0][1]
    assert [one["when"] for one in shown["notices"]] == ["before"]
    assert shown["ways"][0]["files"] == [file["name"] for file in sent["attachments"]] == ["proof.png"]
    # nobody comes twice
    assert previewed(house, seat.conversation)[1]["notices"] == []


def test_it_is_shown_that_the_bot_goes_on(house: House) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    shown, _, said = shown_and_sent(house, seat.conversation, then={"hand_back": "bot"})
    assert read_around(shown) == said
    assert [one["when"] for one in shown["notices"]] == list(WHEN)


def test_by_mail_it_is_shown_what_leaves(house: House) -> None:
    conversation = by_mail(house)
    before = len(outgoing(house))
    shown, _, said = shown_and_sent(house, conversation, "proof.png")
    house.do(until(house, lambda tx: len(outgoing(house)) > before))
    mail, [way] = outgoing(house)[-1], shown["ways"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert (mail["To"], mail["Subject"]) == (way["to"], way["subject"])
    assert mail["From"].addresses[0].addr_spec == way["from"]
    assert body.get_content().strip() == way["text"] == WORDS
    assert [name for name, _ in files_in(mail)] == way["files"] == ["proof.png"]
    assert (shown["notices"], said) == ([], [("agent", WORDS)])


def form(house: House, contact: str) -> str:
    async def sent() -> None:
        async with Agent(house) as customer:
            body = {"what_happened": COMPLAINT, "contact": contact, "locale": "en"}
            assert (await customer.post("/api/v1/complaints", body))[0] == 201

    asyncio.run(sent())
    return str(of(house, lambda tx: tx.execute(sa.select(messages.c.conversation_id)).scalar()))


def test_what_a_person_is_to_say_names_the_files_that_can_not_go_along(house: House) -> None:
    conversation = form(house, "+86 139 1234 5678")
    asked = {task.id for task in of(house, tasks.open_tasks)}
    shown, _, _ = shown_and_sent(house, conversation, "proof.png")
    [task] = [task for task in of(house, tasks.open_tasks) if task.id not in asked]
    [way] = shown["ways"]
    assert (way["way"], way["text"], way["files"]) == (task.kind, task.words, [])
    assert WORDS in way["text"]
    assert "proof.png" in way["text"]


def test_files_that_are_too_much_for_a_mail_are_refused_as_sending_refuses_them(house: House) -> None:
    conversation, seat = by_mail(house), house.chat(COMPLAINT, locale="en")

    async def asked() -> list[tuple[int, Any]]:
        async with Agent(house) as megan:
            body = {"text": WORDS, "attachments": [await megan.upload(PNG + b"\0" * MOST_BY_MAIL)]}
            place = f"/api/v1/conversations/{conversation}/messages"
            chat = f"/api/v1/conversations/{seat.conversation}/messages/preview"
            return [await megan.post(one, body) for one in (f"{place}/preview", place, chat)]

    shown, sent, in_chat = asyncio.run(asked())
    assert shown == sent
    assert (shown[0], shown[1]["errors"][0]["field"], in_chat[0]) == (422, "attachments", 200)


def test_what_sending_would_refuse_is_refused(house: House) -> None:
    """Danger to life goes to no bot before somebody has said in words that there is none."""
    seat = house.chat(COMPLAINT, locale="en")
    house.waits(seat, urgent=True)
    status, told = previewed(house, seat.conversation, {"text": WORDS, "then": {"hand_back": "bot"}})
    assert (status, told["code"]) == (409, "danger_not_cleared")
