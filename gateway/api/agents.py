"""Accounts and API keys. Who signs in sees who their colleagues are; only an admin changes anything but the own password."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from case_store import leaving, people
from case_store.idempotency import Answer, Claim
from case_store.people import Agent, LastAdmin, NameTaken, NewAgent, NoSuchPerson
from case_store.records import Role
from case_store.store import Transaction
from gateway import going
from gateway.api import models, shapes
from gateway.api.doing import answer_of, claim_of, do, json_response, perform, response_of, secret_of, undone
from gateway.api.keys import PASSWORDS
from gateway.api.reading import read_json, validated
from gateway.api.routes import SIGNED_IN, Route
from gateway.api.session import check_own_password
from gateway.auth.principals import PRINCIPAL
from gateway.auth.sessions import KEY_PREFIX, clear_cookie, digest_of
from gateway.context import GATEWAY
from gateway.hooks import OWNER_CHANGED
from gateway.problems import Problem, forbidden, invalid_field, not_found

T = TypeVar("T")


def open_account(tx: Transaction, field: str, username: str) -> Agent:
    """The agent that a field of a request names. Raises 422 for nobody, and for an account that is closed."""
    try:
        agent = people.find_agent(tx, username)
    except NoSuchPerson:
        raise invalid_field(field, "is the username of an agent") from None
    if not agent.active:
        raise invalid_field(field, "is the username of an agent whose account is open")
    if not agent.answers:
        raise invalid_field(field, "is the username of an agent who answers customers, not of one who only reads")
    return agent


async def list_agents(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(people.all_agents)
    return json_response(shapes.whole([agent.to_json() for agent in found]))


async def add_agent(request: web.Request) -> web.Response:
    """Where no password is sent, a one-time password is in this answer and nowhere else (accounts.py)."""
    read, body = await read_json(request)
    asked = validated(models.AgentAdded, read)
    claim, actor, nonce = claim_of(request, body), request[PRINCIPAL].actor, secrets.token_urlsafe(32)
    once = asked.password is None
    hash = await request.app[PASSWORDS].hash(asked.password or one_time_from(secret_of(request, claim, nonce)))
    new = NewAgent(**asked.model_dump(exclude={"password"}), password_hash=hash, must_change=once)

    def effect(tx: Transaction) -> Answer:
        added = people.add_agent(tx, new, actor=actor).to_json()
        return answer_of({"added": added, "nonce": nonce if once else None}, 201)

    answer, repeated = await perform(request, claim, account_told(effect))
    if answer.status != 201:
        return response_of(answer, repeated=repeated)
    kept: dict[str, Any] = json.loads(answer.body)
    shown = kept["added"]
    if kept["nonce"] is not None:
        shown["one_time_password"] = one_time_from(secret_of(request, claim, kept["nonce"]))
    return json_response(shown, 201, {"Idempotency-Replayed": "true"} if repeated else None)


def one_time_from(seed: str) -> str:
    """Eighty bits, as somebody reads them out. `seed` is random and long."""
    word = base64.b32encode(hmac.digest(seed.encode(), b"one-time-password", "sha256")).decode().lower()[:16]
    return "-".join(word[at : at + 4] for at in range(0, 16, 4))


async def change_agent(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    changes = validated(models.AgentChange, read).model_dump(mode="json", exclude_unset=True)
    if (
        "password" in changes
        and request[PRINCIPAL].agent
        and request.match_info["username"] == request[PRINCIPAL].username
    ):
        raise forbidden("own_account", "the own password is changed by whoever shows the one before")
    if "password" in changes:
        changes["password_hash"] = await request.app[PASSWORDS].hash(changes.pop("password"))
    username, by, told = request.match_info["username"], request[PRINCIPAL].giver(), request.app[OWNER_CHANGED]

    def effect(tx: Transaction) -> Answer:
        if changes.get("active") is False:
            return answer_of(going.close_account(tx, username, by=by, told=told, changes=changes)[0].to_json())
        if changes.get("role") == Role.COMPLIANCE:
            _check_has_no_work(tx, username)
        return answer_of(people.change_agent(tx, username, changes, actor=by.actor).to_json())

    return await do(request, body, account_told(effect))


def _check_has_no_work(tx: Transaction, username: str) -> None:
    """Whoever only reads from now on must leave nobody unanswered."""
    work = leaving.work_of(tx, people.find_agent(tx, username))
    if work.any:
        answered, named = len(work.conversations), len(work.cases)
        told = f"they answer {answered} conversations and have {named} open cases: hand them over first"
        raise Problem(409, "has_work", told, conversations=answered, cases=named)


def account_told(effect: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    def guarded(tx: Transaction) -> T:
        try:
            return effect(tx)
        except NoSuchPerson:
            raise not_found("nobody has this name") from None
        except NameTaken:
            raise Problem(409, "name_taken", "another agent has this username") from None
        except LastAdmin:
            raise Problem(409, "last_admin", "nobody would be left who may manage accounts") from None

    return guarded


async def change_own_password(request: web.Request) -> web.Response:
    """Ends all sessions of the account, this one too: sign in again with the new password."""
    agent = request[PRINCIPAL].agent
    if agent is None:
        raise forbidden("not_allowed", "a machine has no password")
    read, body = await read_json(request)
    asked = validated(models.OwnPassword, read)
    await check_own_password(request, agent, asked.old)
    if asked.new == asked.old:
        raise invalid_field("new", "is another than the one before")
    changes = {"password_hash": await request.app[PASSWORDS].hash(asked.new)}

    def effect(tx: Transaction) -> Answer:
        people.change_agent(tx, agent.username, changes, actor=request[PRINCIPAL].actor, own=True)
        return Answer(204, "")

    response = await do(request, body, account_told(effect))
    clear_cookie(request, response)
    return response


async def list_keys(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(people.all_keys)
    return json_response(shapes.whole([key.to_json() for key in found]))


async def add_key(request: web.Request) -> web.Response:
    """The key is in this answer and nowhere else; of a repeated request it is derived again, as a session is."""
    read, body = await read_json(request)
    asked = validated(models.KeyAdded, read)
    claim, actor = claim_of(request, body), request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        if asked.expires_at is not None and asked.expires_at <= tx.now:
            raise invalid_field("expires_at", "is a time to come")
        nonce = secrets.token_urlsafe(32)
        made = people.add_key(
            tx,
            name=asked.name,
            scopes=asked.scopes,
            digest=digest_of(key_of(request, claim, nonce)),
            actor=actor,
            expires_at=asked.expires_at,
        )
        return answer_of({"nonce": nonce, "made": made.to_json()}, 201)

    answer, repeated = await perform(request, claim, effect)
    if answer.status != 201:
        return response_of(answer, repeated=repeated)
    kept: dict[str, Any] = json.loads(answer.body)
    return json_response({**kept["made"], "key": key_of(request, claim, kept["nonce"])}, 201)


def key_of(request: web.Request, claim: Claim | None, nonce: str) -> str:
    return KEY_PREFIX + secret_of(request, claim, nonce)


async def revoke_key(request: web.Request) -> web.Response:
    id, by, told = request.match_info["id"], request[PRINCIPAL].giver(), request.app[OWNER_CHANGED]

    def effect(tx: Transaction) -> None:
        going.revoke_key(tx, id, by=by, told=told)

    return await undone(request, account_told(effect))


ROUTES = (
    Route("GET", "/api/v1/agents", list_agents, "conversations:read", "Everybody who has an account", answer="Agents"),
    Route(
        "POST",
        "/api/v1/agents",
        add_agent,
        "admin",
        "Opens an account; without a password it is given a one-time one, shown this once",
        body=models.AgentAdded,
        status=201,
        answers={409: "the username is taken"},
        answer="AgentMade",
    ),
    Route(
        "POST",
        "/api/v1/agents/me/password",
        change_own_password,
        SIGNED_IN,
        "Changes the own password and ends all own sessions",
        body=models.OwnPassword,
        status=204,
        account=True,
    ),
    Route(
        "PATCH",
        "/api/v1/agents/{username}",
        change_agent,
        "admin",
        "Changes an account: name, role, password, open or closed; closed, what it answers goes back to the queue",
        body=models.AgentChange,
        answers={404: "nobody has this name", 409: "nobody would be left who may manage accounts"},
        answer="Agent",
    ),
    Route("GET", "/api/v1/keys", list_keys, "admin", "API keys, without the keys themselves", answer="Keys"),
    Route(
        "POST",
        "/api/v1/keys",
        add_key,
        "admin",
        "Makes an API key, shown this once",
        body=models.KeyAdded,
        status=201,
        answer="KeyMade",
    ),
    Route(
        "DELETE",
        "/api/v1/keys/{id}",
        revoke_key,
        "admin",
        "Revokes an API key; conversations that it has taken over go back to the queue",
        status=204,
        answers={404: "no such key"},
    ),
)
