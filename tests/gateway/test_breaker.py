"""When nobody asks a helper any more that the house can do without, and when it is tried again."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.breaker import AtRest, Breaker

FAILURES, PAUSE = 3, 20.0


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Helper:
    def __init__(self) -> None:
        self.clock = Clock()
        self.breaker = Breaker(FAILURES, PAUSE, self.clock)

    async def asked(self, *, fails: bool = True) -> bool:
        """Whether it was asked at all."""
        try:
            async with self.breaker.attempt():
                if fails:
                    raise ConnectionError
        except ConnectionError:
            pass
        except AtRest:
            return False
        return True


@pytest.fixture
async def at_rest() -> Helper:
    helper = Helper()
    for _ in range(FAILURES):
        assert await helper.asked()
    return helper


async def test_after_failures_in_a_row_nobody_asks(at_rest: Helper) -> None:
    assert not await at_rest.asked()


async def test_failures_with_a_success_in_between_are_not_in_a_row() -> None:
    helper = Helper()
    for fails in (True, True, False, True, True):
        assert await helper.asked(fails=fails)
    assert await helper.asked(fails=False)


@pytest.mark.parametrize(("later", "asked"), [(0, False), (PAUSE - 0.1, False), (PAUSE, True)])
async def test_it_is_tried_again_when_the_pause_is_over(later: float, asked: bool, at_rest: Helper) -> None:
    at_rest.clock.now += later
    assert await at_rest.asked(fails=False) is asked


async def test_a_trial_that_fails_begins_another_pause(at_rest: Helper) -> None:
    at_rest.clock.now += PAUSE
    assert await at_rest.asked()
    at_rest.clock.now += PAUSE - 1
    assert not await at_rest.asked()
    at_rest.clock.now += 1
    assert await at_rest.asked(fails=False)
    assert [await at_rest.asked(fails=False) for _ in range(3)] == [True] * 3


async def test_while_one_tries_the_others_go_on_without(at_rest: Helper) -> None:
    at_rest.clock.now += PAUSE
    answered = asyncio.Event()

    async def trial() -> None:
        async with at_rest.breaker.attempt():
            await answered.wait()

    trying = asyncio.create_task(trial())
    await asyncio.sleep(0)
    assert [await at_rest.asked(fails=False) for _ in range(3)] == [False] * 3
    answered.set()
    await trying
    assert await at_rest.asked(fails=False)


async def test_a_trial_that_is_given_up_lets_another_one_try(at_rest: Helper) -> None:
    at_rest.clock.now += PAUSE

    async def trial() -> None:
        async with at_rest.breaker.attempt():
            await asyncio.Event().wait()

    trying = asyncio.create_task(trial())
    await asyncio.sleep(0)
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    at_rest.clock.now += PAUSE
    assert await at_rest.asked(fails=False)


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
async def test_a_wall_clock_that_jumps_changes_no_pause(
    jump: float, at_rest: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = time.time() + jump
    monkeypatch.setattr(time, "time", lambda: there)
    assert not await at_rest.asked()
    at_rest.clock.now += PAUSE
    assert await at_rest.asked(fails=False)


async def test_a_late_failure_from_before_makes_no_pause_longer() -> None:
    """Turns that were under way when it opened still end, badly: the pause is as long as it was."""
    late = Helper()
    begun = [late.breaker.attempt() for _ in range(FAILURES + 3)]
    for one in begun:
        await one.__aenter__()
    for one in begun[:FAILURES]:
        assert not await one.__aexit__(ConnectionError, ConnectionError(), None)
    late.clock.now += PAUSE - 1
    for one in begun[FAILURES:]:
        assert not await one.__aexit__(ConnectionError, ConnectionError(), None)
    late.clock.now += 1
    assert await late.asked(fails=False)
