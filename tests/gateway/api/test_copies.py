"""Copies of an answer by mail: only to proved contacts of the very case, seen by everybody, on record; none in hiding."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, contacts, conversations, links
from case_store.contacts import Contact
from case_store.store import Transaction
from case_store.tables_outbox import deliveries
from tests.browser.console_house import House
from tests.gateway.files.enclosing import Agent, by_mail, files_in, house, of, outgoing, until

__all__ = ["house"]

ANN, BEN, EVE = "ann@customer.example", "ben@customer.example", "eve@else.example"
WORDS = "We have found the fee."


@pytest.fixture
def mail(house: House) -> str:
    """Ann's conversation by mail; Ben is a proved contact of her case too."""
    conversation = by_mail(house)
    house.write(contacts.add_contact, case_of(house, conversation), Contact(BEN, "email", proof="agent"))
    return conversation


def case_of(house: House, conversation: str) -> str:
    return str(of(house, conversations.find, conversation)["case_id"])


def answers(house: House, conversation: str, cc: list[str], *files: str, preview: bool = False) -> tuple[int, Any]:
    async def sent() -> tuple[int, Any]:
        async with Agent(house) as megan:
            named = [await megan.upload(name=name) for name in files]
            path = f"/api/v1/conversations/{conversation}/messages{'/preview' if preview else ''}"
            return await megan.post(path, {"text": WORDS, "cc": cc, "attachments": named})

    return asyncio.run(sent())


def test_everybody_who_gets_it_sees_who_else_does(house: House, mail: str) -> None:
    before = len(outgoing(house))
    _, shown = answers(house, mail, [BEN.upper()], "proof.png", preview=True)
    assert (shown["ways"][0]["to"], shown["ways"][0]["cc"], len(shown["ways"])) == (ANN, [BEN], 1)
    status, said = answers(house, mail, [BEN, BEN], "proof.png")
    assert (status, said["cc"], said["delivery"]["state"]) == (201, [BEN], "queued")
    house.do(until(house, lambda tx: len(outgoing(house)) == before + 2))
    left = {one["X-Qingting-Recipient"]: one for one in outgoing(house)[before:]}
    assert set(left) == {ANN, BEN}
    for one in left.values():
        assert (one["To"], one["Cc"], one["Bcc"]) == (ANN, BEN, None)
        assert [name for name, _ in files_in(one)] == ["proof.png"]
        assert WORDS in str(one.get_body(("plain",)))
    assert left[ANN]["Reply-To"] == left[BEN]["Reply-To"]
    assert left[ANN]["Message-ID"] != left[BEN]["Message-ID"]
    told = [one for one in of(house, audit.timeline, audit.conversation_chain(mail)) if one.action == "copied"]
    assert [(one.actor, one.detail) for one in told] == [
        ("agent:Megan Howe", {"message": int(said["id"]), "to": [BEN]})
    ]


def unproved(tx: Transaction, conversation: str, case: str) -> None:
    contacts.add_contact(tx, case, Contact(EVE, "email"))


def returned(tx: Transaction, conversation: str, case: str) -> None:
    contacts.add_contact(tx, case, Contact(EVE, "email", proof="agent"))
    contacts.flag_bounced(tx, case, EVE)


def rung(tx: Transaction, conversation: str, case: str) -> None:
    contacts.add_contact(tx, case, Contact("+8613912345678", "phone", proof="agent"))


def in_doubt(tx: Transaction, conversation: str, case: str) -> None:
    contacts.add_contact(tx, case, Contact(EVE, "email", proof="agent"))
    links.withhold(tx, case, conversation, by="system", reason="test")


def answered_elsewhere(tx: Transaction, conversation: str, case: str) -> None:
    """What Ann is written no longer arrives: nobody gets a copy of what goes another way."""
    contacts.add_contact(tx, case, Contact(EVE, "email", proof="agent"))
    contacts.flag_bounced(tx, case, ANN)


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (None, EVE),
        (unproved, EVE),
        (returned, EVE),
        (rung, "+8613912345678"),
        (in_doubt, EVE),
        (answered_elsewhere, EVE),
        (None, ANN),  # who gets the answer itself
        (None, f"{BEN}, {EVE}"),
        (None, f"{BEN}\r\nBcc: {EVE}"),
    ],
)
def test_nobody_else_gets_one_and_nothing_is_sent(house: House, mail: str, before: Any, asked: str) -> None:
    if before is not None:
        house.write(before, mail, case_of(house, mail))
    counted = of(house, conversations.find, mail)["last_message"]
    for preview in (True, False):
        status, told = answers(house, mail, [asked], preview=preview)
        assert (status, told["errors"][0]["field"]) == (422, "cc")
    row = of(house, conversations.find, mail)
    assert (row["last_message"], row["owner"]) == (counted, "bot")


def test_in_a_chat_there_are_no_copies(house: House) -> None:
    seat = house.chat("I complain: your branch charged me a fee twice", locale="en")
    house.write(contacts.add_contact, house.case_of(seat), Contact(BEN, "email", proof="agent"))
    assert answers(house, seat.conversation, [BEN])[0] == 422


def test_who_may_get_one_is_told(house: House, mail: str) -> None:
    async def asked() -> Any:
        async with (
            Agent(house) as megan,
            megan.session.get(f"{megan.root}/api/v1/conversations/{mail}/readers") as answer,
        ):
            return await answer.json()

    assert asyncio.run(asked())["items"] == [{"address": BEN, "name": None, "proof": "agent"}]


def test_a_copy_leaves_only_while_its_reader_is_a_contact(house: House, mail: str) -> None:
    """Between answering and sending the contact was taken away: the answer leaves, the copy doesn't, and a person looks."""

    def answered_and_parted(tx: Transaction) -> None:
        from gateway import copies, filing
        from gateway.notifications import Notices
        from gateway.promises import Promises

        gateway = house.gateway
        notices = Notices(Promises(gateway.policy, gateway.settings), gateway.settings, gateway.tokens)
        row = conversations.locked(tx, mail)
        new = conversations.NewMessage(
            conversations.Sender.AGENT, WORDS, case_id=row["case_id"], mail={copies.CC: [BEN]}
        )
        [said] = conversations.add_messages(tx, row, [new])
        filing.agent_replied(tx, notices, conversations.locked(tx, mail), said)
        contacts.remove(tx, row["case_id"], BEN)

    house.write(answered_and_parted)
    house.do(until(house, lambda tx: set(states_of(tx).values()) == {"sent", "stopped"}))
    assert of(house, states_of) == {ANN: "sent", BEN: "stopped"}


def states_of(tx: Transaction) -> dict[str, str]:
    d = deliveries.c
    return {row.address: row.state for row in tx.execute(sa.select(d.address, d.state).where(d.sender == "agent"))}


def test_a_copy_that_comes_back_says_nothing_of_the_answer(house: House, mail: str) -> None:
    _, said = answers(house, mail, [BEN])
    house.do(until(house, lambda tx: set(states_of(tx).values()) == {"sent"}))
    d = deliveries.c
    house.write(lambda tx: tx.execute(sa.update(deliveries).where(d.address == BEN).values(state="bounced")))

    async def shown() -> Any:
        async with (
            Agent(house) as megan,
            megan.session.get(f"{megan.root}/api/v1/conversations/{mail}") as answer,
        ):
            return await answer.json()

    [message] = [one for one in asyncio.run(shown())["messages"] if one["id"] == said["id"]]
    assert message["delivery"]["state"] == "sent"
