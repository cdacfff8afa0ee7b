"""Surges of complaints and hot spots: read by whoever may read reports, acknowledged by a supervisor (handbook 3.3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from aiohttp import web

from case_store import surge_counts, surges
from case_store.store import Transaction
from case_store.surges import Acknowledged, NoSuchSurge
from gateway.api import shapes
from gateway.api.doing import answer_of, do, json_response
from gateway.api.paging import PAGING, by, page_of
from gateway.api.reading import read_choice, read_json, validated
from gateway.api.routes import Query, Route
from gateway.api.surges_models import SurgeAcknowledged
from gateway.auth.principals import PRINCIPAL, REPORTS, SUPERVISE
from gateway.context import GATEWAY
from gateway.problems import Problem, not_found

Row = Mapping[Any, Any]
OPEN: Final = "open"


async def list_surges(request: web.Request) -> web.Response:
    only, page = read_choice(request, "state", [OPEN]), page_of(request, surges.listing, by("started_at"))

    def read(tx: Transaction) -> dict[str, Any]:
        if only == OPEN:
            rows = list(surges.open_ones(tx).values())
            return shapes.whole([_shape(one, _references(tx, rows)) for one in rows])
        found = page(tx)
        return found.shown(partial(_shape, references=_references(tx, found.items)))

    return json_response(await request.app[GATEWAY].store.read(read))


def _references(tx: Transaction, rows: Sequence[Row]) -> Mapping[str, str | None]:
    return surge_counts.references(tx, surges.example_ids(rows))


def _shape(row: Row, references: Mapping[str, str | None]) -> dict[str, Any]:
    plain = ("id", "kind", "span", "dimension", "value", "usual", "threshold", "count", "peak", "customers")
    at = ("peak_at", "started_at", "looked_at", "ended_at", "acknowledged_at")
    return {
        **{name: row[name] for name in (*plain, "acknowledged_by", "note")},
        **{name: row[name] and row[name].isoformat() for name in at},
        "cases": [{"id": id, "reference": references[id]} for id in row["examples"] if id in references],
    }


async def acknowledge(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, principal, id = validated(SurgeAcknowledged, read), request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> Any:
        try:
            row = surges.acknowledge(tx, id, note=asked.note, by=principal.name, actor=principal.actor)
        except NoSuchSurge:
            raise not_found("no surge has this id") from None
        except Acknowledged as error:
            raise Problem(409, "acknowledged", f"{error.by} has acknowledged it", by=error.by) from None
        return answer_of(_shape(row, _references(tx, [row])))

    return await do(request, body, effect)


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/surges",
        list_surges,
        REPORTS,
        "More complaints than usual, and many customers about one thing, the last begun first",
        query=(
            Query("state", "those that last, the first begun first", [OPEN]),
            *PAGING,
        ),
        answer="Surges",
    ),
    Route(
        "POST",
        "/api/v1/surges/{id}/acknowledge",
        acknowledge,
        SUPERVISE,
        "Says that one was seen, and what is being done: it rings no more",
        body=SurgeAcknowledged,
        answers={404: "no such surge", 409: "somebody has acknowledged it"},
        answer="Surge",
    ),
)
