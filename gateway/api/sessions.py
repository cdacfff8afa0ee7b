"""Who is signed in where: one's own sessions, and for admins those of anybody; each ended at once.

A session is named by a digest of what the store keeps of it, which signs nobody in. The live socket of a session that is ended
closes in the same moment.
"""

from __future__ import annotations

import hashlib
from typing import Any

from aiohttp import web

from case_store import audit, people
from case_store.audit import HOUSE, Entry
from case_store.idempotency import Answer
from case_store.people import Agent, OpenSession
from case_store.store import Transaction
from gateway.api import shapes
from gateway.api.accounts import known_agent
from gateway.api.doing import answer_of, do, json_response, undone
from gateway.api.reading import read_json
from gateway.api.routes import SIGNED_IN, Route
from gateway.api.second_factor import own_agent
from gateway.auth.browsers import browser_of
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import not_found


def _name(digest: str) -> str:
    return hashlib.sha256(f"session {digest}".encode()).hexdigest()[:24]


def _shown(one: OpenSession, here: str | None) -> dict[str, Any]:
    browser, system = browser_of(one.client)
    return {
        "id": _name(one.digest),
        "here": one.digest == here,
        "network": one.network,
        "browser": browser,
        "system": system,
        "how": one.how,
        "since": one.created_at.isoformat(),
        "last_used": one.seen_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
    }


async def list_own(request: web.Request) -> web.Response:
    return await _listed(request, own_agent(request))


async def list_of(request: web.Request) -> web.Response:
    return await _listed(request, await request.app[GATEWAY].store.read(known_agent, request.match_info["username"]))


async def _listed(request: web.Request, agent: Agent) -> web.Response:
    gateway, session = request.app[GATEWAY], request[PRINCIPAL].session
    here = None if session is None else session.digest
    found = await gateway.store.read(people.sessions_of, agent.id, gateway.policy.sign_in.idle)
    return json_response(shapes.whole([_shown(one, here) for one in found]))


async def end_own(request: web.Request) -> web.Response:
    agent, principal, id = own_agent(request), request[PRINCIPAL], request.match_info["id"]
    idle = request.app[GATEWAY].policy.sign_in.idle

    def effect(tx: Transaction) -> None:
        digest = next((one.digest for one in people.sessions_of(tx, agent.id, idle) if _name(one.digest) == id), None)
        if digest is None:
            raise not_found("no session of yours has this id: it may have ended")
        people.end_session(tx, digest)
        _note(tx, agent, 1, principal.actor)

    return await undone(request, effect)


async def end_others(request: web.Request) -> web.Response:
    """All but the one that asks."""
    _, body = await read_json(request, required=False)
    agent, principal = own_agent(request), request[PRINCIPAL]
    here = principal.session.digest if principal.session else None

    def effect(tx: Transaction) -> Answer:
        ended = people.end_sessions(tx, agent.id, but=here)
        _note(tx, agent, ended, principal.actor)
        return answer_of({"ended": ended})

    return await do(request, body, effect)


async def end_all_of(request: web.Request) -> web.Response:
    _, body = await read_json(request, required=False)
    username, principal = request.match_info["username"], request[PRINCIPAL]

    def effect(tx: Transaction) -> Answer:
        agent = known_agent(tx, username)
        ended = people.end_sessions(tx, agent.id)
        _note(tx, agent, ended, principal.actor)
        return answer_of({"ended": ended})

    return await do(request, body, effect)


def _note(tx: Transaction, agent: Agent, ended: int, actor: str) -> None:
    if ended:
        audit.append(tx, HOUSE, Entry(actor, "sessions_ended", {"username": agent.username, "sessions": ended}))


ROUTES = (
    Route(
        "GET",
        "/api/v1/agents/me/sessions",
        list_own,
        SIGNED_IN,
        "Where the caller is signed in, the latest used first",
        answer="Sessions",
        account=True,
    ),
    Route(
        "DELETE",
        "/api/v1/agents/me/sessions/{id}",
        end_own,
        SIGNED_IN,
        "Ends one of the caller's sessions",
        status=204,
        answers={404: "no such session"},
        account=True,
    ),
    Route(
        "POST",
        "/api/v1/agents/me/sessions/end-others",
        end_others,
        SIGNED_IN,
        "Ends all sessions of the caller but this one",
        answer="SessionsEnded",
        account=True,
    ),
    Route(
        "GET",
        "/api/v1/agents/{username}/sessions",
        list_of,
        "admin",
        "Where an agent is signed in",
        answers={404: "nobody has this name"},
        answer="Sessions",
    ),
    Route(
        "POST",
        "/api/v1/agents/{username}/sessions/end",
        end_all_of,
        "admin",
        "Ends all sessions of an agent",
        answers={404: "nobody has this name"},
        answer="SessionsEnded",
    ),
)
