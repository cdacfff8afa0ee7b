"""The pages for customers and their addresses.

    /            what we do with complaints, the form, the status look-up, the button of the chat
    /chat        the chat page, shown in the widget's frame or by itself
    /thanks      the answer to a form that was sent without script
    /widget.js   the one script tag by which a web site embeds the chat

Pages are whole without script. No page holds inline script or style; the policy in the headers forbids both, and only the
sites that the operator names may show the chat in a frame.

Not here: what the form and the look-up do (api/), the chat's frames (channels/webchat).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from aiohttp import hdrs, web
from babel.dates import format_date, format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined

from case_store.records import Language
from gateway.complaint import read_receipt
from gateway.context import GATEWAY
from gateway.portal import wording
from gateway.portal.assets import AN_HOUR, WIDGET, Assets
from gateway.portal.publication import publish

MAX_TEXT: Final = 8000  # characters of one chat message, by the contract
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
_LOCALES: Final = {Language.HANS: "zh_Hans_CN", Language.HANT: "zh_Hant_HK", Language.EN: "en_GB"}
_DAYS: Final = {Language.HANS: "y年M月d日（EEEE）", Language.HANT: "y年M月d日（EEEE）", Language.EN: "EEEE d MMMM y"}
_MOMENTS: Final = {Language.HANS: "y年M月d日 HH:mm", Language.HANT: "y年M月d日 HH:mm", Language.EN: "d MMMM y, HH:mm"}


def routes(app: web.Application) -> None:
    """Adds the customers' pages to the application, which holds its `GATEWAY`."""
    portal = Portal(Assets())
    app.router.add_get("/", portal.home, name="portal-home")
    app.router.add_get("/chat", portal.chat, name="portal-chat")
    app.router.add_get("/thanks", portal.thanks, name="portal-thanks")
    app.router.add_get("/widget.js", portal.widget, name="portal-widget")
    app.router.add_get("/static/portal/{version}/{name}", portal.assets.serve, name="portal-static")


class Portal:
    """Renders the pages. Holds what is read once: templates and files."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._templates = Environment(
            loader=PackageLoader("gateway.portal"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def home(self, request: web.Request) -> web.Response:
        return self._home(request)

    def _home(
        self,
        request: web.Request,
        *,
        status: int = 200,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        found: Mapping[str, Any] | None = None,
        not_found: str = "",
    ) -> web.Response:
        return self._page(
            request,
            "home.html",
            ancestors="'none'",
            status=status,
            typed=typed or {},
            errors=errors or {},
            found=found,
            not_found=not_found,
        )

    async def chat(self, request: web.Request) -> web.Response:
        settings = request.app[GATEWAY].settings
        ancestors = " ".join(["'self'", *settings.chat_origins])
        client = {"origins": list(settings.chat_origins), "limit": MAX_TEXT}
        return self._page(request, "chat.html", ancestors=ancestors, client=client)

    async def thanks(self, request: web.Request) -> web.Response:
        gateway = request.app[GATEWAY]
        receipt = read_receipt(gateway.tokens, request.query.get("receipt", ""))
        return self._page(request, "thanks.html", ancestors="'none'", receipt=receipt)

    async def widget(self, request: web.Request) -> web.Response:
        response = self.assets[WIDGET].response(request, AN_HOUR)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"
        return response

    def _page(self, request: web.Request, template: str, *, ancestors: str, status: int = 200, **values: Any) -> web.Response:
        gateway = request.app[GATEWAY]
        language = wording.language_of(request, gateway.settings.locale)
        words = wording.catalogue(language)
        text = self._templates.get_template(template).render(
            t=words,
            language=language.value,
            languages=[(one.value, wording.catalogue(one)["language"]) for one in Language],
            house=publish(gateway.policy, gateway.settings, language, words),
            asset=self.assets.path,
            day=lambda value: show_day(value, language),
            moment=lambda value: show_moment(value, language, gateway.settings.timezone),
            **values,
        )
        headers = page_headers(request, ancestors)
        response = web.Response(status=status, text=text, content_type="text/html", headers=headers)
        response.enable_compression()
        if template != "chat.html" and wording.closest(request.query.get("lang", "")) is not None:
            response.set_cookie(
                wording.COOKIE, language.value, max_age=wording.COOKIE_AGE, httponly=True, samesite="Lax"
            )
        return response


def page_headers(request: web.Request, ancestors: str) -> dict[str, str]:
    """Nothing inline, nothing from elsewhere; text becomes markup nowhere."""
    socket = ""
    if _HOST.fullmatch(request.host):  # older Safari does not count a WebSocket as 'self'
        socket = f" ws://{request.host} wss://{request.host}"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{socket}; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {ancestors}; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        hdrs.CACHE_CONTROL: "no-cache",
        hdrs.VARY: "Accept-Language, Cookie",
    }


def show_day(value: str, language: Language) -> str:
    """`2026-12-02` as the language writes a day."""
    return str(format_date(date.fromisoformat(value), _DAYS[language], locale=_LOCALES[language]))


def show_moment(value: str, language: Language, zone: Any) -> str:
    when = datetime.fromisoformat(value).astimezone(zone)
    return str(format_datetime(when, _MOMENTS[language], locale=_LOCALES[language]))
