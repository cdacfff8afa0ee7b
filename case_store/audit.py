"""What happened, in chains that can't be rewritten unseen: one for each case, each conversation, each day of readings, and the house.

An event is appended under its subject's lock with the next number; its hash covers the one before. The chain holds a
salted digest of the detail, the detail lies beside it: it can be erased and the chain still verifies. The head of a chain
stands in its subject's row, so that a cut tail shows.

Not here: the signed checkpoints over all heads (checkpoints.py).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from case_store import happenings
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations
from case_store.tables_house import audit_events, house
from case_store.tables_readings import reading_days

HOUSE: Final = "house"
GENESIS: Final = "0" * 64
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
"""Beside what an entry tells anyhow."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `actor` is `customer`, `bot`, `system`, `agent:NAME` or `key:NAME`."""

    actor: str
    action: str
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    number: int
    hash: str


def case_chain(case_id: str) -> str:
    return f"case:{case_id}"


def conversation_chain(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def readings_chain(day: str) -> str:
    """Who has read what on a day (`20261128`, in UTC)."""
    return f"readings:{day}"


# made once: `json.dumps` makes an encoder for every call that asks for anything but its defaults
_SORTED: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_AS_IT_IS: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def digest_of(salt: str, detail: Mapping[str, Any] | None) -> str:
    text = _SORTED.encode(detail)
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


def hash_of(previous: str, chain: str, number: int, at: datetime, actor: str, action: str, digest: str) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    text = _AS_IT_IS.encode([previous, chain, number, moment, actor, action, digest])
    return hashlib.sha256(text.encode()).hexdigest()


def link(chain: str, head: Head, at: datetime, entries: Sequence[Entry]) -> tuple[list[dict[str, Any]], Head]:
    """The rows that continue a chain from `head`, and its new head."""
    rows = []
    for entry in entries:
        salt = secrets.token_hex(16)
        digest = digest_of(salt, entry.detail)
        number = head.number + 1
        hash = hash_of(head.hash, chain, number, at, entry.actor, entry.action, digest)
        rows.append(
            {
                "chain": chain,
                "number": number,
                "at": at,
                "actor": entry.actor,
                "action": entry.action,
                "detail": entry.detail,
                "salt": salt,
                "digest": digest,
                "hash": hash,
            }
        )
        head = Head(number, hash)
    return rows, head


def append(tx: Transaction, chain: str, first: Entry, *more: Entry) -> int:
    """Appends to a chain under its subject's lock. The subject must exist. Answers the number of the last one."""
    entries = (first, *more)
    kind, _, id = chain.partition(":")
    if chain == HOUSE:
        return _append_to_house(tx, entries)
    row = tx.execute(_HEADS[kind], {"of": id}).one()
    rows, head = link(chain, Head(row.audit_number, row.audit_hash or GENESIS), tx.now, entries)
    add_events(tx, rows)
    tx.execute(_MOVE_ON[kind], {"of": id, "audit_number": head.number, "audit_hash": head.hash})
    return head.number


def add_events(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that `link` has made; whoever calls writes the new head into the subject's row."""
    if rows:
        tx.execute(_ADD, list(rows))
        happenings.note(tx, rows)


_ADD: Final = sa.insert(audit_events)
_SUBJECTS: Final = {"case": cases, "conversation": conversations, "readings": reading_days}
_HEADS: Final = {
    kind: sa.select(subject.c.audit_number, subject.c.audit_hash)
    .where(subject.c.id == sa.bindparam("of"))
    .with_for_update()
    for kind, subject in _SUBJECTS.items()
}
_MOVE_ON: Final = {
    kind: sa.update(subject).where(subject.c.id == sa.bindparam("of")) for kind, subject in _SUBJECTS.items()
}


_HOUSE_HEAD: Final = sa.select(house.c.value).where(house.c.key == "audit_head").with_for_update()


def lock_house(tx: Transaction) -> None:
    """What is read from here on stands as it is until the entry that is appended: nobody else appends to the house's chain meanwhile."""
    tx.execute(_HOUSE_HEAD)


def _append_to_house(tx: Transaction, entries: Sequence[Entry]) -> int:
    found = tx.execute(_HOUSE_HEAD).scalar_one_or_none()
    number, _, hash = (found or f"0 {GENESIS}").partition(" ")
    rows, head = link(HOUSE, Head(int(number), hash), tx.now, entries)
    tx.execute(sa.insert(audit_events), rows)
    value = f"{head.number} {head.hash}"
    if found is None:
        tx.execute(sa.insert(house).values(key="audit_head", value=value))
    else:
        tx.execute(sa.update(house).where(house.c.key == "audit_head").values(value=value))
    return head.number


@dataclass(frozen=True, slots=True)
class HappenedAt:
    number: int
    at: datetime
    actor: str
    action: str
    detail: Mapping[str, Any] | None


def timeline(tx: Transaction, chain: str) -> list[HappenedAt]:
    """All events of a chain, oldest first."""
    rows = tx.execute(sa.select(audit_events).where(audit_events.c.chain == chain).order_by(audit_events.c.number))
    return [HappenedAt(row.number, row.at, row.actor, row.action, row.detail) for row in rows]
