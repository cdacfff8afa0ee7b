"""What admins do with an account beside changing its fields: one-time passwords, and closing it without leaving anybody unanswered.

A one-time password stands in one answer, as a key does, and has to be changed before anything else is done with the account.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from aiohttp import web

from case_store import leaving, people, second_factors
from case_store.idempotency import Answer
from case_store.people import Agent, NoSuchPerson
from case_store.store import Transaction
from gateway import going
from gateway.api.account_models import Closed
from gateway.api.agents import account_told, one_time_from, open_account
from gateway.api.doing import answer_of, claim_of, do, json_response, perform, response_of, secret_of
from gateway.api.keys import PASSWORDS
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.hooks import OWNER_CHANGED
from gateway.problems import invalid_field, not_found


async def look(request: web.Request) -> web.Response:
    """What stands and falls with the account."""
    idle = request.app[GATEWAY].policy.sign_in.idle

    def found(tx: Transaction) -> dict[str, Any]:
        agent = known_agent(tx, request.match_info["username"])
        work = leaving.work_of(tx, agent)
        return {
            "conversations": len(work.conversations),
            "cases": len(work.cases),
            "sessions": len(people.sessions_of(tx, agent.id, idle)),
            "second_factor": second_factors.find(tx, agent.id).confirmed_at is not None,
            "must_change_password": people.must_change(tx, agent.id),
        }

    return json_response(await request.app[GATEWAY].store.read(found))


def known_agent(tx: Transaction, username: str) -> Agent:
    """Raises 404 for nobody."""
    try:
        return people.find_agent(tx, username)
    except NoSuchPerson:
        raise not_found("nobody has this name") from None


async def close(request: web.Request) -> web.Response:
    """What they answer goes to a colleague or to the queue, their open cases to the same colleague or to nobody; all or nothing."""
    read, body = await read_json(request, required=False)
    asked = validated(Closed, read)
    username, principal = request.match_info["username"], request[PRINCIPAL]

    def effect(tx: Transaction) -> Answer:
        to = None if asked.to is None else open_account(tx, "to", asked.to)
        if to is not None and to.username == username:
            raise invalid_field("to", "is somebody else than whose account is closed")
        by, told = principal.giver(), request.app[OWNER_CHANGED]
        closed, work = going.close_account(tx, username, by=by, told=told, to=to)
        return answer_of({**closed.to_json(), "handed_over": work.counted})

    return await do(request, body, account_told(effect))


async def renew_password(request: web.Request) -> web.Response:
    """For who has forgotten theirs: a new one, told once, and their sessions end."""
    _, body = await read_json(request, required=False)
    username, actor, claim = request.match_info["username"], request[PRINCIPAL].actor, claim_of(request, body)
    nonce = secrets.token_urlsafe(32)
    hash = await request.app[PASSWORDS].hash(one_time_from(secret_of(request, claim, nonce)))

    def effect(tx: Transaction) -> Answer:
        people.change_agent(tx, username, {"password_hash": hash, "must_change": True}, actor=actor)
        return answer_of({"nonce": nonce})

    answer, repeated = await perform(request, claim, account_told(effect))
    if answer.status != 200:
        return response_of(answer, repeated=repeated)
    seed = secret_of(request, claim, json.loads(answer.body)["nonce"])
    return json_response({"one_time_password": one_time_from(seed)})


ROUTES = (
    Route(
        "GET",
        "/api/v1/agents/{username}/work",
        look,
        "admin",
        "What an agent answers and is responsible for, and how they sign in: what closing the account would leave",
        answers={404: "nobody has this name"},
        answer="AgentWork",
    ),
    Route(
        "POST",
        "/api/v1/agents/{username}/close",
        close,
        "admin",
        "Closes an account, and hands what it answers to a colleague or to the queue",
        body=Closed,
        body_required=False,
        answers={404: "nobody has this name", 409: "nobody would be left who may manage accounts"},
        answer="AgentClosed",
    ),
    Route(
        "POST",
        "/api/v1/agents/{username}/password",
        renew_password,
        "admin",
        "A new one-time password, shown this once, which has to be changed at the first sign-in",
        answers={404: "nobody has this name"},
        answer="OneTimePassword",
    ),
)
