"""What a browser has begun: the sign-in's state, nonce and verifier, sealed into a cookie of its own for ten minutes.

Only this cookie is SameSite=Lax, since the service sends the browser back from another site; it opens nothing. Where the browser goes
afterwards stands in it too, so that no address from outside is ever gone to; and the digest of the session that it had when it set out, since
the session's own cookie, SameSite=Strict, is not brought back from there.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Final

from aiohttp import web

from gateway import sealing
from gateway.auth.sessions import digest_of, is_secure
from gateway.context import GATEWAY

LASTS: Final = 600  # seconds
HOME: Final = "/console"
HINT: Final = "oidc-hint"  # what an ID token is sealed for
_PLACE: Final = re.compile(r"/console(/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,120}){0,4}")


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in that has begun in one browser."""

    state: str
    nonce: str
    verifier: str
    place: str
    before: str | None = None  # digest of the session that ends with this sign-in


def begin(place: str, session: str | None) -> Flow:
    """`session`: the token of the one that this browser has."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    before = digest_of(session) if session else None
    return Flow(state, nonce, verifier, place if _PLACE.fullmatch(place) else HOME, before)


def set_cookie(request: web.Request, response: web.StreamResponse, flow: Flow) -> None:
    sealed = sealing.seal(request.app[GATEWAY].tokens, "oidc-flow", json.dumps(asdict(flow)))
    response.set_cookie(
        _name(request), sealed, path="/", max_age=LASTS, httponly=True, samesite="Lax", secure=is_secure(request)
    )


def clear_cookie(request: web.Request, response: web.StreamResponse) -> None:
    response.del_cookie(_name(request), path="/", httponly=True, samesite="Lax", secure=is_secure(request))


def read_cookie(request: web.Request) -> Flow | None:
    """What this browser has begun, if it was lately and by us."""
    tokens, held = request.app[GATEWAY].tokens, request.cookies.get(_name(request), "")
    opened = sealing.unseal(tokens, "oidc-flow", held, LASTS)
    return None if opened is None else Flow(**json.loads(opened))


def _name(request: web.Request) -> str:
    return "__Host-qingting-flow" if is_secure(request) else "qingting-flow"


def digest_of_word(kind: str, word: str) -> str:
    """What is kept of a word that may be used once."""
    return hashlib.sha256(f"{kind} {word}".encode()).hexdigest()
