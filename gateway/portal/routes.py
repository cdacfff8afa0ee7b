"""The pages for customers and their addresses.

    /            what we do with complaints, the form, the status look-up, the button of the chat
    /chat        the chat page, shown in the widget's frame or by itself
    /thanks      the answer to a form that was sent without script
    /confirm/…   the link by which a customer proves an address that was only typed
    /resume/…    the link by which a customer who has left a chat comes back to it, on whatever device
    /status      the answer to a look-up that was sent without script
    /status/…    the link by which a proved customer sees what is offered and agreed (case_page.py)
    /widget.js   the one script tag by which a web site embeds the chat

Whatever a browser asks for and can't have is told on a page as well (`ERROR_PAGE`); programs get problem documents.

Pages are whole without script. No page holds inline script or style; the policy in the headers forbids both, and only the
sites that the operator names may show the chat in a frame.

Not here: what the form and the look-up do (api/), the chat's frames (channels/webchat).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from aiohttp import hdrs, web
from babel.dates import format_date, format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined

from case_store import emergencies
from case_store.records import FACT_NAMES, Language
from case_store.store import StoreError
from case_store.uploads import NoSuchUpload
from gateway import confirmation, resuming, status_link, uploads
from gateway.api.complaints import answer_look_up, fill_up
from gateway.api.reading import read_form
from gateway.complaint import possible_contacts, read_receipt
from gateway.context import GATEWAY, Gateway
from gateway.file_words import size_words
from gateway.hooks import FORM_REFUSED, PROMISES, WAY_OPENED
from gateway.notifications import Notices
from gateway.portal import wording
from gateway.portal.assets import AN_HOUR, WIDGET, Assets
from gateway.portal.case_page import CasePage
from gateway.portal.publication import publish
from gateway.problems import Problem
from gateway.web import ERROR_PAGE

ATTACHMENTS: Final = "attachments"
MOST_KEPT: Final = 100
GONE: Final = 410  # of a link that can't be read, has run out or is of nothing: which of them a stranger does not learn
MAX_TEXT: Final = 8000  # characters of one chat message, by the contract
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
_LOOK_UP_REFUSED: Final = {422: "typing_error", 429: "too_many", 503: "too_many"}
_TOLD: Final = {
    400: "bad_request",
    401: "sign_in",
    403: "forbidden",
    404: "not_found",
    405: "not_found",
    408: "too_slow",
    410: "not_found",
    413: "too_large",
    429: "too_many",
    503: "unavailable",
}
_TOLD_ALREADY: Final = frozenset({401, 404, 429, 503})  # nothing to add
_WRONG: Final = {"contact": "wrong_contact", "occurred_on": "wrong_date", "amount": "wrong_amount"}
_LOCALES: Final = {Language.HANS: "zh_Hans_CN", Language.HANT: "zh_Hant_HK", Language.EN: "en_GB"}
_DAYS: Final = {Language.HANS: "y年M月d日（EEEE）", Language.HANT: "y年M月d日（EEEE）", Language.EN: "EEEE d MMMM y"}
_MOMENTS: Final = {Language.HANS: "y年M月d日 HH:mm", Language.HANT: "y年M月d日 HH:mm", Language.EN: "d MMMM y, HH:mm"}


def routes(app: web.Application) -> None:
    """Adds the customers' pages to the application, which holds its `GATEWAY`; a form refused by the API comes back to them."""
    portal = Portal(Assets())
    app[FORM_REFUSED] = portal.refused
    app[ERROR_PAGE] = portal.error
    app.router.add_get("/", portal.home, name="portal-home")
    app.router.add_get("/chat", portal.chat, name="portal-chat")
    app.router.add_get("/thanks", portal.thanks, name="portal-thanks")
    app.router.add_post("/status", portal.status, name="portal-status")
    case = CasePage(portal.page)
    app.router.add_post("/status/link", portal.ask_for_link, name="portal-status-link")
    app.router.add_get("/status/{token}", case.show, name="portal-case")
    # printing leaves an event: who only asks for the headers prints nothing
    app.router.add_get("/status/{token}/settlements/{id}.pdf", case.paper, name="portal-paper", allow_head=False)
    app.router.add_get("/confirm/{token}", portal.confirm, name="portal-confirm")
    app.router.add_post("/confirm/{token}", portal.confirm)
    app.router.add_get("/resume/{token}", portal.resume, name="portal-resume")
    app.router.add_post("/resume/{token}", portal.resume)
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
        return self._home(request, emergency=await self._emergency(request))

    async def _emergency(self, request: web.Request) -> str:
        """What the policy tells customers while the whole house is in an emergency. The page itself needs no store."""
        gateway = request.app[GATEWAY]
        notice = gateway.policy.emergency.notice
        if notice is None:
            return ""
        with contextlib.suppress(StoreError):
            if await gateway.store.read(emergencies.is_everywhere):
                return notice[self._language(request)]
        return ""

    async def refused(
        self, request: web.Request, typed: Mapping[str, str], errors: Sequence[Mapping[str, str]]
    ) -> web.Response:
        """The page again, with everything that was typed and each error at its field (FORM_REFUSED)."""
        language = wording.closest(typed.get("locale", "")) or self._language(request)
        words = wording.catalogue(language)["form"]
        wrong = {error["field"].split(".")[0] for error in errors}
        told: dict[str, str] = {name: words[_complaint_about(name, typed)] for name in FACT_NAMES if name in wrong}
        if ATTACHMENTS in wrong:
            told[ATTACHMENTS] = _about_files(errors, words)
        kept = await _kept(request.app[GATEWAY], typed.get(ATTACHMENTS, ""))
        return self._home(request, status=422, language=language, typed=typed, errors=told, kept=kept)

    async def status(self, request: web.Request) -> web.Response:
        """The API's look-up with its limits and its even timing, shown on the page."""
        typed, found = await self._looked_up(request)
        return found if isinstance(found, web.Response) else self._home(request, typed=typed, found=found)

    async def ask_for_link(self, request: web.Request) -> web.Response:
        """Mails the link that shows more than a look-up does. The answer is the same whether or not there is an address to mail it to."""
        typed, found = await self._looked_up(request)
        if isinstance(found, web.Response):
            return found
        gateway, promises = request.app[GATEWAY], request.app[PROMISES]
        notices = Notices(promises, gateway.settings, gateway.tokens)
        known = possible_contacts(typed["status_contact"])
        started = asyncio.get_running_loop().time()
        try:
            await gateway.store.write(status_link.send, notices, gateway.tokens, found["reference"], known)
        finally:
            await fill_up(started)
        words = wording.catalogue(self._language(request))["status"]
        told = words["link_sent"].format(days=status_link.LINK_AGE.days)
        return self._home(request, typed=typed, note=told)

    async def _looked_up(self, request: web.Request) -> tuple[dict[str, str], dict[str, Any] | web.Response]:
        """What was typed, and the answer; the page that says why there is none."""
        form, body = await read_form(request)
        typed = {"reference": form.get("reference", ""), "status_contact": form.get("contact", "")}
        words = wording.catalogue(self._language(request))["status"]
        if not all(text.strip() for text in typed.values()):
            return typed, self._home(request, status=422, typed=typed, note=words["missing"])
        try:
            answer = await answer_look_up(request, dict(form), body)
        except Problem as problem:
            seconds = problem.headers.get("Retry-After", "60")
            told = words[_LOOK_UP_REFUSED.get(problem.status, "none")].format(seconds=seconds)
            return typed, self._home(request, status=problem.status, typed=typed, note=told)
        if answer.status != 200 or not isinstance(answer, web.Response):
            return typed, self._home(request, status=answer.status, typed=typed, note=words["none"])
        return typed, json.loads(answer.text or "{}")

    def _home(
        self,
        request: web.Request,
        *,
        status: int = 200,
        language: Language | None = None,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        found: Mapping[str, Any] | None = None,
        note: str = "",
        kept: Sequence[tuple[str, str]] = (),
        emergency: str = "",
    ) -> web.Response:
        return self.page(
            request,
            "home.html",
            ancestors="'none'",
            status=status,
            language=language,
            typed=typed or {},
            errors=errors or {},
            found=found,
            note=note,
            kept=kept,
            emergency=emergency,
            uploads=_upload_limits(request.app[GATEWAY], language or self._language(request)),
        )

    async def chat(self, request: web.Request) -> web.Response:
        settings = request.app[GATEWAY].settings
        ancestors = " ".join(["'self'", *settings.chat_origins])
        limits = _upload_limits(request.app[GATEWAY], self._language(request))
        client = {"origins": list(settings.chat_origins), "limit": MAX_TEXT, "uploads": limits}
        return self.page(request, "chat.html", ancestors=ancestors, client=client)

    async def thanks(self, request: web.Request) -> web.Response:
        gateway = request.app[GATEWAY]
        receipt = read_receipt(gateway.tokens, request.query.get("receipt", ""))
        status = 404 if receipt is None else 200
        return self.page(request, "thanks.html", ancestors="'none'", status=status, receipt=receipt)

    async def confirm(self, request: web.Request) -> web.Response:
        """Asks first: mail programs open links by themselves, and only a person presses the button."""
        gateway = request.app[GATEWAY]
        asked = confirmation.read(gateway.tokens, request.match_info["token"])
        state, reference, back, own = "unknown", None, None, None
        if asked is not None and request.method == "POST":
            reference = await gateway.store.write(confirmation.confirm, asked, request.app[WAY_OPENED])
            state = "done" if reference else "unknown"
            chat = await gateway.store.read(confirmation.chat_of, asked) if reference else None
            way = None if chat is None else resuming.Resumption(chat, asked.address)
            if way is not None and await gateway.store.read(resuming.reference_of, way) is not None:
                back = resuming.sign(gateway.tokens, way.conversation_id, way.address, datetime.now(UTC))
            holder = status_link.Holder(asked.case_id, asked.address)
            if reference and await gateway.store.read(status_link.case_of, holder) is not None:
                own = status_link.sign(gateway.tokens, holder.case_id, holder.address, datetime.now(UTC))
        elif asked is not None:
            reference = await gateway.store.read(confirmation.reference_of, asked)
            state = "asked" if reference else "unknown"
        status = GONE if state == "unknown" else 200
        return self.page(
            request,
            "confirm.html",
            ancestors="'none'",
            status=status,
            state=state,
            reference=reference,
            back=back,
            own=own,
        )

    async def resume(self, request: web.Request) -> web.Response:
        """Asks first, as above. The session goes into the fragment of an address: no server and no log ever sees it."""
        gateway = request.app[GATEWAY]
        asked = resuming.read(gateway.tokens, request.match_info["token"])
        reference = None if asked is None else await gateway.store.read(resuming.reference_of, asked)
        if asked is None or reference is None:
            return self.page(request, "resume.html", ancestors="'none'", status=GONE, state="unknown", reference=None)
        epoch = await gateway.store.write(resuming.resume, asked) if request.method == "POST" else None
        if epoch is not None:
            root = urlsplit(gateway.settings.public_url or "").path.rstrip("/")
            session = gateway.tokens.sign_session(asked.conversation_id, datetime.now(UTC), epoch)
            raise web.HTTPSeeOther(f"{root}/chat#session={session}")
        return self.page(request, "resume.html", ancestors="'none'", state="asked", reference=reference)

    def error(self, request: web.Request, problem: Problem) -> web.Response:
        """What went wrong, and where to go on. Whoever works here also reads what programs are told: it names the cause."""
        told = _TOLD.get(problem.status) or ("failed" if problem.status >= 500 else "refused")
        staff = problem.status == 401 or (request.path.startswith("/api/") and request.method == "GET")
        detail = problem.detail if staff and problem.status not in _TOLD_ALREADY else None
        response = self.page(
            request, "error.html", ancestors="'none'", status=problem.status, told=told, staff=staff, detail=detail
        )
        response.headers.update(problem.headers)
        response.headers[hdrs.VARY] += ", Accept"
        return response

    async def widget(self, request: web.Request) -> web.Response:
        response = self.assets[WIDGET].response(request, AN_HOUR)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"
        return response

    def _language(self, request: web.Request) -> Language:
        return wording.language_of(request, request.app[GATEWAY].settings.locale)

    def page(
        self,
        request: web.Request,
        template: str,
        *,
        ancestors: str,
        status: int = 200,
        language: Language | None = None,
        **values: Any,
    ) -> web.Response:
        gateway = request.app[GATEWAY]
        language = language or self._language(request)
        words = wording.catalogue(language)
        root = urlsplit(gateway.settings.public_url or "").path.rstrip("/")
        text = self._templates.get_template(template).render(
            t=words,
            language=language.value,
            languages=[(one.value, wording.catalogue(one)["language"]) for one in Language],
            house=publish(gateway.policy, gateway.settings, language, words),
            root=root,
            asset=lambda name: root + self.assets.path(name),
            here=lambda code: f"{root}{_address_in(request, code)}",
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


def _address_in(request: web.Request, code: str) -> str:
    """This page in another language; an answer to a form can't be asked for again, so it leads to the front page."""
    if request.method == "GET" and request.path == "/thanks":
        return f"/thanks?{urlencode({**request.query, 'lang': code})}"
    if request.method == "GET" and request.match_info.get("token"):
        return f"{request.rel_url.raw_path}?lang={code}"
    return f"/?lang={code}"


def _about_files(errors: Sequence[Mapping[str, str]], words: Mapping[str, str]) -> str:
    """A sentence for each file that was not taken; they are in the customer's language already."""
    told = [error["detail"] for error in errors if error["field"] == ATTACHMENTS and "name" in error]
    return " ".join(told) or words["wrong"]


async def _kept(gateway: Gateway, tokens: str) -> list[tuple[str, str]]:
    """Signed id and name of the uploads that a form brought before it was refused: nobody has to choose them again."""
    found: list[tuple[str, str]] = []
    for token in tokens.split()[:MOST_KEPT]:
        id = gateway.tokens.read_upload(token)
        with contextlib.suppress(NoSuchUpload):
            if id is not None:
                found.append((token, (await uploads.find(gateway, id, {uploads.FORM})).name))
    return found


def _upload_limits(gateway: Gateway, language: Language) -> dict[str, Any]:
    """How many files and how large, as numbers for scripts and as words for people."""
    largest = int(gateway.settings.max_message)
    return {"count": gateway.policy.uploads.per_message, "bytes": largest, "size": size_words(largest, language)}


def _complaint_about(name: str, typed: Mapping[str, str]) -> str:
    if name == "what_happened":
        return "too_long" if typed.get(name, "").strip() else "missing"
    return _WRONG.get(name, "wrong")


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
