"""The table of routes: what each is called, who may use it, what goes in and what comes out.

One table serves the router, the guard and the description at `/api/openapi.json`, so that they can't say different things.
Whoever adds routes, the console's rooms among them, has them described.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from gateway.api.doing import key_in
from gateway.api.masks import kinds_for, mask, masked_in, seen_by
from gateway.auth.principals import PRINCIPAL, Held, Principal
from gateway.auth.quota import QUOTAS
from gateway.auth.sessions import SAFE, credential_in, recognise
from gateway.problems import Problem, forbidden
from gateway.readings import READINGS, Reads, by_path

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]

ANYONE = None
SIGNED_IN = "signed in"
HELD: Final = MappingProxyType({Held.PASSWORD: "password_change_needed", Held.SECOND_FACTOR: "second_factor_needed"})
"""Codes of refusals until somebody has done first what their account needs."""


@dataclass(frozen=True, slots=True)
class Query:
    name: str
    tells: str
    values: Sequence[str] = ()
    several: bool = False  # with commas between them


@dataclass(frozen=True, slots=True)
class Route:
    """`scope` is None for anyone, `SIGNED_IN` for whoever is known, or the scope it takes."""

    method: str
    path: str
    handler: Handle
    scope: str | None
    tells: str
    body: type[BaseModel] | None = None
    form: bool = False  # also as form fields
    body_required: bool = True
    answer: str | None = None  # its shape, by its name in answers.py
    status: int = 200
    query: Sequence[Query] = ()
    answers: Mapping[int, str] = field(default_factory=dict)  # problems of its own
    media_type: str = "application/json"
    or_media_type: str | None = None  # another, as it is asked for
    upload: Sequence[str] = ()  # takes files: the first one as the whole body, or all as parts of a form
    takes: str | None = None  # the media type of a body that is bytes
    headers: Sequence[Query] = ()  # request headers of its own
    reads: Reads | None = None  # what it gives to read of cases, which is put on record; by its path if it doesn't say
    reads_nothing: bool = False  # though its path is a case's or a conversation's
    own: bool = False  # changes only what is the caller's own: who may only read may do it, whatever its method
    way_in: bool = (
        False  # what a browser asks that is not signed in yet: never 429 for what others at its address have asked
    )
    anew: bool = False  # done as often as it comes, though its method says that it changes something: no answer is kept
    account: bool = False  # of the own account: also for who has yet to change a password or to set up a second factor


@dataclass(slots=True)
class Table:
    """Every route of an application, and their description once somebody has asked for it."""

    routes: list[Route] = field(default_factory=list)
    named: dict[str, set[str]] = field(default_factory=dict)  # paths without a place for an id, and their methods
    described: str = ""


TABLE: web.AppKey[Table] = web.AppKey("routes", Table)


def add_routes(app: web.Application, routes: Sequence[Route]) -> None:
    if TABLE not in app:
        app[TABLE] = Table()
        app.middlewares.append(_allowed)
    app[TABLE].routes.extend(routes)
    for route in routes:
        if "{" not in route.path:
            app[TABLE].named.setdefault(route.path, set()).update((route.method, *_ALONG.get(route.method, ())))
        allow_head = route.method == "GET" and not route.path.endswith("/live")
        if route.method == "GET":
            app.router.add_get(route.path, _guarded(route), allow_head=allow_head)
        else:
            app.router.add_route(route.method, route.path, _guarded(route))


def reads_of(route: Route) -> Reads | None:
    return None if route.reads_nothing else route.reads or by_path(route.method, route.path, route.answer)


def _guarded(route: Route) -> Handle:
    if route.scope is ANYONE:
        return _limited(route) if is_limited(route) and not route.way_in else route.handler
    scope, reads, limited = route.scope, reads_of(route), is_limited(route)
    kinds = kinds_for(route.method, route.path)

    @wraps(route.handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        _check_method(request)
        principal = request[PRINCIPAL] = await (
            _recognised(request, way_in=route.way_in) if limited else recognise(request)
        )
        if scope != SIGNED_IN and not principal.may(scope):
            raise forbidden("not_allowed", f"this takes {scope!r}, which you do not have")
        _check_account(route, principal)
        if takes_key(route):
            key_in(request)  # where nothing is kept under it, too
        try:
            answer = await route.handler(request)
        except Problem as problem:
            if reads is not None and problem.code == "moved_on":  # which shows what has been said meanwhile
                await request.app[READINGS].note(request, reads)
            if hidden := seen_by(request, kinds):
                problem.members = masked_in(problem.members, hidden)
            raise
        if reads is not None and request.method != "HEAD" and answer.status < 300:
            await request.app[READINGS].note(request, reads)
        if hidden := seen_by(request, kinds):
            await mask(answer, hidden)
        return answer

    return guarded


_ALONG: Final = MappingProxyType({"GET": ("HEAD",)})


@web.middleware
async def _allowed(request: web.Request, handler: Handle) -> web.StreamResponse:
    """Tells the methods of the path that was asked for, and not of all that it might be besides."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed:
        _check_method(request)
        raise


def _check_method(request: web.Request) -> None:
    """Raises 405 for `GET /canned/preview`, which is no reply with the id `preview`."""
    methods = request.app[TABLE].named.get(request.path)
    if methods is not None and request.method not in methods:
        raise web.HTTPMethodNotAllowed(request.method, methods)


def takes_key(route: Route) -> bool:
    """Takes an `Idempotency-Key`: all that changes something, and answers the same under one key."""
    if route.anew:
        return False
    return route.method == "POST" or (route.method not in SAFE and route.scope is not ANYONE)


def is_limited(route: Route) -> bool:
    """How often it may be asked is told and kept to. A socket is asked for once, and files that come in pieces have limits of their own."""
    return route.path.startswith("/api/") and not route.path.startswith(("/api/v1/live", "/api/v1/uploads"))


def _limited(route: Route) -> Handle:
    @wraps(route.handler)
    async def limited(request: web.Request) -> web.StreamResponse:
        request.app[QUOTAS].admit(request, None)
        return await route.handler(request)

    return limited


async def _recognised(request: web.Request, *, way_in: bool) -> Principal:
    """Whoever asks, counted; who isn't known is counted by credential, and but at a way in by address, so that nobody tries one after another."""
    quotas, credential = request.app[QUOTAS], credential_in(request)
    quotas.check(request, credential)
    try:
        principal = await recognise(request)
    except Problem as problem:
        # a session that only lacks its CSRF token is one: whoever forges requests in its name doesn't use it up
        quotas.refuse(request, credential if problem.status == HTTPStatus.UNAUTHORIZED else None, way_in=way_in)
        raise
    quotas.admit(request, principal)
    return principal


def check_held(principal: Principal) -> None:
    """Raises 403 for whoever has to do something about their account first."""
    if principal.held is not None:
        raise forbidden(HELD[principal.held], f"first: {principal.held}; until then only the own account can be used")


def _check_account(route: Route, principal: Principal) -> None:
    if route.account:
        return
    check_held(principal)
    if principal.only_reads and route.method not in SAFE and not route.own:
        raise forbidden("only_reads", "this changes something, and your role only reads")
