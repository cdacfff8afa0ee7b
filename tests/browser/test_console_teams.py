"""Teams in the console: made by an administrator, given a conversation and a case, and seen as one's own by their people."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from case_store import cases, teams
from case_store.records import Role
from tests.browser.console_house import House
from tests.browser.console_pages import looks, row, shared, shot, sign_in, talk, violations

__all__ = ["shared", "sign_in"]

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "zh-CN", "zh-TW")


@pytest.fixture(scope="module")
def house(shared: House) -> House:
    """Whoever acts in these tests: none of them needs another to have run before."""
    for username, name, role in (
        ("root-teams", "Ruth Root", Role.ADMIN),
        ("root-cases", "Rhea Root", Role.ADMIN),
        ("root-look", "Rosa Root", Role.ADMIN),
        ("casey", "Casey Cards", Role.AGENT),
        ("lena", "Lena Loans", Role.AGENT),
    ):
        shared.agent(username, name, role)
    return shared


def make(page: Page, title: str, name: str, *members: str) -> None:
    page.get_by_role("button", name="New team").click()
    page.get_by_label("Name", exact=True).fill(title)
    page.get_by_label("Short name").fill(name)
    for member in members:
        page.get_by_label(member, exact=True).check()
    page.get_by_role("button", name="Make the team").click()
    expect(page.locator(f'[data-team="{name}"]')).to_contain_text(title)


def test_a_team_is_made_and_given_a_conversation_that_its_people_see_as_theirs(
    house: House, sign_in: Callable[..., Page]
) -> None:
    admin = sign_in("root-teams", width=1280, path="/settings/teams")
    make(admin, "Bank cards", "cards", "Casey Cards")
    make(admin, "Funds", "funds")
    assert violations(admin) == []
    admin.get_by_role("button", name="Change Funds").click()
    expect(admin.get_by_label("Name", exact=True)).to_have_value("Funds")
    assert violations(admin) == []
    shot(admin, "teams-change")
    admin.get_by_role("button", name="Close the team").click()
    admin.locator("dialog").get_by_role("button", name="Close the team").click()
    expect(admin.get_by_text("Closed (1)")).to_be_visible()
    expect(admin.locator('details [data-team="funds"]')).to_have_count(1)

    seat = house.chat("I complain: the cash machine kept my card", locale="en")
    other = house.chat("我要找人工客服")
    house.waits(other)
    megan = sign_in("megan", width=1280)
    talk(megan, seat)
    megan.get_by_role("button", name="Give", exact=False).first.click()
    whom = megan.locator("#give-to")
    offered = whom.locator('optgroup[label="Queue of a team"] option')
    expect(offered.filter(has_text=re.compile("^Bank cards$"))).to_have_count(1)
    expect(offered.filter(has_text="Funds")).to_have_count(0)  # which is closed
    whom.select_option(label="Bank cards")
    megan.locator("#give-note").fill("The card is swallowed")
    shot(megan, "teams-give")
    megan.locator("dialog").get_by_role("button", name="Give", exact=True).click()
    expect(row(megan, seat)).to_contain_text("Bank cards")
    assert house.owner(seat)[0] == "queue"

    casey = sign_in("casey", width=1280)
    expect(row(casey, other)).to_be_visible()
    casey.get_by_role("combobox", name="Team").select_option(label="My teams")
    expect(row(casey, seat)).to_be_visible()
    expect(row(casey, other)).to_be_hidden()
    assert violations(casey) == []
    shot(casey, "teams-queue")
    casey.reload()
    expect(row(casey, seat)).to_be_visible()
    expect(row(casey, other)).to_be_hidden()  # what was chosen stays for as long as the tab


def test_a_case_is_given_to_a_team_and_stands_in_its_peoples_list(house: House, sign_in: Callable[..., Page]) -> None:
    admin = sign_in("root-cases", width=1280, path="/settings/teams")
    make(admin, "Loans", "loans", "Lena Loans")
    seat = house.chat(
        "I complain: your branch charged me a fee of 300 CNY twice on 2 November 2026. Refund it.",
        "My name is Ann Lee, ann@customer.example",
        "yes",
        locale="en",
    )
    case = house.case_of(seat)
    admin.goto(f"{house.url}/cases/{case}")
    field = admin.locator("qt-case .field").filter(has=admin.locator("dt", has_text=re.compile("^Team$")))
    expect(field.locator("dd .value")).to_have_text("—")
    admin.get_by_role("button", name="Change “Team”", exact=True).click()
    admin.locator("form.edit select").select_option(label="Loans")
    admin.locator("form.edit").get_by_role("button", name="Save").click()
    expect(admin.locator("form.edit")).to_have_count(0)
    expect(field.locator("dd .value")).to_have_text("Loans")
    lena = sign_in("lena", width=1280, path="/cases")
    lena.locator('[data-view="team"]').click()
    expect(lena.locator(f'qt-cases a[href*="{case}"]')).to_be_visible()
    shot(lena, "teams-cases")
    assert violations(lena) == []

    lena.locator('[data-view="all"]').click()
    lena.get_by_role("combobox", name="Team").select_option(label="Loans")
    expect(lena.locator(f'qt-cases a[href*="{case}"]')).to_be_visible()
    house.write(teams.change, "loans", {"active": False}, actor="system")
    lena.reload()
    expect(lena.get_by_role("combobox", name="Team")).to_have_value("loans")  # what still filters is seen
    admin.reload()
    admin.locator("button.edit[aria-label*='Team']").click()
    expect(admin.locator("form.edit select")).to_have_value("loans")
    admin.locator("form.edit").get_by_role("button", name="Save").click()
    expect(admin.locator("form.edit")).to_have_count(0)
    assert house.write(cases.get, case).team == "loans"
    house.waits(seat)
    admin.goto(f"{house.url}/supervise/now")
    expect(admin.locator('qt-supervise-now tbody tr:has(th:text-is("loans")) a').first).to_have_text("1")
    shot(admin, "teams-closed-now")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_section_reads_well_at_either_width(sign_in: Callable[..., Page], locale: str) -> None:
    page = sign_in("root-look", path="/settings/teams", locale=locale)
    page.locator("qt-settings-teams > div > button.strong").click()
    expect(page.locator("qt-settings-teams form")).to_be_visible()
    for _, look in looks(page):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == [], look
        shot(page, f"teams-{look}-{locale}")
