"""A chat's customer gets back what they sent: their own files, in their own session, to be saved; and pictures of them.

The session stands in a header that only their own page sends, never in an address: what is copied or shared gives nobody a file.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from case_store import attachments
from case_store.attachments import Row
from gateway.api.routes import ANYONE, Query, Route
from gateway.api.uploads import SESSION_HEADER, conversation_of
from gateway.attachments import READERS, check_may_have, give, give_preview
from gateway.context import GATEWAY
from gateway.problems import not_found, unauthorized

PLACE: Final = "/api/v1/chat/attachments/{attachment}"


async def attachment(request: web.Request) -> web.Response:
    gateway = request.app[GATEWAY]
    row = await _own(request)
    check_may_have(row, scanning=gateway.settings.clamd is not None)
    return await give(gateway, request.app[READERS], row)


async def preview(request: web.Request) -> web.Response:
    return await give_preview(request.app[GATEWAY], await _own(request))


async def _own(request: web.Request) -> Row:
    session = request.headers.get(SESSION_HEADER)
    if session is None:
        raise unauthorized(f"send the session of your chat in {SESSION_HEADER}")
    conversation = await conversation_of(request, session)
    row = await request.app[GATEWAY].store.read(attachments.find, conversation, request.match_info["attachment"])
    if row is None:
        raise not_found("your chat has no such file")
    return row


_SESSION: Final = (Query(SESSION_HEADER, "the session of the caller's chat"),)
_ANSWERS: Final = {401: "no such session", 404: "not a file of this chat"}

ROUTES: Final = (
    Route(
        "GET",
        PLACE,
        attachment,
        ANYONE,
        "A file of the caller's own chat, to be saved",
        headers=_SESSION,
        answers={**_ANSWERS, 403: "the scanner has found something", 409: "the scanner has not seen it yet"},
        media_type="application/octet-stream",
    ),
    Route(
        "GET",
        f"{PLACE}/preview",
        preview,
        ANYONE,
        "A small picture of an image of the caller's own chat",
        headers=_SESSION,
        answers=_ANSWERS,
        media_type="image/webp",
    ),
)
