"""A happening as a CloudEvent (1.0, structured JSON), and its signature (Standard Webhooks).

The event is thin: ids, reference, status, version and where to fetch the rest with a key. No name, no text, no address of a customer.
The same happening is the same bytes at every try.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from cloudevents.core.bindings.http import to_structured_event
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook as Signer

from case_store.postings import Happening
from gateway.webhooks.names import name_of

MEDIA_TYPE: Final = "application/cloudevents+json; charset=utf-8"


def event_of(happening: Happening, public_url: str) -> bytes:
    attributes = {
        "id": happening.id,
        "source": public_url or "/qingting",
        "type": name_of(happening.type),
        "subject": _subject(happening),
        "time": happening.at.astimezone(UTC),
        "datacontenttype": "application/json",
    }
    return to_structured_event(CloudEvent(attributes, _data(happening, public_url))).body


def _subject(happening: Happening) -> str:
    if happening.chain.startswith("case:"):
        return happening.reference or happening.case_id or ""
    return happening.conversation_id or happening.chain.partition(":")[2]


def _data(happening: Happening, public_url: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "action": happening.action,
        "entry": happening.entry,
        "case": happening.case_id,
        "reference": happening.reference,
        "status": happening.status,
        "version": happening.version,
        "conversation": happening.conversation_id,
        "channel": happening.channel,
        "message": happening.message,
    }
    return {
        **{name: value for name, value in told.items() if value is not None},
        "links": _links(happening, public_url),
    }


def _links(happening: Happening, public_url: str) -> dict[str, str]:
    kind, _, id = happening.chain.partition(":")
    place = {"case": "cases", "conversation": "conversations"}.get(kind)
    if place is None:
        return {}
    return {"self": f"{public_url}/api/v1/{place}/{id}", "console": f"{public_url}/console/{place}/{id}"}


def headers_of(id: str, body: bytes, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """Signed under each secret, the one in force first."""
    signed = [Signer(secret).sign(id, now, body.decode()) for secret in secrets]
    return {
        "Content-Type": MEDIA_TYPE,
        "User-Agent": "Qingting",
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }
