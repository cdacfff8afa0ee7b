"""Looking for duplicates when a case is filed: in a store of 100,000 cases, most of them of a few stories and round sums, and of 1,000.

A hundred cases are filed as if they had come now, each with a customer, a sum and a story that many others have; timed is the
search with all it writes (`duplicates.look`), in the store alone.
"""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from benchmarks.fill import fill
from benchmarks.harness import Line, percentile, scratch
from case_store import duplicates
from case_store.store import Store, Transaction
from case_store.tables_cases import cases

SMALL, LARGE, TIMES = 1_000, 100_000, 100
TRACED_AT_ONCE = 500


def measure(runs: int) -> list[Line]:
    with scratch() as folder:
        small, large = (_store(folder / f"{size}.db", size) for size in (SMALL, LARGE))
        with closing(small), closing(large):
            waits = [(_searches(large), _searches(small)) for _ in range(runs)]
    work, beside = f"duplicates looked for at {LARGE:,} cases", f"{SMALL:,} cases"
    return [
        Line(
            f"{work}: {name}",
            "ms",
            [percentile(here, share) for here, _ in waits],
            [percentile(there, share) for _, there in waits],
            beside,
            goal,
        )
        for name, share, goal in (("median", 0.5, "≤ 10 ms"), ("p95", 0.95, "≤ 20 ms"))
    ]


def _store(database: Path, size: int) -> Store:
    fill(database, size, 1)
    store = Store(f"sqlite:///{database}")
    while store.write_now(duplicates.trace_waiting, TRACED_AT_ONCE):
        pass
    return store


def _searches(store: Store) -> list[float]:
    ids = store.read_now(_some)
    return [1000 * store.write_now(_search, id) for id in ids]


def _some(tx: Transaction) -> list[str]:
    return list(tx.connection.scalars(sa.select(cases.c.id).order_by(cases.c.id).limit(TIMES)))


def _search(tx: Transaction, id: str) -> float:
    """Seconds. The case comes now, under another customer's name: one that has never been looked for."""
    row = dict(tx.execute(sa.select(cases).where(cases.c.id == id)).mappings().one())
    begun = time.perf_counter()
    duplicates.look(tx, {**row, "received_at": datetime(2026, 3, 11, tzinfo=UTC)})
    return time.perf_counter() - begun
