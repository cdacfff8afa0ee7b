"""Numbers that are shown masked, shown: by role, with a reason, and on record before they leave.

What the request answers is kept nowhere: a repeated one finds the numbers anew.

Not here: what is masked for whom (masks.py), what is put on record (gateway/revealing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from case_store import conversations, notes
from case_store.audit import case_chain, conversation_chain
from case_store.idempotency import Answer
from case_store.people import Agent
from case_store.store import Transaction
from gateway import revealing
from gateway.api import shapes
from gateway.api.cases import case_of
from gateway.api.doing import claim_of, json_response, perform, response_of
from gateway.api.keys import THROTTLE
from gateway.api.reading import read_json, validated
from gateway.api.revealing_models import RevealInCase, RevealInConversation
from gateway.api.routes import SIGNED_IN, Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import forbidden, not_found
from gateway.readings import CASE, TALK
from gateway.revealing import Shown

NO_CONTENT: Final = 204


@dataclass(frozen=True, slots=True)
class _Found:
    chain: str
    own: bool
    numbers: list[Shown]


async def reveal_in_case(request: web.Request) -> web.Response:
    _check_person(request)
    read, body = await read_json(request)
    asked = validated(RevealInCase, read)
    key, agent_id, username = request.match_info["key"], request[PRINCIPAL].id, request[PRINCIPAL].username

    def find(tx: Transaction) -> _Found:
        record = case_of(tx, key)
        beside = [] if asked.field else revealing.shown_in(note.text for note in notes.of_case(tx, record.id))
        numbers = [*revealing.in_case(tx, record, asked.field), *beside]
        own = record.assignee == username or revealing.is_own(tx, record.conversations, agent_id)
        return _Found(case_chain(record.id), own, _like(asked.masked, numbers))

    return await _reveal(request, body, find, asked.reason, {"field": asked.field} if asked.field else {})


async def reveal_in_conversation(request: web.Request) -> web.Response:
    _check_person(request)
    read, body = await read_json(request)
    asked = validated(RevealInConversation, read)
    id, agent_id = request.match_info["id"], request[PRINCIPAL].id
    number = None if asked.message is None else int(asked.message)

    def find(tx: Transaction) -> _Found:
        if conversations.find(tx, id) is None:
            raise not_found("no conversation has this id")
        beside = revealing.shown_in(note.text for note in notes.of_conversation(tx, id)) if number is None else []
        numbers = [*revealing.in_conversation(tx, id, number), *beside]
        own = revealing.is_own(tx, [id], agent_id)
        return _Found(conversation_chain(id), own, _like(asked.masked, numbers))

    return await _reveal(request, body, find, asked.reason, {} if number is None else {"message": number})


def _like(masked: str | None, found: list[Shown]) -> list[Shown]:
    """Each once, and only those that stand there like this, if it is said."""
    return list(dict.fromkeys(one for one in found if masked in (None, one.masked)))


def _check_person(request: web.Request) -> Agent:
    agent = request[PRINCIPAL].agent
    if agent is None:
        raise forbidden("not_allowed", "nothing is masked for a machine")
    return agent


async def _reveal(
    request: web.Request, body: bytes, find: Callable[[Transaction], _Found], reason: str, of: Mapping[str, Any]
) -> web.Response:
    principal, gateway = request[PRINCIPAL], request.app[GATEWAY]
    agent = _check_person(request)
    request.app[THROTTLE].admit("reveal", principal.id)

    def allowed(tx: Transaction) -> _Found:
        found = find(tx)
        if not gateway.policy.protection.may_reveal(agent.role, found.own):
            raise forbidden(
                "not_yours", "your role sees these numbers only in what is yours: take it over, or ask a supervisor"
            )
        return found

    def effect(tx: Transaction) -> Answer:
        found = allowed(tx)
        if found.numbers:
            revealing.keep(tx, found.chain, principal.actor, found.numbers, reason, of)
        return Answer(NO_CONTENT, "")

    answer, _ = await perform(request, claim_of(request, body), effect)
    if answer.status != NO_CONTENT:
        return response_of(answer)
    found = await gateway.store.read(allowed)
    return json_response(shapes.whole([_shown(one) for one in found.numbers]), headers={"Cache-Control": "no-store"})


def _shown(one: Shown) -> dict[str, Any]:
    return {"kind": one.kind.value, "masked": one.masked, "value": one.value}


_REFUSED: Final = {
    403: "a case or conversation of somebody else",
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
