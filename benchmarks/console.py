"""The agents' console in a real browser: first useful paint on a full store, and the memory of a page over a shift.

Paint: 100,000 cases, 2,000 conversations that wait; from asking for the page, signed in, until a conversation can be opened. The shift:
one page through eight hours, an hour's events in each step: conversations come, are taken over, answered and handed back, cases are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from benchmarks.fill import WAITING, fill
from benchmarks.harness import CHROMIUM, PASSWORD, Absent, Gateway, Line, chromium, percentile, scratch

CASES: Final = 100_000
PAINTS: Final = 8  # a run
HOURS: Final = 8
TALKS: Final = 15  # an hour
ROW: Final = "qt-queue .rows li a"
USABLE: Final = f"""() => new Promise(done => {{
  const look = () => document.querySelector("{ROW}") ? requestAnimationFrame(() => done(performance.now())) : setTimeout(look, 4);
  look();
}})"""


def measure(runs: int) -> list[Line]:
    with scratch() as folder, browser() as opened:
        data = folder / "data"
        data.mkdir()
        fill(data / "qingting.db", CASES, 2)
        with Gateway(data) as gateway:
            paints = [_paints(opened, gateway) for _ in range(runs)]
            heap = _shift(opened, gateway)
    held = " ".join(f"{one:.1f}" for one in heap)
    return [
        Line(
            "console: first useful paint, median",
            "ms",
            [percentile(some, 0.5) for some in paints],
            goal="< 1,000 ms",
            note=f"{CASES:,} cases, {WAITING:,} conversations wait",
        ),
        Line("… worst", "ms", [max(some) for some in paints], goal="< 1,000 ms"),
        Line("console: memory of the page after 8 hours", "MB", heap[-1:], heap[:1], "after the first", "flat", held),
    ]


@contextmanager
def browser() -> Iterator[Any]:
    """A Chromium of the tests' own library. Raises Absent."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Absent("playwright is not installed: it is one of the tests' packages") from None
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        yield launched
        launched.close()


def signed_in(opened: Any, gateway: Gateway, username: str = "admin") -> Any:
    page = opened.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    page.goto(f"http://127.0.0.1:{gateway.http}/console")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.locator(".bar").wait_for()
    return page


def _paints(opened: Any, gateway: Gateway) -> list[float]:
    """Milliseconds from asking for the page until its list can be used; each is another look at the page by one who is signed in."""
    page = signed_in(opened, gateway)
    page.locator(ROW).first.wait_for()
    found = []
    for _ in range(PAINTS):
        page.goto(f"http://127.0.0.1:{gateway.http}/console", wait_until="commit")
        found.append(float(page.evaluate(USABLE)))
    page.context.close()
    return found


def _shift(opened: Any, gateway: Gateway) -> list[float]:
    """Megabytes of the page's scripts after each hour, once what nobody holds any more is gone."""
    page = signed_in(opened, gateway)
    page.locator(ROW).first.wait_for()
    told = page.context.new_cdp_session(page)
    told.send("Performance.enable")
    held = []
    for _ in range(HOURS):
        for _ in range(TALKS):
            _one_talk(page)
        for _ in range(3):
            told.send("HeapProfiler.collectGarbage")
        metrics = {one["name"]: one["value"] for one in told.send("Performance.getMetrics")["metrics"]}
        held.append(metrics["JSHeapUsedSize"] / 1e6)
    page.context.close()
    return held


def _one_talk(page: Any) -> None:
    """The one that has waited the longest: opened with its case, taken over, answered twice, handed back."""
    page.locator('[role="tab"][data-tab="queue"]').click()
    page.locator(ROW).first.click()
    page.locator("#reply").wait_for()
    page.locator("qt-case .field").first.wait_for()
    for number in range(2):
        page.fill("#reply", f"We are looking into it, and tell you by Friday. ({number})")
        page.click(".composer button[type=submit]")
        page.locator(".message.agent").nth(number).wait_for()
    page.get_by_role("button", name="Hand back to the bot").click()
    page.locator("#reply").wait_for()
