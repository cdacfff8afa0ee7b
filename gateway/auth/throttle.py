"""How often one address may do what costs us or tells something: counted in this process, over a moving window.

Several processes count for themselves; what protects them together is the proxy before them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from gateway.problems import too_many

LIMITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sign_in": "10 per 15 minutes",  # failures for one name from one address
        "sign_in_address": "50 per 15 minutes",  # failures from one address
        "provider": "600 per minute",  # ways to the sign-in service and back: a whole bank may sit behind one address
        "second_factor": "10 per 15 minutes",  # wrong codes for one account from one address
        "second_factor_account": "30 per 15 minutes",  # codes for one account: one every half minute, as apps make them
        "limit_told": "1 per 15 minutes",  # that the limit of one account is reached, in the house's chain
        "limits_told": "200 per day",  # of all accounts
        "reveal": "60 per 15 minutes",  # of one account: who sees more is copying
        "complaints": "600 per minute",
        "status": "30 per minute",
        "uploads": "120 per minute",
        "upload_pieces": "1200 per minute",  # each costs two syncs
    }
)


class Throttle:
    """`admit` counts and refuses with 429; `check` only looks and `count` only counts, for what is limited by its failures."""

    def __init__(self, limits: Mapping[str, str] = LIMITS) -> None:
        self.limits = limits
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def admit(self, what: str, *whose: str) -> None:
        if not self._limiter.hit(self._item(what), what, *whose):
            raise self._refusal(what, *whose)

    def wait(self, what: str, *whose: str) -> int:
        """Counts, for those who are no request: 0, or the seconds after which it is admitted."""
        if self._limiter.hit(self._item(what), what, *whose):
            return 0
        return self._seconds(what, *whose)

    def check(self, what: str, *whose: str) -> None:
        if not self._limiter.test(self._item(what), what, *whose):
            raise self._refusal(what, *whose)

    def count(self, what: str, *whose: str) -> None:
        self._limiter.hit(self._item(what), what, *whose)

    def window(self, what: str) -> timedelta:
        """Over which it is counted."""
        return timedelta(seconds=self._item(what).get_expiry())

    def forget(self, what: str, *whose: str) -> None:
        self._limiter.clear(self._item(what), what, *whose)

    def _item(self, what: str) -> RateLimitItem:
        return parse(self.limits[what])

    def _refusal(self, what: str, *whose: str) -> Exception:
        return too_many(self._seconds(what, *whose))

    def _seconds(self, what: str, *whose: str) -> int:
        window = self._limiter.get_window_stats(self._item(what), what, *whose)
        return max(1, math.ceil(window.reset_time - time.time()))
