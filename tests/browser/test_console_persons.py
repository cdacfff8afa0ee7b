"""A legal hold and a person's data in the console: placed, seen and lifted; found, told apart, handed out and erased."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from case_store import cases, holds, persons
from case_store.records import Role, Status
from tests.browser.console_house import House
from tests.browser.console_pages import enter, shot, violations
from tests.case_store.over import complain, end

pytestmark = pytest.mark.browser
ADDRESS = "home@example.com"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("persons"))
    opened.agent("wen", "文秘书", Role.ADMIN)
    yield opened
    opened.close()


def test_a_hold_is_placed_seen_in_the_list_and_lifted(house: House, visit: Any) -> None:
    over = complain(house.gateway.store, house.gateway.files, name="何亮", address="he@example.com", content=b"hold")
    page: Page = visit(f"{house.url}/cases/{over.case}", viewport={"width": 1280, "height": 900}, locale="en-GB")
    enter(page, "wen")
    page.get_by_role("button", name="Place a legal hold").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("court order 12/2026")
    assert violations(page) == []
    shot(page, "hold-place")
    dialog.get_by_role("button", name="Place a legal hold").click()
    record = page.locator("qt-case")
    expect(record).to_contain_text("nothing of it is erased")
    expect(record).to_contain_text("court order 12/2026")
    assert violations(page) == []
    record.locator("qt-hold").scroll_into_view_if_needed()
    shot(page, "hold-stands")
    agent: Page = visit(f"{house.url}/cases/{over.case}", locale="en-GB")
    enter(agent, "megan")
    expect(agent.locator("qt-hold")).to_contain_text("Placed by 文秘书")
    expect(agent.locator("qt-hold button")).to_have_count(0)
    agent.route("**/hold", lambda route: route.abort())
    agent.reload()
    expect(agent.locator("qt-hold")).to_contain_text("The gateway can't be reached.")
    agent.unroute("**/hold")
    page.goto(f"{house.url}/cases")
    page.get_by_role("button", name="All cases").click()
    page.get_by_label("Under a legal hold").select_option("yes")
    expect(page.locator("qt-cases .rows > li")).to_have_count(1)
    expect(page.locator("qt-cases .rows")).to_contain_text("Under a legal hold")
    shot(page, "hold-listed")
    page.goto(f"{house.url}/cases/{over.case}")
    page.get_by_role("button", name="Lift the legal hold").click()
    dialog.get_by_label("Reason").fill("settled out of court")
    assert violations(page) == []
    shot(page, "hold-lift")
    dialog.get_by_role("button", name="Lift the legal hold").click()
    for one in (page, agent):
        expect(one.locator("qt-case")).not_to_contain_text("nothing of it is erased")
    [lifted] = house.gateway.store.read_now(holds.of_case, over.case)
    assert (lifted["lifted_by"], lifted["lifted_reason"]) == ("文秘书", "settled out of court")


async def carried_out(house: House) -> None:
    """The loop of the gateway does it, woken by the order."""
    async with asyncio.timeout(50):
        while any(one.done_at is None for one in await house.gateway.store.read(persons.orders)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def test_a_person_is_found_told_apart_handed_out_and_erased(house: House, visit: Any) -> None:
    store, files = house.gateway.store, house.gateway.files
    mine = complain(store, files, address=ADDRESS)
    theirs = complain(store, files, name="吴兰", address=ADDRESS, content=b"b")
    nobodys = complain(store, files, name="", address=ADDRESS, content=b"c")
    end(store, mine, Status.CLOSED, days=10)
    page: Page = visit(f"{house.url}/settings/persons", viewport={"width": 1280, "height": 900}, locale="en-GB")
    enter(page, "wen")
    page.get_by_label("Address").fill(ADDRESS)
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("More than one person uses this address")).to_be_visible()
    assert violations(page) == []
    shot(page, "persons-several")
    page.get_by_role("button", name="no name").click()
    found = page.locator(".found")
    expect(found).to_contain_text(nobodys.reference)
    expect(found).not_to_contain_text(mine.reference)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="江敏").click()
    expect(found).to_contain_text("to be kept until")
    expect(found).to_contain_text(mine.reference)
    expect(found).not_to_contain_text(theirs.reference)
    assert violations(page) == []
    shot(page, "persons-found")
    page.context.set_offline(True)
    page.get_by_role("button", name="Hand out as a file").click()
    expect(page.locator("qt-settings-persons > .said")).to_have_text("The gateway can't be reached.")
    page.context.set_offline(False)
    with page.expect_download() as download:
        page.get_by_role("button", name="Hand out as a file").click()
    names = zipfile.ZipFile(download.value.path()).namelist()
    assert f"cases/{mine.reference}/case.json" in names
    assert f"cases/{theirs.reference}/case.json" not in names
    found.get_by_role("button", name="Erase").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Who has asked for it, and when").fill("letter of 1 November")
    dialog.get_by_role("button", name="Erase").click()
    expect(dialog.locator(".said")).to_contain_text(f"{mine.reference}: to be kept until")
    assert violations(page) == []
    shot(page, "persons-kept")
    dialog.get_by_label("The law demands it").check()
    dialog.get_by_role("button", name="Erase").click()
    expect(page.get_by_text("It is being erased.")).to_be_visible()
    expect(page.locator("qt-settings-persons")).to_contain_text("letter of 1 November")
    house.do(carried_out(house))
    page.reload()
    expect(page.get_by_text("done", exact=True)).to_be_visible()
    shot(page, "persons-done")
    assert store.read_now(cases.get, mine.case).erased_at is not None
    assert store.read_now(cases.get, theirs.case).erased_at is None
    page.goto(f"{house.url}/cases/{mine.case}")
    expect(page.locator("qt-case")).to_contain_text("only number, dates and history are kept")
    assert violations(page) == []
    shot(page, "persons-erased-case")
    for locale, width in (("zh-CN", 390), ("zh-TW", 1280)):
        other: Page = visit(f"{house.url}/settings/persons", viewport={"width": width, "height": 900}, locale=locale)
        enter(other, "wen")
        other.locator("#person-contact").fill(ADDRESS)
        other.locator("qt-settings-persons form button").click()
        expect(other.locator(".found")).to_contain_text("吴兰")
        assert violations(other) == []
        shot(other, f"persons-{locale}")
