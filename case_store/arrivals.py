"""The ledger of arrivals: what came, exactly as it came, and what became of it.

Every arrival is in exactly one state: waiting, fetching, read (with what it became, also nothing) or parked. Accepting one
is what lets a channel acknowledge to its peer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from case_store import pages
from case_store.claiming import taken
from case_store.ids import new_id
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals

LEASE: Final = timedelta(seconds=60)
READING_TRIES: Final = 3
PATIENCE: Final = 2  # look-ups in vain after which an arrival holds up the others of its lane no longer
_FETCHING: Final[sa.ColumnElement[str]] = sa.literal_column("'fetching'")
# not a parameter: SQLite would not see its partial index
_PARKED: Final[sa.ColumnElement[str]] = sa.literal_column("'parked'")
# Claimed by the database's clock, accepted by a node's: one that is ahead must not hold its mail back. Asking the database
# would cost each mail a query.
SKEW: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewArrival:
    channel: str
    account: str
    external_id: str
    received_at: datetime
    size: int
    raw: bytes | None = None
    digest: str | None = None
    transport: Mapping[str, Any] | None = None
    mark: str | None = None
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class StoredArrival:
    """An arrival claimed for reading. `lease` must still hold when its result is written."""

    id: str
    channel: str
    account: str
    external_id: str
    received_at: datetime
    raw: bytes | None
    digest: str | None
    transport: Mapping[str, Any]
    attempts: int
    lease: str
    mark: str | None
    lane: str | None = None
    fetched: Mapping[str, Any] | None = None


def insert_statement(tx: Transaction) -> Any:
    """An insert into the ledger that a repeat leaves empty-handed: its `rowcount` is 0 then, else 1."""
    return _TAKE["postgresql" if tx.postgresql else "sqlite"]


def _taking(insert: Any) -> Any:
    statement = insert(arrivals)
    # SQLAlchemy keeps the row count of an insert only when asked: without, psycopg's cursor is closed and answers -1
    kept = statement.execution_options(preserve_rowcount=True)
    return kept.on_conflict_do_nothing(index_elements=["account", "external_id"])


# built once: building a statement costs several times what running it does
_TAKE: Final = {"postgresql": _taking(postgresql.insert), "sqlite": _taking(sqlite.insert)}


def accept(tx: Transaction, new: NewArrival) -> tuple[str, bool]:
    """Takes an arrival into the ledger to be read soon. Answers its id, and whether it had been there before."""
    id = new_id()
    inserted = tx.execute(
        insert_statement(tx),
        {
            "id": id,
            "channel": new.channel,
            "account": new.account,
            "external_id": new.external_id,
            "received_at": new.received_at,
            "state": "waiting",
            "raw": new.raw,
            "digest": new.digest,
            "size": new.size,
            "transport": dict(new.transport or {}),
            "mark": new.mark,
            "lane": new.lane,
            "due_at": new.received_at - SKEW,
        },
    )
    if inserted.rowcount == 1:
        tx.wake("arrival", id)
        return id, False
    return find(tx, new.account, new.external_id) or id, True


def take_read(tx: Transaction, new: NewArrival, became: Sequence[Mapping[str, Any]]) -> str:
    """Takes what is read in the very transaction that takes it, such as a form. Answers its id."""
    id = new_id()
    row = {
        "id": id,
        "channel": new.channel,
        "account": new.account,
        "external_id": new.external_id,
        "received_at": new.received_at,
        "state": "read",
        "raw": new.raw,
        "size": new.size,
        "transport": dict(new.transport or {}),
        "became": list(became),
    }
    tx.execute(sa.insert(arrivals), row)
    return id


def find(tx: Transaction, account: str, external_id: str) -> str | None:
    found: str | None = tx.execute(
        sa.select(arrivals.c.id).where(arrivals.c.account == account, arrivals.c.external_id == external_id)
    ).scalar_one_or_none()
    return found


def is_unread(tx: Transaction, message_ids: Sequence[str], before: StoredArrival) -> bool:
    """Whether a mail with one of these Message-IDs came before this arrival and still waits to be read."""
    a = arrivals.c
    named = sa.or_(*(a.external_id.startswith(f"{one}#", autoescape=True) for one in message_ids))
    found = sa.select(a.id).where(a.due_at.is_not(None), a.account == before.account, a.id < before.id, named)
    return tx.execute(found.limit(1)).first() is not None


def claim(tx: Transaction, limit: int, channels: Sequence[str] | None = None) -> list[StoredArrival]:
    """Leases up to `limit` arrivals that wait to be read, oldest first; of a lane only the first that can be read."""
    now = tx.now
    asked: dict[str, Any] = {"by": now, "most": limit, "lease_now": new_id(), "until": now + LEASE}
    if channels is None:
        rows = tx.execute(_CLAIM, asked).all()
    else:
        rows = tx.execute(_CLAIM_OF, {**asked, "of": list(channels)}).all()
    return sorted((StoredArrival(**row._mapping) for row in rows), key=lambda row: (row.received_at, row.id))


_CLAIMED: Final = (
    arrivals.c.id,
    arrivals.c.channel,
    arrivals.c.account,
    arrivals.c.external_id,
    arrivals.c.received_at,
    arrivals.c.raw,
    arrivals.c.digest,
    arrivals.c.transport,
    arrivals.c.attempts,
    arrivals.c.lease,
    arrivals.c.mark,
    arrivals.c.lane,
    arrivals.c.fetched,
)
_EARLIER: Final = arrivals.alias("earlier")
_FIRST_OF_ITS_LANE: Final = sa.or_(
    arrivals.c.lane.is_(None),
    ~sa.select(_EARLIER.c.id)
    .where(
        _EARLIER.c.lane == arrivals.c.lane,
        _EARLIER.c.due_at.is_not(None),
        _EARLIER.c.id < arrivals.c.id,
        # a file that can't be had for a while must not keep a customer's words from being answered
        sa.or_(_EARLIER.c.state != _FETCHING, _EARLIER.c.attempts < PATIENCE),
    )
    .exists(),
)


def _claiming(*conditions: Any) -> Any:
    due = (
        sa.select(arrivals.c.id)
        .where(arrivals.c.due_at <= sa.bindparam("by"), _FIRST_OF_ITS_LANE, *conditions)
        .order_by(arrivals.c.due_at, arrivals.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
    return (
        sa.update(arrivals)
        .where(arrivals.c.id.in_(taken(due)))
        .values(lease=sa.bindparam("lease_now"), due_at=sa.bindparam("until"), attempts=arrivals.c.attempts + 1)
        .returning(*_CLAIMED)
    )


_CLAIM: Final = _claiming()
_CLAIM_OF: Final = _claiming(arrivals.c.channel.in_(sa.bindparam("of", expanding=True)))


def tick_off(tx: Transaction, arrival: StoredArrival, became: Sequence[Mapping[str, Any]]) -> bool:
    """Marks an arrival as read, with what it became. False if the lease was lost: then undo everything else."""
    read = {"state": "read", "became": list(became), "due_at": None, "lease": None, "reason": None}
    return tx.execute(_SETTLE, {"of": arrival.id, "under": arrival.lease, **read}).rowcount == 1


_SETTLE: Final = sa.update(arrivals).where(
    arrivals.c.id == sa.bindparam("of"), arrivals.c.lease == sa.bindparam("under")
)


def keep_fetched(tx: Transaction, arrival: StoredArrival, fetched: Mapping[str, Any]) -> StoredArrival | None:
    """Keeps what was looked up for an arrival, before it is read. None if the lease was lost."""
    known = dict(fetched)
    settled = {"state": "waiting", "fetched": known, "attempts": 0, "due_at": tx.now + LEASE, "reason": None}
    kept = tx.execute(_SETTLE, {"of": arrival.id, "under": arrival.lease, **settled})
    return replace(arrival, fetched=known, attempts=0) if kept.rowcount == 1 else None


def renew(tx: Transaction, arrival: StoredArrival) -> bool:
    """Holds on to an arrival whose look-up takes long. False if the lease was lost."""
    return tx.execute(_SETTLE, {"of": arrival.id, "under": arrival.lease, "due_at": tx.now + LEASE}).rowcount == 1


def mark(tx: Transaction, arrival: StoredArrival, mark: str) -> None:
    """Notes what is odd about an arrival."""
    tx.execute(sa.update(arrivals).where(arrivals.c.id == arrival.id).values(mark=mark))


def park(tx: Transaction, arrival: StoredArrival, reason: str) -> None:
    """Puts an arrival aside that can't be read, with the reason; it stays in full and can be read again."""
    tx.execute(
        sa.update(arrivals)
        .where(arrivals.c.id == arrival.id, arrivals.c.lease == arrival.lease)
        .values(state="parked", reason=reason[:2000], due_at=None, lease=None)
    )
    tx.wake("parked", arrival.id)


def try_later(
    tx: Transaction, arrival: StoredArrival, reason: str, delay: timedelta, *, state: str = "waiting"
) -> None:
    """Lets go of an arrival until later; `state` is `fetching` while something from outside is missing."""
    tx.execute(
        sa.update(arrivals)
        .where(arrivals.c.id == arrival.id, arrivals.c.lease == arrival.lease)
        .values(state=state, lease=None, reason=reason[:2000], due_at=tx.now + delay)
    )


def replay(tx: Transaction, id: str | None = None) -> int:
    """Sends a parked arrival, or all of them, to be read again. Answers how many."""
    parked = sa.update(arrivals).where(arrivals.c.state == _PARKED)
    if id is not None:
        parked = parked.where(arrivals.c.id == id)
    again = tx.execute(parked.values(state="waiting", due_at=tx.now, attempts=0, reason=None))
    tx.wake("arrival", id or "")
    return again.rowcount


@dataclass(frozen=True, slots=True)
class ParkedArrival:
    id: str
    channel: str
    account: str
    received_at: datetime
    size: int
    reason: str | None
    digest: str | None


def parked(tx: Transaction, limit: int = 200, *, after: LastSeen | None = None) -> list[ParkedArrival]:
    """The last that came first."""
    columns = (arrivals.c.id, arrivals.c.channel, arrivals.c.account, arrivals.c.received_at, arrivals.c.size)
    found = sa.select(*columns, arrivals.c.reason, arrivals.c.digest).where(arrivals.c.state == _PARKED)
    rows = tx.execute(pages.newest_first(found, arrivals.c.received_at, arrivals.c.id, after).limit(limit))
    return [ParkedArrival(**row._mapping) for row in rows]


def counts(tx: Transaction) -> dict[str, int]:
    """How many arrivals stand in each state."""
    rows = tx.execute(sa.select(arrivals.c.state, sa.func.count().label("how_many")).group_by(arrivals.c.state))
    return {"waiting": 0, "fetching": 0, "read": 0, "parked": 0} | {row.state: row.how_many for row in rows}


def oldest_waiting(tx: Transaction) -> datetime | None:
    found: datetime | None = tx.execute(
        sa.select(sa.func.min(arrivals.c.received_at)).where(arrivals.c.due_at.is_not(None))
    ).scalar_one_or_none()
    return found
