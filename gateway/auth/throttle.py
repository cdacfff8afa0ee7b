"""How often one address may do what costs us or tells something: counted in this process, over a moving window.

Several processes count for themselves; what protects them together is the proxy before them. Remembered are the moments of those that came
last, of as many as `MOST` and no more: whoever comes from one address after another fills no memory. (The memory of `limits` keeps a key for
every address that ever came, and the thread that empties it fails where one is forgotten at the same instant.)
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from limits import RateLimitItem, parse

from gateway.problems import too_many

LIMITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sign_in": "10 per 15 minutes",  # failures for one name from one address
        "sign_in_address": "50 per 15 minutes",  # failures from one address
        "sign_ins": "600 per minute",  # tries from one address, right or wrong: each costs a hash
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


MOST: Final = 100_000


class Throttle:
    """`admit` counts and refuses with 429; `check` only looks and `count` only counts, for what is limited by its failures."""

    def __init__(
        self,
        limits: Mapping[str, str] = LIMITS,
        *,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self._most, self._clock = most, clock
        self._taken: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._taken)

    def admit(self, what: str, *whose: str) -> None:
        if not self._hit(what, *whose):
            raise too_many(self._seconds(what, *whose))

    def wait(self, what: str, *whose: str) -> int:
        """Counts, for those who are no request: 0, or the seconds after which it is admitted."""
        return 0 if self._hit(what, *whose) else self._seconds(what, *whose)

    def check(self, what: str, *whose: str) -> None:
        if len(self._within(what, *whose)) >= self._item(what).amount:
            raise too_many(self._seconds(what, *whose))

    def count(self, what: str, *whose: str) -> None:
        self._hit(what, *whose)

    def window(self, what: str) -> timedelta:
        """Over which it is counted."""
        return timedelta(seconds=self._item(what).get_expiry())

    def forget(self, what: str, *whose: str) -> None:
        self._taken.pop((what, *whose), None)

    def _hit(self, what: str, *whose: str) -> bool:
        taken = self._within(what, *whose)
        if len(taken) >= self._item(what).amount:
            return False
        taken.append(self._clock())
        self._taken[what, *whose] = taken
        self._taken.move_to_end((what, *whose))
        if len(self._taken) > self._most:
            self._taken.popitem(last=False)
        return True

    def _within(self, what: str, *whose: str) -> deque[float]:
        """The moments that count now, the first first."""
        taken, since = self._taken.get((what, *whose), deque()), self._clock() - self._item(what).get_expiry()
        while taken and taken[0] <= since:
            taken.popleft()
        return taken

    def _item(self, what: str) -> RateLimitItem:
        return _parsed(self.limits[what])

    def _seconds(self, what: str, *whose: str) -> int:
        taken = self._within(what, *whose)
        return max(1, math.ceil(taken[0] + self._item(what).get_expiry() - self._clock())) if taken else 1


@lru_cache
def _parsed(limit: str) -> RateLimitItem:
    return parse(limit)
