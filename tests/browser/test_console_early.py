"""What is pressed before the gateway has answered, or after it could not: every button of every place does something or says why.

A button that is drawn needs nothing that has not come. One that did, pressed by an agent quicker than the answer, did nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from case_store.records import Role
from tests.browser.console_house import House
from tests.browser.console_pages import go, sign_in

__all__ = ["sign_in"]

pytestmark = pytest.mark.browser

PLACES = [
    "/console",
    "/console/cases",
    "/console/tasks",
    "/console/parked",
    "/console/enter",
    "/console/supervise/now",
    "/console/supervise/figures",
    "/console/supervise/quality",
    "/console/supervise/surges",
    "/console/settings/me",
    "/console/settings/quality",
    "/console/settings/canned",
    "/console/settings/texts",
    "/console/settings/policy",
    "/console/settings/calendar",
    "/console/settings/agents",
    "/console/settings/teams",
    "/console/settings/keys",
    "/console/settings/webhooks",
    "/console/settings/persons",
]

AT_ONCE = ("/console/cases", "/console/settings/keys", "/console/settings/teams")  # have buttons that need no answer

# Presses what can be pressed in the place and in what that opens, each button by its name once.
PRESS = """async () => {
  const pressed = new Set();
  const name = (one) => one.textContent.trim() || one.getAttribute("aria-label");
  const next = () => [...document.querySelectorAll("main button:enabled, dialog[open] button:enabled")].find((one) => one.checkVisibility() && !pressed.has(name(one)));
  for (let one = next(); one; one = next()) {
    pressed.add(name(one));
    one.click();
    await new Promise((done) => setTimeout(done, 20));
  }
  document.querySelectorAll("dialog[open]").forEach((one) => one.close());
  return [...pressed];
}"""


class Silent:
    """The gateway as a page finds it that asks while it cannot answer: what is read waits, or is refused; nothing is changed."""

    def __init__(self, page: Page, *, refuses: bool) -> None:
        self._refuses = refuses
        self._answers = False
        self._held: list[Route] = []
        page.route("**/api/v1/**", self._asked)

    def _asked(self, route: Route) -> None:
        if self._answers:
            route.continue_()
        elif self._refuses or route.request.method != "GET":
            body = '{"code": "unavailable", "detail": "not now"}'
            route.fulfill(status=503, content_type="application/problem+json", body=body)
        else:
            self._held.append(route)

    def answers(self) -> None:
        self._answers = True
        for route in self._held:
            route.continue_()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("silent"))
    opened.agent("wen", "文秘书", Role.ADMIN)
    yield opened
    opened.close()


@pytest.mark.parametrize("refuses", [False, True], ids=["waits", "refused"])
def test_a_button_that_is_drawn_needs_no_answer_that_has_not_come(
    house: House, sign_in: Callable[..., Page], refuses: bool
) -> None:
    seat = house.chat("你们多收了我三百块手续费，请退给我")
    places = [*PLACES, f"/console/conversations/{seat.conversation}", f"/console/cases/{house.case_of(seat)}"]
    page = sign_in("wen", width=1280)
    expect(page.locator("qt-queue")).to_be_visible()
    errors: list[tuple[str, str]] = []
    page.on("pageerror", lambda error: errors.append((page.url, str(error))))
    pressed: dict[str, list[str]] = {}
    gateway = Silent(page, refuses=refuses)
    for place in places:
        go(page, place)
        page.wait_for_timeout(250)  # modules and words have come: nothing holds those
        if place in AT_ONCE:
            expect(page.locator("main button:enabled").first).to_be_visible()
        pressed[place] = page.evaluate(PRESS)
    gateway.answers()
    page.wait_for_timeout(500)
    assert errors == []
    assert all(pressed[place] for place in AT_ONCE)
