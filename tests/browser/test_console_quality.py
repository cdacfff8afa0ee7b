"""Supervision in the console: a sample is drawn and scored, and whoever handled the case reads it and answers; a surge rings, an emergency is declared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, expect

from case_store import cases, conversations, overview, people, surges
from case_store.cases import Registration
from case_store.conversations import NewMessage
from case_store.records import Role, Sender
from case_store.store import Transaction
from case_store.surges import HOT_SPOT, Seen
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, shared, shot, sign_in, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

REGISTRATION = Registration(date(2026, 11, 23), date(2099, 12, 2), datetime(2099, 12, 2, 16, tzinfo=UTC), "built-in 1")
STORY = "我在滨江支行买的理财亏了两万三，11月15日的事，我叫江敏，电话13900001111，希望补足本金"
DONE = {"status": "resolved", "outcome": "solved", "basis": "理财销售管理办法", "next_steps": "十二月一日前退款"}
LANGUAGES = ("en", "zh-CN", "zh-TW")


def handled(house: House, username: str) -> str:
    """A finished case that an agent has answered."""
    seat = house.chat(STORY)

    def unit(tx: Transaction) -> str:
        agent = people.find_agent(tx, username)
        row = conversations.locked(tx, seat.conversation)
        said = "我明白您的担忧。我先核对销售录音，十二月一日前给您书面答复。"
        conversations.add_messages(tx, row, [NewMessage(Sender.AGENT, said, name=agent.name, agent_id=agent.id)])
        id = str(overview.conversation(tx, seat.conversation).row["case_id"])
        cases.change(tx, id, {**DONE, "assignee": username}, actor=f"agent:{agent.name}")
        return id

    return house.write(unit)


def filed(house: House, case: str) -> None:
    house.write(cases.file_case, case, REGISTRATION, actor="bot")
    house.write(cases.change, case, DONE, actor="agent:Megan Howe")


def test_a_sample_is_drawn_scored_handed_in_and_answered_by_whoever_handled_the_case(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.agent("sian", "Sian Rees", Role.SUPERVISOR)
    filed(house, handled(house, "megan"))
    page = sign_in("sian")
    page.get_by_role("link", name="Oversight").click()
    page.get_by_role("link", name="Quality", exact=True).click()
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Draw it again").click()
    expect(page.get_by_text("The same cases come out")).to_be_visible()
    assert violations(page) == []
    shot(page, "quality-sample-en-1280")
    page.locator("tbody button").click()
    expect(page.get_by_text("我先核对销售录音").first).to_be_visible()
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator(".said")).to_contain_text("Not graded yet: Listened and did not interrupt")
    for name in ("listened", "sympathy", "next_steps", "terms"):
        page.locator(f"[data-criterion={name}] input[value='3']").check()
    for name in ("facts", "classified", "record"):
        page.locator(f"[data-criterion={name}] input[value=yes]").check()
    page.locator("[data-criterion=result] input[value=partly]").check()
    expect(page.locator("[data-criterion=result] .hint")).to_have_text("Result and basis stated, but no follow-up")
    page.get_by_label("Remark on: Result").fill("没有写明由谁回电")
    page.get_by_role("link", name="The case").click()  # what was being written is there again
    page.go_back()
    expect(page.get_by_label("Remark on: Result")).to_have_value("没有写明由谁回电")
    assert violations(page) == []
    shot(page, "quality-writing-en-1440")
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("dialog").get_by_role("button", name="Hand in").click()
    expect(page.locator(".score")).to_contain_text("of 100")
    shot(page, "quality-handed-in-en-1280")
    page.get_by_role("button", name="Results").click()
    expect(page.get_by_text("No average is shown of fewer than 3 sheets.")).to_be_visible()
    assert violations(page) == []

    megan = sign_in("megan", width=390, height=844)
    expect(megan.get_by_role("button", name="For you: 1 new")).to_be_visible()
    megan.get_by_role("button", name="For you: 1 new").click()
    megan.get_by_role("link", name="Score sheets about your cases: 1 new").click()
    megan.locator("qt-settings-quality .card button").click()
    expect(megan.get_by_text("没有写明由谁回电")).to_be_visible()
    assert violations(megan) == []
    shot(megan, "quality-own-en-390")
    megan.get_by_label("Your statement").fill("回电由分行负责，已在电话里说明。")
    megan.get_by_role("button", name="Hand in the statement").click()
    expect(megan.get_by_text("回电由分行负责")).to_be_visible()
    expect(megan.get_by_label("Your statement")).to_have_count(0)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_sheet_and_the_results_are_read_in_every_language_at_every_width(
    house: House, sign_in: Callable[..., Page], locale: str
) -> None:
    page = sign_in("sian", path="/supervise/quality", locale=locale)
    expect(page.locator(".drawing")).to_be_visible()
    for _, look in looks(page):
        shot(page, f"quality-samples-{locale}-{look}")
    page.locator(".cards button.link").first.click()
    page.locator("tbody button").first.click()
    expect(page.locator(".criterion").first).to_be_visible()
    for width, look in looks(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == [], look
        shot(page, f"quality-sheet-{locale}-{look}")
    for part in ("results", "measures"):
        page.locator(f"[data-part={part}]").click()
        expect(page.locator(f"[data-part={part}][aria-pressed=true]")).to_be_visible()
        expect(page.locator(".quality-room .empty, .quality-room form, .quality-room table").first).to_be_visible()
        for _, look in looks(page):
            assert violations(page) == [], look
            shot(page, f"quality-{part}-{locale}-{look}")


def surge(house: House, value: str, count: int = 9) -> None:
    seen = Seen(HOT_SPOT, "day", "about", value, count, 6, 1.5, count, ())
    house.write(surges.begin, seen, "t-1")


def test_a_surge_rings_with_whoever_supervises_and_is_acknowledged(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("rhys", "Rhys Parry", Role.SUPERVISOR)
    page, megan = sign_in("rhys"), sign_in("megan")
    surge(house, "滨江支行")
    bar = page.locator(".watched-row.surge")
    expect(bar).to_contain_text("滨江支行")
    expect(megan.locator(".watched-row")).to_have_count(0)
    bar.click()
    card = page.locator("[data-surge='about:滨江支行']")
    expect(card).to_contain_text("9 different customers")
    assert violations(page) == []
    card.get_by_label("What is being done").fill("已联系滨江支行行长")
    card.get_by_role("button", name="Acknowledge").click()
    expect(card).to_contain_text("Acknowledged by Rhys Parry")
    expect(bar).to_have_count(0)


def test_an_emergency_stands_before_everybody_until_it_is_ended(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("olwen", "Olwen Bevan", Role.SUPERVISOR)
    page = sign_in("olwen", path="/supervise/surges")
    megan = sign_in("megan", width=390, height=844)
    page.get_by_role("button", name="Declare an emergency").click()
    page.get_by_label("How far it reaches").select_option("about")
    page.get_by_role("button", name="Declare it").click()
    expect(page.get_by_role("dialog")).to_be_visible()  # nothing is sent without what it is about, and why
    page.get_by_label("Which branch or product").fill("网上银行")
    page.get_by_label("Reason").fill("机房停电，客户无法登录")
    assert violations(page) == []
    page.get_by_role("button", name="Declare it").click()
    expect(megan.locator(".watched-row")).to_contain_text("机房停电，客户无法登录")
    expect(page.locator(".watched-row")).to_contain_text("网上银行")
    assert violations(megan) == []
    shot(megan, "emergency-agent-en-390")
    surge(house, "网上银行", 31)
    surge(house, "手机银行", 14)
    expect(page.locator("[data-surge='about:网上银行']")).to_be_visible()
    assert violations(page) == []
    for locale in LANGUAGES:
        shown = sign_in("olwen", path="/supervise/surges", locale=locale)
        for width, look in looks(shown):
            expect(shown.locator("[data-surge='about:网上银行']")).to_be_visible()
            expect(shown.locator(".watched-row.surge")).to_be_visible()
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            shot(shown, f"surges-{locale}-{look}")
        shown.close()
    page.get_by_role("button", name="End it").click()
    page.get_by_label("Why it is over").fill("已恢复供电")
    page.get_by_role("button", name="End the emergency").click()
    expect(megan.locator(".watched-row")).to_have_count(0)
