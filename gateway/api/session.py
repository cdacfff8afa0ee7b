"""Signing in and out.

A wrong password and a name that nobody has are answered alike, after the same work. Failures are counted by name and
address, and by address; success forgets those of the name. What `Idempotency-Key` repeats is the session itself: only a nonce is kept, from
which token and CSRF token are derived again under the house's secret, once the password has been verified again.
"""

from __future__ import annotations

import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from case_store import people, presence, second_factors, teams
from case_store.idempotency import Answer, Claim
from case_store.people import Agent
from case_store.store import Transaction
from gateway.api import guessing
from gateway.api.account_models import SignIn
from gateway.api.doing import answer_of, claim_of, json_response, perform, secret_of
from gateway.api.keys import PASSWORDS, SECOND_FACTORS, THROTTLE
from gateway.api.reading import read_json, validated
from gateway.api.routes import ANYONE, SIGNED_IN, Route
from gateway.auth.opening import open_session
from gateway.auth.principals import PRINCIPAL
from gateway.auth.sessions import clear_cookie, csrf_of, digest_of, set_cookie, today, token_in
from gateway.context import GATEWAY
from gateway.problems import Problem, forbidden
from gateway.translating import TRANSLATOR
from gateway.web import CLIENT

CHALLENGE_LASTS: Final = timedelta(minutes=5)


async def sign_in(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(SignIn, read)
    claim = claim_of(request, body)
    request.app[THROTTLE].admit("sign_ins", request[CLIENT].network)
    agent, hash = await (_by_password(request, asked) if asked.challenge is None else _by_challenge(request, asked))
    second = await request.app[GATEWAY].store.read(second_factors.find, agent.id)
    if second.confirmed_at is not None:
        await _admit_code(request, agent, hash, asked.code)
    answer, repeated = await perform(request, claim, lambda tx: _open(tx, request, agent, hash, claim, asked.code))
    if answer.status != 200:
        raise _wrong_code() if json.loads(answer.body).get("wrong") == "code" else _wrong()
    throttle, address = request.app[THROTTLE], request[CLIENT].network
    throttle.forget("sign_in", agent.username, address)
    throttle.forget("second_factor", agent.id, address)
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


def _wrong_code() -> Problem:
    told = "the code is wrong, or was used before: each counts once"
    return Problem(401, "wrong_code", told, headers={"WWW-Authenticate": "Cookie"})


async def _by_password(request: web.Request, asked: SignIn) -> tuple[Agent, str]:
    gateway, throttle, passwords = request.app[GATEWAY], request.app[THROTTLE], request.app[PASSWORDS]
    username, address = (asked.username or "").strip().lower(), request[CLIENT].network
    allowed = gateway.settings.passwords_for
    if allowed != "all" and username not in allowed:  # before anything is looked up: it tells nothing of an account
        raise forbidden("password_not_allowed", "this account signs in by the institution's own sign-in service")
    # counted first: a hundred tries at once are a hundred tries
    await guessing.admit(request, "sign_in", username, username, address)
    throttle.check("sign_in_address", address)
    known = await gateway.store.read(people.for_sign_in, username)
    agent, hash = known if known else (None, None)
    right = await passwords.verify(hash, asked.password or "")
    if agent is None or hash is None or not right:
        throttle.count("sign_in_address", address)
        raise _wrong()
    if passwords.is_outdated(hash):
        old, hash = hash, await passwords.hash(asked.password or "")
        await gateway.store.write(people.replace_hash, agent.id, old, hash)
    return agent, hash


async def _by_challenge(request: web.Request, asked: SignIn) -> tuple[Agent, str]:
    """Whose password was right a moment ago, unless it has been changed since."""
    gateway = request.app[GATEWAY]
    read = gateway.tokens.read_challenge(asked.challenge or "", datetime.now(UTC), CHALLENGE_LASTS)
    known = None if read is None else await gateway.store.read(_active, read[0])
    if read is None or known is None or not hmac.compare_digest(digest_of(known[1]), read[1]):
        told = "the challenge is not ours, or too old: begin again with name and password"
        raise Problem(401, "challenge_over", told, headers={"WWW-Authenticate": "Cookie"})
    return known


def _active(tx: Transaction, agent_id: str) -> tuple[Agent, str] | None:
    agent = people.find_agent_by_id(tx, agent_id)
    return None if agent is None else people.for_sign_in(tx, agent.username)


async def _admit_code(request: web.Request, agent: Agent, hash: str, code: str | None) -> None:
    """Asks for the code, or counts that one was sent. The account's own count is not forgotten by success: who has the password may not guess on."""
    if code is None:
        challenge = request.app[GATEWAY].tokens.sign_challenge(agent.id, digest_of(hash), datetime.now(UTC))
        raise Problem(
            401,
            "second_factor_required",
            "send the code of your second factor, with this challenge or with name and password",
            headers={"WWW-Authenticate": "Cookie"},
            challenge=challenge,
            expires_in=int(CHALLENGE_LASTS.total_seconds()),
        )
    await admit_code(request, agent)


async def admit_code(request: web.Request, agent: Agent) -> None:
    """Counts that a code was sent. Raises 429."""
    await guessing.admit(request, "second_factor", agent.username, agent.id, request[CLIENT].network)
    await guessing.admit(request, "second_factor_account", agent.username, agent.id)


def _open(
    tx: Transaction, request: web.Request, agent: Agent, hash: str, claim: Claim | None, code: str | None
) -> Answer:
    needed = second_factors.find(tx, agent.id).confirmed_at is not None
    if needed and not request.app[SECOND_FACTORS].spend(tx, agent.id, code or ""):
        return answer_of({"wrong": "code"}, 401)
    nonce = secrets.token_urlsafe(32)
    opened = open_session(tx, request, agent, secret_of(request, claim, nonce), hash=hash)
    # the nonce without the house's secret is worth nothing; a session without a claim is not kept at all
    return answer_of({"nonce": nonce}) if opened else answer_of({}, 401)


async def check_own_password(request: web.Request, agent: Agent, password: str) -> None:
    """Whoever changes how they sign in shows their password again: a page left open is not enough. Raises 403, 429."""
    throttle, address = request.app[THROTTLE], request[CLIENT].network
    await guessing.admit(request, "sign_in", agent.username, agent.username, address)
    known = await request.app[GATEWAY].store.read(people.for_sign_in, agent.username)
    if known is None or not await request.app[PASSWORDS].verify(known[1], password):
        raise Problem(403, "wrong_credentials", "the password is wrong")
    throttle.forget("sign_in", agent.username, address)


async def second_factor_of(request: web.Request, agent: Agent) -> dict[str, Any]:
    """What an agent is told of their second factor."""
    gateway = request.app[GATEWAY]
    known, rules = await gateway.store.read(second_factors.find, agent.id), gateway.policy.sign_in
    wanted = rules.wants_second(agent.role)
    later = rules.second_factor_from if wanted and not rules.needs_second(agent.role, today(request)) else None
    return {
        "on": known.confirmed_at is not None,
        "since": known.confirmed_at and known.confirmed_at.isoformat(),
        "recovery_codes_left": known.codes_left,
        "wanted": wanted,
        "needed_from": later and later.isoformat(),
        "reset_at": known.reset_at and known.reset_at.isoformat(),
        "reset_by": known.reset_by,
    }


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
        "teams": [],
        "translator": translator and translator.host,
        "held": principal.held and principal.held.name.lower(),
        "second_factor": None,
    }
    if principal.agent is not None and token is not None:
        gateway = request.app[GATEWAY]
        shown |= principal.agent.to_json() | {"csrf_token": csrf_of(token), "by_turn": gateway.policy.assignment.on}
        shown["second_factor"] = await second_factor_of(request, principal.agent)
        shown["teams"] = await gateway.store.read(_teams, principal.agent.id)
        shown["takes"] = shown["by_turn"] and await gateway.store.read(presence.takes, principal.agent.id)
    elif principal.key is not None:
        shown |= principal.key.to_json()
    return json_response(shown)


def _teams(tx: Transaction, agent_id: str) -> list[dict[str, Any]]:
    """The open teams: what the console names them, and which of them are one's own."""
    own = set(tx.execute(teams.of_agent(agent_id)).scalars())
    return [{"name": one.name, "title": one.title, "mine": one.name in own} for one in teams.every(tx) if one.active]


ROUTES = (
    Route(
        "POST",
        "/api/v1/session",
        sign_in,
        ANYONE,
        "Signs an agent in: a cookie, and a token for `X-CSRF-Token`",
        body=SignIn,
        answers={
            401: "name, password or code is wrong; or `second_factor_required`, with the challenge to send the code with",
            403: "this account has to sign in another way",
            429: "too many failures",
        },
        answer="SignedIn",
        way_in=True,
    ),
    Route(
        "DELETE", "/api/v1/session", sign_out, SIGNED_IN, "Signs out", status=204, account=True, way_in=True, anew=True
    ),
    Route(
        "GET",
        "/api/v1/agents/me",
        me,
        SIGNED_IN,
        "Who is signed in, with role and scopes",
        answer="Me",
        account=True,
        way_in=True,
    ),
)
