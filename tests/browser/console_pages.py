"""Pages of agents who have signed in, for the tests of the console."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from channels.webchat.socket import Seat
from tests.browser.console_house import PASSWORD, House


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("console"))
    yield opened
    opened.close()


@pytest.fixture
def house(shared: House) -> House:
    return shared


@pytest.fixture
def sign_in(house: House, visit: Any) -> Callable[..., Page]:
    """`sign_in("megan", width=390)`: a page of an agent who has just signed in."""

    def open_one(username: str = "megan", *, width: int = 1440, height: int = 900, path: str = "", **more: Any) -> Page:
        page: Page = visit(house.url + path, viewport={"width": width, "height": height}, **more)
        enter(page, username)
        expect(page.locator(".bar")).to_be_visible()
        return page

    return open_one


def enter(page: Page, username: str, password: str = PASSWORD) -> None:
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("button[type=submit]")


def talk(page: Page, seat: Seat) -> Locator:
    """The conversation, opened by its address in a page that is signed in already."""
    page.evaluate(
        "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }",
        f"/console/conversations/{seat.conversation}",
    )
    shown = page.locator("qt-conversation")
    expect(shown.locator(".message").first).to_be_visible()
    return shown


def row(page: Page, seat: Seat) -> Locator:
    return page.locator(f'qt-queue a[href="/console/conversations/{seat.conversation}"]')


def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: into the folder that QINGTING_TEST_SCREENSHOTS names."""
    folder = os.environ.get("QINGTING_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA."""
    page.wait_for_timeout(150)  # colours of a page that has just changed
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert results.response["passes"], "axe has looked at nothing"
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in results.response["violations"]
        for node in one["nodes"]
    ]
