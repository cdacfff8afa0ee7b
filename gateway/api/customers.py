"""One customer by many channels: who a case's customer is, an agent's decision that somebody is, and taking it back."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from case_store import cases
from case_store.audit import case_chain
from case_store.case_record import CaseRecord
from case_store.cases import NoSuchCase
from case_store.conversations import NoSuchConversation
from case_store.idempotency import Answer
from case_store.store import Transaction
from gateway import joining
from gateway.api import models, shapes
from gateway.api.cases import own_case_of, undivided_case_of
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.hooks import WAY_OPENED
from gateway.problems import Problem, not_found
from gateway.readings import also


async def customer(request: web.Request) -> web.Response:
    told = await request.app[GATEWAY].store.read(_shown, request.match_info["key"])
    also(request, *(case_chain(one["id"]) for one in (*told["cases"], *told["maybe"])))
    return json_response(told)


def _shown(tx: Transaction, key: str) -> dict[str, Any]:
    return shapes.customer(joining.customer_of(tx, _case(tx, key)))


def _case(tx: Transaction, key: str) -> CaseRecord:
    try:
        return cases.get(tx, key)
    except NoSuchCase:
        raise not_found("no case has this reference number or id") from None


async def join(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.JoinCustomer, read)
    key, by = request.match_info["key"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        try:
            case = own_case_of(tx, _case(tx, key).id)
            joining.join(tx, case, asked.conversation, by=by, reason=asked.reason)
            request.app[WAY_OPENED](tx, case.id)
        except NoSuchConversation:
            raise not_found("no conversation has this id") from None
        except joining.NobodyToJoin as error:
            raise Problem(422, "nobody_to_join", str(error)) from None
        return answer_of(_shown(tx, key))

    return await do(request, body, effect)


async def part(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.PartCustomer, read)
    key, by = request.match_info["key"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        try:
            joining.part(tx, undivided_case_of(tx, _case(tx, key).id), asked.address, by=by, reason=asked.reason)
        except joining.NoSuchIdentity as error:
            raise not_found(str(error)) from None
        return answer_of(_shown(tx, key))

    return await do(request, body, effect)


ROUTES = (
    Route(
        "GET",
        "/api/v1/cases/{key}/customer",
        customer,
        "cases:read",
        "Who the case's customer is, by proof: identities, other cases of theirs, strangers who have named this one",
        answers={404: "no such case"},
        answer="Customer",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/customer/join",
        join,
        "cases:write",
        "Decides that whoever a conversation is held with is this case's customer",
        body=models.JoinCustomer,
        answers={
            404: "no such case or conversation",
            409: "the case was merged",
            422: "a conversation without a sender",
        },
        answer="Customer",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/customer/part",
        part,
        "cases:write",
        "Takes an identity away from this case's customer",
        body=models.PartCustomer,
        answers={404: "no such case, or the address was never joined", 409: "the case was merged"},
        answer="Customer",
    ),
)
