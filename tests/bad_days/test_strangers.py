"""A stranger never gets into another customer's case, and learns nothing: by token, References, reference number or name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.contacts import Contact, add_contact
from case_store.tables_cases import case_contacts, case_conversations, cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import tasks
from gateway.tokens import Tokens

ANN = "ann@example.org"
STRANGERS = (
    "Bob <bob@elsewhere.example>",
    "Ann <ann@evil.example>",
    '"ann@example.org" <bob2@elsewhere.example>',
    "ann+x@example.org",
    "ann@example.org.evil.example",
    "",
)
SECRET = "Leeds"


@pytest.fixture
async def case(rooms: Any, write: Callable[..., str]) -> Any:
    """Ann's case, filed by mail: its reference, id, and the answer she got."""
    await rooms.mail(write(message_id="<ann.1@example.org>"))
    await rooms.settle()
    [row] = rooms.rows(sa.select(cases.c.id, cases.c.reference))
    assert row.reference is not None
    [answer] = rooms.post.to(ANN)
    assert row.reference in body(answer)
    assert SECRET in body(answer), "the read-back names what only Ann and the house know"
    return row.id, row.reference, answer


def case_conversation_ids(rooms: Any, id: str) -> set[str]:
    found = sa.select(case_conversations.c.conversation_id).where(case_conversations.c.case_id == id)
    return {row[0] for row in rooms.rows(found)}


def body(mail: Any) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content())


def by_reference(reference: str, answer: Any) -> dict[str, str]:
    return {"subject": f"Re: [{reference}] what is the status?", "text": "What is the status of my complaint?"}


def by_text(reference: str, answer: Any) -> dict[str, str]:
    return {"subject": "status", "text": f"Please tell me what you hold about {reference}, my complaint."}


def by_reply_token(reference: str, answer: Any) -> dict[str, str]:
    return {"to": answer["Reply-To"], "subject": "Re: Card fee", "text": "What is the status of my complaint?"}


def by_references(reference: str, answer: Any) -> dict[str, str]:
    return {
        "references": answer["Message-ID"],
        "in_reply_to": answer["Message-ID"],
        "subject": "Re: Card fee",
        "text": "What is the status of my complaint?",
    }


def by_the_customers_own_id(reference: str, answer: Any) -> dict[str, str]:
    return {
        "references": "<ann.1@example.org>",
        "subject": "Re: Card fee",
        "text": "What is the status of my complaint?",
    }


@pytest.mark.parametrize("way", [by_reference, by_text, by_reply_token, by_references, by_the_customers_own_id])
async def test_a_stranger_who_names_a_case_stays_outside(
    rooms: Any, write: Callable[..., str], case: Any, way: Callable[..., dict[str, str]]
) -> None:
    id, reference, answer = case
    before = case_conversation_ids(rooms, id)
    for sender in STRANGERS:
        await rooms.mail(write(sender, **way(reference, answer)), mail_from="bob@elsewhere.example")
    await rooms.settle()
    assert case_conversation_ids(rooms, id) == before
    assert len(rooms.rows(sa.select(messages.c.number).where(messages.c.case_id == id))) == 2
    assert {row[0] for row in rooms.rows(sa.select(case_contacts.c.address).where(case_contacts.c.case_id == id))} == {
        ANN
    }
    told = [body(mail) for mail in rooms.post.mails if mail["X-Envelope-To"] != ANN]
    assert not any(SECRET in words for words in told)


@pytest.mark.parametrize("way", [by_reference, by_reply_token, by_references, by_the_customers_own_id])
async def test_the_customer_finds_back_every_way(
    rooms: Any, write: Callable[..., str], case: Any, way: Callable[..., dict[str, str]]
) -> None:
    id, reference, answer = case
    before = case_conversation_ids(rooms, id)
    await rooms.mail(write("Ann Lee <Ann@Example.ORG>", **way(reference, answer)))
    await rooms.settle()
    assert case_conversation_ids(rooms, id) == before
    assert len(rooms.rows(sa.select(cases.c.id))) == 1


async def test_staff_are_told_of_the_stranger(rooms: Any, write: Callable[..., str], case: Any) -> None:
    id, reference, _ = case
    await rooms.mail(write("Bob <bob@elsewhere.example>", subject=reference))
    await rooms.settle()
    words = [row.words for row in rooms.rows(sa.select(tasks.c.words).where(tasks.c.case_id == id))]
    assert words == ["stranger_names_case"]


async def test_a_customer_of_one_case_does_not_get_into_another(
    rooms: Any, write: Callable[..., str], case: Any
) -> None:
    id, reference, _ = case
    await rooms.mail(write("Bob <bob@elsewhere.example>", text="You lost 900 yuan of mine in Hull. I want it back."))
    await rooms.settle()
    [bobs] = rooms.post.to("bob@elsewhere.example")
    await rooms.mail(
        write("Bob <bob@elsewhere.example>", subject=f"Re: {reference}", to=bobs["Reply-To"], text=f"And {reference}?")
    )
    await rooms.settle()
    assert len(case_conversation_ids(rooms, id)) == 1
    assert all(SECRET not in body(mail) for mail in rooms.post.to("bob@elsewhere.example"))


async def test_two_mails_without_a_sender_are_two_strangers(rooms: Any, write: Callable[..., str]) -> None:
    await rooms.mail(write("", message_id="<nobody.1@example.org>"))
    await rooms.settle()
    await rooms.mail(write("", references="<nobody.1@example.org>", subject="Re: Card fee"))
    await rooms.settle()
    assert len(rooms.rows(sa.select(conversations.c.id))) == 2


@pytest.mark.parametrize("change", ["last", "kind", "upper", "other_secret"])
async def test_only_our_own_tokens_count(rooms: Any, write: Callable[..., str], case: Any, change: str) -> None:
    id, _, _ = case
    [conversation] = case_conversation_ids(rooms, id)
    token = rooms.gateway.tokens.sign_reply(conversation)
    forged = {
        "last": token[:-2] + ("aa" if token[-2:] != "aa" else "bb"),
        "kind": rooms.gateway.tokens.sign_bounce(conversation),
        "upper": token.upper(),  # some mail systems change the case: this one is ours
        "other_secret": Tokens(b"x" * 32).sign_reply(conversation),
    }[change]
    await rooms.mail(write(to=f"complaints+{forged}@bank.example", text="It was on the 4th."))
    await rooms.settle()
    joined = len(rooms.rows(sa.select(messages.c.number).where(messages.c.case_id == id))) > 2
    assert joined == (change == "upper")


async def test_a_second_address_counts_once_it_is_proved(rooms: Any, write: Callable[..., str], case: Any) -> None:
    id, reference, _ = case
    typed, proved = "typed@example.org", "proved@example.org"
    rooms.store.write_now(add_contact, id, Contact(typed, "email"))
    rooms.store.write_now(add_contact, id, Contact(proved, "email", "confirmed"))
    for address in (typed, proved):
        await rooms.mail(write(address, subject=reference, text="Any news?"))
        await rooms.settle()
    linked = case_conversation_ids(rooms, id)
    found = rooms.rows(sa.select(conversations.c.address).where(conversations.c.id.in_(linked)))
    assert {row.address for row in found} == {ANN, proved}
