"""What proves an agent beside their password: a sealed secret that makes codes, and recovery codes, each good once.

Units over a transaction. A code counts once: the step of the last one is kept, and of two requests with the same code one
finds it spent. What is kept of a recovery code is a digest under the house's secret.

Not here: how secrets are sealed and codes computed (gateway/auth/second_factor.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from case_store import audit, people
from case_store.audit import HOUSE, Entry
from case_store.store import Transaction
from case_store.tables_accounts import recovery_codes, second_factors
from case_store.tables_people import agents


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """`secret` and `waiting` are sealed; one that waits is not confirmed yet and counts for nothing."""

    secret: str | None
    waiting: str | None
    confirmed_at: datetime | None
    last_step: int | None
    reset_at: datetime | None
    reset_by: str | None
    codes_left: int


_NONE = SecondFactor(None, None, None, None, None, None, 0)
_f, _r = second_factors.c, recovery_codes.c


def find(tx: Transaction, agent_id: str, *, lock: bool = False) -> SecondFactor:
    rows = sa.select(_f.secret, _f.waiting, _f.confirmed_at, _f.last_step, _f.reset_at, _f.reset_by).where(
        _f.agent_id == agent_id
    )
    row = tx.execute(rows.with_for_update() if lock else rows).one_or_none()
    if row is None:
        return _NONE
    left = sa.select(sa.func.count()).where(_r.agent_id == agent_id, _r.used_at.is_(None))
    known = (row.secret, row.waiting, row.confirmed_at, row.last_step, row.reset_at, row.reset_by)
    return SecondFactor(*known, codes_left=int(tx.execute(left).scalar_one()))


def begin(tx: Transaction, agent_id: str, sealed: str) -> None:
    """A new secret waits to be confirmed; the one before goes on until then."""
    changed = tx.execute(sa.update(second_factors).where(_f.agent_id == agent_id).values(waiting=sealed)).rowcount
    if not changed:
        tx.execute(sa.insert(second_factors).values(agent_id=agent_id, waiting=sealed))


def confirm(tx: Transaction, agent_id: str, step: int, digests: Sequence[str], *, actor: str) -> None:
    """The secret that waits counts from now on; `step` is of the code that has confirmed it, and counts no more."""
    row = find(tx, agent_id, lock=True)
    values = {
        "secret": row.waiting,
        "waiting": None,
        "confirmed_at": tx.now,
        "last_step": step,
        "reset_at": None,
        "reset_by": None,
    }
    tx.execute(sa.update(second_factors).where(_f.agent_id == agent_id).values(values))
    _write_codes(tx, agent_id, digests)
    _tell(tx, agent_id, "second_factor_set_up", actor)


def renew_codes(tx: Transaction, agent_id: str, digests: Sequence[str], *, actor: str) -> None:
    """The codes before count no more."""
    _write_codes(tx, agent_id, digests)
    _tell(tx, agent_id, "recovery_codes_made", actor)


def _write_codes(tx: Transaction, agent_id: str, digests: Sequence[str]) -> None:
    tx.execute(sa.delete(recovery_codes).where(_r.agent_id == agent_id))
    tx.execute(sa.insert(recovery_codes), [{"agent_id": agent_id, "digest": digest} for digest in digests])


def spend_step(tx: Transaction, agent_id: str, step: int) -> bool:
    """False where a code of this step or of a later one has counted already."""
    unspent = sa.or_(_f.last_step.is_(None), _f.last_step < step)
    spent = sa.update(second_factors).where(_f.agent_id == agent_id, unspent).values(last_step=step)
    return tx.execute(spent).rowcount == 1


def spend_code(tx: Transaction, agent_id: str, digest: str) -> bool:
    """False for what is no recovery code of theirs, and for one that was used."""
    this = sa.and_(_r.agent_id == agent_id, _r.digest == digest, _r.used_at.is_(None))
    if tx.execute(sa.update(recovery_codes).where(this).values(used_at=tx.now)).rowcount != 1:
        return False
    _tell(tx, agent_id, "recovery_code_used", "system")
    return True


def remove(tx: Transaction, agent_id: str, *, actor: str) -> None:
    """By its agent, who needs none."""
    _forget(tx, agent_id)
    tx.execute(sa.delete(second_factors).where(_f.agent_id == agent_id))
    _tell(tx, agent_id, "second_factor_removed", actor)


def reset(tx: Transaction, username: str, *, actor: str, by: str) -> bool:
    """By somebody else, for who has lost theirs: they are told so when they sign in, and their sessions end.

    False where there is none. Raises NoSuchPerson.
    """
    agent = people.find_agent(tx, username)
    row = find(tx, agent.id, lock=True)
    if row.secret is None and row.waiting is None:
        return False
    _forget(tx, agent.id)
    gone = {"secret": None, "waiting": None, "confirmed_at": None, "last_step": None}
    tx.execute(
        sa.update(second_factors).where(_f.agent_id == agent.id).values(**gone, reset_at=tx.now, reset_by=by[:80])
    )
    tx.execute(sa.update(agents).where(agents.c.id == agent.id).values(own_since=tx.now))
    _tell(tx, agent.id, "second_factor_reset", actor)
    people.end_sessions(tx, agent.id)
    return True


def _forget(tx: Transaction, agent_id: str) -> None:
    tx.execute(sa.delete(recovery_codes).where(_r.agent_id == agent_id))


def _tell(tx: Transaction, agent_id: str, action: str, actor: str) -> None:
    username = people.names(tx, [agent_id])[agent_id][0]
    audit.append(tx, HOUSE, Entry(actor, action, {"username": username}))
