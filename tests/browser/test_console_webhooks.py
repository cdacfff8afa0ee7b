"""Webhooks in the console: added, tested against a real receiver, looked at, sent again, renewed and removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from case_store.records import Role
from tests.browser.console_house import House
from tests.browser.console_pages import enter, shot, violations
from tests.receiver import Receiver

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("webhooks"), webhook_networks="127.0.0.0/8")
    opened.agent("wen", "文秘书", Role.ADMIN)
    yield opened
    opened.close()


@pytest.fixture
def receiver(house: House) -> Iterator[Receiver]:
    one = Receiver()
    server = house.do(one.start())
    yield one
    house.do(server.close())


def test_an_administrator_adds_tests_and_renews_a_webhook(house: House, receiver: Receiver, visit: Any) -> None:
    page: Page = visit(f"{house.url}/settings/webhooks", viewport={"width": 1280, "height": 900}, locale="en-GB")
    enter(page, "wen")
    page.get_by_role("button", name="Add a webhook").click()
    page.get_by_label("Address").fill("https://10.0.0.1/hook")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dialog .said")).to_contain_text("no public address")
    assert violations(page) == []
    shot(page, "webhook-add")
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("What it is for").fill("CRM")
    page.get_by_label("Case filed").check()
    page.get_by_role("button", name="Save").click()
    secret = page.get_by_role("textbox", name="Secret").input_value()
    receiver.secrets.append(secret)
    shot(page, "webhook-secret")
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="Send a test event").click()
    card = page.get_by_role("article", name="CRM")
    row = card.locator("tbody tr").first
    expect(row).to_contain_text("Test event")
    card.get_by_role("button", name="Refresh").click()
    for _ in range(100):  # it is posted within a second
        if "Delivered" in row.inner_text():
            break
        page.wait_for_timeout(200)
        card.get_by_role("button", name="Refresh").click()
        expect(row).to_contain_text("Test event")
    expect(row).to_contain_text("Delivered")
    row.get_by_role("button", name="Details").click()
    expect(card.locator("pre")).to_contain_text("org.qingting.webhook.test.v1")
    expect(card.locator(".hook-tries")).to_contain_text("204")
    assert violations(page) == []
    shot(page, "webhook-deliveries")
    row.get_by_role("button", name="Send again").click()
    expect(card.locator("tbody tr").first).to_contain_text("again")
    assert receiver.taken[0]["data"]["action"] == "test"
    card.get_by_role("button", name="New secret").click()
    page.get_by_role("dialog").get_by_role("button", name="New secret").click()
    assert page.get_by_role("textbox", name="Secret").input_value() != secret
    page.get_by_role("button", name="I have kept it").click()
    expect(card).to_contain_text("The old secret still signs")
    for locale, width in (("zh-CN", 390), ("zh-TW", 1280)):
        other: Page = visit(f"{house.url}/settings/webhooks", viewport={"width": width, "height": 900}, locale=locale)
        enter(other, "wen")
        other.locator(".hook-acts button").first.click()
        expect(other.locator("tbody tr").first).to_be_visible()
        assert violations(other) == []
        shot(other, f"webhook-{locale}")
    card.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("There is no webhook yet.")).to_be_visible()


def test_an_agent_has_no_such_section(house: House, visit: Any) -> None:
    page: Page = visit(f"{house.url}/settings/webhooks", locale="en-GB")
    enter(page, "megan")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    expect(page.get_by_role("link", name="Webhooks")).to_have_count(0)
