"""Giving a conversation to a colleague, and putting one's own off.

Whoever is given one is called to it by a private note: nobody is given work without hearing of it. What is put off comes back at its time, or
as soon as its customer has written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from case_store import conversations, notes, overview, ownership
from case_store.audit import NOTHING
from case_store.idempotency import Answer
from case_store.ownership import FARTHEST, TooFar
from case_store.people import Agent
from case_store.records import Owner
from case_store.store import Transaction
from gateway import going
from gateway.api import models
from gateway.api.agents import open_account
from gateway.api.conversations import shown_to, told
from gateway.api.doing import answer_of, do
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.hooks import OWNER_CHANGED
from gateway.problems import Problem, invalid_field

Row = Mapping[Any, Any]


async def assign(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Assigned, read)
    id = request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        given(request, tx, id, open_account(tx, "agent", asked.agent), asked.note)
        return answer_of(shown_to(request, overview.conversation(tx, id)))

    return await do(request, body, told(effect))


def given(
    request: web.Request, tx: Transaction, id: str, agent: Agent, note: str | None, beside: Mapping[str, Any] = NOTHING
) -> tuple[Row, str | None]:
    """The row under lock, the colleague's now, and the note that has called them; the customer is told in the same unit."""
    return going.given(tx, id, agent, note, request[PRINCIPAL].giver(), request.app[OWNER_CHANGED], beside)


def called_off(tx: Transaction, note: str) -> None:
    """The colleague whom this note was to call has it no more, and is called to it no more."""
    notes.call_nobody(tx, [note])


async def snooze(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Snoozed, read)
    principal, id = request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        put_off(tx, id, asked.until, principal)
        return answer_of(shown_to(request, overview.conversation(tx, id)))

    return await do(request, body, told(effect))


def put_off(
    tx: Transaction, id: str, until: datetime | None, principal: Principal, beside: Mapping[str, Any] = NOTHING
) -> Row:
    """The row under lock, put off or taken up again by whoever answers it."""
    if conversations.locked(tx, id)["owner"] != Owner.AGENT:
        raise Problem(409, "not_yours", "only a conversation that you answer is put off: take it over first")
    try:
        return ownership.snooze(tx, id, until=until, by=principal.id, actor=principal.actor, beside=beside)
    except TooFar:
        raise invalid_field("until", f"is a time to come, at most {FARTHEST.days} days away") from None


ROUTES = (
    Route(
        "POST",
        "/api/v1/conversations/{id}/snooze",
        snooze,
        "conversations:write",
        "Puts a conversation that the caller answers off until a time or its customer's next words; null takes it up again",
        body=models.Snoozed,
        answers={
            404: "no such conversation",
            409: "not the caller's conversation",
            422: "a time that has passed, or is too far away",
        },
        answer="Conversation",
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/assign",
        assign,
        "conversations:write",
        "Gives it to a colleague, and calls them to it; out of another agent's hands it takes a supervisor",
        body=models.Assigned,
        answers={
            404: "no such conversation",
            409: "another agent's conversation",
            422: "nobody with an open account has this name",
        },
        answer="Conversation",
    ),
)
