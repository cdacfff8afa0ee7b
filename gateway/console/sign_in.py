"""Signing in by the institution's own sign-in service: to it, back from it, and out again at its word.

A browser is sent there with a state, a nonce and a challenge that its sealed cookie answers for (oidc/flow.py), and comes back to one path
alone. Whatever is wrong with what it brings, it gets a page that says so in words and no session. The session's own cookie is
SameSite=Strict as always: the shell that the browser is sent on to needs none, and asks for everything from our own page.

Not here: which tokens are believed, whose account it is (gateway/oidc/); signing in by password, signing out (gateway/api/).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from aiohttp import hdrs, web
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from jinja2 import Environment, PackageLoader, StrictUndefined

from case_store import people, subjects
from case_store.store import Transaction
from case_store.subjects import ProviderSession
from gateway import sealing
from gateway.api.keys import PASSWORDS, THROTTLE
from gateway.auth.opening import new_token, open_session
from gateway.auth.principals import SERVICE
from gateway.auth.sessions import digest_of, set_cookie, token_in
from gateway.console.assets import Assets
from gateway.console.wording import catalogue, language_of
from gateway.context import GATEWAY
from gateway.oidc import accounts, flow, rules, words
from gateway.oidc.accounts import NotAdmitted
from gateway.oidc.flow import Flow
from gateway.oidc.provider import CodeRefused, NotBelieved, Provider, ProviderAway
from gateway.oidc.setting_up import CALLBACK, LOGOUT, PROVIDER, START
from gateway.web import CLIENT

_LONGEST_LOGOUT: Final = 64 * 1024
_STATUS: Final = {"away": 503, "late": 400, "denied": 403, "not_believed": 502}

log = structlog.get_logger(__name__)


class Refused(Exception):
    """This browser is not signed in; `code` chooses the page's words."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.why = why


def add(app: web.Application, assets: Assets) -> None:
    """Only where settings name a sign-in service."""
    rooms = SignIn(assets)
    app.router.add_get(START, rooms.start, allow_head=False)
    app.router.add_get(CALLBACK, rooms.back, allow_head=False)
    app.router.add_post(LOGOUT, logged_out_there)


def redirect_uri(request: web.Request) -> str:
    """Ours, by the setting: whatever the request calls us is no address to be sent back to."""
    return f"{request.app[GATEWAY].settings.public_url}{CALLBACK}"


def provider_in(request: web.Request) -> Provider:
    provider = request.app[PROVIDER]
    assert provider is not None
    return provider


class SignIn:
    """Renders the pages of what went wrong. Holds what is read once."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._page = Environment(
            loader=PackageLoader("gateway.console"), autoescape=True, undefined=StrictUndefined
        ).get_template("not_signed_in.html")

    async def start(self, request: web.Request) -> web.Response:
        request.app[THROTTLE].admit("provider", request[CLIENT].network)
        begun = flow.begin(request.query.get("to", flow.HOME), token_in(request))
        try:
            there = await _there(request, begun)
        except Refused as refused:
            return self._refusal(request, refused)
        response = _sent_on(there)
        flow.set_cookie(request, response, begun)
        return response

    async def back(self, request: web.Request) -> web.Response:
        request.app[THROTTLE].admit("provider", request[CLIENT].network)
        try:
            opened = await _signed_in(request)
            response = _sent_on(opened.place)
            set_cookie(request, response, opened.token)
        except Refused as refused:
            response = self._refusal(request, refused)
        flow.clear_cookie(request, response)
        return response

    def _refusal(self, request: web.Request, refused: Refused) -> web.Response:
        gateway = request.app[GATEWAY]
        log.warning("not_signed_in", code=refused.code, why=refused.why, client=request[CLIENT].network)
        language = language_of(request, gateway.settings.locale)
        text = self._page.render(
            t=catalogue(language),
            language=language.value,
            house=gateway.policy.house().name[language],
            code=refused.code,
            at=f"{datetime.now(gateway.settings.timezone):%Y-%m-%d %H:%M:%S}",
            again=START,
            asset=self._assets.path,
        )
        headers = {hdrs.CACHE_CONTROL: "no-store", "Referrer-Policy": "no-referrer"}
        return web.Response(text=text, content_type="text/html", status=_STATUS.get(refused.code, 403), headers=headers)


def _sent_on(place: str) -> web.Response:
    # the address that is left has a code in it: nobody hears of it, and nothing keeps it
    return web.Response(
        status=303, headers={hdrs.LOCATION: place, hdrs.CACHE_CONTROL: "no-store", "Referrer-Policy": "no-referrer"}
    )


async def _there(request: web.Request, begun: Flow) -> str:
    """Where the browser asks the service for a code."""
    provider, settings = provider_in(request), request.app[GATEWAY].settings
    try:
        metadata = await provider.metadata()
    except (ProviderAway, NotBelieved) as error:
        raise Refused("away", str(error)) from None
    uri: str = prepare_grant_uri(
        metadata.authorization_endpoint,
        provider.client.id,
        "code",
        redirect_uri=redirect_uri(request),
        scope=settings.oidc_scopes,
        state=begun.state,
        nonce=begun.nonce,
        code_challenge=create_s256_code_challenge(begun.verifier),
        code_challenge_method="S256",
    )
    return uri


@dataclass(frozen=True, slots=True)
class _Opened:
    token: str
    place: str


async def _signed_in(request: web.Request) -> _Opened:
    """Everything that has to be right before a session opens. Raises Refused."""
    begun = await _begun_here(request)
    try:
        claims, hint = await _claims(request, begun)
        person = accounts.person_of(claims, request.app[GATEWAY].settings, provider_in(request).client.issuer)
        hash = await request.app[PASSWORDS].hash(secrets.token_urlsafe(32))
        token = new_token()
        sid = claims.get("sid")
        session = ProviderSession(
            person.issuer,
            person.subject,
            sid[:255] if isinstance(sid, str) else None,
            sealing.seal(request.app[GATEWAY].tokens, flow.HINT, hint),
        )
        await request.app[GATEWAY].store.write(_open, request, person, hash, token, session, begun.before)
    except NotAdmitted as error:
        raise Refused(error.code) from None
    except CodeRefused as error:
        raise Refused("late", str(error)) from None
    except ProviderAway as error:
        raise Refused("away", str(error)) from None
    except NotBelieved as error:
        raise Refused("not_believed", str(error)) from None
    return _Opened(token, begun.place)


async def _begun_here(request: web.Request) -> Flow:
    """The sign-in that this browser has begun and that this answer is to: once."""
    begun, query = flow.read_cookie(request), request.query
    if begun is None or not hmac.compare_digest(begun.state.encode(), query.get("state", "").encode()):
        raise Refused("late", "the state is not this browser's")
    spent = flow.digest_of_word("state", begun.state)
    if not await request.app[GATEWAY].store.write(subjects.spend, spent, timedelta(seconds=flow.LASTS)):
        raise Refused("late", "the state has been used")
    provider = provider_in(request)
    if query.get("iss", provider.client.issuer) != provider.client.issuer:
        raise Refused("not_believed", "the answer is another service's")
    if "error" in query:
        code = "denied" if query["error"] in ("access_denied", "consent_required") else "not_believed"
        raise Refused(code, f"{query['error']!r:.60}")
    return begun


async def _claims(request: web.Request, begun: Flow) -> tuple[dict[str, Any], str]:
    """What the service vouches for, and the ID token that says so."""
    provider, settings, query = provider_in(request), request.app[GATEWAY].settings, request.query
    if (await provider.metadata()).names_itself and "iss" not in query:
        raise NotBelieved("the answer does not say whose it is")
    code = query.get("code", "")
    if not 1 <= len(code) <= 4096:
        raise NotBelieved("the answer has no code")
    tokens = await provider.redeem(code, begun.verifier, redirect_uri(request))
    claims = dict(await words.read_id_token(provider, tokens.id_token, begun.nonce, tokens.access_token))
    wanted = [settings.oidc_username, *([settings.oidc_groups] if settings.oidc_roles else [])]
    if tokens.access_token and any(rules.claim_at(claims, one) is None for one in wanted):
        told = await provider.userinfo(tokens.access_token, claims["sub"])
        claims = {**told, **claims}  # what is signed counts before what is not
    return claims, tokens.id_token


def _open(
    tx: Transaction,
    request: web.Request,
    person: accounts.Person,
    hash: str,
    token: str,
    session: ProviderSession,
    before: str | None,
) -> None:
    agent = accounts.admit(tx, person, request.app[GATEWAY].settings, hash)
    if not open_session(tx, request, agent, token, how=SERVICE):
        raise NotAdmitted("closed")
    if before is not None:
        people.end_session(tx, before)
    subjects.remember_session(tx, digest_of(token), session)


async def logged_out_there(request: web.Request) -> web.Response:
    """The service says that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0)."""
    request.app[THROTTLE].admit("provider", request[CLIENT].network)
    provider = provider_in(request)
    length = request.content_length
    if request.content_type != "application/x-www-form-urlencoded" or length is None or length > _LONGEST_LOGOUT:
        return _logout_refused("expected a form of at most 64 KiB with a logout_token")
    token = (await request.post()).get("logout_token", "")
    try:
        claims = await words.read_logout_token(provider, str(token))
    except ProviderAway:
        return web.Response(status=503, headers={hdrs.CACHE_CONTROL: "no-store", hdrs.RETRY_AFTER: "60"})
    except NotBelieved as error:
        log.warning("logout_not_believed", why=str(error), client=request[CLIENT].network)
        return _logout_refused(str(error))
    await request.app[GATEWAY].store.write(_log_out, provider.client.issuer, claims)
    return web.Response(headers={hdrs.CACHE_CONTROL: "no-store"})


def _log_out(tx: Transaction, issuer: str, claims: dict[str, Any]) -> None:
    spent = flow.digest_of_word("logout", claims["jti"])
    if subjects.spend(tx, spent, timedelta(seconds=2 * words.OLDEST_LOGOUT)):
        ended = subjects.end_provider_sessions(tx, issuer, claims.get("sub"), claims.get("sid"))
        log.info("logged_out_there", sessions=ended)


def _logout_refused(why: str) -> web.Response:
    return web.json_response(
        {"error": "invalid_request", "error_description": why}, status=400, headers={hdrs.CACHE_CONTROL: "no-store"}
    )
