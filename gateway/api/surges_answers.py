"""The shapes of answers about surges and emergencies, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.schema import MAYBE, MAYBE_NUMBER, MAYBE_WHEN, NUMBER, TEXT, TEXTS, WHEN, listed, shape

SURGES: Final[dict[str, Any]] = {
    "Surge": shape(
        id=TEXT,
        kind={"type": "string", "enum": ["surge", "hot_spot"]},
        span={"type": "string", "enum": ["hour", "day"]},
        dimension={"type": "string", "enum": ["all", "channel", "category", "about", "figure"]},
        value=TEXT,
        usual={"type": ["number", "null"], "description": "of that weekday and hour; null while too little is known"},
        threshold=NUMBER,
        count=NUMBER,
        peak=NUMBER,
        peak_at=WHEN,
        customers=MAYBE_NUMBER,
        cases={"type": "array", "items": shape(id=TEXT, reference=MAYBE)},
        started_at=WHEN,
        looked_at=WHEN,
        ended_at=MAYBE_WHEN,
        acknowledged_by=MAYBE,
        acknowledged_at=MAYBE_WHEN,
        note=MAYBE,
    ),
    "Surges": listed("Surge"),
    "Emergency": shape(
        id=TEXT,
        scope={"type": "string", "enum": ["house", "about", "cases"]},
        about=MAYBE,
        cases=TEXTS,
        reason=TEXT,
        declared_by=TEXT,
        declared_at=WHEN,
        ended_by=MAYBE,
        ended_at=MAYBE_WHEN,
        end_note=MAYBE,
    ),
    "Emergencies": listed("Emergency"),
}
