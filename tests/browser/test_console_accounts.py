"""Accounts in the console: a second factor, sessions, keys, and what whoever only reads is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from case_store.records import Role
from gateway.sign_in_policy import Needs
from tests.browser.console_house import PASSWORD, House
from tests.browser.console_pages import enter, house, looks, shared, shot, sign_in, talk, violations
from tests.gateway.api.signing_in import policy

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser
LANGUAGES = (("en", "en"), ("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant"))


def test_who_needs_a_second_factor_sets_it_up_first_and_is_asked_for_it_from_then_on(house: House, visit: Any) -> None:
    house.agent("factor", "Fay Actor")
    policy(house.gateway, second_factor=Needs.EVERYBODY)
    try:
        page: Page = visit(house.url, viewport={"width": 1280, "height": 900})
        enter(page, "factor")
        expect(page.get_by_role("heading", name="Before you begin")).to_be_visible()
        expect(page.locator(".bar")).to_have_count(0)
        shot(page, "account-held")
        page.get_by_label("Your password, again").fill(PASSWORD)
        page.get_by_role("button", name="Set it up").click()
        expect(page.locator("svg.qr")).to_be_visible()
        assert violations(page) == []
        shot(page, "account-qr")
        secret = (page.locator("code.secret").text_content() or "").replace(" ", "")
        page.get_by_label("Code").fill("000000")
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator("qt-settings-me .said")).to_have_text(
            "The code is wrong, or was used before. Wait for the next one."
        )
        page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator(".recovery li")).to_have_count(10)
        recovery = page.locator(".recovery li").first.text_content() or ""
        assert violations(page) == []
        shot(page, "account-recovery-codes")
        page.get_by_role("button", name="I have kept them").click()
        expect(page.locator(".bar")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        enter(page, "factor")
        page.get_by_label("Code").fill("000000")
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".said")).to_have_text("The code is wrong, or was used before. Wait for the next one.")
        assert violations(page) == []
        shot(page, "account-second-step")
        page.get_by_label("Code").fill(recovery)
        page.keyboard.press("Enter")
        expect(page.locator(".bar")).to_be_visible()
    finally:
        policy(house.gateway)


def test_sessions_are_seen_and_the_others_ended(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("roams", "Rosa Roams")
    other, page = sign_in("roams"), sign_in("roams", width=1280, path="/settings/me")
    rows = page.locator("ul.sessions li")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="this one")).to_have_count(1)
    expect(rows.first).to_contain_text("Chrome")
    assert violations(page) == []
    shot(page, "account-me")
    page.get_by_role("button", name="End all others").click()
    expect(rows).to_have_count(1)
    expect(other.get_by_role("button", name="Sign in")).to_be_visible()  # it hears of it and is signed out


def test_an_admin_makes_a_key_sees_it_once_and_revokes_it(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("root.one", "Ruth Root", Role.ADMIN)
    page = sign_in("root.one", width=1280, path="/settings/keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Which program holds it").fill("core banking")
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator("qt-settings-keys form .said")).to_have_text("Choose at least one.")
    page.get_by_label("Read cases and what belongs to them").check()
    page.get_by_label("Last day").fill("2099-12-31")
    assert violations(page) == []
    shot(page, "keys-new")
    page.get_by_role("button", name="Make the key").click()
    key = page.locator(".once code").text_content() or ""
    assert key.startswith("qt_")
    row = page.locator("ul.plain > li", has_text="core banking")
    expect(row).to_contain_text("never used")
    expect(row).to_contain_text("2099")
    assert violations(page) == []
    shot(page, "keys-made")
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text(key)).to_have_count(0)
    page.get_by_role("button", name="Revoke the key of core banking").click()
    page.locator("dialog").get_by_role("button", name="Revoke").click()
    expect(page.locator("qt-settings-keys details")).to_be_visible()
    expect(row.get_by_role("button")).to_have_count(0)


def test_who_only_reads_is_shown_everything_and_no_control_that_changes_anything(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.agent("reads", "Rhea Reads", Role.COMPLIANCE)
    seat = house.chat("你们多收了我三百块手续费", "转账那天多扣的")
    house.waits(seat)
    page = sign_in("reads", width=1280)
    expect(page.locator(".bar nav a", has_text="Enter")).to_have_count(0)
    shown = talk(page, seat)
    expect(page.locator("qt-case .fields").first).to_be_visible()
    page.keyboard.press("t")
    expect(shown.get_by_role("button", name="Take over")).to_have_count(0)
    expect(shown.locator("textarea")).to_be_hidden()
    expect(page.locator("qt-queue input[type=checkbox]")).to_be_hidden()
    controls = page.locator("qt-conversation button:visible, qt-case button:visible").all_inner_texts()
    assert [one for one in controls if one.strip()] == ["History", "What happened", "Who looked", "Both"]
    assert violations(page) == []
    shot(page, "only-reads")
    assert house.owner(seat) == ("queue", None)


@pytest.mark.parametrize(("asked", "tag"), LANGUAGES)
def test_settings_of_the_account_and_keys_read_well_in_every_language_and_on_a_phone(
    house: House, sign_in: Callable[..., Page], asked: str, tag: str
) -> None:
    name = f"pages.{tag.lower()}"
    house.agent(name, "Pia Pages", Role.ADMIN)
    page = sign_in(name, path="/settings/me", locale=asked)
    expect(page.locator("ul.sessions li").first).to_be_visible()
    reads_well(page, f"account-{tag}")
    page.goto(f"{house.url}/settings/keys")
    page.locator("qt-settings-keys button").first.click()
    expect(page.locator("#key-name")).to_be_visible()
    reads_well(page, f"keys-{tag}", whole=".section")
    page.goto(f"{house.url}/settings/agents")
    page.locator(".accounts button").first.click()
    expect(page.locator(".access .row button").first).to_be_visible()
    reads_well(page, f"agents-{tag}", whole=".section")


def reads_well(page: Page, name: str, whole: str | None = None) -> None:
    assert "settings_" not in page.locator("main").inner_text()
    for _, look in looks(page, height=900):
        if whole:
            assert page.locator(whole).first.evaluate("box => box.scrollWidth <= box.clientWidth"), look
        assert violations(page) == [], look
        shot(page, f"{name}-{look}")


def test_an_admin_opens_an_account_and_closes_it_without_leaving_anybody_unanswered(
    house: House, sign_in: Callable[..., Page], visit: Any
) -> None:
    house.agent("root.two", "Rob Root", Role.ADMIN)
    page = sign_in("root.two", width=1280, path="/settings/agents")
    page.get_by_role("button", name="New account").click()
    page.get_by_label("Username").fill("new.hand")
    page.get_by_label("Name", exact=True).fill("Nell Hand")
    page.get_by_label("Skills").fill("funds, loans")
    assert violations(page) == []
    shot(page, "agents-new")
    page.get_by_role("button", name="Make the account").click()
    password = page.locator(".once code").text_content() or ""
    assert violations(page) == []
    shot(page, "agents-once")
    page.get_by_role("button", name="I have passed it on").click()

    hers: Page = visit(house.url, viewport={"width": 390, "height": 844})
    enter(hers, "new.hand", password)
    expect(hers.get_by_text("Somebody else knows your password.")).to_be_visible()
    shot(hers, "account-held-password-390")
    hers.get_by_label("Password now").fill(password)
    hers.get_by_label("New password", exact=True).fill("a password of mine")
    hers.get_by_label("New password again").fill("a password of mine")
    hers.get_by_role("button", name="Change the password").click()
    enter(hers, "new.hand", "a password of mine")
    expect(hers.locator(".bar")).to_be_visible()
    seat = house.chat("信用卡被多扣了年费")
    house.waits(seat)
    talk(hers, seat).get_by_role("button", name="Take over").click()
    expect(hers.locator(".composer textarea").first).to_be_focused()

    page.get_by_role("button", name="Change the account of Nell Hand").click()
    page.get_by_role("button", name="Close the account").click()
    expect(page.locator("dialog")).to_contain_text("Conversations they answer: 1.")
    assert violations(page) == []
    shot(page, "agents-close")
    page.locator("dialog").get_by_role("button", name="Close the account").click()
    expect(page.get_by_text("Closed accounts: 1")).to_be_visible()
    assert house.owner(seat) == ("queue", None)
    expect(hers.get_by_role("button", name="Sign in")).to_be_visible()


def test_who_gives_up_their_own_rights_is_asked_twice(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("root.three", "Ray Root", Role.ADMIN)
    page = sign_in("root.three", width=1280, path="/settings/agents")
    page.get_by_role("button", name="Change the account of Ray Root").click()
    page.get_by_label("Role").select_option("agent")
    page.get_by_role("button", name="Save").click()
    page.locator("dialog").get_by_role("button", name="Give them up").click()
    expect(page.locator("dialog")).to_contain_text("Really?")
    page.locator("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator("li", has_text="root.three")).to_contain_text("Administrator")
