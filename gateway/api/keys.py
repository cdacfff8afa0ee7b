"""What the API keeps in the application for itself."""

from __future__ import annotations

from aiohttp import web

from gateway.auth.passwords import Passwords
from gateway.auth.second_factor import SecondFactors
from gateway.auth.throttle import Throttle

PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords", Passwords)
SECOND_FACTORS: web.AppKey[SecondFactors] = web.AppKey("second_factors", SecondFactors)
THROTTLE: web.AppKey[Throttle] = web.AppKey("throttle", Throttle)
