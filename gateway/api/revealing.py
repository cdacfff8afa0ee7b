"""Numbers that are shown masked, shown: by role, with a reason, and on record before they leave.

What the request answers is kept nowhere: a repeated one finds the numbers anew, and what it shows for the first time is put on record anew.

Not here: what is masked for whom (masks.py), what is put on record (gateway/revealing.py).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from case_store import conversations, idempotency, notes
from case_store.audit import case_chain, conversation_chain
from case_store.idempotency import Answer, OtherRequest
from case_store.people import Agent
from case_store.store import Transaction
from gateway import revealing
from gateway.api import shapes
from gateway.api.cases import case_of
from gateway.api.doing import claim_of, json_response, other_request
from gateway.api.keys import THROTTLE
from gateway.api.reading import read_json, validated
from gateway.api.revealing_models import RevealInCase, RevealInConversation
from gateway.api.routes import SIGNED_IN, Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import Problem, forbidden, not_found
from gateway.readings import CASE, TALK
from gateway.revealing import Shown

_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it is put on record, whether it is the caller's own, and which version of it is shown."""

    chain: str
    own: bool
    version: int


class _Moved(Exception):
    """It was changed between the look and the record."""


async def reveal_in_case(request: web.Request) -> web.Response:
    _check_person(request)
    read, body = await read_json(request)
    asked = validated(RevealInCase, read)
    key, agent_id, username = request.match_info["key"], request[PRINCIPAL].id, request[PRINCIPAL].username

    def place(tx: Transaction) -> _Place:
        record = case_of(tx, key)
        own = record.assignee == username or revealing.is_own(tx, record.conversations, agent_id)
        return _Place(case_chain(record.id), own, record.version)

    def find(tx: Transaction) -> list[Shown]:
        record = case_of(tx, key)
        beside = [] if asked.field else revealing.shown_in(note.text for note in notes.of_case(tx, record.id))
        return _like(asked.masked, [*revealing.in_case(tx, record, asked.field), *beside])

    return await _reveal(request, body, place, find, asked.reason, {"field": asked.field} if asked.field else {})


async def reveal_in_conversation(request: web.Request) -> web.Response:
    _check_person(request)
    read, body = await read_json(request)
    asked = validated(RevealInConversation, read)
    id, agent_id = request.match_info["id"], request[PRINCIPAL].id
    number = None if asked.message is None else int(asked.message)

    def place(tx: Transaction) -> _Place:
        row = conversations.find(tx, id)
        if row is None:
            raise not_found("no conversation has this id")
        return _Place(conversation_chain(id), revealing.is_own(tx, [id], agent_id), row["version"])

    def find(tx: Transaction) -> list[Shown]:
        beside = revealing.shown_in(note.text for note in notes.of_conversation(tx, id)) if number is None else []
        return _like(asked.masked, [*revealing.in_conversation(tx, id, number), *beside])

    return await _reveal(request, body, place, find, asked.reason, {} if number is None else {"message": number})


def _like(masked: str | None, found: list[Shown]) -> list[Shown]:
    """Each once, and only those that stand there like this, if it is said."""
    return list(dict.fromkeys(found if masked is None else revealing.standing_like(masked, found)))


def _check_person(request: web.Request) -> Agent:
    agent = request[PRINCIPAL].agent
    if agent is None:
        raise forbidden("not_allowed", "nothing is masked for a machine")
    return agent


async def _reveal(
    request: web.Request,
    body: bytes,
    place: Callable[[Transaction], _Place],
    find: Callable[[Transaction], list[Shown]],
    reason: str,
    of: Mapping[str, Any],
) -> web.Response:
    """Looks through the texts while others may write, and writes no more than who is shown what is there."""
    principal, gateway = request[PRINCIPAL], request.app[GATEWAY]
    agent, claim = _check_person(request), claim_of(request, body)
    request.app[THROTTLE].admit("reveal", principal.id)

    def allowed(tx: Transaction) -> _Place:
        found = place(tx)
        if not gateway.policy.protection.may_reveal(agent.role, found.own):
            raise forbidden(
                "not_yours", "your role sees these numbers only in what is yours: take it over, or ask a supervisor"
            )
        return found

    def kept(tx: Transaction, seen: _Place, numbers: list[Shown]) -> None:
        if allowed(tx).version != seen.version:
            raise _Moved
        told = Answer(HTTPStatus.OK, _digest(request, numbers))

        def effect(tx: Transaction) -> Answer:
            if numbers:
                revealing.keep(tx, seen.chain, principal.actor, numbers, reason, of)
            return told

        answer, _ = idempotency.once(tx, claim, effect)
        if answer != told and claim is not None:  # what is shown to this request now is not what is on record for it
            idempotency.keep(tx, claim, effect(tx))

    for _ in range(_TRIES):
        seen, numbers = await gateway.store.read(lambda tx: (allowed(tx), find(tx)))
        try:
            await gateway.store.write(kept, seen, numbers)
        except _Moved:
            continue
        except OtherRequest:
            raise other_request() from None
        return json_response(shapes.whole([_shown(one) for one in numbers]), headers={"Cache-Control": "no-store"})
    raise Problem(409, "moved", "it is being changed just now: ask again")


def _digest(request: web.Request, numbers: list[Shown]) -> str:
    """Tells the same numbers from others, and no number."""
    told = json.dumps([_shown(one) for one in numbers])
    return hmac.digest(request.app[GATEWAY].tokens.key("revealed"), told.encode(), "sha256").hex()


def _shown(one: Shown) -> dict[str, Any]:
    return {"kind": one.kind.value, "masked": one.masked, "value": one.value}


_REFUSED: Final = {
    403: "a case or conversation of somebody else",
    409: "it is being changed just now",
    422: "a reason is missing",
    429: "too many in a short time",
}

ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/cases/{key}/reveal",
        reveal_in_case,
        SIGNED_IN,
        "Shows the numbers of identity documents and bank cards that are masked in it; who saw them and why is put on record first",
        body=RevealInCase,
        answers={**_REFUSED, 404: "no such case"},
        answer="Revealed",
        reads=CASE,
        own=True,
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/reveal",
        reveal_in_conversation,
        SIGNED_IN,
        "The same in a conversation, or in one message of it",
        body=RevealInConversation,
        answers={**_REFUSED, 404: "no such conversation"},
        answer="Revealed",
        reads=TALK,
        own=True,
    ),
)
