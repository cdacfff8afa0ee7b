"""What the console asks beside the contract's routes: cases by the day they are due, a case's contacts, and what a change would tell.

A preview makes the change in a savepoint, lets the notices be written as they would be, reads them, and undoes all of it: what
is shown is what would leave, by the way it would leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web

from case_store import attachments, cases, contacts
from case_store.cases import CaseRecord, NoSuchCase
from case_store.records import Status
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from case_store.tables import cases as case_rows
from case_store.tables import conversations, deliveries, messages, tasks
from gateway.api import models, shapes
from gateway.api.doing import json_response
from gateway.api.reading import cursor_of, read_cursor, read_json, read_limit, validated
from gateway.api.routes import Query, Route, add_routes
from gateway.attachments import shown
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.hooks import CASE_CHANGED, FILE_CASE
from gateway.problems import invalid_field, not_found


def add(app: web.Application) -> None:
    add_routes(app, ROUTES)


async def list_due(request: web.Request) -> web.Response:
    limit = read_limit(request)
    assignee = request.query.get("assignee")
    mine = request[PRINCIPAL].username if assignee == "me" else assignee or None
    store = request.app[GATEWAY].store
    found = await store.read(_due, mine, read_cursor(request), limit + 1)
    return json_response(shapes.page(found, limit, CaseRecord.to_json, _due_cursor))


def _due_cursor(record: CaseRecord) -> str:
    assert record.feedback_due_at is not None
    return cursor_of(record.feedback_due_at, record.id)


def _due(tx: Transaction, assignee: str | None, after: tuple[datetime, str] | None, limit: int) -> list[CaseRecord]:
    """Open cases by the day they are due, the most pressing first."""
    c = case_rows.c
    found = sa.select(case_rows).where(c.feedback_due_at.is_not(None), c.status.in_(cases.OPEN))
    if assignee is not None:
        found = found.where(c.assignee == assignee)
    if after is not None:
        key = sa.literal(after[0], c.feedback_due_at.type), sa.literal(after[1], c.id.type)
        found = found.where(sa.tuple_(c.feedback_due_at, c.id) > sa.tuple_(*key))
    return cases.records(tx, tx.execute(found.order_by(c.feedback_due_at, c.id).limit(limit)).mappings().all())


async def list_contacts(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(_contacts, request.match_info["key"])
    return json_response(shapes.whole(found))


def _contacts(tx: Transaction, key: str) -> list[dict[str, Any]]:
    return [
        {"address": address, "kind": kind, "proof": proof, "bounced_at": bounced_at and bounced_at.isoformat()}
        for address, kind, proof, bounced_at in contacts.contacts_of(tx, _case(tx, key).id)
    ]


async def list_attachments(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(_attachments, request.match_info["key"])
    return json_response(shapes.whole(found))


def _attachments(tx: Transaction, key: str) -> list[dict[str, Any]]:
    """Evidence belongs to its case (handbook 2.1.1): what was handed in with it, whichever conversation it stands in."""
    return [
        {
            **shown(row),
            "conversation": row["conversation_id"],
            "message": str(row["message"]),
            "sender": row["sender"],
            "at": row["at"].isoformat(),
        }
        for row in attachments.of_case(tx, _case(tx, key).id)
    ]


def _case(tx: Transaction, key: str) -> CaseRecord:
    try:
        return cases.get(tx, parse_reference(key) or key)
    except (NoSuchCase, MistypedReference):
        raise not_found("no case has this id or reference number") from None


async def preview(request: web.Request) -> web.Response:
    read, _ = await read_json(request)
    asked = validated(models.CaseChange, read).model_dump(mode="json", exclude_unset=True)
    told = await request.app[GATEWAY].store.write(_would_tell, request, asked)
    return json_response(shapes.whole(told))


def _would_tell(tx: Transaction, request: web.Request, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    woken = len(tx.wakes)
    savepoint = tx.connection.begin_nested()
    try:
        before = _case(tx, request.match_info["key"])
        known = _notices(tx, before).keys()
        _change(tx, request, before, dict(asked))
        return [notice for key, notice in _notices(tx, before).items() if key not in known]
    finally:
        savepoint.rollback()
        del tx.wakes[woken:]


def _change(tx: Transaction, request: web.Request, before: CaseRecord, asked: dict[str, Any]) -> None:
    note, actor = asked.pop("note", None), request[PRINCIPAL].actor
    status = asked.get("status", before.status)
    if before.status is Status.DRAFT and status not in (Status.DRAFT, Status.WITHDRAWN):
        request.app[FILE_CASE](tx, before.id, actor)
    try:
        after = cases.change(tx, before.id, asked, actor=actor)
    except ValueError as error:
        raise invalid_field("", str(error)) from None
    request.app[CASE_CHANGED](tx, before, after, note, actor)


def _notices(tx: Transaction, case: CaseRecord) -> dict[tuple[str, ...], dict[str, Any]]:
    """What customers of the case have been told or are to be told, by a key of its own."""
    c, m, d, k = conversations.c, messages.c, deliveries.c, tasks.c
    said = (
        sa.select(m.conversation_id, m.number, m.text, c.channel)
        .join(conversations, c.id == m.conversation_id)
        .where(m.conversation_id.in_(case.conversations), m.sender == "system")
    )
    queued = sa.select(d.id, d.channel, d.address, d.payload).where(d.case_id == case.id, d.sender == "system")
    asked = sa.select(k.id, k.kind, k.words).where(k.case_id == case.id)
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in tx.execute(said):
        key = ("said", row.conversation_id, str(row.number))
        found[key] = {"way": row.channel, "address": None, "subject": None, "text": row.text}
    for row in tx.execute(queued):
        payload = row.payload
        told = {"subject": payload.get("subject"), "text": payload.get("text", "")}
        found["sent", row.id] = {"way": row.channel, "address": row.address, **told}
    for row in tx.execute(asked):
        found["asked", row.id] = {"way": row.kind, "address": None, "subject": None, "text": row.words}
    return found


_KEYED: Final = {404: "no such case"}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/due",
        list_due,
        "cases:read",
        "Open cases, the most pressing first",
        query=(
            Query("assignee", "username, or `me`"),
            Query("cursor", "`next_cursor` of the page before"),
            Query("limit", "how many, at most 200"),
        ),
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}/contacts",
        list_contacts,
        "cases:read",
        "How its customer may be reached: proved or only typed, bounced",
        answers=_KEYED,
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}/attachments",
        list_attachments,
        "cases:read",
        "The files that were handed in with it",
        answers=_KEYED,
        answer="Attachments",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/preview",
        preview,
        "cases:write",
        "What the customer would be told of a change, and by which way; changes nothing",
        body=models.CaseChange,
        answers={**_KEYED, 422: "a wrong field"},
    ),
)
