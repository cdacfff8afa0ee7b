"""The list of what was erased: which files are still to go, by which rule details are gone, and what a restored backup must not bring back.

It holds ids, rules and counts, and no word of anybody. Not here: the erasing itself (erasing.py), when it is done (gateway/erasing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store.certificates import ACTION, Taken, Why
from case_store.erasing import erase_arrival, erase_case, erase_conversation
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations
from case_store.tables_house import audit_events
from case_store.tables_retention import erasures


@dataclass(frozen=True, slots=True)
class Waiting:
    """Files that an erasure has taken from the rows that named them."""

    erasure: str
    files: tuple[str, ...]
    at: datetime


def waiting_files(tx: Transaction, limit: int) -> list[Waiting]:
    e = erasures.c
    found = sa.select(e.id, e.files, e.at).where(e.files.is_not(None)).order_by(e.id).limit(limit)
    return [Waiting(row.id, tuple(row.files), row.at) for row in tx.execute(found)]


def files_gone(tx: Transaction, ids: Sequence[str]) -> None:
    tx.execute(sa.update(erasures).where(erasures.c.id.in_(list(ids))).values(files=None))


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line of the list that is carried out again on a restored backup."""

    kind: str
    subject: str
    rule: str
    whole: bool
    at: str

    @property
    def what(self) -> tuple[str, str, str, bool]:
        return self.kind, self.subject, self.rule, self.whole

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "subject": self.subject, "rule": self.rule, "whole": self.whole, "at": self.at}


def every(tx: Transaction) -> Iterable[Erasure]:
    """All erasures, the oldest first."""
    e = erasures.c
    found = sa.select(e.kind, e.subject, e.rule, e.whole, e.at).order_by(e.at, e.id)
    return [Erasure(row.kind, row.subject, row.rule, row.whole, row.at.isoformat()) for row in tx.execute(found)]


def count(tx: Transaction) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(erasures)).scalar_one())


_AGAIN: Final[dict[str, tuple[sa.Table, Callable[[Transaction, str, Why], Taken | None]]]] = {
    "case": (cases, erase_case),
    "conversation": (conversations, erase_conversation),
    "arrival": (arrivals, erase_arrival),
}


def carry_out_again(tx: Transaction, listed: Iterable[Erasure]) -> int:
    """Erases what a restored backup has brought back. Answers how many subjects. What it does not hold is passed over."""
    done = 0
    for one in listed:
        if one.kind not in _AGAIN or not one.whole:
            continue  # a part of a conversation goes with its case
        table, erase = _AGAIN[one.kind]
        if tx.execute(sa.select(table.c.id).where(table.c.id == one.subject)).first() is None:
            continue
        done += erase(tx, one.subject, Why(one.rule, "system", reason="restored")) is not None
    return done


def rules_by_chain(tx: Transaction) -> dict[str, tuple[int, str]]:
    """For each chain of which details were erased: up to which entry, and by which rule the last time.

    The list proves nothing by itself: believed is what the chain's own certificate says, which stands behind the last entry it tells of.
    """
    e, c = erasures.c, audit_events.c
    chain = sa.case((e.kind == "house", e.subject), else_=e.kind + ":" + e.subject)
    certified = sa.and_(c.chain == chain, c.number == e.upto + 1, c.action == ACTION)
    found = sa.select(c.chain, c.detail, e.upto, e.rule).join(audit_events, certified).order_by(e.at, e.id)
    told: dict[str, tuple[int, str]] = {}
    for row in tx.execute(found):
        if isinstance(row.detail, dict) and row.detail.get("rule") == row.rule:
            told[row.chain] = (max(row.upto, told.get(row.chain, (0, ""))[0]), row.rule)
    return told
