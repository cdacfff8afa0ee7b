"""The shapes of answers about legal holds, and about what is held on a person."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.schema import MAYBE, MAYBE_WHEN, NUMBER, TEXT, TEXTS, WHEN, YES, listed, maybe, ref, shape

_HOLD: Final = shape(
    reason=TEXT, placed_by=TEXT, placed_at=WHEN, lifted_by=MAYBE, lifted_at=MAYBE_WHEN, lifted_reason=MAYBE
)

RETENTION: Final[dict[str, Any]] = {
    "Hold": _HOLD,
    "Holds": shape(standing=maybe(ref("Hold")), holds={"type": "array", "items": ref("Hold")}),
    "Person": shape(
        addresses=TEXTS,
        names=TEXTS,
        cases={
            "type": "array",
            "items": shape(
                id=TEXT,
                reference=MAYBE,
                name=MAYBE,
                status=TEXT,
                erased=YES,
                kept={"type": ["string", "null"], "description": "why it may not be erased: a code"},
                kept_until=MAYBE_WHEN,
            ),
        },
        conversations=NUMBER,
        spoke_for=TEXTS,
    ),
    "ErasureOrder": shape(
        id=TEXT,
        cases=TEXTS,
        counts={"type": "object", "additionalProperties": NUMBER},
        left=NUMBER,
        reason=TEXT,
        ordered_by=TEXT,
        even_within_retention=YES,
        at=WHEN,
        done_at=MAYBE_WHEN,
    ),
    "ErasureOrders": listed("ErasureOrder"),
}
