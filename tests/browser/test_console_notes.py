"""Private notes in a real browser: written beside the words, seen by colleagues at once, and never by the customer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from case_store import notes
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, shared, shot, sign_in, talk, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


def note_field(page: Page) -> Locator:
    return page.get_by_label("Private note for colleagues")


def test_a_note_is_seen_by_a_colleague_at_once_and_never_by_the_customer(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    told, owner = house.told(seat), house.owner(seat)
    megan, lin = sign_in("megan"), sign_in("lin.yue")
    expect(lin.get_by_role("button", name="For you: 0 new")).to_be_visible()
    shown, others = talk(megan, seat), talk(lin, seat)
    megan.get_by_role("button", name="Private note").click()
    note_field(megan).fill("Second time this month. @lin.yue please check the branch")
    megan.get_by_role("button", name="Add note").click()
    kept = others.locator(".message.private")
    expect(kept).to_contain_text("Second time this month")
    expect(kept.locator(".mention")).to_have_text("@lin.yue")
    expect(shown.locator(".message.private")).to_have_count(1)
    expect(note_field(megan)).to_have_value("")
    assert house.told(seat) == told
    assert house.owner(seat) == owner  # nothing was taken over
    calls = lin.get_by_role("button", name="For you: 1 new")
    calls.click()
    dialog = lin.get_by_role("dialog")
    expect(dialog).to_contain_text("please check the branch")
    dialog.get_by_role("link").click()
    expect(lin).to_have_url(house.url + f"/conversations/{seat.conversation}")
    expect(lin.get_by_role("button", name="For you: 0 new")).to_be_visible()


def test_an_answer_and_a_note_are_drafts_of_their_own(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I complain: the queue at your branch takes an hour", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    reply = page.get_by_label("Reply to the customer")
    reply.fill("Dear customer")
    page.keyboard.press("Escape")
    shown.get_by_role("button", name="Private note").click()
    expect(note_field(page)).to_have_value("")
    note_field(page).fill("rude, but right")
    shown.get_by_role("button", name="Reply", exact=True).click()
    expect(reply).to_have_value("Dear customer")
    page.reload()
    expect(page.get_by_label("Reply to the customer")).to_have_value("Dear customer")
    page.get_by_role("button", name="Private note").click()
    expect(note_field(page)).to_have_value("rude, but right")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".message.private")).to_contain_text("rude, but right")
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.get_by_label("Reply to the customer")).to_have_value("Dear customer")
    assert [said for sender, said in house.told(seat) if sender == "agent"] == []
    page.get_by_role("button", name="Private note").click()
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_label("Reply to the customer")).to_be_focused()  # who takes over is about to answer


def test_a_colleague_is_called_by_the_keyboard_alone(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I complain: nobody calls me back", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    shown.locator(".messages").click()
    page.keyboard.press("m")
    expect(note_field(page)).to_be_focused()
    page.keyboard.type("Ask @li")
    offered = page.get_by_role("listbox", name="Colleagues")
    expect(offered.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(offered).to_be_hidden()
    expect(note_field(page)).to_have_value("Ask @lin.yue ")
    page.keyboard.type("today")
    page.keyboard.press("Control+Enter")
    expect(shown.locator(".message.private .mention")).to_have_text("@lin.yue")
    (kept,) = house.do(house.gateway.store.read(notes.of_conversation, seat.conversation))
    assert (kept.text, kept.mentions) == ("Ask @lin.yue today", ("lin.yue",))


def test_a_note_stands_between_the_words_before_and_after_it(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I complain: my card was swallowed", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    shown.get_by_role("button", name="Private note").click()
    note_field(page).fill("Third card at this machine")
    page.get_by_role("button", name="Add note").click()
    expect(shown.locator(".message.private")).to_have_count(1)
    house.says(seat, "It was on 3 November")
    last = shown.locator(".message.customer").last
    expect(last).to_contain_text("3 November")
    order = shown.locator(".message").evaluate_all("all => all.map((one) => one.className.replace('message ', ''))")
    assert order.index("private") < len(order) - 1 - order[::-1].index("customer")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_axe_finds_nothing_in_notes(house: House, sign_in: Callable[..., Page], locale: str) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    house.write(_note, seat.conversation)
    page = sign_in(locale=locale)
    shown = talk(page, seat)
    expect(shown.locator(".message.private")).to_be_visible()
    shown.locator('[data-mode="note"]').click()
    for width, look in looks(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        tops = [page.locator(place).bounding_box() for place in (".mark", ".for-you")]
        assert tops[0]
        assert tops[1]
        assert abs(tops[0]["y"] + tops[0]["height"] / 2 - tops[1]["y"] - tops[1]["height"] / 2) < 8  # one line
        shot(page, f"console-note-{locale}-{look}")
        assert violations(page) == [], look
    page.locator(".for-you").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for _, look in looks(page):
        shot(page, f"console-mentions-{locale}-{look}")
        assert violations(page) == [], look


def _note(tx: object, conversation: str) -> None:
    text = "Second time this month. @megan please look"
    notes.add(tx, conversation, text, author="x", author_name="林悦", actor="agent:林悦")  # type: ignore[arg-type]


def test_a_conversation_is_given_to_a_colleague_with_a_word(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I complain: my letters go to the old address", locale="en")
    megan, lin = sign_in("megan"), sign_in("lin.yue")
    shown = talk(megan, seat)
    shown.get_by_role("button", name="Give to …").click()
    dialog = megan.get_by_role("dialog")
    dialog.get_by_role("button", name="Give", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose who is to answer.")
    dialog.get_by_label("Colleague", exact=True).select_option("lin.yue")
    dialog.get_by_label("What they should know").fill("She writes Chinese")
    shot(megan, "console-give")
    dialog.get_by_role("button", name="Give", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(shown.locator(".owner")).to_contain_text("林悦")
    expect(shown.get_by_role("button", name="Give to …")).to_have_count(
        0
    )  # out of another's hands it takes a supervisor
    assert house.owner(seat) == ("agent", "lin.yue")
    lin.get_by_role("button", name=re.compile(r"For you: [1-9]")).click()
    expect(lin.get_by_role("dialog")).to_contain_text("She writes Chinese")
    lin.get_by_role("dialog").get_by_role("link").first.click()
    expect(lin.locator("qt-conversation .owner")).to_contain_text("You")
    assert any(
        "林悦" in text for sender, text in house.told(seat) if sender == "system"
    )  # the customer hears who answers
