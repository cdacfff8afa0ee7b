"""What was agreed, until it is done: warned of, recorded, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from case_store import audit, settlements
from case_store.audit import case_chain
from case_store.records import Owner
from case_store.tables_outbox import timers
from case_store.tables_papers import settlements as settlement_table
from gateway import negotiating
from tests.bad_days.negotiated import AGENT, WHOLE, House, agreed


async def test_what_is_not_performed_warns_before_and_after_its_day_until_it_is_done(house: House) -> None:
    settled = await agreed(house)
    house.fire("settlement_near")
    assert house.words() == ["settlement_to_perform", "settlement_near"]
    house.fire("settlement_overdue")
    assert "settlement_overdue" not in house.words(), "the day is not over"
    past = sa.update(settlement_table).values(due_at=sa.bindparam("at"))
    house.rooms.store.write_now(lambda tx: tx.execute(past, {"at": tx.now - timedelta(hours=1)}))
    house.rooms.store.write_now(lambda tx: tx.execute(sa.delete(timers).where(timers.c.kind == "settlement_overdue")))
    again = {"settlement": settled.id}
    row = {"key": "settlement_overdue:x", "kind": "settlement_overdue", "subject": "x", "payload": again}
    house.rooms.store.write_now(lambda tx: tx.execute(sa.insert(timers).values(**row, due_at=tx.now)))
    house.fire("settlement_overdue")
    assert house.words() == ["settlement_to_perform", "settlement_near", "settlement_overdue"]
    [overdue] = house.settled()
    assert overdue.overdue_at is not None
    assert "settlement_overdue" in house.trail()
    waiting = house.rooms.rows(
        sa.select(timers.c.key).where(timers.c.kind == "settlement_overdue", timers.c.due_at.is_not(None))
    )
    assert len(waiting) == 1, "everybody is told again tomorrow"
    done = (house.rooms.notices, settled.id, house.today())
    house.rooms.store.write_now(negotiating.record_performed, *done, actor=AGENT, note="transfer 4711")
    assert house.words() == []
    assert "was completed on" in house.last().text
    assert "transfer 4711" in house.last().text
    house.fire("settlement_overdue")
    assert house.words() == []


async def test_what_was_recorded_as_done_by_mistake_is_to_be_done_again(house: House) -> None:
    settled = await agreed(house)
    notices = house.rooms.notices
    house.rooms.store.write_now(
        negotiating.record_performed, notices, settled.id, house.today(), actor=AGENT, note=None
    )
    with pytest.raises(settlements.PerformedBefore):
        house.rooms.store.write_now(
            negotiating.record_performed, notices, settled.id, house.today(), actor=AGENT, note=None
        )
    house.rooms.store.write_now(
        negotiating.record_not_performed, notices, settled.id, actor=AGENT, note="the transfer came back"
    )
    assert [one.performed_on for one in house.settled()] == [None]
    assert house.words() == ["settlement_to_perform"]
    assert house.trail()[-1] == "settlement_not_performed"


async def test_the_trail_of_a_negotiated_case_verifies(house: House) -> None:
    await agreed(house)
    events = house.rooms.store.read_now(audit.timeline, case_chain(house.case_id))
    assert [event.number for event in events] == list(range(1, len(events) + 1))


async def test_who_asks_how_it_stands_hears_what_waits_then_what_was_agreed_then_that_it_is_done(house: House) -> None:
    await house.file_by_chat()
    house.offer(by_bot=False)
    await house.say("How is my complaint going?")
    assert WHOLE.title in house.last().text, "also of an offer whose answer the agent takes"
    house.offer()
    await house.say("2")
    await house.say("yes")
    [settled] = house.settled()
    await house.say("How is my complaint going?")
    assert f"“{WHOLE.title}”, to be completed by" in house.last().text
    past = sa.update(settlement_table).values(due_at=sa.bindparam("at"))
    house.rooms.store.write_now(lambda tx: tx.execute(past, {"at": tx.now - timedelta(hours=1)}))
    await house.say("How is my complaint going?")
    assert "listed as overdue" in house.last().text
    done = (house.rooms.notices, settled.id, house.today())
    house.rooms.store.write_now(negotiating.record_performed, *done, actor=AGENT, note=None)
    await house.say("How is my complaint going?")
    assert f"“{WHOLE.title}”, was completed on" in house.last().text


async def test_yes_pressed_again_after_the_agreement_agrees_once_and_denies_nothing(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say("2", f"offer:{made.id}:2")
    for _ in range(2):
        await house.say("Yes, agreed", f"offer:{made.id}:yes:2")
    assert len(house.settled()) == 1
    assert "nothing has been agreed" not in house.last().text
    assert WHOLE.title in house.last().text
    assert house.owner() == Owner.BOT


async def test_who_regrets_it_changes_nothing_and_a_person_comes(house: House) -> None:
    await agreed(house)
    await house.say("I changed my mind, option 1 please")
    assert [one.option for one in house.settled()] == [WHOLE]
    assert house.owner() == Owner.QUEUE
