"""What the console asks beside the contract's routes: a case's contacts and files, and what a change would tell.

A preview makes the change in a savepoint, lets the notices be written as they would be, reads them, and undoes all of it: what
is shown is what would leave, by the way it would leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from aiohttp import web

from case_store import attachments, cases, contacts
from case_store.case_record import CaseRecord
from case_store.cases import NoSuchCase
from case_store.records import Status
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries, tasks
from gateway.api import models, shapes
from gateway.api.doing import json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route, add_routes
from gateway.attachments import shown
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.hooks import CASE_CHANGED, FILE_CASE
from gateway.problems import invalid_field, not_found
from gateway.readings import CASE


def add(app: web.Application) -> None:
    add_routes(app, ROUTES)


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
        reads=CASE,
    ),
)
