"""Cases that may be one matter told twice: what speaks for it and against it, and an agent's decision. Nothing is merged."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from case_store import same_matter
from case_store.audit import case_chain
from case_store.case_record import CaseRecord
from case_store.idempotency import Answer
from case_store.likeness import Point
from case_store.same_matter import NotFiled, Pairing, SameCase
from case_store.store import Transaction
from gateway.api import models, shapes
from gateway.api.cases import case_of
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import Problem, invalid_field
from gateway.readings import also

NONE: Final = "none"


async def get_duplicates(request: web.Request) -> web.Response:
    told = await request.app[GATEWAY].store.read(_shown, request.match_info["key"])
    also(request, *(case_chain(one["case"]) for one in told["items"]))
    return json_response(told)


def _shown(tx: Transaction, key: str) -> dict[str, Any]:
    return _listed(tx, case_of(tx, key))


def _listed(tx: Transaction, record: CaseRecord) -> dict[str, Any]:
    return shapes.whole([_pairing(one) for one in same_matter.pairings(tx, record)])


def _pairing(one: Pairing) -> dict[str, Any]:
    other = one.record
    return {
        "case": other.id,
        "reference": other.reference,
        "merged_into": other.merged_into,
        "status": other.status.value,
        "outcome": other.outcome and other.outcome.value,
        "channel": other.channel,
        "received_at": other.received_at.isoformat(),
        "customer": other.facts.name or other.customer,
        "state": one.state,
        "strength": one.likeness.strength or NONE,
        "agrees": [_point(point) for point in one.likeness.agrees],
        "differs": [_point(point) for point in one.likeness.differs],
        "suggested_at": one.suggested_at and one.suggested_at.isoformat(),
        "decided_by": one.decided_by and (one.decided_by.partition(":")[2] or one.decided_by),
        "decided_at": one.decided_at and one.decided_at.isoformat(),
        "reason": one.reason or None,
    }


def _point(point: Point) -> dict[str, Any]:
    return {"about": point.about, "here": point.here or None, "there": point.there or None}


async def decide(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.DuplicateDecided, read)
    key, by = request.match_info["key"], request[PRINCIPAL].actor
    if asked.same and not asked.reason:
        raise invalid_field("reason", "says why the two are one matter")

    def effect(tx: Transaction) -> Answer:
        record, other = case_of(tx, key), case_of(tx, asked.other)
        try:
            same_matter.decide(tx, record.id, other.id, same=asked.same, by=by, reason=asked.reason)
        except (SameCase, NotFiled) as error:
            raise Problem(422, "not_a_pair", str(error)) from None
        return answer_of(_listed(tx, record))

    return await do(request, body, effect)


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/cases/{key}/duplicates",
        get_duplicates,
        "cases:read",
        "Cases that may tell the same matter, with what agrees and what differs, and what was decided about them",
        answers={404: "no such case"},
        answer="Duplicates",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/duplicates",
        decide,
        "cases:write",
        "Decides that another case is the same matter, or is not: it is never suggested again. Nothing is merged",
        body=models.DuplicateDecided,
        answers={404: "no such case", 422: "no reason, the case itself, or a draft"},
        answer="Duplicates",
    ),
)
