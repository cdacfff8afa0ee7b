"""The house's calendar in the console: a year of it, a list that is pasted, what other days would change, its versions."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any, Final

from aiohttp import web

from case_store.documents import CALENDAR, Verdict, Version
from case_store.records import Language
from gateway import effects
from gateway.api import documents
from gateway.api.document_models import CalendarChecked, CalendarPasted, CalendarWritten
from gateway.api.doing import json_response
from gateway.api.reading import read_choice, read_json, read_limit, validated
from gateway.api.routes import Query, Route
from gateway.context import GATEWAY
from gateway.house_calendar import BadLines, HouseCalendar, OwnDay, parse_calendar, read_list
from gateway.in_force import InForce
from gateway.policy import DayKind, Fault
from gateway.problems import invalid_field
from gateway.rules import Edition


def _own(force: InForce) -> HouseCalendar:
    version = force.standing.counting.get(CALENDAR)
    return HouseCalendar() if version is None else parse_calendar(version.content)


async def show(request: web.Request) -> web.Response:
    gateway, force = request.app[GATEWAY], await documents.in_force(request)
    today = datetime.now(gateway.settings.timezone).date()
    year = read_limit(request, "year", least=2000, usual=today.year, most=2100)
    language = Language(read_choice(request, "language", Language) or gateway.settings.locale)
    without = force.edition_with(calendar=HouseCalendar())
    special = await asyncio.to_thread(effects.year, without, year, language)
    policy, own, version = without.policy.calendar, _own(force), force.standing.counting.get(CALENDAR)
    return json_response(
        {
            **await documents.state(request, CALENDAR),
            "version": version and version.number,
            "country": policy.country,
            "weekend": sorted(policy.weekend),
            "swaps_working_days": policy.swaps_working_days,
            "days": {day.isoformat(): _day(one) for day, one in sorted(own.days.items())},
            "complete_years": sorted(own.complete_years),
            "year": year,
            "published": gateway.rules.latest.days.is_complete(year),
            "special": special,
        }
    )


def _day(one: OwnDay) -> dict[str, str]:
    return {"kind": one.kind.value, "note": one.note}


def _lines(content: str) -> str:
    """One day a line, as it is compared."""
    own = parse_calendar(content)
    days = [f"{day} {one.kind.value} {one.note}".strip() for day, one in sorted(own.days.items())]
    return "\n".join([*days, *(f"{year} complete" for year in sorted(own.complete_years))])


async def show_version(request: web.Request) -> web.Response:
    force = await documents.in_force(request)

    def read(content: str) -> dict[str, Any]:
        own = parse_calendar(content)
        return {
            "days": {day.isoformat(): _day(one) for day, one in own.days.items()},
            "complete_years": sorted(own.complete_years),
        }

    def lines(one: Version) -> str:
        return _lines(one.content)

    return await documents.show_version(request, CALENDAR, read, lines, _lines(_own(force).document()))


async def read_pasted(request: web.Request) -> web.Response:
    """Days out of a list; of one with bad lines nothing is taken, and each is named."""
    read, _ = await read_json(request)
    asked = validated(CalendarPasted, read)
    try:
        days = read_list(asked.text)
    except BadLines as error:
        bad = [{"line": number, "text": text, "detail": why} for number, text, why in error.lines]
        return json_response({"days": {}, "problems": bad})
    return json_response({"days": {day.isoformat(): _day(one) for day, one in sorted(days.items())}, "problems": []})


async def check(request: web.Request) -> web.Response:
    read, _ = await read_json(request)
    asked = validated(CalendarChecked, read)
    gateway, force = request.app[GATEWAY], await documents.in_force(request)
    own = HouseCalendar(days=asked.days, complete_years=frozenset(asked.complete_years))
    old, new = gateway.rules.latest, force.edition_with(calendar=own)
    there = await gateway.store.read(effects.look)
    looked_at = sorted({*own.days, *_own(force).days})
    return json_response(await asyncio.to_thread(_effects, there, old, new, looked_at))


def _effects(there: effects.Cases, old: Edition, new: Edition, days: list[date]) -> dict[str, Any]:
    changed = [day for day in days if old.days.is_working(day) != new.days.is_working(day)]
    return {
        "changed": [{"day": day.isoformat(), "before": _kind(old, day), "after": _kind(new, day)} for day in changed],
        "cases": effects.on_changed_days(there, old, new),
        "new_ones": effects.new_ones(old, new),
    }


def _kind(edition: Edition, day: date) -> str:
    return (DayKind.WORK if edition.days.is_working(day) else DayKind.OFF).value


async def write(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(CalendarWritten, read)
    if (asked.days is None) == (asked.copy_of is None):
        raise invalid_field("days", "expected one of days and copy_of")
    content = await documents.earlier(request, CALENDAR, asked)
    if content is not None:
        _check_readable(content)
    if content is None:
        content = HouseCalendar(days=asked.days or {}, complete_years=frozenset(asked.complete_years)).document()
    return await documents.write(request, body, CALENDAR, asked, content, lambda number: f"calendar+c{number}")


def _check_readable(content: str) -> None:
    try:
        parse_calendar(content)
    except ValueError:
        told = "that version was written for another version of the software: write it anew"
        raise documents.refused([Fault("copy_of", told)]) from None


async def approve(request: web.Request) -> web.Response:
    return await documents.decide(request, CALENDAR, Verdict.APPROVED)


async def withdraw(request: web.Request) -> web.Response:
    return await documents.decide(request, CALENDAR, Verdict.WITHDRAWN)


_YEAR: Final = Query("year", "which is shown; this one if not named")
ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/calendar",
        show,
        "admin",
        "The calendar: the house's own days, a year of special days, versions",
        answer="CalendarRoom",
        query=(_YEAR, documents.LANGUAGE),
    ),
    Route(
        "GET",
        "/api/v1/calendar/versions/{number}",
        show_version,
        "admin",
        "A version, and how it differs from the one in force",
        answer="HouseVersionWhole",
        answers={404: "no version has this number"},
    ),
    Route(
        "POST",
        "/api/v1/calendar/read",
        read_pasted,
        "admin",
        "Reads a list of days, as lines or .ics: nothing is kept",
        body=CalendarPasted,
        answer="CalendarRead",
        anew=True,
    ),
    Route(
        "POST",
        "/api/v1/calendar/check",
        check,
        "admin",
        "What other days would change: nothing is kept",
        body=CalendarChecked,
        answer="CalendarChecked",
        anew=True,
    ),
    Route(
        "POST",
        "/api/v1/calendar/versions",
        write,
        "admin",
        "Writes a version of the house's own days",
        body=CalendarWritten,
        answer="HouseVersionWritten",
        status=201,
        answers={
            404: "no earlier version has this number",
            409: "another version has been written meanwhile; `number`",
        },
    ),
    Route(
        "POST",
        "/api/v1/calendar/versions/{number}/approve",
        approve,
        "admin",
        "Approves another person's version",
        answer="HouseVersionWritten",
        answers={403: "one's own", 404: "no version has this number", 409: "it was decided on, or overtaken"},
    ),
    Route(
        "POST",
        "/api/v1/calendar/versions/{number}/withdraw",
        withdraw,
        "admin",
        "Takes back a version that does not count yet",
        answer="HouseVersionWritten",
        answers={404: "no version has this number", 409: "it counts already"},
    ),
)
