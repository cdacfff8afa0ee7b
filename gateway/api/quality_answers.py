"""The shapes of answers about quality samples and score sheets, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from case_store.quality import STATES
from gateway.api.schema import (
    MAYBE,
    MAYBE_WHEN,
    NUMBER,
    TEXT,
    TEXTS,
    WHEN,
    YES,
    listed,
    shape,
)
from gateway.quality_policy import Scale

_NAMES: Final[dict[str, Any]] = {"type": "object", "additionalProperties": TEXT, "description": "by language"}
_SCORE: Final[dict[str, Any]] = {"type": ["number", "null"], "minimum": 0, "maximum": 100}
_GRADES: Final[dict[str, Any]] = {"type": "object", "additionalProperties": {"type": "object"}}
_STATE: Final[dict[str, Any]] = {"type": "string", "enum": list(STATES)}
_FIGURE: Final[dict[str, Any]] = {"n": NUMBER, "average": _SCORE}
_CRITERION: Final[dict[str, Any]] = shape(
    id=TEXT,
    name=_NAMES,
    scale={"type": "string", "enum": [scale.value for scale in Scale]},
    weight=NUMBER,
    basis=TEXT,
    means={"type": "array", "items": _NAMES},
    measure=MAYBE,
    grades={**TEXTS, "description": "the lowest first, then `na`"},
)
_SHEET: Final[dict[str, Any]] = {
    "id": TEXT,
    "version": NUMBER,
    "sample": TEXT,
    "case": TEXT,
    "reference": MAYBE,
    "handler": TEXT,
    "handler_name": TEXT,
    "channel": TEXT,
    "category": TEXT,
    "state": _STATE,
    "reviewer_name": MAYBE,
    "score": _SCORE,
    "edition": NUMBER,
    "handed_in_at": MAYBE_WHEN,
    "seen_at": MAYBE_WHEN,
    "statement": MAYBE,
    "stated_at": MAYBE_WHEN,
    "mine": {**YES, "description": "it is about a case of whoever asks"},
}

QUALITY: Final[dict[str, Any]] = {
    "QualityCriteria": shape(
        policy_version=TEXT, least=NUMBER, most=NUMBER, criteria={"type": "array", "items": _CRITERION}
    ),
    "QualitySample": shape(
        id=TEXT,
        at=WHEN,
        by=TEXT,
        quarter=TEXT,
        chosen={"type": "object"},
        seed=TEXT,
        pool_size=NUMBER,
        left_out={"type": "object", "additionalProperties": NUMBER},
        sheets=NUMBER,
        handed_in=NUMBER,
    ),
    "QualitySamples": listed("QualitySample"),
    "QualityChecked": shape(
        same=YES,
        chained={**YES, "description": "the chain of the house tells the same seed, pool and cases"},
        seed=TEXT,
        pool_size=NUMBER,
        pool_sha256=TEXT,
        again=TEXTS,
        drawn=TEXTS,
    ),
    "QualityGlance": shape(**_SHEET),
    "QualityGlances": listed("QualityGlance"),
    "QualityOwn": {
        **listed("QualityGlance"),
        "required": ["items", "next_cursor", "unseen"],
        "properties": {**listed("QualityGlance")["properties"], "unseen": NUMBER},
    },
    "QualitySheet": shape(
        **_SHEET,
        measured={"type": "object"},
        grades=_GRADES,
        remark=TEXT,
        criteria={"type": "array", "items": _CRITERION},
        policy_version=TEXT,
        conversations=TEXTS,
        editions={
            "type": "array",
            "items": shape(
                edition=NUMBER,
                score=_SCORE,
                by=TEXT,
                at=WHEN,
                reason=MAYBE,
                remark=TEXT,
                grades=_GRADES,
                policy_version=TEXT,
            ),
        },
    ),
    "QualityResults": shape(
        least=NUMBER,
        all=shape(**_FIGURE),
        criteria={"type": "array", "items": shape(id=TEXT, name=_NAMES, **_FIGURE)},
        agents={"type": "array", "items": shape(username=TEXT, name=TEXT, **_FIGURE)},
        channels={"type": "array", "items": shape(channel=TEXT, **_FIGURE)},
        months={"type": "array", "items": shape(month=TEXT, **_FIGURE)},
    ),
    "QualityMeasure": shape(
        id=TEXT,
        text=TEXT,
        criterion=MAYBE,
        who=TEXT,
        due_on={"type": "string", "format": "date"},
        overdue=YES,
        added_by=TEXT,
        added_at=WHEN,
        done_by=MAYBE,
        done_at=MAYBE_WHEN,
        note=MAYBE,
    ),
    "QualityMeasures": listed("QualityMeasure"),
}
