"""What a case's facts and judgement rest on: the customer's words, where they stand, and who has corrected them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from case_store.case_record import CaseRecord
from case_store.store import Transaction
from gateway import evidence, rivals
from gateway.api import shapes
from gateway.api.cases import case_of
from gateway.api.doing import json_response
from gateway.api.routes import Route
from gateway.context import GATEWAY
from gateway.evidence import Correction, Place, Proof, Said
from gateway.rivals import Reading, Rival


async def get_evidence(request: web.Request) -> web.Response:
    gateway = request.app[GATEWAY]
    about = gateway.policy.institution
    how = Reading(gateway.settings.timezone, about.region, about.home_currency)
    record, proofs, said = await gateway.store.read(_found, request.match_info["key"])
    # not in the transaction: reading a long story anew takes longer than fetching it
    others = await asyncio.to_thread(rivals.rivals_in, record, said, how)
    return json_response(shapes.whole(_told(record, proofs, others)))


def _found(tx: Transaction, key: str) -> tuple[CaseRecord, list[Proof], list[Said]]:
    record = case_of(tx, key)
    said = evidence.said_in(tx, record)
    return record, evidence.proofs_of(tx, record, said), said


def _told(record: CaseRecord, proofs: list[Proof], others: Mapping[str, list[Rival]]) -> list[dict[str, Any]]:
    told = {one.about: _proof(one) for one in proofs if one.about.startswith("facts.")}
    for name, found in others.items():
        proof = told.get(f"facts.{name}")
        if proof is not None:
            beside, own = rivals.beside(record, name, found)
            proof["rivals"] = [_rival(one) for one in beside]
            proof["said_as"] = own and _rival(own)
    return [told.get(one.about) or _proof(one) for one in proofs]


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
        "rivals": [],
        "said_as": None,
    }


def _rival(one: Rival) -> dict[str, Any]:
    return {"value": one.value, "words": one.words, "places": [_place(one.place)]}


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
