"""What is held on a person, for administrators: found by an address of theirs, handed out whole, erased.

An address is never part of a URL, which proxies and browsers keep. Not here: whose data it is (case_store/persons.py), what is handed out
(gateway/persons.py), how an order is carried out (gateway/erasing.py).
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any, Final

from aiohttp import hdrs, web

from case_store import persons
from case_store.idempotency import Answer
from case_store.persons import NothingHeld, Order, Person, Refused, SeveralPeople
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from gateway import persons as handing_out
from gateway.api.doing import answer_of, do, json_response
from gateway.api.paging import PAGING, paged
from gateway.api.reading import read_json, validated
from gateway.api.retention_models import PersonAsked, PersonErased
from gateway.api.routes import Route
from gateway.attachments import READERS
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import Problem, invalid_field
from gateway.readings import LIST, seen

_PIECE: Final = 65_536


async def find(request: web.Request) -> web.Response:
    read, _ = await read_json(request)
    asked = validated(PersonAsked, read)
    periods = request.app[GATEWAY].policy.retention.periods()

    def unit(tx: Transaction) -> dict[str, Any]:
        return handing_out.look(tx, person_of(tx, asked), periods)

    # under locks, as an order would look at it; nothing is changed
    found = await request.app[GATEWAY].store.write(unit)
    seen(request, *(f"case:{one['id']}" for one in found["cases"]))
    return json_response(found)


def person_of(tx: Transaction, asked: PersonAsked) -> Person:
    try:
        return persons.find(tx, asked.contact, names=asked.names, keys=[_key(key) for key in asked.cases])
    except SeveralPeople as error:
        told = "this address leads to the cases of more than one person: say in `names` or `cases` whose"
        raise Problem(409, "several_people", told, names=error.names) from None


def _key(written: str) -> str:
    try:
        return parse_reference(written) or written
    except MistypedReference:
        raise invalid_field("cases", f"{written!r} has a typing error: its last digit doesn't fit the others") from None


async def export(request: web.Request) -> web.StreamResponse:
    read, _ = await read_json(request)
    asked, principal, gateway = validated(PersonAsked, read), request[PRINCIPAL], request.app[GATEWAY]

    whose = partial(person_of, asked=asked)
    try:
        held = await handing_out.hand_out(gateway, whose, actor=principal.actor, username=principal.username)
    except NothingHeld as error:
        raise Problem(404, "not_found", str(error)) from None
    with tempfile.TemporaryFile() as file:
        await handing_out.write(gateway, request.app[READERS], held, file, datetime.now(UTC))
        return await _sent(request, file)


async def _sent(request: web.Request, file: IO[bytes]) -> web.StreamResponse:
    response = web.StreamResponse()
    response.headers[hdrs.CONTENT_TYPE] = "application/zip"
    response.headers[hdrs.CONTENT_DISPOSITION] = 'attachment; filename="person.zip"'
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.content_length = file.seek(0, 2)
    file.seek(0)
    await response.prepare(request)
    while piece := await asyncio.to_thread(file.read, _PIECE):
        await response.write(piece)
    await response.write_eof()
    return response


async def erase(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, principal, gateway = validated(PersonErased, read), request[PRINCIPAL], request.app[GATEWAY]
    even = asked.even_within_retention

    def effect(tx: Transaction) -> Answer:
        try:
            order = handing_out.order(
                tx,
                gateway,
                person_of(tx, asked),
                reason=asked.reason,
                actor=principal.actor,
                even_within_retention=even,
            )
        except Refused as error:
            kept = [
                {"case": one.case, "why": one.code, "until": one.until and one.until.isoformat()} for one in error.kept
            ]
            raise Problem(409, "must_be_kept", f"nothing was erased: {error}", cases=kept) from None
        except NothingHeld as error:
            raise Problem(404, "not_found", str(error)) from None
        return answer_of(order.to_json(), 202)

    return await do(request, body, effect)


async def list_orders(request: web.Request) -> web.Response:
    return await paged(request, persons.orders, Order.to_json, lambda one: (one.at, one.id))


ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/persons/find",
        find,
        "admin",
        "What is held on whoever has this address, and what may not be erased",
        body=PersonAsked,
        answers={409: "more than one person has it"},
        answer="Person",
        reads=LIST,
        anew=True,
    ),
    Route(
        "POST",
        "/api/v1/persons/export",
        export,
        "admin",
        "All that is held on a person, as a ZIP",
        body=PersonAsked,
        answers={404: "nothing is held", 409: "more than one person has it"},
        media_type="application/zip",
        anew=True,
    ),
    Route(
        "POST",
        "/api/v1/persons/erase",
        erase,
        "admin",
        "Orders that all that is held on a person be erased; it is carried out at once, piece by piece",
        body=PersonErased,
        status=202,
        answers={404: "nothing is held", 409: "more than one person has it, or something must be kept"},
        answer="ErasureOrder",
    ),
    Route(
        "GET",
        "/api/v1/persons/erasures",
        list_orders,
        "admin",
        "Orders to erase, the last first, and how far each has come",
        query=PAGING,
        answer="ErasureOrders",
    ),
)
