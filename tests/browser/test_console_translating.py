"""Translations in the console, in a real browser: none where the house names no service; else both ways, and the agent sends themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, shot, sign_in, talk, until, violations
from tests.libretranslate import LibreTranslate

__all__ = ["house", "sign_in"]

pytestmark = pytest.mark.browser

CHINESE = "我要投诉：你们滨江支行收了我两次300元手续费"
IN_ENGLISH = "I complain: your Binjiang branch charged me a fee of 300 CNY twice"
ENGLISH = "I complain: your branch charged me a fee of 300 CNY twice"
OWN = {"en-GB": "We return 300 CNY by 18 November 2026.", "zh-CN": "我们将于2026年11月18日前退还300元。"}
OWN["zh-TW"] = "我們將於2026年11月18日前退還300元。"


def says(text: str, target: str) -> str:
    if text == CHINESE:
        return IN_ENGLISH
    if text == ENGLISH:
        return {
            "zh-Hans": "我要投诉：你们分行收了我两次300元手续费",
            "zh-Hant": "我要投訴：你們分行收了我兩次300元手續費",
        }[target]
    return {"en": "We return the fee by 18 November 2026.", "zh-Hans": "我们将于2026年11月18日前退还手续费。"}[target]


@pytest.fixture(scope="module")
def service() -> Iterator[LibreTranslate]:
    with LibreTranslate() as one:
        one.says = says
        yield one


@pytest.fixture(autouse=True)
def rested(service: LibreTranslate) -> None:
    service.asked.clear()
    service.answers = None
    service.when_asked = lambda: None


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, service: LibreTranslate) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("console"), translator=service.url)
    yield opened
    opened.close()


def by_agent(house: House, seat: Seat) -> list[str]:
    return [text for sender, text in house.told(seat) if sender == "agent"]


def first(page: Page, seat: Seat) -> Locator:
    """What the customer said first."""
    return talk(page, seat).locator(".message.customer").first


def test_a_customers_words_are_translated_under_themselves_once_asked_for(
    house: House, sign_in: Callable[..., Page], service: LibreTranslate
) -> None:
    seat = house.chat(CHINESE)
    page = sign_in(locale="en-GB")
    message = first(page, seat)
    offered = message.get_by_role("button", name="Translate", exact=True)
    expect(offered).to_be_visible()
    assert service.asked == []
    offered.press("Enter")
    expect(message.locator(".machine")).to_have_text(IN_ENGLISH)
    expect(message.locator(".machine")).to_have_attribute("lang", "en")
    expect(message.locator(".text")).to_have_text(CHINESE)
    expect(message).to_contain_text(f"Translated by a machine ({service.host}), not checked.")
    expect(message.get_by_role("button", name="Hide the translation")).to_be_focused()
    talk(page, house.chat(ENGLISH, locale="en"))
    expect(first(page, seat).locator(".machine")).to_have_text(IN_ENGLISH)  # the tab still knows
    assert len(service.asked) == 1
    page.get_by_role("button", name="History").click()
    expect(page.get_by_role("dialog")).to_contain_text(
        f"Sent a message to {service.host} to be translated into English"
    )
    page.keyboard.press("Escape")
    first(page, seat).get_by_role("button", name="Hide the translation").click()
    expect(first(page, seat).locator(".machine")).to_have_count(0)
    expect(first(page, seat).get_by_role("button", name="Translate", exact=True)).to_be_focused()


def test_what_is_in_the_agents_language_already_is_offered_no_translation(
    house: House, sign_in: Callable[..., Page], service: LibreTranslate
) -> None:
    seat = house.chat(ENGLISH, locale="en")
    page = sign_in(locale="en-GB")
    expect(first(page, seat).locator(".translated")).not_to_be_visible()
    page.locator("#reply").fill("We have found the fee.")
    expect(page.locator(".ways")).to_be_visible()
    expect(page.locator(".translating").first).not_to_be_visible()
    assert service.asked == []


def test_a_draft_is_translated_at_a_click_and_the_agents_words_come_back_at_another(
    house: House, sign_in: Callable[..., Page], service: LibreTranslate
) -> None:
    seat = house.chat(CHINESE)
    page = sign_in(locale="en-GB")
    talk(page, seat)
    field, box = page.locator("#reply"), page.locator(".composer > .translating")
    field.fill(OWN["en-GB"])
    box.get_by_role("button", name="Translate into 简体中文").click()
    expect(field).to_have_value("我们将于2026年11月18日前退还手续费。")
    expect(field).to_be_focused()
    expect(box.locator(".lack")).to_contain_text("The translation does not have: 300.")
    assert by_agent(house, seat) == []
    page.reload()
    talk(page, seat)
    expect(field).to_have_value("我们将于2026年11月18日前退还手续费。")  # the draft, and the way back, outlast a reload
    box.get_by_role("button", name="Back to my words").click()
    expect(field).to_have_value(OWN["en-GB"])
    box.get_by_role("button", name="Translate into 简体中文").click()
    expect(box.locator(".lack")).to_be_visible()
    field.fill("我们将于2026年11月18日前退还300元手续费。")
    expect(box.locator(".lack")).to_have_count(0)  # put right by hand
    page.locator(".composer button[type=submit]").click()
    expect(field).to_have_value("")
    expect(box).not_to_be_visible()
    assert by_agent(house, seat) == ["我们将于2026年11月18日前退还300元手续费。"]
    field.fill("Something else")
    expect(box.get_by_role("button", name="Translate into 简体中文")).to_be_visible()
    expect(box.get_by_role("button", name="Back to my words")).to_have_count(0)


def test_what_is_typed_meanwhile_is_not_replaced(
    house: House, sign_in: Callable[..., Page], service: LibreTranslate
) -> None:
    seat = house.chat(CHINESE)
    page = sign_in(locale="en-GB")
    talk(page, seat)
    field, box = page.locator("#reply"), page.locator(".composer > .translating")
    field.fill(OWN["en-GB"])
    held: list[object] = []
    page.route("**/translate", lambda route: held.append(route))
    with page.expect_request("**/translate"):
        box.get_by_role("button", name="Translate into 简体中文").click()
    field.press("End")
    field.type(" And more.")
    until(page, lambda: held)
    for route in held:
        route.continue_()  # type: ignore[attr-defined]
    expect(box).to_contain_text("What you wrote has changed meanwhile, so it was not translated.")
    expect(field).to_have_value(OWN["en-GB"] + " And more.")


def test_a_service_that_fails_leaves_the_words_as_they_were(
    house: House, sign_in: Callable[..., Page], service: LibreTranslate
) -> None:
    service.answers = (400, {}, b"{}")
    seat = house.chat(CHINESE)
    page = sign_in(locale="en-GB")
    message = first(page, seat)
    message.get_by_role("button", name="Translate", exact=True).click()
    expect(message).to_contain_text(f"{service.host} has not translated it. Try again later.")
    page.locator("#reply").fill(OWN["en-GB"])
    box = page.locator(".composer > .translating")
    box.get_by_role("button", name="Translate into 简体中文").click()
    expect(box).to_contain_text(f"{service.host} has not translated it. Your words are as they were")
    expect(page.locator("#reply")).to_have_value(OWN["en-GB"])
    service.answers = None
    box.get_by_role("button", name="Translate into 简体中文").click()
    expect(page.locator("#reply")).to_have_value("我们将于2026年11月18日前退还手续费。")


def test_a_note_is_translated_for_nobody(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(CHINESE)
    page = sign_in(locale="en-GB")
    talk(page, seat)
    page.get_by_role("button", name="Private note").click()
    page.locator("#reply").fill(OWN["en-GB"])
    expect(page.locator(".composer > .translating")).not_to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_axe_finds_nothing_in_translations(house: House, sign_in: Callable[..., Page], locale: str) -> None:
    seat = house.chat(CHINESE) if locale == "en-GB" else house.chat(ENGLISH, locale="en")
    page = sign_in(locale=locale)
    message = first(page, seat)
    page.locator("#reply").fill(OWN[locale])
    box = page.locator(".composer > .translating")
    expect(box.locator("button")).to_be_visible()
    for _, look in looks(page):
        shot(page, f"console-translating-offered-{locale}-{look}")
        assert violations(page) == [], look
    message.locator(".translated button").click()
    expect(message.locator(".machine")).to_be_visible()
    box.locator("button").click()
    expect(box.locator(".lack")).to_be_visible()
    for _, look in looks(page):
        shot(page, f"console-translated-{locale}-{look}")
        assert violations(page) == [], look


class TestOff:
    """As most houses are."""

    @pytest.fixture
    def house(self, tmp_path: Path) -> Iterator[House]:
        opened = House(tmp_path)
        yield opened
        opened.close()

    def test_no_link_no_module_and_nothing_leaves(self, house: House, sign_in: Callable[..., Page]) -> None:
        seat = house.chat(CHINESE)
        page = sign_in(locale="en-GB")
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        message = first(page, seat)
        page.locator("#reply").fill(OWN["en-GB"])
        expect(page.locator(".ways")).to_be_visible()
        expect(page.get_by_role("button", name="Translate")).to_have_count(0)
        expect(message.locator(".translated")).to_have_count(0)
        assert any("thread.js" in url for url in fetched)
        assert [url for url in fetched if "translat" in url] == []
