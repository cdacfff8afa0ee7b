"""Conversations that come by turn, in a real browser: who says that they are there gets them on the screen, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from case_store.records import Role
from case_store.store import Transaction
from case_store.tables_conversations import conversations
from case_store.tables_desk import givings
from case_store.tables_people import agent_sessions
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, row, shot, sign_in, talk, until, violations

__all__ = ["house", "sign_in"]

pytestmark = pytest.mark.browser

POLICY = """
version = "by-turn-1"
[assignment]
mode = "round_robin"
most = 3
[[assignment.needs]]
skill = "disputes"
theme = "fee"
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("by-turn")
    (folder / "policy.toml").write_text(POLICY)
    opened = House(folder / "var", policy=folder / "policy.toml")
    opened.agent("chen.xi", "陈曦", languages=["zh-Hans", "zh-Hant"], skills=["disputes"])
    opened.agent("sup", "Sian Parry", Role.SUPERVISOR)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _everybody_away(house: House) -> Iterator[None]:
    yield
    house.write(_all_go_home)


def _all_go_home(tx: Transaction) -> None:
    tx.execute(sa.update(agent_sessions).values(takes_at=None))
    tx.execute(sa.update(givings).values(due_at=None))
    c = conversations.c
    tx.execute(sa.update(conversations).where(c.owner != "bot").values(owner="bot", agent_id=None))


def asks(house: House, text: str = "I want to talk to a person", locale: str = "en") -> Seat:
    seat = house.chat(text, locale=locale)
    if house.owner(seat)[0] == "bot":
        house.waits(seat)
    return seat


def available(page: Page) -> None:
    page.locator(".turns").click()
    expect(page.locator(".turns")).to_have_class("quiet turns takes")


def test_whoever_is_available_gets_it_on_the_screen_and_whoever_is_away_does_not(
    house: House, sign_in: Callable[..., Page]
) -> None:
    away, here = sign_in("lin.yue", locale="en-GB"), sign_in("megan", locale="en-GB")
    expect(here.locator(".turns")).to_have_text("Away")
    available(here)
    expect(here.locator(".turns")).to_have_text("Available")
    seat = asks(house)
    given = here.get_by_role("status").get_by_role("link", name="Web chat")
    expect(given).to_be_visible()
    assert house.owner(seat) == ("agent", "megan")
    shot(here, "console-by-turn-given")
    expect(away.get_by_text("Given to you by turn:")).to_have_count(0)
    here.locator("#tab-mine").click()
    expect(row(here, seat).get_by_text("given to you")).to_be_visible()
    given.click()
    expect(here.locator("qt-conversation .owner")).to_contain_text("You answer")
    expect(here.get_by_text("Given to you by turn:")).to_have_count(0)  # it was looked at
    expect(row(here, seat).get_by_text("given to you")).to_have_count(0)
    assert any("Megan" in text for sender, text in house.told(seat) if sender == "system")
    here.get_by_role("button", name="History").click()
    expect(here.get_by_role("dialog")).to_contain_text("Given to Megan Howe by turn")
    expect(here.get_by_role("dialog")).to_contain_text("Opened")
    shot(here, "console-by-turn-history")


def test_one_goes_away_and_comes_back_by_the_keyboard(house: House, sign_in: Callable[..., Page]) -> None:
    page = sign_in("megan", locale="en-GB")
    control = page.locator(".turns")
    control.focus()
    page.keyboard.press("Enter")
    expect(control).to_have_text("Available")
    expect(control).to_be_focused()
    page.reload()
    expect(control).to_have_text("Available")  # it holds for this browser, whatever page is open
    control.focus()
    page.keyboard.press("Space")
    expect(control).to_have_text("Away")
    assert house.owner(asks(house)) == ("queue", None)


def test_what_is_not_opened_goes_back_and_the_screen_says_why_one_counts_as_away(
    house: House, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("megan", locale="en-GB")
    available(page)
    seat = asks(house)
    expect(page.get_by_text("Given to you by turn:")).to_be_visible()
    house.write(_time_is_over)
    expect(page.get_by_text("You count as away:")).to_be_visible()
    expect(page.locator(".turns")).to_have_text("Away")
    expect(page.get_by_text("Given to you by turn:")).to_have_count(0)
    assert house.owner(seat) == ("queue", None)
    shot(page, "console-by-turn-sent-away")
    page.locator(".turns").click()
    expect(page.get_by_text("You count as away:")).to_have_count(0)


def _time_is_over(tx: Transaction) -> None:
    late = tx.now - timedelta(minutes=1)
    tx.execute(sa.update(givings).where(givings.c.due_at.is_not(None)).values(due_at=late))
    tx.wake("owner", "")


def test_what_is_open_before_somebodys_eyes_is_looked_at_as_it_comes(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = asks(house)
    page = sign_in("megan", locale="en-GB")
    talk(page, seat)
    available(page)
    expect(page.locator("qt-conversation .owner")).to_contain_text("You answer")
    given_at = "id => fetch(`/api/v1/conversations/${id}`).then((answer) => answer.json()).then((one) => one.given_at)"
    until(page, lambda: page.evaluate(given_at, seat.conversation) is None)


def test_a_supervisor_sees_why_nobody_gets_it_and_an_agent_is_not_bothered(
    house: House, sign_in: Callable[..., Page]
) -> None:
    agent, supervisor = sign_in("chen.xi", locale="en-GB"), sign_in("sup", locale="en-GB")
    seat = asks(house)
    expect(row(supervisor, seat).get_by_text("Nobody is available")).to_be_visible()
    available(agent)
    expect(row(supervisor, seat).get_by_text("Nobody available answers in this language")).to_be_visible()
    expect(row(agent, seat)).to_be_visible()
    expect(row(agent, seat).get_by_text("Nobody available")).to_have_count(0)
    shot(supervisor, "console-by-turn-nobody")


def test_by_hand_those_are_named_first_who_can_answer_it(house: House, sign_in: Callable[..., Page]) -> None:
    chen, supervisor = sign_in("chen.xi"), sign_in("sup", locale="en-GB")
    seat = asks(house, "你们多收了我手续费，我要找人工", "zh-Hans")
    shown = talk(supervisor, seat)
    available(chen)
    expect(shown.locator(".owner")).to_contain_text("陈曦")
    shown.get_by_role("button", name="Give to …").click()
    options = supervisor.locator("#give-to optgroup[label='Others'] option")
    expect(options.first).to_contain_text("— away · 0 of 3 ·")
    shot(supervisor, "console-by-turn-by-hand")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_axe_finds_nothing_where_conversations_come_by_turn(
    house: House, sign_in: Callable[..., Page], locale: str
) -> None:
    page = sign_in("megan", locale=locale)
    for _, look in looks(page):
        shot(page, f"console-by-turn-away-{locale}-{look}")
        assert violations(page) == [], look
    available(page)
    seat = asks(house)
    expect(page.locator(".given a")).to_be_visible()
    page.locator("#tab-mine").click()
    expect(row(page, seat)).to_be_visible()
    for width, look in looks(page):
        shot(page, f"console-by-turn-{locale}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == [], look
    talk(page, seat)
    page.locator('[data-act="give"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for width, look in looks(page):
        shot(page, f"console-by-turn-give-{locale}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == [], look
