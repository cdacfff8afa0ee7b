"""Shapes of answers about webhooks."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.schema import ANY, MAYBE, MAYBE_NUMBER, MAYBE_WHEN, NUMBER, TEXT, TEXTS, WHEN, YES, listed, shape

_WEBHOOK: Final[dict[str, Any]] = {
    "id": TEXT,
    "version": NUMBER,
    "url": TEXT,
    "description": TEXT,
    "types": {**TEXTS, "description": "none: all"},
    "active": YES,
    "stopped": {
        "type": ["string", "null"],
        "enum": ["gone", "failing", None],
        "description": "why it is not active, where nobody wanted that",
    },
    "failing_since": MAYBE_WHEN,
    "old_secret_until": MAYBE_WHEN,
    "changed_by": TEXT,
    "created_at": WHEN,
    "waiting": NUMBER,
    "sent": NUMBER,
    "given_up": NUMBER,
}
_DELIVERY: Final[dict[str, Any]] = {
    "id": TEXT,
    "event": {**TEXT, "description": "the event's id, `webhook-id` at every try"},
    "type": TEXT,
    "subject": MAYBE,
    "at": WHEN,
    "state": {"type": "string", "enum": ["waiting", "sent", "given_up"]},
    "attempts": NUMBER,
    "again": YES,
    "next_at": MAYBE_WHEN,
    "error": MAYBE,
    "created_at": WHEN,
    "ended_at": MAYBE_WHEN,
}
WEBHOOKS: Final[dict[str, dict[str, Any]]] = {
    "Webhook": shape(**_WEBHOOK),
    "Webhooks": shape(
        items={"type": "array", "items": {"$ref": "#/components/schemas/Webhook"}}, next_cursor=MAYBE, types=TEXTS
    ),
    "WebhookMade": shape(**_WEBHOOK, secret={**TEXT, "description": "in this answer and nowhere else"}),
    "WebhookDelivery": shape(
        **_DELIVERY,
        body=ANY,
        tries={
            "type": "array",
            "items": shape(at=WHEN, status=MAYBE_NUMBER, took_ms=NUMBER, error=MAYBE, answer=MAYBE),
        },
    ),
    "WebhookDeliverySummary": shape(**_DELIVERY),
    "WebhookDeliveries": listed("WebhookDeliverySummary"),
    "WebhookQueued": shape(id=TEXT),
    "WebhookQueuedMany": shape(queued=NUMBER, more_since=MAYBE_WHEN),
}
