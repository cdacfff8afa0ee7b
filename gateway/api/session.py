"""Signing in and out.

A wrong password and a name that nobody has are answered alike, after the same work. Failures are counted by name and
address, and by address; success forgets those of the name. What `Idempotency-Key` repeats is the session itself: only a nonce is kept, from
which token and CSRF token are derived again under the house's secret, once the password has been verified again.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from aiohttp import web

from case_store import people, presence
from case_store.idempotency import Answer, Claim
from case_store.people import Agent
from case_store.store import Transaction
from gateway.api import models
from gateway.api.doing import answer_of, claim_of, json_response, perform, secret_of
from gateway.api.keys import PASSWORDS, THROTTLE
from gateway.api.reading import read_json, validated
from gateway.api.routes import ANYONE, SIGNED_IN, Route
from gateway.auth.opening import open_session
from gateway.auth.principals import PRINCIPAL
from gateway.auth.sessions import clear_cookie, csrf_of, set_cookie, token_in
from gateway.context import GATEWAY
from gateway.problems import Problem
from gateway.translating import TRANSLATOR
from gateway.web import CLIENT


async def sign_in(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.SignIn, read)
    claim = claim_of(request, body)
    agent = await _verified(request, asked)
    answer, repeated = await perform(request, claim, lambda tx: _open(tx, request, agent, claim))
    if answer.status != 200:
        raise _wrong()
    token = secret_of(request, claim, json.loads(answer.body)["nonce"])
    response = json_response(
        {"agent": agent.to_json(), "csrf_token": csrf_of(token)},
        headers={"Idempotency-Replayed": "true"} if repeated else None,
    )
    set_cookie(request, response, token)
    return response


def _wrong() -> Problem:
    return Problem(
        401, "wrong_credentials", "the name or the password is wrong", headers={"WWW-Authenticate": "Cookie"}
    )


async def _verified(request: web.Request, asked: models.SignIn) -> Agent:
    gateway, throttle, passwords = request.app[GATEWAY], request.app[THROTTLE], request.app[PASSWORDS]
    username, address = asked.username.strip().lower(), request[CLIENT].network
    throttle.admit("sign_in", username, address)  # counted first: a hundred tries at once are a hundred tries
    throttle.check("sign_in_address", address)
    known = await gateway.store.read(people.for_sign_in, username)
    agent, hash = known if known else (None, None)
    right = await passwords.verify(hash, asked.password)
    if agent is None or hash is None or not right:
        throttle.count("sign_in_address", address)
        raise _wrong()
    throttle.forget("sign_in", username, address)
    if passwords.is_outdated(hash):
        await gateway.store.write(people.replace_hash, agent.id, hash, await passwords.hash(asked.password))
    return agent


def _open(tx: Transaction, request: web.Request, agent: Agent, claim: Claim | None) -> Answer:
    nonce = secrets.token_urlsafe(32)
    opened = open_session(tx, request, agent, secret_of(request, claim, nonce))
    # the nonce without the house's secret is worth nothing; a session without a claim is not kept at all
    return answer_of({"nonce": nonce}) if opened else answer_of({}, 401)


async def sign_out(request: web.Request) -> web.Response:
    session = request[PRINCIPAL].session
    if session is not None:
        await request.app[GATEWAY].store.write(people.end_session, session.digest)
    response = web.Response(status=204)
    clear_cookie(request, response)
    return response


async def me(request: web.Request) -> web.Response:
    """Who is signed in; a page that was loaded again gets its CSRF token here."""
    principal, token = request[PRINCIPAL], token_in(request)
    translator = request.app[TRANSLATOR]
    shown: dict[str, Any] = {
        "scopes": sorted(principal.scopes),
        "csrf_token": None,
        "by_turn": False,
        "takes": False,
        "translator": translator and translator.host,
    }
    if principal.agent is not None and token is not None:
        gateway = request.app[GATEWAY]
        shown |= principal.agent.to_json() | {"csrf_token": csrf_of(token), "by_turn": gateway.policy.assignment.on}
        shown["takes"] = shown["by_turn"] and await gateway.store.read(presence.takes, principal.agent.id)
    elif principal.key is not None:
        shown |= principal.key.to_json()
    return json_response(shown)


ROUTES = (
    Route(
        "POST",
        "/api/v1/session",
        sign_in,
        ANYONE,
        "Signs an agent in: a cookie, and a token for `X-CSRF-Token`",
        body=models.SignIn,
        answers={401: "name or password is wrong", 429: "too many failures"},
        answer="SignedIn",
    ),
    Route("DELETE", "/api/v1/session", sign_out, SIGNED_IN, "Signs out", status=204, account=True),
    Route(
        "GET",
        "/api/v1/agents/me",
        me,
        SIGNED_IN,
        "Who is signed in, with role and scopes",
        answer="Me",
        account=True,
    ),
)
