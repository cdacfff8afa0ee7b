"""SQL that is written once for all the stores of a worker: each test opens a store of its own, and a quarter of the time went into the same text.

A gateway keeps what it has compiled with its engine, under its dialect; here engines of one database share both, from the first that has
asked its server what it can do. Whether a statement is right is not touched: it is compiled as ever, once.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from case_store import store


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    make = store._engine
    first: dict[str, sa.Engine] = {}

    def sharing(url: sa.URL, readers: int) -> sa.Engine:
        engine = make(url, readers)
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
