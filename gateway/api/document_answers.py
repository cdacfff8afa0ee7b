"""The shapes of answers about the house's policy, calendar and own texts, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from case_store.records import Language
from gateway.api.schema import (
    ANY,
    MAYBE,
    MAYBE_DAY,
    MAYBE_NUMBER,
    MAYBE_WHEN,
    NUMBER,
    TEXT,
    TEXTS,
    WHEN,
    YES,
    one_of,
    ref,
    shape,
)

_FAULTS: Final = {"type": "array", "items": shape(field=TEXT, detail=TEXT, line=MAYBE_NUMBER)}
_LINES: Final = {
    "type": "array",
    "items": shape(kind={"type": "string", "enum": ["same", "added", "removed", "gap"]}, text=TEXT),
}
_VERSION: Final[dict[str, Any]] = {
    "number": NUMBER,
    "label": {**TEXT, "description": "by which judgements and dates name it"},
    "state": {"type": "string", "enum": ["seen", "proposed", "withdrawn", "scheduled", "in_force", "past"]},
    "origin": {"type": "string", "enum": ["console", "file", "follow"]},
    "digest": TEXT,
    "based_on": MAYBE_NUMBER,
    "why": TEXT,
    "author": TEXT,
    "created_at": WHEN,
    "effective_from": WHEN,
    "decided_by": MAYBE,
    "decided_at": MAYBE_WHEN,
    "yours": {**YES, "description": "written by whoever asks"},
    "unusable": {**MAYBE, "description": "why it does not count though it should"},
}
_VERSIONS: Final = {"type": "array", "items": ref("HouseVersion")}
_CHANGE: Final = shape(before=TEXT, after=TEXT)
_WORDING: Final = shape(subject=TEXT, body=TEXT)
_TEXTS: Final = {"type": "object", "additionalProperties": _WORDING}
_STATE: Final[dict[str, Any]] = {
    "latest": {**NUMBER, "description": "for based_on"},
    "versions": _VERSIONS,
    "four_eyes": {**YES, "description": "another person has to approve a version"},
}

DOCUMENTS: Final[dict[str, Any]] = {
    "HouseVersion": shape(**_VERSION),
    "HouseVersionWritten": shape(number=NUMBER, label=TEXT, approved=YES),
    "HouseVersionWhole": shape(**_VERSION, content=ANY, diff=_LINES),
    "PolicyRoom": shape(
        **_STATE,
        version={**TEXT, "description": "under which is judged and reckoned now"},
        source={"type": "string", "enum": ["console", "file", "built-in"]},
        content=TEXT,
        values={"type": "object", "description": "of the entries that have a field, by their path"},
        file=shape(label=TEXT, content=TEXT, differs=YES),
        told={**TEXTS, "description": "what an administrator has to know"},
    ),
    "PolicyChecked": shape(
        problems=_FAULTS,
        diff=_LINES,
        values={"type": ["object", "null"]},
        effects={
            **shape(
                due=shape(open=NUMBER, more=YES, changed=NUMBER, cases=ANY, new_ones=_CHANGE),
                grades={
                    "type": "array",
                    "items": shape(reference=MAYBE, text=TEXT, amount=ANY, before=TEXT, after=TEXT),
                },
                told={
                    "type": "array",
                    "items": shape(language=one_of(Language), about=TEXT, before=TEXTS, after=TEXTS),
                },
            ),
            "type": ["object", "null"],
        },
    ),
    "PolicyText": shape(content=TEXT, problems=_FAULTS, values={"type": ["object", "null"]}),
    "CalendarRoom": shape(
        **_STATE,
        version=MAYBE_NUMBER,
        country=TEXT,
        weekend=TEXTS,
        swaps_working_days=YES,
        days={"type": "object", "description": "the house's own, by day"},
        complete_years={"type": "array", "items": NUMBER},
        year=NUMBER,
        published={**YES, "description": "whether the swapped working days of the year are known"},
        special={
            "type": "array",
            "items": shape(day=MAYBE_DAY, kind=TEXT, name=TEXT),
            "description": "the days of the year that are not simply worked or weekend, without the house's own",
        },
    ),
    "CalendarChecked": shape(
        changed={"type": "array", "items": shape(day=MAYBE_DAY, before=TEXT, after=TEXT)},
        cases={
            "type": "array",
            "items": shape(id=TEXT, reference=MAYBE, promised=MAYBE_DAY, working=YES),
            "description": "open cases whose promised day is one of these: they stay as promised",
        },
        new_ones=_CHANGE,
    ),
    "CalendarRead": shape(
        days={"type": "object"}, problems={"type": "array", "items": shape(line=NUMBER, text=TEXT, detail=TEXT)}
    ),
    "HouseTexts": shape(
        items={
            "type": "array",
            "items": shape(name=TEXT, staff=YES, own=YES, proposed=YES, trouble=MAYBE, subject=TEXT),
        },
        next_cursor=MAYBE,
        four_eyes=YES,
    ),
    "HouseText": shape(
        **_STATE,
        name=TEXT,
        staff=YES,
        places={"type": "array", "items": shape(name=TEXT, needed=YES)},
        texts=_TEXTS,
        built_in=_TEXTS,
        own=YES,
        trouble=MAYBE,
    ),
    "HouseTextChecked": shape(
        problems=_FAULTS,
        shown={
            "type": "object",
            "additionalProperties": shape(subject=TEXT, chat=TEXT, mail=TEXT, by_person=TEXT),
            "description": "by language, as each channel shows it",
        },
        diff={"type": "object", "additionalProperties": _LINES},
    ),
}
