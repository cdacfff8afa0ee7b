"""The agents' live socket: hints that something changed, and which colleague has what open. The client fetches what it shows.

A client that says what it shows hears of that at once, and of the rest that its lists may have changed. Hints may be lost, so a client that missed some is told to reload. A socket that doesn't read is closed, and so is one whose
session has ended; a socket that is open keeps no session alive by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from weakref import WeakSet

from aiohttp import WSCloseCode, WSMsgType, web

from case_store import conversations, overview, presence
from case_store.records import Owner
from case_store.store import StoreUnavailable, Transaction, Wake
from gateway.api.routes import SIGNED_IN, Route, check_held
from gateway.api.showing import RECENTLY, Recent, Showing
from gateway.auth.principals import PRINCIPAL, REPORTS, Principal
from gateway.auth.sessions import recognise
from gateway.context import GATEWAY, Gateway
from gateway.presence import PRESENCE, Doing, Seat, is_id
from gateway.problems import Problem, forbidden
from gateway.wakeups import Subscription
from gateway.web import own_origins

HEARTBEAT: Final = 30.0
RECHECK: Final = 30.0  # how long a session that has run out may still hear that something changed, not what
READS_WITHIN: Final = 10.0
LARGEST: Final = 65_536  # bytes: five hundred conversations and as many cases
BURST: Final = 40  # frames that a client may say at once,
A_SECOND: Final = 20  # and then in a second
LISTS_EVERY: Final = 1.0
TYPING_EVERY: Final = 2.5  # the console says it every three seconds
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
_WHAT: Final = {"reply": Doing.REPLY, "note": Doing.NOTE}

SOCKETS: web.AppKey[WeakSet[web.WebSocketResponse]] = web.AppKey("live_sockets", WeakSet)


async def live(request: web.Request) -> web.WebSocketResponse:
    if not any(map(request[PRINCIPAL].may, {*_SCOPES.values()})):
        raise forbidden("not_allowed", "this takes 'conversations:read' or 'cases:read', which you do not have")
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() not in own_origins(request):
        raise forbidden("origin", "only our own pages may listen in a browser")
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, compress=False, max_msg_size=LARGEST, timeout=2)
    if not socket.can_prepare(request):
        raise Problem(426, "websocket_required", "this is a WebSocket", headers={"Upgrade": "websocket"})
    showing = Showing(request[PRINCIPAL].id)
    with request.app[GATEWAY].wakeups.subscribed(wanted=showing.wanted) as hints, _seat(request) as seat:
        await socket.prepare(request)
        request.app[SOCKETS].add(socket)
        client = Client(request, showing, hints, seat)
        await _first_of(
            _read(socket, client),
            _tell(request, socket, hints, showing),
            _join(hints, showing),
            _watch(request, socket, showing),
        )
    return socket


def _seat(request: web.Request) -> contextlib.AbstractContextManager[Seat | None]:
    """Where an agent sits for colleagues to see. A machine is nobody, and neither is who may not read what they would have open."""
    principal = request[PRINCIPAL]
    if principal.agent is None or not principal.may("conversations:read"):
        return contextlib.nullcontext()
    return request.app[PRESENCE].seat(principal)


async def _first_of(*works: Any) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(socket: web.WebSocketResponse, client: Client) -> None:
    """Who says more than a person can is read more slowly: nothing that was said is dropped, the last of it counts."""
    loop = asyncio.get_running_loop()
    left, at = float(BURST), loop.time()
    async for frame in socket:
        now = loop.time()
        left, at = min(BURST, left + (now - at) * A_SECOND) - 1, now
        if frame.type is WSMsgType.TEXT:
            await client.says(frame.data)
        if left < 0:
            await _pause(-left / A_SECOND)


class Client:
    """What a client says: what it shows, and that its agent writes. What can't be understood is ignored."""

    def __init__(self, request: web.Request, showing: Showing, hints: Subscription, seat: Seat | None) -> None:
        self._app = request.app
        self._principal = request[PRINCIPAL]
        self._showing = showing
        self._hints = hints
        self._seat = seat
        self._customer_told: tuple[str, float] | None = None

    async def says(self, data: str) -> None:
        try:
            said = json.loads(data)
        except (ValueError, RecursionError):
            return
        if not isinstance(said, dict):
            return
        if said.get("type") == "showing":
            self._shows(said)
        elif said.get("type") == "typing" and self._principal.may("conversations:write"):
            await self._types(said.get("conversation"), said.get("what", "reply"), said.get("active"))

    def _shows(self, said: dict[str, Any]) -> None:
        """`{"type":"showing","conversations":[ID…],"cases":[ID…],"open":ID or null}`"""
        others = partial(self._app[PRESENCE].others, agent=self._principal.id)
        news = self._showing.now(said, self._app[RECENTLY], others)
        if news is None:
            return
        if self._seat is not None:
            self._seat.opens(self._showing.open)
        for wake in news:
            self._hints.put(wake)

    async def _types(self, conversation: Any, what: Any, active: Any) -> None:
        """`{"type":"typing","conversation":ID,"active":true}`, with `"what":"note"` where it is none of the customer's."""
        if not (is_id(conversation) and isinstance(what, str) and what in _WHAT and isinstance(active, bool)):
            return
        if self._seat is not None:
            self._seat.writes(conversation, _WHAT[what], active)
        if what == "reply":
            await self._tell_customer(conversation, active)

    async def _tell_customer(self, conversation: str, active: bool) -> None:
        """Only of whoever answers them: what a colleague tries out beside it is not on its way to the customer."""
        now = asyncio.get_running_loop().time()
        told, at = self._customer_told or ("", 0.0)
        if told == conversation and active and now - at < TYPING_EVERY:
            return
        if not active and told != conversation:
            return
        gateway = self._app[GATEWAY]
        try:
            answers = await gateway.store.read(_answers, conversation, self._principal.id)
        except StoreUnavailable:
            return
        if answers:
            self._customer_told = (conversation, now) if active else None
            gateway.hint(Wake("agent_typing", conversation, version=int(active)))


def _answers(tx: Transaction, id: str, agent_id: str) -> bool:
    row = conversations.find(tx, id)
    return row is not None and row["owner"] == Owner.AGENT and row["agent_id"] == agent_id


async def _join(hints: Subscription, showing: Showing) -> None:
    """Tells that lists may have changed, at once and then no more than once in `LISTS_EVERY`."""
    while True:
        await showing.lists.wait()
        showing.lists.clear()
        for name in sorted(showing.stale):
            hints.put(Wake("lists", name))
        showing.stale.clear()
        await _pause(LISTS_EVERY)


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _tell(request: web.Request, socket: web.WebSocketResponse, hints: Subscription, showing: Showing) -> None:
    principal = request[PRINCIPAL]
    while True:
        frames = [await _frame(request, principal, await hints.get())]
        if showing.present:  # with any hint: the one that called for it may have been lost to a full queue
            frames.append(await _present(request, principal, showing))
        try:
            for frame in frames:
                if frame is not None:
                    await asyncio.wait_for(socket.send_json(frame), READS_WITHIN)
        except (TimeoutError, ConnectionError):
            _cut_off(request)
            return


async def _present(request: web.Request, principal: Principal, showing: Showing) -> dict[str, Any] | None:
    """Who is there now, in whichever of the conversations that are shown somebody has come, gone or begun to write."""
    about = [id for id in showing.present if showing.shows("conversation", id)]
    showing.present.clear()
    if not about or not principal.may("conversations:read"):
        return None
    return {"type": "presence", "conversations": await request.app[PRESENCE].told(about, principal.id)}


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
    if wake.kind == "lists":
        may = principal.may(f"{wake.id}:read")
        return {"type": "changed", "kind": "lists", "id": wake.id, "version": 0} if may else None
    if wake.kind == "draft":  # that something is being written is told to who writes it, on their other pages
        agent, _, conversation = wake.id.partition(":")
        return {"type": "changed", "kind": "draft", "id": conversation, "version": 0} if agent == principal.id else None
    if wake.kind == "following":
        return {"type": "changed", "kind": "following", "id": "", "version": 0} if wake.id == principal.id else None
    if wake.kind == "quality":
        return {"type": "changed", "kind": "quality", "id": "", "version": 0} if wake.id == principal.id else None
    if wake.kind == "surge":
        return {"type": "changed", "kind": "surge", "id": wake.id, "version": 0} if principal.may(REPORTS) else None
    if wake.kind == "emergency":
        return {"type": "changed", "kind": "emergency", "id": wake.id, "version": 0}
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


async def _watch(request: web.Request, socket: web.WebSocketResponse, showing: Showing) -> None:
    """Closes the socket of a session that has ended: at once where it was ended, and by and by where it has run out."""
    principal = request[PRINCIPAL]
    while True:
        with contextlib.suppress(StoreUnavailable):
            await _note_presence(request.app[GATEWAY], principal)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RECHECK):
                await showing.signed_out.wait()
        showing.signed_out.clear()
        try:
            principal = await recognise(request, in_use=False)
            check_held(principal)
        except Problem:
            await socket.close(code=SIGNED_OUT, message=b"signed out")
            return
        except StoreUnavailable:
            continue


def set_up(app: web.Application) -> None:
    """`app[GATEWAY]` has to be there."""
    app[SOCKETS] = WeakSet()
    app[RECENTLY] = Recent(app[GATEWAY].wakeups)
    app.on_shutdown.append(close_sockets)


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
