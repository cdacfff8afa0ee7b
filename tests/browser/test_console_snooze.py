"""A conversation that its agent puts off, in a real browser: out of sight until its time or its customer's words, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from case_store import conversations
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, row, shared, shot, sign_in, talk, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


def until(house: House, seat: Seat) -> datetime | None:
    found = house.do(house.gateway.store.read(conversations.find, seat.conversation))
    return found and found["snoozed_until"]


def mine(house: House, sign_in: Callable[..., Page], **more: object) -> tuple[Page, Seat]:
    """A page of an agent who has just taken a conversation over, and whose own are listed."""
    seat = house.chat("I complain: the lift at your branch is broken", locale="en")
    page = sign_in(**more)
    shown = talk(page, seat)
    shown.locator('[data-act="take"]').click()
    expect(shown.locator('[data-act="snooze"]')).to_be_visible()
    return page, seat


def test_what_is_put_off_leaves_the_list_and_can_be_taken_up_again(house: House, sign_in: Callable[..., Page]) -> None:
    page, seat = mine(house, sign_in)
    page.locator("#tab-mine").click()
    expect(row(page, seat)).to_be_visible()
    page.get_by_role("button", name="Snooze …").click()
    page.get_by_role("dialog").get_by_role("button", name="Tomorrow morning").click()
    expect(page.locator("qt-queue #conversations").locator(f'a[href$="{seat.conversation}"]')).to_have_count(0)
    wakes = until(house, seat)
    assert wakes is not None
    there = wakes.astimezone(ZoneInfo("Asia/Shanghai"))  # the house's own clock, whatever the browser's
    tomorrow = (datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)).date()
    assert (there.hour, there.minute, there.date()) == (9, 0, tomorrow)
    expect(page.locator("qt-conversation .owner")).to_contain_text("Put off until")
    page.get_by_role("button", name="Put off: 1").click()
    expect(row(page, seat)).to_be_visible()
    page.get_by_role("button", name="Take up now").click()
    expect(page.locator("qt-queue #conversations").locator(f'a[href$="{seat.conversation}"]')).to_be_visible()
    assert until(house, seat) is None


def test_the_customers_next_words_bring_it_back(house: House, sign_in: Callable[..., Page]) -> None:
    page, seat = mine(house, sign_in)
    page.locator("#tab-mine").click()
    page.get_by_role("button", name="Snooze …").click()
    page.get_by_role("dialog").get_by_role("button", name="In an hour").click()
    expect(row(page, seat)).to_have_count(0)
    house.says(seat, "It is still broken")
    expect(row(page, seat)).to_be_visible()
    expect(page.get_by_role("button", name="Snooze …")).to_be_visible()


def test_a_time_of_ones_own_is_told_by_the_houses_clock(house: House, sign_in: Callable[..., Page]) -> None:
    page, seat = mine(house, sign_in, timezone_id="America/New_York")
    page.get_by_role("button", name="Snooze …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Put off", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose a time to come.")
    day = (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=3)).date()
    dialog.get_by_label("Another time").fill(f"{day}T15:30")
    dialog.get_by_role("button", name="Put off", exact=True).click()
    expect(page.get_by_role("button", name="Take up now")).to_be_visible()
    assert until(house, seat) == datetime(day.year, day.month, day.day, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_axe_finds_nothing_when_putting_off(house: House, sign_in: Callable[..., Page], locale: str) -> None:
    page, _ = mine(house, sign_in, locale=locale)
    for _, look in looks(page):
        shot(page, f"console-mine-{locale}-{look}")
    page.locator('[data-act="snooze"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for width, look in looks(page):
        shot(page, f"console-snooze-{locale}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == [], look
