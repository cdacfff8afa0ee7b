"""The shapes of answers, as JSON schemas for the API's description. They promise what the contract does and show what is more."""

from __future__ import annotations

from typing import Any, Final

from case_store.records import Category, ChannelName, Disposition, Language, Outcome, Owner, Risk, Role, Sender, Status

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_MAYBE: Final[dict[str, Any]] = {"type": ["string", "null"]}
_WHEN: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_MAYBE_WHEN: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "date-time"}
_MAYBE_DAY: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "date"}
_YES: Final[dict[str, Any]] = {"type": "boolean"}
_NUMBER: Final[dict[str, Any]] = {"type": "integer"}
_TEXTS: Final[dict[str, Any]] = {"type": "array", "items": _TEXT}
_ANY: Final[dict[str, Any]] = {}


def _one_of(kind: Any) -> dict[str, Any]:
    return {"type": "string", "enum": [member.value for member in kind]}


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


def _listed(name: str) -> dict[str, Any]:
    return _object(items={"type": "array", "items": _ref(name)}, next_cursor=_MAYBE)


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [schema, {"type": "null"}]}


_AGENT: Final = {
    "id": _TEXT,
    "username": _TEXT,
    "name": _TEXT,
    "post": _TEXT,
    "contact": _TEXT,
    "role": _one_of(Role),
    "language": _MAYBE,
    "active": _YES,
    "created_at": _WHEN,
}
_KEY: Final = {"id": _TEXT, "name": _TEXT, "scopes": _TEXTS, "created_at": _WHEN, "revoked_at": _MAYBE_WHEN}
_CONVERSATION: Final = {
    "id": _TEXT,
    "version": _NUMBER,
    "channel": _one_of(ChannelName),
    "owner": _one_of(Owner),
    "agent": _MAYBE,
    "agent_name": _MAYBE,
    "waiting_since": _MAYBE_WHEN,
    "waiting_reason": _MAYBE,
    "urgent": _YES,
    "reference": _MAYBE,
    "references": _TEXTS,
    "case": _MAYBE,
    "risk": _MAYBE,
    "cases": _TEXTS,
    "customer": _MAYBE,
    "language": _one_of(Language),
    "last_message": _TEXT,
    "seen_message": _TEXT,
    "messages": {"type": "array", "items": _ref("Message")},
}

ANSWERS: Final[dict[str, Any]] = {
    "Problem": _object(type=_TEXT, title=_TEXT, status=_NUMBER, code=_TEXT, detail=_TEXT),
    "Receipt": _object(
        reference=_MAYBE,
        status=_one_of(Status),
        received_at=_WHEN,
        registered_at=_MAYBE_WHEN,
        feedback_due=_MAYBE_DAY,
    ),
    "CaseStatus": _object(reference=_TEXT, status=_one_of(Status), next_step=_TEXT, feedback_due=_MAYBE_DAY),
    "Agent": _object(**_AGENT),
    "Agents": _listed("Agent"),
    "SignedIn": _object(agent=_ref("Agent"), csrf_token=_TEXT),
    "Me": _object(scopes=_TEXTS, csrf_token=_MAYBE),
    "Key": _object(**_KEY),
    "Keys": _listed("Key"),
    "KeyMade": _object(**_KEY, key=_TEXT),
    "Message": _object(
        id=_TEXT,
        sender=_one_of(Sender),
        name=_MAYBE,
        text=_TEXT,
        at=_WHEN,
        asks=_TEXTS,
        choices={"type": "array", "items": _object(label=_TEXT, value=_TEXT)},
        case=_MAYBE,
        delivery=_maybe(_object(state=_TEXT, error=_MAYBE)),
        attachments={"type": "array", "items": _ref("Attachment")},
    ),
    "Attachment": _object(
        id=_TEXT,
        name=_TEXT,
        media_type=_TEXT,
        size=_NUMBER,
        preview=_YES,
        sniffed_type=_MAYBE,
        notes=_TEXTS,
        scan=_MAYBE,
        signature=_MAYBE,
        scanned_at=_MAYBE_WHEN,
    ),
    "Attachments": _listed("Attachment"),
    "Upload": _object(
        id=_TEXT,
        name=_TEXT,
        size=_NUMBER,
        offset=_NUMBER,
        state={"type": "string", "enum": ["open", "whole", "refused", "used"]},
        media_type=_MAYBE,
        expires_at=_WHEN,
    ),
    "Conversation": _object(**_CONVERSATION),
    "TakenOver": _object(**_CONVERSATION, on_their_way=_TEXTS),
    "Conversations": _listed("Conversation"),
    "Facts": _object(
        name=_MAYBE,
        contact=_MAYBE,
        occurred_on=_MAYBE,
        about=_MAYBE,
        what_happened=_MAYBE,
        amount=_maybe(_object(value=_TEXT, currency=_TEXT)),
        desired_outcome=_MAYBE,
    ),
    "Case": _object(
        id=_TEXT,
        version=_NUMBER,
        reference=_MAYBE,
        conversations=_TEXTS,
        status=_one_of(Status),
        outcome=_maybe(_one_of(Outcome)),
        incomplete=_YES,
        category=_one_of(Category),
        risk=_one_of(Risk),
        disposition=_one_of(Disposition),
        channel=_one_of(ChannelName),
        language=_one_of(Language),
        facts=_ref("Facts"),
        contacts=_TEXTS,
        declined=_TEXTS,
        received_at=_WHEN,
        registered_at=_MAYBE_WHEN,
        feedback_due=_MAYBE_DAY,
        assignee=_MAYBE,
        possible_duplicate_of=_MAYBE,
        updated_at=_WHEN,
    ),
    "Cases": _listed("Case"),
    "Event": _object(id=_TEXT, at=_WHEN, actor=_TEXT, action=_TEXT, detail=_ANY),
    "Timeline": _listed("Event"),
    "Task": _object(id=_TEXT, kind=_TEXT, case=_MAYBE, conversation=_MAYBE, words=_TEXT, created_at=_WHEN),
    "Tasks": _listed("Task"),
    "TaskDone": _object(id=_TEXT, done=_YES),
    "ParkedArrival": _object(id=_TEXT, channel=_TEXT, account=_TEXT, received_at=_WHEN, size=_NUMBER, reason=_MAYBE),
    "ParkedArrivals": _listed("ParkedArrival"),
    "Replayed": _object(replayed=_NUMBER),
    "State": _object(status=_TEXT),
}
