"""An agent vouches for an address that was only typed: after a call, or across the counter.

From then on the customer is written to there, and mail from there joins the case. Not here: the customer's own way to confirm
it (gateway/confirmation.py).
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from case_store import audit, contacts
from case_store.audit import Entry, case_chain
from case_store.idempotency import Answer
from case_store.store import Transaction
from gateway.api import models
from gateway.api.cases import own_case_of
from gateway.api.doing import answer_of, do
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route, add_routes
from gateway.auth.principals import PRINCIPAL
from gateway.hooks import WAY_OPENED
from gateway.problems import not_found


def add(app: web.Application) -> None:
    add_routes(app, ROUTES)


async def vouch(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Vouched, read)
    key, actor = request.match_info["key"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        case = own_case_of(tx, key)
        if asked.address not in case.contacts:
            raise not_found("the case has no such contact")
        if not contacts.is_proved(tx, case.id, asked.address):
            contacts.prove(tx, case.id, asked.address, "agent")
            audit.append(tx, case_chain(case.id), Entry(actor, "vouched", {"address": asked.address}))
            tx.wake("case", case.id)
            request.app[WAY_OPENED](tx, case.id)
        return answer_of({"address": asked.address, "proof": "agent"})

    return await do(request, body, effect)


ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/cases/{key}/contacts/vouch",
        vouch,
        "cases:write",
        "An agent says that an address which was only typed is the customer's own",
        body=models.Vouched,
        answers={404: "no such case, or no such contact of it"},
        answer="VouchedFor",
    ),
)
