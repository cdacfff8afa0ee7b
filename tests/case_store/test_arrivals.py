"""The ledger of arrivals: accepted once, read by one reader at a time, never lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from case_store import arrivals
from case_store.arrivals import NewArrival, StoredArrival
from case_store.store import Store
from case_store.tables_arrivals import arrivals as ledger

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def mail(external_id: str = "<1@bank.example>", account: str = "complaints@bank.example") -> NewArrival:
    transport = {"peer": "192.0.2.1", "from": "wen@example.com"}
    return NewArrival("email", account, external_id, AT, size=5, raw=b"\x00\xff\r\n.", transport=transport)


async def accepted(store: Store, how_many: int = 1) -> list[str]:
    return [(await store.write(arrivals.accept, mail(f"<{number}@x>")))[0] for number in range(how_many)]


async def lose_lease(store: Store) -> None:
    """As if the reader were paused past its lease."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    await store.write(lambda tx: tx.execute(sa.update(ledger).values(due_at=past)) and None)


async def states(store: Store) -> dict[str, int]:
    return {state: count for state, count in (await store.read(arrivals.counts)).items() if count}


async def test_an_arrival_is_kept_exactly_as_it_came(store: Store) -> None:
    [id] = await accepted(store)
    [claimed] = await store.write(arrivals.claim, 10)
    assert (claimed.id, claimed.raw, claimed.received_at) == (id, b"\x00\xff\r\n.", AT)
    assert claimed.transport == {"peer": "192.0.2.1", "from": "wen@example.com"}
    assert await store.read(arrivals.oldest_waiting) == AT


async def test_a_repeat_is_accepted_once_and_answered_with_the_first_id(store: Store) -> None:
    first, repeated = await store.write(arrivals.accept, mail())
    again, repeated_again = await store.write(arrivals.accept, mail())
    assert (repeated, repeated_again) == (False, True)
    assert again == first
    assert await states(store) == {"waiting": 1}


async def test_repeats_in_parallel_are_accepted_once(store: Store) -> None:
    answers = await asyncio.gather(*[store.write(arrivals.accept, mail()) for _ in range(20)])
    assert len({id for id, _ in answers}) == 1
    assert sorted(repeated for _, repeated in answers) == [False] + [True] * 19


async def test_a_repeat_of_what_was_read_stays_read(store: Store) -> None:
    await accepted(store)
    [claimed] = await store.write(arrivals.claim, 10)
    await store.write(arrivals.tick_off, claimed, [{"message": 1}])
    assert (await store.write(arrivals.accept, mail("<0@x>")))[1]
    assert await states(store) == {"read": 1}


async def test_the_same_id_in_another_account_is_another_arrival(store: Store) -> None:
    await store.write(arrivals.accept, mail())
    assert not (await store.write(arrivals.accept, mail(account="hk@bank.example")))[1]


async def test_readers_in_parallel_never_get_the_same_arrival(store: Store) -> None:
    ids = await accepted(store, 12)
    claims = await asyncio.gather(*[store.write(arrivals.claim, 3) for _ in range(6)])
    assert all(len(claim) <= 3 for claim in claims)
    claimed = [arrival.id for claim in claims for arrival in claim]
    assert len(claimed) == len(set(claimed))
    rest = await store.write(arrivals.claim, 12)  # a reader may pass over rows that another was just looking at
    assert sorted([*claimed, *(arrival.id for arrival in rest)]) == sorted(ids)


async def test_what_is_leased_is_not_handed_out_until_the_lease_runs_out(store: Store) -> None:
    await accepted(store)
    [first] = await store.write(arrivals.claim, 10)
    assert await store.write(arrivals.claim, 10) == []
    await lose_lease(store)
    [second] = await store.write(arrivals.claim, 10)
    assert (second.id, second.attempts) == (first.id, 2)
    assert second.lease != first.lease


async def test_a_reader_that_lost_its_lease_changes_nothing(store: Store) -> None:
    await accepted(store)
    [slow] = await store.write(arrivals.claim, 10)
    await lose_lease(store)
    [quick] = await store.write(arrivals.claim, 10)
    assert not await store.write(arrivals.tick_off, slow, [{"message": 1}])
    await store.write(arrivals.park, slow, "poison")
    await store.write(arrivals.try_later, slow, "later", timedelta(hours=1))
    assert await states(store) == {"waiting": 1}
    assert await store.write(arrivals.tick_off, quick, [{"message": 2}])
    became = await store.read(lambda tx: tx.execute(sa.select(ledger.c.became)).scalar_one())
    assert became == [{"message": 2}]


async def test_an_arrival_is_ticked_off_once(store: Store) -> None:
    await accepted(store)
    [claimed] = await store.write(arrivals.claim, 10)
    assert await store.write(arrivals.tick_off, claimed, [])
    assert not await store.write(arrivals.tick_off, claimed, [])
    assert await states(store) == {"read": 1}
    assert await store.read(arrivals.oldest_waiting) is None


async def claim_one(store: Store) -> StoredArrival:
    [claimed] = await store.write(arrivals.claim, 1)
    return claimed


async def test_what_can_not_be_read_is_parked_with_its_reason_and_can_be_read_again(store: Store) -> None:
    [id] = await accepted(store)
    await store.write(arrivals.park, await claim_one(store), "10,000 parts " + "x" * 5000)
    [parked] = await store.read(arrivals.parked)
    assert (parked.id, (parked.reason or "")[:12], len(parked.reason or "")) == (id, "10,000 parts", 2000)
    assert await store.write(arrivals.claim, 10) == []
    assert await store.write(arrivals.replay, id) == 1
    again = await claim_one(store)
    assert (again.id, again.raw, again.attempts) == (id, b"\x00\xff\r\n.", 1)


async def test_only_what_is_parked_is_read_again(store: Store) -> None:
    await accepted(store, 2)
    await store.write(arrivals.tick_off, await claim_one(store), [])
    assert await store.write(arrivals.replay) == 0
    assert await states(store) == {"read": 1, "waiting": 1}


async def test_what_is_tried_later_waits_until_then(store: Store) -> None:
    await accepted(store)
    await store.write(arrivals.try_later, await claim_one(store), "no DNS", timedelta(hours=1))
    assert await store.write(arrivals.claim, 10) == []
    await lose_lease(store)
    assert (await claim_one(store)).attempts == 2


@pytest.mark.parametrize(("channels", "found"), [(None, 1), (["email"], 1), (["telegram"], 0), ([], 0)])
async def test_a_reader_takes_only_its_channels(store: Store, channels: list[str] | None, found: int) -> None:
    await accepted(store)
    assert len(await store.write(arrivals.claim, 10, channels)) == found


async def test_the_oldest_is_read_first(store: Store) -> None:
    ids = await accepted(store, 5)
    assert [arrival.id for arrival in await store.write(arrivals.claim, 3)] == ids[:3]
