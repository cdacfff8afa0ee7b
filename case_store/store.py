"""One unit of work = one transaction, run off the event loop.

A unit is a plain synchronous function `unit(tx, …)` over a `Transaction`. It has no side effects besides its statements, may
be run again (deadlock, serialisation failure), returns plain data, and hands over wake-ups with `tx.wake`, which are carried
out after the commit and may be lost.

SQLite has one writer thread: it takes all units that have queued up, opens `BEGIN IMMEDIATE`, runs each in a savepoint of its
own, commits once, then answers the callers: one sync for many. A unit that fails undoes itself alone; if the commit
fails every caller gets the error. Readers have connections of their own. PostgreSQL runs each unit in a transaction of its own.

Not here: what the units do (arrivals.py, conversations.py, cases.py, outbox.py …).

StoreError
├── StoreUnavailable     the database can't be reached, is full or is locked: nothing was taken, come back
└── SchemaMismatch       the database belongs to another version of the software
"""

from __future__ import annotations

import asyncio
import itertools
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")

BATCH = 200  # units in one commit: bounds how long the first caller waits for the last
TRIES = 5


class StoreError(Exception):
    """Anything the store can't do."""


class StoreUnavailable(StoreError):
    """The database can't be reached, is full or is locked: nothing was taken."""


class SchemaMismatch(StoreError):
    """The database belongs to another version of the software."""


@dataclass(frozen=True, slots=True)
class Wake:
    """A hint that something changed; `kind` conversation, case, arrival, delivery, timer, alarm. May be lost."""

    kind: str
    id: str
    at: datetime | None = None  # when it falls due, if not now
    version: int = 0


@dataclass(slots=True)
class Transaction:
    """What a unit works with: a connection in a transaction, the database's clock, and the wake-ups to send."""

    connection: sa.Connection
    wakes: list[Wake] = field(default_factory=list)
    _now: datetime | None = None

    @property
    def postgresql(self) -> bool:
        return self.connection.dialect.name == "postgresql"

    @property
    def now(self) -> datetime:
        """The database's clock, the same over the whole unit: leases of several machines are compared by it."""
        if self._now is None:
            self._now = self._ask_now()
        return self._now

    def _ask_now(self) -> datetime:
        if not self.postgresql:
            return datetime.now(UTC)
        now: datetime = self.connection.execute(_CLOCK).scalar_one()
        return now.astimezone(UTC)

    def see_one_state(self) -> None:
        """Every statement of a unit that only reads sees the same state: the first thing that it asks for."""
        if self.postgresql:
            self.execute(_ONE_STATE)

    def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        result: sa.CursorResult[Any] = self.connection.execute(statement, parameters)
        return result

    def wake(self, kind: str, id: str, at: datetime | None = None, version: int = 0) -> None:
        self.wakes.append(Wake(kind, id, at, version))


_ONE_STATE = sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_CLOSED = "the store is closed"
_CLOCK = sa.text("SELECT clock_timestamp()")

Unit = Callable[Concatenate[Transaction, P], T]


def is_passing(error: BaseException) -> bool:
    """Whether running the unit again may succeed: deadlock, serialisation failure, a row that somebody else inserted first."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in {
        "40001",
        "40P01",
        "55P03",
        "23505",
    }


def is_unavailable(error: BaseException) -> bool:
    """Whether the database itself is out of reach, full or locked, rather than the unit at fault."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, InterfaceError | OperationalError):
        return True
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return state[:2] in {"08", "53", "57", "58"} or state in {"55P03", "25P03"}  # a lock not had, a transaction ended


class Store:
    """The shared store. `on_wake` is called after each commit, on the event loop, with what woke."""

    def __init__(
        self, url: str | sa.URL, *, on_wake: Callable[[list[Wake]], None] | None = None, readers: int = 4
    ) -> None:
        self.url = sa.make_url(url)
        self.on_wake = on_wake or (lambda wakes: None)
        self.around: Callable[[], AbstractContextManager[object]] = nullcontext
        """Entered around each run of a unit, in its thread: what a unit looks at beside its rows stands still meanwhile."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self.engine = _engine(self.url, readers)
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-read")
        self._writer: _OneWriter | _ManyWriters = _OneWriter(self) if self.sqlite else _ManyWriters(self, readers)

    @property
    def sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    async def write(self, unit: Unit[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs the unit and returns what it returned, once that is durable. Raises what the unit raised, or StoreUnavailable."""
        if self._closed:
            raise StoreUnavailable(_CLOSED)
        self._loop = asyncio.get_running_loop()
        return await self._writer.submit(lambda tx: unit(tx, *args, **kwargs))

    async def write_together(self, unit: Callable[[Transaction, Sequence[A]], Sequence[T]], argument: A) -> T:
        """Like `write`, for a unit that takes many arguments at once and answers in their order.

        What has queued up for the same unit is handed to it together; if that fails, each argument is tried alone.
        """
        if self._closed:
            raise StoreUnavailable(_CLOSED)
        self._loop = asyncio.get_running_loop()
        return await self._writer.submit_together(unit, argument)

    async def read(self, unit: Unit[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a unit that only reads."""
        if self._closed:
            raise StoreUnavailable(_CLOSED)
        return await asyncio.wrap_future(self._readers.submit(lambda: self.read_now(unit, *args, **kwargs)))

    def read_now(self, unit: Unit[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `read`, in this thread: for the command line."""
        try:
            with (
                self.around(),
                self.engine.connect().execution_options(reading=True) as connection,
                connection.begin(),
            ):
                return unit(Transaction(connection), *args, **kwargs)
        except (DBAPIError, PoolTimeout) as error:
            raise _told(error) from error

    def write_now(self, unit: Unit[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `write`, in this thread, for the command line and tests: a transaction of its own, tried again when it must."""
        attempt = 0
        while True:
            try:
                with self.engine.connect() as connection:
                    with self.around(), connection.begin():
                        tx = Transaction(connection)
                        result = unit(tx, *args, **kwargs)
                    self.woken(tx.wakes)
                    return result
            except (DBAPIError, PoolTimeout) as error:
                attempt += 1
                if not is_passing(error) or attempt == TRIES:
                    raise _told(error) from error
                time.sleep(random.uniform(0, 0.02 * 2**attempt))

    def woken(self, wakes: list[Wake]) -> None:
        """Carries wake-ups to the event loop. They are hints: without a loop they are dropped."""
        if wakes and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.on_wake, wakes)

    def close(self) -> None:
        """Finishes what is queued, then lets go of the database."""
        self._closed = True
        self._writer.close()
        self._readers.shutdown(wait=True)
        self.engine.dispose()


def _told(error: DBAPIError | PoolTimeout) -> Exception:
    if isinstance(error, PoolTimeout):  # every connection is waiting for a database that does not answer
        return StoreUnavailable("the database does not answer")
    if is_unavailable(error) or (is_passing(error) and not isinstance(error, IntegrityError)):
        return StoreUnavailable(str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no connection")
    return error


# a process that is paused in mid-unit holds its locks no longer than this, and nobody waits for a lock for ever
_PATIENCE = "-c idle_in_transaction_session_timeout=30s -c lock_timeout=15s"


def _engine(url: sa.URL, readers: int) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        # isolation_level=None: pysqlite's own transaction handling would commit at the first RELEASE of a savepoint
        engine = sa.create_engine(
            url,
            connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 10},
            pool_size=readers + 2,
            query_cache_size=1500,
            hide_parameters=True,  # what went wrong is told without the customer's words
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(
        url,
        pool_size=readers * 2 + 2,
        max_overflow=4,
        pool_pre_ping=False,
        query_cache_size=1500,
        hide_parameters=True,
        pool_timeout=10,
        connect_args={"connect_timeout": 5, "prepare_threshold": 3, "tcp_user_timeout": 15_000, "options": _PATIENCE},
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=10000",  # first: others may be opening it too
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    mode = "DEFERRED" if connection.get_execution_options().get("reading") else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {mode}")


@dataclass(slots=True)
class _Job:
    run: Callable[[Transaction], Any]
    answer: asyncio.Future[Any]
    together: Callable[[Transaction, Sequence[Any]], Sequence[Any]] | None = None
    argument: Any = None
    result: Any = None
    error: BaseException | None = None


class _OneWriter:
    """SQLite's writer: one thread, one connection, one commit for all that waits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store-write", daemon=True)
        self._started = False
        self._start_lock = threading.Lock()

    def submit(self, run: Callable[[Transaction], T]) -> asyncio.Future[T]:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Job(run, answer))
        return answer

    def submit_together(
        self, unit: Callable[[Transaction, Sequence[A]], Sequence[T]], argument: A
    ) -> asyncio.Future[T]:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Job(lambda tx: unit(tx, [argument])[0], answer, unit, argument))
        return answer

    def _put(self, job: _Job) -> None:
        with self._start_lock:
            if not self._started:
                self._thread.start()
                self._started = True
        self._jobs.put(job)

    def close(self) -> None:
        if self._started:
            self._jobs.put(None)
            self._thread.join()

    def _work(self) -> None:
        open_for_more = True
        while open_for_more:
            batch, open_for_more = self._take()
            if not batch:
                continue
            wakes: list[Wake] = []
            try:
                wakes = self._commit(batch)
            except Exception as error:  # the commit or the connection failed: nobody's unit is in
                told = _told(error) if isinstance(error, DBAPIError | PoolTimeout) else error
                for job in batch:
                    job.error = job.error or told
            self._answer(batch, wakes)

    def _take(self) -> tuple[list[_Job], bool]:
        first = self._jobs.get()
        if first is None:
            return [], False
        batch = [first]
        while len(batch) < BATCH:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return batch, False
            batch.append(job)
        return batch, True

    def _commit(self, batch: list[_Job]) -> list[Wake]:
        wakes: list[Wake] = []
        with self._store.engine.connect() as connection, connection.begin():
            for jobs in _alike(batch):
                done = self._run_together(connection, jobs) if len(jobs) > 1 else None
                if done is None:
                    for job in jobs:
                        wakes += self._run(connection, job, alone=len(batch) == 1)
                else:
                    wakes += done
        return wakes

    def _run_together(self, connection: sa.Connection, jobs: Sequence[_Job]) -> list[Wake] | None:
        """Jobs of one unit in one call of it. None if it failed: nothing of it is in, each is to be run by itself."""
        unit = jobs[0].together
        assert unit is not None
        tx = Transaction(connection)
        connection.exec_driver_sql("SAVEPOINT unit")
        try:
            with self._store.around():
                results = unit(tx, [job.argument for job in jobs])
        except Exception:
            connection.exec_driver_sql("ROLLBACK TO unit")
            connection.exec_driver_sql("RELEASE unit")
            return None
        connection.exec_driver_sql("RELEASE unit")
        for job, result in zip(jobs, results, strict=True):
            job.result = result
        return tx.wakes

    def _run(self, connection: sa.Connection, job: _Job, *, alone: bool) -> list[Wake]:
        tx = Transaction(connection)
        if alone:
            try:
                job.result = self._result(job, tx)
            except Exception as error:
                job.error = _told(error) if isinstance(error, DBAPIError) else error
                raise
            return tx.wakes
        connection.exec_driver_sql("SAVEPOINT unit")
        try:
            job.result = self._result(job, tx)
        except Exception as error:
            job.error = _told(error) if isinstance(error, DBAPIError) else error
            # a full disk makes SQLite undo the whole transaction: then this fails too, and with it the batch
            connection.exec_driver_sql("ROLLBACK TO unit")
            connection.exec_driver_sql("RELEASE unit")
            return []
        connection.exec_driver_sql("RELEASE unit")
        return tx.wakes

    def _result(self, job: _Job, tx: Transaction) -> object:
        with self._store.around():
            return job.run(tx)

    def _answer(self, batch: list[_Job], wakes: list[Wake]) -> None:
        loop = batch[0].answer.get_loop()
        if loop.is_closed():
            return
        loop.call_soon_threadsafe(self._deliver, batch, wakes)

    def _deliver(self, batch: list[_Job], wakes: list[Wake]) -> None:
        for job in batch:
            if job.answer.done():
                continue
            if job.error is not None:
                job.answer.set_exception(job.error)
            else:
                job.answer.set_result(job.result)
        if wakes:
            self._store.on_wake(wakes)


def _alike(batch: Sequence[_Job]) -> Iterator[list[_Job]]:
    """The batch in its order, neighbours that may be run together put together."""
    for unit, jobs in itertools.groupby(batch, key=lambda job: job.together):
        if unit is None:
            yield from ([job] for job in jobs)
        else:
            yield list(jobs)


class _ManyWriters:
    """PostgreSQL: each unit in a transaction of its own, several at a time."""

    def __init__(self, store: Store, threads: int) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="store-write")

    def submit(self, run: Callable[[Transaction], T]) -> asyncio.Future[T]:
        return asyncio.wrap_future(self._pool.submit(self._store.write_now, run))

    def submit_together(
        self, unit: Callable[[Transaction, Sequence[A]], Sequence[T]], argument: A
    ) -> asyncio.Future[T]:
        return self.submit(lambda tx: unit(tx, [argument])[0])

    def close(self) -> None:
        self._pool.shutdown(wait=True)
