"""Who takes conversations by turn: an agent says so themselves, sees what was given to them, and who could answer instead of them.

Not here: who is given what (gateway/giving.py), giving by hand (assigning.py), what an agent can do (agents.py).
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from case_store import conversations, givings, overview, ownership, people, presence
from case_store.audit import Entry
from case_store.idempotency import Answer
from case_store.people import Agent
from case_store.records import Owner
from case_store.store import Transaction
from gateway import giving
from gateway.api import models, shapes
from gateway.api.conversations import shown_to, told
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.assignment_policy import Assignment
from gateway.auth.principals import PRINCIPAL
from gateway.choosing import Colleague, Lack, lacks
from gateway.context import GATEWAY
from gateway.hooks import OWNER_CHANGED
from gateway.policy import Policy
from gateway.problems import Problem, forbidden, not_found

BY_TURN = (Lack.AWAY, Lack.FULL)


async def say(request: web.Request) -> web.Response:
    """In this browser the agent takes conversations, or they take none any more, in whatever browser."""
    read, body = await read_json(request)
    asked = validated(models.Availability, read)
    session = request[PRINCIPAL].session
    if session is None:
        raise forbidden("not_allowed", "a machine is given no conversations")
    if asked.takes and not request.app[GATEWAY].policy.assignment.on:
        raise Problem(409, "not_by_turn", 'nothing is given by turn here: the policy says assignment.mode = "off"')

    def effect(tx: Transaction) -> Answer:
        presence.say(tx, session.agent.id, session.digest, takes=asked.takes)
        return answer_of({"takes": asked.takes})

    return await do(request, body, effect)


async def opened(request: web.Request) -> web.Response:
    """The caller has looked at what was given to them: from now on it stays theirs, and a live customer is told who is there."""
    read, body = await read_json(request, required=False)
    validated(models.Opened, read)
    principal, id = request[PRINCIPAL], request.match_info["id"]
    person = principal.person()

    def effect(tx: Transaction) -> Answer:
        row = conversations.locked(tx, id)
        if row["owner"] != Owner.AGENT or row["agent_id"] != principal.id:
            raise Problem(409, "not_yours", "only who answers a conversation opens it: it may have gone back meanwhile")
        if ownership.look_at(tx, row):
            conversations.add_messages(tx, row, [], entries=[Entry(principal.actor, "opened")])
            waited = {**row, "owner": Owner.QUEUE.value, "agent_id": None}
            request.app[OWNER_CHANGED](tx, waited, conversations.locked(tx, id), person)
        return answer_of(shown_to(request, overview.conversation(tx, id)))

    return await do(request, body, told(effect))


async def list_colleagues(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(_colleagues, request.app[GATEWAY].policy, request.match_info["id"])
    return json_response(shapes.whole(found))


def _colleagues(tx: Transaction, policy: Policy, id: str) -> list[dict[str, Any]]:
    """Everybody with an open account, those first who could answer this conversation, and of them who has the fewest."""
    assignment, about = policy.assignment, givings.glance(tx, id)
    if about is None:
        raise not_found("no conversation has this id")
    need = giving.need_of(about, assignment)
    by_id = {agent.id: agent for agent in people.all_agents(tx)}
    shown = [
        (one, by_id[one.id], tuple(lack for lack in lacks(one, need) if assignment.on or lack not in BY_TURN))
        for one in giving.colleagues(tx, policy, everybody=True)
    ]
    shown.sort(key=lambda each: (Lack.AWAY in each[2], len(each[2]), each[0].load, each[1].name, each[1].username))
    return [_colleague(one, agent, lacking, assignment) for one, agent, lacking in shown]


def _colleague(one: Colleague, agent: Agent, lacking: tuple[Lack, ...], assignment: Assignment) -> dict[str, Any]:
    return agent.to_json() | {
        "available": one.available,
        "load": one.load,
        "limit": one.most if assignment.on else None,
        "lacks": [lack.value for lack in lacking],
    }


ROUTES = (
    Route(
        "POST",
        "/api/v1/agents/me/availability",
        say,
        "conversations:write",
        "Says whether the caller is given conversations by turn; it holds while this browser is there",
        body=models.Availability,
        answers={409: "nothing is given by turn here"},
        answer="Availability",
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/opened",
        opened,
        "conversations:write",
        "The caller has looked at what was given to them by turn: it does not go back any more",
        body=models.Opened,
        body_required=False,
        answers={404: "no such conversation", 409: "not the caller's conversation"},
        answer="Conversation",
    ),
    Route(
        "GET",
        "/api/v1/conversations/{id}/colleagues",
        list_colleagues,
        "conversations:read",
        "Who could answer it: those first who can and are there, each with what keeps them from it",
        answers={404: "no such conversation"},
        answer="Colleagues",
        reads_nothing=True,
    ),
)
