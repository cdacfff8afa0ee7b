"""What holds for every answer of the web server, whichever room gives it.

Errors leave as problem documents, and as a page of words where a browser has asked for one (`ERROR_PAGE`); the store out of reach as
503 with `Retry-After`. Every answer carries the security headers;
a page that needs more than the strict policy sets its own header. Who is calling comes from the connection, or from
`X-Forwarded-For` as far back as the proxies that the operator trusts.

Not here: who may do what (auth/), the routes (api/, portal/, console/).
"""

from __future__ import annotations

import ipaddress
import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, Counter, Histogram

from case_store.store import StoreUnavailable
from gateway.config import Network
from gateway.context import GATEWAY
from gateway.problems import Problem, not_found, unavailable

log = logging.getLogger("gateway.web")

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "media-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"

REGISTRY: web.AppKey[CollectorRegistry] = web.AppKey("registry", CollectorRegistry)
ErrorPage = Callable[[web.Request, Problem], web.Response]
ERROR_PAGE: web.AppKey[ErrorPage] = web.AppKey("error_page")
"""Says an error in words, in the visitor's language; the pages' room sets it."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls, as seen through the proxies that the operator trusts."""

    address: str
    secure: bool

    @property
    def network(self) -> str:
        """What limits count by: an IPv4 address, or the /64 that one IPv6 customer has."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, 64), strict=False))
        return str(address)


CLIENT: web.RequestKey[Client] = web.RequestKey("client", Client)


@dataclass(frozen=True, slots=True)
class _Meters:
    requests: Counter
    seconds: Histogram


_METERS: web.AppKey[_Meters] = web.AppKey("meters", _Meters)


def setup_web(app: web.Application) -> None:
    """Puts the middlewares before all others, the headers on every answer, and a registry for figures into the application."""
    registry = app[REGISTRY] = CollectorRegistry()
    app[_METERS] = _Meters(
        Counter("qingting_http_requests", "Requests answered", ["method", "route", "status"], registry=registry),
        Histogram("qingting_http_seconds", "Time to answer", ["route"], registry=registry),
    )
    app.middlewares.insert(0, _answered)
    _SERVER_LOG.addFilter(_without_the_request)
    app.on_response_prepare.append(_with_headers)


_SERVER_LOG: Final = logging.getLogger("aiohttp.server")


def _without_the_request(record: logging.LogRecord) -> bool:
    """The server tells a malformed request by quoting it, search words and all: only that there was one is logged."""
    if record.exc_info and isinstance(record.exc_info[1], BadHttpMessage):
        record.msg, record.args, record.exc_info = "a request that is not HTTP was refused", (), None
    return True


@web.middleware
async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    started = time.perf_counter()
    request[CLIENT] = client_of(request, request.app[GATEWAY].settings.trusted_proxies)
    try:
        if "\x00" in request.path or "\x00" in request.query_string:
            raise Problem(400, "bad_request", "an address can't hold a NUL character")
        response = await handler(request)
    except Problem as problem:
        response = _told(request, problem)
    except StoreUnavailable as error:
        log.warning("the store is unavailable: %s", error)
        response = _told(request, unavailable())
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = _told(request, _as_problem(error))
    except BadHttpMessage:  # the headers of a part of a form, the sizes of its chunks
        response = _told(request, Problem(400, "bad_request", "the body is cut or its headers can't be read"))
    except Exception as error:
        response = _told(request, _unexpected(request, error))
    _count(request, response.status, time.perf_counter() - started)
    return response


def _told(request: web.Request, problem: Problem) -> web.Response:
    """The error as whoever asked can read it: a person before a browser in words, a program as a document."""
    show = request.app.get(ERROR_PAGE)
    if show is None or not wants_page(request):
        return problem.response()
    try:
        return show(request, problem)
    except Exception as error:  # whatever is wrong with the page, the error itself is told
        _unexpected(request, error)
        return problem.response()


def wants_page(request: web.BaseRequest) -> bool:
    """Does a browser show what comes back? Its own scripts, like all programs, take JSON or anything."""
    accepted = request.headers.get("Accept", "").lower()
    html, data = accepted.find("text/html"), accepted.find("application/json")
    return html >= 0 and (data < 0 or html < data)


def _as_problem(error: web.HTTPException) -> Problem:
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return Problem(405, "method_not_allowed", f"here only {allowed} can be used", headers={"Allow": allowed})
    if isinstance(error, web.HTTPNotFound):
        return not_found()
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return Problem(413, "too_large", "the body is too large")
    code = (error.reason or "error").lower().replace(" ", "_")
    return Problem(error.status, code, error.reason or "the request can't be answered")


def _unexpected(request: web.Request, error: Exception) -> Problem:
    # the message of an error may hold what a customer wrote: only its kind and its place are logged
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s %s failed with %s\n%s", request.method, _route(request), type(error).__name__, place)
    return Problem(500, "internal", "something went wrong here; it has been noted")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def _count(request: web.Request, status: int, seconds: float) -> None:
    meters, route = request.app[_METERS], _route(request)
    meters.requests.labels(request.method if request.method in _METHODS else "other", route, str(status)).inc()
    meters.seconds.labels(route).observe(seconds)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


async def _with_headers(request: web.Request, response: web.StreamResponse) -> None:
    headers = response.headers
    headers["Server"] = "qingting"
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    page = (response.content_type or "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if page else DATA_POLICY)
    if "frame-ancestors 'none'" in headers["Content-Security-Policy"]:
        headers.setdefault("X-Frame-Options", "DENY")
    if request.path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
    client = request.get(CLIENT)
    if client is not None and client.secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def client_of(request: web.BaseRequest, trusted: Sequence[Network]) -> Client:
    """The nearest address that isn't a trusted proxy's, and whether it came to us by TLS."""
    address = peer = request.remote or ""
    if not _is_in(peer, trusted):
        return Client(peer, request.scheme == "https")
    hops = [hop.strip() for value in request.headers.getall("X-Forwarded-For", ()) for hop in value.split(",")]
    for hop in reversed(hops):
        try:
            address = str(ipaddress.ip_address(hop.strip("[]")))
        except ValueError:
            break  # what stands further left was written by someone we can't name
        if not _is_in(address, trusted):
            break
    forwarded = request.headers.getall("X-Forwarded-Proto", ())
    scheme = forwarded[-1].split(",")[-1].strip().lower() if forwarded else request.scheme
    return Client(address, scheme == "https")


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found.version == network.version and found in network for network in networks)


def own_origins(request: web.Request) -> set[str]:
    """What a browser that shows our own page sends as `Origin`."""
    public = request.app[GATEWAY].settings.public_url
    scheme = "https" if request[CLIENT].secure else "http"
    own = {f"{scheme}://{request.host}".lower()}
    if public:
        own.add("/".join(public.split("/")[:3]).lower())
    return own
