"""What customers sent, for agents to look at: attachments, mails exactly as they came, mails as they looked.

Files from customers are always saved, never shown: `attachment`, no sniffing, a sandbox. The HTML of a mail was cleaned when
it was read (channels/email/html.py) and is shown only inside a frame that runs no script, has no origin and loads nothing.

Attachments of a mail are not kept apart from it: they are cut from it again, by the processes that can be killed. Others are
files of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from aiohttp import web

from case_store.records import ChannelName
from case_store.store import Transaction
from case_store.tables import arrivals, attachments, messages
from channels.email.mime import Unreadable
from channels.email.workers import Readers
from channels.message import MessageIn
from gateway.api.routes import Route, add_routes
from gateway.context import GATEWAY, Gateway
from gateway.problems import Problem, not_found

READERS: web.AppKey[Readers] = web.AppKey("console_readers", Readers)
SAVED_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
SHOWN_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
_PAGE: Final = '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light"><title>…</title>\n'

Row = Mapping[Any, Any]


def add(app: web.Application) -> None:
    app[READERS] = Readers(processes=1)
    app.on_cleanup.append(_stop_readers)
    add_routes(app, ROUTES)


async def _stop_readers(app: web.Application) -> None:
    await app[READERS].stop()


async def attachment(request: web.Request) -> web.Response:
    gateway = request.app[GATEWAY]
    row = await gateway.store.read(_attachment, request.match_info["id"], request.match_info["attachment"])
    if row is None:
        raise not_found("no attachment has this id here")
    if row["part"] is None:
        content = await asyncio.to_thread(gateway.files.get, row["content"])
    else:
        content = await _cut(request.app[READERS], gateway, row)
    return saved(content, row["name"], row["media_type"])


async def original(request: web.Request) -> web.Response:
    gateway = request.app[GATEWAY]
    row = await gateway.store.read(_arrival_of, request.match_info["id"], _number(request))
    if row is None:
        raise not_found("no original belongs to this message")
    is_mail = row["channel"] == ChannelName.EMAIL
    name = f"{row['id']}.eml" if is_mail else f"{row['id']}.bin"
    return saved(await raw_of(gateway, row), name, "message/rfc822" if is_mail else "application/octet-stream")


async def as_it_looked(request: web.Request) -> web.Response:
    html = await request.app[GATEWAY].store.read(_html, request.match_info["id"], _number(request))
    if html is None:
        raise not_found("this message did not come as HTML")
    headers = {"Content-Security-Policy": SHOWN_POLICY, "Referrer-Policy": "no-referrer"}
    return web.Response(text=_PAGE + html, content_type="text/html", headers=headers)


def saved(content: bytes, name: str, media_type: str) -> web.Response:
    """A file for the disk of whoever asked; no browser of ours opens it."""
    shown = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\"') or "file"
    plain = shown.encode("ascii", "replace").decode().replace("?", "_")
    told = media_type if "/" in media_type and media_type.isascii() and media_type.isprintable() else ""
    headers = {
        "Content-Type": told or "application/octet-stream",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}",
        "Content-Security-Policy": SAVED_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=content, headers=headers)


def _number(request: web.Request) -> int:
    written = request.match_info["number"]
    if not written.isascii() or not written.isdigit() or len(written) > 9:
        raise not_found("no message has this id here")
    return int(written)


def _attachment(tx: Transaction, conversation_id: str, id: str) -> Row | None:
    a = attachments.c
    found = (
        sa.select(a.name, a.media_type, a.digest.label("content"), a.part, *_ARRIVAL)
        .outerjoin(arrivals, arrivals.c.id == a.arrival_id)
        .where(a.id == id, a.conversation_id == conversation_id)
    )
    return tx.execute(found).mappings().one_or_none()


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


async def _cut(readers: Readers, gateway: Gateway, row: Row) -> bytes:
    """The attachment's bytes out of its mail."""
    try:
        events = await readers.read(await raw_of(gateway, row), row["transport"])
    except Unreadable as error:
        raise Problem(422, "unreadable", f"the mail can't be taken apart: {error}; save it whole instead") from None
    for event in events:
        for found in event.attachments if isinstance(event, MessageIn) else ():
            if found.part == row["part"]:
                return found.content
    raise not_found("the mail has no such part")


_MISSING: Final = {404: "there is no such thing"}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/conversations/{id}/attachments/{attachment}",
        attachment,
        "conversations:read",
        "A file that came with a message, to be saved",
        answers=_MISSING,
        media_type="application/octet-stream",
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}/messages/{number}/original",
        original,
        "conversations:read",
        "What the message was read from, exactly as it came",
        answers=_MISSING,
        media_type="message/rfc822",
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
