"""What comes out of requests, as JSON. Ids are strings, times RFC 3339 with offset, texts exactly as they are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from case_store.arrivals import ParkedArrival
from case_store.audit import HappenedAt
from case_store.conversations import StoredMessage
from case_store.overview import ConversationView
from case_store.records import ChannelName, Sender
from case_store.tasks import Task
from gateway.attachments import shown

T = TypeVar("T")


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def page(found: Sequence[T], limit: int, shape: Callable[[T], Any], cursor: Callable[[T], str]) -> dict[str, Any]:
    """A list of at most `limit`; `found` has one more if there is a next page."""
    shown = found[:limit]
    return {"items": [shape(one) for one in shown], "next_cursor": cursor(shown[-1]) if len(found) > limit else None}


def whole(items: Sequence[Any]) -> dict[str, Any]:
    return {"items": list(items), "next_cursor": None}


def conversation(view: ConversationView) -> dict[str, Any]:
    row = view.row
    return {
        "id": row["id"],
        "version": row["version"],
        "channel": row["channel"],
        "account": row["account"],
        "owner": row["owner"],
        "agent": view.agent,
        "agent_name": view.agent_name,
        "waiting_since": _at(row["waiting_since"]),
        "waiting_reason": row["waiting_reason"],
        "urgent": row["urgent"],
        "reference": view.reference,
        "references": list(view.references),
        "case": row["case_id"],
        "risk": row["case_risk"],
        "cases": list(view.case_ids),
        "customer": row["customer"],
        "subject": row["subject"],
        "language": row["language"],
        "last_message": str(row["last_message"]),
        "seen_message": str(row["seen_message"]),
        "created_at": _at(row["created_at"]),
        "updated_at": _at(row["updated_at"]),
        "messages": [_message_in(view, said) for said in view.messages],
    }


def _message_in(view: ConversationView, said: StoredMessage) -> dict[str, Any]:
    told = message(said)
    told["delivery"] = _delivery(view, said)
    told["attachments"] = [shown(row) for row in view.attachments.get(said.number, ())]
    return told


def message(said: StoredMessage) -> dict[str, Any]:
    mail = said.mail or {}
    return {
        "id": str(said.number),
        "sender": said.sender.value,
        "name": said.name,
        "text": said.text,
        "at": _at(said.at),
        "asks": list(said.asks),
        "choices": [dict(choice) for choice in said.choices],
        "case": said.case_id,
        "subject": mail.get("subject"),
        "quoted": mail.get("quoted") or None,
        "arrival": said.arrival_id,
        "edits": [dict(edit) for edit in said.edits],
        "delivery": None,
        "attachments": [],
        "wordless": said.wordless,
    }


def _delivery(view: ConversationView, said: StoredMessage) -> dict[str, Any] | None:
    """How far a message to the customer has come. In the chat it is sent when stored, delivered when the screen showed it."""
    if said.number in view.sent:
        state, error = view.sent[said.number]
        return {"state": state, "error": error}
    if said.sender is Sender.CUSTOMER or view.row["channel"] != ChannelName.WEBCHAT:
        return None
    return {"state": "delivered" if said.number <= view.row["seen_message"] else "sent", "error": None}


def event(happened: HappenedAt) -> dict[str, Any]:
    return {
        "id": str(happened.number),
        "at": _at(happened.at),
        "actor": happened.actor,
        "action": happened.action,
        "detail": happened.detail,
    }


def task(one: Task) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "case": one.case_id,
        "conversation": one.conversation_id,
        "words": one.words,
        "created_at": _at(one.created_at),
    }


def parked(one: ParkedArrival) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "account": one.account,
        "received_at": _at(one.received_at),
        "size": one.size,
        "reason": one.reason,
    }
