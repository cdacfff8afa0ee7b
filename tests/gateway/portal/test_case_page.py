"""The page of one case: what its customer sees of offers and settlements, and what nobody else does."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from case_store import audit, cases, contacts, conversations, offers, outbox, settlements, tasks
from case_store.audit import HappenedAt, case_chain
from case_store.cases import Registration
from case_store.contacts import Contact
from case_store.conversations import NewConversation
from case_store.files import Files
from case_store.ids import new_id
from case_store.offers import Option, Said, StoredOffer
from case_store.papers import Party
from case_store.records import ChannelName, Language
from case_store.settlements import Settlement
from case_store.store import Store, Transaction
from case_store.tables_outbox import deliveries
from case_store.tables_papers import offers as offer_table
from case_store.tables_papers import settlements as settlement_table
from case_store.tasks import Deed
from gateway import mandates, negotiating, status_link, telling, tidings
from gateway.api.app import setup_api
from gateway.api.papers import _without_secrets
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.hooks import PROMISES
from gateway.negotiating import Proposal
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.portal.routes import routes
from gateway.portal.wording import catalogue
from gateway.promises import Promises
from gateway.status_link import Holder
from gateway.tokens import LinkKind, Tokens
from gateway.wakeups import Wakeups
from gateway.web import setup_web
from tests.gateway.counter.desk import text_of

ANN = "ann@example.org"
TELEPHONE = "+447700900123"
HALF = Option("Half of the fee back", "150 yuan goes back to your card", 5)
WHOLE = Option("All of the fee back", "300 yuan goes back to your card, and the complaint is closed as settled", 1)
LETTER = Option("A written explanation", "the branch writes to you how the fee was worked out", 0)
AGENT = "agent:Wei"


@dataclass
class House:
    """The pages over a store, and what agents and customers do meanwhile."""

    store: Store
    notices: Notices
    tokens: Tokens
    client: TestClient[web.Request, web.Application]

    def case(self, address: str = ANN, *, proof: str | None = "confirmed", language: str = "en") -> str:
        kind = contacts.kind_of_address(address)
        return self.store.write_now(_filed, Contact(address, kind, proof), language)

    def link(self, case_id: str, address: str = ANN, age: timedelta = timedelta()) -> str:
        return f"/status/{status_link.sign(self.tokens, case_id, address, datetime.now(UTC) - age)}"

    async def page(self, path: str, lang: str | None = None, **headers: str) -> tuple[int, str]:
        answer = await self.client.get(path, params={"lang": lang} if lang else {}, headers=headers)
        return answer.status, html.unescape(await answer.text())

    def offer(
        self, case_id: str, options: Sequence[Option] = (HALF, WHOLE, LETTER), *, told: bool = True
    ) -> StoredOffer:
        def put(tx: Transaction) -> StoredOffer:
            proposal = Proposal(options, by_bot=True, actor=AGENT)
            return negotiating.put(tx, self.notices, cases.get(tx, case_id), proposal)

        made = self.store.write_now(put)
        if told:
            self.store.write_now(_mail_leaves)
        return made

    def agree(self, case_id: str, number: int = 1, *, days: int | None = None) -> Settlement:
        made = self.offer(case_id)
        said = Said("yes, agreed", ChannelName.EMAIL.value, "bot")
        agreed = self.store.write_now(negotiating.agree, self.notices, made.id, number, said)
        if days is not None:  # as if its day were so many days from now
            due = datetime.now(UTC) + timedelta(days=days)
            values = {"due_at": due, "due_on": due.date().isoformat()}
            self.store.write_now(lambda tx: tx.execute(sa.update(settlement_table).values(**values)))
        return self.store.read_now(settlements.get, agreed.id)

    def said(self, unit: Any, made: StoredOffer, *more: Any) -> None:
        said = Said("so", ChannelName.EMAIL.value, "bot")
        self.store.write_now(lambda tx: unit(tx, made.id, *more, said))

    def events(self, case_id: str, action: str) -> list[HappenedAt]:
        return [one for one in self.store.read_now(audit.timeline, case_chain(case_id)) if one.action == action]

    def mails(self, occasion: str = "status:") -> list[Any]:
        d = deliveries.c
        found = sa.select(d.address, d.payload).where(d.occasion.startswith(occasion)).order_by(d.id)
        return list(self.store.read_now(lambda tx: tx.execute(found).all()))

    def today(self) -> date:
        return negotiating.today(self.notices.promises, datetime.now(UTC))


def _filed(tx: Transaction, contact: Contact, language: str) -> str:
    conversation_id = new_id()
    conversations.open_conversation(tx, NewConversation(conversation_id, "webform", "webform", language))
    case_id = cases.open_draft(
        tx,
        conversation_id=conversation_id,
        channel="webform",
        account="webform",
        language=language,
        received_at=tx.now,
        customer=None,
    )
    cases.link_conversation(tx, case_id, conversation_id, linked_by="customer", reason="form")
    contacts.add_contact(tx, case_id, contact)
    day = tx.now.date()
    cases.file_case(tx, case_id, Registration(day, day + timedelta(days=7), tx.now, "test"), actor="customer")
    return case_id


def _mail_leaves(tx: Transaction) -> None:
    """Everything that waits for the morning leaves, and the next mail system takes it."""
    tx.execute(sa.update(deliveries).where(deliveries.c.due_at.is_not(None)).values(due_at=tx.now))
    for delivery in outbox.claim(tx, 50, [ChannelName.EMAIL.value]):
        tidings.handed_over(tx, delivery, None)


@pytest.fixture
async def house(store: Store, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(data_dir=tmp_path, complaints_address="complaints@bank.example", locale=Language.EN)
    policy, tokens = load_policy(None), Tokens(b"s" * 32)
    promises = Promises(policy, settings)
    app = web.Application()
    app[GATEWAY] = Gateway(settings, policy, store, Files(tmp_path / "files"), tokens, Wakeups())
    app[PROMISES] = promises
    setup_web(app)
    setup_api(app)
    routes(app)
    client = TestClient(TestServer(app))
    await client.start_server()
    yield House(store, Notices(promises, settings, tokens), tokens, client)
    await client.close()


def shows_nothing(page: str) -> bool:
    return not any(word in page for word in (HALF.title, WHOLE.meaning, "C20"))


# an offer -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
async def test_an_open_offer_is_shown_with_what_each_means_until_when_and_where_to_answer(
    house: House, language: Language
) -> None:
    case = house.case()
    house.offer(case)
    status, page = await house.page(house.link(case), language.value)
    words = catalogue(language)["case"]
    assert status == 200
    for option in (HALF, WHOLE, LETTER):
        assert option.title in page
        assert option.meaning in page
    assert words["offer"]["title"] in page
    assert words["offer"]["by"]["mail"] in page
    assert words["offer"]["by"]["chat"] not in page
    assert words["offer"]["by"]["person"] not in page
    assert "<form" not in page, "nothing is chosen on the page"
    assert "<script" not in page


async def test_the_days_are_those_that_were_told_and_the_language_is_that_of_the_complaint(house: House) -> None:
    case = house.case(language="zh-Hant")
    made = house.offer(case)
    _, page = await house.page(house.link(case), None, **{"Accept-Language": "en-GB"})
    until, by = made.expires_on, house.notices.promises.days.add(house.today(), 5)[0]
    assert '<html lang="zh-Hant">' in page
    assert f"{until.year}年{until.month}月{until.day}日" in page
    assert f"約定後 5 個工作天內，今天約定的話，最遲在{by.year}年{by.month}月{by.day}日" in page
    assert "約定當天" in page
    assert "lang=en" in page, "and can be changed"
    mail = next(one.payload["text"] for one in house.mails("offer:") if "辦法" in one.payload["text"])
    assert f"{until.month}月{until.day}日" in mail


async def test_a_choice_is_no_agreement(house: House) -> None:
    case = house.case()
    house.said(offers.choose, house.offer(case), 2)
    _, page = await house.page(house.link(case))
    assert "Your choice of option 2 is noted. Nothing is agreed until you confirm it." in page
    assert "What we agreed" not in page


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("withdrawn", "no longer stand, and nothing was agreed on them"),
        ("expired", "is over, and nothing was agreed on them"),
        ("its day is over", "is over, and nothing was agreed on them"),
        ("declined", "suited you, and nothing was agreed on them"),
        ("the case is answered", "no longer stand, and nothing was agreed on them"),
    ],
)
async def test_an_offer_that_is_over_is_told_so_and_offers_nothing(house: House, how: str, told: str) -> None:
    case = house.case()
    made = house.offer(case)
    if how == "withdrawn":
        house.store.write_now(negotiating.take_back, house.notices, made.id, actor=AGENT, note=None)
    elif how == "expired":
        house.store.write_now(negotiating.fire_expired, house.notices, made.id)
    elif how == "its day is over":  # and its timer has not fired
        yesterday = (house.today() - timedelta(days=1)).isoformat()
        house.store.write_now(lambda tx: tx.execute(sa.update(offer_table).values(expires_on=yesterday)))
    elif how == "declined":
        house.said(offers.decline, made)
    else:
        from gateway import lapsing

        house.store.write_now(lapsing.case_finished, house.notices, case, actor=AGENT)
    status, page = await house.page(house.link(case))
    assert status == 200
    assert told in page
    assert shows_nothing(page.replace(page[page.index("C20") :][:18], ""))
    assert "Where to answer" not in page


async def test_the_next_round_takes_the_place_of_the_one_before(house: House) -> None:
    case = house.case()
    house.offer(case)
    house.offer(case, (LETTER, Option("A gift card", "50 yuan to spend at any branch", 2)))
    _, page = await house.page(house.link(case))
    assert "A gift card" in page
    assert HALF.title not in page
    assert "no longer stand" not in page


async def test_an_offer_is_shown_once_it_is_told_and_whoever_never_heard_of_it_does_not_hear_that_it_is_over(
    house: House,
) -> None:
    case = house.case()
    made = house.offer(case, told=False)
    assert HALF.title not in (await house.page(house.link(case)))[1]
    house.store.write_now(negotiating.take_back, house.notices, made.id, actor=AGENT, note=None)
    assert "no longer stand" not in (await house.page(house.link(case)))[1]


async def test_an_offer_that_a_person_has_told_is_answered_to_a_person(house: House) -> None:
    case = house.case(TELEPHONE, proof="agent")
    house.offer(case)
    house.store.write_now(contacts.add_contact, case, Contact(ANN, "email", "agent"))
    assert HALF.title not in (await house.page(house.link(case)))[1], "nobody has called yet"
    [task] = [one for one in house.store.read_now(tasks.open_of, case) if one.kind == "call_back"]
    house.store.write_now(telling.done, task.id, Deed("called", datetime.now(UTC), "", AGENT))
    _, page = await house.page(house.link(case))
    assert HALF.title in page
    assert catalogue(Language.EN)["case"]["offer"]["by"]["person"] in page


async def test_an_offer_in_a_chat_is_answered_in_the_chat(house: House) -> None:
    case, chat = house.case(), new_id()

    def talks(tx: Transaction) -> None:
        conversations.open_conversation(tx, NewConversation(chat, "webchat", "webchat", "en"))
        cases.link_conversation(tx, case, chat, linked_by="customer", reason="code")

    house.store.write_now(talks)
    house.offer(case, told=False)
    _, page = await house.page(house.link(case))
    assert HALF.title in page
    assert catalogue(Language.EN)["case"]["offer"]["by"]["chat"] in page


# what was agreed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "performed", "told"),
    [
        (3, False, "Not recorded as done yet"),
        (-3, False, "That day has passed and it is not recorded as done. It is listed as overdue"),
        (3, True, "Completed on"),
        (-3, True, "Completed on"),
    ],
)
async def test_what_was_agreed_is_shown_with_its_day_and_whether_it_is_done(
    house: House, days: int, performed: bool, told: str
) -> None:
    case = house.case()
    agreed = house.agree(case, days=days)
    if performed:
        done = {"actor": AGENT, "note": "receipt 4711"}
        house.store.write_now(negotiating.record_performed, house.notices, agreed.id, house.today(), **done)
    _, page = await house.page(house.link(case))
    assert "What we agreed" in page
    assert HALF.meaning in page
    assert f"{agreed.due_on.day} {agreed.due_on:%B %Y}" in page
    assert told in page
    assert ("receipt 4711" in page) is performed
    assert WHOLE.title not in page
    assert "Solutions to choose from" not in page
    for other in {"Not recorded as done yet", "listed as overdue", "Completed on"}:
        assert (other in page) is (other in told)


async def test_why_a_record_was_taken_back_is_for_those_who_work_here(house: House) -> None:
    case = house.case()
    agreed = house.agree(case)
    done = {"actor": AGENT, "note": "receipt 4711"}
    house.store.write_now(negotiating.record_performed, house.notices, agreed.id, house.today(), **done)
    back = {"actor": AGENT, "note": "wrong account"}
    house.store.write_now(negotiating.record_not_performed, house.notices, agreed.id, **back)
    assert "wrong account" not in (await house.page(house.link(case)))[1]
    answer = await house.client.get(f"{house.link(case)}/settlements/{agreed.id}.pdf")
    assert "wrongaccount" not in text_of(await answer.read())


@pytest.mark.parametrize(
    ("language", "title"),
    [(Language.HANS, "和解约定"), (Language.HANT, "和解約定"), (Language.EN, "Settlementagreement")],
)
async def test_the_settlement_is_had_on_paper_in_the_customers_language_and_that_stands_in_the_trail(
    house: House, language: Language, title: str
) -> None:
    case = house.case(language=language.value)
    agreed = house.agree(case)
    _, page = await house.page(house.link(case), "en")
    path = re.search(r'href="(/status/\S+\.pdf)"', page)
    assert path
    answer = await house.client.get(path[1])
    text = text_of(await answer.read())
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (200, "application/pdf", "no-store")
    assert title in text
    assert "".join(HALF.meaning.split()) in text
    [event] = house.events(case, "settlement_printed")
    assert (event.actor, event.detail and event.detail["settlement"]) == ("customer", agreed.id)
    assert (await house.client.head(path[1])).status == 405, "whoever only asks for the headers prints nothing"
    assert len(house.events(case, "settlement_printed")) == 1


# whose page it is -----------------------------------------------------------------------------------------------------

WEEK = timedelta(days=7)


def proxy_of(house: House, case: str) -> str:
    party = Party("Bob", "son", ANN)
    house.store.write_now(mandates.name_proxy, house.notices.promises, case, party, mandate=True, actor=AGENT)
    return house.link(case)


def bounced(house: House, case: str) -> str:
    house.store.write_now(contacts.flag_bounced, case, ANN)
    return house.link(case)


def parted(house: House, case: str) -> str:
    house.store.write_now(contacts.remove, case, ANN)
    return house.link(case)


def of_kind(house: House, case: str, kind: LinkKind, *parts: str) -> str:
    return f"/status/{house.tokens.sign_link(kind, *(parts or (case, ANN)), issued_at=datetime.now(UTC))}"


def changed(link: str) -> str:
    return f"{link[:-6]}{'A' if link[-6] != 'A' else 'B'}{link[-5:]}"


NOT_THEIRS: dict[str, Callable[[House, str], str]] = {
    "stale": lambda house, case: house.link(case, age=WEEK + timedelta(minutes=1)),
    "from the future": lambda house, case: house.link(case, age=-timedelta(hours=1)),
    "changed": lambda house, case: changed(house.link(case)),
    "made up": lambda house, case: f"/status/{case}",
    "to confirm": lambda house, case: of_kind(house, case, LinkKind.CONFIRM),
    "to a chat": lambda house, case: of_kind(house, case, LinkKind.RESUME),
    "of more parts": lambda house, case: of_kind(house, case, LinkKind.STATUS, case, ANN, "x"),
    "of no case": lambda house, case: house.link(new_id()),
    "of a stranger": lambda house, case: house.link(case, "eve@example.org"),
    "of nobody": lambda house, case: house.link(case, ""),
    "bounced": bounced,
    "parted": parted,
    "a proxy's": proxy_of,
    "by another key": lambda house, case: (
        f"/status/{status_link.sign(Tokens(b'x' * 32), case, ANN, datetime.now(UTC))}"
    ),
}


@pytest.mark.parametrize("why", NOT_THEIRS)
async def test_a_link_that_is_not_the_customers_own_shows_nothing_of_any_case(house: House, why: str) -> None:
    case = house.case()
    agreed = house.agree(case)
    house.offer(case)
    link = NOT_THEIRS[why](house, case)
    status, page = await house.page(link, "en")
    assert (status, shows_nothing(page)) == (410, True)
    assert catalogue(Language.EN)["case"]["unknown"] in page
    answer = await house.client.get(f"{link}/settlements/{agreed.id}.pdf")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert house.events(case, "settlement_printed") == []


async def test_a_typed_address_proves_nothing_until_it_is_confirmed(house: House) -> None:
    case = house.case(proof=None)
    assert (await house.page(house.link(case)))[0] == 410
    confirm = house.tokens.sign_link(LinkKind.CONFIRM, case, ANN, issued_at=datetime.now(UTC))
    answer = await house.client.post(f"/confirm/{confirm}", params={"lang": "en"})
    link = re.search(r'href="(/status/\S+)"', await answer.text())
    assert link
    assert (await house.page(link[1]))[0] == 200


async def test_another_cases_offer_and_settlement_are_out_of_reach(house: House) -> None:
    own, other = house.case(), house.case("eve@example.org")
    agreed = house.agree(other)
    house.offer(other)
    status, page = await house.page(house.link(own))
    assert status == 200
    assert HALF.title not in page
    assert "What we agreed" not in page
    answer = await house.client.get(f"{house.link(own)}/settlements/{agreed.id}.pdf")
    assert answer.status == 404
    assert house.events(other, "settlement_printed") == []


async def test_while_a_mandate_is_missing_nothing_of_the_negotiation_is_shown(house: House) -> None:
    case = house.case()
    agreed = house.agree(case)
    house.offer(case)
    party = Party("Bob", "son", "bob@example.org")
    house.store.write_now(mandates.name_proxy, house.notices.promises, case, party, mandate=False, actor=AGENT)
    house.store.write_now(contacts.add_contact, case, Contact(ANN, "email", "agent"))
    _, page = await house.page(house.link(case))
    assert HALF.title not in page
    answer = await house.client.get(f"{house.link(case)}/settlements/{agreed.id}.pdf")
    assert answer.status == 404


async def test_what_an_offer_says_never_becomes_markup(house: House) -> None:
    case = house.case()
    script = "<script>alert(1)</script>"
    house.offer(case, (Option(script, f'"><img src=x onerror=alert(1)> {script}', 1), LETTER))
    answer = await house.client.get(house.link(case))
    page = await answer.text()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


async def test_no_more_than_the_page_needs_is_on_it(house: House) -> None:
    case = house.case()
    house.agree(case)
    page = (await house.page(house.link(case)))[1]
    assert ANN not in page
    assert "Wei" not in page
    assert case not in page, "the number is enough to speak about it"


# how the link is had --------------------------------------------------------------------------------------------------


async def ask(house: House, case: str, contact: str) -> tuple[int, str]:
    reference = house.store.read_now(cases.get, case).reference
    form = {"reference": reference, "contact": contact}
    answer = await house.client.post("/status/link", params={"lang": "en"}, data=form)
    return answer.status, html.unescape(await answer.text())


async def test_the_link_goes_to_the_proved_address_alone_and_opens_the_page(house: House) -> None:
    case = house.case()
    house.store.write_now(contacts.add_contact, case, Contact(TELEPHONE, "phone"))
    status, page = await ask(house, case, TELEPHONE)
    assert (status, "the link is on its way there and works for 7 days" in page) == (200, True)
    assert "/status/W" not in page
    [mail] = house.mails()
    assert mail.address == ANN
    link = re.search(r"/status/\S+", mail.payload["text"])
    assert link
    assert (await house.page(link[0]))[0] == 200


async def test_who_has_no_proved_address_hears_the_same_and_is_sent_nothing(house: House) -> None:
    proved, typed = house.case(), house.case("eve@example.org", proof=None)
    told = [
        re.search(r'<p class="note">(.*?)</p>', (await ask(house, *who))[1])
        for who in ((proved, ANN), (typed, "eve@example.org"))
    ]
    assert len({found and found[1] for found in told}) == 1
    assert None not in told
    assert [mail.address for mail in house.mails()] == [ANN]


async def test_who_does_not_know_the_contact_makes_nothing_leave(house: House) -> None:
    case = house.case()
    status, page = await ask(house, case, "eve@example.org")
    assert (status, "No complaint matches both entries" in page) == (404, True)
    assert (await ask(house, case, " "))[0] == 422
    assert house.mails() == []


async def test_nobodys_mailbox_is_filled(house: House) -> None:
    case = house.case()
    reference = str(house.store.read_now(cases.get, case).reference)
    sent = []
    for _ in range(5):
        sent.append(house.store.write_now(status_link.send, house.notices, house.tokens, reference, [ANN]))
        house.store.write_now(_a_minute_passes)
    assert sent == [True, True, True, False, False]


def _a_minute_passes(tx: Transaction) -> None:
    """What was sent within this minute is sent once, so that a button pressed twice sends one mail."""
    # each named anew by its own id: of two that differ by a sign one would be called for an instant as the other
    tx.execute(sa.update(deliveries).values(occasion=status_link.SENT + deliveries.c.id))


async def test_printing_by_the_hundred_is_refused_and_looking_is_not(house: House) -> None:
    case = house.case()
    link = house.link(case)
    printed = [(await house.client.get(f"{link}/settlements/x.pdf")).status for _ in range(32)]
    assert (printed.count(404), printed.count(429)) == (30, 2)
    assert (await house.page(link))[0] == 200


async def test_the_mail_that_puts_an_offer_leads_to_the_page_and_a_proxys_does_not(house: House) -> None:
    case = house.case()
    house.offer(case)
    [mail] = house.mails("offer:")
    link = re.search(r"/status/\S+", mail.payload["text"])
    assert link
    assert HALF.title in (await house.page(link[0]))[1]
    spoken = house.case("bob@example.org", proof="mandate")
    house.offer(spoken)
    assert "/status/" not in house.mails("offer:")[-1].payload["text"]


def test_the_written_record_holds_no_link_that_works() -> None:
    from case_store.ways import Aside, Way

    token = status_link.sign(Tokens(b"s" * 32), "c", ANN, datetime.now(UTC))
    aside = Aside(
        "status:c", datetime.now(UTC), f"open https://bank.example/status/{token}\nthank you", Way("sent", "email")
    )
    assert token not in _without_secrets(aside).text
    assert "thank you" in _without_secrets(aside).text


def test_the_holder_of_a_link_is_who_it_was_signed_for() -> None:
    tokens = Tokens(b"s" * 32)
    assert status_link.read(tokens, status_link.sign(tokens, "c", ANN, datetime.now(UTC))) == Holder("c", ANN)
