"""What the trail says was told: when it was handed over and not before, once; and what becomes of words that do not arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, contacts, conversations, outbox, overview, ownership, papers
from case_store.audit import case_chain
from case_store.contacts import Contact
from case_store.papers import Party
from case_store.records import ChannelName
from case_store.store import Transaction
from case_store.tables_cases import case_contacts
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import conversations as conversation_table
from case_store.tables_outbox import deliveries, tasks
from channels.message import Refused, Retryable, UnknownAddress
from gateway import filing, tidings
from gateway.api import shapes
from gateway.texts import Text
from gateway.tidings import Failure

ANN = "ann@example.org"
TOLD = ("to_be_told", "told", "not_told", "not_delivered", "bounced")
NOBODY = UnknownAddress("550 5.1.1 no such user")


def trail(rooms: Any) -> list[tuple[str, str]]:
    """(action, occasion) of all that tells what was told, in order."""
    [case] = rooms.rows(sa.select(case_table.c.id))
    events = rooms.store.read_now(audit.timeline, case_chain(case.id))
    return [(one.action, str((one.detail or {}).get("occasion", ""))) for one in events if one.action in TOLD]


def asked(rooms: Any, *kinds: str) -> list[tuple[str, str]]:
    rows = rooms.rows(sa.select(tasks.c.kind, tasks.c.words).order_by(tasks.c.id))
    return [(row.kind, row.words) for row in rows if not kinds or row.kind in kinds]


def bounced(rooms: Any, address: str = ANN) -> bool:
    [row] = rooms.rows(sa.select(case_contacts.c.bounced_at).where(case_contacts.c.address == address))
    return row.bounced_at is not None


def let_go(rooms: Any) -> None:
    """The quiet hours are over, the pause between two tries is too, and every lease has run out."""
    d = deliveries.c
    due = sa.update(deliveries).where(d.due_at.is_not(None))
    rooms.store.write_now(lambda tx: tx.execute(due.values(due_at=tx.now - timedelta(seconds=1))))


def tell(rooms: Any, words: str = "We have found the fee.", by_person: str | None = None, number: int = 5) -> None:
    """A notice of the case, which waits until tomorrow."""
    [case] = rooms.rows(sa.select(case_table.c.id))

    def told(tx: Transaction) -> None:
        rooms.notices.tell(tx, cases.get(tx, case.id), f"result:{number}", Text("About", words), by_person)
        waiting = deliveries.c.state == "queued"
        tx.execute(sa.update(deliveries).where(waiting).values(due_at=tx.now + timedelta(hours=9)))

    rooms.store.write_now(told)


def reply(rooms: Any, words: str) -> None:
    [row] = rooms.rows(sa.select(conversation_table.c.id))

    def said(tx: Transaction) -> None:
        stored = ownership.reply(tx, row.id, words, agent_id="a" * 32, agent_name="Wei")
        filing.agent_replied(tx, rooms.notices, conversations.locked(tx, row.id), stored)

    rooms.store.write_now(said)


@pytest.fixture
async def filed(rooms: Any, write: Callable[..., str]) -> str:
    """The id of a case that Ann has filed by mail, and of which she has been told."""
    await rooms.mail(write())
    await rooms.settle()
    [row] = rooms.rows(sa.select(case_table.c.id))
    return str(row.id)


# told when it was handed over ------------------------------------------------------------------------------------


async def test_a_case_filed_by_mail_is_told_when_the_relay_has_taken_the_answer(
    rooms: Any, write: Callable[..., str]
) -> None:
    rooms.post.fault = Retryable("the relay can't be reached")
    await rooms.mail(write())
    await rooms.settle()
    assert trail(rooms) == [("to_be_told", "case_filed")]
    rooms.post.fault = None
    let_go(rooms)
    await rooms.settle()
    assert trail(rooms) == [("to_be_told", "case_filed"), ("told", "case_filed")]


async def test_a_notice_that_waits_for_the_morning_is_not_told_yet(rooms: Any, filed: str) -> None:
    tell(rooms)
    await rooms.settle()
    assert trail(rooms)[2:] == [("to_be_told", "result:5")]
    let_go(rooms)
    await rooms.settle()
    assert trail(rooms)[2:] == [("to_be_told", "result:5"), ("told", "result:5")]


async def test_a_crash_between_handing_over_and_noting_it_neither_loses_nor_doubles_told(
    rooms: Any, filed: str
) -> None:
    tell(rooms)
    let_go(rooms)
    [dead] = rooms.store.write_now(outbox.claim, 8, ["email"])  # handed over, and the process died
    assert ("told", "result:5") not in trail(rooms)
    let_go(rooms)
    await rooms.settle()
    assert trail(rooms).count(("told", "result:5")) == 1
    assert not rooms.store.write_now(tidings.handed_over, dead, None)  # it only slept
    assert trail(rooms).count(("told", "result:5")) == 1


async def test_what_is_said_in_the_chat_is_told_when_it_stands_there(rooms: Any) -> None:
    seat = await rooms.chat.begin(None, "en")
    words = ("You charged my card an annual fee of 300 yuan on 3 November at the Leeds branch. I want it refunded.",)
    for number, text in enumerate((*words, "Ann Lee, 13912345678", "yes")):
        await rooms.chat.take(seat, f"c{number}", text, None)
        await rooms.settle()
    assert trail(rooms) == [("told", "case_filed")]


# what does not arrive --------------------------------------------------------------------------------------------


async def test_an_answer_that_the_relay_refuses_is_not_told_and_a_person_is_given_the_words(
    rooms: Any, write: Callable[..., str]
) -> None:
    rooms.post.fault = NOBODY
    await rooms.mail(write())
    await rooms.settle()
    assert [action for action, _ in trail(rooms)] == ["to_be_told", "not_delivered", "bounced", "to_be_told"]
    assert bounced(rooms)
    [(kind, words)] = asked(rooms)
    [case] = rooms.rows(sa.select(case_table.c.reference))
    assert kind == "letter"
    assert case.reference in words
    assert "simply reply" not in words


@pytest.mark.parametrize(("error", "flagged"), [(NOBODY, True), (Refused("554 5.7.1 looks like spam"), False)])
async def test_a_result_that_is_refused_becomes_a_task_with_its_words(
    rooms: Any, filed: str, error: Exception, flagged: bool
) -> None:
    tell(rooms, "We have found the fee.", "We have found the fee. Call us.")
    rooms.post.fault = error
    let_go(rooms)
    await rooms.settle()
    assert ("told", "result:5") not in trail(rooms)
    assert ("not_delivered", "result:5") in trail(rooms)
    assert trail(rooms)[-1] == ("to_be_told", "result:5")
    assert asked(rooms) == [("letter", "We have found the fee. Call us.")]
    assert bounced(rooms) is flagged


async def test_what_one_address_refuses_goes_to_the_next_that_is_proved(rooms: Any, filed: str) -> None:
    rooms.store.write_now(contacts.add_contact, filed, Contact("ann@new.example", "email", "confirmed"))
    tell(rooms)
    rooms.post.fault = NOBODY
    let_go(rooms)
    await rooms.delivery.send_due()
    rooms.post.fault = None
    let_go(rooms)
    await rooms.settle()
    assert len(rooms.post.to("ann@new.example")) == 1
    assert trail(rooms)[-1] == ("told", "result:5")
    assert asked(rooms) == []


async def test_an_agents_words_that_are_refused_become_a_task(rooms: Any, filed: str) -> None:
    rooms.post.fault = NOBODY
    reply(rooms, "Please look at the table.")
    await rooms.settle()
    assert asked(rooms) == [("letter", "Please look at the table.")]
    assert bounced(rooms)


async def test_a_mail_that_comes_back_is_not_told_after_all(rooms: Any, filed: str) -> None:
    [answer] = rooms.post.mails
    await rooms.mail(returned(answer["X-Envelope-From"]), mail_from="")
    await rooms.settle()
    assert trail(rooms)[:2] == [("to_be_told", "case_filed"), ("told", "case_filed")]
    assert ("not_delivered", "case_filed") in trail(rooms)
    [(kind, words)] = asked(rooms)
    [case] = rooms.rows(sa.select(case_table.c.reference))
    assert (kind, case.reference in words) == ("letter", True)
    await rooms.mail(returned(answer["X-Envelope-From"]).replace("Sorry", "Sorry again"), mail_from="")
    await rooms.settle()
    assert len(asked(rooms)) == 1


def returned(to: str) -> str:
    return (
        f"From: MAILER-DAEMON@mx.example.org\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; {ANN}\nAction: failed\nStatus: 5.1.1\n--b--\n"
    )


# an address that reaches nobody ----------------------------------------------------------------------------------


async def test_an_agents_answer_to_an_address_that_bounced_is_for_a_person_to_tell(rooms: Any, filed: str) -> None:
    rooms.store.write_now(contacts.flag_bounced, filed, ANN)
    assert unreachable(rooms), "the agent is told before they write"
    before = len(rooms.post.mails)
    reply(rooms, "Please look at the table.")
    await rooms.settle()
    assert len(rooms.post.mails) == before
    assert asked(rooms) == [("letter", "Please look at the table.")]


async def test_without_a_case_too_nothing_is_written_to_an_address_that_bounced(
    rooms: Any, write: Callable[..., str]
) -> None:
    await rooms.mail(write(text="What are your opening hours?"))
    await rooms.settle()
    [answer] = rooms.post.mails
    await rooms.mail(returned(answer["X-Envelope-From"]), mail_from="")
    await rooms.settle()
    assert unreachable(rooms)
    reply(rooms, "We open at nine.")
    await rooms.settle()
    assert len(rooms.post.mails) == 1
    assert ("look", "answer_not_sent") in asked(rooms)
    await rooms.mail(write(text="It works again. What are your opening hours?", to=answer["Reply-To"]))
    await rooms.settle()
    reply(rooms, "We open at nine.")
    await rooms.settle()
    assert "We open at nine." in str(rooms.post.mails[-1])
    assert not unreachable(rooms)


def unreachable(rooms: Any) -> bool:
    """Whether the console says that nothing arrives at this address."""
    [row] = rooms.rows(sa.select(conversation_table.c.id))
    return bool(shapes.conversation(rooms.store.read_now(overview.conversation, row.id))["unreachable"])


# at the moment of leaving ----------------------------------------------------------------------------------------


LAWYER = "lawyer@example.net"


def entrust(tx: Transaction, case_id: str, address: str = LAWYER) -> None:
    """Ann is only reached through her lawyer, who has a mandate."""
    contacts.remove(tx, case_id, ANN)
    papers.set_proxy(tx, case_id, Party("Lee Law", contact=address), mandate=True, actor="agent:wei")


async def test_what_waits_for_the_morning_does_not_leave_for_a_proxy_who_was_barred_meanwhile(
    rooms: Any, filed: str
) -> None:
    rooms.store.write_now(entrust, filed)
    tell(rooms, "We have found the fee.")
    tell(rooms, "And the interest.", number=6)
    [one, two] = [row.address for row in rooms.rows(queued())]
    assert one == two == LAWYER
    rooms.store.write_now(papers.end_proxy, filed, actor="agent:wei")
    let_go(rooms)
    await rooms.settle()
    assert rooms.post.to(LAWYER) == []
    assert asked(rooms, "letter") == [("letter", "We have found the fee."), ("letter", "And the interest.")]
    assert [action for action, _ in trail(rooms)[-4:]].count("told") == 0


async def test_it_goes_to_the_complainant_where_they_can_be_told(rooms: Any, filed: str) -> None:
    rooms.store.write_now(entrust, filed)
    tell(rooms)
    rooms.store.write_now(contacts.add_contact, filed, Contact("ann@new.example", "email", "agent"))
    rooms.store.write_now(papers.end_proxy, filed, actor="agent:wei")
    let_go(rooms)
    await rooms.delivery.send_due()
    let_go(rooms)
    await rooms.settle()
    assert rooms.post.to(LAWYER) == []
    assert "We have found the fee." in str(rooms.post.to("ann@new.example")[-1])
    assert trail(rooms)[-1] == ("told", "result:5")


async def test_what_waits_does_not_leave_for_an_address_that_bounced_meanwhile(rooms: Any, filed: str) -> None:
    tell(rooms)
    rooms.store.write_now(contacts.flag_bounced, filed, ANN)
    before = len(rooms.post.mails)
    let_go(rooms)
    await rooms.settle()
    assert len(rooms.post.mails) == before
    assert asked(rooms) == [("letter", "We have found the fee.")]


async def test_an_agents_answer_that_is_tried_again_does_not_leave_for_a_proxy_who_was_barred_meanwhile(
    rooms: Any, filed: str
) -> None:
    rooms.store.write_now(contacts.remove, filed, ANN)
    rooms.store.write_now(
        lambda tx: papers.set_proxy(tx, filed, Party("Lee Law", contact=ANN), mandate=True, actor="agent:wei")
    )
    rooms.post.fault = Retryable("the relay can't be reached")
    reply(rooms, "Please look at the table.")
    await rooms.settle()
    rooms.post.fault, before = None, len(rooms.post.mails)
    rooms.store.write_now(papers.end_proxy, filed, actor="agent:wei")
    let_go(rooms)
    await rooms.settle()
    assert len(rooms.post.mails) == before
    assert asked(rooms, "letter") == [("letter", "Please look at the table.")]


async def test_a_way_that_can_not_be_found_holds_up_nothing_else_and_a_person_looks(rooms: Any, filed: str) -> None:
    def breaks(tx: Transaction, delivery: outbox.StoredDelivery, why: Failure) -> bool:
        contacts.flag_bounced(tx, filed, "ann@new.example")
        raise RuntimeError("no way")

    rooms.gateway.another_way = breaks
    rooms.store.write_now(contacts.add_contact, filed, Contact("ann@new.example", "email", "confirmed"))
    tell(rooms)
    rooms.store.write_now(contacts.flag_bounced, filed, ANN)
    before = len(rooms.post.mails)
    let_go(rooms)
    await rooms.settle()
    assert asked(rooms) == [("look", "delivery_stopped")]
    assert not bounced(rooms, "ann@new.example"), "what it did is undone"
    tell(rooms, number=6)
    let_go(rooms)
    await rooms.settle()
    assert len(rooms.post.mails) == before + 1


def queued() -> sa.Select[Any]:
    d = deliveries.c
    return sa.select(d.address).where(d.state == "queued", d.channel == ChannelName.EMAIL.value).order_by(d.id)
