"""What a case's facts and judgement rest on: the customer's words, where they stand, and who has corrected them."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from case_store.store import Transaction
from gateway import evidence
from gateway.api import shapes
from gateway.api.cases import case_of
from gateway.api.doing import json_response
from gateway.api.routes import Route
from gateway.context import GATEWAY
from gateway.evidence import Correction, Place, Proof


async def get_evidence(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(_found, request.match_info["key"])
    return json_response(shapes.whole([_proof(one) for one in found]))


def _found(tx: Transaction, key: str) -> list[Proof]:
    return evidence.proofs_of(tx, case_of(tx, key))


def _proof(one: Proof) -> dict[str, Any]:
    return {
        "about": one.about,
        "value": one.value,
        "judged": one.judged,
        "reason": one.reason,
        "words": one.words or None,
        "source": one.source,
        "places": [_place(place) for place in one.places],
        "corrected": one.corrected and _correction(one.corrected),
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "conversation": place.conversation,
        "message": str(place.message),
        "part": place.part,
        "start": place.start,
        "end": place.end,
    }


def _correction(one: Correction) -> dict[str, Any]:
    return {"kind": one.kind, "by": one.by, "at": one.at.isoformat(), "before": one.before}


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/cases/{key}/evidence",
        get_evidence,
        "cases:read",
        "What each fact and each judgement rests on: the customer's words, the messages they stand in, who corrected it",
        answers={404: "no such case"},
        answer="Evidence",
    ),
)
