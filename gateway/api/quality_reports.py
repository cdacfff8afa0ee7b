"""What score sheets say together, and the measures that follow from it (handbook 8.2.3, 8.2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from aiohttp import web

from case_store import measures, quality
from case_store.measures import Done, Measure, NoSuchMeasure
from case_store.records import ChannelName
from case_store.store import Transaction
from gateway.api.doing import answer_of, do, json_response
from gateway.api.paging import PAGING, by, paged
from gateway.api.quality_models import MeasureAdded, MeasureDone
from gateway.api.reading import read_choice, read_day, read_json, validated
from gateway.api.routes import Query, Route
from gateway.auth.principals import PRINCIPAL, REPORTS, SUPERVISE
from gateway.context import GATEWAY
from gateway.figures import midnight
from gateway.problems import Problem, invalid_field, not_found
from gateway.quality_results import Scored, results

Row = Mapping[Any, Any]
FAR_BACK: Final = timedelta(days=365)


async def get_results(request: web.Request) -> web.Response:
    gateway = request.app[GATEWAY]
    zone = gateway.settings.timezone
    today = datetime.now(zone).date()
    first, last = read_day(request, "first_day") or today - FAR_BACK, read_day(request, "last_day") or today
    if last < first:
        raise invalid_field("last_day", f"is not before first_day: {last} is before {first}")
    found = await gateway.store.read(
        quality.handed_in,
        midnight(first, zone),
        midnight(last + timedelta(days=1), zone),
        handler=request.query.get("agent") or None,
        channel=read_choice(request, "channel", [name.value for name in ChannelName]),
    )
    return json_response(results([Scored.of(row, zone) for row in found], gateway.policy.quality.least))


async def list_measures(request: web.Request) -> web.Response:
    today = datetime.now(request.app[GATEWAY].settings.timezone).date()
    return await paged(request, measures.listing, lambda one: _shape(one, today), by("added_at"))


def _shape(row: Row, today: date) -> dict[str, Any]:
    plain = ("id", "text", "criterion", "who", "due_on", "added_by", "done_by", "note")
    at = {name: row[name] and row[name].isoformat() for name in ("added_at", "done_at")}
    overdue = row["done_at"] is None and row["due_on"] < today.isoformat()
    return {**{name: row[name] for name in plain}, **at, "overdue": overdue}


async def add_measure(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, gateway, principal = validated(MeasureAdded, read), request.app[GATEWAY], request[PRINCIPAL]
    known = [one.id for one in gateway.policy.quality.criteria]
    if asked.criterion is not None and asked.criterion not in known:
        raise invalid_field("criterion", f"is one of {', '.join(known)}, not {asked.criterion!r}")
    measure = Measure(**asked.model_dump())

    def effect(tx: Transaction) -> Any:
        row = measures.add(tx, measure, by=principal.name, actor=principal.actor)
        return answer_of(_shape(row, tx.now.astimezone(gateway.settings.timezone).date()), 201)

    return await do(request, body, effect)


async def tick_off(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked, gateway, principal = validated(MeasureDone, read), request.app[GATEWAY], request[PRINCIPAL]
    done = partial(measures.tick_off, note=asked.note or None, by=principal.name, actor=principal.actor)

    def effect(tx: Transaction) -> Any:
        try:
            row = done(tx, request.match_info["id"])
        except NoSuchMeasure:
            raise not_found("no measure has this id") from None
        except Done:
            raise Problem(409, "done", "it was ticked off before") from None
        return answer_of(_shape(row, tx.now.astimezone(gateway.settings.timezone).date()))

    return await do(request, body, effect)


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/quality/results",
        get_results,
        REPORTS,
        "What the sheets say that were handed in within a period: by criterion, agent, channel and month, with of how many",
        query=(
            Query("first_day", "a year ago if not named"),
            Query("last_day", "today if not named"),
            Query("agent", "username of whoever handled the cases"),
            Query("channel", "by which they came", [name.value for name in ChannelName]),
        ),
        answers={422: "not a day, or not a channel"},
        answer="QualityResults",
    ),
    Route(
        "GET",
        "/api/v1/quality/measures",
        list_measures,
        REPORTS,
        "What is to get better, by whom and by when, the last added first",
        query=PAGING,
        answer="QualityMeasures",
    ),
    Route(
        "POST",
        "/api/v1/quality/measures",
        add_measure,
        SUPERVISE,
        "Keeps a measure",
        body=MeasureAdded,
        status=201,
        answer="QualityMeasure",
    ),
    Route(
        "POST",
        "/api/v1/quality/measures/{id}/done",
        tick_off,
        SUPERVISE,
        "Ticks a measure off",
        body=MeasureDone,
        body_required=False,
        answers={404: "no such measure", 409: "it was ticked off before"},
        answer="QualityMeasure",
    ),
)
