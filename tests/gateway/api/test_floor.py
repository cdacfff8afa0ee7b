"""The live board by the API: its numbers, the list behind each of them, and moving what an agent had."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, conversations, floor, ownership
from case_store.conversations import NewMessage
from case_store.floor import Limits, Matter, Part, Talk
from case_store.records import Owner, Role, Sender
from case_store.store import Transaction
from case_store.tables_cases import cases as case_rows
from case_store.tables_conversations import conversations as rows
from gateway.sign_in_policy import SignIn

IDLE = SignIn().idle

NOW = "/api/v1/reports/now"


def changed(house: Any, id: str, **values: Any) -> str:
    house.store.write_now(lambda tx: tx.execute(sa.update(rows).where(rows.c.id == id).values(**values)))
    return id


def waits(house: Any, *texts: str, ago: timedelta = timedelta(minutes=1), urgent: bool = False, **more: Any) -> str:
    """A conversation in the queue, so long already."""
    id: str = house.conversation(*(texts or ("喂？",)), **more)

    def unit(tx: Transaction) -> None:
        row = conversations.locked(tx, id)
        values = ownership.queue_for_person(tx, row, "asked", urgent=urgent)
        conversations.add_messages(tx, row, [], values=values | {"waiting_since": tx.now - ago})

    house.store.write_now(unit)
    return id


def taken(house: Any, agent: Any, *texts: str, answered: bool = False, **more: Any) -> str:
    """A conversation that an agent has, and has answered or not."""
    id: str = house.conversation(*(texts or ("喂？",)), **more)

    def unit(tx: Transaction) -> None:
        ownership.take_over(tx, id, agent_id=agent.id, agent_name=agent.name)
        if answered:
            ownership.reply(tx, id, "您好", agent_id=agent.id, agent_name=agent.name)

    house.store.write_now(unit)
    return id


@pytest.fixture
def morning(house: Any) -> tuple[Any, dict[str, str]]:
    """Ten o'clock: one of each."""
    megan, aled = house.agent("megan"), house.agent("aled")
    house.agent("carol", Role.SUPERVISOR)
    ids = {
        "waits": waits(house),
        "waits since last week": waits(house, ago=timedelta(days=7), channel="email", address="a@mail.example"),
        "in danger": waits(house, "我不想活了", urgent=True, ago=timedelta(minutes=2)),
        "megan's": taken(house, megan),
        "megan's, answered": taken(house, megan, answered=True),
        "megan's, put off": taken(house, megan, answered=True),
        "aled's": taken(house, aled, channel="email", address="b@mail.example"),
        "bot's": house.conversation("你们多收了费用"),
        "the bot's of yesterday": house.conversation("您好"),
        "megan's of last month": taken(house, megan),
    }
    changed(house, ids["megan's, put off"], snoozed_until=datetime.now(UTC) + timedelta(days=1))
    for old in ("the bot's of yesterday", "megan's of last month"):
        changed(house, ids[old], updated_at=datetime.now(UTC) - timedelta(days=33))
    return house, ids


async def test_the_board_counts_what_goes_on_and_nothing_that_is_over(
    morning: tuple[Any, dict[str, str]], browser: Any
) -> None:
    board = (await (await browser("carol")).get(NOW))[1]
    total = board["total"]
    assert {name: total[name] for name in ("waiting", "late", "danger", "bot", "agents", "unanswered", "put_off")} == {
        "waiting": 3,
        "late": 1,
        "danger": 1,
        "bot": 1,
        "agents": 3,
        "unanswered": 2,
        "put_off": 1,
    }
    assert (total["wrote_hour"], total["begun_quarter"]) == (8, 8)
    megan = next(one for one in board["agents"] if one["username"] == "megan")
    assert (megan["agents"], megan["unanswered"], megan["put_off"], megan["there"]) == (2, 1, 1, "away")
    assert megan["oldest_unanswered"] is not None
    carol = next(one for one in board["agents"] if one["username"] == "carol")
    assert (carol["there"], carol["agents"]) == ("signed_in", 0)
    mail = next(one for one in board["channels"] if one["value"] == "email")
    assert (mail["waiting"], mail["late"], mail["agents"]) == (1, 1, 1)
    alarms = {one["kind"]: one["count"] for one in board["alarms"]}
    assert alarms == {"danger": 1, "late": 1, "away": 1}


@pytest.mark.parametrize("of", Talk)
async def test_each_number_is_the_length_of_the_list_behind_it(
    morning: tuple[Any, dict[str, str]], browser: Any, of: Talk
) -> None:
    carol = await browser("carol")
    board = (await carol.get(NOW))[1]
    listed = (await carol.get(f"{NOW}/conversations?of={of}"))[1]["items"]
    assert board["total"][of] == len(listed)
    for group, name in ((board["channels"], "channel"), (board["languages"], "language")):
        for one in group:
            part = (await carol.get(f"{NOW}/conversations?of={of}&{name}={one['value']}"))[1]["items"]
            assert one[of] == len(part)
    if of in board["agents"][0]:
        for one in board["agents"]:
            part = (await carol.get(f"{NOW}/conversations?of={of}&agent={one['username']}"))[1]["items"]
            assert one[of] == len(part)


async def test_an_answered_customer_waits_for_nobody_and_whoever_writes_again_does(house: Any, browser: Any) -> None:
    megan, _ = house.agent("megan"), house.agent("carol", Role.SUPERVISOR)
    id = taken(house, megan, answered=True)
    carol = await browser("carol")

    async def unanswered() -> int:
        return int((await carol.get(NOW))[1]["total"]["unanswered"])

    assert await unanswered() == 0
    say = [NewMessage(Sender.CUSTOMER, "还在吗")]
    house.store.write_now(lambda tx: conversations.add_messages(tx, conversations.locked(tx, id), say))
    assert await unanswered() == 1


async def test_danger_stays_an_alarm_until_whoever_has_it_has_answered(house: Any, browser: Any) -> None:
    megan, _ = house.agent("megan"), house.agent("carol", Role.SUPERVISOR)
    id, carol = waits(house, "我不想活了", urgent=True), await browser("carol")

    async def in_danger() -> int:
        return int((await carol.get(NOW))[1]["total"]["danger"])

    assert await in_danger() == 1
    house.store.write_now(ownership.take_over, id, agent_id=megan.id, agent_name="Megan")
    assert await in_danger() == 1
    house.store.write_now(ownership.reply, id, "我在", agent_id=megan.id, agent_name="Megan")
    assert await in_danger() == 0


DUE = {
    "overdue": (timedelta(hours=-1), {}),
    "overdue, major": (timedelta(days=-3), {"risk": "major", "assignee": "megan"}),
    "later today": (timedelta(minutes=20), {"assignee": "megan"}),
    "in two days": (timedelta(hours=47), {}),
    "next week": (timedelta(days=8), {"assignee": "megan"}),
    "resolved": (timedelta(hours=-1), {"status": "closed"}),
}
HOLDS = {
    Matter.OPEN: {"overdue", "overdue, major", "later today", "in two days", "next week"},
    Matter.OVERDUE: {"overdue", "overdue, major"},
    Matter.OVERDUE_MAJOR: {"overdue, major"},
    Matter.DUE_TODAY: {"later today"},
    Matter.DUE_SOON: {"later today", "in two days"},
    Matter.UNASSIGNED: {"overdue", "in two days"},
}


def test_cases_are_overdue_due_today_and_due_soon(house: Any) -> None:
    ids = {}
    for name, (_, more) in DUE.items():
        ids[name] = house.case(**more).id

    def unit(tx: Transaction) -> datetime:
        for name, (due, _) in DUE.items():
            at = tx.now + due + timedelta(seconds=2)
            tx.execute(sa.update(case_rows).where(case_rows.c.id == ids[name]).values(feedback_due_at=at))
        return tx.now

    house.agent("megan")
    now = house.store.write_now(unit)
    limits = Limits(now, now + timedelta(minutes=30))
    board = house.store.read_now(floor.board, limits, IDLE)
    for of, names in HOLDS.items():
        listed = house.store.read_now(floor.matters, of, Part(), limits)
        assert {row["id"] for row in listed} == {ids[name] for name in names}, of
        counted = sum(one.numbers.get(of, 0) for one in board.matters)
        if of not in (Matter.OPEN, Matter.UNASSIGNED):
            assert counted == len(names), of
    assert board.open_by_assignee == {None: 2, "megan": 3}
    theirs = house.store.read_now(floor.matters, Matter.OPEN, Part(agent="megan"), limits)
    assert len(theirs) == 3


async def test_the_board_names_no_customer_to_a_key_that_may_only_read_figures(house: Any, browser: Any) -> None:
    waits(house)
    house.case()
    machine = await browser(key=house.key("reports:read"))
    talks = (await machine.get(f"{NOW}/conversations"))[1]["items"]
    matters = (await machine.get(f"{NOW}/cases?of=open"))[1]["items"]
    assert ([one["customer"] for one in talks], [one["customer"] for one in matters]) == ([None], [None])
    status, told, _ = await machine.get(NOW)
    assert status == 200
    assert "江敏" not in str((talks, matters, told))


async def test_an_agent_sees_no_board(house: Any, browser: Any) -> None:
    house.agent("megan")
    agent = await browser("megan")
    for path in (NOW, f"{NOW}/conversations", f"{NOW}/cases"):
        assert (await agent.get(path))[0] == 403


@pytest.mark.parametrize(
    ("asked", "named"), [("of=everything", "of"), ("channel=fax", "channel"), ("language=fr", "language")]
)
async def test_a_part_that_does_not_exist_is_refused_by_name(house: Any, browser: Any, asked: str, named: str) -> None:
    status, problem, _ = await (await browser("admin")).get(f"{NOW}/conversations?{asked}")
    assert status == 422
    assert named in str(problem)


# who went home ill ------------------------------------------------------------------------------------------------


async def test_what_an_ill_agent_had_is_given_to_another_and_the_reason_is_in_the_trail(
    house: Any, browser: Any
) -> None:
    megan, aled, _ = house.agent("megan"), house.agent("aled"), house.agent("carol", Role.SUPERVISOR)
    ids = [taken(house, megan) for _ in range(3)]
    case = house.case(assignee="megan")
    carol = await browser("carol")
    listed = (await carol.get(f"{NOW}/conversations?of=agents&agent=megan"))[1]["items"]
    seen = [{name: one[name] for name in ("id", "epoch", "last_message")} for one in listed]
    why = "went home ill"
    given = (
        await carol.post(
            "/api/v1/bulk", {"action": {"kind": "assign", "agent": "aled", "reason": why}, "conversations": seen}
        )
    )[1]
    assert sorted(given["done"]) == sorted(ids)
    matters = (await carol.get(f"{NOW}/cases?of=open&agent=megan"))[1]["items"]
    named = [{name: one[name] for name in ("id", "version")} for one in matters]
    moved = (
        await carol.post(
            "/api/v1/bulk", {"action": {"kind": "assign_case", "assignee": "aled", "reason": why}, "cases": named}
        )
    )[1]
    assert moved["done"] == [case.id]
    for chain in (*(audit.conversation_chain(id) for id in ids), audit.case_chain(case.id)):
        last = [
            event for event in house.store.read_now(audit.timeline, chain) if event.action in ("assigned", "changed")
        ][-1]
        assert (last.detail["reason"], last.actor) == (why, "agent:Carol")
    back = (await carol.post(f"/api/v1/bulk/{given['id']}/undo", {}))[1]
    assert sorted(back["done"]) == sorted(ids)
    assert aled.id


async def test_a_supervisor_puts_back_into_the_queue_what_another_has_and_an_agent_may_not(
    house: Any, browser: Any
) -> None:
    megan, _, _ = house.agent("megan"), house.agent("aled"), house.agent("carol", Role.SUPERVISOR)
    id = taken(house, megan)
    aled, carol = await browser("aled"), await browser("carol")
    row = (await carol.get(f"{NOW}/conversations?of=agents"))[1]["items"][0]
    seen = [{name: row[name] for name in ("id", "epoch", "last_message")}]
    body = {"action": {"kind": "hand_back", "to": "queue", "reason": "ill"}, "conversations": seen}
    refused = (await aled.post("/api/v1/bulk", body))[1]["refused"]
    assert [one["code"] for one in refused] == ["owned_by_another"]
    without = body | {"action": {"kind": "hand_back", "to": "queue"}}
    assert (await carol.post("/api/v1/bulk", without))[1]["done"] == []
    assert (await carol.post("/api/v1/bulk", body))[1]["done"] == [id]
    assert house.store.read_now(conversations.find, id)["owner"] == Owner.QUEUE
    trail = house.store.read_now(audit.timeline, audit.conversation_chain(id))
    [event] = [one for one in trail if one.action == "handed_back"]
    assert (event.detail["agent"], event.detail["reason"]) == (megan.id, "ill")
