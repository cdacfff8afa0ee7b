"""The shapes of answers about everybody's work: the live board and figures, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from case_store.floor import Matter, Talk
from case_store.records import Category, ChannelName, Language, Owner, Risk, Status
from gateway.api.floor import NUMBERS
from gateway.api.schema import (
    MAYBE,
    MAYBE_DAY,
    MAYBE_NUMBER,
    MAYBE_WHEN,
    NUMBER,
    TEXT,
    WHEN,
    YES,
    listed,
    one_of,
    ref,
    shape,
)

_NUMBERS: Final = {str(name): NUMBER for name in NUMBERS}

FLOOR: Final[dict[str, Any]] = {
    "FloorRow": shape(value=TEXT, longest_wait=MAYBE_WHEN, **_NUMBERS),
    "FloorAgent": shape(
        username=TEXT,
        name=TEXT,
        there={
            "type": "string",
            "enum": ["takes", "signed_in", "away"],
            "description": "takes: is given conversations by turn and is there; signed_in: a browser asked for something in the last five minutes",
        },
        limit={**MAYBE_NUMBER, "description": "null: nothing is given by turn here"},
        oldest_unanswered=MAYBE_WHEN,
        open={**NUMBER, "description": "open cases that they are responsible for"},
        **{str(one): NUMBER for one in (Talk.AGENTS, Talk.UNANSWERED, Talk.PUT_OFF)},
        **{str(one): NUMBER for one in (Matter.OVERDUE, Matter.DUE_TODAY, Matter.DUE_SOON)},
    ),
    "Floor": shape(
        at=WHEN,
        limit_minutes={**NUMBER, "description": "of working time: who waits longer is late"},
        by_turn=YES,
        total=shape(**_NUMBERS, open=NUMBER, unassigned=NUMBER),
        longest_wait=MAYBE_WHEN,
        tasks=shape(open=NUMBER, overdue=NUMBER),
        channels={"type": "array", "items": ref("FloorRow")},
        languages={"type": "array", "items": ref("FloorRow")},
        agents={"type": "array", "items": ref("FloorAgent")},
        alarms={
            "type": "array",
            "items": shape(kind=TEXT, of=TEXT, count=NUMBER, since=MAYBE_WHEN, agent=MAYBE, agent_name=MAYBE),
        },
    ),
    "FloorConversation": shape(
        id=TEXT,
        version=NUMBER,
        epoch=NUMBER,
        last_message=NUMBER,
        channel=one_of(ChannelName),
        language=one_of(Language),
        owner=one_of(Owner),
        agent=MAYBE,
        agent_name=MAYBE,
        customer=MAYBE,
        urgent=YES,
        waiting_since=MAYBE_WHEN,
        waiting_reason=MAYBE,
        unanswered_since=MAYBE_WHEN,
        snoozed_until=MAYBE_WHEN,
        updated_at=WHEN,
        case=MAYBE,
        reference=MAYBE,
        risk=MAYBE,
    ),
    "FloorConversations": listed("FloorConversation"),
    "FloorCase": shape(
        id=TEXT,
        version=NUMBER,
        reference=TEXT,
        status=one_of(Status),
        category=one_of(Category),
        risk=one_of(Risk),
        channel=one_of(ChannelName),
        language=one_of(Language),
        assignee=MAYBE,
        assignee_name=MAYBE,
        customer=MAYBE,
        received_at=WHEN,
        feedback_due=MAYBE_DAY,
    ),
    "FloorCases": listed("FloorCase"),
}
