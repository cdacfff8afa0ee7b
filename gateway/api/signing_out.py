"""Signing out of the console, and of the institution's own sign-in service where the session came from it."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from case_store import people, subjects
from case_store.subjects import ProviderSession
from gateway import sealing
from gateway.api.doing import json_response
from gateway.api.routes import SIGNED_IN, Route
from gateway.auth.principals import PRINCIPAL
from gateway.auth.sessions import clear_cookie
from gateway.context import GATEWAY
from gateway.oidc.setting_up import PROVIDER


async def sign_out(request: web.Request) -> web.Response:
    """`at` is where the browser goes on to; null: it is signed out everywhere it was signed in."""
    session, store = request[PRINCIPAL].session, request.app[GATEWAY].store
    at = None
    if session is not None:
        opened = await store.read(subjects.provider_session, session.digest)
        await store.write(people.end_session, session.digest)
        at = await _signs_out_there(request, opened) if opened else None
    response = json_response({"at": at})
    clear_cookie(request, response)
    return response


async def _signs_out_there(request: web.Request, opened: ProviderSession) -> str | None:
    """OpenID Connect RP-Initiated Logout 1.0, where the service has it; where it can't be asked, our own session has ended."""
    provider = request.app[PROVIDER]
    if provider is None or provider.client.issuer != opened.issuer:
        return None
    from gateway.oidc import flow
    from gateway.oidc.provider import ProviderError

    try:
        endpoint = (await provider.metadata()).end_session_endpoint
    except ProviderError:
        return None
    if endpoint is None:
        return None
    hint = sealing.unseal(request.app[GATEWAY].tokens, flow.HINT, opened.hint)
    asked = {
        **({"id_token_hint": hint} if hint else {}),
        "client_id": provider.client.id,
        "post_logout_redirect_uri": f"{request.app[GATEWAY].settings.public_url}/console",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


ROUTES = (
    Route(
        "POST",
        "/api/v1/sign-out",
        sign_out,
        SIGNED_IN,
        "Signs out, and says where to go on to so that the sign-in service hears of it",
        answer="SignedOut",
        own=True,
        account=True,
        anew=True,
    ),
)
