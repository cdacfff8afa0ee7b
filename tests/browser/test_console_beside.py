"""The case beside a conversation: one-click corrections, clocks that count by themselves, two cases side by side, who has looked, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, shared, shot, sign_in, talk, violations
from tests.browser.test_console_evidence import field, open_mailed, told_twice

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

STORY = (
    "我气死了，10月20号在你们城东支行买的理财亏了三万五，当时说保本的",
    "要求退钱，不是三万五，连手续费一共36200元",
)


def test_another_sum_that_was_said_is_taken_with_one_click_and_put_back_with_one(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(*STORY)
    page = sign_in("megan", locale="en-GB")
    shown = talk(page, seat)
    amount = field(page, "Amount")
    expect(amount.locator(".rivals")).to_contain_text("CNY 35,000.00")
    amount.get_by_role("button", name="Amount: take CNY 35,000.00 instead, from “三万五”").click()
    expect(amount.locator(".value")).to_contain_text("CNY 35,000.00")
    expect(amount.locator(".edit")).to_be_focused()
    expect(amount.locator(".corrected")).to_contain_text("Corrected by Megan Howe (before: CNY 36,200.00)")
    expect(amount.locator(".corrected q")).to_have_text("三万五")
    amount.locator(".corrected q a").click()
    expect(shown.locator("mark")).to_have_text("三万五")
    amount.get_by_role("button", name="Amount: back to CNY 36,200.00").click()
    expect(amount.locator(".value")).to_contain_text("CNY 36,200.00")
    expect(amount.locator(".corrected")).to_contain_text("before: CNY 35,000.00")
    steps = page.locator("qt-trail .steps")
    expect(steps).to_contain_text("36,200.00")


def test_a_fact_is_edited_by_the_keyboard_alone(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(*STORY)
    page = sign_in("megan", locale="en-GB")
    talk(page, seat)
    about, story = field(page, "About"), field(page, "What happened")
    about.get_by_role("button", name="Change").press("Enter")
    about.locator("input").fill("城东支行")
    about.locator("input").press("Enter")
    expect(about.locator(".corrected")).to_contain_text("Megan Howe")
    before = story.locator(".value").text_content()
    story.get_by_role("button", name="Change").press("Enter")
    story.locator("textarea").fill("something else")
    story.locator("textarea").press("Escape")
    expect(story.locator(".value")).to_have_text(before or "")
    story.get_by_role("button", name="Change").press("Enter")
    story.locator("textarea").press("End")
    story.locator("textarea").press("Enter")  # a new line: this is a long text
    story.locator("textarea").press_sequentially("x")
    story.locator("textarea").press("Control+Enter")
    expect(story.locator(".corrected")).to_contain_text("Megan Howe")


def test_clocks_count_working_time_without_asking_and_stand_still_outside_it(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(*STORY, "王建国 13812345678", "对")
    page = sign_in("megan", locale="en-GB")
    talk(page, seat)
    answer = page.locator("qt-clocks li", has_text="Answer to the customer")
    expect(answer.locator(".left")).to_have_text(re.compile(r"working days? .*left|working days left"))
    expect(answer).to_contain_text("from registration")
    expect(answer).to_contain_text("policy default-2026-1")
    # the hours that the page was told, counted by a clock that is moved
    told, asked = page.evaluate(
        """async () => {
          const element = document.querySelector("qt-clocks");
          const real = Date.now;
          const answer = await (await fetch(`/api/v1/cases/${element.record.id}/clocks`)).json();
          const spans = answer.openings.flatMap((one) => one.hours).map((span) => span.map(Date.parse)).filter(([opens]) => opens > real());
          const [set, ask, asked] = [window.setInterval, window.fetch, []];
          window.fetch = (address, ...more) => (String(address).includes("/clocks") && asked.push(address), ask(address, ...more));
          window.setInterval = (work) => work(); // it counts at once, with nothing in between
          const shown = (moment) => {
            Date.now = () => moment;
            element.disconnectedCallback();
            element.connectedCallback();
            return [element.querySelector(".left").textContent, element.querySelector(".still").hidden];
          };
          const [opens, closes] = spans[0];
          const seen = [opens + 3600_000, opens + 3600_000 * 2, closes + 3600_000, closes + 3600_000 * 2].map(shown);
          window.setInterval = set;
          [Date.now, window.fetch] = [real, ask];
          return [seen, asked.length];
        }"""
    )
    (first, open_), (second, _), (evening, closed), (later, _) = told
    assert (open_, closed) == (True, False)
    assert first != second
    assert evening == later  # nobody is at their desk: nothing runs
    assert asked == 0


def compared(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog").locator("tbody tr", has=page.locator("th", has_text=re.compile(f"^{name}")))


def test_two_cases_are_compared_side_by_side_and_decided_there(house: House, sign_in: Callable[..., Page]) -> None:
    page = sign_in("megan", locale="en-GB")
    told_twice(house, "孙丽华", "13811112222", "2980")
    open_mailed(page, "孙丽华")
    page.locator("qt-case .pair.suggested").get_by_role("button", name="Side by side …").click()
    dialog = page.get_by_role("dialog")
    expect(compared(page, "Amount")).to_contain_text("the same")  # in words, not by colour alone
    expect(compared(page, "Amount").locator("td")).to_have_text(["CNY 2,980.00", "CNY 2,980.00"])
    expect(compared(page, "What happened").locator("td").first).to_contain_text("信用卡")
    dialog.get_by_text("This case: What its customer wrote").click()
    expect(dialog.locator(".words .text").first).to_contain_text("孙丽华")
    assert violations(page) == []
    dialog.get_by_role("button", name="Not the same").click()
    expect(page.locator("qt-case .pair.suggested")).to_have_count(0)
    expect(page.get_by_text("Not the same matter (1)")).to_be_visible()


def test_the_trail_shows_who_has_looked_beside_what_happened(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(*STORY)
    other = sign_in("lin.yue", locale="zh-CN")
    talk(other, seat)
    expect(other.locator("qt-case .fields").first).to_be_visible()
    page = sign_in("megan", locale="en-GB")
    talk(page, seat)
    trail = page.locator("qt-trail")
    expect(trail.locator(".steps")).not_to_contain_text("林悦")
    trail.get_by_role("button", name="Who looked").click()
    expect(trail.locator(".seen", has_text="Opened the case").filter(has_text="林悦")).to_have_count(1)
    expect(trail.locator(".seen", has_text="Read the conversation").filter(has_text="林悦")).to_have_count(1)
    trail.get_by_role("button", name="Both").click()
    expect(trail.locator(".steps")).to_contain_text("Joined with a conversation")
    expect(trail.locator(".steps")).to_contain_text("Opened the case")


def test_a_case_on_paper_is_the_case_and_nothing_else(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(*STORY)
    page = sign_in("megan", locale="en-GB", path=f"/cases/{house.case_of(seat)}")
    expect(field(page, "Amount")).to_be_visible()
    page.emulate_media(media="print")
    for gone in (".bar", "qt-cases", "qt-case .head .actions", "qt-case .edit", "qt-trail .kinds", ".papers button"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(field(page, "Amount")).to_be_visible()
    expect(page.locator("qt-trail .steps li").last).to_be_visible()
    whole, paper = page.evaluate(
        "[document.querySelector('qt-case .scroll').scrollHeight, document.documentElement.scrollHeight]"
    )
    assert paper >= whole  # nothing is cut off behind a bar to scroll by


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_the_case_is_whole_at_both_widths_in_every_language(
    house: House, sign_in: Callable[..., Page], locale: str
) -> None:
    seat = house.chat(*STORY, "王建国 13812345678", "对")
    page = sign_in("megan", locale=locale, height=2200, path=f"/cases/{house.case_of(seat)}")
    expect(page.locator("qt-clocks li").first).to_be_visible()
    expect(page.locator("qt-case .rivals button")).to_be_visible()
    page.locator('qt-trail [data-kind="all"]').click()
    expect(page.locator("qt-trail .seen").first).to_be_visible()
    for _, look in looks(page, height=2200):
        assert violations(page) == [], look
        beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert beyond <= 0
        shot(page, f"beside-{locale}-{look}")
