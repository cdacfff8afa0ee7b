"""Two agents and one customer: who is there is seen, and nothing is sent past what came while it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from case_store import conversations, ownership
from case_store.conversations import NewMessage
from case_store.records import Owner, Sender
from case_store.store import Transaction
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import held, house, looks, row, shared, shot, sign_in, talk, until, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

MEGAN, LIN = "Megan Howe", "林悦"


def _say(tx: Transaction, id: str, sender: Sender, text: str, name: str | None) -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(sender, text, name=name)])


def say(house: House, seat: Seat, text: str, sender: Sender = Sender.CUSTOMER, name: str | None = None) -> None:
    house.write(_say, seat.conversation, sender, text, name)


def _own(tx: Transaction, id: str, username: str) -> None:
    from case_store import people

    agent = people.find_agent(tx, username)
    ownership.take_over(tx, id, agent_id=agent.id, agent_name=agent.name, from_another=True)


def owned(house: House, username: str = "megan", text: str = "You charged me twice") -> Seat:
    seat = house.chat(text, locale="en")
    house.write(_own, seat.conversation, username)
    return seat


def field(shown: Locator) -> Locator:
    return shown.locator("textarea")


def said(house: House, seat: Seat) -> list[str]:
    return [text for sender, text in house.told(seat) if sender == "agent"]


# who is there ---------------------------------------------------------------------------------------------------


def test_two_agents_in_one_conversation_see_each_other_and_what_the_other_writes(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = owned(house)
    megan, lin = sign_in("megan"), sign_in("lin.yue")
    hers = talk(megan, seat)
    his = talk(lin, seat)
    expect(hers.locator(".present")).to_have_text(f"{LIN} is reading")
    expect(his.locator(".present")).to_have_text(f"{MEGAN} is reading")  # the newcomer learns it at once
    lin.keyboard.press("m")
    field(his).press_sequentially("He is right")
    expect(hers.locator(".present")).to_have_text(f"{LIN} is writing a note")
    assert "right" not in megan.content()
    expect(hers.locator(".beside")).to_be_hidden()  # a note is in nobody's way
    his.get_by_role("button", name="Reply", exact=True).click()
    field(his).press_sequentially("Dear")
    expect(hers.locator(".present")).to_have_text(f"{LIN} is writing an answer")
    expect(hers.locator(".composer .beside")).to_have_text(f"{LIN} is writing an answer")
    assert violations(megan) == []
    field(his).fill("")
    expect(hers.locator(".present")).to_have_text(f"{LIN} is reading")
    lin.goto(house.url)
    expect(hers.locator(".present")).to_be_empty()


def test_the_lists_show_who_reads_what(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Where is my card", locale="en")
    house.waits(seat)
    megan, lin = sign_in("megan"), sign_in("lin.yue")
    expect(row(lin, seat)).to_be_visible()
    talk(megan, seat)
    expect(row(lin, seat).locator(".there")).to_have_text(f"{MEGAN} is reading")
    expect(row(megan, seat).locator(".there")).to_have_count(0)
    megan.reload()
    expect(row(lin, seat).locator(".there")).to_have_text(f"{MEGAN} is reading")
    lin.reload()
    expect(row(lin, seat).locator(".there")).to_have_text(f"{MEGAN} is reading")
    megan.close()
    expect(row(lin, seat).locator(".there")).to_have_count(0)


def test_who_has_a_page_that_nobody_sees_is_not_reading_whatever_comes_into_its_lists(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = owned(house)
    megan, lin = sign_in("megan"), sign_in("lin.yue", apart=True)
    hers = talk(megan, seat)
    lin.clock.install()
    talk(lin, seat)
    expect(hers.locator(".present")).to_have_text(f"{LIN} is reading")
    lin.evaluate(KEEPS_WHAT_IS_SAID)
    lin.evaluate(SEEN, False)
    lin.clock.run_for(61_000)
    expect(hers.locator(".present")).to_be_empty()
    lin.evaluate("said.length = 0")  # what was still told while the page was seen
    comes = house.chat("Where is my card", locale="en")
    house.waits(comes)
    until(lin, lambda: any(comes.conversation in shown["conversations"] for shown in showings(lin)))
    assert [shown["open"] for shown in showings(lin)] == [None] * len(showings(lin))
    expect(hers.locator(".present")).to_be_empty()
    lin.evaluate(SEEN, True)
    expect(hers.locator(".present")).to_have_text(f"{LIN} is reading")


SEEN = "seen => { Object.defineProperty(document, 'hidden', { value: !seen, configurable: true }); document.dispatchEvent(new Event('visibilitychange')) }"
KEEPS_WHAT_IS_SAID = "() => { const send = WebSocket.prototype.send; window.said = []; WebSocket.prototype.send = function (text) { said.push(text); send.call(this, text) } }"


def showings(page: Page) -> list[dict[str, Any]]:
    """What the page has told the gateway that it shows, since it keeps it."""
    return [said for said in map(json.loads, page.evaluate("said")) if said["type"] == "showing"]


# lists that are not told of everything --------------------------------------------------------------------------


def test_what_is_not_shown_costs_a_page_nothing_and_lists_become_right(
    house: House, sign_in: Callable[..., Page]
) -> None:
    bots = house.chat("You charged my card twice and I am angry", locale="en")
    page = sign_in("megan")
    expect(page.locator("#tab-queue .count")).not_to_have_text("·")
    until(page, lambda: page.evaluate("document.querySelector('qt-queue').board.live.connected"))
    page.evaluate("() => fetch(location.href)")  # what it shows was said, and is heard before this
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    house.says(bots, "It was last Tuesday, in Leeds")
    waits = house.chat("I want a person, you closed my account", locale="en")
    house.waits(waits)
    expect(row(page, waits)).to_be_visible()
    assert not [url for url in fetched if url.endswith(f"/conversations/{bots.conversation}")]
    page.locator("#tab-all").click()
    expect(row(page, bots)).to_contain_text("It was last Tuesday, in Leeds")
    expect(row(page, waits)).to_be_visible()
    # a row that is shown is told of, and so is one that leaves the list: no list is looked at again here
    with held(page, "**/api/v1/conversations?*"):
        house.says(bots, "It was 300 yuan each time")
        expect(row(page, bots)).to_contain_text("It was 300 yuan each time")
        page.locator("#tab-queue").click()
        house.write(_own, waits.conversation, "lin.yue")
        expect(row(page, waits)).to_have_count(0)


def test_a_conversation_that_begins_appears_in_a_list_that_did_not_show_it(
    house: House, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("megan")
    page.locator("#tab-bot").click()
    seat = house.chat("A brand new complaint: your branch charged me a fee twice", locale="en")
    expect(row(page, seat)).to_be_visible()


# what came meanwhile --------------------------------------------------------------------------------------------


def test_what_came_while_an_answer_was_written_is_told_and_asked_of_once(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = owned(house)
    page = sign_in("megan")
    shown = talk(page, seat)
    moved = shown.locator(".moved")
    expect(moved).to_be_hidden()
    field(shown).fill("We have sent you the form.")
    say(house, seat, "I found the form, thank you")
    expect(moved).to_contain_text("after you began this answer")
    expect(moved).to_have_attribute("role", "status")
    assert violations(page) == []
    shown.get_by_role("button", name="Send").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Send your answer all the same?")
    dialog.get_by_role("button", name="Read first").click()
    expect(moved).to_be_hidden()
    expect(field(shown)).to_have_value("We have sent you the form.")
    assert said(house, seat) == []
    shown.get_by_role("button", name="Send").click()
    expect(field(shown)).to_have_value("")
    assert said(house, seat) == ["We have sent you the form."]


def test_who_says_so_sends_all_the_same(house: House, sign_in: Callable[..., Page]) -> None:
    seat = owned(house)
    page = sign_in("megan")
    shown = talk(page, seat)
    field(shown).fill("We are on it.")
    say(house, seat, "Hello?")
    say(house, seat, "Anybody there?")
    expect(shown.locator(".moved")).to_contain_text("2 messages have come")
    shown.get_by_role("button", name="Send").click()
    page.get_by_role("dialog").get_by_role("button", name="Send anyway").click()
    expect(field(shown)).to_have_value("")
    assert said(house, seat) == ["We are on it."]
    expect(shown.locator(".moved")).to_be_hidden()


def test_a_colleagues_answer_and_another_owner_are_told_and_ones_own_words_are_not(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = owned(house)
    page = sign_in("megan")
    shown = talk(page, seat)
    field(shown).fill("One moment please")
    say(house, seat, "From my other window", Sender.AGENT, MEGAN)
    expect(shown.locator(".messages")).to_contain_text("From my other window")
    expect(shown.locator(".moved")).to_be_hidden()
    say(house, seat, "I have refunded it.", Sender.AGENT, LIN)
    expect(shown.locator(".moved")).to_contain_text(f"{LIN} wrote at")
    shown.get_by_role("button", name="Show it").click()
    expect(shown.locator(".moved")).to_be_hidden()
    house.write(_own, seat.conversation, "lin.yue")
    expect(shown.locator(".moved")).to_contain_text(f"{LIN} answers this conversation now.")
    shown.get_by_role("button", name="Seen").click()
    expect(shown.locator(".moved")).to_be_hidden()


def test_a_draft_that_was_left_knows_what_has_come_since(house: House, sign_in: Callable[..., Page]) -> None:
    seat, other = owned(house), owned(house)
    page = sign_in("megan")
    shown = talk(page, seat)
    field(shown).fill("Half an answer")
    talk(page, other)
    expect(field(shown)).to_have_value("")
    say(house, seat, "Forget it, I found it")
    talk(page, seat)
    expect(shown.locator(".moved")).to_contain_text("after you began this answer")
    page.reload()
    expect(shown.locator(".moved")).to_contain_text("after you began this answer")
    field(shown).fill("")
    expect(shown.locator(".moved")).to_be_hidden()


def test_what_was_never_on_the_screen_is_not_answered_blindly(house: House, sign_in: Callable[..., Page]) -> None:
    seat = owned(house)
    for n in range(20):
        say(house, seat, f"Line {n} " + "of a long story. " * 12)
    page = sign_in("megan", height=700)
    shown = talk(page, seat)
    sent: list[Any] = []

    def heard(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}"))
        route.continue_()

    page.route("**/messages", heard)
    scroll = shown.locator(".scroll")
    expect(shown.locator(".message").last).to_be_in_viewport()
    scroll.evaluate("node => { node.scrollTop = 0 }")
    last = len(house.told(seat))
    say(house, seat, "The most important line")
    expect(shown.locator(".newer")).to_be_visible()
    field(shown).fill("Thank you")  # begun after it came, but far above it
    expect(shown.locator(".moved")).to_be_hidden()
    shown.get_by_role("button", name="Send").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("have not been on your screen")
    assert sent == []
    dialog.get_by_role("button", name="Read first").click()
    expect(shown.locator(".message").last).to_be_in_viewport()
    shown.get_by_role("button", name="Send").click()
    expect(field(shown)).to_have_value("")
    assert [int(body["after"]) for body in sent] == [last + 1]


def test_words_that_this_page_has_not_even_heard_of_stop_an_answer_and_are_shown(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = owned(house)
    page = sign_in("megan")
    page.route_web_socket("**/api/v1/live", lambda socket: None)  # from the next connection on nothing is heard
    page.reload()
    shown = talk(page, seat)
    expect(shown.locator(".message").last).to_be_in_viewport()
    field(shown).fill("As you wished")
    say(house, seat, "No, do not do that!")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator("p.said")).to_contain_text("Not sent.")
    expect(shown.locator(".message").last).to_contain_text("No, do not do that!")
    expect(field(shown)).to_have_value("As you wished")
    assert said(house, seat) == []
    shown.get_by_role("button", name="Send").click()  # it was told, and is on the screen
    expect(field(shown)).to_have_value("")


@pytest.mark.parametrize(("language", "locale"), [("en", "en-GB"), ("zh-CN", "zh-CN"), ("zh-TW", "zh-TW")])
def test_it_can_be_seen_in_three_languages_at_two_widths(
    house: House, sign_in: Callable[..., Page], language: str, locale: str
) -> None:
    seat = owned(house, text="我上周在柜台被多收了手续费")
    lin = sign_in("lin.yue")
    page = sign_in("megan", width=1280, height=800, locale=locale)
    shown = talk(page, seat)
    field(shown).fill("……")
    his = talk(lin, seat)
    expect(his.locator(".present")).not_to_be_empty()  # it is connected: before that nothing tells that he writes
    field(his).press_sequentially("Dear customer")
    say(house, seat, "我找到收据了")
    expect(shown.locator(".beside")).to_contain_text(LIN)
    expect(shown.locator(".moved")).to_be_visible()
    for width, look in looks(page, height=800):
        shot(page, f"presence-{language}-{look}")
        assert violations(page) == [], look
        box = shown.locator(".composer").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.querySelector('#tab-mine').click()")
    expect(row(page, seat).locator(".there")).to_contain_text(LIN)
    shot(page, f"presence-list-{language}-1280")
    assert house.owner(seat) == (Owner.AGENT, "megan")
