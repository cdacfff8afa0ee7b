"""Files that go with an answer, in a real browser: chosen, dropped, kept over a reload, refused by name, and there for the customer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import enter, house, looks, shared, shot, sign_in, talk, violations
from tests.pictures import picture

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

COMPLAINT = "I complain: your branch charged me a fee of 300 CNY twice"
PROOF = {"name": "退款證明.png", "mimeType": "image/png", "buffer": picture("PNG")}
PROGRAM = {"name": "update.exe", "mimeType": "application/octet-stream", "buffer": b"MZ" + b"\0" * 400}


def enclosed(page: Page) -> Locator:
    return page.locator(".composer .enclosed li")


def chosen(page: Page, *files: object) -> None:
    page.locator('.composer input[type="file"]').set_input_files(list(files))  # type: ignore[arg-type]


def sent(house: House, seat: Seat, page: Page, words: str = "Here is the proof.") -> Locator:
    page.locator("#reply").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()
    last = page.locator(".message.agent").last
    expect(last).to_contain_text(words)
    return last


def test_what_is_chosen_goes_with_the_answer_and_the_customer_can_save_it(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in()
    talk(page, seat)
    chosen(page, PROOF)
    expect(enclosed(page).and_(page.locator(".done"))).to_have_count(1)
    shown = sent(house, seat, page)
    expect(shown.locator(".file .name")).to_have_text("退款證明.png")
    expect(enclosed(page)).to_have_count(0)
    with page.expect_download() as saving:
        shown.locator(".file a").click()
    assert saving.value.path().read_bytes() == PROOF["buffer"]


def test_files_survive_a_reload_and_belong_to_their_conversation(house: House, sign_in: Callable[..., Page]) -> None:
    seat, other = house.chat(COMPLAINT, locale="en"), house.chat(COMPLAINT, locale="en")
    page = sign_in()
    talk(page, seat)
    page.locator("#reply").fill("Here is")
    chosen(page, PROOF)
    expect(enclosed(page).and_(page.locator(".done"))).to_have_count(1)
    page.reload()
    expect(enclosed(page)).to_have_count(1)
    talk(page, other)
    expect(page.locator("#reply")).to_have_value("")
    expect(enclosed(page)).to_have_count(0)
    talk(page, seat)
    expect(page.locator("#reply")).to_have_value("Here is")
    expect(enclosed(page)).to_have_count(1)
    expect(sent(house, seat, page).locator(".file")).to_have_count(1)


def test_a_program_is_refused_by_name_and_the_answer_waits_until_it_is_gone(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in()
    talk(page, seat)
    chosen(page, PROOF, PROGRAM)
    expect(enclosed(page).and_(page.locator(".refused"))).to_contain_text("a program")
    page.locator("#reply").fill("Here is the proof.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".composer .said")).to_have_text("One of the files cannot go with the answer. Remove it first.")
    assert house.owner(seat)[0] == "bot"
    page.get_by_role("button", name="Remove update.exe").click()
    expect(sent(house, seat, page).locator(".file")).to_have_count(1)


def test_a_private_note_takes_no_files(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in()
    talk(page, seat)
    chosen(page, PROOF)
    expect(enclosed(page)).to_have_count(1)
    page.get_by_role("button", name="Private note").click()
    expect(enclosed(page)).not_to_be_visible()
    expect(page.get_by_role("button", name="Enclose files")).not_to_be_visible()
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(enclosed(page)).to_be_visible()


def test_a_file_that_is_dropped_on_the_answer_goes_with_it(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in()
    talk(page, seat)
    dropped = page.evaluate_handle(
        """() => { const carried = new DataTransfer(); carried.items.add(new File(["%PDF-1.7 words"], "terms.pdf", { type: "application/pdf" })); return carried; }"""
    )
    page.dispatch_event(".composer", "drop", {"dataTransfer": dropped})
    expect(enclosed(page)).to_contain_text("terms.pdf")


def test_whoever_signs_in_next_finds_nothing_of_it(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in("megan")
    talk(page, seat)
    page.locator("#reply").fill("Here is")
    chosen(page, PROOF)
    expect(enclosed(page).and_(page.locator(".done"))).to_have_count(1)
    page.get_by_role("button", name="Sign out").click()
    enter(page, "lin.yue")
    expect(page.locator(".bar")).to_be_visible()
    talk(page, seat)
    expect(page.locator("#reply")).to_have_value("")
    expect(enclosed(page)).to_have_count(0)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_axe_finds_nothing_in_files_that_go_with_an_answer(
    house: House, sign_in: Callable[..., Page], locale: str
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in(locale=locale)
    talk(page, seat)
    long = {**PROOF, "name": "a very long name of a scanned statement of account, November 2026, page 2.png"}
    chosen(page, PROOF, long, PROGRAM)
    expect(enclosed(page).and_(page.locator(".refused"))).to_have_count(1)
    expect(enclosed(page).and_(page.locator(".done"))).to_have_count(2)
    for width, look in looks(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shot(page, f"console-enclosed-{locale}-{look}")
        assert violations(page) == [], look
