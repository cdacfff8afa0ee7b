"""How many are too many: a count beside those of the same hours in the weeks before. Pure.

What is usual is their median, so that one wild week changes nothing. Counts scatter by about their own root, so counts are compared by their roots, which
all scatter alike (Anscombe's transform); where a channel has scattered more than that, so much more is asked for. Beside that a count has
to be `factor` times what is usual, for with large counts a rise that is certain may still be none that matters, and at least `least`,
for with small ones two angry families are ten times as many. Until enough weeks are known only `absolute` counts.

Not here: what is counted (case_store/surge_counts.py), the figures (surge_policy.py), who is told (surging.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

_EIGHTHS: Final = 3 / 8
_TO_DEVIATION: Final = 1.4826  # from the median of distances to the standard deviation


@dataclass(frozen=True, slots=True)
class Rule:
    least: int
    absolute: int
    sureness: float = 4.0
    factor: float = 2.0
    least_weeks: int = 3


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `threshold` on it is a surge, below `calm` it is over: the space between keeps one from ringing every other minute."""

    threshold: int
    calm: int
    usual: float | None


def bounds(past: Sequence[int], rule: Rule) -> Bounds:
    """`past`: how many came in the same stretch of each week that is known."""
    if len(past) < rule.least_weeks:
        return Bounds(rule.absolute, max(1, math.ceil(rule.absolute / 2)), None)
    usual = float(median(past))
    roots = [_root(count) for count in past]
    middle = median(roots)
    measured = _TO_DEVIATION * median([abs(root - middle) for root in roots])
    scatter = max(1.0, (1.0 + measured) / 2)  # a handful of weeks tells it badly: it is believed by half
    certain = math.ceil(((_root(usual) + rule.sureness * scatter) / 2) ** 2 - _EIGHTHS)
    threshold = max(rule.least, math.ceil(rule.factor * usual), certain)
    return Bounds(threshold, max(1, math.ceil((usual + threshold) / 2)), usual)


def _root(count: float) -> float:
    return 2 * math.sqrt(count + _EIGHTHS)
