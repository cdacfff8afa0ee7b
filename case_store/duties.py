"""Duties that only one process may have at a time: leases with fencing numbers, by the database's clock.

Each new holder raises the fence. What is remembered of a duty is written only under the fence it was taken with, so a process
that was paused past its lease can't overwrite what its successor knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store.store import Transaction
from case_store.tables_house import duties


@dataclass(frozen=True, slots=True)
class HeldDuty:
    fence: int
    memory: Mapping[str, Any]


_MINE: Final = sa.update(duties).where(
    duties.c.name == sa.bindparam("duty"),
    duties.c.holder == sa.bindparam("by"),
    duties.c.fence == sa.bindparam("under"),
)


def take(tx: Transaction, name: str, holder: str, lasting: timedelta) -> HeldDuty | None:
    """Takes or keeps a duty. None while another holder's lease runs."""
    d, now = duties.c, tx.now
    row = tx.execute(sa.select(d.holder, d.fence, d.until, d.memory).where(d.name == name).with_for_update()).first()
    if row is None:  # two at once: the second breaks the primary key, is run again and finds the first
        fresh = {"name": name, "holder": holder, "fence": 1, "until": now + lasting, "memory": {}}
        tx.execute(sa.insert(duties), fresh)
        return HeldDuty(1, {})
    if row.holder != holder and row.until > now:
        return None
    fence = row.fence if row.holder == holder else row.fence + 1
    tx.execute(sa.update(duties).where(d.name == name).values(holder=holder, fence=fence, until=now + lasting))
    return HeldDuty(fence, row.memory)


def remember(
    tx: Transaction, name: str, holder: str, fence: int, memory: Mapping[str, Any], lasting: timedelta
) -> bool:
    """Writes what is remembered and prolongs the lease. False if the duty is another's now."""
    mine = {"duty": name, "by": holder, "under": fence}
    return tx.execute(_MINE, {**mine, "memory": dict(memory), "until": tx.now + lasting}).rowcount == 1


def let_go(tx: Transaction, name: str, holder: str, fence: int) -> None:
    """Ends the lease now, if it is still this holder's."""
    tx.execute(_MINE, {"duty": name, "by": holder, "under": fence, "until": tx.now})


def look(tx: Transaction, name: str) -> tuple[str, Mapping[str, Any]] | None:
    """Who has a duty, or had it last, and what is remembered of it."""
    row = tx.execute(sa.select(duties.c.holder, duties.c.memory).where(duties.c.name == name)).first()
    return None if row is None else (row.holder, row.memory)
