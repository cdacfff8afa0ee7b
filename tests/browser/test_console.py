"""The agent console as agents meet it, in a real browser before a real gateway in this process."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from case_store import conversations, tasks
from case_store.ids import new_id
from case_store.store import Transaction
from gateway.chat import Chat
from tests.browser.console_house import House, wait_for_person
from tests.browser.console_pages import (
    Line,
    enter,
    go,
    held,
    house,
    looks,
    opens_mailed,
    row,
    shared,
    shot,
    sign_in,
    talk,
    until,
    violations,
)

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


# signing in -----------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_in_one_sentence(house: House, visit: Any) -> None:
    page = visit(house.url)
    enter(page, "megan", "wrong horse battery")
    expect(page.get_by_role("alert")).to_have_text("The username or the password is wrong.")
    expect(page.locator(".bar")).to_have_count(0)


def test_who_tries_too_often_is_told_when_to_come_back(house: House, visit: Any) -> None:
    page = visit(house.url)
    for _ in range(11):
        enter(page, "nobody.of.that.name", "wrong horse battery")
        expect(page.locator("button[type=submit]")).to_be_enabled()
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"again from \d\d:\d\d"))


def test_the_role_is_shown_and_signing_out_leaves_nothing(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I want to complain about a fee", locale="en")
    page = sign_in("megan")
    expect(page.locator(".me")).to_have_text("Megan HoweAgent")
    talk(page, seat).locator("textarea").fill("half a sentence")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#username")).to_be_visible()
    assert page.evaluate("Object.entries(sessionStorage)") == []
    page.reload()
    expect(page.locator("#username")).to_be_visible()


def test_a_conversation_that_comes_as_its_agent_signs_out_leaves_nothing(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("I want to complain about a fee", locale="en")
    page, here = sign_in("megan"), f"**/api/v1/conversations/{seat.conversation}"
    shown = talk(page, seat)
    with page.expect_response(f"{here}/drafts/reply"):
        shown.locator("textarea").fill("half a sentence")
    go(page, "/console")
    with held(page, here) as coming, held(page, "**/api/v1/sign-out") as leaving:
        for _ in range(2):  # whoever moves quickly asks twice
            go(page, f"/console/conversations/{seat.conversation}")
        until(page, lambda: len(coming) > 1)
        house.says(seat, "Hello?")
        until(page, lambda: len(coming) > 2)  # for both, and by the board
        coming.pop(0).continue_()
        expect(shown.locator("textarea")).to_have_value("half a sentence")
        page.get_by_role("button", name="Sign out").click()
        until(page, lambda: leaving)
        while coming:
            coming.pop().continue_()
        page.wait_for_timeout(700)  # what would be asked for a conversation that is opened
    expect(page.locator("#username")).to_be_visible()
    assert page.evaluate("Object.entries(sessionStorage)") == []


def test_a_session_that_ends_loses_no_draft(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("ended", "Ed Ended")
    seat = house.chat("My card was charged twice", locale="en")
    page = sign_in("ended")
    shown = talk(page, seat)
    # what is still being fetched would find the session ended before the agent does
    expect(page.locator("qt-case .field").first).to_be_visible()
    shown.locator("textarea").fill("Dear customer, we have looked")
    house.end_sessions("ended")
    # the page hears of the end by itself, or as soon as it asks for something: whichever is first
    page.get_by_role("button", name="Send").or_(page.locator("#username")).click()
    expect(page.locator("qt-sign-in")).to_contain_text("Your session has ended")
    enter(page, "ended")
    expect(page.locator("qt-conversation textarea")).to_have_value("Dear customer, we have looked")
    assert ("agent", "Dear customer, we have looked") not in house.told(seat)


# conversations --------------------------------------------------------------------------------------------------


def test_a_conversation_that_waits_appears_by_itself(house: House, sign_in: Callable[..., Page]) -> None:
    page = sign_in()
    expect(page.locator("qt-case")).to_contain_text("The case of the conversation you choose stands here.")
    seat = house.chat("I want my money back, your branch charged me twice", locale="en")
    house.waits(seat)
    expect(row(page, seat)).to_contain_text("charged me twice")
    expect(row(page, seat)).to_contain_text("wants a person")


def test_danger_to_life_stands_on_top_in_the_title_and_over_every_place(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first = house.chat("Nobody answers the phone", locale="en")
    house.waits(first)
    page = sign_in()
    expect(row(page, first)).to_be_visible()
    page.get_by_role("link", name="Cases").click()
    seat = house.chat("你们逼得我今晚就从楼上跳下去，我不想活了")
    assert house.owner(seat) == ("queue", None)
    alarm = page.locator(f'.alarm[href$="{seat.conversation}"]')
    expect(alarm).to_contain_text("Danger to life")
    expect(page).to_have_title(re.compile("⚠ .*danger"))
    alarm.click()
    expect(page.locator("qt-queue .rows a").first).to_have_attribute(
        "href", f"/console/conversations/{seat.conversation}"
    )
    expect(page.locator("qt-conversation .owner")).to_contain_text("Waits for a person")
    page.keyboard.press("t")
    expect(page.locator("qt-conversation .owner")).to_have_text("You answer")
    expect(alarm).to_have_count(0)


def test_an_agent_takes_over_replies_and_hands_back(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Your app was down all day", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    shown.get_by_role("button", name="Take over").click()
    expect(shown.locator(".owner")).to_have_text("You answer")
    assert house.owner(seat) == ("agent", "megan")
    shown.locator("textarea").fill("Good morning,\nthis is Megan.")
    shown.locator("textarea").press("Control+Enter")
    expect(shown.locator(".message.agent")).to_contain_text("this is Megan.")
    expect(shown.locator("textarea")).to_have_value("")
    assert ("agent", "Good morning,\nthis is Megan.") in house.told(seat)
    shown.get_by_role("button", name="Hand back to the bot").click()
    expect(shown.locator(".owner")).to_have_text("The bot answers")
    assert house.owner(seat) == ("bot", None)


def test_a_reply_takes_an_unowned_conversation_over(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Please explain this fee", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    expect(shown.locator(".hint")).to_have_text("Sending takes the conversation over")
    shown.locator("textarea").fill("I will look into it.")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator(".owner")).to_have_text("You answer")
    assert house.owner(seat) == ("agent", "megan")


def test_a_reply_written_before_the_customers_last_words_is_not_sent(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("Please explain this fee", locale="en")
    page = sign_in()
    line = Line(page, "**/api/v1/conversations/*")
    shown = talk(page, seat)
    shown.get_by_role("button", name="Take over").click()
    expect(shown.locator(".owner")).to_have_text("You answer")

    def leave(route: Route) -> None:
        line.mend()
        route.continue_()

    page.route("**/messages", leave)
    line.cut()  # nothing new is heard of before the answer has left
    house.says(seat, "Forget the fee, my card was stolen!")
    shown.locator("textarea").fill("The fee is in the price list.")
    page.evaluate("document.querySelector('qt-conversation .composer').requestSubmit()")
    expect(shown.locator(".said[role=alert]")).to_contain_text("Not sent")
    expect(shown.locator(".messages")).to_contain_text("my card was stolen")
    expect(shown.locator("textarea")).to_have_value("The fee is in the price list.")
    assert ("agent", "The fee is in the price list.") not in house.told(seat)
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator(".message.agent")).to_contain_text("price list")


def test_words_that_could_not_be_fetched_at_once_are_fetched_later(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    house.waits(seat)  # the bot's answer would bring them
    page = sign_in()
    line = Line(page, f"**/api/v1/conversations/{seat.conversation}")
    shown = talk(page, seat)
    line.cut()
    with page.expect_event("requestfailed"):
        house.says(seat, "And another thing: nobody answers your hotline")
    line.mend()
    expect(shown.locator(".messages")).to_contain_text("nobody answers your hotline")


def test_a_reply_whose_answer_is_lost_is_said_once(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Please explain this fee", locale="en")
    page = sign_in()
    shown = talk(page, seat)

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/messages", lose)
    shown.locator("textarea").fill("Once only.")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator(".said[role=alert]")).to_contain_text("Your text is kept.")
    page.unroute("**/messages")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator("textarea")).to_have_value("")
    assert house.told(seat).count(("agent", "Once only.")) == 1


def test_two_agents_race_for_one_conversation_and_one_has_it(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Please explain this fee", locale="en")
    megan, lin = sign_in("megan"), sign_in("lin.yue")
    line = Line(lin, "**/api/v1/conversations/*")
    first, second = talk(megan, seat), talk(lin, seat)
    line.cut()  # she has not heard of it yet
    with lin.expect_event("requestfailed"):
        first.get_by_role("button", name="Take over").click()
    expect(first.locator(".owner")).to_have_text("You answer")
    line.mend()
    lin.keyboard.press("t")
    question = lin.get_by_role("dialog")
    expect(question).to_contain_text("Megan Howe is answering this conversation")
    question.get_by_role("button", name="Cancel").click()
    assert house.owner(seat) == ("agent", "megan")
    second.get_by_role("button", name="Take over from Megan Howe").click()
    lin.get_by_role("dialog").get_by_role("button", name="Take over from Megan Howe").click()
    expect(second.locator(".owner")).to_have_text("You answer")
    expect(first.locator(".owner")).to_have_text("林悦 answers")
    assert house.owner(seat) == ("agent", "lin.yue")


def test_drafts_are_kept_for_each_conversation(house: House, sign_in: Callable[..., Page]) -> None:
    one, other = house.chat("About a fee", locale="en"), house.chat("About a card", locale="en")
    page = sign_in()
    talk(page, one).locator("textarea").fill("to one")
    talk(page, other)
    expect(page.locator("qt-conversation textarea")).to_have_value("")
    page.locator("qt-conversation textarea").fill("to the other")
    page.reload()
    expect(page.locator("qt-conversation textarea")).to_have_value("to the other")
    talk(page, one)
    expect(page.locator("qt-conversation textarea")).to_have_value("to one")


def test_a_lost_connection_is_told_and_polling_goes_on(house: House, sign_in: Callable[..., Page], visit: Any) -> None:
    page = visit("about:blank", viewport={"width": 1440, "height": 900})
    page.route_web_socket("**/api/v1/live", lambda socket: socket.close())
    page.goto(house.url)
    page.clock.install()
    enter(page, "megan")
    expect(page.locator(".lost")).to_contain_text("Connection lost")
    seat = house.chat("Where is my refund?", locale="en")
    house.waits(seat)
    page.clock.run_for(11_000)
    expect(row(page, seat)).to_be_visible()


# looks and access -------------------------------------------------------------------------------------------------


def test_on_a_phone_one_pane_is_shown_at_a_time_and_nothing_overflows(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    house.waits(seat)
    page = sign_in(width=390, height=844)
    list_, shown, case = (page.locator(name) for name in ("qt-queue", "qt-conversation", "qt-case"))
    expect(shown).to_be_hidden()
    row(page, seat).click()
    expect(list_).to_be_hidden()
    expect(shown.locator("textarea")).to_be_in_viewport()
    shown.get_by_role("button", name="Case", exact=True).click()
    expect(case).to_be_visible()
    case.get_by_role("button", name="Close").click()
    shown.get_by_role("button", name="Back").click()
    expect(list_).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_on_a_phone_every_place_with_its_count_is_seen(house: House, sign_in: Callable[..., Page], locale: str) -> None:
    page = sign_in(width=390, height=844, path="/parked", locale=locale)
    page.evaluate("for (const one of document.querySelectorAll('.bar .count')) one.textContent = '128'")
    for link in page.locator(".bar nav a").all():
        box = link.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert link.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    shot(page, f"console-parked-{locale}-390")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_the_way_that_is_chosen_has_a_round_button_in_one_frame(
    house: House, sign_in: Callable[..., Page], locale: str
) -> None:
    page = sign_in(width=1280, height=844, path="/enter", locale=locale)
    radio = page.locator('.choice input[value="letter"]')
    expect(radio).to_be_focused()  # the place comes late
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(radio).to_be_focused()
    for _, look in looks(page):
        box = radio.bounding_box()
        assert box
        assert box["width"] == box["height"] < 24
        assert radio.evaluate("one => getComputedStyle(one).outlineStyle") == "none"
        shot(page, f"console-enter-{locale}-{look}")


def test_a_long_name_and_subject_leave_a_phone_room_for_what_was_said(
    house: House, sign_in: Callable[..., Page]
) -> None:
    key = new_id()[:8]
    name = f"{key} somebody who has many given names von und zu Hohenstein-Schillingsfürst the Younger of Somewhere"
    subject = "Re: Fwd: Re: A very long subject that goes on and on about the service at the branch in the station and the queue"
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = f'"{name}" <{key}@example.org>', subject, f"<{key}@example.org>"
    mail.set_content("You took 400 CNY from my account in Hull on 3 November. I want it back.")
    house.mail(mail)
    page = sign_in(width=390, height=844)
    page.locator("qt-queue .tabs button, qt-queue [role=tab]").last.click()
    opens_mailed(page.locator("qt-queue .rows a, qt-queue a", has_text=key).first)
    head = page.locator("qt-conversation .head")
    expect(head).to_contain_text(key)
    box = head.bounding_box()
    assert box
    assert box["height"] < 844 / 4
    expect(head.locator("h2")).to_have_attribute("title", name)
    shot(page, "console-long-390")


def test_axe_finds_nothing(house: House, sign_in: Callable[..., Page]) -> None:
    def found() -> list[str]:
        return [
            f"{look}: {one}"
            for _, look in looks(page, wide=1440, schemes=("light", "dark"))
            for one in violations(page)
        ]

    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    urgent = house.chat("你们逼得我今晚就从楼上跳下去，我不想活了")
    house.write(tasks.add, occasion=new_id(), kind="call_back", words="Call 13800138000")
    page = sign_in()
    expect(page.locator(f'.alarm[href$="{urgent.conversation}"]')).to_be_visible()
    assert found() == []
    talk(page, seat)
    expect(page.locator("qt-case .steps li").first).to_be_attached()
    assert found() == []
    page.keyboard.press("c")
    page.locator("qt-case .actions button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert found() == []
    page.keyboard.press("Escape")
    for place in ("cases", "tasks", "parked"):
        page.locator(f'nav a[data-place="{place}"]').click()
        expect(page.locator(f"qt-{place}")).to_be_visible()
        assert found() == []


@pytest.mark.parametrize(("locale", "waiting"), [("zh-CN", "等待中"), ("zh-HK", "等待中"), ("en-GB", "Waiting")])
def test_the_console_speaks_the_language_of_the_browser_until_told_otherwise(
    house: House, sign_in: Callable[..., Page], locale: str, waiting: str
) -> None:
    page = sign_in(locale=locale, apart=True)
    expect(page.locator("#tab-queue")).to_contain_text(waiting)
    page.locator(".bar select").select_option("zh-Hant")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.locator("#tab-bot")).to_contain_text("機器人")


def test_nothing_can_be_written_into_the_field_of_the_conversation_before(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first, second = (house.chat(text, locale="en") for text in ("About a fee", "About a card"))
    page = sign_in()
    expect(talk(page, first).locator("textarea")).to_be_visible()
    with held(page, f"**/api/v1/conversations/{second.conversation}") as asked:  # a slow line
        go(page, f"/console/conversations/{second.conversation}")
        expect(page.locator("qt-conversation")).to_contain_text("Loading")
        expect(page.locator("qt-conversation textarea")).to_have_count(0)
        page.keyboard.type("r")
        until(page, lambda: asked)
    page.locator("qt-conversation textarea").fill("Dear customer")
    draft = f"qt.draft.{second.conversation}"
    until(page, lambda: page.evaluate("key => sessionStorage.getItem(key)", draft) == "Dear customer")
    assert page.evaluate("key => sessionStorage.getItem(key)", f"qt.draft.{first.conversation}") is None


def test_keys_move_through_the_list_and_never_out_of_what_is_written(
    house: House, sign_in: Callable[..., Page]
) -> None:
    for text in ("About a fee", "About a card"):
        house.waits(house.chat(text, locale="en"))
    page = sign_in()
    expect(page.locator("qt-queue .rows a").nth(1)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("qt-queue .rows a").nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    expect(page.locator("qt-queue .rows a").nth(0)).to_have_attribute("aria-current", "true")
    expect(page.locator("qt-conversation textarea")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type("jump to it?")
    expect(page.locator("qt-conversation textarea")).to_have_value("jump to it?")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Take over")


def test_two_hundred_conversations_are_fetched_by_the_page_and_one_change_fetches_one(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seats = [house.do(Chat(house.gateway).begin(None, "en")) for _ in range(200)]
    for seat in seats:
        house.write(_opened, seat.conversation)
    page = sign_in()
    expect(page.locator("qt-queue .rows a").nth(199)).to_be_attached()
    expect(page.locator("#tab-queue .count")).not_to_have_text("·")  # all lists are there
    house.waits(seats[3], "abuse")
    expect(row(page, seats[3])).to_contain_text(
        "abusive words"
    )  # what it is told of since they were opened came before
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/api/v1")[2]))
    house.waits(seats[7], "abuse")
    expect(row(page, seats[7])).to_contain_text("abusive words")
    before, one = (f"/conversations/{seats[n].conversation}" for n in (3, 7))
    assert {path for path in asked if path.startswith("/conversations/")} - {before} == {one}
    assert asked.count(one) <= 2  # it is told that it has changed, and that it has changed hands
    # the two hundred have just been opened: the page may look once at the lists that it does not show, never at those it does
    pages = [path for path in asked if path.startswith("/conversations?")]
    assert len(pages) <= 2, pages
    assert not [path for path in pages if "owner=queue" in path or "agent=me" in path], pages


def _opened(tx: Transaction, id: str) -> None:
    opening = conversations.NewConversation(id, "webchat", "webchat", "en", customer=f"Customer {id[-4:]}")
    conversations.open_conversation(tx, opening)
    wait_for_person(tx, id, "asked", False)
