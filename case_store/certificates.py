"""By which rule something is erased, what one erasure has taken away, and the certificate of it: an entry in the chain and a row of `erasures`.

Not here: the erasing (erasing.py, forgetting.py), the list of all erasures (erasures.py).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import Entry
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_retention import erasures

ACTION: Final = "erased"
_DIGEST: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Why:
    """By which rule something is erased: `rule` is `retention.closed_years` or the like, or `person`."""

    rule: str
    by: str = "system"
    order: str | None = None
    reason: str | None = None
    policy: str | None = None

    def told(self) -> dict[str, Any]:
        named = {"rule": self.rule, "order": self.order, "reason": self.reason, "policy": self.policy}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(slots=True)
class Taken:
    """What one erasure has taken away so far."""

    counts: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)

    def mention(self, *values: Any) -> None:
        """Every digest that is named anywhere in these."""
        for value in values:
            if value is not None:
                self.files |= set(_DIGEST.findall(value if isinstance(value, str) else str(value)))

    def add(self, other: Taken) -> None:
        self.counts.update(other.counts)
        self.files |= other.files


def certify(
    tx: Transaction,
    kind: str,
    id: str,
    chain: str,
    why: Why,
    taken: Taken,
    *,
    whole: bool = True,
    case: str | None = None,
) -> None:
    """The certificate: what was erased, how much of it, which files. Stands in the chain of what it was taken from."""
    about = {} if case is None else {"case": case}
    counts = {name: number for name, number in sorted(taken.counts.items()) if number}
    told = {**why.told(), **about, "counts": counts, "sha256": sorted(taken.files)}
    number = audit.append(tx, chain, Entry(why.by, ACTION, told))
    note(tx, kind, id, why, taken, whole=whole, upto=number - 1)


def note(tx: Transaction, kind: str, id: str, why: Why, taken: Taken, *, whole: bool, upto: int) -> None:
    """The row alone, for what has no chain."""
    row = {"id": new_id(), "kind": kind, "subject": id, "whole": whole, "rule": why.rule, "upto": upto}
    tx.execute(sa.insert(erasures).values(**row, files=sorted(taken.files) or None, at=tx.now))
