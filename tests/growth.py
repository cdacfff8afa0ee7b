"""How the time of some work grows with what it is given: told by a ratio within one run, so that a busy machine fails no test.

What takes less than MOST times _LEAST (50 ms) at its full size is told nothing of: there the clock and the collector tell more than the work.
A size has to be chosen at which the square would show.

Not here: how fast anything is (benchmarks/).
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TIMES = 4
MOST = 10
"""Four times the work takes four times as long where it grows as its input does, and sixteen times where it grows as the square."""

_ROUNDS = 3
_LEAST = 0.005  # seconds that a quarter is taken to need


def grows_no_faster(work: Callable[[int], object], size: int) -> None:
    """Holds ``work(size)`` against ``work(size / 4)``; each is the least processor time of three rounds.

    Raises:
        AssertionError: It took over ten times as long.
    """
    small, large = (min(_spent(work, one) for _ in range(_ROUNDS)) for one in (size // TIMES, size))
    assert large < MOST * max(small, _LEAST), f"{large:.3f} s for {size}, {small:.3f} s for a quarter of it"


def _spent(work: Callable[[int], object], size: int) -> float:
    gc.freeze()  # what the tests before have left is not looked through for garbage on this work's account
    try:
        begun = time.process_time()
        work(size)
        return time.process_time() - begun
    finally:
        gc.unfreeze()
