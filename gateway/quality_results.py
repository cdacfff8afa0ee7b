"""What score sheets say together: by criterion, agent, channel and month, with of how many (handbook 8.2.3). Pure.

No average is told of fewer sheets than the policy asks for: of two, one bad afternoon would be a trend.

Not here: single sheets (case_store/quality.py), scores (scoring.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.quality_policy import NOT_APPLICABLE, Criterion
from gateway.scoring import value_of


@dataclass(frozen=True, slots=True)
class Scored:
    """A sheet that was handed in, with the criteria by which that was done."""

    agent: tuple[str, str]  # username, name
    channel: str
    at: datetime
    score: float | None
    grades: Mapping[str, str]
    criteria: Sequence[Criterion]

    @classmethod
    def of(cls, row: Mapping[Any, Any], zone: Any) -> Scored:
        grades = {name: one["grade"] for name, one in row["grades"].items()}
        criteria = tuple(Criterion.model_validate(one) for one in row["criteria"])
        who = (row["username"], row["name"])
        return cls(who, row["channel"], row["handed_in_at"].astimezone(zone), row["score"], grades, criteria)


def results(sheets: Sequence[Scored], least: int) -> dict[str, Any]:
    """All of them, and each part; the parts with the lowest average first, those of which too little is known last."""
    return {
        "least": least,
        "all": _figure([one.score for one in sheets], least),
        "criteria": _criteria(sheets, least),
        "agents": _grouped(sheets, least, lambda one: one.agent, ("username", "name")),
        "channels": _grouped(sheets, least, lambda one: (one.channel,), ("channel",)),
        "months": sorted(
            _grouped(sheets, least, lambda one: (f"{one.at:%Y-%m}",), ("month",)), key=lambda part: str(part["month"])
        ),
    }


def _grouped(
    sheets: Sequence[Scored], least: int, by: Callable[[Scored], tuple[str, ...]], names: tuple[str, ...]
) -> list[dict[str, Any]]:
    groups: dict[tuple[str, ...], list[float | None]] = {}
    for one in sheets:
        groups.setdefault(by(one), []).append(one.score)
    parts = [{**dict(zip(names, key, strict=True)), **_figure(scores, least)} for key, scores in groups.items()]
    return sorted(parts, key=_lowest_first)


def _criteria(sheets: Sequence[Scored], least: int) -> list[dict[str, Any]]:
    """By id: the name is that of the newest sheet, for a wording may be put better without meaning another thing."""
    found: dict[str, list[float | None]] = {}
    names: dict[str, Any] = {}
    for sheet in sheets:
        for criterion in sheet.criteria:
            grade = sheet.grades.get(criterion.id, NOT_APPLICABLE)
            value = value_of(criterion, grade)
            found.setdefault(criterion.id, []).append(None if value is None else 100 * value)
            names[criterion.id] = criterion.model_dump(mode="json")["name"]
    parts = [{"id": id, "name": names[id], **_figure(values, least)} for id, values in found.items()]
    return sorted(parts, key=_lowest_first)


def _figure(values: Iterable[float | None], least: int) -> dict[str, Any]:
    """`n` of those that apply; no average and no extremes where they are fewer than `least`."""
    known = [value for value in values if value is not None]
    average = round(sum(known) / len(known), 1) if len(known) >= least else None
    return {"n": len(known), "average": average}


def _lowest_first(part: Mapping[str, Any]) -> tuple[bool, float]:
    return part["average"] is None, part["average"] or 0.0
