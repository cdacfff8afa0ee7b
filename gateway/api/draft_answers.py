"""The shapes of answers about drafts, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.schema import MAYBE, NUMBER, TEXT, TEXTS, WHEN, YES, listed, maybe, ref, shape

_KIND: Final = {"type": "string", "enum": ["reply", "note"]}

DRAFTS: Final[dict[str, Any]] = {
    "Draft": shape(
        conversation=TEXT,
        kind=_KIND,
        version=TEXT,
        text=TEXT,
        files={
            "type": "array",
            "items": shape(
                id=TEXT,
                name=TEXT,
                size=NUMBER,
                here={**YES, "description": "false: it has expired or goes with another answer, and is chosen again"},
            ),
        },
        then=maybe({"type": "object", "description": "what is to be done besides, as far as it was said"}),
        cc=TEXTS,
        updated_at=WHEN,
    ),
    "Drafts": listed("Draft"),
    "DraftSaved": shape(
        draft={**maybe(ref("Draft")), "description": "null: it is empty, and gone"},
    ),
    "DraftMarks": shape(
        items={"type": "array", "items": shape(conversation=TEXT, kind=_KIND, version=TEXT, updated_at=WHEN)},
        next_cursor=MAYBE,
    ),
}
