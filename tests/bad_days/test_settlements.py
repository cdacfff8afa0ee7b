"""What was agreed, until it is done: warned of, recorded, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from case_store import audit, settlements
from case_store.audit import case_chain
from case_store.tables import settlements as settlement_table
from case_store.tables import timers
from gateway import negotiating
from tests.bad_days.negotiated import AGENT, House, agreed


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
