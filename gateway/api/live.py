"""The agents' live socket: hints that something changed. The client fetches what it shows.

Hints may be lost, so a client that missed some is told to reload. A socket that doesn't read is closed, and so is one whose
session has ended; a socket that is open keeps no session alive by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakSet

from aiohttp import WSCloseCode, WSMsgType, web

from case_store import overview, presence
from case_store.store import StoreUnavailable, Wake
from gateway.api.routes import SIGNED_IN, Route
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.auth.sessions import recognise
from gateway.context import GATEWAY, Gateway
from gateway.problems import Problem, forbidden
from gateway.wakeups import Subscription
from gateway.web import own_origins

HEARTBEAT: Final = 30.0
RECHECK: Final = 30.0  # how long an ended session may still hear that something changed, not what
READS_WITHIN: Final = 10.0
SIGNED_OUT: Final = 4401
_KINDS: Final = {
    "conversation": "conversation",
    "owner": "conversation",
    "case": "case",
    "task": "task",
    "parked": "parked",
}
_SCOPES: Final = {
    "conversation": "conversations:read",
    "case": "cases:read",
    "task": "cases:read",
    "parked": "cases:read",
}

SOCKETS: web.AppKey[WeakSet[web.WebSocketResponse]] = web.AppKey("live_sockets", WeakSet)


async def live(request: web.Request) -> web.WebSocketResponse:
    if not any(map(request[PRINCIPAL].may, {*_SCOPES.values()})):
        raise forbidden("not_allowed", "this takes 'conversations:read' or 'cases:read', which you do not have")
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() not in own_origins(request):
        raise forbidden("origin", "only our own pages may listen in a browser")
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, compress=False, max_msg_size=4096, timeout=2)
    if not socket.can_prepare(request):
        raise Problem(426, "websocket_required", "this is a WebSocket", headers={"Upgrade": "websocket"})
    with request.app[GATEWAY].wakeups.subscribed() as hints:
        await socket.prepare(request)
        request.app[SOCKETS].add(socket)
        await _first_of(_read(request, socket), _tell(request, socket, hints), _watch(request, socket))
    return socket


async def _first_of(*works: Any) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(request: web.Request, socket: web.WebSocketResponse) -> None:
    """An agent may say that they are typing: `{"type":"typing","conversation":ID,"active":true}`. Anything else is ignored."""
    async for frame in socket:
        if frame.type is WSMsgType.TEXT and request[PRINCIPAL].may("conversations:write"):
            _pass_typing_on(request.app[GATEWAY], frame.data)


def _pass_typing_on(gateway: Gateway, data: str) -> None:
    try:
        said = json.loads(data)
        id, active = said["conversation"], said["active"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return
    if isinstance(id, str) and len(id) <= 32 and isinstance(active, bool):
        gateway.hint(Wake("agent_typing", id, version=int(active)))


async def _tell(request: web.Request, socket: web.WebSocketResponse, hints: Subscription) -> None:
    principal = request[PRINCIPAL]
    while True:
        frame = await _frame(request, principal, await hints.get())
        if frame is None:
            continue
        try:
            await asyncio.wait_for(socket.send_json(frame), READS_WITHIN)
        except (TimeoutError, ConnectionError):
            _cut_off(request)
            return


def _cut_off(request: web.Request) -> None:
    # a closing handshake needs a peer that reads
    if request.transport is not None:
        request.transport.abort()


async def _frame(request: web.Request, principal: Principal, wake: Wake) -> dict[str, Any] | None:
    if wake.kind == "reload":
        return {"type": "reload"}
    if wake.kind == "alarm" and principal.may("conversations:read"):
        return {"type": "alarm", "kind": "conversation", "id": wake.id}
    if wake.kind == "typing" and principal.may("conversations:read"):
        return {"type": "typing", "kind": "conversation", "id": wake.id, "active": bool(wake.version)}
    if wake.kind == "mention":  # who is called hears of it, and nobody else
        return {"type": "changed", "kind": "mention", "id": "", "version": 0} if wake.id == principal.id else None
    if wake.kind == "following":
        return {"type": "changed", "kind": "following", "id": "", "version": 0} if wake.id == principal.id else None
    if wake.kind == "takes":
        return {"type": "changed", "kind": "availability", "id": "", "version": 0} if wake.id == principal.id else None
    kind = _KINDS.get(wake.kind)
    if kind is None or not wake.id or not principal.may(_SCOPES[kind]):
        return None
    return {"type": "changed", "kind": kind, "id": wake.id, "version": await _version(request, kind, wake)}


async def _version(request: web.Request, kind: str, wake: Wake) -> int:
    """The hint's own, or what it is now."""
    if wake.version or kind not in _VERSIONS:
        return wake.version
    with contextlib.suppress(StoreUnavailable):
        return await request.app[GATEWAY].store.read(_VERSIONS[kind], wake.id) or 0
    return 0


_VERSIONS: Final[dict[str, Callable[..., int | None]]] = {
    "conversation": overview.conversation_version,
    "case": overview.case_version,
}


async def _watch(request: web.Request, socket: web.WebSocketResponse) -> None:
    principal = request[PRINCIPAL]
    while True:
        with contextlib.suppress(StoreUnavailable):
            await _note_presence(request.app[GATEWAY], principal)
        await asyncio.sleep(RECHECK)
        try:
            principal = await recognise(request, in_use=False)
        except Problem:
            await socket.close(code=SIGNED_OUT, message=b"signed out")
            return
        except StoreUnavailable:
            continue


async def _note_presence(gateway: Gateway, principal: Principal) -> None:
    """Who is given conversations by turn is given them as long as they are there: nothing is written of anybody else."""
    session = principal.session
    if session is not None and session.takes_at is not None and gateway.policy.assignment.on:
        await gateway.store.write(presence.note, session.digest)


async def close_sockets(app: web.Application) -> None:
    """At the end of the process: clients come back to the next one."""
    sockets = app[SOCKETS]
    for socket in list(sockets):
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"going away")


ROUTES = (
    Route(
        "GET",
        "/api/v1/live",
        live,
        SIGNED_IN,
        "A WebSocket that tells what changed",
        status=101,
        answers={426: "not a WebSocket"},
    ),
)
