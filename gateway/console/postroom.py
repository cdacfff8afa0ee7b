"""What came and is no message, for agents: mails returned, answers of machines, what could not be read; each as it came.

Not here: attachments and originals of messages (originals.py), reading parked ones again (gateway/api/tasks.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from aiohttp import web

from case_store import cases, postroom
from case_store.audit import case_chain, conversation_chain
from case_store.cases import NoSuchCase
from case_store.pages import LastSeen
from case_store.postroom import Wanted
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from gateway.api import shapes
from gateway.api.doing import json_response
from gateway.api.paging import by, page_of
from gateway.api.routes import Query, Route, add_routes
from gateway.console.originals import ALL_THE_SAME, KEPT_BACK, give_original
from gateway.context import GATEWAY
from gateway.problems import not_found
from gateway.readings import LIST, Reads, seen

SHOWN_TEXT: Final = 500

Row = Mapping[Any, Any]


def add(app: web.Application) -> None:
    add_routes(app, ROUTES)


async def list_events(request: web.Request) -> web.Response:
    case, conversation = request.query.get("case"), request.query.get("conversation")
    page = page_of(request, partial(_events, case=case, conversation=conversation), by("at"))
    found = await request.app[GATEWAY].store.read(page)
    seen(request, *(case_chain(row["case_id"]) for row in found.items if row["case_id"]))
    return json_response(found.shown(_event))


def _events(
    tx: Transaction, *, case: str | None, conversation: str | None, after: LastSeen | None, limit: int
) -> list[Row]:
    case_id = _case_id(tx, case) if case else None
    return postroom.events_of(tx, Wanted(case_id, conversation, after, limit))


def _event(row: Row) -> dict[str, Any]:
    detail = row["detail"]
    text = detail.get("text") or detail.get("detail") or ""
    return {
        "id": row["id"],
        "kind": row["kind"],
        "at": row["at"].isoformat(),
        "case": row["case_id"],
        "conversation": row["conversation_id"],
        "arrival": row["arrival_id"],
        "sender": detail.get("sender"),
        "address": detail.get("address"),
        "subject": detail.get("subject"),
        "status": detail.get("status"),
        "proved": bool(detail.get("proved")),
        "text": text[:SHOWN_TEXT],
    }


async def list_notices(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(_notices, request.match_info["key"])
    return json_response(shapes.whole([_notice(row) for row in found]))


def _notices(tx: Transaction, key: str) -> list[Row]:
    return postroom.notices_of(tx, _case_id(tx, key))


def _notice(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "occasion": row["occasion"].partition(":")[0],
        "channel": row["channel"],
        "address": row["address"],
        "state": row["state"],
        "error": row["error"],
        "attempts": row["attempts"],
        "created_at": row["created_at"].isoformat(),
        "sent_at": row["sent_at"] and row["sent_at"].isoformat(),
        "next_attempt_at": row["due_at"] and row["due_at"].isoformat(),
    }


def _case_id(tx: Transaction, key: str) -> str:
    try:
        return cases.get(tx, parse_reference(key) or key).id
    except (NoSuchCase, MistypedReference):
        raise not_found("no case has this id or reference number") from None


async def original(request: web.Request) -> web.Response:
    row = await request.app[GATEWAY].store.read(postroom.original_of, request.match_info["id"])
    if row is None:
        raise not_found("nothing with this id has arrived")
    talks = await request.app[GATEWAY].store.read(postroom.read_into, row["id"])
    seen(request, f"arrival:{row['id']}", *map(conversation_chain, talks), of=row["id"])
    return await give_original(request, row)


_MISSING: Final = {404: "there is no such thing"}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/events",
        list_events,
        "cases:read",
        "What came and is no message: mails returned, answers of machines. Without a filter those that belong to nothing",
        query=(
            Query("case", "id or reference number"),
            Query("conversation", "id"),
            Query("cursor", "from the page before"),
            Query("limit", "how many, at most 200"),
        ),
        answers=_MISSING,
        answer="ChannelEvents",
        reads=LIST,
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}/notices",
        list_notices,
        "cases:read",
        "What was sent about a case beside its conversations, and how far it has come",
        answers=_MISSING,
        answer="Notices",
    ),
    Route(
        "GET",
        "/api/v1/arrivals/{id}/original",
        original,
        "conversations:read",
        "What arrived, exactly as it came; also what could not be read",
        query=ALL_THE_SAME,
        answers={**_MISSING, **KEPT_BACK},
        media_type="message/rfc822",
        reads=Reads("original", first=True),
    ),
)
