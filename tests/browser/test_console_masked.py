"""Numbers of identity documents and bank cards in the console: masked, shown with a reason, hidden again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from case_store import audit
from case_store.audit import conversation_chain
from gateway.masking import NUMBERS, masked
from gateway.revealing import shown_in, standing_like
from tests.browser.console_house import House
from tests.browser.console_pages import house, row, shared, shot, sign_in, talk, violations
from tests.gateway.test_masking import NOTHING_PERSONAL, PERSONAL

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

CARD, ID = "6222021234567894", "11010519491231002X"
WORDS = f"我要投诉：11月2号卡{CARD}被扣了1800元年费，说好免的。证件{ID}，电话13812345678"
ALIKE = "6222029801117894"
CARD_SHOWN, ID_SHOWN = "************7894", "110***********002X"


def revealed(house: House, conversation: str) -> list[object]:
    events = house.do(house.gateway.store.read(audit.timeline, conversation_chain(conversation)))
    return [event.detail for event in events if event.action == "personal_revealed"]


def reveal(page: Page, chip: Locator) -> None:
    chip.click()
    page.get_by_role("dialog").get_by_role("button", name="To check it with the customer").click()


def test_a_number_is_shown_with_a_reason_in_its_place_and_hidden_when_the_conversation_is_left(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat, other = house.chat("你好", WORDS), house.chat("你好")
    house.waits(seat)
    page = sign_in("megan", locale="en-GB")
    expect(row(page, seat)).to_contain_text(f"卡{CARD_SHOWN}被扣")
    expect(row(page, seat)).to_contain_text("电话138****5678")
    shown = talk(page, seat)
    said = shown.locator(".message.customer .text", has_text="年费")
    expect(said).to_contain_text("电话13812345678")
    chip = said.get_by_role("button", name="bank card number, hidden, ends in 7894: show it")
    expect(chip).to_have_text(CARD_SHOWN)
    expect(said.get_by_role("button")).to_have_count(2)
    expect(page.locator("qt-case").get_by_role("button", name="bank card number").first).to_be_visible()
    assert violations(page) == []
    shot(page, "masked")

    chip.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Show this bank card number?")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    shot(page, "masked-why")
    dialog.get_by_role("button", name="Show the number").click()
    expect(dialog.get_by_role("alert")).to_have_text("Say why, in a few words.")
    dialog.get_by_role("button", name="To check it with the customer").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Take it over first")  # nobody's yet
    assert revealed(house, seat.conversation) == []
    page.keyboard.press("Escape")

    shown.get_by_role("button", name="Take over").first.click()
    expect(shown.locator("textarea").first).to_be_visible()
    expect(shown).to_contain_text("Megan Howe")
    chip.click()
    page.get_by_role("dialog").get_by_role("button", name="To check it with the customer").click()
    now = said.get_by_role("button", name=f"bank card number {CARD}: hide it again")
    expect(now).to_have_text(CARD)
    expect(now).to_be_focused()
    expect(said.get_by_role("button", name="identity document number, hidden")).to_have_text(ID_SHOWN)
    (detail,) = revealed(house, seat.conversation)
    assert isinstance(detail, dict)
    assert (detail["kinds"], detail["reason"]) == ({"bank_card": 1}, "To check it with the customer")
    assert violations(page) == []
    shot(page, "masked-shown")

    now.click()
    expect(chip).to_have_text(CARD_SHOWN)
    chip.click()
    page.get_by_role("dialog").get_by_role("textbox").fill("She asked which card it was")
    page.keyboard.press("Enter")
    expect(now).to_have_text(CARD)
    expect(page.locator("qt-case").get_by_text(CARD)).to_have_count(0)  # a place of its own
    in_case = page.locator("qt-case").get_by_role("button", name="identity document number, hidden").first
    in_case.click()
    page.get_by_role("dialog").get_by_role("button", name="To correct or complete the record").click()
    expect(
        page.locator("qt-case").get_by_role("button", name=f"identity document number {ID}: hide it again").first
    ).to_have_text(ID)

    shown.get_by_role("button", name="History").click()
    steps = page.get_by_role("dialog").locator("ol.steps")
    expect(steps).to_contain_text("Hidden numbers were looked at (1). Reason: She asked which card it was")
    shot(page, "masked-history")
    page.keyboard.press("Escape")
    talk(page, other)
    talk(page, seat)
    expect(chip).to_have_text(CARD_SHOWN)
    expect(page.get_by_text(CARD)).to_have_count(0)
    expect(page.get_by_text(ID)).to_have_count(0)


def test_words_with_a_number_are_still_found_and_marked(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("你好", WORDS)
    page = sign_in("megan", locale="en-GB")
    shown = talk(page, seat)
    shown.get_by_role("button", name="Take over").first.click()
    expect(shown).to_contain_text("Megan Howe")
    reveal(page, shown.get_by_role("button", name="bank card number, hidden").first)
    expect(shown.get_by_role("button", name=f"bank card number {CARD}: hide it again")).to_be_visible()
    page.locator('qt-case .field:has(dt:text-is("Amount"))').get_by_role("link").first.click()
    expect(shown.locator("mark")).to_have_text("1800元")
    shown.get_by_role("button", name=f"bank card number {CARD}: hide it again").click()  # and no words of the message
    expect(shown.get_by_role("button", name="bank card number, hidden").first).to_have_text(CARD_SHOWN)
    expect(shown.get_by_text(CARD)).to_have_count(0)


def test_two_numbers_that_end_alike_are_each_shown_for_themselves(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("你好", f"卡{CARD}丢了", f"* {ALIKE}也丢了")
    page = sign_in("megan", locale="en-GB")
    shown = talk(page, seat)
    shown.get_by_role("button", name="Take over").first.click()
    expect(shown).to_contain_text("Megan Howe")
    chips = shown.locator(".message.customer .text").get_by_role("button", name="bank card number")
    expect(chips).to_have_text([CARD_SHOWN, CARD_SHOWN])
    reveal(page, chips.first)
    expect(chips).to_have_text([CARD, CARD_SHOWN])
    reveal(page, chips.last)
    expect(chips).to_have_text([CARD, ALIKE])
    assert len(revealed(house, seat.conversation)) == 2


_NUMBERS = [(text, kind.value) for text, _, kind in PERSONAL if kind in NUMBERS]
_NO_NUMBERS = [text for text, _, kind in PERSONAL if kind not in NUMBERS and CARD not in text] + [
    text for text in NOTHING_PERSONAL if "*" * 4 + " 7894" not in text
]
_NUMBERS_IN = """texts => import(new URL("mask-forms.js", document.querySelector("link[rel=modulepreload]").href))
    .then(({ numbersIn }) => texts.map(text => numbersIn(text).map(({ kind, masked }) => [kind, masked])))"""


def test_whatever_is_masked_can_be_pressed_and_is_found_by_what_stands_there(house: House, visit: Any) -> None:
    page: Page = visit(house.url)
    texts = [text for text, _ in _NUMBERS] + _NO_NUMBERS
    found = page.evaluate(_NUMBERS_IN, [masked(text, NUMBERS) for text in texts])
    for (text, kind), buttons in zip(_NUMBERS, found, strict=False):
        assert [one for one, _ in buttons] == [kind], text
        (like,) = standing_like(buttons[0][1], shown_in([text]))
        assert like.kind == kind, text
    assert dict(zip(_NO_NUMBERS, found[len(_NUMBERS) :], strict=True)) == {text: [] for text in _NO_NUMBERS}


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1280), ("zh-TW", 390), ("en-GB", 390)])
def test_it_is_asked_for_in_every_language_and_on_a_telephone(
    house: House, sign_in: Callable[..., Page], locale: str, width: int
) -> None:
    seat = house.chat("你好", WORDS)
    page = sign_in("megan", locale=locale, width=width, color_scheme="dark" if width == 1280 else "light")
    shown = talk(page, seat)
    expect(shown.locator("button.masked")).to_have_count(2)
    shot(page, f"masked-{locale}-{width}")
    shown.locator("button.masked").first.click()
    expect(page.locator("dialog .choices button")).to_have_count(4)
    expect(page.locator("dialog")).not_to_contain_text("masked.")
    assert violations(page) == []
    shot(page, f"masked-why-{locale}-{width}")
