"""No two customers' mails ever meet: what Mallory tries, by name.

Ann's domain publishes how its mail is known (reject), and she writes from its host. Whatever else says to be from her isn't.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.tables_cases import case_contacts, case_conversations, cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries, tasks
from channels.email.authenticity import Checking
from channels.email.identity import external_id
from channels.email.lookups import Lookups
from channels.message import Arrival
from gateway import confirmation
from gateway.notifications import CONFIRMATIONS
from tests.channels.email.names import SERVFAIL, Names

ANN, MALLORY, OURS = "ann@example.org", "mallory@evil.example", "complaints@bank.example"
ANNS_HOST, MALLORYS_HOST = "192.0.2.10", "198.51.100.66"
SECRET = "Leeds"
COMPLAINT = "You charged me a fee of 300 yuan on 3 November in your Leeds branch. I want it back. Ann Lee"
HERS = "You lost 900 yuan of mine in Hull on 4 November. I want it back. Mallory"


@pytest.fixture(scope="module")
def server() -> Iterator[Names]:
    names = Names()
    yield names
    names.close()


@pytest.fixture
def names(server: Names) -> Names:
    server.zone = {
        "TXT example.org": [f"v=spf1 ip4:{ANNS_HOST} -all"],
        "TXT _dmarc.example.org": ["v=DMARC1; p=reject"],
        "TXT evil.example": [f"v=spf1 ip4:{MALLORYS_HOST} -all"],
        "TXT _dmarc.evil.example": ["v=DMARC1; p=reject"],
    }
    return server


class Post:
    """Hands mail in as SMTP does, from one host or another, and says what became of it."""

    def __init__(self, rooms: Any, write: Callable[..., str]) -> None:
        self.rooms = rooms
        self.write = write

    async def __call__(
        self, sender: str, host: str = MALLORYS_HOST, envelope: str = MALLORY, results: str | None = None, **mail: Any
    ) -> None:
        await self.hand_in(sender, host, envelope, results, **mail)
        await self.rooms.settle()

    async def hand_in(
        self, sender: str, host: str = MALLORYS_HOST, envelope: str = MALLORY, results: str | None = None, **mail: Any
    ) -> None:
        on_top = "" if results is None else f"Authentication-Results: {results}\n"
        raw = f"{on_top}{self.write(sender, **mail)}".replace("\n", "\r\n").encode()
        to = mail.get("to", OURS)
        transport = {"peer": host, "mail_from": envelope, "helo": "mx.evil.example", "rcpt_tos": [to], "mailbox": OURS}
        arrival = Arrival("email", self.rooms.channel.account, external_id(raw), datetime.now(UTC), raw, transport)
        await self.rooms.intake.accept(arrival)

    async def anns(self, **mail: Any) -> None:
        await self(f"Ann Lee <{ANN}>", ANNS_HOST, ANN, **mail)

    def conversations_of(self, case_id: str) -> set[str]:
        found = sa.select(case_conversations.c.conversation_id).where(case_conversations.c.case_id == case_id)
        return {row[0] for row in self.rooms.rows(found)}

    def words(self) -> list[str]:
        return sorted(row.words for row in self.rooms.rows(sa.select(tasks.c.words)))


@pytest.fixture
def post(rooms: Any, write: Callable[..., str], names: Names) -> Post:
    rooms.channel.checking = Checking("verify")
    rooms.channel.lookups = Lookups(names.address)
    return Post(rooms, write)


class Case:
    """Ann's case and the answer she got."""

    def __init__(self, id: str, reference: str, answer: Any) -> None:
        self.id, self.reference, self.answer = id, reference, answer


@pytest.fixture
async def case(post: Post) -> Case:
    await post.anns(text=COMPLAINT, message_id="<ann.1@example.org>")
    [row] = post.rooms.rows(sa.select(cases.c.id, cases.c.reference))
    [answer] = post.rooms.post.to(ANN)
    [proof] = post.rooms.rows(sa.select(case_contacts.c.proof))
    assert proof == ("wrote_from",)
    return Case(row.id, row.reference, answer)


ATTACKS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "the customer's own Message-ID": lambda case: {"message_id": "<ann.1@example.org>"},
    "our answer's Message-ID": lambda case: {"message_id": case.answer["Message-ID"]},
    "References to another's thread": lambda case: {"references": case.answer["Message-ID"]},
    "In-Reply-To another's mail": lambda case: {"in_reply_to": "<ann.1@example.org>"},
    "the same subject": lambda case: {"subject": case.answer["Subject"]},
    "her Reply-To": lambda case: {"reply_to": ANN},
    "her address as Sender": lambda case: {"Sender": ANN},
    "the reference number in the subject": lambda case: {"subject": f"Re: [{case.reference}]"},
    "the reference number in the text": lambda case: {"text": f"{HERS} See {case.reference}"},
    "a reply address that was forwarded": lambda case: {"to": case.answer["Reply-To"]},
    "a reply address that was guessed": lambda case: {"to": f"complaints+{'a' * 44}@bank.example"},
    "the bounce address": lambda case: {"to": case.answer["X-Envelope-From"]},
    "everything at once": lambda case: {
        "to": case.answer["Reply-To"],
        "subject": f"Re: {case.answer['Subject']}",
        "references": f"<ann.1@example.org> {case.answer['Message-ID']}",
        "in_reply_to": case.answer["Message-ID"],
        "reply_to": ANN,
        "Sender": ANN,
        "text": f"{HERS} See {case.reference}",
    },
}
SENDERS = {
    "her own address": f"Mallory <{MALLORY}>",
    "Ann's address forged": f"Ann Lee <{ANN}>",
    "Ann's address in capitals": "Ann Lee <ANN@EXAMPLE.ORG>",
    "Ann's address as a name": f'"{ANN}" <{MALLORY}>',
    "Ann's address as a name, not quoted": f"{ANN} <{MALLORY}>",
    "Ann's address as a comment": f"{MALLORY} ({ANN})",
    "both addresses": f"{ANN}, {MALLORY}",
    "an address within an address": f"<{ANN}> <{MALLORY}>",
    "a plus address of Ann's": "ann+x@example.org",
    "a domain below": "ann@mail.example.org",
    "a domain behind": "ann@example.org.evil.example",
    "a homoglyph domain": "ann@ex\u0430mple.org",
    "the homoglyph in ASCII": "ann@xn--exmple-4nf.org",
    "a full-width letter": "ann@example\uff0eorg",
    "a zero-width space": "ann\u200b@example.org",
    "a turned name": f"\u202e{ANN} <{MALLORY}>",
    "encoded words": "=?utf-8?q?ann=40example=2Eorg?= <mallory@evil.example>",
    "an encoded address": "=?utf-8?b?YW5uQGV4YW1wbGUub3Jn?=",
    "nobody": "",
    "an empty address": "Ann Lee <>",
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_mallory_never_meets_ann(post: Post, case: Case, attack: str) -> None:
    before = post.conversations_of(case.id)
    for number, sender in enumerate(SENDERS.values()):
        envelopes = (MALLORY, ANN, "")
        for envelope in envelopes if ANN in sender.lower() else envelopes[number % 3 :][:1]:
            mail = {"subject": "Card fee", "message_id": f"<m{number}.{len(envelope)}@evil.example>", "text": HERS}
            await post.hand_in(sender, envelope=envelope, **{**mail, **ATTACKS[attack](case)})
    await post.rooms.settle()
    assert post.conversations_of(case.id) == before
    rooms = post.rooms
    hers = rooms.rows(sa.select(messages.c.text).where(messages.c.case_id == case.id, messages.c.sender == "customer"))
    assert [row.text for row in hers] == [COMPLAINT]
    contacts = rooms.rows(sa.select(case_contacts.c.address).where(case_contacts.c.case_id == case.id))
    assert contacts == [(ANN,)]
    for mail in rooms.post.mails:
        told = str(mail.get_body(("plain",)).get_content())
        assert mail["X-Envelope-To"] == ANN or SECRET not in told, "nobody else reads what Ann wrote"
        assert mail["X-Envelope-To"] != ANN or "Hull" not in told, "Ann does not read what Mallory wrote"


async def test_ann_herself_finds_back_every_way(post: Post, case: Case) -> None:
    before = post.conversations_of(case.id)
    for attack in (
        "References to another's thread",
        "the reference number in the subject",
        "a reply address that was forwarded",
    ):
        await post.anns(**{"text": "Any news?", **ATTACKS[attack](case)})
    assert post.conversations_of(case.id) == before


RELAY, RELAYS_HOST = "mx.bank.example", "10.1.2.3"
VOUCHED = f"{RELAY}; spf=pass smtp.mailfrom={ANN}; dmarc=pass (p=REJECT) header.from=example.org"


@pytest.fixture
async def relayed(post: Post) -> Case:
    """Ann's case, her mail handed in by a relay that is trusted."""
    post.rooms.channel.checking = Checking("relay", RELAY, (f"{RELAYS_HOST}/32",))
    await post(f"Ann Lee <{ANN}>", RELAYS_HOST, ANN, VOUCHED, text=COMPLAINT, message_id="<ann.1@example.org>")
    [row] = post.rooms.rows(sa.select(cases.c.id, cases.c.reference))
    [answer] = post.rooms.post.to(ANN)
    return Case(row.id, row.reference, answer)


@pytest.mark.parametrize(
    "said",
    [
        f"{RELAY}; spf=pass smtp.mailfrom=\u00fcx@evil.example; dmarc=fail (p=reject) header.from=example.org",
        f'{RELAY}; spf=pass (of "a(b"@evil.example) smtp.mailfrom="a(b"@evil.example; dmarc=fail header.from=example.org',
        f"{RELAY}; {'; '.join('dkim=fail header.d=' + 'a' * 300 for _ in range(30))}; dmarc=fail header.from=example.org",
        f"{RELAY}; iprev=pass policy.iprev=::1; dmarc=fail header.from=example.org",
        f"{RELAY}; none",
        "mx.evil.example; dmarc=pass header.from=example.org",
        None,
    ],
)
async def test_through_a_relay_a_forger_joins_nothing_whatever_the_relay_had_to_write(
    post: Post, relayed: Case, said: str | None
) -> None:
    mail = {"subject": f"Re: {relayed.reference}", "to": relayed.answer["Reply-To"], "text": "I withdraw my complaint."}
    before = post.conversations_of(relayed.id)
    await post(f"Ann Lee <{ANN}>", RELAYS_HOST, MALLORY, said, **mail)
    [message] = post.rooms.rows(
        sa.select(messages.c.conversation_id, messages.c.mail).where(messages.c.text == mail["text"])
    )
    assert message.conversation_id not in before
    assert message.mail["verdict"]["result"] == "fail"
    assert post.conversations_of(relayed.id) == before


@pytest.mark.parametrize(
    "said", [VOUCHED, f"{RELAY}; dkim=none; dmarc=none header.from=example.org", f"{VOUCHED}; spf=pass a=\u00fc;"]
)
async def test_through_a_relay_an_honest_mail_joins_its_case(post: Post, relayed: Case, said: str) -> None:
    before = post.conversations_of(relayed.id)
    await post(
        f"Ann Lee <{ANN}>", RELAYS_HOST, ANN, said, subject=f"Re: {relayed.reference}", text="It was in the afternoon."
    )
    assert post.conversations_of(relayed.id) == before
    found = sa.select(messages.c.conversation_id).where(messages.c.text == "It was in the afternoon.")
    assert {row[0] for row in post.rooms.rows(found)} == before
    assert post.words() == []


async def test_a_forged_sender_is_stored_apart_and_shown_to_staff(post: Post, case: Case) -> None:
    await post(f"Ann Lee <{ANN}>", to=case.answer["Reply-To"], text="Pay it to another account please.")
    assert post.words() == ["sender_doubted"]
    [message] = post.rooms.rows(
        sa.select(messages.c.mail, messages.c.conversation_id).where(messages.c.text.startswith("Pay it"))
    )
    assert message.mail["verdict"]["result"] == "fail"
    assert message.conversation_id not in post.conversations_of(case.id)
    assert len(post.rooms.post.mails) == 1, "and Ann is not bothered with it"


async def test_a_forgers_complaint_is_filed_and_its_victim_gets_a_number_and_a_link_no_facts(post: Post) -> None:
    await post(f"Ann Lee <{ANN}>", text=COMPLAINT)
    rooms = post.rooms
    [row] = rooms.rows(sa.select(cases.c.id, cases.c.reference, cases.c.facts))
    assert row.reference is not None
    assert row.facts["contact"] == ANN
    [contact] = rooms.rows(sa.select(case_contacts.c.address, case_contacts.c.proof))
    assert tuple(contact) == (ANN, None)
    [mail] = rooms.post.mails
    told = str(mail.get_body(("plain",)).get_content())
    assert row.reference in told
    assert "/confirm/" in told
    assert not [fact for fact in (SECRET, "300", "Ann", "November") if fact in told]
    assert post.words() == ["sender_doubted"]
    bot = rooms.rows(sa.select(messages.c.number).where(messages.c.sender == "bot"))
    assert bot == [], "what nobody was told does not stand there as told"


async def test_once_the_address_is_confirmed_it_is_the_customers_and_is_answered(post: Post) -> None:
    await post(f"Ann Lee <{ANN}>", text=COMPLAINT)
    rooms = post.rooms
    [row] = rooms.rows(sa.select(cases.c.id, cases.c.reference))
    rooms.store.write_now(confirmation.confirm, confirmation.Confirmation(row.id, ANN))
    [conversation] = rooms.rows(sa.select(conversations.c.id, conversations.c.address))
    assert conversation.address == ANN
    await post.anns(subject=f"Re: {row.reference}", text="It was in the afternoon.")
    assert post.conversations_of(row.id) == {conversation.id}


async def test_a_flood_of_forged_complaints_does_not_fill_the_victims_mailbox(post: Post) -> None:
    for number in range(CONFIRMATIONS + 4):
        await post(f"Ann Lee <{ANN}>", text=f"{COMPLAINT} That was number {number + 100}.")
    assert len(post.rooms.post.to(ANN)) == CONFIRMATIONS
    assert len(post.rooms.rows(sa.select(cases.c.id))) == CONFIRMATIONS + 4


@pytest.mark.parametrize("words", ["Buy cheap watches now!", "hello", "Thank you", ""])
async def test_what_is_no_complaint_and_forged_is_not_answered_at_all(post: Post, words: str) -> None:
    await post(f"Ann Lee <{ANN}>", text=words or "\n")
    assert post.rooms.post.mails == []
    assert len(post.rooms.rows(sa.select(messages.c.number))) == 1


@pytest.mark.parametrize("verdict", ["nothing published", "not to be had now", "handed in here"])
async def test_a_verdict_that_says_nothing_changes_nothing(post: Post, names: Names, case: Case, verdict: str) -> None:
    before = post.conversations_of(case.id)
    if verdict == "nothing published":
        del names.zone["TXT _dmarc.example.org"]
    if verdict == "not to be had now":
        names.zone["TXT _dmarc.example.org"] = SERVFAIL
        post.rooms.channel.lookups = Lookups(names.address)
    post.rooms.channel.lookups = Lookups(names.address)
    host = "127.0.0.1" if verdict == "handed in here" else "198.51.100.1"
    await post(f"Ann Lee <{ANN}>", host, ANN, subject=f"Re: {case.reference}", text="Any news?")
    assert post.conversations_of(case.id) == before
    assert len(post.rooms.rows(sa.select(messages.c.number).where(messages.c.text == "Any news?"))) == 1
    assert post.words() == []


async def test_a_machine_that_forges_ann_is_not_shown_beside_her_case(post: Post, case: Case) -> None:
    from case_store.tables_arrivals import events

    await post(f"Ann Lee <{ANN}>", auto_submitted="auto-replied", to=case.answer["Reply-To"], text="I am away")
    await post.anns(auto_submitted="auto-replied", to=case.answer["Reply-To"], text="I am really away")
    found = post.rooms.rows(sa.select(events.c.kind, events.c.case_id).order_by(events.c.id))
    assert [tuple(row) for row in found] == [("auto_reply", None), ("auto_reply", case.id)]


async def test_a_delivery_is_never_addressed_to_a_doubted_sender_but_for_its_confirmation(
    post: Post, case: Case
) -> None:
    await post(f"Ann Lee <{ANN}>", text=HERS)
    occasions = [row.occasion.partition(":")[0] for row in post.rooms.rows(sa.select(deliveries.c.occasion))]
    assert sorted(occasions) == ["confirm", "reply"]
