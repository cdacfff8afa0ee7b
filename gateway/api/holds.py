"""Legal holds on cases: placed and lifted by supervisors, with a reason, seen by everybody who may read the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from case_store import holds
from case_store.holds import Erased, HeldAlready, NotHeld
from case_store.idempotency import Answer
from case_store.store import Transaction
from gateway.api.cases import case_of
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.retention_models import HoldLifted, HoldPlaced
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, SUPERVISE
from gateway.context import GATEWAY
from gateway.problems import Problem, erased

Row = Mapping[Any, Any]


async def show(request: web.Request) -> web.Response:
    key = request.match_info["key"]
    return json_response(await request.app[GATEWAY].store.read(lambda tx: _standing(tx, case_of(tx, key).id)))


async def place(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, principal, key = validated(HoldPlaced, read), request[PRINCIPAL], request.match_info["key"]

    def effect(tx: Transaction) -> Answer:
        id = case_of(tx, key).id
        try:
            holds.place(tx, id, asked.reason, by=principal.name, actor=principal.actor)
        except HeldAlready:
            raise Problem(409, "held", "a hold stands already: lift that one first") from None
        except Erased:
            raise erased("case") from None
        return answer_of(_standing(tx, id))

    return await do(request, body, effect)


async def lift(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, principal, key = validated(HoldLifted, read), request[PRINCIPAL], request.match_info["key"]

    def effect(tx: Transaction) -> Answer:
        id = case_of(tx, key).id
        try:
            holds.lift(tx, id, asked.reason, by=principal.name, actor=principal.actor)
        except NotHeld:
            raise Problem(409, "not_held", "no hold stands") from None
        return answer_of(_standing(tx, id))

    return await do(request, body, effect)


def _standing(tx: Transaction, case_id: str) -> dict[str, Any]:
    every = [_shape(row) for row in holds.of_case(tx, case_id)]
    return {"standing": next((one for one in every if one["lifted_at"] is None), None), "holds": every}


def _shape(row: Row) -> dict[str, Any]:
    plain = {name: row[name] for name in ("reason", "placed_by", "lifted_by", "lifted_reason")}
    return {**plain, **{name: row[name] and row[name].isoformat() for name in ("placed_at", "lifted_at")}}


_KEYED: Final = {404: "no such case"}
ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/cases/{key}/hold",
        show,
        "cases:read",
        "The legal hold under which the case is, and earlier ones",
        answers=_KEYED,
        answer="Holds",
    ),
    Route(
        "PUT",
        "/api/v1/cases/{key}/hold",
        place,
        SUPERVISE,
        "Places a legal hold: nothing of the case is erased while it stands",
        body=HoldPlaced,
        answers={**_KEYED, 409: "a hold stands, or the case was erased"},
        answer="Holds",
    ),
    Route(
        "DELETE",
        "/api/v1/cases/{key}/hold",
        lift,
        SUPERVISE,
        "Lifts the legal hold",
        body=HoldLifted,
        answers={**_KEYED, 409: "no hold stands"},
        answer="Holds",
    ),
)
