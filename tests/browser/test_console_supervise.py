"""What supervisors watch: the live board, what an ill agent had given to another, and charts that print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from case_store import conversations, ownership, people
from case_store.records import Role
from case_store.store import Transaction
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import house, shared, shot, sign_in, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


def taken(house: House, seat: Seat, username: str, *, ago: timedelta = timedelta()) -> None:
    """An agent has it, and has not answered what its customer said so long ago."""

    def unit(tx: Transaction) -> None:
        agent = people.find_agent(tx, username)
        ownership.take_over(tx, seat.conversation, agent_id=agent.id, agent_name=agent.name)
        row = conversations.locked(tx, seat.conversation)
        conversations.add_messages(tx, row, [], values={"answered_message": 0})

    house.write(unit)


def number(page: Page, tile: str) -> Any:
    return page.locator(f'qt-supervise-now [data-tile="{tile}"] .number')


def test_the_board_shows_what_arrives_and_what_an_ill_agent_had_goes_to_another(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.agent("carol", "Carol Supervisor", Role.SUPERVISOR)
    had = [house.chat("你们多收了我三百块手续费"), house.chat("The branch in Leeds lost my form", locale="en")]
    for seat in had:
        taken(house, seat, "megan")
    page = sign_in("carol", width=1280, path="/supervise/now")
    expect(number(page, "agents")).to_have_text("2")
    expect(number(page, "waiting")).to_have_text("0")
    waiting = house.chat("我要找人工")
    house.waits(waiting)
    expect(number(page, "waiting")).to_have_text("1")  # nobody has loaded anything again
    house.waits(house.chat("我不想活了"), "danger_to_life", urgent=True)
    expect(page.locator("qt-supervise-now .alarms .danger")).to_contain_text("in danger of life")
    assert violations(page) == []
    shot(page, "now-en-1280")

    page.locator('qt-supervise-now tr[data-agent="megan"] th a').click()
    expect(page.locator("qt-supervise-now .behind li")).to_have_count(2)
    page.get_by_role("button", name="Choose all of them").click()
    page.get_by_role("button", name="Give to …").click()
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Choose to whom")).to_be_visible()
    page.get_by_label("Why").fill("went home ill")
    page.locator("#move-to").select_option("lin.yue")
    assert violations(page) == []
    shot(page, "now-move")
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.locator("qt-supervise-now .behind li")).to_have_count(0)
    assert [house.owner(seat) for seat in had] == [("agent", "lin.yue")] * 2
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("qt-supervise-now .behind li")).to_have_count(2)
    assert [house.owner(seat) for seat in had] == [("agent", "megan")] * 2
    shot(page, "now-list")
    page.get_by_role("link", name="The whole board").click()
    expect(number(page, "agents")).to_have_text("2")
    page.go_back()
    expect(page.locator("qt-supervise-now .behind li")).to_have_count(2)


@pytest.mark.parametrize(("locale", "title"), [("zh-CN", "现在"), ("zh-TW", "現在")])
def test_the_board_in_the_agents_language_on_a_telephone(
    house: House, sign_in: Callable[..., Page], locale: str, title: str
) -> None:
    house.agent(f"sup-{locale.lower()}", "陈主管", Role.SUPERVISOR)
    page = sign_in(f"sup-{locale.lower()}", width=390, path="/supervise/now", locale=locale)
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(number(page, "waiting")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"now-{locale}-390")
    page.set_viewport_size({"width": 1280, "height": 900})
    shot(page, f"now-{locale}-1280")
