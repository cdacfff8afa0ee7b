"""The ledger of arrivals: accepted once, read by one reader at a time, never lost."""

from __future__ import annotations

from datetime import UTC, datetime

from case_store import arrivals
from case_store.arrivals import NewArrival
from case_store.store import Store

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def mail(external_id: str = "<1@bank.example>", account: str = "complaints@bank.example") -> NewArrival:
    return NewArrival("email", account, external_id, AT, size=5, raw=b"hello")


async def test_a_repeat_is_accepted_once_and_answered_with_the_first_id(store: Store) -> None:
    first, repeated = await store.write(arrivals.accept, mail())
    again, repeated_again = await store.write(arrivals.accept, mail())
    assert (repeated, repeated_again) == (False, True)
    assert again == first
    assert (await store.read(arrivals.counts))["waiting"] == 1
