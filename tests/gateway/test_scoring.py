"""The score of a sheet, its criteria in the policy, and what many sheets say together."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.policy import PolicyError, load_policy
from gateway.quality_policy import GRADES, NOT_APPLICABLE, Criterion, Quality, Scale, built_in_criteria
from gateway.quality_results import Scored, results
from gateway.scoring import measured, missing, score

SHEET = built_in_criteria()
GRADED = st.fixed_dictionaries({}, optional={one.id: st.sampled_from(one.grades) for one in SHEET})
NAMES = {"zh-Hans": "甲", "zh-Hant": "甲", "en": "One"}


def points(id: str, weight: int) -> Criterion:
    return Criterion.model_validate(
        {"id": id, "name": NAMES, "scale": "points", "weight": weight, "means": [NAMES] * 5}
    )


ONE, TWO = points("one", 1), points("two", 3)


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ({"one": "4", "two": "4"}, 100.0),
        ({"one": "0", "two": "0"}, 0.0),
        ({"one": "4", "two": "0"}, 25.0),
        ({"one": "0", "two": "4"}, 75.0),
        ({"one": "2", "two": "3"}, 68.8),
        ({"one": "2", "two": "na"}, 50.0),
        ({"one": "na", "two": "na"}, None),
        ({}, None),
        ({"two": "1"}, 25.0),  # a draft: of what is graded
    ],
)
def test_grades_come_to_a_score_by_their_weights(grades: dict[str, str], expected: float | None) -> None:
    assert score([ONE, TWO], grades) == expected


@given(GRADED)
def test_a_score_lies_between_0_and_100(grades: dict[str, str]) -> None:
    found = score(SHEET, grades)
    applies = any(grade != NOT_APPLICABLE for grade in grades.values())
    assert (found is not None) == applies
    assert found is None or 0 <= found <= 100


@given(GRADED, st.sampled_from(SHEET), st.data())
def test_a_better_grade_never_makes_a_lower_score(grades: dict[str, str], one: Criterion, data: st.DataObject) -> None:
    scale = GRADES[one.scale]
    worse, better = sorted(data.draw(st.tuples(st.sampled_from(scale), st.sampled_from(scale))), key=scale.index)
    low, high = score(SHEET, {**grades, one.id: worse}), score(SHEET, {**grades, one.id: better})
    assert low is not None
    assert high is not None
    assert low <= high


@given(GRADED, st.sampled_from(SHEET))
def test_what_does_not_apply_makes_nobody_better_or_worse(grades: dict[str, str], one: Criterion) -> None:
    without = {name: grade for name, grade in grades.items() if name != one.id}
    assert score(SHEET, {**without, one.id: NOT_APPLICABLE}) == score(SHEET, without)


@given(GRADED, st.randoms())
def test_the_order_of_the_criteria_does_not_matter(grades: dict[str, str], random: Any) -> None:
    shuffled = list(SHEET)
    random.shuffle(shuffled)
    assert score(shuffled, grades) == score(SHEET, grades)


@pytest.mark.parametrize(("in_time", "grade"), [(True, "yes"), (False, "no"), (None, NOT_APPLICABLE)])
def test_what_the_record_tells_is_scored_by_nobodys_hand(in_time: bool | None, grade: str) -> None:
    assert measured(SHEET, {"in_time": in_time}) == {"in_time": grade}
    assert "in_time" not in missing(SHEET, {})
    assert len(missing(SHEET, {})) == len(SHEET) - 1


def test_the_built_in_sheet_asks_for_what_chapter_five_and_eight_ask() -> None:
    by_id = {one.id: one for one in SHEET}
    assert {"5.1.1", "5.1.2", "5.1.3", "5.1.4", "6.1.1", "6.1.3"} <= {one.basis for one in SHEET}
    assert [len(one.means) for one in by_id.values() if one.scale is Scale.POINTS] == [5] * 4
    for one in SHEET:
        told = [text for means in one.means for text in means.values()]
        assert len(set(told)) == len(told), one.id


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ('id = "a"\nscale = "steps"\nname = { en = "A" }\nmeans = []', "zh-Hans, zh-Hant missing"),
        ('id = "a"\nscale = "steps"\nname = NAME\nmeans = []', "what each of no, partly, yes means: 3, not 0"),
        ('id = "A B"\nscale = "steps"\nname = NAME', "criteria.0.id"),
        ('id = "a"\nscale = "stars"\nname = NAME', "criteria.0.scale"),
        ('id = "a"\nscale = "measured"\nmeasure = "mood"\nname = NAME', "one of in_time"),
        ('id = "a"\nscale = "measured"\nmeasure = "in_time"\nname = NAME', "at least one that a person scores"),
        ('id = "a"\nscale = "steps"\nweight = 0\nname = NAME\nmeans = [NAME, NAME, NAME]', "criteria.0.weight"),
        (
            'id = "a"\nscale = "steps"\nname = NAME\nmeans = [NAME, NAME, NAME]\n[[quality.criteria]]\n'
            'id = "a"\nscale = "steps"\nname = NAME\nmeans = [NAME, NAME, NAME]',
            "'a' stands there twice",
        ),
    ],
)
def test_a_sheet_that_cannot_be_scored_is_refused_with_what_would_be_right(
    tmp_path: Path, written: str, where: str
) -> None:
    name = '{ zh-Hans = "甲", zh-Hant = "甲", en = "A" }'
    path = tmp_path / "policy.toml"
    path.write_text(f'version = "own-1"\n[[quality.criteria]]\n{written.replace("NAME", name)}\n', "utf-8")
    with pytest.raises(PolicyError, match=where):
        load_policy(path)


def test_an_institution_may_ask_for_more_sheets_and_keep_the_built_in_criteria(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('version = "own-1"\n[quality]\nleast = 10\n', "utf-8")
    assert load_policy(path).quality == Quality(least=10)


# together --------------------------------------------------------------------------------------------------------


def sheet(agent: str, channel: str, score: float | None, one: str = "4", month: int = 11) -> Scored:
    at = datetime(2026, month, 10, tzinfo=UTC)
    return Scored((agent, agent.title()), channel, at, score, {"one": one, "two": NOT_APPLICABLE}, (ONE, TWO))


def test_of_few_sheets_only_the_number_is_told() -> None:
    told = results([sheet("megan", "email", 80), sheet("megan", "webchat", 60), sheet("aled", "email", 40)], least=3)
    assert told["all"] == {"n": 3, "average": 60.0}
    assert told["agents"] == [
        {"username": "megan", "name": "Megan", "n": 2, "average": None},
        {"username": "aled", "name": "Aled", "n": 1, "average": None},
    ]
    assert {one["channel"]: one["n"] for one in told["channels"]} == {"email": 2, "webchat": 1}


def test_what_does_not_apply_counts_for_no_criterion_and_no_average() -> None:
    sheets = [sheet("megan", "email", 50, "2"), sheet("megan", "email", 100), sheet("megan", "email", None, "na")]
    told = results(sheets, least=2)
    assert told["all"] == {"n": 2, "average": 75.0}
    assert [(one["id"], one["n"], one["average"]) for one in told["criteria"]] == [("one", 2, 75.0), ("two", 0, None)]


def test_the_weakest_come_first_and_months_in_their_order() -> None:
    good = [sheet("megan", "email", 90, month=month) for month in (10, 10, 9)]
    weak = [sheet("aled", "webchat", 40, "1", month=month) for month in (10, 11, 11)]
    told = results([*good, *weak], least=3)
    assert [one["username"] for one in told["agents"]] == ["aled", "megan"]
    assert [one["channel"] for one in told["channels"]] == ["webchat", "email"]
    assert [(one["month"], one["n"]) for one in told["months"]] == [("2026-09", 1), ("2026-10", 3), ("2026-11", 2)]


@given(
    st.lists(st.tuples(st.sampled_from(["megan", "aled"]), st.floats(0, 100), st.integers(1, 12))), st.integers(2, 5)
)
def test_no_average_is_told_of_fewer_than_the_policy_asks_for(found: list[Any], least: int) -> None:
    told = results([sheet(agent, "email", value, month=month) for agent, value, month in found], least)
    parts = [told["all"], *told["agents"], *told["channels"], *told["months"], *told["criteria"]]
    assert all((part["average"] is not None) == (part["n"] >= least) for part in parts)
    assert sum(part["n"] for part in told["agents"]) == len(found) == told["all"]["n"]
    assume(found)
    assert all(0 <= part["average"] <= 100 for part in parts if part["average"] is not None)
