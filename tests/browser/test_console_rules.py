"""Policy, calendar, notices and canned replies in the settings of the console: written, seen through, put in force, put back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from case_store.records import Role
from gateway.texts import Occasion
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, shared, shot, sign_in, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser
SECTIONS = ("policy", "calendar", "texts", "canned")


def admin(house: House, sign_in: Callable[..., Page], name: str, section: str, **more: object) -> Page:
    house.agent(name, f"{name.title()} Chief", Role.ADMIN)
    return sign_in(name, path=f"/settings/{section}", **more)


def put(page: Page, why: str) -> None:
    page.get_by_role("button", name="Put in force…").click()
    dialog = page.locator("dialog")
    dialog.get_by_label("Why is it changed?").fill(why)
    dialog.get_by_role("button", name="Put in force").click()
    page.locator("dialog").get_by_role("button", name="Close").click()


def group(page: Page, name: str) -> Locator:
    found = page.locator(f'details[data-group="{name}"]')
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    return found


def test_a_policy_is_changed_by_its_fields_seen_through_put_in_force_and_put_back(
    house: House, sign_in: Callable[..., Page]
) -> None:
    page = admin(house, sign_in, "carla", "policy", width=1280)
    room = page.locator("qt-settings-policy")
    expect(room).to_contain_text("default-2026-1")
    expect(room.get_by_role("button", name="Put in force…")).to_be_disabled()
    group(page, "institution").get_by_label("Hotline").fill("95599")
    page.keyboard.press("Tab")
    expect(room.locator(".effects")).to_contain_text("What customers would read")
    expect(room.locator(".effects ins").first).to_contain_text("95599")
    limit = group(page, "clocks").get_by_label("Answer with its result")
    limit.fill("0")
    page.keyboard.press("Tab")
    wrong = room.locator('.slot[data-path="clocks.feedback.count"]')
    expect(wrong.locator(".said")).to_contain_text("not 0")
    expect(room.get_by_role("button", name="Put in force…")).to_be_disabled()
    assert violations(page) == []
    limit.fill("5")
    page.keyboard.press("Tab")
    expect(room.locator(".effects")).to_contain_text("A complaint registered today would be answered by")
    room.locator(".effects h3").last.scroll_into_view_if_needed()
    shot(page, "policy-effects")
    put(page, "the hotline is new")
    expect(room.locator(".versions")).to_contain_text("default-2026-1+v1")
    assert house.gateway.policy.institution.hotline == "95599"
    assert house.gateway.policy.feedback.count == 5
    page.get_by_role("button", name="Whole text").click()
    page.get_by_label("The policy as a text").fill("version = \n")
    expect(room.locator(".faults")).to_contain_text("is not TOML")
    page.get_by_role("button", name="Undo changes").click()
    expect(room.locator(".faults")).to_have_count(0)
    seen = room.locator(".versions li.seen").last
    seen.get_by_role("button", name="What differs").click()
    expect(page.locator("dialog .diff del").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Close").click()
    room.get_by_role("button", name="Let the file decide again…").click()
    page.locator("dialog").get_by_label("Why is it changed?").fill("back")
    page.locator("dialog").get_by_role("button", name="Put in force").click()
    expect(room).to_contain_text("as it is built in")
    expect(room.locator(".versions")).to_contain_text("The file decides")
    room.locator(".versions li").last.scroll_into_view_if_needed()
    assert violations(page) == []
    shot(page, "policy-versions")
    assert house.gateway.policy.institution.hotline == ""


def test_a_day_is_closed_by_click_and_by_key_and_a_list_is_pasted(house: House, sign_in: Callable[..., Page]) -> None:
    page = admin(house, sign_in, "dora", "calendar", width=1280)
    room = page.locator("qt-settings-calendar")
    expect(room.locator(".months table")).to_have_count(12)
    year = int(room.locator(".year strong").inner_text())
    chosen = room.locator(f'[data-day="{year}-09-01"]')  # its neighbour is in the same month
    first = chosen.get_attribute("data-day")
    chosen.click()
    room.get_by_label("Note").fill("team day")
    expect(room.locator(".effects")).to_contain_text(re.compile("worked → closed|closed → worked"))
    room.locator(f'[data-day="{first}"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(room.locator(".cell.own[data-day]")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(room.locator(".cell.own[data-day]")).to_have_count(1)
    room.get_by_text("Paste a list of days").click()
    room.get_by_label("One day a line").fill(f"{year + 1}-02-06, work, swapped\n{year + 1}-02-31, off")
    room.get_by_role("button", name="Read the list").click()
    expect(room.locator(".faults")).to_contain_text(f"there is no day '{year + 1}-02-31'")
    expect(room.locator(".own-days li")).to_have_count(1)
    room.get_by_label("One day a line").fill(f"{year + 1}-02-06, work, swapped\n{year + 1}-02-08, off")
    room.get_by_role("button", name="Read the list").click()
    expect(room.locator(".own-days li")).to_have_count(3)
    assert violations(page) == []
    shot(page, "calendar-changed")
    put(page, "as published")
    expect(room.locator(".versions")).to_contain_text("calendar+c1")
    assert house.gateway.policy.version.endswith("+c1")
    room.get_by_role("button", name="The year after").click()
    expect(room.locator(".year strong")).to_have_text(str(year + 1))
    expect(room.locator(f'[data-day="{year + 1}-02-06"]')).to_have_class(re.compile("own"))
    assert (
        house.write(
            lambda tx: house.gateway.rules.now.days.is_working(tx.now.date().replace(year=year + 1, month=2, day=8))
        )
        is False
    )


def test_a_notice_is_worded_checked_shown_put_in_force_and_given_back(
    house: House, sign_in: Callable[..., Page]
) -> None:
    page = admin(house, sign_in, "ella", "texts", width=1280)
    room = page.locator("qt-settings-texts")
    room.get_by_label("Find a notice").fill("complaint registered")
    room.get_by_role("button", name="Complaint registered").click()
    expect(room.locator(".reading")).to_contain_text("Dear Ms Carter")
    text = room.locator("#text-body-en")
    text.press("Control+End")
    text.type("We will answer as soon as possible. ")
    expect(room.locator(".faults")).to_contain_text("vague time")
    expect(room.get_by_role("button", name="Put in force…")).to_be_disabled()
    assert violations(page) == []
    shot(page, "texts-fault")
    for _ in "We will answer as soon as possible. ":
        text.press("Backspace")
    text.type("Please quote ")
    room.get_by_role("button", name="Reference number").click()
    expect(text).to_have_value(re.compile(r"Please quote {{ reference }}$"))
    expect(room.locator(".faults")).to_have_count(0)
    expect(room.locator(".reading")).to_contain_text("Please quote C20261123-000421-4")
    room.get_by_role("button", name="Call or letter").click()
    expect(room.locator(".reading")).not_to_contain_text("simply reply")
    room.get_by_role("button", name="Mail").click()
    put(page, "asked for by the desks")
    expect(room.locator(".versions")).to_contain_text("case_filed+t1")
    assert Occasion.CASE_FILED in house.gateway.rules.now.texts.wording
    room.get_by_role("button", name="Back to the built-in words…").click()
    page.locator("dialog").get_by_label("Why is it changed?").fill("not needed")
    page.locator("dialog").get_by_role("button", name="Put in force").click()
    page.locator("dialog").get_by_role("button", name="Close").click()
    expect(room.locator(".versions")).to_contain_text("case_filed+t2")
    assert house.gateway.rules.now.texts.wording == {}
    room.get_by_role("button", name="All notices").click()
    expect(room.get_by_role("button", name="Complaint registered")).to_be_focused()


def test_canned_replies_are_listed_written_and_looked_back_at(house: House, sign_in: Callable[..., Page]) -> None:
    page = admin(house, sign_in, "fay", "canned", width=1280)
    room = page.locator("qt-settings-canned")
    room.get_by_role("button", name="New reply").click()
    page.get_by_label("Name").fill("Greeting")
    page.locator("#canned-text-en").fill("Dear {customer}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dialog [role=status]", has_text="Greeting")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    room.get_by_role("button", name="Greeting", exact=False).first.click()
    expect(page.get_by_label("Name")).to_have_value("Greeting")
    page.locator("#canned-text-en").fill("Hello {customer}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dialog [role=status]", has_text="Greeting")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    room.get_by_role("button", name="What “Greeting” said before").click()
    expect(page.locator("dialog ins").first).to_have_text("Hello {customer}")
    expect(page.locator("dialog del").first).to_have_text("Dear {customer}")
    assert violations(page) == []
    shot(page, "canned-history")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_every_section_reads_well_at_both_widths_in_every_language(
    house: House, sign_in: Callable[..., Page], locale: str
) -> None:
    page = admin(house, sign_in, f"g{locale.lower()}", "policy", locale=locale)
    for section in SECTIONS:
        page.locator(f'a[data-section="{section}"]').click()
        room = page.locator(f"qt-settings-{section}")
        expect(room.locator("h2")).to_be_visible()
        if section == "policy":
            group(page, "institution")
            group(page, "clocks")
            expect(room.locator(".versions h3")).to_be_visible()
        if section == "calendar":
            expect(room.locator(".months table")).to_have_count(12)
        if section == "texts":
            for _, look in looks(page):
                shot(page, f"texts-list-{locale}-{look}")
            room.locator('[data-name="result"]').click()
            expect(room.locator(".reading .as")).not_to_be_empty()
        for _, look in looks(page):
            assert violations(page) == [], f"{section}, {look}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            shot(page, f"{section}-{locale}-{look}")
