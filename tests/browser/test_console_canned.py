"""Canned replies, and sending with what goes with it, in a real browser and by the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from case_store import canned, cases, conversations
from case_store.canned import SHARED, Wording
from case_store.case_record import CaseRecord
from case_store.records import Language, Role
from case_store.store import Transaction
from case_store.tables_desk import canned_replies
from channels.webchat.socket import Seat
from gateway.canned import starters
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, row, shared, shot, sign_in, talk, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

REPLY = "Reply to the customer"
STORY = "You charged my card an annual fee of 300 yuan on 3 November at the Leeds branch. I want it refunded."


@pytest.fixture(scope="module", autouse=True)
def supervisor(shared: House) -> None:
    shared.agent("sian", "Sian Moss", Role.SUPERVISOR)


@pytest.fixture(autouse=True)
def empty_shelves(house: House) -> Iterator[None]:
    yield
    house.write(lambda tx: tx.execute(sa.delete(canned_replies)))


def keep(house: House, name: str, text: str | dict[str, str], shelf: str = SHARED, **more: Any) -> None:
    texts = text if isinstance(text, dict) else {"en": text}
    house.write(canned.add, shelf, Wording(name, texts, **more), by="Sian", actor="agent:Sian")


def filed(house: House) -> Seat:
    seat = house.chat(STORY, "Ann Lee, 13912345678", "yes", locale="en")
    assert case(house, seat).reference
    return seat


def case(house: House, seat: Seat) -> CaseRecord:
    return house.do(house.gateway.store.read(cases.get, house.case_of(seat)))


def sent(house: House, seat: Seat) -> list[str]:
    return [text for sender, text in house.told(seat) if sender == "agent"]


def reply(page: Page) -> Locator:
    return page.get_by_label(REPLY)


def submit(page: Page) -> Locator:
    return page.locator(".composer button[type=submit]")


def writes(house: House, sign_in: Callable[..., Page], username: str = "megan", **more: Any) -> tuple[Page, Seat]:
    seat = filed(house)
    page = sign_in(username, **more)
    talk(page, seat)
    reply(page).focus()
    return page, seat


def test_a_reply_is_found_and_put_in_at_the_caret_by_the_keyboard_alone(
    house: House, sign_in: Callable[..., Page]
) -> None:
    keep(house, "Greeting", "Dear {customer},")
    keep(house, "Reference", "your reference is {reference}.", shortcut="ref")
    page, seat = writes(house, sign_in)
    page.keyboard.type("Hello: . Goodbye")
    for _ in range(len(". Goodbye")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+/")
    dialog = page.get_by_role("dialog")
    search = dialog.get_by_role("combobox")
    expect(search).to_be_focused()
    expect(dialog.get_by_role("option")).to_have_count(2)
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("Greeting")
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("Reference")
    expect(dialog.locator(".shown .text")).to_have_text(f"your reference is {case(house, seat).reference}.")
    page.keyboard.press("ArrowDown")  # and round
    expect(dialog.locator(".shown .text")).to_have_text("Dear Ann Lee,")
    page.keyboard.type("dear")  # words of the text
    expect(dialog.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(reply(page)).to_be_focused()
    expect(reply(page)).to_have_value("Hello: Dear Ann Lee,. Goodbye")
    page.keyboard.type("!")
    expect(reply(page)).to_have_value("Hello: Dear Ann Lee,!. Goodbye")
    assert sent(house, seat) == []


def test_a_stroke_and_its_word_in_an_empty_reply_are_replaced_by_the_reply(
    house: House, sign_in: Callable[..., Page]
) -> None:
    keep(house, "A reference in passing", "ref, as it happens")
    keep(house, "Reference", "It is {reference}.", shortcut="ref")
    page, seat = writes(house, sign_in)
    page.keyboard.type("/")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("ref")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("/ref")  # the shortcut goes first
    page.keyboard.press("Enter")
    expect(reply(page)).to_have_value(f"It is {case(house, seat).reference}.")
    reply(page).fill("")
    page.keyboard.type("/")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(reply(page)).to_be_focused()
    expect(reply(page)).to_have_value("/")  # who means a stroke has one
    page.keyboard.type("s/he")
    expect(dialog).to_have_count(0)


def test_what_the_case_does_not_know_is_named_and_keeps_the_answer_from_leaving(
    house: House, sign_in: Callable[..., Page]
) -> None:
    keep(house, "Call", "Call {hotline}, {customer}, or {hotline}.")
    page, seat = writes(house, sign_in)
    page.keyboard.press("Control+/")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_have_count(2)
    expect(dialog).to_contain_text("The case does not know: hotline.")
    page.keyboard.press("Enter")
    expect(reply(page)).to_have_value("Call ⟦hotline⟧, Ann Lee, or ⟦hotline⟧.")
    expect(submit(page)).to_be_disabled()
    expect(page.locator("#reply-gaps")).to_contain_text("Not filled in yet:")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".composer .said")).to_have_text("Not sent. Fill in first what is marked: hotline")
    page.keyboard.type("95555")  # the first mark is selected
    expect(reply(page)).to_have_value("Call 95555, Ann Lee, or ⟦hotline⟧.")
    page.get_by_role("button", name="Find in the reply: hotline").click()
    page.keyboard.type("95556")
    expect(submit(page)).to_be_enabled()
    expect(page.locator("#reply-gaps")).to_be_hidden()
    reply(page).press("Control+Enter")
    expect(reply(page)).to_have_value("")
    assert sent(house, seat) == ["Call 95555, Ann Lee, or 95556."]


def test_a_macro_tells_what_it_will_do_and_does_it_only_with_the_answer(
    house: House, sign_in: Callable[..., Page]
) -> None:
    keep(house, "Ask", "Which branch?", then={"status": "waiting_for_customer", "hand_back": "queue"})
    page, seat = writes(house, sign_in)
    page.keyboard.press("Control+/")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".shown .then")).to_contain_text("the case is set to “Waiting for the customer”")
    page.keyboard.press("Enter")
    armed = page.locator(".composer .armed")
    expect(armed).to_contain_text("When you send:")
    expect(armed).to_contain_text("the conversation goes to the queue")
    expect(submit(page)).to_have_text("Send and do this")
    assert (case(house, seat).status, sent(house, seat), house.owner(seat)[0]) == ("filed", [], "bot")
    armed.get_by_role("button", name="Only send: the conversation goes to the queue").click()
    expect(armed).not_to_contain_text("queue")
    expect(submit(page)).to_have_text("Send and wait for the customer")
    page.reload()  # the draft and what goes with it are kept together
    expect(armed).to_contain_text("the case is set to “Waiting for the customer”")
    submit(page).click()
    expect(reply(page)).to_have_value("")
    expect(armed).to_be_hidden()
    expect(submit(page)).to_have_text("Send")
    assert (case(house, seat).status, sent(house, seat)) == ("waiting_for_customer", ["Which branch?"])
    assert house.owner(seat) == ("agent", "megan")
    assert [sender for sender, _ in house.told(seat)][-1] == "agent"  # no notice beside the answer


def test_the_menu_beside_send_is_used_by_keys(house: House, sign_in: Callable[..., Page]) -> None:
    page, seat = writes(house, sign_in)
    page.keyboard.type("Thank you.")
    page.keyboard.press("Tab")
    more = page.get_by_role("button", name="And then …")
    more.focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("menu", name="And then …")
    first = menu.get_by_role("menuitem").first
    expect(first).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("t")  # is no shortcut while a menu is open
    expect(menu.get_by_role("menuitem", name="Send and hand back to the bot")).to_be_focused()
    page.keyboard.press("Enter")
    expect(reply(page)).to_have_value("")
    expect(page.locator("qt-conversation .owner")).to_have_text("The bot answers")
    assert sent(house, seat) == ["Thank you."]
    assert house.owner(seat)[0] == "bot"


def test_an_answer_resolves_the_case_with_its_result_in_one_message(house: House, sign_in: Callable[..., Page]) -> None:
    page, seat = writes(house, sign_in)
    page.keyboard.type("Dear Ann Lee, the second fee was charged twice.")
    page.get_by_role("button", name="And then …").click()
    page.get_by_role("menuitem", name="Send and resolve …").click()
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button", name="Send and resolve", exact=True)
    send.click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose an outcome.")
    dialog.get_by_label("Outcome").select_option("solved")
    dialog.get_by_label(re.compile("^Basis")).fill("our tariff, section 3")
    dialog.get_by_label("What happens next").fill("300 CNY go to your account by 4 December.")
    dialog.get_by_role("button", name="What will the customer read?").click()
    shown = dialog.locator(".preview .text")
    expect(shown).to_contain_text("What this is based on: our tariff, section 3")
    assert (sent(house, seat), case(house, seat).status) == ([], "filed")
    words = shown.inner_text()
    send.click()
    expect(dialog).to_have_count(0)
    expect(reply(page)).to_have_value("")
    record = case(house, seat)
    assert (record.status, record.outcome, record.basis) == ("resolved", "solved", "our tariff, section 3")
    assert sent(house, seat) == [words]
    assert words.startswith("Dear Ann Lee, the second fee")


def test_what_is_put_off_with_an_answer_leaves_the_list(house: House, sign_in: Callable[..., Page]) -> None:
    page, seat = writes(house, sign_in)
    page.keyboard.type("I will look into it.")
    page.get_by_role("button", name="And then …").click()
    page.get_by_role("menuitem", name="Send and put off until …").click()
    page.get_by_role("dialog").get_by_role("button", name="In an hour").click()
    expect(page.locator("qt-conversation .owner")).to_contain_text("Put off until")
    assert sent(house, seat) == ["I will look into it."]
    page.locator("#tab-mine").click()
    expect(row(page, seat)).to_have_count(0)


def test_a_case_that_changed_meanwhile_is_told_and_nothing_is_sent(house: House, sign_in: Callable[..., Page]) -> None:
    keep(house, "Ask", "Which branch?", then={"status": "waiting_for_customer"})
    page, seat = writes(house, sign_in)
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(reply(page)).to_have_value("Which branch?")
    house.write(cases.change, house.case_of(seat), {"status": "in_progress"}, actor="agent:Lin")
    submit(page).click()
    expect(page.locator(".composer .said")).to_contain_text(
        "Not sent: the case has changed meanwhile and is now “In progress”"
    )
    expect(reply(page)).to_have_value("Which branch?")
    assert sent(house, seat) == []
    submit(page).click()  # whoever has read it sends it all the same
    expect(reply(page)).to_have_value("")
    assert case(house, seat).status == "waiting_for_customer"


def test_a_language_that_is_missing_is_chosen_by_the_agent_and_translated_by_nobody(
    house: House, sign_in: Callable[..., Page]
) -> None:
    keep(house, "Greeting", {"zh-Hant": "{customer}您好"})
    page, _ = writes(house, sign_in)
    page.keyboard.press("Control+/")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".shown")).to_contain_text("It has no text in English.")
    expect(dialog.get_by_role("button", name="Put into the reply")).to_be_disabled()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="繁體中文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.locator(".shown .text")).to_have_text("Ann Lee您好")
    page.keyboard.press("Enter")
    expect(reply(page)).to_have_value("Ann Lee您好")


def test_a_note_for_colleagues_sets_nothing_and_takes_no_canned_reply(
    house: House, sign_in: Callable[..., Page]
) -> None:
    keep(house, "Ask", "Which branch?", then={"status": "waiting_for_customer"})
    page, seat = writes(house, sign_in)
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".composer .armed")).to_be_visible()
    page.get_by_role("button", name="Private note").click()
    expect(page.locator(".composer .armed")).to_be_hidden()
    expect(page.get_by_role("button", name="And then …")).to_be_hidden()
    expect(page.get_by_role("button", name="Canned replies")).to_be_hidden()
    page.get_by_label("Private note for colleagues").fill("/ ⟦x⟧ looks odd")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".message.private")).to_contain_text("looks odd")
    assert (case(house, seat).status, sent(house, seat)) == ("filed", [])
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.locator(".composer .armed")).to_be_visible()


# writing them --------------------------------------------------------------------------------------------------------


def writing(page: Page) -> Locator:
    page.keyboard.press("Control+/")
    page.get_by_role("button", name="Write and change …").click()
    dialog = page.get_by_role("dialog", name="Write canned replies")
    expect(dialog.get_by_label("Name")).to_be_visible()
    return dialog


def test_one_is_written_previewed_saved_and_used(house: House, sign_in: Callable[..., Page]) -> None:
    page, _ = writes(house, sign_in)
    dialog = writing(page)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_have_text("Give it a name.")
    dialog.get_by_label("Name").fill("Mine")
    dialog.get_by_label("Shortcut").fill("/Mine")
    english = dialog.get_by_label("Text in English")
    english.fill("Dear {custmer}")
    expect(dialog.locator(".missing:visible")).to_contain_text("{custmer} is no field")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("{custmer} is no field")
    english.fill("We guarantee it, ")
    dialog.get_by_role("button", name="customer’s name").click()
    expect(english).to_have_value("We guarantee it, {customer}")
    expect(dialog.locator(".sample:visible")).to_contain_text("We guarantee it, Ms Carter")
    expect(dialog.locator('.hints [data-code="promised_outcome"]')).to_be_visible()  # chapter five, as in the composer
    expect(dialog.get_by_label("For everybody")).to_have_count(0)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status").filter(has_text="Saved: Mine")).to_be_visible()
    english.fill("Dear {customer}, hello")
    dialog.get_by_role("button", name="Close").click()
    sure = page.get_by_role("dialog", name="Leave without saving?")
    sure.get_by_role("button", name="Cancel").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status").filter(has_text="Saved: Mine")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    picker = page.get_by_role("dialog", name="Canned replies")
    expect(picker.get_by_role("option")).to_contain_text("/mine")
    expect(picker.locator(".shown .text")).to_have_text("Dear Ann Lee, hello")
    page.keyboard.press("Enter")
    expect(reply(page)).to_have_value("Dear Ann Lee, hello")


def test_what_is_for_everybody_is_written_by_supervisors_alone(house: House, sign_in: Callable[..., Page]) -> None:
    page, _ = writes(house, sign_in, "sian")
    dialog = writing(page)
    dialog.get_by_role("button", name="Add the handbook’s starter replies").click()
    expect(dialog.get_by_role("status").filter(has_text="Added for everybody: 8")).to_be_visible()
    dialog.get_by_role("button", name="Add the handbook’s starter replies").click()
    expect(dialog.get_by_role("status").filter(has_text="They are all there already.")).to_be_visible()
    which = dialog.get_by_label("Canned reply", exact=True)
    which.select_option(label="Complaint received  /received")
    expect(dialog.get_by_label("For everybody")).to_be_checked()
    dialog.get_by_label("Text in English").fill("Dear {customer}, it is here.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status").filter(has_text="Saved: Complaint received")).to_be_visible()
    page, _ = writes(house, sign_in, "megan")
    dialog = writing(page)
    expect(dialog.get_by_role("button", name="Add the handbook’s starter replies")).to_have_count(0)
    dialog.get_by_label("Canned reply", exact=True).select_option(label="Complaint received  /received")
    expect(dialog.get_by_label("Text in English")).to_have_value("Dear {customer}, it is here.")
    expect(dialog.get_by_label("Text in English")).to_be_disabled()
    expect(dialog.get_by_text("Supervisors write what is for everybody.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Save")).to_be_hidden()


def test_anothers_change_is_shown_before_it_is_written_over(house: House, sign_in: Callable[..., Page]) -> None:
    keep(house, "Greeting", "Dear {customer},")
    page, _ = writes(house, sign_in, "sian")
    dialog = writing(page)
    dialog.get_by_label("Canned reply", exact=True).select_option(label="Greeting")
    house.write(rewrite, "Good morning {customer},")
    dialog.get_by_label("Text in English").fill("Good day {customer},")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Not saved: somebody has changed it meanwhile.")
    theirs = dialog.locator(".theirs:visible")
    expect(theirs).to_have_text("Lin: Good morning {customer},")
    expect(dialog.get_by_label("Text in English")).to_have_value("Good day {customer},")
    dialog.get_by_label("Text in English").fill(
        "Good morning or day {customer},"
    )  # it stands there while both become one
    expect(dialog.locator(".sample:visible").nth(1)).to_contain_text("Good morning or day Ms Carter,")
    expect(theirs).to_have_text("Lin: Good morning {customer},")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("status").filter(has_text="Saved: Greeting")).to_be_visible()
    expect(theirs).to_have_count(0)
    dialog.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove “Greeting”?").get_by_role("button", name="Remove").click()
    expect(dialog.get_by_label("Name")).to_have_value("")
    assert house.do(house.gateway.store.read(canned.listing, "nobody")) == []


def rewrite(tx: Transaction, text: str) -> None:
    (one,) = canned.listing(tx, "nobody")
    canned.change(tx, one.id, "nobody", {"texts": {"en": text}}, version=None, by="Lin", actor="agent:Lin")


# how it looks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant")])
def test_axe_finds_nothing(house: House, sign_in: Callable[..., Page], locale: str, language: str) -> None:
    for one in starters(Language(language)):
        house.write(canned.add, SHARED, one, by="Sian", actor="agent:Sian")
    keep(house, "VIP", "Only in English, {customer}", channel="email", then={"snooze_days": 3, "status": "in_progress"})
    seat = filed(house)
    house.write(speaks, seat.conversation, language)
    page = sign_in("sian", width=1280, height=844, locale=locale)
    talk(page, seat)

    def looked(what: str) -> None:
        for width, look in looks(page):
            shot(page, f"canned-{what}-{locale}-{look}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert violations(page) == [], look

    page.locator(".composer .canned").click()
    expect(page.locator(".picker .shown .text")).to_be_visible()
    page.keyboard.type("/call")
    expect(page.locator(".picker mark")).to_be_visible()
    looked("picker")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-gaps button")).to_be_visible()
    looked("gap")
    page.locator("#reply").fill("")
    page.locator("#reply").press("/")
    page.keyboard.type("check")
    expect(page.locator(".picker .shown .then")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".armed")).to_be_visible()
    looked("armed")
    page.locator(".besides").click()
    looked("menu")
    page.locator('[role="menuitem"][data-name="resolved"]').click()
    page.locator(".gap:visible, dialog[open]").first.wait_for()
    if page.locator("dialog[open]").count() == 0:
        page.locator("#reply").fill("ok")
        page.locator(".besides").click()
        page.locator('[role="menuitem"][data-name="resolved"]').click()
    expect(page.locator("#result-outcome")).to_be_visible()
    page.locator("#result-outcome").select_option("partly_solved")
    page.locator("#result-basis").fill("3.2")
    page.locator("#result-next_steps").fill("C20261123-000421-4")
    page.locator("dialog .row.end button").nth(1).click()
    expect(page.locator("dialog .preview .text")).to_be_visible()
    looked("resolve")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.locator(".composer .canned").click()
    page.locator(".picker h2 + button").click()
    page.locator("#canned-which").select_option(index=1)
    expect(page.locator(".writing .sample:visible").first).to_be_visible()
    looked("writing")


def speaks(tx: Transaction, id: str, language: str) -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [], values={"language": language})
