"""Puts the sign-in service into an application, where settings name one; its libraries are loaded only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from gateway.config import Settings
from gateway.context import GATEWAY

if TYPE_CHECKING:
    from gateway.oidc.provider import Provider

PROVIDER: web.AppKey[Provider | None] = web.AppKey("provider")
CALLBACK = "/sign-in/oidc/callback"
START = "/sign-in/oidc"
LOGOUT = "/sign-in/oidc/back-channel-logout"


def set_up(app: web.Application) -> None:
    app[PROVIDER] = provider_of(app[GATEWAY].settings)
    app.on_cleanup.append(_close)


def provider_of(settings: Settings) -> Provider | None:
    """The one that settings name; None where agents sign in by passwords alone."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    from gateway.oidc.provider import Client, Provider

    secret = settings.oidc_client_secret
    return Provider(
        Client(
            settings.oidc_issuer,
            settings.oidc_client_id,
            secret.get_secret_value() if secret else None,
            settings.oidc_hosts,
        )
    )


async def _close(app: web.Application) -> None:
    provider = app[PROVIDER]
    if provider is not None:
        await provider.close()
