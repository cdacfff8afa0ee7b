"""The second factor of one's own account: set up, confirmed by a code, given up; and taken away by an admin from who has lost theirs.

Secrets and recovery codes stand in one answer each. What a repeated request is told again is derived anew (doing.secret_of): kept are a
sealed secret, digests, and a nonce that is worth nothing without the house's secret.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from aiohttp import web

from case_store import people, second_factors
from case_store.idempotency import Answer
from case_store.people import Agent, NoSuchPerson
from case_store.records import Language
from case_store.store import Transaction
from gateway.api.account_models import SecondFactorBegun, SecondFactorConfirmed, SecondFactorProved
from gateway.api.doing import answer_of, claim_of, do, json_response, perform, response_of, secret_of
from gateway.api.keys import SECOND_FACTORS, THROTTLE
from gateway.api.reading import read_json, validated
from gateway.api.routes import SIGNED_IN, Route
from gateway.api.session import admit_code, check_own_password, second_factor_of
from gateway.auth.principals import PASSWORD, PRINCIPAL
from gateway.auth.second_factor import qr_of, uri_of
from gateway.auth.sessions import today
from gateway.context import GATEWAY
from gateway.problems import Problem, forbidden, not_found
from gateway.web import CLIENT


def own_agent(request: web.Request) -> Agent:
    """Who signed in with a password of this house. Raises 403."""
    principal = request[PRINCIPAL]
    if principal.agent is None or principal.session is None:
        raise forbidden("not_allowed", "a machine has no account: it has its key")
    return principal.agent


async def look(request: web.Request) -> web.Response:
    return json_response(await second_factor_of(request, own_agent(request)))


async def begin(request: web.Request) -> web.Response:
    agent = own_agent(request)
    if request[PRINCIPAL].session.how != PASSWORD:  # type: ignore[union-attr]  # own_agent has seen it
        raise Problem(409, "signed_in_elsewhere", "your second factor is the one of the sign-in that let you in")
    read, body = await read_json(request)
    asked = validated(SecondFactorBegun, read)
    await check_own_password(request, agent, asked.password)
    if asked.code is not None:
        await admit_code(request, agent)
    factors, claim = request.app[SECOND_FACTORS], claim_of(request, body)

    def effect(tx: Transaction) -> Answer:
        if second_factors.find(tx, agent.id).confirmed_at is not None:
            _prove(tx, request, agent, asked.code or "")
        nonce = secrets.token_urlsafe(32)
        secret = factors.secret_from(secret_of(request, claim, nonce))
        second_factors.begin(tx, agent.id, factors.seal(agent.id, secret))
        return answer_of({"nonce": nonce}, 201)

    answer, repeated = await perform(request, claim, effect)
    if answer.status != 201:
        return response_of(answer, repeated=repeated)
    secret = factors.secret_from(secret_of(request, claim, json.loads(answer.body)["nonce"]))
    house = request.app[GATEWAY].policy.house().name[agent.language or Language.EN.value]
    uri = uri_of(secret, agent.username, house)
    picture = qr_of(uri)
    return json_response({"secret": secret, "uri": uri, "qr": {"size": picture.size, "path": picture.path}}, 201)


async def confirm(request: web.Request) -> web.Response:
    """From now on the code is asked for. Other sessions of the account end: they came in without."""
    agent, principal = own_agent(request), request[PRINCIPAL]
    read, body = await read_json(request)
    asked = validated(SecondFactorConfirmed, read)
    await admit_code(request, agent)

    def effect(tx: Transaction, made: list[str]) -> None:
        factors = request.app[SECOND_FACTORS]
        waiting = second_factors.find(tx, agent.id, lock=True).waiting
        if waiting is None:
            raise Problem(409, "nothing_begun", "there is no second factor that waits to be confirmed: begin anew")
        step = factors.step_of(agent.id, waiting, asked.code, tx.now)
        if step is None:
            raise _wrong()
        digests = factors.digests(agent.id, made)
        second_factors.confirm(tx, agent.id, step, digests, actor=principal.actor)
        if principal.session is not None:
            people.end_sessions(tx, agent.id, but=principal.session.digest)

    return await _codes(request, body, effect)


async def renew_codes(request: web.Request) -> web.Response:
    agent, principal = own_agent(request), request[PRINCIPAL]
    read, body = await read_json(request)
    asked = validated(SecondFactorProved, read)
    await check_own_password(request, agent, asked.password)
    await admit_code(request, agent)

    def effect(tx: Transaction, made: list[str]) -> None:
        _prove(tx, request, agent, asked.code)
        digests = request.app[SECOND_FACTORS].digests(agent.id, made)
        second_factors.renew_codes(tx, agent.id, digests, actor=principal.actor)

    return await _codes(request, body, effect)


async def _codes(request: web.Request, body: bytes, effect: Any) -> web.Response:
    """The effect with ten new codes, and those codes as the answer, this once."""
    factors, claim = request.app[SECOND_FACTORS], claim_of(request, body)

    def whole(tx: Transaction) -> Answer:
        nonce = secrets.token_urlsafe(32)
        effect(tx, factors.codes_from(secret_of(request, claim, nonce)))
        return answer_of({"nonce": nonce})

    answer, repeated = await perform(request, claim, whole)
    if answer.status != 200:
        return response_of(answer, repeated=repeated)
    request.app[THROTTLE].forget("second_factor", own_agent(request).id, request[CLIENT].network)
    seed = secret_of(request, claim, json.loads(answer.body)["nonce"])
    return json_response({"recovery_codes": factors.codes_from(seed)})


async def give_up(request: web.Request) -> web.Response:
    agent, principal = own_agent(request), request[PRINCIPAL]
    read, body = await read_json(request)
    asked = validated(SecondFactorProved, read)
    await check_own_password(request, agent, asked.password)
    if request.app[GATEWAY].policy.sign_in.needs_second(agent.role, today(request)):
        raise Problem(
            409, "second_factor_needed", "the policy wants a second factor of your role: set up another instead"
        )
    await admit_code(request, agent)

    def effect(tx: Transaction) -> Answer:
        _prove(tx, request, agent, asked.code)
        second_factors.remove(tx, agent.id, actor=principal.actor)
        return Answer(204, "")

    return await do(request, body, effect)


async def reset(request: web.Request) -> web.Response:
    """For who has lost theirs. Their sessions end, and they are told who did it when they sign in."""
    _, body = await read_json(request, required=False)
    username, principal = request.match_info["username"], request[PRINCIPAL]
    if principal.agent is not None and username == principal.username:
        raise forbidden("own_account", "your own second factor is put off with your password and a code")

    def effect(tx: Transaction) -> Answer:
        try:
            second_factors.reset(tx, username, actor=principal.actor, by=principal.name)
        except NoSuchPerson:
            raise not_found("nobody has this name") from None
        return Answer(204, "")

    return await do(request, body, effect)


def _prove(tx: Transaction, request: web.Request, agent: Agent, code: str) -> None:
    if not request.app[SECOND_FACTORS].spend(tx, agent.id, code):
        raise _wrong()


def _wrong() -> Problem:
    return Problem(403, "wrong_code", "the code is wrong, or was used before: each counts once")


_PLACE = "/api/v1/agents/me/second-factor"
ROUTES = (
    Route("GET", _PLACE, look, SIGNED_IN, "The own second factor", answer="SecondFactor", account=True),
    Route(
        "POST",
        _PLACE,
        begin,
        SIGNED_IN,
        "Begins to set one up: a secret for an app, shown this once; it counts when a code has confirmed it",
        body=SecondFactorBegun,
        status=201,
        answers={403: "password or code is wrong", 409: "another house lets this agent in"},
        answer="SecondFactorBegun",
        account=True,
    ),
    Route(
        "POST",
        f"{_PLACE}/confirm",
        confirm,
        SIGNED_IN,
        "Confirms it by a code; answers ten recovery codes, this once, and ends the other sessions of the account",
        body=SecondFactorConfirmed,
        answers={403: "the code is wrong", 409: "nothing waits to be confirmed"},
        answer="RecoveryCodes",
        account=True,
    ),
    Route(
        "POST",
        f"{_PLACE}/recovery-codes",
        renew_codes,
        SIGNED_IN,
        "Ten new recovery codes, shown this once; those before count no more",
        body=SecondFactorProved,
        answers={403: "password or code is wrong"},
        answer="RecoveryCodes",
        account=True,
    ),
    Route(
        "POST",
        f"{_PLACE}/off",
        give_up,
        SIGNED_IN,
        "Gives the second factor up, where the policy wants none",
        body=SecondFactorProved,
        status=204,
        answers={403: "password or code is wrong", 409: "the policy wants one"},
        account=True,
    ),
    Route(
        "POST",
        "/api/v1/agents/{username}/second-factor/reset",
        reset,
        "admin",
        "Takes the second factor of somebody who has lost theirs away, and ends their sessions",
        status=204,
        answers={404: "nobody has this name"},
    ),
)
