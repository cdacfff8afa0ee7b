"""No mail loops: what machines send is kept and never answered, and there is an end to what one address is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, contacts
from case_store.contacts import Contact
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases as case_rows
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries, tasks
from gateway.filing import REPLY_BUDGET
from gateway.notifications import CONFIRMATIONS, NOTICE_BUDGET
from gateway.texts import Text

MACHINES = {
    "vacation": {"auto_submitted": "auto-replied", "subject": "Out of office"},
    "list": {"list_id": "<news.example.org>", "precedence": "list"},
    "bulk": {"precedence": "bulk"},
    "exchange": {"x_auto_response_suppress": "All", "x_autoreply": "yes"},
    "our_own": {"x_qingting_mail": "complaints@bank.example"},
}


@pytest.mark.parametrize("machine", MACHINES)
async def test_a_machine_is_never_answered(rooms: Any, write: Callable[..., str], machine: str) -> None:
    await rooms.mail(write(**MACHINES[machine]))
    await rooms.mail(write("complaints@bank.example"))
    await rooms.mail(write("MAILER-DAEMON@example.org", subject="Undelivered Mail Returned to Sender"), mail_from="")
    await rooms.settle()
    assert rooms.post.mails == []
    assert {row.state for row in rooms.rows(sa.select(arrivals.c.state))} == {"read"}


async def test_real_bounces_are_kept_and_never_answered(rooms: Any, shared_data: Path) -> None:
    samples = sorted((shared_data / "mail" / "bounces").glob("*.eml"))
    assert samples
    for sample in samples[::4]:
        await rooms.mail(sample.read_bytes(), mail_from="")
    await rooms.settle()
    assert rooms.post.mails == []
    assert {row.state for row in rooms.rows(sa.select(arrivals.c.state))} == {"read"}


async def test_our_own_mail_that_comes_back_is_kept_and_not_answered(rooms: Any, write: Callable[..., str]) -> None:
    await rooms.mail(write())
    await rooms.settle()
    [answer] = rooms.post.mails
    await rooms.mail(answer.as_bytes(), mail_from="complaints@bank.example")
    await rooms.settle()
    assert len(rooms.post.mails) == 1


async def test_the_mail_of_another_gateway_is_not_answered(rooms: Any, write: Callable[..., str]) -> None:
    """Two houses with this software, one the customer of the other."""
    await rooms.mail(write())
    await rooms.settle()
    [answer] = rooms.post.mails
    theirs = answer.as_string().replace("bank.example", "other.example")
    await rooms.mail(theirs, mail_from="complaints@other.example")
    await rooms.settle()
    assert len(rooms.post.mails) == 1


async def test_there_is_an_end_to_answering_one_address_and_a_person_looks(
    rooms: Any, write: Callable[..., str]
) -> None:
    for number in range(REPLY_BUDGET + 5):
        await rooms.mail(write(text=f"You took {number + 100} yuan from me in Leeds, I want it back."))
        await rooms.settle()
    assert len(rooms.post.to("ann@example.org")) == REPLY_BUDGET
    looks = rooms.rows(sa.select(tasks.c.words).where(tasks.c.words == "reply_budget_spent"))
    assert len(looks) == 1
    assert len(rooms.rows(sa.select(messages.c.number).where(messages.c.sender == "customer"))) == REPLY_BUDGET + 5


async def test_forms_that_name_somebody_elses_address_do_not_fill_their_mailbox(
    rooms: Any, write: Callable[..., str]
) -> None:
    victim = f"{'v' * 60}@{'long.' * 20}example.org"

    def typed(tx: Transaction, case_id: str) -> None:
        contacts.add_contact(tx, case_id, Contact(victim, "email"))
        rooms.notices.ask_to_confirm(tx, cases.get(tx, case_id))

    for number in range(CONFIRMATIONS + 3):
        await rooms.mail(write(f"bob{number}@example.org"))
        await rooms.settle()
    for row in rooms.rows(sa.select(case_rows.c.id)):
        rooms.store.write_now(typed, row.id)
    await rooms.settle()
    assert len(rooms.post.to(victim)) == CONFIRMATIONS
    assert all("Leeds" not in str(mail) for mail in rooms.post.to(victim))


async def test_there_is_an_end_to_answering_about_one_case_from_however_many_addresses(
    rooms: Any, write: Callable[..., str]
) -> None:
    await rooms.mail(write())
    await rooms.settle()
    [case] = rooms.rows(sa.select(case_rows.c.id, case_rows.c.reference))
    others = [f"ann{number}@example.org" for number in range(REPLY_BUDGET + 4)]
    for address in others:
        rooms.store.write_now(contacts.add_contact, case.id, Contact(address, "email", "confirmed"))
    for address in others:
        await rooms.mail(write(address, subject=case.reference, text="What is the status of my complaint?"))
        await rooms.settle()
    assert len(rooms.post.mails) == REPLY_BUDGET
    words = [row.words for row in rooms.rows(sa.select(tasks.c.words))]
    assert "reply_budget_spent" in words


async def test_there_is_an_end_to_notices_too_and_then_a_person_tells(rooms: Any, write: Callable[..., str]) -> None:
    await rooms.mail(write())
    await rooms.settle()
    [case] = rooms.rows(sa.select(case_rows.c.id))

    def tell(tx: Transaction, number: int) -> None:
        rooms.notices.tell(tx, cases.get(tx, case.id), f"status_changed:{number}", Text("subject", f"news {number}"))

    for number in range(NOTICE_BUDGET + 3):
        rooms.store.write_now(tell, number)
    queued = rooms.rows(sa.select(deliveries.c.id).where(deliveries.c.sender == "system"))
    assert len(queued) == NOTICE_BUDGET
    told = [row.words for row in rooms.rows(sa.select(tasks.c.words).where(tasks.c.kind == "letter"))]
    assert told == [f"news {number}" for number in range(NOTICE_BUDGET, NOTICE_BUDGET + 3)]


SEALED = "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIIB\n"
INVITED = (
    "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nComplaint: you took 300 yuan in Leeds\n"
    "--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--\n"
)


@pytest.mark.parametrize(("rest", "reason", "looks"), [(SEALED, "mail_sealed", 1), (INVITED, "invitation", 0)])
async def test_what_no_machine_can_read_or_should_judge_waits_for_a_person(
    rooms: Any, rest: str, reason: str, looks: int
) -> None:
    await rooms.mail(
        f"From: Ann <ann@example.org>\nSubject: Complaint\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n{rest}"
    )
    await rooms.settle()
    assert rooms.post.mails == []
    assert rooms.rows(sa.select(case_rows.c.id)) == []
    [row] = rooms.rows(sa.select(conversations.c.owner, conversations.c.waiting_reason))
    assert tuple(row) == ("queue", reason)
    assert len(rooms.rows(sa.select(tasks.c.words).where(tasks.c.words == "mail_sealed"))) == looks
    [message] = rooms.rows(sa.select(messages.c.mail))
    assert message.mail["notes"]
