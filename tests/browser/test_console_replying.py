"""An answer that is being written, in a real browser: on every page of its agent, never sent twice, shown beforehand as it will be read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Response, Route, expect

from case_store import contacts, conversations
from case_store.contacts import Contact
from case_store.store import Transaction
from case_store.tables_conversations import conversations as conversation_rows
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import enter, house, row, shared, shot, sign_in, talk, violations
from tests.gateway.files.enclosing import until
from tests.pictures import picture

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

COMPLAINT = "I complain: your branch charged me a fee of 300 CNY twice"
PROOF = {"name": "退款證明.png", "mimeType": "image/png", "buffer": picture("PNG")}
DRAFTS = "**/api/v1/conversations/*/drafts/*"


def saved(text: str, kind: str = "reply") -> Callable[[Response], bool]:
    """Whether a response tells that this text is saved, and not one that was there before."""

    def is_it(response: Response) -> bool:
        request = response.request
        if request.method != "PUT" or not request.url.endswith(f"/drafts/{kind}") or not response.ok:
            return False
        return bool(json.loads(request.post_data or "{}").get("text") == text)

    return is_it


def writes(page: Page, text: str, kind: str = "reply") -> None:
    """Types, and waits until the gateway has it."""
    with page.expect_response(saved(text, kind)):
        page.locator("#reply").fill(text)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def agents_words(house: House, seat: Seat) -> list[str]:
    return [text for sender, text in house.told(seat) if sender == "agent"]


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "zh-TW")])
def test_a_draft_is_there_on_another_machine_and_gone_everywhere_once_it_is_sent(
    house: House, sign_in: Callable[..., Page], width: int, locale: str
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    here = sign_in()
    talk(here, seat)
    with here.expect_response(saved("")):
        here.locator('.composer input[type="file"]').set_input_files([PROOF])
    writes(here, "Dear customer,\n\nwe have found")
    here.get_by_role("button", name="Private note").click()
    writes(here, "he was here twice", "note")
    there = sign_in(width=width, locale=locale)
    there.locator("#tab-all").click()
    expect(row(there, seat).locator(".tag.draft")).to_be_visible()
    shot(there, f"draft-list-{width}")
    assert violations(there) == []
    talk(there, seat)
    expect(there.locator("#reply")).to_have_value("Dear customer,\n\nwe have found")
    expect(there.locator(".composer .enclosed li")).to_contain_text("退款證明.png")
    shot(there, f"draft-there-{width}")
    there.locator(".modes button[data-mode=note]").click()
    expect(there.locator("#reply")).to_have_value("he was here twice")
    there.locator(".modes button[data-mode=reply]").click()
    writes(there, "Dear customer, we have found it.")
    there.locator(".composer button[type=submit]").click()
    expect(there.locator(".message.agent")).to_contain_text("we have found it.")
    expect(there.locator(".message.agent .file .name")).to_have_text("退款證明.png")
    here.get_by_role("button", name="Reply", exact=True).click()
    expect(here.locator("#reply")).to_have_value("")
    expect(here.locator(".composer .enclosed li")).to_have_count(0)


def test_two_pages_that_both_went_on_are_told_and_may_take_either(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    one = sign_in()
    talk(one, seat)
    writes(one, "begun")
    two = sign_in()
    talk(two, seat)
    expect(two.locator("#reply")).to_have_value("begun")
    one.route(DRAFTS, lambda route: route.abort())  # the first page has lost its connection, and goes on writing
    with one.expect_event("requestfailed"):
        one.locator("#reply").fill("begun here")
    writes(two, "begun there")
    one.unroute(DRAFTS)
    said = one.locator(".composer .elsewhere")
    expect(said).to_contain_text("“begun there”")
    expect(one.locator("#reply")).to_have_value("begun here")
    shot(one, "draft-elsewhere")
    assert violations(one) == []
    one.get_by_role("button", name="Take that one").click()
    expect(one.locator("#reply")).to_have_value("begun there")
    expect(said).to_be_hidden()
    # and the other way round
    one.route(DRAFTS, lambda route: route.abort())
    with one.expect_event("requestfailed"):
        one.locator("#reply").fill("mine")
    writes(two, "theirs")
    one.unroute(DRAFTS)
    expect(said).to_contain_text("“theirs”")
    with one.expect_response(saved("mine")):
        one.get_by_role("button", name="Keep this one").click()
    expect(two.locator("#reply")).to_have_value("mine")


def test_what_was_sent_on_another_page_is_told_to_the_page_that_went_on_writing(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    one = sign_in()
    talk(one, seat)
    writes(one, "Dear customer")
    two = sign_in()
    talk(two, seat)
    expect(two.locator("#reply")).to_have_value("Dear customer")
    one.route(DRAFTS, lambda route: route.abort())
    with one.expect_event("requestfailed"):
        one.locator("#reply").fill("Dear customer, and more")
    send(two)
    expect(two.locator(".message.agent")).to_have_count(1)
    expect(one.locator(".composer .elsewhere")).to_contain_text("sent or deleted")
    one.get_by_role("button", name="Delete it here too").click()
    expect(one.locator("#reply")).to_have_value("")
    assert agents_words(house, seat) == ["Dear customer"]


def test_without_the_gateway_the_tabs_copy_stays_and_is_saved_when_it_is_back(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in()
    talk(page, seat)
    page.route(DRAFTS, lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.locator("#reply").fill("written in a tunnel")
    page.unroute(DRAFTS)
    page.reload()
    expect(page.locator("#reply")).to_have_value("written in a tunnel")
    there = sign_in()
    talk(there, seat)
    expect(there.locator("#reply")).to_have_value("written in a tunnel")


def test_what_was_just_written_is_saved_at_signing_out_and_found_by_nobody_else(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in("megan")
    talk(page, seat)
    page.locator("#reply").fill("only just begun")
    page.get_by_role("button", name="Sign out").click()
    enter(page, "lin.yue")
    talk(page, seat)
    expect(page.locator("#reply")).to_have_value("")
    assert "only just begun" not in page.evaluate("() => JSON.stringify(sessionStorage)")
    page.get_by_role("button", name="Sign out").click()
    enter(page, "megan")
    talk(page, seat)
    expect(page.locator("#reply")).to_have_value("only just begun")


@pytest.mark.parametrize("note", [False, True])
def test_an_answer_whose_receipt_was_lost_is_said_once_though_the_page_is_opened_anew(
    house: House, sign_in: Callable[..., Page], note: bool
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in()
    talk(page, seat)
    if note:
        page.get_by_role("button", name="Private note").click()
    writes(page, "Plain words.", "note" if note else "reply")

    def takes_and_drops(route: Route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        route.fetch()  # the gateway has it
        return route.abort()

    place = "**/api/v1/conversations/*/notes" if note else "**/api/v1/conversations/*/messages"
    page.route(place, takes_and_drops)
    button = page.get_by_role("button", name="Add note" if note else "Send", exact=True)
    with page.expect_event("requestfailed"):
        button.click()
    page.unroute(place)
    page.reload()
    if note:
        page.get_by_role("button", name="Private note").click()
    expect(page.locator("#reply")).to_have_value("Plain words.")
    expect(page.locator(".composer .said")).to_contain_text("it will not arrive twice")
    shot(page, f"unsure-{'note' if note else 'reply'}")
    button.click()
    expect(page.locator("#reply")).to_have_value("")
    expect(page.locator(".message.private" if note else ".message.agent")).to_have_count(1)
    assert agents_words(house, seat) == ([] if note else ["Plain words."])
    expect(page.locator(".composer .elsewhere")).to_be_hidden()


def test_what_is_shown_beforehand_is_what_the_customer_reads(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in(width=1280)
    talk(page, seat)
    page.locator('.composer input[type="file"]').set_input_files([PROOF])
    expect(page.locator(".composer .enclosed li.done")).to_be_visible()
    page.locator("#reply").fill("Dear customer, we have found it.")
    page.get_by_role("button", name="Preview", exact=False).click()
    shown = page.locator("dialog.preview-reply .preview .text")
    expect(shown).to_have_count(2)
    expect(page.locator("dialog.preview-reply .files")).to_contain_text("退款證明.png")
    before = shown.all_inner_texts()
    shot(page, "preview")
    assert violations(page) == []
    page.keyboard.press("Escape")
    known = len(house.told(seat))
    send(page)
    expect(page.locator(".message.agent")).to_have_count(1)
    assert [text for _, text in house.told(seat)[known:]] == before


MEANS: dict[str, Any] = {
    "sent": (None, "The customer’s screen has not shown it yet."),
    "delivered": (conversations.seen, "Nothing tells whether anybody was looking."),
    "read": (conversations.read, "the page was in the foreground."),
}


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "zh-CN")])
def test_each_message_tells_how_far_it_has_come_and_what_that_means(
    house: House, sign_in: Callable[..., Page], width: int, locale: str
) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    page = sign_in(width=width, locale=locale)
    talk(page, seat)
    page.locator("#reply").fill("Dear customer")
    page.locator(".composer button[type=submit]").click()
    state = page.locator(".message.agent .delivery")
    expect(state).to_have_count(1)  # stored, so that what happens below happens to it
    for name, (happens, means) in MEANS.items():
        if happens:
            house.write(happens, seat.conversation, len(house.told(seat)))
        if locale == "en-GB":
            expect(state).to_have_attribute("title", re.compile(re.escape(means)))
            expect(state).to_contain_text(name)
            described = page.locator(f"#{state.get_attribute('aria-describedby')}")
            assert described.text_content() == state.get_attribute("title")
    expect(state.locator("time")).to_be_visible()
    shot(page, f"states-{width}")
    assert violations(page) == []


def test_a_copy_is_chosen_among_the_contacts_of_the_case_and_stands_where_everybody_sees_it(
    house: House, sign_in: Callable[..., Page]
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "ann@customer.example", "Fee", "<copies@customer.example>"
    mail.set_content(COMPLAINT + " on 2 November 2026. Refund it. My name is Ann Lee.")
    house.mail(mail)

    def of_mail(tx: Transaction) -> tuple[str, str] | None:
        c = conversation_rows.c
        found = tx.execute(sa.select(c.id, c.case_id).where(c.channel == "email", c.case_id.is_not(None))).first()
        return None if found is None else (found.id, found.case_id)

    house.do(until(house, of_mail))
    conversation, case = house.do(house.gateway.store.read(of_mail))  # type: ignore[misc]
    house.write(contacts.add_contact, case, Contact("ben@customer.example", "email", proof="agent"))
    page = sign_in(width=1280)
    page.goto(f"{house.url}/conversations/{conversation}")
    page.locator("#reply").fill("Dear Ann")
    page.get_by_role("button", name="Add a copy").click()
    page.get_by_role("menuitem", name="ben@customer.example").click()
    expect(page.locator(".copies .readers li")).to_contain_text("Copy to ben@customer.example")
    page.get_by_role("button", name="Preview", exact=False).click()
    expect(page.locator("dialog .letterhead")).to_contain_text("ben@customer.example")
    shot(page, "copies-preview")
    page.keyboard.press("Escape")
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "copies-390")
    writes(page, "Dear Ann, we have found it.")
    page.reload()
    expect(page.locator(".copies .readers li")).to_have_count(1)
    send(page)
    expect(page.locator(".message.agent .cc")).to_have_text("Copy to ben@customer.example")
    expect(page.locator(".copies .readers li")).to_have_count(0)
    shot(page, "copies-sent")
