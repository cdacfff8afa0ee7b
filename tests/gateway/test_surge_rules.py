"""When there are too many: tables of counts, laws of the bounds, and how often usual traffic rings falsely."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_store.surge_counts import Entered, counted, things
from gateway.policy import PolicyError, load_policy
from gateway.surge_policy import Surges
from gateway.surge_rules import Rule, bounds
from gateway.surging import before

HOUR = Surges().of_an_hour
COUNTS = st.lists(st.integers(0, 5_000), min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("past", "usual", "threshold"),
    [
        ([], None, 30),  # nothing is known yet
        ([4, 4], None, 30),
        ([0, 0, 0, 0, 0, 0], 0, 8),  # a quiet night: two angry families are none
        ([1, 0, 2, 1, 0, 1], 1, 10),
        ([4, 5, 3, 4, 4, 6], 4, 17),
        ([4, 5, 3, 400, 4, 6], 4.5, 18),  # one wild week changes nothing
        ([100, 104, 96, 99, 101, 102], 100.5, 201),  # twice as many, though 150 were certain
        ([10, 90, 20, 160, 40, 5], 30, 208),  # a channel that scatters by itself
    ],
)
def test_how_many_are_too_many(past: list[int], usual: float | None, threshold: int) -> None:
    found = bounds(past, HOUR)
    assert (found.usual, found.threshold) == (usual, threshold)


@given(COUNTS)
def test_it_rings_only_above_what_is_usual_and_ends_before_it_rings_again(past: list[int]) -> None:
    found = bounds(past, HOUR)
    assert found.usual is not None
    assert found.threshold >= max(HOUR.least, HOUR.factor * found.usual)
    assert 1 <= found.calm <= found.threshold
    assert found.calm > found.usual or found.usual == 0


@given(COUNTS, st.randoms())
def test_the_order_of_the_weeks_does_not_matter(past: list[int], random: random.Random) -> None:
    shuffled = list(past)
    random.shuffle(shuffled)
    assert bounds(shuffled, HOUR) == bounds(past, HOUR)


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_busier_house_needs_more_for_an_alarm(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert bounds([few] * 6, HOUR).threshold <= bounds([many] * 6, HOUR).threshold


@given(COUNTS, st.floats(2, 10), st.floats(2, 10))
def test_whoever_wants_to_be_surer_hears_later(past: list[int], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert bounds(past, Rule(8, 30, low)).threshold <= bounds(past, Rule(8, 30, high)).threshold


def _poisson(dice: random.Random, mean: float) -> int:
    """By Knuth's multiplication: small means only."""
    left, count = math.exp(-mean), 0
    product = dice.random()
    while product > left:
        product *= dice.random()
        count += 1
    return count


def _day(hour: int, busy: float) -> float:
    """Little at night, most at ten and three."""
    return busy * (0.05 + max(0.0, math.sin((hour - 7) / 12 * math.pi)))


@pytest.mark.parametrize("busy", [0.5, 4, 20, 80])
def test_usual_traffic_rings_less_than_once_in_ten_thousand_hours(busy: float) -> None:
    """Seeded: half a year of hours, three houses of this size, each hour beside the same of the six weeks before."""
    dice = random.Random(20_261_128)
    rung = looked = 0
    for _ in range(3):
        weeks = [[_poisson(dice, _day(hour % 24, busy)) for hour in range(168)] for _ in range(32)]
        for week in range(6, len(weeks)):
            for hour in range(168):
                past = [weeks[week - back][hour] for back in range(1, 7)]
                looked += 1
                rung += weeks[week][hour] >= bounds(past, HOUR).threshold
    assert looked == 13_104
    assert rung <= 1


@pytest.mark.parametrize(("busy", "times"), [(4, 8), (20, 3), (80, 3)])
def test_a_surge_is_found_whenever_it_comes_by_day(busy: float, times: float) -> None:
    dice = random.Random(20_261_128)
    found = 0
    for _ in range(500):
        past = [_poisson(dice, busy) for _ in range(6)]
        found += _poisson(dice, times * busy) >= bounds(past, HOUR).threshold
    assert found >= 470


# what is counted ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (None, ()),
        ("", ()),
        ("滨江支行", ("滨江支行",)),
        ("濱江支行", ("滨江支行",)),  # one branch in both scripts
        ("滨江支行 · 理财", ("滨江支行", "理财")),
        ("Credit Card · credit card", ("credit card",)),
        ("ＶＩＰ 理财", ("vip 理财",)),
    ],
)
def test_what_a_complaint_is_about_counts_in_one_form(about: str | None, expected: tuple[str, ...]) -> None:
    assert things(about) == expected


def test_one_person_with_many_chats_is_no_crowd() -> None:
    one = [Entered(str(n), "webchat", "product", "理财", "+8613900001111") for n in range(9)]
    nobody = [Entered(f"x{n}", "webchat", "product", "理财", None) for n in range(9)]
    two = [Entered("y", "email", "product", "理财 · 基金", "li@a.example")]
    found = counted([*one, *nobody, *two])
    assert found.cases["about", "理财"] == 19
    assert found.crowd(("about", "理财")) == 2
    assert found.crowd(("about", "基金")) == 1
    assert (found.cases["all", ""], found.cases["channel", "email"]) == (19, 1)


def test_the_same_hour_of_the_weeks_before_is_that_on_the_wall() -> None:
    """London puts its clocks back on 25 October 2026: ten in the morning stays ten in the morning."""
    now = datetime(2026, 10, 27, 10, 0, tzinfo=UTC)  # 10:00 in winter
    long_ago = now - timedelta(days=300)
    found = before(now, "hour", 2, long_ago, ZoneInfo("Europe/London"))
    assert [end for _, end in found] == [datetime(2026, 10, 20, 9, tzinfo=UTC), datetime(2026, 10, 13, 9, tzinfo=UTC)]
    assert all(end - start == timedelta(hours=1) for start, end in found)


@pytest.mark.parametrize(("days", "weeks"), [(0, 0), (6, 0), (8, 1), (15, 2), (200, 6)])
def test_weeks_of_which_nothing_is_known_are_not_quiet_ones(days: int, weeks: int) -> None:
    now = datetime(2026, 11, 28, 10, tzinfo=UTC)
    assert len(before(now, "day", 6, now - timedelta(days=days), ZoneInfo("Asia/Shanghai"))) == weeks
    assert before(now, "day", 6, None, ZoneInfo("Asia/Shanghai")) == []


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("weeks = 2", "surges.weeks"),
        ("least_weeks = 9", "at most weeks, 6, not 9"),
        ("absolute_an_hour = 3", "absolute_an_hour: expected at least least_an_hour, 8"),
        ("customers = 1", "surges.customers"),
        ("factor = 0.5", "surges.factor"),
        ("often = 3", "is not an entry that is known here"),
    ],
)
def test_figures_that_cannot_be_meant_are_refused(tmp_path: Path, written: str, where: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(f'version = "own-1"\n[surges]\n{written}\n', "utf-8")
    with pytest.raises(PolicyError, match=where):
        load_policy(path)
