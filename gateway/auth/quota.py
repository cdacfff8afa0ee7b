"""How many requests a minute the API takes of one caller: of a key, of a session, and of an address that nobody is known at.

Every answer says what is left, by the fields of draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` the quota, `RateLimit` what is
left (`r`) and in how many seconds all of it is there again (`t`). Beyond it stands 429 with `Retry-After`, which `t` then is as well.

Counted by the generic cell rate algorithm: one moment for each caller, so that what was used comes back evenly and nobody is locked out
for the rest of a window. Kept in this process for the callers that came last: as many as stand in `MOST` and no more, whoever floods us
from one address after another. Several processes count for themselves.

Not here: what costs us more than a request does, and what is guessed at (throttle.py); live sockets, uploads (api/uploads.py).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiohttp import web

from gateway.auth.principals import Principal
from gateway.config import Settings
from gateway.problems import Problem, too_many
from gateway.web import CLIENT

MINUTE: Final = 60.0
MOST: Final = 20_000
"""Callers of a kind whose use is remembered; addresses push out no keys."""


class Kind(StrEnum):
    KEY = "key"
    SESSION = "session"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Left:
    """What a caller has left once a request was counted."""

    kind: Kind
    quota: int
    admitted: bool
    left: int
    full_in: int  # seconds
    next_in: float  # seconds, if it was not admitted

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.kind}";q={self.quota};w={MINUTE:.0f}',
            "RateLimit": f'"{self.kind}";r={self.left};t={self.full_in if self.admitted else self.retry_after}',
        }

    @property
    def retry_after(self) -> int:
        return max(1, math.ceil(self.next_in))

    def problem(self) -> Problem:
        told = f"this {self.kind} may make {self.quota} requests a minute: come back later"
        problem = too_many(self.retry_after, told)
        problem.members["violated-policies"] = [str(self.kind)]
        return problem


class Quota:
    """So many a minute for each of the callers of one kind."""

    def __init__(
        self, kind: Kind, quota: int, *, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.kind, self.quota = kind, quota
        self._each = MINUTE / quota
        self._most, self._clock = most, clock
        self._free_at: OrderedDict[str, float] = OrderedDict()  # when all that a caller has used is back again

    def __len__(self) -> int:
        return len(self._free_at)

    def take(self, whose: str) -> Left:
        now = self._clock()
        free_at = max(self._free_at.get(whose, now), now)
        waits = free_at + self._each - now - MINUTE
        admitted = waits <= _ROUNDING
        if admitted:
            free_at += self._each
        self._free_at[whose] = free_at
        self._free_at.move_to_end(whose)
        if len(self._free_at) > self._most:
            self._free_at.popitem(last=False)
        left = int((MINUTE - (free_at - now)) / self._each + _ROUNDING)
        return Left(self.kind, self.quota, admitted, max(0, left), math.ceil(free_at - now), max(0.0, waits))


_ROUNDING: Final = 1e-6


class Quotas:
    """Those of a house. A kind that is turned off has none."""

    def __init__(self, settings: Settings) -> None:
        asked = {
            Kind.KEY: settings.requests_per_key,
            Kind.SESSION: settings.requests_per_session,
            Kind.ADDRESS: settings.requests_per_address,
        }
        self._quotas = {kind: Quota(kind, quota) for kind, quota in asked.items() if quota is not None}

    def admit(self, request: web.Request, principal: Principal | None) -> None:
        """Counts a request for whoever is known, or for the address it came from. Raises 429."""
        kind, whose = _caller(request, principal)
        quota = self._quotas.get(kind)
        if quota is None:
            return
        left = request[LEFT] = quota.take(whose)
        if not left.admitted:
            raise left.problem()


def _caller(request: web.Request, principal: Principal | None) -> tuple[Kind, str]:
    if principal is None:
        return Kind.ADDRESS, request[CLIENT].network
    if principal.session is not None:
        return Kind.SESSION, principal.session.digest
    return Kind.KEY, principal.id


QUOTAS: web.AppKey[Quotas] = web.AppKey("quotas", Quotas)
LEFT: web.RequestKey[Left] = web.RequestKey("left", Left)


async def tell(request: web.Request, response: web.StreamResponse) -> None:
    """Puts what is left on the answer, whichever it is."""
    left = request.get(LEFT)
    if left is not None:
        response.headers.update(left.headers)


def set_up(app: web.Application, settings: Settings) -> None:
    app[QUOTAS] = Quotas(settings)
    app.on_response_prepare.append(tell)
