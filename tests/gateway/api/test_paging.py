"""Lists page by page: each once and in order, whatever is written while somebody turns the pages."""

from __future__ import annotations

from typing import Any

import pytest

from case_store import arrivals, tasks
from case_store.arrivals import NewArrival
from case_store.store import Transaction


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
