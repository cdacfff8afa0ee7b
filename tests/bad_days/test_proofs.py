"""What was proved is worth what was proved and no more, and is taken back whole.

A proxy, whoever shares a chat with a victim, and whoever was once taken for the customer try to keep what they have, or to get more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, codes, contacts, conversations, identities, outbox, papers
from case_store.contacts import Contact
from case_store.conversations import NewConversation
from case_store.ids import new_id
from case_store.outbox import NewDelivery
from case_store.papers import Party
from case_store.records import Sender
from case_store.tables_arrivals import events
from case_store.tables_cases import case_contacts, case_conversations
from case_store.tables_cases import cases as case_table
from case_store.tables_conversations import conversations as conversation_table
from case_store.tables_customers import codes as code_table
from case_store.tables_outbox import deliveries, tasks
from channels.webchat.socket import SessionEnded
from gateway import joining, resuming
from gateway.resuming import Resumption
from tests.bad_days.test_one_customer import (
    ANN,
    STATUS,
    another_number,
    ask,
    chat_with_address,
    code_sent,
    filed,
    linked,
    links_to,
    reply_as_agent,
)

__all__ = ["filed"]

PROXY = "paul@proxy.example"
STRANGER = "telegram:555170"


def name_proxy(rooms: Any, case: str, *, mandate: bool, contact: str | None = PROXY) -> None:
    id = rooms.store.read_now(cases.get, case).id
    party = Party("Paul Proxy", "husband", contact)
    rooms.store.write_now(lambda tx: papers.set_proxy(tx, id, party, mandate=mandate, actor="agent:wei"))


def end_proxy(rooms: Any, case: str) -> None:
    id = rooms.store.read_now(cases.get, case).id
    rooms.store.write_now(lambda tx: papers.end_proxy(tx, id, actor="agent:wei"))


def proofs(rooms: Any, case: str) -> dict[str, str | None]:
    c = case_contacts.c
    id = rooms.store.read_now(cases.get, case).id
    return {row.address: row.proof for row in rooms.rows(sa.select(c.address, c.proof).where(c.case_id == id))}


def the_row(rooms: Any, id: str) -> Any:
    [row] = rooms.rows(sa.select(conversation_table).where(conversation_table.c.id == id))
    return row


def in_telegram(rooms: Any, case: str, *, reason: str, address: str = STRANGER) -> str:
    """A conversation in Telegram that is linked to the case for this reason, and whose customer is its contact."""
    record, id = rooms.store.read_now(cases.get, case), new_id()

    def open_it(tx: Any) -> None:
        conversations.open_conversation(tx, NewConversation(id, "telegram", "telegram:1", "en", address=address))
        cases.link_conversation(tx, record.id, id, linked_by="system", reason=reason)
        conversations.add_messages(tx, conversations.locked(tx, id), [], values={"case_id": record.id})
        contacts.add_contact(tx, record.id, Contact(address, "telegram", "wrote_from"))

    rooms.store.write_now(open_it)
    return id


def tell(rooms: Any, case: str, words: str) -> None:
    """An agent changes the case and says something to its customer."""

    def change(tx: Any) -> None:
        before = cases.get(tx, case)
        after = cases.change(tx, before.id, {"status": "waiting_for_customer"}, actor="agent:wei")
        rooms.notices.case_changed(tx, before, cases.get(tx, after.id if after else before.id), words, "agent:wei")

    rooms.store.write_now(change)


def told(rooms: Any, words: str) -> set[str]:
    """The addresses to which these words are on their way, or went."""
    d = deliveries.c
    rows = rooms.rows(sa.select(d.address, d.payload, d.state).where(d.state != "stopped"))
    return {row.address for row in rows if words in row.payload["text"]}


# codes ----------------------------------------------------------------------------------------------------------


async def test_the_complainants_code_joins_her_with_her_own_address_and_not_with_her_proxy(
    rooms: Any, filed: str, write: Callable[..., str]
) -> None:
    secret = "My husband must not know: my account in Hull was charged 4321 yuan on 3 November. I want it back."
    await rooms.mail(write(text=secret, message_id="<ann.2@example.org>", subject="Another matter"))
    await rooms.settle()
    [other] = rooms.rows(sa.select(case_table.c.reference).where(case_table.c.reference != filed))
    name_proxy(rooms, filed, mandate=True)
    seat, _ = await ask(rooms, f"status of {filed}")
    seat, answer = await ask(rooms, code_sent(rooms), seat)
    assert STATUS.search(answer)
    assert rooms.store.read_now(identities.addresses_of, ANN) == {ANN, f"chat:{seat.conversation}"}
    before = len(rooms.store.read_now(cases.get, other.reference).conversations)
    await rooms.mail(write(f"Paul <{PROXY}>", "What is the status of it?", subject=f"about {other.reference}"))
    await rooms.settle()
    assert len(rooms.store.read_now(cases.get, other.reference).conversations) == before
    assert set(proofs(rooms, other.reference)) == {ANN}
    assert all("4321" not in mail.as_string() for mail in rooms.post.to(PROXY))


async def test_a_proxys_address_is_sent_no_code(rooms: Any, filed: str) -> None:
    id = rooms.store.read_now(cases.get, filed).id
    rooms.store.write_now(contacts.remove, id, ANN)
    name_proxy(rooms, filed, mandate=True)
    _, answer = await ask(rooms, f"status of {filed}")
    _, unknown = await ask(rooms, f"status of {another_number(filed)}")
    assert answer == unknown
    assert rooms.post.to(PROXY) == []
    assert [row.address for row in rooms.rows(sa.select(code_table.c.address))] == [None, None]


async def test_a_code_is_worth_nothing_once_its_address_is_a_proxys(rooms: Any, filed: str) -> None:
    seat, _ = await ask(rooms, f"status of {filed}")
    name_proxy(rooms, filed, mandate=True, contact=ANN)
    seat, answer = await ask(rooms, code_sent(rooms), seat)
    assert "can't be used any more" in answer
    assert not linked(rooms, seat)


async def test_whether_a_case_exists_is_not_told_by_how_often_it_is_asked_for(rooms: Any, filed: str) -> None:
    for _ in range(codes.FOR_A_CASE):
        await ask(rooms, f"status of {filed}")
    sent = len(rooms.post.to(ANN))
    for _ in range(2):
        seat, right = await ask(rooms, f"status of {filed}")
        other, wrong = await ask(rooms, f"status of {another_number(filed)}")
        assert right == wrong
        assert (await ask(rooms, "123456", seat))[1] == (await ask(rooms, "123456", other))[1]
    assert len(rooms.post.to(ANN)) == sent


async def test_strangers_who_ask_too_often_do_not_shut_out_an_owner_who_has_proved_it(rooms: Any, filed: str) -> None:
    seat, _ = await ask(rooms, f"status of {filed}")
    seat, _ = await ask(rooms, code_sent(rooms), seat)
    for _ in range(codes.FOR_A_CASE + 1):
        await ask(rooms, f"status of {filed}")
    _, answer = await ask(rooms, f"How does {filed} stand?", seat)
    assert STATUS.search(answer)


# chats that were left -------------------------------------------------------------------------------------------


async def test_who_shares_a_chat_with_a_victim_loses_it_when_the_victim_takes_the_link(rooms: Any, filed: str) -> None:
    attacker = await chat_with_address_of_ann(rooms, filed)
    epoch = rooms.store.write_now(resuming.resume, Resumption(attacker.conversation, ANN))
    assert epoch
    with pytest.raises(SessionEnded, match="goes on elsewhere"):
        await rooms.chat.take(attacker, "late", filed, None)
    with pytest.raises(SessionEnded):
        await rooms.chat.news(attacker)
    before = the_row(rooms, attacker.conversation).seen_message
    await rooms.chat.seen(attacker, the_row(rooms, attacker.conversation).last_message)
    assert the_row(rooms, attacker.conversation).seen_message == before
    await rooms.settle()
    record = rooms.store.read_now(cases.get, filed)
    assert attacker.conversation not in record.conversations
    again = await rooms.chat.begin(attacker.session, "en")
    assert (again.resumed, again.conversation != attacker.conversation) == (False, True)
    assert "goes on elsewhere" in (again.ended or "")


async def chat_with_address_of_ann(rooms: Any, filed: str) -> Any:
    """Somebody has complained in a chat and typed Ann's address, which Ann has confirmed."""
    seat = await rooms.chat.begin(None, "en")
    story = "You charged my card an annual fee of 300 yuan on 3 November at the Leeds branch. I want it refunded."
    for text in (story, f"Eve, {ANN}", "yes"):
        await ask(rooms, text, seat)
    [row] = rooms.rows(sa.select(case_table.c.id).where(case_table.c.reference != filed))
    rooms.store.write_now(contacts.prove, row.id, ANN, "confirmed")
    return seat


@pytest.mark.parametrize("times", [1, 2])
async def test_the_link_leads_whoever_reads_the_mail_back_into_the_chat(rooms: Any, times: int) -> None:
    seat = await chat_with_address(rooms, proved=True)
    for _ in range(times):
        epoch = rooms.store.write_now(resuming.resume, Resumption(seat.conversation, ANN))
    session = rooms.gateway.tokens.sign_session(seat.conversation, rooms.store.read_now(lambda tx: tx.now), epoch)
    back = await rooms.chat.begin(session, "en")
    assert (back.resumed, back.conversation, back.ended) == (True, seat.conversation, None)
    _, answer = await ask(rooms, "what is the status of my complaint?", back)
    assert STATUS.search(answer)


async def test_a_chat_that_was_given_to_one_address_does_not_go_on_with_another(rooms: Any, filed: str) -> None:
    attacker = await chat_with_address_of_ann(rooms, filed)
    [row] = rooms.rows(sa.select(case_table.c.id).where(case_table.c.reference != filed))
    rooms.store.write_now(contacts.add_contact, row.id, Contact("eve@evil.example", "email", "confirmed"))
    assert rooms.store.read_now(resuming.reference_of, Resumption(attacker.conversation, "eve@evil.example"))
    assert rooms.store.write_now(resuming.resume, Resumption(attacker.conversation, ANN))
    assert rooms.store.write_now(resuming.resume, Resumption(attacker.conversation, "eve@evil.example")) is None


async def test_a_proxys_mail_brings_nobody_back_to_a_chat(rooms: Any) -> None:
    seat = await chat_with_address(rooms, proved=False)
    [row] = rooms.rows(sa.select(case_table.c.reference))
    name_proxy(rooms, row.reference, mandate=True)
    assert rooms.store.write_now(resuming.resume, Resumption(seat.conversation, PROXY)) is None
    rooms.store.write_now(lambda tx: tx.execute(sa.update(conversation_table).values(seen_message=0)).rowcount)
    tell(rooms, row.reference, "Which card was it?")
    await rooms.settle()
    assert links_to(rooms, PROXY) == []


# proxies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["named without a mandate", "named with a mandate", "mandate ended"])
async def test_what_came_through_a_proxys_address_goes_with_it(
    rooms: Any, filed: str, write: Callable[..., str], ending: str
) -> None:
    """Paul was taken for Ann once: an agent vouched for his address, and he proved himself by a code in a chat and in Telegram."""
    record = rooms.store.read_now(cases.get, filed)
    rooms.store.write_now(contacts.add_contact, record.id, Contact(PROXY, "email", "agent"))
    rooms.store.write_now(contacts.flag_bounced, record.id, ANN)
    seat, _ = await ask(rooms, f"status of {filed}")
    seat, answer = await ask(rooms, code_sent(rooms, PROXY), seat)
    assert STATUS.search(answer)
    held = in_telegram(rooms, filed, reason="code")
    rooms.store.write_now(lambda tx: identities.join(tx, PROXY, STRANGER, proof="code", by="customer"))
    name_proxy(rooms, filed, mandate=ending != "named without a mandate")
    if ending == "mandate ended":
        end_proxy(rooms, filed)
    allowed = {PROXY: "mandate"} if ending == "named with a mandate" else {}
    assert {address: proof for address, proof in proofs(rooms, filed).items() if address != ANN} == allowed
    assert not linked(rooms, seat)
    for id in (held, seat.conversation):
        assert (the_row(rooms, id).owner, the_row(rooms, id).case_id) == ("queue", None)
    with pytest.raises(SessionEnded):
        await rooms.chat.take(seat, "late", "Please close the case", None)
    assert not rooms.store.read_now(identities.is_customer_of, record.id, STRANGER)
    tell(rooms, filed, "Which fund was it?")
    assert STRANGER not in told(rooms, "Which fund was it?")
    chains = (f"case:{record.id}", f"conversation:{held}")
    kinds = {row.action for row in rooms.rows(audit_of(chains))}
    assert {"unlinked", "barred"} <= kinds


def audit_of(chains: tuple[str, ...]) -> Any:
    from case_store.tables_house import audit_events

    return sa.select(audit_events.c.action).where(audit_events.c.chain.in_(chains))


async def test_a_notice_that_waits_for_the_morning_is_not_sent_to_a_proxy_whose_mandate_is_over(
    rooms: Any, filed: str
) -> None:
    name_proxy(rooms, filed, mandate=True)
    id = rooms.store.read_now(cases.get, filed).id
    waiting = NewDelivery(
        occasion="x", channel="email", account="email:x", address=PROXY, sender=Sender.SYSTEM, payload={}, case_id=id
    )
    rooms.store.write_now(outbox.queue, waiting)
    end_proxy(rooms, filed)
    d = deliveries.c
    assert [row.state for row in rooms.rows(sa.select(d.state).where(d.address == PROXY))] == ["stopped"]
    assert "delivery_stopped" in [row.words for row in rooms.rows(sa.select(tasks.c.words))]


async def test_whoever_told_the_case_in_a_messenger_is_told_nothing_once_a_proxy_without_a_mandate_is_named(
    rooms: Any, filed: str
) -> None:
    held = in_telegram(rooms, filed, reason="first_complaint")
    name_proxy(rooms, filed, mandate=False)
    assert proofs(rooms, filed) == {ANN: "wrote_from"}, "her own mail address is another than the proxy's"
    record = rooms.store.read_now(cases.get, filed)
    assert held in record.conversations, "it is what was said"
    assert (the_row(rooms, held).owner, the_row(rooms, held).case_id) == ("queue", None)
    assert rooms.store.read_now(cases.of_conversations, [held]) == {}
    tell(rooms, filed, "Which fund was it?")
    assert told(rooms, "Which fund was it?") == {ANN}
    [doubtful] = rooms.store.read_now(lambda tx: joining.customer_of(tx, cases.get(tx, filed))).strangers
    assert (doubtful["conversation"], doubtful["sender"]) == (held, STRANGER)
    join(rooms, filed, held)
    assert proofs(rooms, filed)[STRANGER] == "agent"
    assert the_row(rooms, held).case_id == record.id
    assert rooms.store.read_now(lambda tx: joining.customer_of(tx, cases.get(tx, filed))).strangers == ()


async def test_a_mail_may_be_the_proxys_too_where_nobody_knows_their_address(rooms: Any, filed: str) -> None:
    name_proxy(rooms, filed, mandate=False, contact=None)
    assert proofs(rooms, filed) == {}
    [id] = rooms.store.read_now(cases.get, filed).conversations
    assert the_row(rooms, id).owner == "queue"


async def test_nobody_joins_a_proxy_to_the_complainant(rooms: Any, filed: str, write: Callable[..., str]) -> None:
    await rooms.mail(write(f"Paul <{PROXY}>", "I write for my wife.", subject=f"about {filed}"))
    await rooms.settle()
    name_proxy(rooms, filed, mandate=True)
    e = events.c
    [named] = rooms.rows(sa.select(e.detail).where(e.kind == "stranger"))
    with pytest.raises(joining.NobodyToJoin, match="proxy"):
        join(rooms, filed, named.detail["conversation"])


# parting -----------------------------------------------------------------------------------------------------------


def join(rooms: Any, case: str, conversation: str) -> None:
    decide = lambda tx: joining.join(tx, cases.get(tx, case), conversation, by="agent:wei", reason="is her")  # noqa: E731
    rooms.store.write_now(decide)


def part(rooms: Any, case: str, address: str) -> None:
    rooms.store.write_now(lambda tx: joining.part(tx, cases.get(tx, case), address, by="agent:wei", reason="mistake"))


async def test_whoever_is_parted_is_told_nothing_any_more(rooms: Any, filed: str) -> None:
    id = new_id()
    opened = NewConversation(id, "telegram", "telegram:1", "en", address=STRANGER)
    rooms.store.write_now(conversations.open_conversation, opened)
    join(rooms, filed, id)
    assert proofs(rooms, filed)[STRANGER] == "agent"
    part(rooms, filed, STRANGER)
    assert set(proofs(rooms, filed)) == {ANN}
    assert id not in rooms.store.read_now(cases.get, filed).conversations
    assert (the_row(rooms, id).owner, the_row(rooms, id).case_id) == ("queue", None)
    tell(rooms, filed, "Which fund was it?")
    assert told(rooms, "Which fund was it?") == {ANN}


async def test_a_parted_chat_ends_and_does_not_come_back(rooms: Any, filed: str) -> None:
    seat, _ = await ask(rooms, f"status of {filed}")
    seat, _ = await ask(rooms, code_sent(rooms), seat)
    part(rooms, filed, f"chat:{seat.conversation}")
    assert not linked(rooms, seat)
    reply_as_agent(rooms, seat, "Dear Ann, about your account")
    with pytest.raises(SessionEnded):
        await rooms.chat.news(seat)
    assert rooms.store.write_now(resuming.resume, Resumption(seat.conversation, ANN)) is None


async def test_parting_takes_the_customers_other_cases_back_too(
    rooms: Any, filed: str, write: Callable[..., str]
) -> None:
    secret = "My account in Hull was charged 4321 yuan on 3 November. I want it back."
    await rooms.mail(write(text=secret, message_id="<ann.2@example.org>", subject="Another matter"))
    await rooms.settle()
    [other] = rooms.rows(sa.select(case_table.c.reference).where(case_table.c.reference != filed))
    seat, _ = await ask(rooms, f"status of {filed}")
    seat, _ = await ask(rooms, code_sent(rooms), seat)
    seat, answer = await ask(rooms, f"status of {other.reference}", seat)
    assert STATUS.search(answer)
    part(rooms, filed, f"chat:{seat.conversation}")
    link = case_conversations.c
    assert rooms.rows(sa.select(link.case_id).where(link.conversation_id == seat.conversation)) == []


async def test_who_came_through_two_addresses_stays_with_the_other(rooms: Any) -> None:
    def joined(tx: Any) -> tuple[frozenset[str], frozenset[str]]:
        for through, address in [("a", "t"), ("p", "t"), ("p", "u"), ("u", "v"), ("a", "b")]:
            identities.join(tx, through, address, proof="code", by="customer")
        return identities.part(tx, "p", by="agent:wei", reason="x")

    gone, rest = rooms.store.write_now(joined)
    assert (gone, rest) == ({"p", "u", "v"}, {"a", "b", "t"})
    assert rooms.store.read_now(identities.addresses_of, "v") == gone
    assert rooms.store.read_now(identities.addresses_of, "t") == rest


@pytest.mark.parametrize(
    "words", ["What is the status of my complaint?", "What do you hold about me?", "I withdraw it."]
)
async def test_whoever_waits_because_nobody_knows_whose_it_is_is_told_nothing_of_the_case(
    rooms: Any, filed: str, write: Callable[..., str], words: str
) -> None:
    """Some things are answered in the queue too: not with what is withheld."""
    [answer] = rooms.post.mails
    name_proxy(rooms, filed, mandate=False, contact=None)
    thread = {"to": answer["Reply-To"], "references": answer["Message-ID"]}
    await rooms.mail(write(text=words, message_id="<again@example.org>", **thread))
    await rooms.settle()
    later = "\n".join(mail.get_body(("plain",)).get_content() for mail in rooms.post.mails[1:])
    assert not STATUS.search(later)
    assert "300" not in later
    assert rooms.store.read_now(cases.get, filed).status.value == "filed"
