"""What customers sent, for agents to look at: attachments, mails exactly as they came, mails as they looked.

Files from customers are always saved, never shown (gateway/attachments.py); what is shown of an image is a preview of our own.
The HTML of a mail was cleaned when it was read (channels/email/html.py) and is shown only inside a frame that runs no script, has no
origin and loads nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web

from case_store import attachments as kept
from case_store import audit
from case_store.attachments import Scan
from case_store.audit import HOUSE, Entry, conversation_chain
from case_store.records import ChannelName
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import messages
from gateway.api.routes import Query, Route, add_routes
from gateway.attachments import READERS, check_may_have, give, give_preview, saved, set_up
from gateway.auth.principals import PRINCIPAL
from gateway.clamd import Clamd
from gateway.context import GATEWAY, Gateway
from gateway.originals import ORIGINALS, Originals
from gateway.problems import forbidden, not_found
from gateway.readings import FILE, ORIGINAL, PREVIEW, seen

SHOWN_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
_PAGE: Final = '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light"><title>…</title>\n'

Row = Mapping[Any, Any]


def add(app: web.Application) -> None:
    set_up(app)
    clamd = app[GATEWAY].settings.clamd
    if clamd is not None:
        app[ORIGINALS] = Originals(Clamd(clamd), app[READERS])
    add_routes(app, ROUTES)


async def attachment(request: web.Request) -> web.Response:
    """The file, to be saved. `?unscanned=yes` and, for an admin, `?infected=yes` save what the scanner keeps back."""
    row = await _found(request)
    await _check_may_have(request, row)
    seen(request, of=row["name"])
    return await give(request.app[GATEWAY], request.app[READERS], row)


async def preview(request: web.Request) -> web.Response:
    return await give_preview(request.app[GATEWAY], await _found(request))


async def give_original(request: web.Request, row: Row) -> web.Response:
    """What arrived, as it came: kept back if anything in it would be kept back alone. Raises Problem."""
    for one in await request.app[GATEWAY].store.read(kept.cut_from, row["id"]):
        await _check_may_have(request, one)
    raw = await raw_of(request.app[GATEWAY], row)
    is_mail = row["channel"] == ChannelName.EMAIL
    await _check_whole(request, row["id"], raw, is_mail)
    return saved(
        raw, f"{row['id']}.{'eml' if is_mail else 'bin'}", "message/rfc822" if is_mail else "application/octet-stream"
    )


async def _check_whole(request: web.Request, arrival: str, raw: bytes, is_mail: bool) -> None:
    originals = request.app.get(ORIGINALS)
    if originals is None:
        return
    found = await originals.examined(arrival, raw, is_mail=is_mail)
    _check_said_so(request, {"scan": found.scan, "signature": found.told})
    if found.scan is Scan.INFECTED:
        detail = {"arrival": arrival, "signature": found.told}
        entry = Entry(request[PRINCIPAL].actor, "saved_infected", detail)
        await request.app[GATEWAY].store.write(audit.append, HOUSE, entry)


async def _check_may_have(request: web.Request, row: Row) -> None:
    _check_said_so(request, row)
    if row["scan"] == Scan.INFECTED:
        await request.app[GATEWAY].store.write(_note_saved, row, request[PRINCIPAL].actor)


def _check_said_so(request: web.Request, row: Row) -> None:
    infected = request.query.get("infected") == "yes"
    if infected and not request[PRINCIPAL].may("admin"):
        raise forbidden("not_allowed", "this takes 'admin', which you do not have")
    scanning = request.app[GATEWAY].settings.clamd is not None
    check_may_have(row, scanning=scanning, unscanned=request.query.get("unscanned") == "yes", infected=infected)


async def _found(request: web.Request) -> Row:
    found = await request.app[GATEWAY].store.read(kept.find, request.match_info["id"], request.match_info["attachment"])
    if found is None:
        raise not_found("no attachment has this id here")
    return found


def _note_saved(tx: Transaction, row: Row, actor: str) -> None:
    """Who has taken something infected out of quarantine is on record."""
    detail = {"attachment": row["id"], "name": row["name"], "signature": row["signature"]}
    audit.append(tx, conversation_chain(row["conversation_id"]), Entry(actor, "saved_infected", detail))


async def original(request: web.Request) -> web.Response:
    row = await request.app[GATEWAY].store.read(_arrival_of, request.match_info["id"], _number(request))
    if row is None:
        raise not_found("no original belongs to this message")
    return await give_original(request, row)


async def as_it_looked(request: web.Request) -> web.Response:
    html = await request.app[GATEWAY].store.read(_html, request.match_info["id"], _number(request))
    if html is None:
        raise not_found("this message did not come as HTML")
    headers = {"Content-Security-Policy": SHOWN_POLICY, "Referrer-Policy": "no-referrer"}
    return web.Response(text=_PAGE + html, content_type="text/html", headers=headers)


def _number(request: web.Request) -> int:
    written = request.match_info["number"]
    if not written.isascii() or not written.isdigit() or len(written) > 9:
        raise not_found("no message has this id here")
    return int(written)


def _arrival_of(tx: Transaction, conversation_id: str, number: int) -> Row | None:
    m = messages.c
    found = (
        sa.select(*_ARRIVAL)
        .join(messages, m.arrival_id == arrivals.c.id)
        .where(m.conversation_id == conversation_id, m.number == number)
    )
    return tx.execute(found).mappings().one_or_none()


_ARRIVAL: Final = (arrivals.c.id, arrivals.c.channel, arrivals.c.raw, arrivals.c.digest, arrivals.c.transport)


def _html(tx: Transaction, conversation_id: str, number: int) -> str | None:
    m = messages.c
    mail = tx.execute(sa.select(m.mail).where(m.conversation_id == conversation_id, m.number == number)).scalar()
    html: str | None = (mail or {}).get("html")
    return html


async def raw_of(gateway: Gateway, row: Row) -> bytes:
    """What arrived, from the ledger or from its file."""
    if row["raw"] is not None:
        return bytes(row["raw"])
    return await asyncio.to_thread(gateway.files.get, row["digest"])


_MISSING: Final = {404: "there is no such thing"}
KEPT_BACK: Final = {403: "infected", 409: "not scanned yet"}
ALL_THE_SAME: Final = (
    Query("unscanned", "yes: though the scanner has not seen it yet", ("yes",)),
    Query("infected", "yes: though the scanner has found something; takes `admin`", ("yes",)),
)

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/conversations/{id}/attachments/{attachment}",
        attachment,
        "conversations:read",
        "A file that came with a message, to be saved",
        query=ALL_THE_SAME,
        answers={**_MISSING, **KEPT_BACK, 422: "its mail can't be taken apart"},
        media_type="application/octet-stream",
        reads=FILE,
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}/attachments/{attachment}/preview",
        preview,
        "conversations:read",
        "A small picture of an image, of our own making",
        answers=_MISSING,
        media_type="image/webp",
        reads=PREVIEW,
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}/messages/{number}/original",
        original,
        "conversations:read",
        "What the message was read from, exactly as it came",
        query=ALL_THE_SAME,
        answers={**_MISSING, **KEPT_BACK},
        media_type="message/rfc822",
        reads=ORIGINAL,
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}/messages/{number}/html",
        as_it_looked,
        "conversations:read",
        "The cleaned HTML of a mail, for a frame without scripts",
        answers=_MISSING,
        media_type="text/html",
    ),
)
