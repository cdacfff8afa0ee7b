"""Calls and letters: to whom, by when, tried again at another time, told only when it is recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from case_store import overview
from case_store.tables_outbox import deliveries, tasks
from gateway.config import Settings
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.telling import next_try
from tests.gateway.counter.desk import PHOTO, form

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


# words by way of telling, and what overtakes them -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "never", "instead"),
    [
        ("zh-Hans", ("直接回复", "回复这条", "留下的联系方式"), "网点"),
        ("zh-Hant", ("直接回覆", "回覆這則", "留下的聯絡方式"), "分行"),
        ("en", ("reply", "contact you gave us"), "branch"),
    ],
)
async def test_a_letter_asks_nobody_to_reply_to_it_nor_to_use_a_contact_that_was_never_left(
    sqlite_counter: Any, locale: str, never: tuple[str, ...], instead: str
) -> None:
    counter = sqlite_counter
    case = await counter.enter(locale=locale)
    ask = {"status": "waiting_for_customer", "note": "Q"}
    await counter.send("PATCH", f"/cases/{case.id}", json=ask, headers={"If-Match": f'"{case.version}"'})
    version = counter.case(case.id).version
    result = {"status": "resolved", "outcome": "solved", "note": "A", "basis": "B", "next_steps": "N"}
    await counter.send("PATCH", f"/cases/{case.id}", json=result, headers={"If-Match": f'"{version}"'})
    letters = await counter.tasks("letter")
    assert len(letters) == 3
    for letter in letters:
        assert instead in letter["words"]
        assert not any(words in letter["words"] for words in never)
    assert all(letter["detail"] is None for letter in letters)


async def test_who_left_a_number_may_use_it_to_ask(sqlite_counter: Any) -> None:
    _, task = await to_call(sqlite_counter)
    assert "留下的联系方式" in task["words"]
    assert "直接回复" not in task["words"]


WITHDRAWN = {"received_on": "2026-11-21", "way": "counter"}


async def test_a_withdrawal_leaves_one_thing_to_be_told(counter: Any) -> None:
    case, registered = await to_call(counter)
    assert (await counter.post(f"/cases/{case.id}/withdrawal", WITHDRAWN))[0] == 201
    [task] = await counter.tasks("call_back")
    assert task["id"] != registered["id"]
    assert "撤回" in task["words"]
    assert "told" not in counter.actions(case.id)
    assert counter.detail(case.id, "not_told") == {"occasion": "case_filed", "why": "withdrawn"}
    assert counter.detail(case.id, "task_done")["how"] == "withdrawn"
    status, shown = await counter.post("/status", {"reference": case.reference, "contact": PHONE})
    assert (status, shown["status"], shown["feedback_due"]) == (200, "withdrawn", None)


async def test_a_withdrawal_takes_back_what_waits_to_be_mailed_and_an_agents_words_stay(counter: Any) -> None:
    case = await counter.enter({"mandate": ("委托书.jpg", PHOTO)}, proxy=PROXY)
    change = {"status": "in_progress"}
    await counter.send("PATCH", f"/cases/{case.id}", json=change, headers={"If-Match": f'"{case.version}"'})
    before = counter.rows(sa.select(deliveries.c.state))
    assert len(before) == 2
    await counter.post(f"/cases/{case.id}/withdrawal", WITHDRAWN)
    left = counter.rows(sa.select(deliveries.c.occasion, deliveries.c.state).order_by(deliveries.c.id))
    assert [row.state for row in left] == ["stopped", "stopped", "queued"]
    assert left[-1].occasion.startswith("withdrawn_confirmed:")
    assert counter.actions(case.id).count("not_told") == 2


# a way that opens -------------------------------------------------------------------------------------------------

PROXY = {"name": "江小敏", "relation": "女儿", "contact": "xiaomin@example.com"}


async def test_a_mandate_that_arrives_sends_the_words_to_the_proxy_in_place_of_the_letter(counter: Any) -> None:
    case = await counter.enter(proxy=PROXY)
    [letter] = await counter.tasks("letter")
    await counter.post(f"/cases/{case.id}/mandate", data=form({}, {"mandate": ("委托书.jpg", PHOTO)}))
    assert await counter.tasks("letter") == []
    [mail] = counter.rows(sa.select(deliveries.c.address, deliveries.c.payload))
    assert mail.address == "xiaomin@example.com"
    assert case.reference in mail.payload["text"]
    assert "直接回复" in mail.payload["text"]
    assert "told" not in counter.actions(case.id)
    assert counter.detail(case.id, "to_be_told")["by"] == "email"
    assert (await counter.post(f"/tasks/{letter['id']}/done"))[1]["code"] == "done_before"


async def test_a_proxy_who_is_named_with_a_mandate_is_sent_what_was_still_to_be_told(sqlite_counter: Any) -> None:
    counter = sqlite_counter
    case = await counter.enter()
    assert len(await counter.tasks("letter")) == 1
    await counter.post(f"/cases/{case.id}/proxy", data=form(PROXY, {"mandate": ("委托书.jpg", PHOTO)}))
    assert await counter.tasks("letter") == []
    assert len(counter.rows(sa.select(deliveries.c.id))) == 1


async def test_a_letter_that_was_written_is_not_mailed_as_well(sqlite_counter: Any) -> None:
    counter = sqlite_counter
    case = await counter.enter(proxy=PROXY)
    [letter] = await counter.tasks("letter")
    await counter.post(f"/tasks/{letter['id']}/done")
    await counter.post(f"/cases/{case.id}/mandate", data=form({}, {"mandate": ("委托书.jpg", PHOTO)}))
    assert counter.rows(sa.select(deliveries.c.id)) == []
