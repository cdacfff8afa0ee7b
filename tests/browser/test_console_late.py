"""What comes late does no harm: whoever has gone on meanwhile neither sees nor changes what they have left."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from case_store.records import Role
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import Line, go, held, house, shared, sign_in, talk, until

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

FEE = "I complain: your branch charged me a fee of 300 CNY twice"
CARD = "I complain: you closed my card without a word"


def field(page: Page, label: str) -> Locator:
    return page.locator("qt-case .field", has=page.get_by_text(label, exact=True))


def corrected(page: Page, label: str, text: str) -> None:
    """Without waiting for what the gateway answers."""
    field(page, label).get_by_role("button").click()
    field(page, label).get_by_role("textbox").fill(text)
    field(page, label).get_by_role("button", name="Save").click()


def happened(page: Page) -> Locator:
    return field(page, "What happened")


# the case beside a conversation -----------------------------------------------------------------------------------


def test_a_correction_that_is_answered_late_does_not_bring_its_case_beside_another_conversation(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first, second = house.chat(FEE, locale="en"), house.chat(CARD, locale="en")
    page = sign_in()
    talk(page, first)
    expect(happened(page)).to_contain_text("a fee of 300")
    answered = page.expect_response(lambda response: response.request.method == "PATCH")
    with answered, held(page, f"**/api/v1/cases/{house.case_of(first)}") as waiting:
        corrected(page, "About", "A fee")
        until(page, lambda: waiting)
        talk(page, second)
        expect(happened(page)).to_contain_text("closed my card")
    page.wait_for_timeout(500)  # what it brings is drawn by then
    expect(happened(page)).to_contain_text("closed my card")
    corrected(page, "About", "A card")
    expect(field(page, "About")).to_contain_text("A card")
    talk(page, first)
    expect(field(page, "About")).to_contain_text("A fee")  # which was kept all the same


def test_while_another_case_comes_the_last_one_is_not_beside_it(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = house.chat(FEE, locale="en"), house.chat(CARD, locale="en")
    page = sign_in()
    talk(page, first)
    expect(happened(page)).to_contain_text("a fee of 300")
    with held(page, f"**/api/v1/conversations/{second.conversation}"):
        go(page, f"/console/conversations/{second.conversation}")
        expect(page.locator("qt-case")).to_contain_text("Loading")
        expect(page.locator("qt-case .field")).to_have_count(0)
    expect(happened(page)).to_contain_text("closed my card")


@pytest.mark.parametrize(("other", "beside"), [(CARD, "closed my card"), ("Good morning", "No case")])
def test_a_case_that_comes_after_it_was_left_is_beside_nothing(
    house: House, sign_in: Callable[..., Page], other: str, beside: str
) -> None:
    first, second = house.chat(FEE, locale="en"), house.chat(other, locale="en")
    page = sign_in()
    talk(page, first)
    expect(happened(page)).to_contain_text("a fee of 300")
    with held(page, f"**/api/v1/conversations/{second.conversation}"):
        with held(page, f"**/api/v1/cases/{house.case_of(first)}") as waiting:
            page.evaluate("document.querySelector('qt-case').live.dispatchEvent(new Event('reload'))")
            until(page, lambda: waiting)
            go(page, f"/console/conversations/{second.conversation}")
            expect(page.locator("qt-case")).to_contain_text("Loading")
        page.wait_for_timeout(500)  # what it brings is drawn by then
        expect(page.locator("qt-case")).to_contain_text("Loading")
    expect(page.locator("qt-case")).to_contain_text(beside)
    expect(page.locator("qt-case")).not_to_contain_text("a fee of 300")


def test_what_was_asked_before_a_change_does_not_take_it_back(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(FEE, locale="en")
    page = sign_in()
    talk(page, seat)
    expect(happened(page)).to_contain_text("a fee of 300")
    address = f"**/api/v1/cases/{house.case_of(seat)}"
    asked_before: list[Route] = []
    answers = []

    def asked(route: Route) -> None:
        if route.request.method == "GET" and not asked_before:
            asked_before.append(route)  # at once: while it is fetched the next may come
            answers.append((route, route.fetch()))
        else:
            route.continue_()

    page.route(address, asked)
    page.evaluate("document.querySelector('qt-case').live.dispatchEvent(new Event('reload'))")
    until(page, lambda: answers)
    corrected(page, "About", "A fee")
    expect(field(page, "About")).to_contain_text("A fee")
    page.wait_for_timeout(1_000)  # the hints of this change have been followed
    [(route, before)] = answers
    route.fulfill(response=before)
    page.wait_for_timeout(500)
    expect(field(page, "About")).to_contain_text("A fee")


def test_what_is_written_of_a_case_goes_to_that_case_though_another_stands_there_by_then(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first, second = house.chat(FEE, locale="en"), house.chat(CARD, locale="en")
    page = sign_in()
    line = Line(page, f"**/api/v1/conversations/{first.conversation}")
    talk(page, first)
    page.locator("qt-case .papers [data-act=withdraw]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    line.cut()  # whatever comes of the conversation brings its own case back
    # as a conversation whose customer tells of something else has another case from then on
    page.evaluate("id => document.querySelector('qt-case').show(id)", house.case_of(second))
    expect(happened(page)).to_contain_text("closed my card")
    with page.expect_request("**/withdrawal") as sent:
        dialog.locator("form").evaluate(
            "form => { form.querySelectorAll('[required]').forEach(one => one.value ||= '1'); form.requestSubmit() }"
        )
    assert house.case_of(first) in sent.value.url


def test_who_writes_elsewhere_when_a_correction_is_answered_goes_on_there(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(FEE, locale="en")
    page = sign_in()
    shown = talk(page, seat)
    with held(page, f"**/api/v1/cases/{house.case_of(seat)}") as waiting:
        corrected(page, "About", "A fee")
        until(page, lambda: waiting)
        shown.locator("textarea").press_sequentially("Good ")
    expect(field(page, "About").get_by_role("textbox")).to_have_count(0)
    page.wait_for_timeout(500)
    page.keyboard.type("morning")
    expect(shown.locator("textarea")).to_have_value("Good morning")


# the conversation -------------------------------------------------------------------------------------------------


def anothers(house: House, username: str, text: str, sign_in: Callable[..., Page]) -> Seat:
    """A conversation that another agent takes by their own console."""
    seat = house.chat(text, locale="en")
    page = sign_in(username)
    talk(page, seat).get_by_role("button", name="Take over").click()
    expect(page.locator("qt-conversation .owner")).to_have_text("You answer")
    page.close()
    return seat


def test_a_take_over_that_is_refused_late_takes_nothing_else(house: House, sign_in: Callable[..., Page]) -> None:
    first = house.chat(FEE, locale="en")
    second = anothers(house, "lin.yue", CARD, sign_in)
    page = sign_in("megan")
    shown = talk(page, first)
    with held(page, "**/take-over") as waiting:
        shown.get_by_role("button", name="Take over").click()
        until(page, lambda: waiting)
        other = sign_in("lin.yue")
        talk(other, first).get_by_role("button", name="Take over").click()
        expect(other.locator("qt-conversation .owner")).to_have_text("You answer")
        talk(page, second)
        page.bring_to_front()
    expect(page.locator(".toast")).to_contain_text("林悦")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert house.owner(first) == house.owner(second) == ("agent", "lin.yue")


def test_a_note_that_is_begun_while_a_take_over_is_answered_stays_a_note(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(FEE, locale="en")
    page = sign_in("megan")
    shown = talk(page, seat)
    with held(page, "**/take-over") as waiting:
        shown.get_by_role("button", name="Take over").click()
        until(page, lambda: waiting)
        shown.get_by_role("button", name="Private note").click()
        shown.locator("textarea").press_sequentially("She shouts, ")
    expect(shown.locator(".owner")).to_have_text("You answer")
    page.keyboard.type("be patient")
    expect(shown.locator("textarea")).to_have_value("She shouts, be patient")
    shown.get_by_role("button", name="Reply", exact=True).click()
    expect(shown.locator("textarea")).to_have_value("")


def test_an_answer_that_is_refused_when_its_conversation_was_left_is_told(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first, second = house.chat(FEE, locale="en"), house.chat(CARD, locale="en")
    page = sign_in("megan")
    shown = talk(page, first)
    with held(page, "**/messages") as waiting:
        shown.locator("textarea").fill("The fee is in the price list.")
        shown.get_by_role("button", name="Send").click()
        until(page, lambda: waiting)
        house.says(first, "Forget the fee, my card was stolen!")
        talk(page, second)
    expect(page.locator(".toast")).to_contain_text("Not sent")
    talk(page, first)
    expect(shown.locator("textarea")).to_have_value("The fee is in the price list.")
    assert "agent" not in [sender for sender, _ in house.told(first)]


def test_canned_replies_that_come_late_are_not_shown_over_another_conversation(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first, second = house.chat(FEE, locale="en"), house.chat(CARD, locale="en")
    page = sign_in("megan")
    shown = talk(page, first)
    with held(page, "**/api/v1/canned?*") as waiting:
        shown.locator("textarea").press("Control+/")
        until(page, lambda: waiting)
        talk(page, second)
    page.wait_for_timeout(500)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_answer_does_not_leave_before_the_file_that_was_put_to_it_is_listed(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat(FEE, locale="en")
    page = sign_in("megan", apart=True)  # which has not fetched what uploads
    shown = talk(page, seat)
    with held(page, "**/upload.js*") as waiting:
        shown.locator("textarea").fill("As attached.")
        shown.locator("input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
        until(page, lambda: waiting)
        shown.get_by_role("button", name="Send").click()
        expect(shown.locator(".said[role=alert]")).not_to_be_empty()
        assert "agent" not in [sender for sender, _ in house.told(seat)]


# the places -------------------------------------------------------------------------------------------------------


def test_a_place_that_fails_late_does_not_take_the_place_of_another(house: House, sign_in: Callable[..., Page]) -> None:
    page = sign_in("megan", apart=True)
    waiting: list[Route] = []

    def wait(route: Route) -> None:
        waiting.append(route)

    page.route("**/tasks.js*", wait)
    page.get_by_role("link", name="Tasks").click()
    until(page, lambda: waiting)
    page.get_by_role("link", name="Conversations").click()
    expect(page.locator("qt-queue")).to_be_visible()
    for route in waiting:
        route.abort()
    page.wait_for_timeout(300)
    expect(page.locator("qt-queue")).to_be_visible()


def test_a_field_of_the_policy_is_written_in_while_the_one_before_is_still_being_set(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.agent("petra", "Petra Chief", Role.ADMIN)
    page = sign_in("petra", path="/settings/policy")
    page.locator('details[data-group="hours"] summary').click()
    monday, tuesday = page.get_by_label("Monday"), page.get_by_label("Tuesday")
    with held(page, "**/policy/set") as waiting:
        monday.fill("10:00-12:00")
        page.keyboard.press("Tab")
        until(page, lambda: waiting)
        tuesday.fill("11:00-")
    expect(page.get_by_label("The policy as a text")).to_have_value(re.compile("10:00-12:00"))
    page.keyboard.type("13:00")
    expect(tuesday).to_have_value("11:00-13:00")
    expect(page.locator('details[data-group="hours"] summary')).to_contain_text("10:00-12:00")
    page.keyboard.press("Tab")
    expect(page.get_by_label("The policy as a text")).to_have_value(re.compile("11:00-13:00"))


def test_a_correction_that_fails_when_its_case_was_left_is_told(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = house.chat(FEE, locale="en"), house.chat(CARD, locale="en")
    page = sign_in()
    talk(page, first)
    expect(happened(page)).to_contain_text("a fee of 300")
    corrections: list[Route] = []

    def wait(route: Route) -> None:
        corrections.append(route) if route.request.method == "PATCH" else route.continue_()

    page.route(f"**/api/v1/cases/{house.case_of(first)}", wait)
    corrected(page, "About", "A fee")
    until(page, lambda: corrections)
    talk(page, second)
    expect(happened(page)).to_contain_text("closed my card")
    corrections[0].abort()
    expect(page.locator(".toast")).to_be_visible()
    expect(happened(page)).to_contain_text("closed my card")


def test_who_has_corrected_a_fact_stands_at_it_when_its_evidence_comes(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first = house.chat(FEE, locale="en")
    page = sign_in()
    talk(page, first)
    expect(happened(page)).to_contain_text("a fee of 300")
    with held(page, f"**/api/v1/cases/{house.case_of(first)}/evidence"):
        corrected(page, "About", "A fee")
        expect(field(page, "About").locator(".value")).to_contain_text("A fee")
        expect(field(page, "About").locator(".edit")).to_be_focused()
    expect(field(page, "About").locator(".corrected")).to_be_visible()
    expect(field(page, "About").locator(".edit")).to_be_focused()
