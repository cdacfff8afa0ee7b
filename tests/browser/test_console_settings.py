"""The settings of the console: whoever is signed in changes their own account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console_house import House
from tests.browser.console_pages import PASSWORD, house, shared, shot, sign_in, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


def test_whoever_changes_their_password_signs_in_again_with_the_new_one(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.agent("renews", "Rita Renew")
    page = sign_in("renews")
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    assert violations(page) == []
    shot(page, "settings-me")
    change(page, "not it at all", "a new and long one")
    said = page.locator("qt-settings-me form", has_text="New password").locator(".said")
    expect(said).to_have_text("The password is wrong.")
    change(page, PASSWORD, "a new and long one", again="another")
    expect(said).to_have_text("The two new passwords are not the same.")
    change(page, PASSWORD, "a new and long one")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.get_by_label("Username").fill("renews")
    page.get_by_label("Password").fill("a new and long one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()


def change(page: Page, old: str, new: str, again: str | None = None) -> None:
    page.get_by_label("Password now").fill(old)
    page.get_by_label("New password", exact=True).fill(new)
    page.get_by_label("New password again").fill(new if again is None else again)
    page.get_by_role("button", name="Change the password").click()
