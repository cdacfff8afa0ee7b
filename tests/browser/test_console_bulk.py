"""Several conversations or cases at once, in a real browser: chosen by keys and by mouse, given, refused, undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from case_store import cases, conversations, ownership
from case_store.store import Transaction
from case_store.tables_conversations import conversations as rows
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import Line, house, row, shared, shot, sign_in, talk, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


def waiting(house: House, count: int = 4, locale: str = "en") -> list[Seat]:
    """Customers who wait for a person, the first the longest; nobody else does."""
    house.write(_nobody_waits)
    seats = [house.chat(WORDS[locale], locale=locale) for _ in range(count)]
    for number, seat in enumerate(seats):
        house.waits(seat)
        house.write(_since, seat.conversation, datetime.now(UTC) - timedelta(minutes=60 - number))
    return seats


WORDS = {
    "en": "I complain: the lift at your branch is broken",
    "zh-Hans": "我要投诉：你们网点的电梯坏了三天",
    "zh-Hant": "我要投訴：你們分行的電梯壞了三天",
}


def _nobody_waits(tx: Transaction) -> None:
    tx.execute(sa.update(rows).values(owner="bot", waiting_since=None, urgent=False))


def _since(tx: Transaction, id: str, since: datetime) -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [], values={"waiting_since": since})


def order(page: Page) -> list[str]:
    links = page.locator("qt-queue #conversations a").all()
    return [(link.get_attribute("href") or "").rsplit("/", 1)[1] for link in links]


def box(page: Page, seat: Seat) -> Locator:
    return page.locator(f'qt-queue input[data-choose="{seat.conversation}"]')


def all_listed(page: Page, last: Seat) -> None:
    """Waits until the page asks for no list any more: what is on its way is lost with a page that is left."""
    expect(box(page, last)).to_be_attached()
    expect(page.locator("#tab-queue .count")).not_to_have_text("·")


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="What is chosen")


def toast(page: Page) -> Locator:
    return page.locator(".toast")


def give(page: Page, to: str) -> None:
    bar(page).get_by_role("button", name="Give to").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Colleague", exact=True).select_option(label=to)
    dialog.get_by_role("button", name="Give", exact=True).click()
    expect(dialog).to_have_count(0)


def test_chosen_by_mouse_given_to_a_colleague_and_back_in_their_old_places(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first, second, third, fourth = seats = waiting(house)
    page = sign_in()
    expect(row(page, fourth)).to_be_visible()
    before = order(page)
    row(page, first).hover()
    box(page, first).check()
    expect(bar(page)).to_contain_text("1 chosen")
    box(page, third).click(modifiers=["Shift"])
    expect(bar(page)).to_contain_text("3 chosen")
    box(page, second).uncheck()
    box(page, second).check()
    give(page, "林悦")
    expect(toast(page)).to_contain_text("3 given to 林悦")
    expect(row(page, first)).to_have_count(0)
    expect(bar(page)).to_be_hidden()
    assert [house.owner(seat) for seat in seats] == [("agent", "lin.yue")] * 3 + [("queue", None)]
    toast(page).get_by_role("button", name="Undo").click()
    expect(toast(page)).to_contain_text("Undone: 3 as before")
    expect(row(page, third)).to_be_visible()
    assert order(page) == before
    assert {house.owner(seat) for seat in seats} == {("queue", None)}


def test_customers_are_told_what_is_true_each_time(house: House, sign_in: Callable[..., Page]) -> None:
    (seat,) = waiting(house, 1)
    page = sign_in()
    box(page, seat).check()
    give(page, "林悦")
    expect(toast(page)).to_be_visible()
    assert "林悦" in house.told(seat)[-1][1]
    page.keyboard.press("z")
    expect(toast(page)).to_contain_text("Undone")
    sender, text = house.told(seat)[-1]
    assert sender == "system"
    assert "林悦" not in text


def test_chosen_taken_and_undone_by_keys_alone(house: House, sign_in: Callable[..., Page]) -> None:
    first, second, third, fourth = waiting(house)
    page = sign_in()
    expect(box(page, fourth)).to_be_attached()  # the keys come with the boxes, later than the rows
    row(page, first).focus()
    page.keyboard.press("x")
    row(page, third).focus()
    page.keyboard.press("Shift+X")
    expect(bar(page)).to_contain_text("3 chosen")
    row(page, second).focus()
    page.keyboard.press("x")
    expect(bar(page)).to_contain_text("2 chosen")
    page.keyboard.press("Escape")
    expect(bar(page)).to_be_hidden()
    box(page, fourth).focus()
    page.keyboard.press("Space")
    page.keyboard.press("x")  # also from the box itself
    expect(bar(page)).to_be_hidden()
    page.keyboard.press("x")
    expect(bar(page)).to_contain_text("1 chosen")
    bar(page).get_by_role("button", name="All 4 shown").press("Enter")
    expect(bar(page)).to_contain_text("4 chosen")
    bar(page).get_by_role("button", name="Take over").press("Enter")
    expect(toast(page)).to_contain_text("4 taken over")
    assert page.evaluate("document.activeElement.closest('qt-queue') !== null")  # nobody's place is lost
    page.keyboard.press("z")
    expect(toast(page)).to_contain_text("Undone: 4 as before")
    expect(row(page, fourth)).to_be_visible()
    assert {house.owner(seat) for seat in (first, second, third, fourth)} == {("queue", None)}


def test_the_open_one_is_chosen_where_nothing_else_has_the_focus(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = waiting(house, 2)
    page = sign_in()
    talk(page, second)
    expect(box(page, second)).to_be_attached()  # the keys come with the boxes
    page.locator("#main").focus()
    page.keyboard.press("x")
    expect(box(page, second)).to_be_checked()
    expect(box(page, first)).not_to_be_checked()


def test_what_was_refused_stays_chosen_and_says_why(house: House, sign_in: Callable[..., Page]) -> None:
    """Two who answer at the same time: the page has not heard yet of the other's words."""
    first, second = waiting(house, 2)
    page = sign_in()
    all_listed(page, second)
    line = Line(page, re.compile(rf"/api/v1/conversations(\?|/{second.conversation}$)"))
    page.reload()
    box(page, first).check()
    box(page, second).check()
    line.cut()
    house.says(second, "are you there?")
    bar(page).get_by_role("button", name="Take over").click()
    expect(toast(page)).to_contain_text("1 taken over · 1 left: there are newer messages")
    expect(box(page, second)).to_be_checked()
    expect(bar(page)).to_contain_text("there are newer messages")
    expect(bar(page)).to_contain_text("1 chosen")
    assert [house.owner(seat)[0] for seat in (first, second)] == ["agent", "queue"]


def test_what_leaves_the_list_is_chosen_no_more_and_it_is_said(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = waiting(house, 2)
    page = sign_in()
    box(page, first).check()
    box(page, second).check()
    house.write(_taken, first.conversation)
    expect(bar(page)).to_contain_text("1 no longer chosen: not in this list any more.")
    expect(bar(page)).to_contain_text("1 chosen")
    expect(box(page, second)).to_be_checked()


def _taken(tx: Transaction, id: str) -> None:
    ownership.take_over(tx, id, agent_id="another", agent_name="Another")


def test_whose_life_is_in_danger_is_not_one_of_many(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = waiting(house, 2)
    page = sign_in()
    box(page, first).check()
    box(page, second).check()
    house.waits(first, "danger_to_life", urgent=True)
    expect(bar(page)).to_contain_text("a life is in danger")
    expect(box(page, first)).to_have_count(0)
    row(page, first).focus()
    page.keyboard.press("x")
    expect(bar(page)).to_contain_text("1 chosen")
    house.write(_nobody_waits)


def test_the_toast_stays_while_somebody_stands_in_it(house: House, sign_in: Callable[..., Page]) -> None:
    (seat,) = waiting(house, 1)
    page = sign_in(apart=True)
    page.clock.install()
    box(page, seat).check()
    bar(page).get_by_role("button", name="Take over").click()
    page.clock.run_for(100)
    undo = toast(page).get_by_role("button", name="Undo")
    undo.focus()
    page.mouse.move(5, 5)
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 30)  # what follows is counted by this clock alone
    page.clock.run_for(60_000)
    expect(undo).to_be_focused()
    page.locator("#main").focus()
    page.clock.run_for(10_000)
    expect(undo).to_be_visible()
    page.clock.run_for(5_000)
    expect(toast(page)).to_have_count(0)
    page.keyboard.press("z")
    assert house.owner(seat) == ("agent", "megan")


def test_ones_own_are_put_off_together(house: House, sign_in: Callable[..., Page]) -> None:
    seats = waiting(house, 2)
    page = sign_in()
    for seat in seats:
        box(page, seat).check()
    bar(page).get_by_role("button", name="Take over").click()
    expect(toast(page)).to_contain_text("2 taken over")
    page.locator("#tab-mine").click()
    for seat in seats:
        box(page, seat).check()
    bar(page).get_by_role("button", name="Snooze").click()
    page.get_by_role("dialog", name="Put off (2 chosen)").get_by_role("button", name="Tomorrow morning").click()
    expect(toast(page)).to_contain_text("2 put off until")
    expect(row(page, seats[0])).to_have_count(0)
    page.keyboard.press("z")
    expect(row(page, seats[0])).to_be_visible()


def test_a_list_of_others_has_nothing_chosen(house: House, sign_in: Callable[..., Page]) -> None:
    seats = waiting(house, 2)
    page = sign_in()
    box(page, seats[0]).check()
    page.locator("#tab-all").click()
    expect(bar(page)).to_be_hidden()
    expect(box(page, seats[0])).not_to_be_checked()


def test_cases_are_given_to_one_person_and_back(house: House, sign_in: Callable[..., Page]) -> None:
    ids = [house.case_of(house.chat(text, locale="en")) for text in STORIES]
    page = sign_in(path="/cases")
    page.get_by_role("button", name="All cases").click()
    boxes = [page.locator(f'input[data-choose="{id}"]') for id in ids]
    for one in boxes:
        one.check()
    shot(page, "bulk-cases")
    assert violations(page) == []
    bar(page).get_by_role("button", name="Assign to …").click()
    dialog = page.get_by_role("dialog", name="Who is responsible? (2 chosen)")
    dialog.get_by_label("Colleague", exact=True).select_option(label="林悦")
    dialog.get_by_role("button", name="Give", exact=True).click()
    expect(toast(page)).to_contain_text("2 given to 林悦")
    expect(page.locator("qt-cases li", has=boxes[0])).to_contain_text("林悦")
    assert [assignee(house, id) for id in ids] == ["lin.yue"] * 2
    page.keyboard.press("z")
    expect(toast(page)).to_contain_text("Undone: 2 as before")
    expect(page.locator("qt-cases li", has=boxes[0])).not_to_contain_text("林悦")
    assert [assignee(house, id) for id in ids] == [None] * 2


STORIES = ("I complain: your branch lost my passbook", "I complain: a fee of 300 CNY was taken twice")


def assignee(house: House, id: str) -> str | None:
    return house.do(house.gateway.store.read(cases.get, id)).assignee


def test_the_help_names_the_keys_and_the_history_tells_of_it(house: House, sign_in: Callable[..., Page]) -> None:
    (seat,) = waiting(house, 1)
    page = sign_in()
    box(page, seat).check()
    bar(page).get_by_role("button", name="Take over").click()
    expect(toast(page)).to_contain_text("1 taken over")
    page.keyboard.press("z")
    expect(toast(page)).to_contain_text("Undone")
    page.keyboard.press("?")
    help = page.get_by_role("dialog")
    for words in ("Choose this row", "Choose all rows up to this one", "Choose none", "Undo what was done"):
        expect(help).to_contain_text(words)
    page.keyboard.press("Escape")
    talk(page, seat).get_by_role("button", name="History").click()
    told = page.get_by_role("dialog")
    expect(told).to_contain_text("The conversation was taken over (with others)")
    expect(told).to_contain_text("Put back as it was: Waits for a person (undone)")


@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant")])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_while_choosing(
    house: House, sign_in: Callable[..., Page], width: int, locale: str, language: str
) -> None:
    touch = {"has_touch": True, "is_mobile": True} if width == 390 else {}
    first, second, third = waiting(house, 3, language)
    page = sign_in(width=width, height=844, locale=locale, **touch)
    all_listed(page, third)
    line = Line(page, re.compile(r"/api/v1/conversations(\?|/[^/]+$)"))
    page.reload()
    expect(row(page, third)).to_be_visible()
    shot(page, f"bulk-list-{locale}-{width}")
    for seat in (first, second, third):
        box(page, seat).check()
    shot(page, f"bulk-chosen-{locale}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    page.locator('[data-act="bulk-give"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    shot(page, f"bulk-give-{locale}-{width}")
    page.locator("#give-to").select_option("lin.yue")
    line.cut()
    house.says(third, WORDS[language])
    page.get_by_role("dialog").locator("button.strong").click()
    expect(toast(page)).to_be_visible()
    shot(page, f"bulk-toast-{locale}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
