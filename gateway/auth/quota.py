"""How many requests a minute the API takes of one caller: of a key, of a session, and of an address that nobody is known at.

What is refused at an address (no credential, or one that is none of ours) is counted apart from what anybody may ask there: a program with
a key that was revoked, behind the address of a whole bank, keeps nobody from filing or signing in. It is counted for the credential too,
and asked for before the store is: one that was refused `AGAIN` times in a minute is not looked up again. A credential that we know is
never refused for what others have sent from its address.

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
from dataclasses import dataclass, replace
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
AGAIN: Final = 120
"""Refusals a minute of one credential: a console that opens on a session that is over asks some fifty times."""


class Kind(StrEnum):
    KEY = "key"
    SESSION = "session"
    ADDRESS = "address"
    REFUSED = "refused"


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
        if self.kind is Kind.REFUSED:
            told = f"{self.quota} requests a minute are refused for want of a credential that we know: come back later"
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
        found = self._at(free_at, now)
        if found.admitted:
            free_at += self._each
            found = replace(self._at(free_at, now), admitted=True, next_in=found.next_in)
        self._free_at[whose] = free_at
        self._free_at.move_to_end(whose)
        if len(self._free_at) > self._most:
            self._free_at.popitem(last=False)
        return found

    def look(self, whose: str) -> Left:
        """What `take` would say, counting nothing."""
        now = self._clock()
        return self._at(max(self._free_at.get(whose, now), now), now)

    def _at(self, free_at: float, now: float) -> Left:
        waits = free_at + self._each - now - MINUTE
        admitted = waits <= _ROUNDING
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
            Kind.REFUSED: settings.requests_per_address,
        }
        self._quotas = {kind: Quota(kind, quota) for kind, quota in asked.items() if quota is not None}
        refused = settings.requests_per_address
        self._again = None if refused is None else Quota(Kind.REFUSED, min(refused, AGAIN))

    def admit(self, request: web.Request, principal: Principal | None) -> None:
        """Counts a request for whoever is known, or for the address it came from. Raises 429."""
        self._take(request, *_caller(request, principal))

    def check(self, request: web.Request, credential: str | None) -> None:
        """Before a credential, as its digest, is looked up. Raises 429 for one that was refused again and again."""
        if self._again is not None and credential is not None:
            left = self._again.look(credential)
            if not left.admitted:
                request[LEFT] = left
                raise left.problem()

    def refuse(self, request: web.Request, credential: str | None, *, way_in: bool) -> None:
        """Counts a refusal: for the credential, and for the address but where somebody comes in by. Raises 429."""
        if self._again is not None and credential is not None:
            self._again.take(credential)
        if not way_in:
            self._take(request, Kind.REFUSED, request[CLIENT].network)

    def _take(self, request: web.Request, kind: Kind, whose: str) -> None:
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
