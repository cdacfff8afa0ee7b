"""Sessions of agents' browsers, and API keys: made here, recognised here.

A session's token is made by us at every sign-in, never taken from the browser, and stands only in a cookie that scripts
can't read; the store holds its digest. The CSRF token is derived from it, so a page that was loaded again can be given it again.
Unsafe requests by cookie bring it in `X-CSRF-Token`.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from case_store import people
from case_store.people import ApiKey, Session
from case_store.store import Store, StoreUnavailable
from gateway.auth.principals import Principal, of_key, of_session
from gateway.context import GATEWAY
from gateway.problems import forbidden, unauthorized
from gateway.web import CLIENT

TOUCH: Final = timedelta(minutes=1)  # how exactly we know when a session was last used
KEY_PREFIX: Final = "qt_"
CSRF_HEADER: Final = "X-CSRF-Token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """All secrets digested here are random and long: a plain hash can't be turned back."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()  # a header may hold any bytes


def csrf_of(token: str) -> str:
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def cookie_name(request: web.Request) -> str:
    # __Host- keeps another host of the same domain from planting a cookie, but needs TLS
    return "__Host-qingting" if is_secure(request) else "qingting"


def is_secure(request: web.Request) -> bool:
    public = urlsplit(request.app[GATEWAY].settings.public_url or "")
    return request[CLIENT].secure or (public.scheme == "https" and public.netloc.lower() == request.host.lower())


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    response.set_cookie(
        cookie_name(request), token, path="/", httponly=True, samesite="Strict", secure=is_secure(request)
    )


def clear_cookie(request: web.Request, response: web.StreamResponse) -> None:
    response.del_cookie(cookie_name(request), path="/", httponly=True, samesite="Strict", secure=is_secure(request))


def token_in(request: web.Request) -> str | None:
    return request.cookies.get(cookie_name(request)) or None


def credential_in(request: web.Request) -> str | None:
    """The digest of what `recognise` goes by."""
    bearer = _bearer(request)
    credential = token_in(request) if bearer is None else bearer
    return None if credential is None else digest_of(credential)


def _bearer(request: web.Request) -> str | None:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else None


async def recognise(request: web.Request, *, in_use: bool = True) -> Principal:
    """Who asks. A bearer key counts before a cookie. Raises 401, or 403 for an unsafe request without its CSRF token.

    `in_use` keeps the session from ending for idleness.
    """
    store = request.app[GATEWAY].store
    bearer = _bearer(request)
    if bearer is not None:
        key = await _key(store, bearer)
        if key is None:
            raise unauthorized("the API key is unknown, was revoked or has expired")
        await _note_use(store, key)
        return of_key(key)
    session = await session_of(request, in_use=in_use)
    if session is None:
        raise unauthorized()
    if request.method not in SAFE:
        _check_csrf(request, session)
    return of_session(session, request.app[GATEWAY].policy.sign_in, today(request))


def today(request: web.Request) -> date:
    """In the institution's zone."""
    return datetime.now(request.app[GATEWAY].settings.timezone).date()


async def session_of(request: web.Request, *, in_use: bool = True) -> Session | None:
    token = token_in(request)
    if token is None:
        return None
    store = request.app[GATEWAY].store
    idle = request.app[GATEWAY].policy.sign_in.idle
    session = await store.read(people.find_session, digest_of(token), idle)
    if session is not None and in_use:
        await touch(store, session)
    return session


async def _key(store: Store, credential: str) -> ApiKey | None:
    if not credential.startswith(KEY_PREFIX) or not credential.isascii():
        return None
    return await store.read(people.find_key, digest_of(credential))


async def _note_use(store: Store, key: ApiKey) -> None:
    if key.used_at is not None and datetime.now(UTC) - key.used_at < people.USED_EVERY:
        return
    with contextlib.suppress(StoreUnavailable):
        await store.write(people.use_key, key.id)


async def touch(store: Store, session: Session) -> None:
    """Notes, once a minute, that the session is in use; that it can't be noted now is no reason to refuse a reader."""
    if datetime.now(UTC) - session.seen_at < TOUCH:
        return
    with contextlib.suppress(StoreUnavailable):
        await store.write(people.touch_session, session.digest)


def _check_csrf(request: web.Request, session: Session) -> None:
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise forbidden("csrf", "another site may not do this in an agent's name")
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(digest_of(sent), session.csrf):
        raise forbidden("csrf", f"{CSRF_HEADER} is missing or isn't this session's")
