"""A unit of work: durable when it is answered, undone alone when it fails, refused honestly when the database can't."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from case_store.store import Store, StoreUnavailable, Transaction, Wake
from case_store.tables_house import house


class Cluster(Protocol):
    def stop(self) -> None: ...
    def start(self) -> None: ...


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    opened = Store(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def postgresql_store(postgresql_url: str) -> Iterator[Store]:
    opened = Store(postgresql_url)
    yield opened
    opened.close()


def put(tx: Transaction, key: str, value: str = "1") -> str:
    tx.execute(sa.insert(house).values(key=key, value=value))
    tx.wake("case", key)
    return key


def put_and_fail(tx: Transaction, key: str) -> None:
    put(tx, key)
    raise LookupError(key)


def keys(tx: Transaction) -> list[str]:
    return sorted(tx.connection.scalars(sa.select(house.c.key)))


async def occupied(store: Store, release: threading.Event) -> asyncio.Future[None]:
    """The writer, busy until `release`."""
    begun = threading.Event()

    def occupy(tx: Transaction) -> None:
        begun.set()
        release.wait(60)

    busy = asyncio.ensure_future(store.write(occupy))
    assert await asyncio.to_thread(begun.wait, 60)
    return busy


async def together(store: Store, *units: Callable[[Transaction], Any]) -> list[Any]:
    """Hands units over while the writer is busy, so that on SQLite they make one batch. Answers results and errors."""
    release = threading.Event()
    busy = await occupied(store, release)
    waiting = [asyncio.ensure_future(store.write(unit)) for unit in units]
    await asyncio.sleep(0.05)
    release.set()
    await busy
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_is_answered_is_there_for_everybody(store: Store) -> None:
    assert await store.write(put, "a") == "a"
    assert await store.read(keys) == ["a"]
    with closing(Store(store.url.render_as_string(hide_password=False))) as another:
        assert another.read_now(keys) == ["a"]


async def test_a_unit_that_fails_undoes_itself_alone(store: Store) -> None:
    results = await together(store, lambda tx: put(tx, "a"), lambda tx: put_and_fail(tx, "b"), lambda tx: put(tx, "c"))
    assert results[::2] == ["a", "c"]
    assert isinstance(results[1], LookupError)
    assert await store.read(keys) == ["a", "c"]


async def test_a_statement_that_fails_undoes_its_unit_alone(store: Store) -> None:
    await store.write(put, "there")

    def twice(tx: Transaction) -> None:
        put(tx, "b")
        tx.execute(sa.text("INSERT INTO house (key) VALUES ('no value')"))

    results = await together(store, lambda tx: put(tx, "a"), twice, lambda tx: put(tx, "c"))
    assert results[::2] == ["a", "c"]
    assert isinstance(results[1], sa.exc.IntegrityError)
    assert await store.read(keys) == ["a", "c", "there"]


async def test_wakes_come_after_the_commit_and_only_from_what_was_committed(store: Store) -> None:
    seen: list[tuple[str, list[str]]] = []

    def on_wake(wakes: list[Wake]) -> None:
        committed = store.read_now(keys)
        seen.extend((wake.id, committed) for wake in wakes)

    store.on_wake = on_wake
    await together(store, lambda tx: put(tx, "a"), lambda tx: put_and_fail(tx, "b"), lambda tx: put(tx, "c"))
    await asyncio.sleep(0.05)
    assert sorted(id for id, _ in seen) == ["a", "c"]
    assert all(id in committed for id, committed in seen)


async def test_a_caller_who_gives_up_takes_nobody_along(store: Store) -> None:
    release = threading.Event()
    busy = await occupied(store, release)
    gives_up, stays = asyncio.ensure_future(store.write(put, "a")), asyncio.ensure_future(store.write(put, "b"))
    await asyncio.sleep(0.05)
    gives_up.cancel()
    release.set()
    await busy
    assert await stays == "b"


async def test_closing_finishes_what_is_queued_and_refuses_what_comes_later(store: Store) -> None:
    queued = [asyncio.ensure_future(store.write(put, f"k{number}")) for number in range(5)]
    await asyncio.sleep(0)
    await asyncio.to_thread(store.close)
    assert await asyncio.gather(*queued) == [f"k{number}" for number in range(5)]
    for again in (store.write, store.read):
        with pytest.raises(StoreUnavailable):
            await again(keys)


async def test_a_savepoint_that_is_released_commits_nothing_on_sqlite(sqlite_store: Store, sqlite_url: str) -> None:
    """pysqlite's own way of opening transactions commits at the first RELEASE; ours does not."""
    path = sa.make_url(sqlite_url).database or ""
    seen_by_others: list[int] = []

    def look(tx: Transaction) -> None:
        tx.connection.exec_driver_sql("SAVEPOINT inner_one")
        put(tx, "inside")
        tx.connection.exec_driver_sql("RELEASE inner_one")
        with closing(sqlite3.connect(path)) as other:
            seen_by_others.append(other.execute("SELECT count(*) FROM house").fetchone()[0])
        raise LookupError

    results = await together(sqlite_store, lambda tx: put(tx, "before"), look, look)
    assert [type(result) for result in results] == [str, LookupError, LookupError]
    assert seen_by_others == [0, 0]
    assert await sqlite_store.read(keys) == ["before"]


async def test_what_is_committed_outlives_a_power_cut(sqlite_store: Store, postgresql_store: Store) -> None:
    """SQLite syncs its log at each commit, PostgreSQL before it answers."""
    asked = ((sqlite_store, "PRAGMA synchronous", 2), (postgresql_store, "SHOW synchronous_commit", "on"))
    for store, question, answer in asked:
        told = await store.write(lambda tx, said=question: tx.execute(sa.text(said)).scalar_one())  # by whoever writes
        assert told == answer


async def test_many_units_share_one_commit_on_sqlite(sqlite_store: Store) -> None:
    commits: list[int] = []
    event.listen(sqlite_store.engine, "commit", lambda connection: commits.append(1))
    await together(sqlite_store, *[lambda tx, key=f"k{number}": put(tx, key) for number in range(50)])
    assert len(commits) == 2  # the one that kept the writer busy, and one for all fifty


async def test_a_commit_that_fails_is_told_to_every_caller_on_sqlite(sqlite_store: Store) -> None:
    woken: list[Wake] = []
    sqlite_store.on_wake = woken.extend
    sqlite_store.write_now(
        lambda tx: tx.execute(
            sa.text("CREATE TABLE late (of text REFERENCES house (key) DEFERRABLE INITIALLY DEFERRED)")
        )
    )
    results = await together(
        sqlite_store,
        lambda tx: put(tx, "a"),
        lambda tx: tx.execute(sa.text("INSERT INTO late VALUES ('nobody')")) and None,
        lambda tx: put(tx, "c"),
    )
    assert [type(result) for result in results] == [sa.exc.IntegrityError] * 3
    assert await sqlite_store.read(keys) == []
    await asyncio.sleep(0.05)
    assert woken == []
    assert await sqlite_store.write(put, "afterwards") == "afterwards"


async def test_a_full_disk_takes_nothing_and_work_goes_on_when_there_is_room(sqlite_store: Store) -> None:
    pages = sqlite_store.read_now(lambda tx: int(tx.execute(sa.text("PRAGMA page_count")).scalar_one()))
    room = [pages + 3]

    def bound(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {room[0]}").close()

    event.listen(sqlite_store.engine, "checkout", bound)
    letters = "x" * 100_000
    results = await together(sqlite_store, lambda tx: put(tx, "a", letters), lambda tx: put(tx, "b", letters))
    assert [type(result) for result in results] == [StoreUnavailable] * 2
    assert await sqlite_store.read(keys) == []

    room[0] = 1_000_000
    assert await sqlite_store.write(put, "a", letters) == "a"
    assert await sqlite_store.read(keys) == ["a"]


async def test_a_database_that_is_locked_for_long_is_told_as_unavailable(sqlite_store: Store, sqlite_url: str) -> None:
    event.listen(
        sqlite_store.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout = 50").close()
    )
    with closing(sqlite3.connect(sa.make_url(sqlite_url).database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await sqlite_store.write(put, "a")
        other.execute("ROLLBACK")
    assert await sqlite_store.write(put, "a") == "a"


async def test_a_deadlock_is_tried_again_on_postgresql(postgresql_store: Store) -> None:
    for key in ("a", "b"):
        await postgresql_store.write(put, key, "0")
    met = threading.Barrier(2)
    attempts: list[str] = []

    def both(tx: Transaction, first: str, second: str) -> None:
        attempts.append(first)
        for step, key in enumerate((first, second)):
            value = sa.cast(sa.cast(house.c.value, sa.Integer) + 1, sa.Text)
            tx.execute(sa.update(house).where(house.c.key == key).values(value=value))
            if step == 0 and attempts.count(first) == 1:
                met.wait(60)

    await asyncio.gather(postgresql_store.write(both, "a", "b"), postgresql_store.write(both, "b", "a"))
    values = await postgresql_store.read(lambda tx: list(tx.connection.scalars(sa.select(house.c.value))))
    assert values == ["2", "2"]
    assert len(attempts) > 2  # one of them at least was undone and run again


async def test_a_unit_at_fault_is_not_taken_for_an_outage(store: Store) -> None:
    with pytest.raises(sa.exc.DBAPIError) as raised:
        await store.write(lambda tx: tx.execute(sa.text("INSERT INTO house (key) VALUES ('x')")))
    assert not isinstance(raised.value, StoreUnavailable)


async def test_a_database_that_goes_away_is_told_and_comes_back_without_a_restart(
    postgresql_store: Store, cluster: Cluster
) -> None:
    await postgresql_store.write(put, "before")
    cluster.stop()
    try:
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await postgresql_store.write(put, "lost")
            with pytest.raises(StoreUnavailable):
                await postgresql_store.read(keys)
    finally:
        cluster.start()
    assert await first_success(lambda: postgresql_store.write(put, "after")) == "after"
    assert await first_success(lambda: postgresql_store.read(keys)) == ["after", "before"]


async def first_success(attempt: Callable[[], Any]) -> Any:
    give_up = time.monotonic() + 60
    while True:
        try:
            return await attempt()
        except StoreUnavailable:
            if time.monotonic() > give_up:
                raise
            await asyncio.sleep(0.05)


async def test_the_clock_stands_still_within_a_unit_and_has_a_zone(store: Store) -> None:
    first, second = await store.write(lambda tx: (tx.now, tx.now))
    assert first == second
    assert first.utcoffset() is not None
