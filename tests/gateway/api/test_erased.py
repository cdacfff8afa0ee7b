"""A conversation that was erased: no word comes into it any more, by whichever way; what a customer writes opens a new one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import arrivals, contacts, conversations, erasing, tasks
from case_store.arrivals import NewArrival
from case_store.audit import case_chain, conversation_chain
from case_store.certificates import Why
from case_store.contacts import Contact
from case_store.conversations import Erased, NewMessage
from case_store.records import Sender
from case_store.tables_arrivals import events
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_conversations import messages
from case_store.tables_desk import notes
from case_store.tables_drafts import drafts
from channels.message import MessageIn
from channels.webchat.socket import SessionEnded
from gateway import routing
from gateway.chat import Chat
from gateway.context import GATEWAY
from tests.case_store.over import details

WHY = Why("person")
MAIL = "jiangmin@example.com"
WRITTEN = (
    ("POST", "take-over", {}),
    ("POST", "hand-back", {"to": "queue"}),
    ("POST", "messages", {"text": "words that must not get in", "take_over": True}),
    ("POST", "notes", {"text": "words that must not get in"}),
    ("PUT", "drafts/reply", {"text": "words that must not get in", "base": None, "writer": "page-one"}),
    ("PUT", "drafts/note", {"text": "words that must not get in", "base": None, "writer": "page-one"}),
)


def erased(house: Any, channel: str = "webchat", address: str | None = None) -> str:
    id: str = house.conversation("我要投诉", channel=channel, address=address)
    assert house.store.write_now(erasing.erase_conversation, id, WHY) is not None
    return id


def all_words(house: Any) -> set[str]:
    def read(tx: Any) -> set[str]:
        return {text for table in (messages, notes, drafts) for text in tx.execute(sa.select(table.c.text)).scalars()}

    found: set[str] = house.store.read_now(read)
    return found


@pytest.mark.parametrize(("method", "what", "body"), WRITTEN, ids=[what for _, what, _ in WRITTEN])
async def test_nothing_is_written_into_it(house: Any, browser: Any, method: str, what: str, body: Any) -> None:
    house.agent("megan")
    id = erased(house)
    before = house.store.read_now(details, conversation_chain(id))
    agent = await browser("megan")
    status, told, _ = await agent.send(method, f"/api/v1/conversations/{id}/{what}", body)
    assert (status, told["code"]) == (409, "erased")
    assert all_words(house) == {""}
    assert house.store.read_now(details, conversation_chain(id)) == before


@pytest.mark.parametrize("new", [[NewMessage(Sender.CUSTOMER, "late")], []], ids=["a message", "only its row"])
def test_the_store_itself_refuses(house: Any, new: Any) -> None:
    id = erased(house)

    def unit(tx: Any) -> None:
        conversations.add_messages(tx, conversations.locked(tx, id), new, values={"customer": "江敏"})

    with pytest.raises(Erased):
        house.store.write_now(unit)


async def test_whoever_holds_the_chat_opens_a_new_one(house: Any) -> None:
    chat = Chat(house.app[GATEWAY])
    seat = await chat.begin(None, "en")
    await chat.take(seat, "m1", "My name is Ann Lee", None)
    house.store.write_now(erasing.erase_conversation, seat.conversation, WHY)
    with pytest.raises(SessionEnded):
        await chat.take(seat, "m2", "Are you still there?", None)
    for epoch in (0, 1, 2):  # no session of it is let in, also not one that somebody would sign anew
        session = house.app[GATEWAY].tokens.sign_session(seat.conversation, datetime.now(UTC), epoch)
        again = await chat.begin(session, "en")
        assert (again.resumed, again.conversation == seat.conversation) == (False, False)
    assert all_words(house) == {""}


def _mail(house: Any, **said: Any) -> str:
    """The conversation that a mail went into."""

    def unit(tx: Any) -> Any:
        new = NewArrival("email", "email:test", said["external_id"], tx.now, 3, b"raw", transport={})
        arrivals.accept(tx, new)
        [arrival] = arrivals.claim(tx, 5)
        routing.take_in(tx, house.app[GATEWAY], arrival, [MessageIn(**said)])

    house.store.write_now(unit)
    m = messages.c
    found = sa.select(m.conversation_id).where(m.text == said["text"])
    return str(house.store.read_now(lambda tx: tx.execute(found).scalar_one()))


def test_a_mail_that_answers_it_opens_a_new_one_and_leaves_no_word_beside_the_case(house: Any) -> None:
    case = house.case(status="closed")
    house.store.write_now(contacts.add_contact, case.id, Contact(MAIL, "email", "wrote_from"))
    old = case.conversations[0]
    mail = sa.update(conversation_rows).where(conversation_rows.c.id == old).values(channel="email", address=MAIL)
    house.store.write_now(lambda tx: tx.execute(mail) and None)
    house.store.write_now(erasing.erase_case, case.id, WHY)
    chain = house.store.read_now(details, case_chain(case.id))
    new = _mail(
        house,
        external_id="<late@example.com>",
        text=f"And what became of {case.reference}?",
        sender=MAIL,
        subject="My complaint",
        token=house.app[GATEWAY].tokens.sign_reply(old),
    )
    assert new != old
    m, e = messages.c, events.c
    said = house.store.read_now(
        lambda tx: tx.execute(sa.select(m.text).where(m.conversation_id == old)).scalars().all()
    )
    assert set(said) == {""}
    beside = house.store.read_now(lambda tx: tx.execute(sa.select(e.case_id, e.conversation_id)).all())
    assert [tuple(one) for one in beside] == [(None, new)]  # staff see it where the words are
    assert house.store.read_now(lambda tx: tasks.open_of(tx, case.id)) == []
    assert house.store.read_now(details, case_chain(case.id)) == chain
