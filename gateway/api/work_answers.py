"""The shapes of answers about how agents work: lists, notes, following, giving, doing with many, what an answer would come to."""

from __future__ import annotations

from typing import Any, Final

from case_store.records import Language, Risk, Status
from case_store.views import View
from gateway.api.answers import AGENT
from gateway.api.schema import (
    MAYBE,
    MAYBE_DAY,
    MAYBE_NUMBER,
    MAYBE_WHEN,
    NUMBER,
    TEXT,
    TEXTS,
    WHEN,
    YES,
    listed,
    maybe,
    one_of,
    ref,
    shape,
)
from gateway.choosing import Lack

WORK: Final[dict[str, Any]] = {
    "Availability": shape(takes=YES),
    "Colleague": shape(
        **AGENT,
        available=YES,
        load=NUMBER,
        limit={**MAYBE_NUMBER, "description": "null: nothing is given by turn here"},
        lacks={"type": "array", "items": one_of(Lack)},
    ),
    "Colleagues": listed("Colleague"),
    "MergeLookedAt": shape(
        case=ref("Case"),
        into=ref("Case"),
        feedback_due=MAYBE_DAY,
        risk=one_of(Risk),
        refused=maybe(shape(code=TEXT, detail=TEXT, into=MAYBE)),
        standing=maybe(shape(by=TEXT, at=WHEN, reason=TEXT, status_before=one_of(Status))),
    ),
    "Note": shape(
        id=TEXT,
        conversation=TEXT,
        after=TEXT,
        author=TEXT,
        author_name=TEXT,
        text=TEXT,
        at=WHEN,
        mentions=TEXTS,
    ),
    "Notes": listed("Note"),
    "Mention": shape(note=ref("Note"), customer=MAYBE, seen_at=MAYBE_WHEN),
    "Mentions": listed("Mention"),
    "Followers": shape(
        following={**YES, "description": "whether the caller does"},
        followers={"type": "array", "items": shape(username=TEXT, name=TEXT)},
    ),
    "FollowedCase": shape(
        case=TEXT,
        reference=MAYBE,
        customer=MAYBE,
        status=one_of(Status),
        conversations=TEXTS,
        since=WHEN,
        news={
            **maybe(shape(action=TEXT, at=WHEN, actor=TEXT, detail={"type": ["object", "null"]})),
            "description": "the latest that the caller has not seen",
        },
    ),
    "FollowedCases": listed("FollowedCase"),
    "BulkDone": shape(
        id=TEXT,
        done=TEXTS,
        refused={"type": "array", "items": shape(id=TEXT, code=TEXT, detail=TEXT)},
        undo_until={**MAYBE_WHEN, "description": "null: there is nothing to undo"},
    ),
    "SavedView": shape(
        id=TEXT,
        name=TEXT,
        chosen=shape(),
        shared=YES,
        owner_name={**MAYBE, "description": "null: one's own"},
    ),
    "Views": shape(
        items={"type": "array", "items": ref("SavedView")},
        next_cursor=MAYBE,
        counts=shape(
            **{view.value: NUMBER for view in View},
            waiting=NUMBER,
            waiting_team=NUMBER,
            own_conversations=NUMBER,
            parked=NUMBER,
        ),
    ),
    "Reader": shape(address=TEXT, name={**MAYBE, "description": "of a proxy"}, proof=TEXT),
    "Readers": listed("Reader"),
    "MessagePreview": shape(
        text=TEXT,
        ways={
            "type": "array",
            "items": shape(
                way={
                    **TEXT,
                    "description": "a channel; call_back, letter: a person tells it; nobody: it reaches nobody",
                },
                to=MAYBE,
                **{"from": MAYBE},
                subject=MAYBE,
                text=TEXT,
                otherwise={**MAYBE, "description": "where it goes if nobody looks at it in the chat"},
                cc={**TEXTS, "description": "who gets a copy; everybody sees them"},
                files={**TEXTS, "description": "names of the files that go along; what can't is named in the text"},
            ),
        },
        notices={
            "type": "array",
            "items": shape(when={"type": "string", "enum": ["before", "after"]}, text=TEXT),
            "description": "what the customer reads of the house around it, such as who is here now",
        },
    ),
    "Translation": shape(
        text=TEXT,
        **{"from": {**MAYBE, "description": "the language that was told to the service; null: it found out itself"}},
        to=one_of(Language),
        by={**TEXT, "description": "the service, as host and port"},
        lost={**TEXTS, "description": "figures, months, reference numbers and gaps that the translation lacks"},
    ),
}
