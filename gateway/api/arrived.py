"""What could not be read, as people see it: from whom it seems to be, why it could not be read, and what became of reading it again.

Not here: the list and the order to read again (tasks.py), the original (console/postroom.py).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web

from case_store.arrivals import ParkedArrival
from case_store.files import FilesError
from case_store.records import ChannelName
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import messages
from channels.email.glance import ENOUGH, Glance, glance
from gateway.api import shapes
from gateway.api.doing import json_response
from gateway.api.routes import Query, Route
from gateway.context import GATEWAY, Gateway
from gateway.problems import invalid_field

LARGEST_FETCHED: Final = 8_000_000  # bytes of a file that is fetched for a glance at its beginning
MOST: Final = 200

_WHY: Final = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (r"headers too long", "head_too_long"),
        (r"(^|: )empty$", "empty"),
        (r"nested too deeply", "too_deep"),
        (r"took more than|took too much memory|reading process died", "too_much"),
        (r"the reader failed", "reader_failed"),
        (r"bytes, the limit is", "too_large"),
        (r"does not hand it over", "not_handed_over"),
        (r"^no channel", "no_channel"),
    )
)


def why_of(reason: str | None) -> str:
    """A name for why something could not be read, for which the console has words."""
    return next((why for pattern, why in _WHY if pattern.search(reason or "")), "other")


async def shown(gateway: Gateway, found: Sequence[ParkedArrival]) -> list[dict[str, Any]]:
    """The parked arrivals, each with a glance at who sent it."""
    heads = await gateway.store.read(_heads, [one.id for one in found if one.channel == ChannelName.EMAIL])
    glances = await asyncio.to_thread(_glances, gateway, found, heads)
    return [
        {**shapes.parked(one), "why": why_of(one.reason), "sender": seen.sender, "subject": seen.subject}
        for one, seen in zip(found, glances, strict=True)
    ]


def _heads(tx: Transaction, ids: Sequence[str]) -> dict[str, bytes]:
    a = arrivals.c
    head = sa.func.substr(a.raw, 1, ENOUGH).label("head")
    rows = tx.execute(sa.select(a.id, head).where(a.id.in_(ids), a.raw.is_not(None)))
    return {row.id: bytes(row.head) for row in rows}


def _glances(gateway: Gateway, found: Sequence[ParkedArrival], heads: dict[str, bytes]) -> list[Glance]:
    glances = []
    for one in found:
        head = heads.get(one.id, b"")
        if not head and one.channel == ChannelName.EMAIL and one.digest and one.size <= LARGEST_FETCHED:
            try:
                head = gateway.files.get(one.digest)[:ENOUGH]
            except FilesError:
                head = b""
        glances.append(glance(head) if head else Glance())
    return glances


async def became(request: web.Request) -> web.Response:
    ids = [id for id in request.query.get("ids", "").split(",") if id]
    if not 0 < len(ids) <= MOST:
        raise invalid_field("ids", f"names one to {MOST} arrivals, with commas between them")
    return json_response(shapes.whole(await request.app[GATEWAY].store.read(_became, ids)))


def _became(tx: Transaction, ids: Sequence[str]) -> list[dict[str, Any]]:
    a, m = arrivals.c, messages.c
    said = sa.select(sa.func.min(m.conversation_id)).where(m.arrival_id == a.id).scalar_subquery()
    rows = tx.execute(sa.select(a.id, a.state, a.reason, said.label("conversation")).where(a.id.in_(ids)))
    return [
        {
            "id": row.id,
            "state": row.state,
            "why": why_of(row.reason) if row.state == "parked" else None,
            "conversation": row.conversation,
        }
        for row in rows
    ]


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/arrivals",
        became,
        "cases:read",
        "What became of arrivals: still to be read, read, or put aside again",
        query=(Query("ids", f"ids of at most {MOST} arrivals, with commas between them"),),
        answers={422: "no ids, or too many"},
        answer="ArrivalStates",
    ),
)
