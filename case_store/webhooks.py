"""Webhooks: which programs outside the house want to hear what, and under which secret it is signed.

Units over a transaction. Secrets come sealed and are kept so. One that is replaced signs beside the new one for a day.

Not here: what happened (happenings.py), what is posted (postings.py), how a secret is sealed (gateway/sealing.py).

WebhookError
├── NoSuchWebhook    there is none of this id
├── SeveralCalledSo  more than one has this description or address
├── TooMany          the house has as many as it may have
├── Inactive         nothing is posted to it now
└── NotKept          what happened then is forgotten, or has not happened yet
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import HOUSE, Entry
from case_store.cases import LostUpdate
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_webhooks import REMOVED, STANDING, webhooks

MOST: Final = 50
OVERLAP: Final = timedelta(hours=24)


class WebhookError(Exception):
    """What can't be done with a webhook."""


class NoSuchWebhook(WebhookError, LookupError):
    """There is none of this id."""


class SeveralCalledSo(WebhookError):
    """More than one has this description or address."""


class TooMany(WebhookError):
    """The house has as many as it may have."""


class Inactive(WebhookError):
    """Nothing is posted to it now."""


class NotKept(WebhookError, ValueError):
    """What happened then is forgotten, or has not happened yet."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """`secrets` are sealed: the one in force, then the old one while it still signs. `stopped` says why nobody wanted it inactive."""

    id: str
    url: str
    description: str
    types: tuple[str, ...]
    active: bool
    stopped: str | None
    failing_since: datetime | None
    version: int
    changed_by: str
    created_at: datetime
    secrets: tuple[str, ...] = ()
    old_until: datetime | None = None

    def wants(self, type: str) -> bool:
        return not self.types or type in self.types


def _webhook(row: Any, now: datetime) -> Webhook:
    old = row.old_secret if row.old_until is not None and row.old_until > now else None
    return Webhook(
        row.id,
        row.url,
        row.description,
        tuple(row.types),
        row.active,
        row.stopped,
        row.failing_since,
        row.version,
        row.changed_by,
        row.created_at,
        (row.secret, old) if old else (row.secret,),
        row.old_until if old else None,
    )


def listing(tx: Transaction) -> list[Webhook]:
    """All of them, oldest first."""
    rows = tx.execute(sa.select(webhooks).where(STANDING).order_by(webhooks.c.created_at, webhooks.c.id))
    return [_webhook(row, tx.now) for row in rows]


def get(tx: Transaction, id: str) -> Webhook:
    """Raises NoSuchWebhook."""
    row = tx.execute(sa.select(webhooks).where(webhooks.c.id == id, STANDING)).one_or_none()
    if row is None:
        raise NoSuchWebhook(id)
    return _webhook(row, tx.now)


def called(tx: Transaction, name: str) -> Webhook:
    """By its id, or by the description or address that no other has. Raises NoSuchWebhook, SeveralCalledSo."""
    found = listing(tx)
    named = [one for one in found if one.id == name] or [one for one in found if name in (one.description, one.url)]
    if not name or not named:
        raise NoSuchWebhook(name)
    if len(named) > 1:
        raise SeveralCalledSo(name)
    return named[0]


def _locked(tx: Transaction, id: str, version: int | None) -> Webhook:
    row = tx.execute(sa.select(webhooks).where(webhooks.c.id == id, STANDING).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchWebhook(id)
    if version is not None and row.version != version:
        raise LostUpdate(row.version)
    return _webhook(row, tx.now)


def add(
    tx: Transaction, *, url: str, description: str, types: Sequence[str], secret: str, active: bool, actor: str
) -> Webhook:
    """Raises TooMany."""
    if int(tx.execute(sa.select(sa.func.count()).select_from(webhooks).where(STANDING)).scalar_one()) >= MOST:
        raise TooMany
    id = new_id()
    told = {"url": url, "description": description, "types": sorted(types), "active": active}
    values = {"id": id, "secret": secret, "version": 1, "changed_by": actor, "created_at": tx.now, **told}
    tx.execute(sa.insert(webhooks).values(values))
    audit.append(tx, HOUSE, Entry(actor, "webhook_added", {"id": id, **told}))
    return get(tx, id)


def change(tx: Transaction, id: str, changes: Mapping[str, Any], *, version: int | None, actor: str) -> Webhook:
    """Sets url, description, types or active. Whoever makes it active again has it tried again. Raises NoSuchWebhook, LostUpdate."""
    before = _locked(tx, id, version)
    new = {name: sorted(value) if name == "types" else value for name, value in changes.items()}
    differing = {name: value for name, value in new.items() if value != _plain(getattr(before, name))}
    if not differing:
        return before
    beside = {"stopped": None, "failing_since": None} if "active" in differing or "url" in differing else {}
    values = {**differing, **beside, "version": before.version + 1, "changed_by": actor}
    tx.execute(sa.update(webhooks).where(webhooks.c.id == id).values(values))
    audit.append(tx, HOUSE, Entry(actor, "webhook_changed", {"id": id, **differing}))
    return get(tx, id)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def replace_secret(tx: Transaction, id: str, secret: str, *, actor: str) -> Webhook:
    """The old one signs beside it for a day, so that nothing is lost while the receiver changes over. Raises NoSuchWebhook."""
    before = _locked(tx, id, None)
    values = {"secret": secret, "old_secret": before.secrets[0], "old_until": tx.now + OVERLAP}
    moved = {"version": before.version + 1, "changed_by": actor}
    tx.execute(sa.update(webhooks).where(webhooks.c.id == id).values(**values, **moved))
    audit.append(tx, HOUSE, Entry(actor, "webhook_secret_replaced", {"id": id}))
    return get(tx, id)


def remove(tx: Transaction, id: str, *, version: int | None, actor: str) -> None:
    """It is there no more from now on: nothing is posted to it, and its address and secrets are forgotten.

    What was or was to be posted to it may be a million rows: they go some at a time (postings.clear). Raises NoSuchWebhook, LostUpdate.
    """
    before = _locked(tx, id, version)
    nothing = {"url": "", "description": "", "secret": "", "old_secret": None, "old_until": None}
    tx.execute(sa.update(webhooks).where(webhooks.c.id == id).values(active=False, stopped=REMOVED, **nothing))
    audit.append(tx, HOUSE, Entry(actor, "webhook_removed", {"id": id, "url": before.url}))


def stop(tx: Transaction, id: str, why: str) -> bool:
    """It is posted to no more until somebody makes it active again. False if it was not active."""
    w = webhooks.c
    stopped = sa.update(webhooks).where(w.id == id, w.active.is_(True))
    done = tx.execute(stopped.values(active=False, stopped=why, version=w.version + 1, changed_by="system")).rowcount
    if done:
        audit.append(tx, HOUSE, Entry("system", "webhook_stopped", {"id": id, "why": why}))
    return bool(done)
