"""Lists page by page: each once and in order, whatever is written while somebody turns the pages."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import arrivals, tasks
from case_store.arrivals import NewArrival
from case_store.store import Transaction
from case_store.tables_cases import cases


async def pages(admin: Any, path: str, meanwhile: Any) -> list[str]:
    """All ids of a list of which a page holds two; `meanwhile` comes between the pages."""
    found: list[str] = []
    cursor = ""
    while True:
        status, page, _ = await admin.get(f"{path}?limit=2{cursor}")
        assert status == 200
        found += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"
        meanwhile()


async def test_open_tasks_go_on_past_the_first_page(house: Any, browser: Any) -> None:
    made = [task(house, number) for number in range(5)]
    later: list[str] = []
    found = await pages(await browser("admin"), "/api/v1/tasks", lambda: later.append(task(house, 10 + len(later))))
    assert found[:5] == made
    assert len(found) == len(set(found))


async def test_a_task_that_is_done_meanwhile_moves_none_past_whoever_turns_the_pages(house: Any, browser: Any) -> None:
    made = [task(house, number) for number in range(5)]
    admin = await browser("admin")
    _, first, _ = await admin.get("/api/v1/tasks?limit=2")
    await admin.post(f"/api/v1/tasks/{first['items'][0]['id']}/done")
    _, second, _ = await admin.get(f"/api/v1/tasks?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["items"] + second["items"]] == made[:4]


async def test_parked_arrivals_go_on_past_the_first_page_while_others_come(house: Any, browser: Any) -> None:
    made, later = [parked(house, number) for number in range(5)], list[str]()
    meanwhile = lambda: later.append(parked(house, 10 + len(later)))  # noqa: E731
    assert await pages(await browser("admin"), "/api/v1/parked", meanwhile) == made[::-1]


async def test_cases_changed_meanwhile_come_no_second_time_and_push_none_out(house: Any, browser: Any) -> None:
    made = [house.case().id for _ in range(5)]
    found = await pages(await browser("admin"), "/api/v1/cases", lambda: house.case())
    assert found == made[::-1]


@pytest.mark.parametrize("path", ["/api/v1/tasks", "/api/v1/parked", "/api/v1/cases", "/api/v1/conversations"])
@pytest.mark.parametrize("asked", ["cursor=x", "limit=0", "limit=201", "limit=many"])
async def test_what_is_no_page_is_told_before_anything_is_read(browser: Any, path: str, asked: str) -> None:
    status, problem, _ = await (await browser("admin")).get(f"{path}?{asked}")
    assert (status, problem["errors"][0]["field"]) == (422, asked.partition("=")[0])


FORGED = {
    "before the first day": "0001-01-01T00:00:00+14:00 abc",
    "after the last day": "9999-12-31T23:59:59-14:00 abc",
    "without a zone": "2026-11-23T10:00:00 abc",
    "no moment": "yesterday abc",
    "no id": "2026-11-23T10:00:00+00:00 ",
    "a NUL in the id": "2026-11-23T10:00:00+00:00 a\0b",
    "an id of ten thousand characters": f"2026-11-23T10:00:00+00:00 {'a' * 5_000}",
    "an id that is no ASCII": "2026-11-23T10:00:00+00:00 傾聽",
    "digits that are no ASCII": "２０２６-11-23T10:00:00+00:00 abc",
    "SQL": "2026-11-23T10:00:00+00:00 ' OR 1=1 --",
}


@pytest.mark.parametrize("path", ["/api/v1/tasks", "/api/v1/cases", "/api/v1/conversations"])
@pytest.mark.parametrize("forged", FORGED.values(), ids=list(FORGED))
async def test_a_forged_cursor_is_told_and_breaks_nothing(browser: Any, path: str, forged: str) -> None:
    cursor = base64.urlsafe_b64encode(forged.encode()).decode().rstrip("=")
    status, problem, _ = await (await browser("admin")).get(f"{path}?cursor={cursor}")
    assert (status, problem["errors"][0]["field"]) == (422, "cursor")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"])
async def test_the_first_and_the_last_moment_that_a_cursor_can_name_break_nothing(browser: Any, moment: str) -> None:
    cursor = base64.urlsafe_b64encode(f"{moment} abc".encode()).decode().rstrip("=")
    assert (await (await browser("admin")).get(f"/api/v1/cases?cursor={cursor}"))[0] == 200


async def test_by_when_they_were_taken_all_cases_come_once_though_they_change_meanwhile(
    house: Any, browser: Any
) -> None:
    made = [house.case() for _ in range(5)]
    admin, waiting, found, cursor = await browser("admin"), list(made), [], ""
    while True:
        _, page, _ = await admin.get(f"/api/v1/cases?created_from=2000-01-01&limit=2{cursor}")
        found += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        change(house, waiting.pop(0))  # the one that comes last
    assert found == [one.id for one in reversed(made)]


def change(house: Any, case: Any) -> None:
    house.store.write_now(
        lambda tx: tx.execute(sa.update(cases).where(cases.c.id == case.id).values(updated_at=tx.now))
    )


def task(house: Any, number: int) -> str:
    made: str = house.store.write_now(lambda tx: tasks.add(tx, occasion=f"look:{number}", kind="look", words="look"))
    return made


def parked(house: Any, number: int) -> str:
    def unit(tx: Transaction) -> str:
        new = NewArrival("email", "email:x", f"s{number}", tx.now, 3, raw=b"abc")
        id, _ = arrivals.accept(tx, new)
        arrivals.park(tx, next(one for one in arrivals.claim(tx, 10) if one.id == id), "a mail without a sender")
        return id

    made: str = house.store.write_now(unit)
    return made
