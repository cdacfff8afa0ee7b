"""The shapes of answers about what stands beside a case: its clocks, what its words may say besides, who has read it."""

from __future__ import annotations

from typing import Any, Final

from case_store.records import Status
from gateway.api.schema import ANY, MAYBE, MAYBE_NUMBER, MAYBE_WHEN, TEXT, WHEN, YES, listed, maybe, one_of, ref, shape

_MAYBE_YES: Final = {"type": ["boolean", "null"]}
_PLACE: Final = shape(conversation=TEXT, message=TEXT, part=TEXT, start={"type": "integer"}, end={"type": "integer"})

BESIDE: Final[dict[str, Any]] = {
    "CaseNow": {"allOf": [ref("Case"), shape(clocks={"type": "array", "items": ref("CaseClock")})]},
    "CaseClock": shape(
        name={**TEXT, "description": "as the policy calls it, or waiting, given, task, offer, settlement"},
        about=MAYBE,
        conversation=MAYBE,
        starts_at={**TEXT, "description": "the event that started it"},
        started_at=WHEN,
        due_at=WHEN,
        limit={**MAYBE, "description": "as the policy states it: 7 working_days"},
        policy={**TEXT, "description": "the version of the policy that it follows"},
        calendar_gap=YES,
        stopped_at={**MAYBE_WHEN, "description": "when what it waits for was done; null: it runs"},
        kept={**_MAYBE_YES, "description": "of one that was stopped: in time"},
        over=_MAYBE_YES,
        working_seconds_left={**MAYBE_NUMBER, "description": "less than nothing once it is over; null: stopped"},
        working_days={**MAYBE_NUMBER, "description": "whole ones among them, left or over"},
        working_rest={**MAYBE_NUMBER, "description": "seconds beside the whole days"},
        stands_still_until={**MAYBE_WHEN, "description": "outside working hours: when they begin"},
    ),
    "Clocks": {
        **shape(items={"type": "array", "items": ref("CaseClock")}, next_cursor=MAYBE, now=WHEN),
        "properties": {
            "items": {"type": "array", "items": ref("CaseClock")},
            "next_cursor": MAYBE,
            "now": WHEN,
            "openings": {
                "type": "array",
                "items": shape(day=TEXT, hours={"type": "array", "items": {"type": "array", "items": WHEN}}),
            },
        },
    },
    "CustomersCase": shape(
        id=TEXT,
        reference=MAYBE,
        status=one_of(Status),
        outcome=MAYBE,
        channel=TEXT,
        category=TEXT,
        risk=TEXT,
        amount=maybe(shape(value=TEXT, currency=TEXT)),
        about=MAYBE,
        received_at=WHEN,
        feedback_due=MAYBE,
        updated_at=WHEN,
        merged_into=MAYBE,
    ),
    "Rival": shape(value=ANY, words=TEXT, places={"type": "array", "items": _PLACE}),
    "Reading": shape(
        id=TEXT,
        at=WHEN,
        actor=TEXT,
        what={
            "type": "string",
            "enum": ["case", "listed", "conversation", "preview", "file", "original", "recording", "print"],
        },
        conversation={**MAYBE, "description": "where it was read in a conversation of the case"},
        of={**MAYBE, "description": "which file, message or paper"},
        name={**MAYBE, "description": "the name of whoever it was, as it is now"},
    ),
    "Readings": listed("Reading"),
}
