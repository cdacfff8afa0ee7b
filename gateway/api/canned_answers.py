"""The shapes of answers about canned replies, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from case_store.records import Language
from gateway.api.schema import MAYBE, NUMBER, TEXT, TEXTS, WHEN, YES, listed, maybe, one_of, ref, shape

_LANGUAGE: Final = one_of(Language)

CANNED: Final[dict[str, Any]] = {
    "CannedReply": shape(
        id=TEXT,
        version=NUMBER,
        name=TEXT,
        shortcut=MAYBE,
        texts={"type": "object", "additionalProperties": TEXT},
        category=MAYBE,
        channel=MAYBE,
        then=maybe(ref("MacroThen")),
        shared=YES,
        changed_by=TEXT,
        created_at=WHEN,
        updated_at=WHEN,
    ),
    "CannedReplies": listed("CannedReply"),
    "CannedHistory": shape(
        items={
            "type": "array",
            "items": shape(
                version=NUMBER,
                action={"type": "string", "enum": ["added", "changed", "removed"]},
                by=TEXT,
                at=WHEN,
                diff={"type": "array", "items": shape(kind=TEXT, text=TEXT)},
            ),
        },
        next_cursor=MAYBE,
    ),
    "CannedPreviews": shape(
        items={"type": "array", "items": shape(language=_LANGUAGE, text=TEXT, problems=TEXTS)}, next_cursor=MAYBE
    ),
    "CannedFilled": shape(
        text=TEXT,
        language=_LANGUAGE,
        missing={**TEXTS, "description": "fields that the case does not know, marked in the text"},
        then={
            "type": ["object", "null"],
            "properties": {"status": TEXT, "hand_back": TEXT, "snooze_until": WHEN},
            "description": "what a macro does besides: for `then` of the answer",
        },
    ),
}
