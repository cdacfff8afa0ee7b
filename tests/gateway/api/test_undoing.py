"""An act upon many is undone: what goes back to where it was, what has moved on and is left, and for how long it can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, bulk, people
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_desk import bulk_actions
from tests.gateway.api.bulk import (
    GIVE,
    LONG_AGO,
    PUT_OFF,
    TAKE,
    TO_BOT,
    TO_QUEUE,
    TOMORROW,
    act,
    chains_hold,
    heard,
    megan,
    queued,
    reasons,
    row,
    says,
    set_values,
    trail,
    undo,
    who,
)

__all__ = ["megan"]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the clock that units of work go by."""

    def move(by: timedelta) -> None:
        real = Transaction._ask_now
        monkeypatch.setattr(Transaction, "_ask_now", lambda tx: real(tx) + by)

    return move


@pytest.mark.parametrize("action", [TAKE, GIVE, TO_BOT])
async def test_what_waited_waits_again_in_its_old_place(house: Any, megan: Any, action: Any) -> None:
    ids = [queued(house, n) for n in range(3)]
    _, answer = await act(megan, action, *ids)
    assert datetime.fromisoformat(answer["undo_until"]) > datetime.now(UTC) + timedelta(minutes=9)
    status, undone = await undo(megan, answer)
    assert (status, undone["done"], undone["refused"]) == (200, ids, [])
    for number, id in enumerate(ids):
        now, since = row(house, id), LONG_AGO + timedelta(minutes=number)
        assert (now["owner"], now["agent_id"], now["waiting_since"], now["waiting_reason"], now["announced_at"]) == (
            *("queue", None, since, "asked", since),
        )
        ((_, actor, detail),) = [one for one in trail(house, audit.conversation_chain(id)) if one[0] == "put_back"]
        assert (actor, detail["to"], detail["bulk"]) == ("agent:Megan", "queue", answer["id"])
    assert [told[:2] for told in house.told.owned[3:]] == [(answer_owner(action), "queue")] * 3
    assert chains_hold(house.store)


def answer_owner(action: Any) -> str:
    return "bot" if action is TO_BOT else "agent"


@pytest.mark.parametrize("action", [TO_QUEUE, TO_BOT, GIVE])
async def test_what_one_answered_is_ones_own_again_and_as_long_put_off(house: Any, megan: Any, action: Any) -> None:
    id = queued(house)
    await act(megan, TAKE, id)
    await act(megan, PUT_OFF, id)
    _, answer = await act(megan, action, id)
    assert row(house, id)["snoozed_until"] is None
    await undo(megan, answer)
    assert (who(house, id), row(house, id)["snoozed_until"]) == (("agent", "megan"), TOMORROW)
    assert house.told.owned[-1][2].name == "Megan"


async def test_what_a_supervisor_took_out_of_somebodys_hands_is_theirs_again(
    house: Any, browser: Any, megan: Any
) -> None:
    id, sian = queued(house), await browser("sian")
    await megan.post(f"/api/v1/conversations/{id}/take-over")
    _, answer = await act(sian, GIVE, id)
    await undo(sian, answer)
    assert who(house, id) == ("agent", "megan")


async def test_putting_off_is_undone(house: Any, megan: Any) -> None:
    id = queued(house)
    await act(megan, TAKE, id)
    epoch = row(house, id)["epoch"]
    _, answer = await act(megan, PUT_OFF, id)
    await undo(megan, answer)
    assert (row(house, id)["snoozed_until"], row(house, id)["epoch"]) == (None, epoch)


async def test_who_was_called_and_has_not_seen_it_is_called_no_more(house: Any, browser: Any, megan: Any) -> None:
    carol, looked, unseen = await browser("carol"), queued(house), queued(house, 1)
    _, answer = await act(megan, GIVE, looked, unseen)
    calls = {
        one["note"]["conversation"]: one["note"]["id"] for one in (await carol.get("/api/v1/mentions"))[1]["items"]
    }
    await carol.post("/api/v1/mentions/seen", {"notes": [calls[looked]]})
    await undo(megan, answer)
    left = (await carol.get("/api/v1/mentions"))[1]["items"]
    assert [one["note"]["conversation"] for one in left] == [looked]


async def test_what_the_customer_said_to_a_colleague_is_due_when_the_bot_has_it_again(house: Any, megan: Any) -> None:
    """Nobody would answer it: the bot speaks when it is due, and it was not due while somebody had it."""
    heard, unheard = house.conversation("hello"), house.conversation("hello")
    for id in (heard, unheard):
        house.store.write_now(set_values, id, answered_message=1)
    _, answer = await act(megan, GIVE, heard, unheard)
    house.store.write_now(says, unheard, Sender.CUSTOMER)
    assert row(house, unheard)["speak_at"] is None
    assert set((await undo(megan, answer))[1]["done"]) == {heard, unheard}
    assert row(house, unheard)["speak_at"] is not None
    assert row(house, heard)["speak_at"] is None


async def test_undone_in_part_where_somebody_was_quicker(house: Any, browser: Any, megan: Any) -> None:
    """An answer, another owner, danger, a call to a time: what was touched is left and named."""
    untouched, answered, taken, danger, off = (queued(house, n) for n in range(5))
    _, answer = await act(megan, GIVE, untouched, answered, taken, danger, off)
    carol = await browser("carol")
    await carol.post(f"/api/v1/conversations/{answered}/messages", {"text": "Good morning"})
    await (await browser("sian")).post(f"/api/v1/conversations/{taken}/take-over", {"take_over": True})
    house.store.write_now(set_values, danger, urgent=True)
    await carol.post(f"/api/v1/conversations/{off}/snooze", {"until": TOMORROW.isoformat()})
    status, undone = await undo(megan, answer)
    assert (status, undone["done"]) == (200, [untouched])
    assert reasons(undone) == {
        answered: "answered",
        taken: "changed_meanwhile",
        danger: "danger_to_life",
        off: "changed_meanwhile",
    }
    owners = [who(house, id)[1] for id in (untouched, answered, taken, danger, off)]
    assert owners == [None, "carol", "sian", "carol", "carol"]
    assert chains_hold(house.store)


@pytest.mark.parametrize(
    ("sender", "left"), [(Sender.CUSTOMER, {"moved_on"}), (Sender.BOT, set()), (Sender.SYSTEM, set())]
)
async def test_once_the_customer_has_written_to_the_bot_it_is_the_bots(
    house: Any, megan: Any, sender: Sender, left: set[str]
) -> None:
    id = queued(house)
    await act(megan, TAKE, id)
    _, answer = await act(megan, TO_BOT, id)
    house.store.write_now(says, id, sender)
    assert set(reasons((await undo(megan, answer))[1]).values()) == left
    assert who(house, id)[0] == ("bot" if left else "agent")


async def test_nothing_goes_back_to_who_is_not_there_any_more(house: Any, browser: Any, megan: Any) -> None:
    id, sian = queued(house), await browser("sian")
    await megan.post(f"/api/v1/conversations/{id}/take-over")
    _, answer = await act(sian, GIVE, id)
    house.store.write_now(people.change_agent, "megan", {"active": False}, actor="system")
    assert reasons((await undo(sian, answer))[1]) == {id: "account_closed"}
    assert who(house, id) == ("agent", "carol")


async def test_it_is_undone_once_and_by_whoever_did_it(house: Any, browser: Any, megan: Any) -> None:
    id = queued(house)
    _, answer = await act(megan, TAKE, id)
    status, problem = await undo(await browser("sian"), answer)
    assert (status, problem["code"]) == (403, "not_yours")
    assert (await undo(megan, answer))[0] == 200
    house.store.write_now(heard, id)
    await act(megan, TAKE, id)
    status, problem = await undo(megan, answer)
    assert (status, problem["code"]) == (409, "undone_already")
    assert who(house, id) == ("agent", "megan")


async def test_two_undoings_at_once_undo_once(house: Any, megan: Any) -> None:
    ids = [queued(house, n) for n in range(3)]
    _, answer = await act(megan, TAKE, *ids)
    told = await asyncio.gather(*(undo(megan, answer) for _ in range(4)))
    assert sorted(status for status, _ in told) == [200, 409, 409, 409]
    assert len(house.told.owned) == 6


async def test_it_is_undone_within_ten_minutes(house: Any, megan: Any, later: Callable[[timedelta], None]) -> None:
    one, other = queued(house), queued(house, 1)
    answers = [(await act(megan, TAKE, id))[1] for id in (one, other)]
    later(timedelta(minutes=9))
    assert (await undo(megan, answers[0]))[0] == 200
    later(timedelta(minutes=2))
    status, problem = await undo(megan, answers[1])
    assert (status, problem["code"]) == (409, "too_late")
    assert (who(house, one), who(house, other)) == (("queue", None), ("agent", "megan"))


async def test_what_was_never_done_is_not_undone(megan: Any) -> None:
    assert (await undo(megan, {"id": "none"}))[0] == 404


async def test_what_nobody_can_undo_any_more_is_forgotten_after_a_day(
    house: Any, megan: Any, later: Callable[[timedelta], None]
) -> None:
    await act(megan, TAKE, queued(house))
    later(timedelta(hours=23))
    assert house.store.write_now(bulk.sweep) == 0
    await megan.sign_in("megan")
    await act(megan, TAKE, queued(house))
    later(timedelta(hours=2))
    assert house.store.write_now(bulk.sweep) == 1
    assert (
        house.store.read_now(lambda tx: tx.execute(sa.select(sa.func.count()).select_from(bulk_actions)).scalar()) == 1
    )


async def test_no_word_of_a_customer_is_kept_for_undoing(house: Any, megan: Any) -> None:
    await act(megan, GIVE, queued(house))
    (kept,) = house.store.read_now(lambda tx: tx.execute(sa.select(bulk_actions.c.before)).scalars().all())
    assert "hello" not in str(kept)
    assert "江敏" not in str(kept)
