"""Legal holds: a case that a court, the regulator or a dispute needs is kept as it is, whatever is due or wished (docs/retention.md).

Units over a transaction. Who has placed and lifted a hold, and why, stands in the case's chain; `cases.held_since` only finds it again.

Not here: what a hold keeps from happening (retention.py, persons.py).

HoldError
├── HeldAlready    a hold stands
├── NotHeld        none stands
└── Erased         there is nothing left to hold
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from case_store import audit
from case_store.audit import Entry, case_chain
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_retention import case_holds

Row = Mapping[Any, Any]


class HoldError(Exception):
    """Anything that can't be done with a hold."""


class HeldAlready(HoldError):
    """A hold stands."""


class NotHeld(HoldError):
    """None stands."""


class Erased(HoldError):
    """There is nothing left to hold."""


def standing(tx: Transaction, case_id: str) -> Row | None:
    """The hold under which the case is."""
    h = case_holds.c
    found = sa.select(case_holds).where(h.case_id == case_id, h.lifted_at.is_(None))
    return tx.execute(found).mappings().one_or_none()


def of_case(tx: Transaction, case_id: str) -> list[Row]:
    """All holds of a case, the newest first."""
    found = sa.select(case_holds).where(case_holds.c.case_id == case_id).order_by(case_holds.c.placed_at.desc())
    return list(tx.execute(found).mappings())


def place(tx: Transaction, case_id: str, reason: str, *, by: str, actor: str) -> Row:
    """From now on nothing of the case is erased. Raises HeldAlready, Erased."""
    case = _locked(tx, case_id)
    if case.erased_at is not None:
        raise Erased(case_id)
    if standing(tx, case_id) is not None:
        raise HeldAlready(case_id)
    row = {"id": new_id(), "case_id": case_id, "reason": reason, "placed_by": by, "placed_at": tx.now}
    tx.execute(sa.insert(case_holds).values(**row))
    _show(tx, case, tx.now, Entry(actor, "hold_placed", {"reason": reason}))
    return _of_id(tx, str(row["id"]))


def lift(tx: Transaction, case_id: str, reason: str, *, by: str, actor: str) -> Row:
    """The case is kept as any other from now on. Raises NotHeld."""
    case = _locked(tx, case_id)
    held = standing(tx, case_id)
    if held is None:
        raise NotHeld(case_id)
    done = {"lifted_by": by, "lifted_at": tx.now, "lifted_reason": reason}
    tx.execute(sa.update(case_holds).where(case_holds.c.id == held["id"]).values(**done))
    _show(tx, case, None, Entry(actor, "hold_lifted", {"reason": reason}))
    return _of_id(tx, held["id"])


def _locked(tx: Transaction, case_id: str) -> Any:
    """Whoever erases locks the same row: a hold is placed before or after an erasure, never during one."""
    c = cases.c
    return tx.execute(sa.select(c.id, c.version, c.erased_at).where(c.id == case_id).with_for_update()).one()


def _show(tx: Transaction, case: Any, since: Any, entry: Entry) -> None:
    version = case.version + 1
    values = {"held_since": since, "version": version, "updated_at": tx.now}
    tx.execute(sa.update(cases).where(cases.c.id == case.id).values(**values))
    audit.append(tx, case_chain(case.id), entry)
    tx.wake("case", case.id, version=version)


def _of_id(tx: Transaction, id: str) -> Row:
    return tx.execute(sa.select(case_holds).where(case_holds.c.id == id)).mappings().one()
