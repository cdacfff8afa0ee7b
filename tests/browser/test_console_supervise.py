"""What supervisors watch: the live board, what an ill agent had given to another, and charts that print."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from case_store import cases, conversations, ownership, people
from case_store.cases import Registration
from case_store.records import Role
from case_store.store import Transaction
from case_store.tables_cases import cases as case_rows
from case_store.tables_figures import case_steps
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import house, shared, shot, sign_in, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


def taken(house: House, seat: Seat, username: str, *, ago: timedelta = timedelta()) -> None:
    """An agent has it, and has not answered what its customer said so long ago."""

    def unit(tx: Transaction) -> None:
        agent = people.find_agent(tx, username)
        ownership.take_over(tx, seat.conversation, agent_id=agent.id, agent_name=agent.name)
        row = conversations.locked(tx, seat.conversation)
        conversations.add_messages(tx, row, [], values={"answered_message": 0})

    house.write(unit)


def number(page: Page, tile: str) -> Any:
    return page.locator(f'qt-supervise-now [data-tile="{tile}"] .number')


def test_the_board_shows_what_arrives_and_what_an_ill_agent_had_goes_to_another(
    house: House, sign_in: Callable[..., Page]
) -> None:
    house.agent("carol", "Carol Supervisor", Role.SUPERVISOR)
    had = [house.chat("你们多收了我三百块手续费"), house.chat("The branch in Leeds lost my form", locale="en")]
    for seat in had:
        taken(house, seat, "megan")
    page = sign_in("carol", width=1280, path="/supervise/now")
    expect(number(page, "agents")).to_have_text("2")
    expect(number(page, "waiting")).to_have_text("0")
    waiting = house.chat("我要找人工")
    house.waits(waiting)
    expect(number(page, "waiting")).to_have_text("1")  # nobody has loaded anything again
    house.waits(house.chat("我不想活了"), "danger_to_life", urgent=True)
    expect(page.locator("qt-supervise-now .alarms .danger")).to_contain_text("in danger of life")
    assert violations(page) == []
    shot(page, "now-en-1280")

    page.locator('qt-supervise-now tr[data-agent="megan"] th a').click()
    expect(page.locator("qt-supervise-now .behind li")).to_have_count(2)
    page.get_by_role("button", name="Choose all of them").click()
    page.get_by_role("button", name="Give to …").click()
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Choose to whom")).to_be_visible()
    page.get_by_label("Why").fill("went home ill")
    page.locator("#move-to").select_option("lin.yue")
    assert violations(page) == []
    shot(page, "now-move")
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.locator("qt-supervise-now .behind li")).to_have_count(0)
    assert [house.owner(seat) for seat in had] == [("agent", "lin.yue")] * 2
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("qt-supervise-now .behind li")).to_have_count(2)
    assert [house.owner(seat) for seat in had] == [("agent", "megan")] * 2
    shot(page, "now-list")
    page.get_by_role("link", name="The whole board").click()
    expect(number(page, "agents")).to_have_text("2")
    page.go_back()
    expect(page.locator("qt-supervise-now .behind li")).to_have_count(2)


@pytest.mark.parametrize(("locale", "title"), [("zh-CN", "现在"), ("zh-TW", "現在")])
def test_the_board_in_the_agents_language_on_a_telephone(
    house: House, sign_in: Callable[..., Page], locale: str, title: str
) -> None:
    house.agent(f"sup-{locale.lower()}", "陈主管", Role.SUPERVISOR)
    page = sign_in(f"sup-{locale.lower()}", width=390, path="/supervise/now", locale=locale)
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(number(page, "waiting")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"now-{locale}-390")
    page.set_viewport_size({"width": 1280, "height": 900})
    shot(page, f"now-{locale}-1280")


def weeks(house: House) -> None:
    """Complaints of four weeks, told apart by category and risk."""
    kinds = [("service", "minor"), ("product", "general"), ("violation", "major"), ("other", "minor")]
    for number, (category, risk) in enumerate(kinds * 4):
        seat = house.chat("你们多收了我三百块手续费，请退还")
        id = house.case_of(seat)

        def unit(tx: Transaction, id: str = id, number: int = number, kind: tuple[str, str] = (category, risk)) -> None:
            then = tx.now - timedelta(days=1 + 6 * (number % 4), hours=number)
            day = then.date()
            cases.file_case(tx, id, Registration(day, day, then + timedelta(days=9), "test"), actor="bot")
            cases.change(tx, id, {"category": kind[0], "risk": kind[1]}, actor="agent:Test")
            if number % 3 == 0:
                cases.change(tx, id, {"status": "closed"}, actor="agent:Test")
            rows, steps = case_rows.c, case_steps.c
            tx.execute(sa.update(case_rows).where(rows.id == id).values(received_at=then, registered_at=then))
            tx.execute(sa.update(case_steps).where(steps.case_id == id).values(at=then + timedelta(hours=2)))

        house.write(unit)


def test_figures_are_shown_narrowed_and_printed(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("figures", "Fiona Figures", Role.SUPERVISOR)
    weeks(house)
    page = sign_in("figures", width=1280, height=1600, path="/supervise/figures")
    received = page.locator('qt-supervise-figures [data-figure="received"] strong')
    expect(received).to_have_text("16")
    charts = page.locator("qt-supervise-figures figure svg[role=img]")
    expect(charts).to_have_count(3)
    expect(charts.nth(1)).to_have_attribute("aria-label", re.compile("by category.* 16 in all"))
    told = [int(words) for words in charts.nth(1).locator("text.sum").all_text_contents()]
    assert sum(told) == 16  # what stands above its bars
    assert charts.nth(1).locator("rect.block").count() >= 4
    assert violations(page) == []
    shot(page, "figures-en-1280")
    page.get_by_role("combobox", name="Risk").select_option("major")
    expect(received).to_have_text("4")
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Cases (XLSX)").click()
    assert downloaded.value.suggested_filename.startswith("qingting-cases-")
    assert openpyxl.load_workbook(io.BytesIO(downloaded.value.path().read_bytes()))["Cases"].max_row == 5
    page.get_by_role("combobox", name="Risk").select_option("")
    expect(received).to_have_text("16")

    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator("qt-supervise-figures .controls")).to_be_hidden()
    for chart in charts.all():
        expect(chart).to_be_visible()
    printed = PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = " ".join(" ".join(sheet.extract_text() for sheet in printed.pages).split())
    assert "Received, by category" in text
    assert "From registration to result" in text  # all of it, not the part that a screen shows
    shot(page, "figures-print")


@pytest.mark.parametrize(("locale", "title"), [("zh-CN", "统计"), ("zh-TW", "統計")])
def test_figures_in_the_agents_language_on_a_telephone(
    house: House, sign_in: Callable[..., Page], locale: str, title: str
) -> None:
    house.agent(f"fig-{locale.lower()}", "陈主管", Role.SUPERVISOR)
    scheme = "dark" if locale == "zh-TW" else "light"
    page = sign_in(
        f"fig-{locale.lower()}", width=390, height=2600, path="/supervise/figures", locale=locale, color_scheme=scheme
    )
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.locator("qt-supervise-figures figure svg[role=img]")).to_have_count(3)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"figures-{locale}-390")
    page.set_viewport_size({"width": 1280, "height": 1600})
    shot(page, f"figures-{locale}-1280")
