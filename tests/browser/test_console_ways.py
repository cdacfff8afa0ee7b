"""Where an answer goes and what is read there, told beside the field before anything is sent, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from case_store import contacts
from case_store.contacts import Contact
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, shared, shot, sign_in, talk, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

COMPLAINT = "I complain: your branch charged me a fee of 300 CNY twice"


def test_the_recipient_stands_beside_the_field_once_something_is_written(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    house.write(contacts.add_contact, house.case_of(seat), Contact("ann@customer.example", "email", proof="agent"))
    page = sign_in()
    talk(page, seat)
    expect(page.locator(".ways")).not_to_be_visible()
    page.locator("#reply").fill("We have found the fee.")
    expect(page.locator(".ways")).to_contain_text("by e-mail to ann@customer.example")
    page.locator(".ways").get_by_role("button", name="Preview").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".preview:not(.notice) .text")).to_have_text("We have found the fee.")
    page.keyboard.press("Escape")
    expect(page.locator("#reply")).to_be_focused()
    assert [sender for sender, _ in house.told(seat)].count("agent") == 0
    page.get_by_role("button", name="Private note").click()
    expect(page.locator(".ways")).not_to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_axe_finds_nothing_in_the_preview(house: House, sign_in: Callable[..., Page], locale: str) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in(locale=locale)
    talk(page, seat)
    page.locator("#reply").fill("We have found the fee.\n\nIt is on its way back to your account.")
    expect(page.locator(".ways")).to_be_visible()
    for _, look in looks(page):
        shot(page, f"console-ways-{locale}-{look}")
        assert violations(page) == [], look
    page.locator(".ways button").click()
    expect(page.get_by_role("dialog").locator(".preview:not(.notice) .text")).to_be_visible()
    for _, look in looks(page):
        shot(page, f"console-preview-{locale}-{look}")
        assert violations(page) == [], look
