"""Emergencies, declared and ended by a supervisor, seen by everybody who works here (handbook 3.3.1 (3), 3.3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from case_store import emergencies
from case_store.emergencies import Declaration, Lasting, NoSuchEmergency, Over
from case_store.store import Transaction
from gateway.api import shapes
from gateway.api.doing import answer_of, do, json_response
from gateway.api.paging import PAGING, by, paged
from gateway.api.reading import read_choice, read_json, validated
from gateway.api.routes import SIGNED_IN, Query, Route
from gateway.api.surges_models import EmergencyDeclared, EmergencyEnded
from gateway.auth.principals import PRINCIPAL, SUPERVISE
from gateway.context import GATEWAY
from gateway.problems import Problem, invalid_field, not_found

Row = Mapping[Any, Any]
LASTING: Final = "lasting"


async def list_emergencies(request: web.Request) -> web.Response:
    store = request.app[GATEWAY].store
    if read_choice(request, "state", [LASTING]) == LASTING:
        return json_response(shapes.whole([_shape(row) for row in await store.read(emergencies.lasting)]))
    return await paged(request, emergencies.listing, _shape, by("declared_at"))


def _shape(row: Row) -> dict[str, Any]:
    plain = ("id", "scope", "about", "reason", "declared_by", "ended_by", "end_note")
    at = {name: row[name] and row[name].isoformat() for name in ("declared_at", "ended_at")}
    return {**{name: row[name] for name in plain}, **at, "cases": list(row["cases"])}


async def declare(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, principal = validated(EmergencyDeclared, read), request[PRINCIPAL]
    wanted = Declaration(asked.scope, asked.reason, asked.about, tuple(dict.fromkeys(asked.cases)))

    def effect(tx: Transaction) -> Any:
        unknown = emergencies.unknown(tx, wanted.cases) if wanted.cases else []
        if unknown:
            raise invalid_field("cases", f"are reference numbers of cases; none has {', '.join(unknown)}")
        try:
            row = emergencies.declare(tx, wanted, by=principal.name, actor=principal.actor)
        except Lasting:
            raise Problem(409, "lasting", "one that reaches as far was declared, and lasts") from None
        return answer_of(_shape(row), 201)

    return await do(request, body, effect)


async def end(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, principal, id = validated(EmergencyEnded, read), request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> Any:
        try:
            row = emergencies.end(tx, id, note=asked.note, by=principal.name, actor=principal.actor)
        except NoSuchEmergency:
            raise not_found("no emergency has this id") from None
        except Over:
            raise Problem(409, "over", "somebody has ended it") from None
        return answer_of(_shape(row))

    return await do(request, body, effect)


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/emergency",
        list_emergencies,
        SIGNED_IN,
        "Emergencies, the last declared first",
        query=(
            Query("state", "those that last, the first declared first", [LASTING]),
            *PAGING,
        ),
        answer="Emergencies",
    ),
    Route(
        "POST",
        "/api/v1/emergency",
        declare,
        SUPERVISE,
        "Declares an emergency, for the whole house, a branch or a product, or some cases",
        body=EmergencyDeclared,
        status=201,
        answers={409: "one that reaches as far lasts", 422: "a number that no case has"},
        answer="Emergency",
    ),
    Route(
        "POST",
        "/api/v1/emergency/{id}/end",
        end,
        SUPERVISE,
        "Ends an emergency",
        body=EmergencyEnded,
        answers={404: "no such emergency", 409: "somebody has ended it"},
        answer="Emergency",
    ),
)
