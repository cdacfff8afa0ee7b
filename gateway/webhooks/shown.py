"""A webhook as administrators are shown it, by the API and on the command line: never its secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from case_store import postings, webhooks
from case_store.store import Transaction
from case_store.webhooks import Webhook
from gateway.webhooks.names import name_of


def shown(one: Webhook, counted: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "url": one.url,
        "description": one.description,
        "types": [name_of(type) for type in one.types],
        "active": one.active,
        "stopped": one.stopped,
        "failing_since": one.failing_since and one.failing_since.isoformat(),
        "old_secret_until": one.old_until and one.old_until.isoformat(),
        "changed_by": one.changed_by.removeprefix("agent:"),
        "created_at": one.created_at.isoformat(),
        **counted,
    }


def all_shown(tx: Transaction) -> list[dict[str, Any]]:
    """Oldest first."""
    found = webhooks.listing(tx)
    counted = postings.figures(tx, [one.id for one in found])
    return [shown(one, counted[one.id]) for one in found]
