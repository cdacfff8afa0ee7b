"""The lists that agents work from, in a real browser: what each holds, numbers that follow, lists that are saved and shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from case_store import cases, conversations
from case_store.cases import Registration
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.records import Draft, Facts, Role, Sender
from case_store.store import Transaction, Wake
from tests.browser.console_house import House
from tests.browser.console_pages import looks, shot, sign_in, violations

__all__ = ["sign_in"]

pytestmark = pytest.mark.browser

DAY = timedelta(days=1)
HELD = {
    "due": 4,
    "overdue": 1,
    "due_soon": 1,
    "mine": 1,
    "unassigned": 3,
    "high_risk": 2,
    "possible_duplicate": 0,
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: the numbers are those of its cases alone."""
    opened = House(tmp_path_factory.mktemp("views"))
    opened.agent("carol", "Carol Reed", Role.SUPERVISOR)
    opened.write(case, "late", -DAY, risk="major")
    opened.write(case, "pressing", DAY, assignee="megan")
    opened.write(case, "grave", 9 * DAY, risk="major")
    opened.write(case, "plain", 9 * DAY)
    yield opened
    opened.close()


def case(tx: Transaction, name: str, due: timedelta, **changes: Any) -> str:
    """A case of a customer of this name that is due so long from now."""
    conversation = new_id()
    conversations.open_conversation(tx, NewConversation(conversation, "webchat", "webchat:test", "en"))
    row = conversations.locked(tx, conversation)
    conversations.add_messages(tx, row, [NewMessage(Sender.CUSTOMER, "You charged me twice")])
    kept = {"channel": "webchat", "account": "webchat:test", "language": "en"}
    id = cases.open_draft(tx, conversation_id=conversation, received_at=tx.now, customer=name, **kept)
    cases.save_draft(tx, id, Draft(Facts(name=name, what_happened="You charged me twice")), None, "en")
    day = tx.now + due
    cases.file_case(tx, id, Registration(date(2026, 11, 23), day.date(), day, "test 1"), actor="bot")
    if changes:
        cases.change(tx, id, changes, actor="agent:Test")
    return id


def opened(sign_in: Callable[..., Page], username: str = "megan", **more: Any) -> Page:
    page = sign_in(username, path="/cases", **more)
    expect(page.locator("qt-cases .rows li").first).to_be_visible()
    return page


def view(page: Page, name: str) -> Locator:
    return page.locator(f'qt-cases [data-view="{name}"]')


def names(page: Page) -> list[str]:
    return page.locator("qt-cases .rows .who").all_inner_texts()


def test_every_list_tells_how_many_it_holds_and_shows_them(house: House, sign_in: Callable[..., Page]) -> None:
    page = opened(sign_in)
    for name, many in HELD.items():
        expect(view(page, name).locator(".count")).to_have_text(str(many))
        view(page, name).click()
        expect(view(page, name)).to_have_attribute("aria-pressed", "true")
        expect(page.locator("qt-cases .rows li")).to_have_count(many)
    expect(page.locator("qt-cases .empty")).to_have_text("No case is in this list.")
    view(page, "overdue").click()
    expect(page.locator("qt-cases .rows li")).to_have_count(1)
    assert names(page) == ["late"]
    shot(page, "console-views")


def test_the_numbers_follow_what_a_colleague_does(house: House, sign_in: Callable[..., Page]) -> None:
    page = opened(sign_in)
    view(page, "unassigned").click()
    expect(page.locator("qt-cases .rows li")).to_have_count(3)
    id = house.write(case, "come since", 4 * DAY)
    expect(view(page, "unassigned").locator(".count")).to_have_text("4")
    expect(page.locator("qt-cases .rows li")).to_have_count(4)
    house.write(_withdrawn, id)
    expect(view(page, "unassigned").locator(".count")).to_have_text("3")


def _withdrawn(tx: Transaction, id: str) -> None:
    cases.change(tx, id, {"status": "withdrawn"}, actor="agent:Lin")
    tx.wakes.append(Wake("case", id))


def test_a_list_is_saved_found_again_and_removed(house: House, sign_in: Callable[..., Page]) -> None:
    page = opened(sign_in)
    view(page, "all").click()
    page.get_by_label("Risk").select_option("major")
    page.get_by_role("button", name="Save this list").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("For everybody")).to_have_count(0)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_have_text("Give the list a name.")
    dialog.get_by_label("Name of the list").fill("Grave ones")
    dialog.get_by_role("button", name="Save").click()
    saved = page.get_by_role("button", name="Grave ones")
    expect(saved).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_role("button", name="Grave ones")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Risk")).to_have_value("major")
    expect(page.locator("qt-cases .rows li")).to_have_count(2)
    page.get_by_label("Category").select_option("service")
    expect(view(page, "all")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Grave ones").click()
    expect(page.get_by_label("Category")).to_have_value("")
    page.get_by_role("button", name="Remove this list").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove this list").click()
    expect(page.get_by_role("button", name="Grave ones")).to_have_count(0)
    expect(view(page, "all")).to_have_attribute("aria-pressed", "true")


def test_a_supervisor_saves_a_list_for_everybody(house: House, sign_in: Callable[..., Page]) -> None:
    carol = opened(sign_in, "carol")
    view(carol, "all").click()
    carol.get_by_label("Responsible").select_option("me")
    carol.get_by_role("button", name="Save this list").click()
    dialog = carol.get_by_role("dialog")
    dialog.get_by_label("Name of the list").fill("With me, whoever I am")
    dialog.get_by_label("For everybody").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    megan = opened(sign_in, "megan")
    list_ = megan.get_by_role("button", name="With me, whoever I am")
    expect(list_).to_have_attribute("title", "Saved by Carol Reed")
    list_.click()
    expect(megan.locator("qt-cases .rows li")).to_have_count(1)
    assert names(megan) == ["pressing"]
    expect(megan.get_by_role("button", name="Remove this list")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_the_lists_fit_a_screen_and_a_phone_and_axe_finds_nothing(
    house: House,
    sign_in: Callable[..., Page],
    locale: str,
) -> None:
    page = opened(sign_in, locale=locale)
    expect(view(page, "overdue").locator(".count")).to_have_text("1")
    for width, look in looks(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.locator("qt-cases .views button").all():
            box = button.bounding_box()
            assert box
            assert box["height"] >= 24
            assert box["x"] + box["width"] <= width
        shot(page, f"console-views-{locale}-{look}")
        assert violations(page) == [], look
