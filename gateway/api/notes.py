"""Private notes of a conversation or a case, for colleagues alone, and the calls that agents have been given in them.

A note calls an agent by `@username`. It is written into a conversation, whoever owns that: it takes nothing over and reaches no customer.
"""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from case_store import conversations, drafts, notes
from case_store.audit import conversation_chain
from case_store.conversations import NoSuchConversation
from case_store.drafts import DraftKind
from case_store.idempotency import Answer
from case_store.notes import Mention, Note
from case_store.store import Transaction
from gateway.api import models, shapes
from gateway.api.cases import case_of
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import SIGNED_IN, Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import not_found
from gateway.readings import LIST, seen


async def list_notes(request: web.Request) -> web.Response:
    return json_response(await request.app[GATEWAY].store.read(_of_conversation, request.match_info["id"]))


def _of_conversation(tx: Transaction, id: str) -> dict[str, Any]:
    if conversations.find(tx, id) is None:
        raise not_found("no conversation has this id")
    return shapes.whole([_note(one) for one in notes.of_conversation(tx, id)])


async def list_notes_of_case(request: web.Request) -> web.Response:
    return json_response(await request.app[GATEWAY].store.read(_of_case, request.match_info["key"]))


def _of_case(tx: Transaction, key: str) -> dict[str, Any]:
    return shapes.whole([_note(one) for one in notes.of_case(tx, case_of(tx, key).id)])


def _note(one: Note) -> dict[str, Any]:
    return {
        "id": one.id,
        "conversation": one.conversation_id,
        "after": str(one.after),
        "author": one.author,
        "author_name": one.author_name,
        "text": one.text,
        "at": one.at.isoformat(),
        "mentions": list(one.mentions),
    }


async def add_note(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.NoteAdded, read)
    principal, id = request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        try:
            made = notes.add(tx, id, asked.text, author=principal.id, author_name=principal.name, actor=principal.actor)
        except NoSuchConversation:
            raise not_found("no conversation has this id") from None
        drafts.sent(tx, principal.id, id, DraftKind.NOTE, text=asked.text, version=asked.draft)
        return answer_of(_note(made), 201)

    return await do(request, body, effect)


async def list_mentions(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(notes.calling, request[PRINCIPAL].id)
    seen(request, *(conversation_chain(one.note.conversation_id) for one in found))
    return json_response(shapes.whole([_mention(one) for one in found]))


def _mention(one: Mention) -> dict[str, Any]:
    return {
        "note": _note(one.note),
        "customer": one.customer,
        "seen_at": one.seen_at and one.seen_at.isoformat(),
    }


async def see_mentions(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.MentionsSeen, read)
    principal = request[PRINCIPAL]

    def effect(tx: Transaction) -> Answer:
        notes.see(tx, principal.id, asked.notes)
        return Answer(204, "")

    return await do(request, body, effect)


_NONE: Final = {404: "no such conversation"}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/conversations/{id}/notes",
        list_notes,
        "conversations:read",
        "What colleagues have noted beside a conversation; no customer ever sees it",
        answers=_NONE,
        answer="Notes",
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/notes",
        add_note,
        "conversations:write",
        "Notes something for colleagues, and calls those it names by `@username`; takes nothing over",
        body=models.NoteAdded,
        status=201,
        answers=_NONE,
        answer="Note",
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}/notes",
        list_notes_of_case,
        "conversations:read",
        "What colleagues have noted in the conversations of a case",
        answers={404: "no such case"},
        answer="Notes",
    ),
    Route(
        "GET",
        "/api/v1/mentions",
        list_mentions,
        SIGNED_IN,
        "The notes that call whoever asks: those not seen first",
        answer="Mentions",
        reads=LIST,
    ),
    Route(
        "POST",
        "/api/v1/mentions/seen",
        see_mentions,
        SIGNED_IN,
        "Whoever asks has seen these notes",
        body=models.MentionsSeen,
        status=204,
        own=True,
    ),
)
