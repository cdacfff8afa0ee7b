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
from gateway.figures import BY, Group, Measure, Span

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
        teams={"type": "array", "items": ref("FloorRow")},
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

_COUNTS: Final = {measure.value: NUMBER for measure in Measure}
_DAY: Final = {"type": "string", "format": "date"}
_RANKS: Final = {**shape(median=MAYBE_NUMBER, p90=MAYBE_NUMBER), "description": "in seconds; null: there is none"}

FIGURES: Final[dict[str, Any]] = {
    "FiguresTimes": shape(
        count=NUMBER,
        missing={**NUMBER, "description": "what has not happened yet"},
        wall=_RANKS,
        worked=_RANKS,
        within={**NUMBER, "description": "how many of `of` kept the limit"},
        of=NUMBER,
    ),
    "FiguresSpans": shape(**{span.value: ref("FiguresTimes") for span in Span}),
    "FiguresPart": shape(
        **{"from": _DAY},
        to=_DAY,
        **_COUNTS,
        drafts=NUMBER,
        open={**MAYBE_NUMBER, "description": "at its end, or now if it has not ended; null: it has not begun"},
        times=ref("FiguresSpans"),
    ),
    "FiguresValue": shape(
        value={**TEXT, "description": "empty: none, or what too few share to be named"},
        **_COUNTS,
        parts={"type": "array", "items": NUMBER, "description": "received, in each part of the period"},
    ),
    "FiguresAgent": shape(
        username=TEXT,
        name=TEXT,
        taken=NUMBER,
        answered={**NUMBER, "description": "conversations with a message of theirs"},
        messages=NUMBER,
        first_answers=NUMBER,
        resolved=NUMBER,
        overdue=NUMBER,
        handling=ref("FiguresTimes"),
    ),
    "Figures": shape(
        **{"from": _DAY},
        to=_DAY,
        group=one_of(Group),
        narrowed={"type": "object", "additionalProperties": TEXT},
        asked_at=WHEN,
        zone=TEXT,
        policy_version=TEXT,
        first_answer_hours=NUMBER,
        total=shape(**_COUNTS, drafts=NUMBER, open=NUMBER, open_before=NUMBER, times=ref("FiguresSpans")),
        parts={"type": "array", "items": ref("FiguresPart")},
        by=shape(**{name: {"type": "array", "items": ref("FiguresValue")} for name in BY}),
        agents={"type": "array", "items": ref("FiguresAgent")},
    ),
}
