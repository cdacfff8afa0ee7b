"""One act upon many conversations or cases: what is done, what is refused and why. How it is undone is in test_undoing.py."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, cases, conversations, ownership, people
from case_store.records import Owner, Role, Sender
from case_store.store import Transaction
from case_store.tables_desk import givings
from tests.gateway.api.bulk import (
    GIVE,
    KEY,
    LONG_AGO,
    PUT_OFF,
    TAKE,
    TAKE_UP,
    TO_BOT,
    TO_QUEUE,
    TOMORROW,
    act,
    chains_hold,
    megan,
    queued,
    reasons,
    row,
    says,
    seen,
    set_values,
    trail,
    undo,
    who,
)

__all__ = ["megan"]


# acting -----------------------------------------------------------------------------------------------------------


async def test_some_are_done_and_some_refused_each_with_its_reason(house: Any, browser: Any, megan: Any) -> None:
    free, waiting, anothers, gone_on, taken, danger = (queued(house, n) for n in range(6))
    await (await browser("admin")).post(f"/api/v1/conversations/{anothers}/take-over")
    house.store.write_now(set_values, danger, urgent=True)
    shown = await seen(megan, free, anothers, gone_on, taken, danger, waiting)
    house.store.write_now(says, gone_on, Sender.CUSTOMER)
    await (await browser("sian")).post(f"/api/v1/conversations/{taken}/take-over")
    shown.append({"id": "none", "epoch": 0, "last_message": "1"})
    status, answer = await act(megan, {**GIVE, "note": "for you"}, shown=shown)
    assert (status, answer["done"]) == (200, [free, waiting])
    assert reasons(answer) == {
        anothers: "owned_by_another",
        gone_on: "moved_on",
        taken: "changed_meanwhile",
        danger: "danger_to_life",
        "none": "not_found",
    }
    assert all(one["detail"] for one in answer["refused"])
    assert [who(house, id)[1] for id in (free, waiting, anothers)] == ["carol", "carol", "admin"]
    assert [who(house, id) for id in (gone_on, taken, danger)] == [("queue", None), ("agent", "sian"), ("queue", None)]
    assert chains_hold(house.store)


@pytest.mark.parametrize(
    ("action", "owner", "agent", "event"),
    [
        (TAKE, "agent", "megan", "took_over"),
        (GIVE, "agent", "carol", "assigned"),
        (TO_BOT, "bot", None, "handed_back"),
    ],
)
async def test_each_act_does_what_the_single_one_does(
    house: Any, megan: Any, action: Any, owner: str, agent: str | None, event: str
) -> None:
    """Owner, the hook that tells customers, the trail with the act's id, and whoever is called to it."""
    ids = [queued(house, n) for n in range(3)]
    _, answer = await act(megan, action, *ids)
    assert (answer["done"], answer["refused"]) == (ids, [])
    assert [who(house, id) for id in ids] == [(owner, agent)] * 3
    assert [told[:2] for told in house.told.owned] == [("queue", owner)] * 3
    for id in ids:
        ((_, actor, detail),) = [one for one in trail(house, audit.conversation_chain(id)) if one[0] == event]
        assert (actor, detail["bulk"]) == ("agent:Megan", answer["id"])


async def test_ones_own_are_handed_to_the_queue_put_off_and_taken_up(house: Any, megan: Any) -> None:
    ids = [queued(house, n) for n in range(2)]
    await act(megan, TAKE, *ids)
    _, answer = await act(megan, PUT_OFF, *ids)
    assert answer["done"] == ids
    assert {row(house, id)["snoozed_until"] for id in ids} == {TOMORROW}
    await act(megan, TAKE_UP, *ids)
    assert {row(house, id)["snoozed_until"] for id in ids} == {None}
    await act(megan, TO_QUEUE, *ids)
    assert {who(house, id) for id in ids} == {("queue", None)}
    (snoozed, woken) = [one for one in trail(house, audit.conversation_chain(ids[0])) if one[0] in ("snoozed", "woken")]
    assert snoozed[2]["bulk"] == answer["id"] != woken[2]["bulk"]


async def test_who_is_given_many_is_called_to_each(house: Any, browser: Any, megan: Any) -> None:
    ids = [queued(house, n) for n in range(2)]
    await act(megan, {**GIVE, "note": "you know them"}, *ids)
    calls = (await (await browser("carol")).get("/api/v1/mentions"))[1]["items"]
    assert {one["note"]["conversation"] for one in calls} == set(ids)
    assert {one["note"]["text"] for one in calls} == {"you know them"}


@pytest.mark.parametrize("action", [TAKE, GIVE, TO_BOT, TO_QUEUE, PUT_OFF])
@pytest.mark.parametrize("by", ["megan", "sian"])
async def test_whose_life_is_in_danger_is_never_one_of_many(
    house: Any, browser: Any, megan: Any, action: Any, by: str
) -> None:
    agent, danger, other = await browser(by), queued(house), queued(house, 1)
    await agent.post(f"/api/v1/conversations/{danger}/take-over")
    await agent.post(f"/api/v1/conversations/{other}/take-over")
    house.store.write_now(set_values, danger, urgent=True)
    before = row(house, danger)
    _, answer = await act(agent, action, danger, other)
    assert (answer["done"], reasons(answer)) == ([other], {danger: "danger_to_life"})
    assert row(house, danger) == before


@pytest.mark.parametrize("action", [TAKE, GIVE])
async def test_out_of_anothers_hands_it_takes_a_supervisor(house: Any, browser: Any, megan: Any, action: Any) -> None:
    id = queued(house)
    await (await browser("admin")).post(f"/api/v1/conversations/{id}/take-over")
    _, answer = await act(megan, action, id)
    assert reasons(answer) == {id: "owned_by_another"}
    _, answer = await act(await browser("sian"), action, id)
    assert answer["done"] == [id]


@pytest.mark.parametrize("action", [TO_BOT, TO_QUEUE, PUT_OFF])
async def test_nobody_hands_back_or_puts_off_what_another_answers(
    house: Any, browser: Any, megan: Any, action: Any
) -> None:
    id = queued(house)
    await megan.post(f"/api/v1/conversations/{id}/take-over")
    _, answer = await act(await browser("sian"), action, id)
    assert reasons(answer) == {id: "owned_by_another"}
    assert who(house, id) == ("agent", "megan")


async def test_what_waits_is_put_off_by_nobody(house: Any, megan: Any) -> None:
    id = queued(house)
    assert reasons((await act(megan, PUT_OFF, id))[1]) == {id: "not_yours"}


async def test_a_tick_of_delivery_or_a_notice_of_the_house_is_nothing_new(house: Any, megan: Any) -> None:
    ids = [queued(house, n) for n in range(2)]
    shown = await seen(megan, *ids)
    house.store.write_now(conversations.seen, ids[0], 1)
    house.store.write_now(says, ids[1], Sender.SYSTEM)
    assert [row(house, id)["version"] for id in ids] == [4, 4]
    assert (await act(megan, TAKE, shown=shown))[1]["done"] == ids


@pytest.mark.parametrize("sender", [Sender.CUSTOMER, Sender.AGENT, Sender.BOT])
async def test_newer_words_than_were_seen_are_looked_at_first(house: Any, megan: Any, sender: Sender) -> None:
    id = queued(house)
    shown = await seen(megan, id)
    house.store.write_now(says, id, sender)
    assert reasons((await act(megan, TAKE, shown=shown))[1]) == {id: "moved_on"}


async def test_what_was_so_already_is_done_and_leaves_nothing_to_undo(house: Any, megan: Any) -> None:
    id = queued(house)
    await megan.post(f"/api/v1/conversations/{id}/take-over")
    _, answer = await act(megan, TAKE, id)
    assert (answer["done"], answer["undo_until"]) == ([id], None)
    assert (await undo(megan, answer))[0] == 404


ONE = {"id": "a", "epoch": 0, "last_message": "1"}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"action": TAKE, "conversations": []}, "take_over"),
        ({"action": TAKE}, "take_over"),
        ({"action": TAKE, "cases": [{"id": "a", "version": 1}]}, "conversations"),
        ({"action": TAKE, "conversations": [ONE], "cases": [{"id": "a", "version": 1}]}, "nothing else"),
        ({"action": {"kind": "assign_case", "assignee": None}, "conversations": [ONE]}, "cases"),
        ({"action": TAKE, "conversations": [{**ONE, "id": f"{n}"} for n in range(101)]}, "conversations"),
        ({"action": TAKE, "conversations": [ONE, ONE]}, "once"),
        ({"action": {"kind": "erase"}, "conversations": [ONE]}, "take_over"),
        ({"action": {"kind": "assign_case"}, "cases": [{"id": "a", "version": 1}]}, "assignee"),
        ({"action": {"kind": "assign", "agent": "nobody"}, "conversations": [ONE]}, "agent"),
        ({"action": {"kind": "hand_back", "to": "agent"}, "conversations": [ONE]}, "to"),
        ({"action": {"kind": "hand_back", "to": "bot", "no_danger": "no"}, "conversations": [ONE]}, "no_danger"),
        ({"action": {**PUT_OFF, "until": "2026-12-01T09:00:00"}, "conversations": [ONE]}, "until"),
        ({"action": TAKE, "conversations": [{"id": "a", "version": 1}]}, "epoch"),
        ({"conversations": [ONE]}, "action"),
    ],
)
async def test_a_request_that_can_not_be_meant_is_refused_as_a_whole(megan: Any, body: Any, named: str) -> None:
    status, problem, _ = await megan.post("/api/v1/bulk", body)
    assert status == 422
    assert named in str(problem)


@pytest.mark.parametrize("until", [TOMORROW - timedelta(days=2), TOMORROW + timedelta(days=90)])
async def test_a_time_that_has_passed_or_is_far_away_puts_nothing_off(house: Any, megan: Any, until: datetime) -> None:
    ids = [queued(house, n) for n in range(2)]
    await act(megan, TAKE, *ids)
    status, problem = await act(megan, {**PUT_OFF, "until": until.isoformat()}, *ids)
    assert (status, "until" in str(problem)) == (422, True)
    assert {row(house, id)["snoozed_until"] for id in ids} == {None}


async def test_a_hundred_are_done_at_once(house: Any, megan: Any) -> None:
    ids = [queued(house, n) for n in range(100)]
    _, answer = await act(megan, TAKE, *ids)
    assert (answer["done"], answer["refused"]) == (ids, [])
    assert (await undo(megan, answer))[1]["done"] == ids
    assert {(one["owner"], one["waiting_since"]) for one in (row(house, id) for id in ids)} == {
        ("queue", LONG_AGO + timedelta(minutes=n)) for n in range(100)
    }
    assert chains_hold(house.store)


@pytest.mark.parametrize(
    ("scopes", "action", "allowed"),
    [
        (("conversations:write",), TAKE, True),
        (("cases:write", "conversations:read"), TAKE, False),
        (("cases:write",), {"kind": "assign_case", "assignee": None}, True),
        (("conversations:write",), {"kind": "assign_case", "assignee": None}, False),
    ],
)
async def test_a_machine_needs_the_scope_of_the_single_act(
    house: Any, browser: Any, scopes: tuple[str, ...], action: Any, allowed: bool
) -> None:
    machine = await browser(key=house.key(*scopes))
    items = {"cases": [{"id": "a", "version": 1}]} if action["kind"] == "assign_case" else {"conversations": [ONE]}
    status, answer, _ = await machine.post("/api/v1/bulk", {"action": action, **items})
    assert status == (200 if allowed else 403)
    assert answer["code" if not allowed else "done"] == ("not_allowed" if not allowed else [])


async def test_the_same_request_again_does_nothing_twice(house: Any, megan: Any) -> None:
    ids = [queued(house, n) for n in range(2)]
    body = {"action": GIVE, "conversations": await seen(megan, *ids)}
    answers = [await megan.post("/api/v1/bulk", body, headers=KEY) for _ in range(2)]
    assert answers[0][1] == answers[1][1]
    assert answers[1][2].headers["Idempotency-Replayed"] == "true"
    assert len(house.told.owned) == 2
    undone = [await undo(megan, answers[0][1], headers=KEY) for _ in range(2)]
    assert undone[0] == undone[1]
    assert undone[0][1]["done"] == ids


async def test_two_acts_at_once_upon_the_same_give_each_to_one_and_wait_for_nobody(
    house: Any, browser: Any, megan: Any
) -> None:
    """In opposite orders: whoever locks them as they are named would wait for the other for ever."""
    carol, ids = await browser("carol"), [queued(house, n) for n in range(20)]
    shown = await seen(megan, *ids)
    one, other = await asyncio.gather(act(megan, TAKE, shown=shown), act(carol, TAKE, shown=shown[::-1]))
    assert (one[0], other[0]) == (200, 200)
    won, lost = (one[1], other[1]) if one[1]["done"] else (other[1], one[1])
    assert (set(won["done"]), lost["done"]) == (set(ids), [])
    assert set(reasons(lost).values()) == {"changed_meanwhile"}
    assert len({who(house, id) for id in ids}) == 1
    assert chains_hold(house.store)


# cases ------------------------------------------------------------------------------------------------------------


async def give_cases(agent: Any, assignee: str | None, *records: Any) -> tuple[int, Any]:
    items = [{"id": one.id, "version": one.version} for one in records]
    body = {"action": {"kind": "assign_case", "assignee": assignee}, "cases": items}
    return (await agent.post("/api/v1/bulk", body))[:2]


def assignee(house: Any, record: Any) -> str | None:
    found: str | None = house.store.read_now(cases.get, record.id).assignee
    return found


async def test_cases_are_given_to_one_agent_and_back(house: Any, megan: Any) -> None:
    nobodys, sians, gone_on = house.case(), house.case(assignee="sian"), house.case()
    house.store.write_now(cases.change, gone_on.id, {"next_steps": "ring"}, actor="agent:Carol")
    status, answer = await give_cases(megan, "carol", nobodys, sians, gone_on)
    assert (status, answer["done"]) == (200, [nobodys.id, sians.id])
    assert reasons(answer) == {gone_on.id: "changed_meanwhile"}
    assert [assignee(house, one) for one in (nobodys, sians, gone_on)] == ["carol", "carol", None]
    assert len(house.told.changed) == 2
    status, undone = await undo(megan, answer)
    assert (status, undone["done"]) == (200, [nobodys.id, sians.id])
    assert [assignee(house, one) for one in (nobodys, sians)] == [None, "sian"]
    done, back = trail(house, audit.case_chain(sians.id))[-2:]
    assert done[2] == {"assignee": {"from": "sian", "to": "carol"}, "bulk": answer["id"]}
    assert back[2] == {"assignee": {"from": "carol", "to": "sian"}, "bulk": answer["id"], "undone": True}
    assert chains_hold(house.store)


async def test_cases_are_taken_from_whoever_has_them(house: Any, megan: Any) -> None:
    record = house.case(assignee="sian")
    assert (await give_cases(megan, None, record))[1]["done"] == [record.id]
    assert assignee(house, record) is None


async def test_what_has_been_decided_about_a_case_since_stays(house: Any, megan: Any) -> None:
    noted, given, done = house.case(), house.case(), house.case()
    _, answer = await give_cases(megan, "carol", noted, given, done)
    house.store.write_now(cases.change, noted.id, {"next_steps": "ring"}, actor="agent:Carol")
    house.store.write_now(cases.change, given.id, {"assignee": "sian"}, actor="agent:Carol")
    house.store.write_now(cases.change, done.id, {"status": "resolved"}, actor="agent:Carol")
    _, undone = await undo(megan, answer)
    assert undone["done"] == [noted.id]
    assert reasons(undone) == {given.id: "changed_meanwhile", done.id: "changed_meanwhile"}
    assert [assignee(house, one) for one in (noted, given, done)] == [None, "sian", "carol"]


@pytest.mark.parametrize("name", ["nobody", "gone", "NOT A NAME"])
async def test_cases_go_to_an_open_account_only(house: Any, megan: Any, name: str) -> None:
    house.agent("gone")
    house.store.write_now(people.change_agent, "gone", {"active": False}, actor="system")
    records = [house.case(), house.case()]
    status, problem = await give_cases(megan, name, *records)
    assert status == 422
    assert "assignee" in str(problem)
    assert [assignee(house, one) for one in records] == [None, None]


async def test_a_case_that_is_not_there_is_named(house: Any, megan: Any) -> None:
    record = house.case()
    body = {
        "action": {"kind": "assign_case", "assignee": "carol"},
        "cases": [{"id": "none", "version": 1}, {"id": record.id, "version": record.version}],
    }
    _, answer, _ = await megan.post("/api/v1/bulk", body)
    assert (answer["done"], reasons(answer)) == ([record.id], {"none": "not_found"})


async def test_two_acts_at_once_upon_the_same_cases(house: Any, browser: Any, megan: Any) -> None:
    sian, records = await browser("sian"), [house.case() for _ in range(10)]
    one, other = await asyncio.gather(give_cases(megan, "carol", *records), give_cases(sian, "sian", *records[::-1]))
    assert sorted([len(one[1]["done"]), len(other[1]["done"])]) == [0, 10]
    assert len({assignee(house, record) for record in records}) == 1
    assert chains_hold(house.store)


# what nobody has looked at or listened to yet ---------------------------------------------------------------------


def _given_by_turn(tx: Transaction, id: str, agent_id: str, since: datetime) -> None:
    found = conversations.locked(tx, id)
    values = ownership.owner_values(found, Owner.AGENT, tx.now, agent_id=agent_id)
    conversations.add_messages(tx, found, [], values=values)
    epoch = conversations.locked(tx, id)["epoch"]
    given = {"conversation_id": id, "epoch": epoch, "agent_id": agent_id, "at": tx.now, "due_at": tx.now}
    tx.execute(sa.insert(givings).values(**given, waited_since=since, reason="asked"))


async def test_what_its_agent_has_not_looked_at_goes_back_to_the_queue_and_not_to_an_empty_chair(
    house: Any, browser: Any
) -> None:
    absent = house.agent("absent")
    house.agent("sian", Role.SUPERVISOR)
    id = queued(house)
    house.store.write_now(_given_by_turn, id, absent.id, LONG_AGO)
    sian = await browser("sian")
    _, answer = await act(sian, TAKE, id)
    assert answer["done"] == [id]
    assert (await undo(sian, answer))[1]["done"] == [id]
    assert who(house, id) == ("queue", None)
    assert row(house, id)["waiting_since"] == LONG_AGO


@pytest.mark.parametrize("action", [TAKE, GIVE], ids=["take over", "give"])
async def test_what_was_said_is_listened_to_before_many_are_taken(
    house: Any, megan: Any, action: dict[str, Any]
) -> None:
    """A life in danger is heard by the turn that is due; taken before, nobody would have heard it."""
    id = queued(house)
    house.store.write_now(_due, id)
    _, answer = await act(megan, action, id)
    assert (answer["done"], reasons(answer)) == ([], {id: "not_heard_yet"})
    assert who(house, id) == ("queue", None)


def _due(tx: Transaction, id: str) -> None:
    found = conversations.locked(tx, id)
    conversations.add_messages(tx, found, [], values={"speak_at": tx.now, "speak_at_latest": tx.now})


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (TAKE, "@carol → Sian"),
        (GIVE | {"agent": "megan"}, "@carol → @megan"),
        ({**TO_QUEUE, "reason": "Carol is ill"}, "Carol is ill\n@carol → ↩"),
    ],
)
async def test_whoever_loses_them_is_called_to_each_until_it_is_undone(
    house: Any, browser: Any, megan: Any, action: Any, told: str
) -> None:
    carol, sian, ids = await browser("carol"), await browser("sian"), [queued(house, n) for n in range(2)]
    for id in ids:
        await carol.post(f"/api/v1/conversations/{id}/take-over")
    _, answer = await act(sian, action, *ids)
    assert answer["done"] == ids
    called = (await carol.get("/api/v1/mentions"))[1]["items"]
    assert [one["note"]["text"] for one in called] == [told, told]
    await undo(sian, answer)
    assert (await carol.get("/api/v1/mentions"))[1]["items"] == []
