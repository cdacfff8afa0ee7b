"""The shapes of answers about canned replies, beside those of answers.py, and of an answer that is only shown."""

from __future__ import annotations

from typing import Any, Final

from case_store.records import Language

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_TEXTS: Final[dict[str, Any]] = {"type": "array", "items": _TEXT}
_MAYBE: Final[dict[str, Any]] = {"type": ["string", "null"]}
_WHEN: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_LANGUAGE: Final[dict[str, Any]] = {"type": "string", "enum": [language.value for language in Language]}


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


def _listed(items: dict[str, Any]) -> dict[str, Any]:
    return _object(items={"type": "array", "items": items}, next_cursor=_MAYBE)


CANNED: Final[dict[str, Any]] = {
    "CannedReply": _object(
        id=_TEXT,
        version={"type": "integer"},
        name=_TEXT,
        shortcut=_MAYBE,
        texts={"type": "object", "additionalProperties": _TEXT},
        category=_MAYBE,
        channel=_MAYBE,
        then={"oneOf": [{"$ref": "#/components/schemas/MacroThen"}, {"type": "null"}]},
        shared={"type": "boolean"},
        changed_by=_TEXT,
        created_at=_WHEN,
        updated_at=_WHEN,
    ),
    "CannedReplies": _listed({"$ref": "#/components/schemas/CannedReply"}),
    "CannedPreviews": _listed(_object(language=_LANGUAGE, text=_TEXT, problems=_TEXTS)),
    "CannedFilled": _object(
        text=_TEXT,
        language=_LANGUAGE,
        missing={**_TEXTS, "description": "fields that the case does not know, marked in the text"},
        then={
            "type": ["object", "null"],
            "properties": {"status": _TEXT, "hand_back": _TEXT, "snooze_until": _WHEN},
            "description": "what a macro does besides: for `then` of the answer",
        },
    ),
    "MessagePreview": _object(text=_TEXT),
}
