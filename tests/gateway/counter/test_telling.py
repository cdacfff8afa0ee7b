"""Calls and letters: to whom, by when, tried again at another time, told only when it is recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from case_store import overview
from case_store.tables import tasks
from gateway.config import Settings
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.telling import next_try

SHANGHAI = ZoneInfo("Asia/Shanghai")
PHONE = "139 0000 1111"


async def to_call(counter: Any, **change: Any) -> tuple[Any, dict[str, Any]]:
    case = await counter.enter(**{"contact": PHONE, **change})
    [task] = await counter.tasks("call_back")
    return case, task


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


@pytest.mark.parametrize(
    ("asked", "how"),
    [({}, "called"), ({"how": "posted"}, "posted"), ({"how": "otherwise", "note": "在网点遇到"}, "otherwise")],
)
async def test_the_customer_counts_as_told_when_it_is_recorded_and_not_before(
    counter: Any, asked: dict[str, str], how: str
) -> None:
    case, task = await to_call(counter)
    assert "told" not in counter.actions(case.id)
    at = ago(minutes=20)
    assert (await counter.post(f"/tasks/{task['id']}/done", {**asked, "at": at}))[0] == 200
    told = counter.detail(case.id, "told")
    assert (told["how"], told["at"], told["note"]) == (how, at, asked.get("note", ""))
    assert told["occasion"].partition(":")[0] == "case_filed"
    assert next(event.actor for event in counter.events(case.id) if event.action == "told") == "agent:林悦"
    [row] = counter.rows(sa.select(tasks.c.how, tasks.c.happened_at, tasks.c.done_by).where(tasks.c.id == task["id"]))
    assert (row.how, row.happened_at.isoformat()) == (how, at)
    assert (await counter.post(f"/tasks/{task['id']}/done", asked))[1]["code"] == "done_before"


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("done", {"at": "2126-01-01T00:00:00Z"}, 422),
        ("done", {"how": "by pigeon"}, 422),
        ("not-reached", {"at": "2126-01-01T00:00:00Z"}, 422),
        ("not-reached", {"next_at": "2020-01-01T00:00:00Z"}, 422),
        ("not-reached", {"next_at": "2126-01-01T00:00:00Z"}, 422),
    ],
)
async def test_what_can_not_have_happened_is_not_recorded(
    sqlite_counter: Any, path: str, asked: dict[str, str], status: int
) -> None:
    case, task = await to_call(sqlite_counter)
    assert (await sqlite_counter.post(f"/tasks/{task['id']}/{path}", asked))[0] == status
    assert "told" not in sqlite_counter.actions(case.id)
    assert [one["tries"] for one in await sqlite_counter.tasks()] == [0]


async def test_three_tries_at_different_times_and_then_a_letter_with_the_same_words(counter: Any) -> None:
    case, task = await to_call(counter)
    path = f"/tasks/{task['id']}/not-reached"
    _, first = await counter.post(path, {"at": ago(hours=30), "note": "无人接听"})
    assert (first["tries"], first["counts"], first["letter"]) == (1, True, None)
    assert first["next_at"]
    _, too_near = await counter.post(path, {"at": ago(hours=29)})
    assert (too_near["tries"], too_near["counts"]) == (1, False)
    _, second = await counter.post(path, {"at": ago(hours=6)})
    assert (second["tries"], second["counts"]) == (2, True)
    [waiting] = await counter.tasks()
    assert (waiting["tries"], waiting["next_at"]) == (2, second["next_at"])
    _, third = await counter.post(path, {"at": ago(hours=1), "note": "停机"})
    assert third["tries"] == 3
    [letter] = await counter.tasks()
    assert (letter["id"], letter["kind"], letter["words"]) == (third["letter"], "letter", task["words"])
    assert "told" not in counter.actions(case.id)
    assert counter.actions(case.id).count("not_reached") == 4
    assert (await counter.post(path))[1]["code"] == "done_before"
    await counter.post(f"/tasks/{letter['id']}/done", {"note": "挂号信 XA123"})
    told = counter.detail(case.id, "told")
    assert (told["how"], told["note"]) == ("posted", "挂号信 XA123")
    assert await counter.tasks() == []


async def test_a_letter_reaches_everybody_so_nobody_can_be_not_reached_by_it(sqlite_counter: Any) -> None:
    await sqlite_counter.enter()
    [letter] = await sqlite_counter.tasks("letter")
    assert (await sqlite_counter.post(f"/tasks/{letter['id']}/not-reached"))[1]["code"] == "no_call"
    assert (await sqlite_counter.post("/tasks/no-such-task/not-reached"))[0] == 404


async def test_what_is_late_is_shown_first_and_counted(counter: Any) -> None:
    await to_call(counter)
    await counter.enter(name="后来", contact=None)
    late = (await counter.tasks("letter"))[0]["id"]
    past = sa.update(tasks).where(tasks.c.id == late).values(due_at=datetime.now(UTC) - timedelta(days=30))
    counter.store.write_now(lambda tx: tx.execute(past))
    shown = await counter.tasks()
    assert [(task["id"] == late, task["overdue"]) for task in shown] == [(True, True), (False, False)]
    figures = counter.store.read_now(overview.figures)
    assert (figures["tasks_open"], figures["tasks_overdue"]) == (2, 1)


def test_a_try_that_was_recorded_late_is_not_repeated_in_the_past() -> None:
    promises = Promises(load_policy(None), Settings())
    tried = datetime(2026, 11, 16, 9, 30, tzinfo=SHANGHAI)
    now = datetime(2026, 11, 24, 16, 0, tzinfo=SHANGHAI)
    assert next_try(promises, tried, now) == datetime(2026, 11, 25, 15, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("tried", "next_"),
    [
        ("2026-11-23 09:30", "2026-11-23 15:00"),  # a Monday morning: the same afternoon
        ("2026-11-23 12:59", "2026-11-23 15:00"),
        ("2026-11-23 16:10", "2026-11-24 10:00"),  # an afternoon: the next morning
        ("2026-11-27 16:10", "2026-11-30 10:00"),  # a Friday afternoon: Monday morning
        ("2026-11-28 11:00", "2026-11-30 15:00"),  # a Saturday: the other half of the next day that is worked
        ("2026-09-30 15:30", "2026-10-08 10:00"),  # before the holidays
    ],
)
def test_the_next_try_is_in_the_other_half_of_a_day_that_is_worked(tried: str, next_: str) -> None:
    promises = Promises(load_policy(None), Settings())
    at = datetime.fromisoformat(tried).replace(tzinfo=SHANGHAI)
    assert next_try(promises, at, at).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") == next_


async def test_a_try_that_does_not_count_puts_no_date_off(counter: Any) -> None:
    _, task = await to_call(counter)
    path = f"/tasks/{task['id']}/not-reached"
    await counter.post(path, {"at": ago(minutes=30)})
    [first] = await counter.tasks()
    for _ in range(3):
        await counter.post(path)
    [now] = await counter.tasks()
    assert (now["due_at"], now["tries"]) == (first["due_at"], 1)


async def test_an_agents_answer_to_a_letter_becomes_a_letter(counter: Any) -> None:
    case = await counter.enter()
    for task in await counter.tasks():
        await counter.post(f"/tasks/{task['id']}/done")
    said = {"text": "我们已经联系滨江支行核实。"}
    assert (await counter.post(f"/conversations/{case.conversations[0]}/messages", said))[0] == 201
    [letter] = await counter.tasks()
    assert (letter["kind"], letter["words"]) == ("letter", said["text"])
    assert counter.detail(case.id, "to_be_told")["occasion"].startswith("reply:")
