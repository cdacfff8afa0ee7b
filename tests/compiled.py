"""What all the stores of a worker share in tests: SQL that is written once, and patience.

Each test opens a store of its own, and a quarter of the time went into the same text.

A gateway keeps what it has compiled with its engine, under its dialect; here engines of one database share both, from the first that has
asked its server what it can do. Whether a statement is right is not touched: it is compiled as ever, once.

A machine that stands still for some seconds is no database out of reach: what is waited for a connection or for SQLite's writer is
longer here. Who tests how a gateway gives up asks for its own limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from case_store import store

PATIENCE: Final = 60  # seconds


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    make = store._engine
    first: dict[str, sa.Engine] = {}

    def sharing(url: sa.URL, readers: int) -> sa.Engine:
        engine = make(url, readers)
        _be_patient(engine)  # before it takes another's dialect: it connects by its own
        known = first.get(engine.dialect.name)
        if known is None:
            event.listen(engine, "first_connect", lambda *_: first.setdefault(engine.dialect.name, engine))
        else:
            engine.dialect = engine.pool._dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "_engine", sharing)
        yield


def _be_patient(engine: sa.Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _wait_for_the_writer)
    else:
        event.listen(engine, "do_connect", _wait_for_a_connection)


def _wait_for_the_writer(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}").close()


def _wait_for_a_connection(_dialect: Any, _record: Any, _args: Any, options: dict[str, Any]) -> None:
    options["connect_timeout"] = PATIENCE
