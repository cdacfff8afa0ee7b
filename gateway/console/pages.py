"""The shell of the console: one page for every address under /console; the modules decide what it shows.

It holds no data of a customer and needs no session: what is shown comes from the API. Nothing in it is inline, and its policy
lets no text become markup (Trusted Types with no policy at all).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from jinja2 import Environment, PackageLoader, StrictUndefined

from case_store.records import Language
from gateway.config import Settings
from gateway.console.assets import ROOT, Assets
from gateway.console.wording import catalogue, language_of
from gateway.context import GATEWAY

_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


def add(app: web.Application) -> Assets:
    console = Pages(Assets())
    app.router.add_get("/console", console.shell, name="console")
    app.router.add_get("/console/{place:.*}", console.shell)
    app.router.add_get(ROOT + "/{version}/{name}", console.assets.serve)
    return console.assets


class Pages:
    """Renders the shell. Holds what is read once: the template and the files."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._templates = Environment(
            loader=PackageLoader("gateway.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def shell(self, request: web.Request) -> web.Response:
        gateway = request.app[GATEWAY]
        language = language_of(request, gateway.settings.locale)
        text = self._templates.get_template("shell.html").render(
            t=catalogue(language),
            language=language.value,
            languages=[(one.value, catalogue(one)["language"]) for one in Language],
            house=gateway.policy.house().name[language],
            zone=str(gateway.settings.timezone),
            currency=gateway.policy.house().home_currency,
            largest=int(gateway.settings.max_message),
            provider=_provider(gateway.settings),
            passwords=_passwords(gateway.settings),
            asset=self.assets.path,
            modules=self.assets.modules(),
        )
        return web.Response(text=text, content_type="text/html", headers=page_headers(request))


def _provider(settings: Settings) -> str:
    """What the sign-in service is called on the button; nothing where there is none."""
    return "" if settings.oidc_issuer is None else settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or ""


def _passwords(settings: Settings) -> str:
    return "none" if settings.passwords_for == () else "all" if settings.passwords_for == "all" else "some"


def page_headers(request: web.Request) -> dict[str, str]:
    """Nothing inline, nothing from elsewhere; text becomes markup nowhere; not even our own pages may frame it."""
    socket = ""
    if _HOST.fullmatch(request.host):  # older Safari does not count a WebSocket as 'self'
        socket = f" ws://{request.host} wss://{request.host}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        f"connect-src 'self'{socket}; frame-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        hdrs.CACHE_CONTROL: "no-cache",
        hdrs.VARY: "Accept-Language, Cookie",
    }
