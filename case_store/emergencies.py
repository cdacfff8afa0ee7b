"""Emergencies: declared and ended by a person, whatever the counts say (handbook 3.3.1 (3), 3.3.3).

Units over a transaction; the chain of the house keeps who declared one, why, how far it reaches, and who ended it. What lasts is a row, so every
process knows it and a restart ends nothing.

Not here: who is told (gateway/alarms.py), what changes while one lasts (gateway/giving.py, the customers' page).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, pages, timers
from case_store.audit import HOUSE, Entry
from case_store.ids import new_id
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_quality import emergencies

Row = Mapping[Any, Any]

EVERYWHERE: Final = "house"
DECLARED: Final = "emergency"
"""The timer that tells those on duty, at once."""


class NoSuchEmergency(LookupError):
    """None has this id."""


class Over(Exception):
    """Somebody has ended it."""


class Lasting(Exception):
    """One that reaches as far has been declared, and lasts."""


@dataclass(frozen=True, slots=True)
class Declaration:
    scope: str  # house, about, cases
    reason: str
    about: str | None = None
    cases: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        return {"scope": self.scope, "reason": self.reason, "about": self.about, "cases": list(self.cases)}


def lasting(tx: Transaction) -> list[Row]:
    """Those that are not over, the first declared first."""
    e = emergencies.c
    found = sa.select(emergencies).where(e.ended_at.is_(None)).order_by(e.declared_at, e.id)
    return list(tx.execute(found).mappings())


def is_everywhere(tx: Transaction) -> bool:
    """Whether one lasts that reaches the whole house."""
    e = emergencies.c
    return tx.execute(sa.select(e.id).where(e.ended_at.is_(None), e.scope == EVERYWHERE).limit(1)).first() is not None


def listing(tx: Transaction, *, after: LastSeen | None = None, limit: int = 50) -> list[Row]:
    """Lasting or over, the last declared first."""
    e = emergencies.c
    found = pages.newest_first(sa.select(emergencies), e.declared_at, e.id, after)
    return list(tx.execute(found.limit(limit)).mappings())


def get(tx: Transaction, id: str, *, lock: bool = False) -> Row:
    """Raises NoSuchEmergency."""
    found = sa.select(emergencies).where(emergencies.c.id == id)
    row = tx.execute(found.with_for_update() if lock else found).mappings().one_or_none()
    if row is None:
        raise NoSuchEmergency(id)
    return row


def unknown(tx: Transaction, references: Sequence[str]) -> list[str]:
    """Those of these numbers that no case has."""
    there = set(tx.execute(sa.select(cases.c.reference).where(cases.c.reference.in_(list(references)))).scalars())
    return [one for one in references if one not in there]


def declare(tx: Transaction, wanted: Declaration, *, by: str, actor: str) -> Row:
    """Raises Lasting: two supervisors who see the same fire declare it once."""
    audit.lock_house(tx)
    for row in lasting(tx):
        if (row["scope"], row["about"], list(row["cases"])) == (wanted.scope, wanted.about, list(wanted.cases)):
            raise Lasting
    id = new_id()
    audit.append(tx, HOUSE, Entry(actor, "emergency_declared", {"emergency": id, **wanted.to_json()}))
    tx.execute(sa.insert(emergencies).values(id=id, **wanted.to_json(), declared_by=by, declared_at=tx.now))
    timers.set_timer(tx, DECLARED, id, tx.now)
    tx.wake("emergency", id)
    return get(tx, id)


def end(tx: Transaction, id: str, *, note: str, by: str, actor: str) -> Row:
    """Raises NoSuchEmergency, Over."""
    row = get(tx, id, lock=True)
    if row["ended_at"] is not None:
        raise Over
    audit.append(tx, HOUSE, Entry(actor, "emergency_ended", {"emergency": id, "note": note}))
    over = {"ended_by": by, "ended_at": tx.now, "end_note": note}
    tx.execute(sa.update(emergencies).where(emergencies.c.id == id).values(**over))
    tx.wake("emergency", id)
    return get(tx, id)
