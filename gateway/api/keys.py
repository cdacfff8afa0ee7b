"""What the API keeps in the application for itself."""

from __future__ import annotations

from aiohttp import web

from gateway.auth.passwords import Passwords
from gateway.auth.throttle import Throttle

PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords", Passwords)
THROTTLE: web.AppKey[Throttle] = web.AppKey("throttle", Throttle)
