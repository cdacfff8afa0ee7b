"""Pages of agents who have signed in, for the tests of the console."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from channels.webchat.socket import Seat
from tests.browser.axe import WCAG, found_by_axe
from tests.browser.conftest import Visit
from tests.browser.console_house import PASSWORD, House
from tests.browser.desks import Desks

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("console"))
    yield opened
    opened.close()


@pytest.fixture
def house(shared: House) -> House:
    return shared


@pytest.fixture
def sign_in(house: House, visit: Visit, desks: Desks) -> Callable[..., Page]:
    """`sign_in("megan", width=390, locale="zh-TW", color_scheme="dark")`: a page of an agent who is signed in.

    How it is to type name and password is for test_console.py and test_console_sign_in.py.
    """
    return partial(signed_in, house, visit, desks)


def signed_in(
    house: House,
    visit: Visit,
    desks: Desks,
    username: str = "megan",
    *,
    width: int = 1440,
    height: int = 900,
    path: str = "",
    locale: str = "en-GB",
    color_scheme: Scheme = "light",
    apart: bool = False,
    **options: Any,
) -> Page:
    """A page of an agent who is signed in. `apart`: in a context that no other test gets, for what can't be taken back, as a clock that is moved.

    The language is asked for by this page alone: the context, with all that it has fetched and compiled, serves every language.
    """
    viewport = {"width": width, "height": height}
    if apart:
        page = visit("about:blank", viewport=viewport, locale=locale, **options)
    else:
        page = visit("about:blank", desks.take(**options), viewport=viewport)
        page.set_extra_http_headers({"Accept-Language": locale})
    page.emulate_media(color_scheme=color_scheme)
    with_session(page, house, username)
    page.goto(house.url + path)
    expect(page.locator(".bar")).to_be_visible()
    return page


def with_session(page: Page, house: House, username: str) -> None:
    """Signs in as the console's own page does, without the page."""
    origin = house.url.removesuffix("/console")
    answer = page.request.post(
        f"{origin}/api/v1/session", data={"username": username, "password": PASSWORD}, headers={"Origin": origin}
    )
    assert answer.ok, answer.text()


def enter(page: Page, username: str, password: str = PASSWORD) -> None:
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("button[type=submit]")


def talk(page: Page, seat: Seat) -> Locator:
    """The conversation, opened by its address in a page that is signed in already."""
    go(page, f"/console/conversations/{seat.conversation}")
    shown = page.locator("qt-conversation")
    expect(shown.locator(".message").first).to_be_visible()
    return shown


def go(page: Page, path: str) -> None:
    """As a link of the console goes there: without loading the page anew."""
    page.evaluate("path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }", path)


@contextmanager
def held(page: Page, url: str) -> Iterator[list[Route]]:
    """What the page asks for under an address waits: in this list, until it is let go of."""
    waiting: list[Route] = []
    let_go = False

    def asked(route: Route) -> None:
        if let_go:
            route.continue_()
        else:
            waiting.append(route)

    page.route(url, asked)
    yield waiting
    let_go = True
    for route in waiting:
        route.continue_()


class Line:
    """A page's way to an address. While it is cut, what the page asks for there comes to nothing.

    What was asked for before is answered first: an answer that is still on its way may tell of what happens after the cut.
    """

    def __init__(self, page: Page, url: str | re.Pattern[str]) -> None:
        self._page = page
        self._asked: set[Request] = set()
        self._is_cut = False
        page.on("requestfinished", self._is_over)
        page.on("requestfailed", self._is_over)
        page.route(url, self._ask)

    def _ask(self, route: Route) -> None:
        if self._is_cut:
            route.abort()
        else:
            self._asked.add(route.request)
            route.continue_()

    def _is_over(self, request: Request) -> None:
        self._asked.discard(request)

    def cut(self) -> None:
        self._is_cut = True
        until(self._page, lambda: not self._asked)

    def mend(self) -> None:
        self._is_cut = False


def until(page: Page, happened: Callable[[], object]) -> None:
    """Playwright's `wait_for_function` is of no use here: from its second look on it is what the pages' policy forbids (unsafe-eval)."""
    for _ in range(800):
        if happened():
            return
        page.wait_for_timeout(50)
    pytest.fail("it never happened")


def opens_mailed(link: Locator) -> None:
    """Opens the conversation of a mail by its row, once its case is filed: until then the row changes at every step."""
    expect(link.locator(".tag.reference")).to_be_visible()
    link.click()


def row(page: Page, seat: Seat) -> Locator:
    return page.locator(f'qt-queue a[href="/console/conversations/{seat.conversation}"]')


def looks(
    page: Page, *, wide: int = 1280, height: int = 844, schemes: Sequence[Scheme] = ()
) -> Iterator[tuple[int, str]]:
    """(width, name): the page as it stands, on a screen and on a phone, and in each of the colours that are named.

    What depends on neither is built up once. The console's own script asks for no width: a page that was resized is one that was
    opened so.
    """
    for scheme in schemes or (None,):
        if scheme is not None:
            page.emulate_media(color_scheme=scheme)
        for width in (wide, 390):
            page.set_viewport_size({"width": width, "height": height})
            yield width, f"{width}-{scheme}" if scheme else str(width)


def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: into the folder that QINGTING_TEST_SCREENSHOTS names."""
    folder = os.environ.get("QINGTING_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA."""
    page.wait_for_timeout(150)  # colours of a page that has just changed
    return found_by_axe(page, *WCAG)
