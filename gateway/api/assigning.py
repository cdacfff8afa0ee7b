"""Giving a conversation to a colleague, and putting one's own off.

Whoever is given one is called to it by a private note: nobody is given work without hearing of it. What is put off comes back at its time, or
as soon as its customer has written.
"""

from __future__ import annotations

from aiohttp import web

from case_store import conversations, notes, overview
from case_store.conversations import FARTHEST, TooFar
from case_store.idempotency import Answer
from case_store.people import Agent
from case_store.records import Owner
from case_store.store import Transaction
from gateway.api import models, shapes
from gateway.api.agents import open_account
from gateway.api.conversations import told
from gateway.api.doing import answer_of, do
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, SUPERVISE, Principal
from gateway.hooks import OWNER_CHANGED, Person
from gateway.problems import Problem, invalid_field


async def assign(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Assigned, read)
    principal, id = request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        agent = open_account(tx, "agent", asked.agent)
        before = conversations.locked(tx, id)
        told_owner, _ = conversations.answering(tx, before)
        after = conversations.assign(
            tx,
            id,
            to=(agent.id, agent.name),
            by=principal.id,
            actor=principal.actor,
            supervises=principal.may(SUPERVISE),
        )
        if after["epoch"] != before["epoch"]:
            person = Person(agent.id, agent.username, agent.name, agent.post, agent.contact)
            request.app[OWNER_CHANGED](tx, {**before, "owner": told_owner}, after, person)
            _call(tx, id, agent, asked.note, principal)
        return answer_of(shapes.conversation(overview.conversation(tx, id)))

    return await do(request, body, told(effect))


async def snooze(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Snoozed, read)
    principal, id = request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        if conversations.locked(tx, id)["owner"] != Owner.AGENT:
            raise Problem(409, "not_yours", "only a conversation that you answer is put off: take it over first")
        try:
            conversations.snooze(tx, id, until=asked.until, by=principal.id, actor=principal.actor)
        except TooFar:
            raise invalid_field("until", f"is a time to come, at most {FARTHEST.days} days away") from None
        return answer_of(shapes.conversation(overview.conversation(tx, id)))

    return await do(request, body, told(effect))


def _call(tx: Transaction, id: str, agent: Agent, words: str | None, principal: Principal) -> None:
    if agent.id == principal.id and words is None:
        return
    calls = {} if agent.id == principal.id else {agent.username: agent.id}
    author = {"author": principal.id, "author_name": principal.name, "actor": principal.actor}
    notes.add(tx, id, words or f"@{agent.username}", calls=calls, **author)


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
