"""How often one address may do something: over a window that moves, and without a memory that grows with those who come."""

from __future__ import annotations

import pytest

from gateway.auth.throttle import Throttle
from gateway.problems import Problem

LIMITS = {"tries": "3 per 15 minutes", "looks": "2 per minute"}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(LIMITS, most=5, clock=clock)


def admitted(throttle: Throttle, what: str, *whose: str) -> bool:
    return throttle.wait(what, *whose) == 0


def test_what_was_taken_comes_back_as_it_was_taken(throttle: Throttle, clock: Clock) -> None:
    told = []
    for seconds in (0, 100, 100, 100, 600, 100, 0):
        clock.now += seconds
        told.append(admitted(throttle, "tries", "megan"))
    assert told == [True, True, True, False, True, True, False]


def test_a_refusal_says_when_and_is_true(throttle: Throttle, clock: Clock) -> None:
    for _ in range(3):
        throttle.count("tries", "megan")
        clock.now += 10
    with pytest.raises(Problem) as raised:
        throttle.check("tries", "megan")
    wait = int(raised.value.headers["Retry-After"])
    assert wait == 870
    clock.now += wait - 1
    assert throttle.wait("tries", "megan") == 1
    clock.now += 1
    assert throttle.wait("tries", "megan") == 0


def test_looking_and_refusing_cost_nothing_more(throttle: Throttle, clock: Clock) -> None:
    throttle.check("looks", "a")
    assert [admitted(throttle, "looks", "a") for _ in range(5)] == [True, True, False, False, False]
    clock.now += 60
    assert admitted(throttle, "looks", "a")


def test_each_thing_and_each_of_whom_is_counted_apart(throttle: Throttle) -> None:
    for whose in (("a",), ("b",), ("a", "b")):
        assert [admitted(throttle, "looks", *whose) for _ in range(3)] == [True, True, False]
    assert admitted(throttle, "tries", "a")


def test_who_got_in_begins_anew(throttle: Throttle) -> None:
    for _ in range(3):
        throttle.admit("tries", "megan")
    with pytest.raises(Problem):
        throttle.admit("tries", "megan")
    throttle.forget("tries", "megan")
    throttle.forget("tries", "nobody")
    throttle.check("tries", "megan")


def test_a_flood_from_many_addresses_fills_no_memory_and_those_who_came_last_are_remembered(throttle: Throttle) -> None:
    for number in range(1_000):
        throttle.admit("looks", f"2001:db8::{number:x}/64")
    assert len(throttle) == 5
    assert [admitted(throttle, "looks", "2001:db8::3e7/64") for _ in range(2)] == [True, False]
