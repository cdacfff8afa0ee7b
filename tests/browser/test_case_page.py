"""A customer looks at how their case stands: from the look-up by the mailed link to what is offered, agreed and done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from case_store import cases, contacts, settlements
from case_store.offers import Option, Said
from case_store.records import ChannelName, Language
from case_store.store import Transaction
from case_store.tables_cases import cases as case_table
from case_store.tables_outbox import deliveries
from case_store.tables_papers import settlements as settlement_table
from gateway import negotiating, status_link
from gateway.negotiating import Proposal
from gateway.notifications import Notices
from gateway.portal.wording import catalogue
from gateway.promises import Promises
from tests.browser.axe import found_by_axe
from tests.browser.console_house import House
from tests.browser.console_pages import house, shared
from tests.browser.test_portal import REFERENCE
from tests.browser.test_resume import mail_to

__all__ = ["house", "shared"]

pytestmark = pytest.mark.browser

STORY = "You charged my card an annual fee of 300 yuan on 3 November at the Leeds branch. I want it refunded."
OPTIONS = {
    Language.EN: (
        Option("Half of the fee back", "150 yuan goes back to your card; your credit record is not affected", 5),
        Option("All of the fee back", "300 yuan goes back to your card, and the complaint is closed as settled", 10),
    ),
    Language.HANS: (
        Option("退还一半年费", "150 元退回您的卡，征信记录不受影响", 5),
        Option("退还全部年费", "300 元退回您的卡，投诉按约定了结", 10),
    ),
    Language.HANT: (
        Option("退還一半年費", "150 元退回您的卡，信貸紀錄不受影響", 5),
        Option("退還全部年費", "300 元退回您的卡，投訴按約定了結", 10),
    ),
}


class Agent:
    """Who works there: offers, notes what the customer answered, and that it is done."""

    def __init__(self, house: House) -> None:
        gateway = house.gateway
        self.house = house
        self.notices = Notices(Promises(gateway.policy, gateway.settings), gateway.settings, gateway.tokens)

    def offers(self, case: str, options: tuple[Option, ...]) -> str:
        def put(tx: Transaction) -> str:
            proposal = Proposal(options, by_bot=True, actor="agent:megan")
            made = negotiating.put(tx, self.notices, cases.get(tx, case), proposal)
            d = deliveries.c
            waiting = sa.update(deliveries).where(d.case_id == case, d.due_at.is_not(None))
            for id in tx.execute(waiting.values(due_at=tx.now).returning(d.id)).scalars().all():
                tx.wake("delivery", id)  # notices wait for the morning; here it is morning
            return made.id

        return self.house.write(put)

    def agrees(self, offer: str, number: int) -> str:
        said = Said("the second, please", ChannelName.PHONE.value, "agent:megan")
        return self.house.write(negotiating.agree, self.notices, offer, number, said).id

    def is_late(self, settlement: str) -> None:
        past = datetime.now(UTC) - timedelta(days=2)
        late = sa.update(settlement_table).where(settlement_table.c.id == settlement)
        self.house.write(lambda tx: tx.execute(late.values(due_at=past, due_on=past.date().isoformat())))

    def performs(self, settlement: str) -> None:
        today = negotiating.today(self.notices.promises, datetime.now(UTC))
        done = {"actor": "agent:megan", "note": "receipt 4711"}
        self.house.write(negotiating.record_performed, self.notices, settlement, today, **done)


@pytest.fixture
def agent(house: House) -> Agent:
    return Agent(house)


def root(house: House) -> str:
    return house.url.removesuffix("/console")


def opened(house: House, visit: Any, link: str, **options: Any) -> Page:
    """A page by a link that was mailed; the house stands on a port of its own here."""
    page: Page = visit(f"{root(house)}{urlsplit(link).path}?lang=en", **options)
    return page


def hands_in(page: Page, house: House, address: str) -> str:
    page.locator("#what_happened").fill(STORY)
    page.locator("#contact").fill(address)
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("[data-show=reference]")).to_have_text(REFERENCE)
    return page.locator("[data-show=reference]").inner_text()


@pytest.mark.parametrize("scripted", [True, False])
def test_from_the_look_up_by_the_mailed_link_to_what_is_offered_agreed_late_and_done(
    house: House, visit: Any, agent: Agent, scripted: bool
) -> None:
    address, folder = f"ann.{scripted}@example.org".lower(), house.gateway.settings.data_dir
    page = visit(f"{root(house)}/?lang=en")
    reference = hands_in(page, house, address)
    case = house.do(house.gateway.store.read(cases.get, reference)).id
    confirm = opened(house, visit, mail_to(address, folder, r"(http\S+/confirm/\S+)"))
    confirm.get_by_role("button").click()
    confirm.get_by_role("link", name="How your complaint stands").click()
    expect(confirm.get_by_text("Registered, waiting to be looked into")).to_be_visible()
    expect(confirm.get_by_role("heading", level=2)).to_have_count(0)

    offer = agent.offers(case, OPTIONS[Language.EN])
    mail_to(address, folder, r"(150 yuan goes back)")
    page = visit(f"{root(house)}/?lang=en", java_script_enabled=scripted)
    page.locator("#status-reference").fill(reference)
    page.locator("#status-contact").fill(address)
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.locator("[data-found]")).to_contain_text("Registered")
    assert "150 yuan" not in page.content(), "number and contact tell a state and no more"
    page.get_by_role("button", name="Send me the link").click()
    expect(page.locator("[data-found]")).to_contain_text("the link is on its way there")
    link = mail_to(address, folder, r"To see how complaint[\s\S]*?(http\S+/status/\S+)")

    shown = opened(house, visit, link, viewport={"width": 390, "height": 844})
    expect(shown.get_by_role("heading", name="Solutions to choose from")).to_be_visible()
    expect(shown.locator(".option")).to_have_count(2)
    expect(shown.locator(".option").nth(1)).to_contain_text("300 yuan goes back to your card")
    expect(shown.get_by_text("By replying to our email")).to_be_visible()
    settlement = agent.agrees(offer, 2)
    shown.reload()
    expect(shown.get_by_role("heading", name="What we agreed")).to_be_visible()
    expect(shown.get_by_text("Not recorded as done yet")).to_be_visible()
    expect(shown.locator(".option")).to_have_count(0)
    agent.is_late(settlement)
    shown.reload()
    expect(shown.get_by_text("listed as overdue for the colleague in charge")).to_be_visible()
    agent.performs(settlement)
    shown.reload()
    expect(shown.get_by_text("Completed on")).to_be_visible()
    expect(shown.get_by_text("receipt 4711")).to_be_visible()
    paper = shown.get_by_role("link", name="Settlement on paper")
    printed = shown.request.get(f"{root(house)}{paper.get_attribute('href')}")
    assert printed.body().startswith(b"%PDF-")
    assert house.do(house.gateway.store.read(settlements.get, settlement)).performed_on is not None


Standing = Callable[[Language, str], str]


@pytest.fixture
def standing(house: House, visit: Any, agent: Agent) -> Standing:
    """`standing(language, how)`: the path of a case that stands so, its options as wide as they come."""

    def made(language: Language, how: str) -> str:
        address = f"{how}.{language.value}@example.org".lower()
        page = visit(f"{root(house)}/?lang=en")
        case = house.do(house.gateway.store.read(cases.get, hands_in(page, house, address)))
        house.write(_is_in, case.id, language, address)
        long = Option(f"{OPTIONS[language][0].title} {'https://bank.example/' + 'x' * 90}", "退" * 300 + "w" * 300, 0)
        offer = agent.offers(case.id, (*OPTIONS[language], long))
        mail_to(address, house.gateway.settings.data_dir, r"(bank\.example/x)")
        if how in ("agreed", "late"):
            settlement = agent.agrees(offer, 1)
            if how == "late":
                agent.is_late(settlement)
        elif how == "withdrawn":
            house.write(negotiating.take_back, agent.notices, offer, actor="agent:megan", note=None)
        return f"/status/{status_link.sign(house.gateway.tokens, case.id, address, datetime.now(UTC))}"

    return made


def _is_in(tx: Transaction, case_id: str, language: Language, address: str) -> None:
    contacts.prove(tx, case_id, address, "confirmed")
    tx.execute(sa.update(case_table).where(case_table.c.id == case_id).values(language=language.value))


@pytest.mark.parametrize("how", ["open", "late", "withdrawn"])
@pytest.mark.parametrize("language", Language)
def test_everybody_can_read_it_and_nothing_is_wider_than_a_phone(
    house: House, visit: Any, standing: Standing, language: Language, how: str
) -> None:
    path = standing(language, how)
    for scheme, width in (("light", 1280), ("dark", 390)):
        page = visit(f"{root(house)}{path}", color_scheme=scheme, viewport={"width": width, "height": 844})
        assert page.locator("html").get_attribute("lang") == language.value
        expect(page.locator("h1")).to_have_text(catalogue(language)["case"]["title"])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert found_by_axe(page) == []


def test_what_is_offered_never_runs(house: House, visit: Any, agent: Agent) -> None:
    address = "eve@example.org"
    page = visit(f"{root(house)}/?lang=en")
    case = house.do(house.gateway.store.read(cases.get, hands_in(page, house, address))).id
    house.write(_is_in, case, Language.EN, address)
    script = "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>"
    agent.offers(case, (Option(script[:100], script, 1), OPTIONS[Language.EN][0]))
    mail_to(address, house.gateway.settings.data_dir, r"(window\.harmed)")
    link = f"/status/{status_link.sign(house.gateway.tokens, case, address, datetime.now(UTC))}"
    shown = opened(house, visit, link)
    expect(shown.locator(".option").first).to_contain_text("<script>window.harmed = 1</script>")
    assert shown.evaluate("window.harmed") is None
    assert shown.locator(".option script, .option img").count() == 0


def test_a_link_that_has_run_out_leads_to_the_look_up(house: House, visit: Any) -> None:
    old = status_link.sign(house.gateway.tokens, "c", "ann@example.org", datetime.now(UTC) - timedelta(days=8))
    page = opened(house, visit, f"/status/{old}")
    expect(page.get_by_text("This link is no longer valid")).to_be_visible()
    page.get_by_role("link", name="Look up a complaint").click()
    expect(page.locator("#status-reference")).to_be_visible()
