"""Duties: one holder at a time, and nothing written by one that has lost it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from case_store.store import Store
from channels.channel import DutyLost, StoreUnavailable
from gateway.duties import StoredDuty

LONG = timedelta(minutes=5)
SHORT = timedelta(milliseconds=1)


def of(store: Store, node: str, lasting: timedelta = LONG) -> StoredDuty:
    return StoredDuty(store, "mailbox", node, lasting)


async def test_one_holder_at_a_time(store: Store) -> None:
    nodes = [of(store, f"node{number}") for number in range(6)]
    held = await asyncio.gather(*(node.take() for node in nodes))
    assert sum(hold is not None for hold in held) == 1


async def test_the_holder_keeps_it_under_the_same_fence(store: Store) -> None:
    first = of(store, "a")
    one, two = await first.take(), await first.take()
    assert one is not None
    assert one == two


async def test_what_is_remembered_is_there_for_the_next(store: Store) -> None:
    first, second = of(store, "a"), of(store, "b")
    hold = await first.take()
    assert hold is not None
    hold = await first.remember(hold, {"uid": 7})
    assert await second.take() is None
    await first.let_go(hold)
    taken = await second.take()
    assert taken is not None
    assert (taken.memory, taken.fence) == ({"uid": 7}, hold.fence + 1)


async def test_one_that_was_paused_past_its_lease_writes_nothing_any_more(store: Store) -> None:
    first, second = of(store, "a", SHORT), of(store, "b")
    old = await first.take()
    assert old is not None
    await asyncio.sleep(0.05)
    new = await second.take()
    assert new is not None
    await second.remember(new, {"uid": 9})
    with pytest.raises(DutyLost):
        await first.remember(old, {"uid": 3})
    await first.let_go(old)
    assert await first.take() is None
    again = await second.take()
    assert again is not None
    assert again.memory == {"uid": 9}


async def test_a_restart_under_the_same_name_is_another_holder(store: Store) -> None:
    before, after = of(store, "a", SHORT), of(store, "a")
    old = await before.take()
    assert old is not None
    await asyncio.sleep(0.05)
    assert await after.take() is not None
    with pytest.raises(DutyLost):
        await before.remember(old, {})


async def test_without_a_store_there_is_no_duty(store: Store) -> None:
    duty = of(store, "a")
    store.close()
    with pytest.raises(StoreUnavailable):
        await duty.take()
