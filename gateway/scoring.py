"""The score of a sheet, from 0 to 100. Pure.

Each grade is a part of its criterion's weight; what does not apply is left out, so that nobody is better or worse for it. A better grade
never makes a lower score. A sheet of which nothing applies has no score.

Not here: the criteria (quality_policy.py), sheets and who may write them (case_store/quality.py).
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from gateway.quality_policy import GRADES, NOT_APPLICABLE, Criterion, Scale


def value_of(criterion: Criterion, grade: str) -> float | None:
    """From 0 to 1; None where it does not apply. Raises ValueError for a grade that the scale does not have."""
    if grade == NOT_APPLICABLE:
        return None
    grades = GRADES[criterion.scale]
    return grades.index(grade) / (len(grades) - 1)


def measured(criteria: Sequence[Criterion], facts: Mapping[str, Any]) -> dict[str, str]:
    """The grades that the record gives by itself: what it does not tell does not apply."""
    words = {True: "yes", False: "no"}
    return {
        one.id: words.get(facts.get(one.measure), NOT_APPLICABLE)  # type: ignore[arg-type]
        for one in criteria
        if one.scale is Scale.MEASURED and one.measure is not None
    }


def score(criteria: Sequence[Criterion], grades: Mapping[str, str]) -> float | None:
    """Of the criteria that are graded and apply; with one decimal."""
    weighed = [
        (one.weight, value)
        for one in criteria
        if one.id in grades and (value := value_of(one, grades[one.id])) is not None
    ]
    whole = sum(weight for weight, _ in weighed)
    return round(100 * sum(weight * value for weight, value in weighed) / whole, 1) if whole else None


def missing(criteria: Sequence[Criterion], grades: Container[str]) -> list[str]:
    """Criteria that a person has to grade before the sheet is handed in."""
    return [one.id for one in criteria if one.scale is not Scale.MEASURED and one.id not in grades]
