"""Answers come in another order than they were asked for, and while somebody presses or writes: nothing newer is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.console_house import House
from tests.browser.console_pages import enter, held, house, row, shared, sign_in, talk, until

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

FEE = "I complain: your branch charged me a fee of 300 CNY twice"


def looks_again(page: Page) -> None:
    """As after a connection that was lost."""
    page.evaluate("document.querySelector('qt-queue').live.dispatchEvent(new Event('reload'))")


@contextmanager
def overtaken(page: Page, url: str) -> Iterator[None]:
    """What the page asks for first is answered as it is now, and last."""
    taken: list[Route] = []
    answers: list[APIResponse] = []

    def asked(route: Route) -> None:
        if taken or route.request.method != "GET":
            route.continue_()
            return
        taken.append(route)
        answers.append(route.fetch())

    page.route(url, asked)
    looks_again(page)
    until(page, lambda: answers)
    yield
    page.wait_for_timeout(1_000)  # the hints of what was done have been followed
    taken[0].fulfill(response=answers[0])
    page.wait_for_timeout(500)  # what it brings is drawn by then


def test_a_no_to_an_earlier_session_ends_no_later_one(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(FEE, locale="en")
    page = sign_in("megan")
    talk(page, seat)
    with held(page, "**/api/v1/mentions") as asked:
        looks_again(page)
        until(page, lambda: asked)
        page.get_by_role("button", name="Sign out").click()
        expect(page.locator("#username")).to_be_visible()
        late = asked.pop()
    enter(page, "megan")
    expect(page.locator(".bar")).to_be_visible()
    late.fulfill(status=401, json={"code": "unauthenticated", "detail": "Sign in."})
    page.wait_for_timeout(500)
    expect(page.locator("#username")).to_have_count(0)
    expect(page.locator(".bar")).to_be_visible()


def test_a_draft_that_was_saved_since_is_not_erased(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(FEE, locale="en")
    page = sign_in()
    shown = talk(page, seat)
    saved = page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok)
    with overtaken(page, f"**/api/v1/conversations/{seat.conversation}/drafts"), saved:
        shown.locator("textarea").fill("Dear customer")
    expect(shown.locator("textarea")).to_have_value("Dear customer")
    assert "Dear customer" in page.evaluate("JSON.stringify(sessionStorage)")


def test_a_note_that_was_added_since_stays(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(FEE, locale="en")
    page = sign_in()
    shown = talk(page, seat)
    mine = shown.locator(".message.private")
    shown.get_by_role("button", name="Private note").click()
    taken: list[Route] = []
    answers: list[APIResponse] = []

    def asked(route: Route) -> None:
        if route.request.method != "GET" or taken:
            route.continue_()
            return
        taken.append(route)
        answers.append(route.fetch())

    page.route("**/notes", asked)
    house.says(seat, "Hello?")  # a change, after which the notes are looked at again
    until(page, lambda: answers)
    shown.locator("textarea").fill("She was here yesterday")
    shown.get_by_role("button", name="Add note").click()
    expect(mine).to_contain_text("yesterday")
    page.wait_for_timeout(1_000)  # the hints of this change have been followed
    taken[0].fulfill(response=answers[0])
    page.wait_for_timeout(500)
    expect(mine).to_contain_text("yesterday")


def test_a_row_that_changes_while_it_is_pressed_opens_all_the_same(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(FEE, locale="en")
    page = sign_in()
    page.get_by_role("tab", name="All").click()
    said = row(page, seat).locator(".said")
    expect(said).to_contain_text("a fee of 300")
    said.hover()
    page.mouse.down()
    house.says(seat, "And nobody answers your hotline")
    known = "id => document.querySelector('qt-queue').board.known.get(id).last.text"
    until(page, lambda: "hotline" in page.evaluate(known, seat.conversation))
    expect(said).to_contain_text("a fee of 300")
    page.mouse.up()
    expect(page.locator("qt-conversation .messages")).to_contain_text("a fee of 300")
    expect(said).to_contain_text("hotline")  # and what has come is drawn when it is let go
