"""The content of an attachment, whichever channel it came by; and who may have it.

The one way to an attachment's bytes: a file of its own is read by its digest, what came in a mail is cut from the mail again, by the
processes that can be killed. What the scanner found infected is kept and given to nobody but an admin who says so; what
it has not seen yet is given only to those who say so, where there is a scanner at all.

Nothing of a customer's is shown by our origin: a file leaves to be saved, under a name and a type that no browser opens. What may be
shown is the preview, whose pixels are our own.

Not here: the examining (examiner.py), the routes of the console (console/originals.py) and of the chat (api/chat_files.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from case_store.attachments import Row, Scan
from channels.email.mime import Unreadable
from channels.email.workers import Readers
from channels.message import MessageIn
from gateway import previews
from gateway.context import Gateway
from gateway.file_names import safe_name
from gateway.file_types import MAIL, saved_as
from gateway.problems import Problem, not_found

SAVED_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
READERS: web.AppKey[Readers] = web.AppKey("attachment_readers", Readers)


class NoContent(Exception):
    """The bytes can't be had: the mail can't be taken apart any more, or has no such part."""


def set_up(app: web.Application) -> None:
    """The processes that cut attachments from mails, for whoever of the web server needs them."""
    if READERS not in app:
        app[READERS] = Readers(processes=1)
        app.on_cleanup.append(_stop_readers)


async def _stop_readers(app: web.Application) -> None:
    await app[READERS].stop()


async def content_of(gateway: Gateway, readers: Readers, row: Row) -> bytes:
    """The bytes of a row of case_store.attachments.find. Raises NoContent, FilesError."""
    if row["part"] is None:
        return await asyncio.to_thread(gateway.files.get, row["digest"])
    parts = await parts_of(gateway, readers, row)
    if row["part"] not in parts:
        raise NoContent("the mail has no such part")
    return parts[row["part"]]


async def parts_of(gateway: Gateway, readers: Readers, row: Row) -> Mapping[str, bytes]:
    """All attachments of the mail that a row is cut from, by part: a mail with ten of them is read once."""
    raw = row["arrival_raw"]
    if raw is None:
        if row["arrival_digest"] is None:
            raise NoContent("what it came in is not kept")
        raw = await asyncio.to_thread(gateway.files.get, row["arrival_digest"])
    try:
        events = await readers.read(bytes(raw), row["arrival_transport"])
    except Unreadable as error:
        raise NoContent(f"the mail can't be taken apart: {error}") from error
    return {
        found.part: found.content
        for event in events
        if isinstance(event, MessageIn)
        for found in event.attachments
        if found.part is not None
    }


def check_may_have(row: Row, *, scanning: bool, unscanned: bool = False, infected: bool = False) -> None:
    """Raises 403 or 409 for what is not simply given away. `unscanned` and `infected`: whoever asks has said so."""
    if row["scan"] == Scan.INFECTED and not infected:
        raise Problem(
            403,
            "infected",
            "the scanner has found something in this file; only an admin may save it all the same (?infected=yes)",
            signature=row["signature"],
        )
    seen = row["scan"] in (Scan.CLEAN, Scan.INFECTED)
    if scanning and not seen and not unscanned:
        raise Problem(
            409,
            "not_scanned",
            "the scanner has not seen this file yet; save it all the same with ?unscanned=yes, or come back",
            scan=row["scan"],
        )


async def give(gateway: Gateway, readers: Readers, row: Row) -> web.Response:
    """The file, to be saved. Raises Problem."""
    try:
        content = await content_of(gateway, readers, row)
    except NoContent as error:
        raise Problem(422, "unreadable", f"{error}; save the original whole instead") from None
    return saved(content, saved_as(row["name"], row["sniffed_type"]), row["sniffed_type"] or row["media_type"])


async def give_preview(gateway: Gateway, row: Row) -> web.Response:
    """The picture that we have made of it. Raises 404 where there is none."""
    if row["preview"] is None or row["scan"] == Scan.INFECTED:
        raise not_found("there is no preview of this attachment")
    content = await asyncio.to_thread(gateway.files.get, row["preview"])
    headers = {
        "Content-Type": previews.MEDIA_TYPE,
        "Content-Security-Policy": SAVED_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }
    return web.Response(body=content, headers=headers)


def saved(content: bytes, name: str, media_type: str) -> web.Response:
    """A file for the disk of whoever asked; no browser of ours opens it."""
    shown = safe_name(name)
    plain = shown.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    headers = {
        "Content-Type": _harmless_type(media_type),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}",
        "Content-Security-Policy": SAVED_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=content, headers=headers)


_RUNS_IN_BROWSERS: Final = ("html", "xml", "svg", "script", "java", "flash", "wasm")


def _harmless_type(media_type: str) -> str:
    """What a browser might run, should everything else fail, is called bytes."""
    told = media_type.split(";")[0].strip().lower()
    well_formed = "/" in told and told.isascii() and told.isprintable()
    if not well_formed or any(word in told for word in _RUNS_IN_BROWSERS):
        return "message/rfc822" if told == MAIL else "application/octet-stream"
    return told


def shown(row: Mapping[Any, Any], *, to_customer: bool = False) -> dict[str, Any]:
    """An attachment as JSON. A customer sees what they sent and nothing of what we think of it."""
    told = {
        "id": row["id"],
        "name": safe_name(row["name"]),
        "media_type": row["sniffed_type"] or row["media_type"],
        "size": row["size"],
        "preview": row["preview"] is not None and row["scan"] != Scan.INFECTED,
    }
    if to_customer:
        return told
    return {
        **told,
        "media_type": row["media_type"],
        "purpose": row["purpose"],
        "excerpt": None if row["scan"] == Scan.INFECTED else row["excerpt"],
        "sniffed_type": row["sniffed_type"],
        "notes": list(row["notes"] or ()),
        "scan": row["scan"],
        "signature": row["signature"],
        "scanned_at": row["scanned_at"] and row["scanned_at"].isoformat(),
    }
