"""Who has read a case: its people, and the machines that came with a key. Growth beside the timeline, which tells what happened."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from case_store import people, readings
from case_store.readings import Read
from case_store.store import Transaction
from gateway.api.cases import case_of
from gateway.api.doing import json_response
from gateway.api.paging import PAGING, Page
from gateway.api.reading import read_limit
from gateway.api.routes import Route
from gateway.context import GATEWAY
from gateway.problems import Problem
from gateway.readings import READINGS


async def list_readings(request: web.Request) -> web.Response:
    limit, before = read_limit(request), _cursor(request)
    await request.app[READINGS].flush()  # whoever has just looked is told
    store, key = request.app[GATEWAY].store, request.match_info["key"]
    found, names = await store.read(_found, key, limit + 1, before)
    page = Page(found[:limit], found[limit - 1].id if len(found) > limit else None)
    return json_response(page.shown(lambda one: _shown(one, names)))


def _cursor(request: web.Request) -> tuple[str, int] | None:
    written = request.query.get("cursor")
    if not written:
        return None
    day, _, number = written.partition(".")
    if (
        not (len(day) == 8 and day.isascii() and day.isdigit() and number.isascii() and number.isdigit())
        or len(number) > 9
    ):
        raise Problem(400, "bad_cursor", f"{written[:40]!r} is no cursor: take `next_cursor` of the page before")
    return day, int(number)


def _found(tx: Transaction, key: str, limit: int, before: tuple[str, int] | None) -> tuple[list[Read], dict[str, str]]:
    found = readings.of_case(tx, case_of(tx, key).id, limit, before)
    return found, {agent.username: agent.name for agent in people.all_agents(tx)} if found else {}


def _shown(one: Read, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "actor": one.actor,
        "name": names.get(one.username or ""),
        "what": one.what,
        "of": one.of,
        "conversation": one.conversation,
    }


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/cases/{key}/readings",
        list_readings,
        "cases:read",
        "Who has read it, or a conversation that it goes on in, and what of it; the newest first",
        query=PAGING,
        answers={400: "no cursor", 404: "no such case"},
        answer="Readings",
        reads_nothing=True,
    ),
)
