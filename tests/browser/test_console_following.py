"""Following a case in a real browser: what is new is told wherever the agent is, and is no news once they have looked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from case_store import cases
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, shared, shot, sign_in, talk, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

COMPLAINT = "I complain: your branch charged me a fee of 300 CNY twice"


def for_you(page: Page, n: int) -> None:
    expect(page.locator(".for-you")).to_have_attribute("aria-label", f"For you: {n} new")


def test_what_a_colleague_does_and_the_customer_says_is_told_wherever_the_agent_is(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.agent("follower", "Nia Rees")
    seat = house.chat(COMPLAINT, locale="en")
    case = house.case_of(seat)
    page = sign_in("follower")
    talk(page, seat)
    record = page.locator("qt-case")
    expect(record).to_contain_text("Followed by nobody")
    record.get_by_role("button", name="Follow", exact=True).click()
    expect(record).to_contain_text("Followed by you")
    for_you(page, 0)
    house.write(cases.change, case, {"risk": "major"}, actor="agent:林悦")
    expect(record).to_contain_text("Major")
    for_you(page, 0)  # it was before their eyes
    page.get_by_role("link", name="Tasks").click()
    house.write(cases.change, case, {"assignee": "lin.yue"}, actor="agent:林悦")
    for_you(page, 1)
    house.says(seat, "It happened again today")
    for_you(page, 1)  # one case, however much is new in it
    page.locator(".for-you").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(f'[data-case="{case}"]')).to_contain_text("The customer has written.")
    dialog.locator(f'[data-case="{case}"] a').click()
    expect(page.locator("qt-case h2.reference")).to_be_visible()
    for_you(page, 0)


def test_following_takes_one_key_and_colleagues_see_it(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    lin, megan = sign_in("lin.yue", locale="en-GB"), sign_in("megan")
    talk(megan, seat)
    expect(megan.locator("qt-case")).to_contain_text("Followed by nobody")
    megan.keyboard.press("f")
    expect(megan.locator("qt-case")).to_contain_text("Followed by you")
    talk(lin, seat)
    expect(lin.locator("qt-case")).to_contain_text("Followed by Megan Howe")
    megan.keyboard.press("f")
    expect(megan.locator("qt-case")).to_contain_text("Followed by nobody")


def test_a_case_that_comes_when_its_place_has_been_left_does_no_harm(
    house: House, sign_in: Callable[..., Page]
) -> None:
    """The page's own errors fail every test (conftest.py)."""
    seat = house.chat(COMPLAINT, locale="en")
    case = house.case_of(seat)
    page = sign_in("megan")
    held: list[Route] = []
    page.route(f"**/api/v1/cases/{case}", lambda route: held.append(route))
    with page.expect_request(f"**/api/v1/cases/{case}"):
        talk(page, seat)
    page.get_by_role("link", name="Tasks").click()
    expect(page.locator("qt-tasks")).to_be_visible()
    with page.expect_response(f"**/api/v1/cases/{case}") as answer:
        for route in held:
            route.continue_()
    answer.value.finished()
    page.wait_for_timeout(300)
    expect(page.locator("qt-tasks")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_axe_finds_nothing_in_what_is_for_you(house: House, sign_in: Callable[..., Page], locale: str) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    case = house.case_of(seat)
    house.agent(f"follower-{locale.lower()}", "Nia Rees")
    page = sign_in(f"follower-{locale.lower()}", path=f"/cases/{case}", locale=locale)
    follow = page.locator("qt-following button")
    follow.scroll_into_view_if_needed()
    follow.click()
    for _, look in looks(page):
        shot(page, f"console-following-{locale}-{look}")
        assert violations(page) == [], look
    page.goto(f"{house.url}/tasks")
    expect(page.locator("qt-tasks")).to_be_visible()
    house.write(cases.change, case, {"risk": "major"}, actor="agent:林悦")
    expect(page.locator(".for-you .count")).to_have_text("1")
    page.locator(".for-you").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for _, look in looks(page):
        shot(page, f"console-for-you-{locale}-{look}")
        assert violations(page) == [], look
