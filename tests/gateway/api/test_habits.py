"""What every route keeps to: a list that can grow goes on by a cursor, what changes something may come twice, and no change is lost.

A new route has to be one of these, or stand in a table here with the reason why it isn't.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from gateway.api import doing
from gateway.api.app import ROUTES
from gateway.api.openapi import SHAPES, describe
from gateway.api.paging import PAGING
from gateway.api.routes import Route, takes_key

OTHER_LISTS = {
    "/api/v1/agents": "as many as work there",
    "/api/v1/agents/me/sessions": "browsers of one person",
    "/api/v1/agents/{username}/sessions": "browsers of one person",
    "/api/v1/arrivals": "those that are named",
    "/api/v1/canned/{id}/history": "editions of one text",
    "/api/v1/cases/{key}/clocks": "a handful by the policy",
    "/api/v1/cases/{key}/duplicates": "pairs of one case",
    "/api/v1/cases/{key}/evidence": "facts of one record",
    "/api/v1/cases/{key}/notes": "of one case: read as a whole",
    "/api/v1/cases/{key}/timeline": "of one case: a chain that is read from its beginning",
    "/api/v1/conversations/{id}/colleagues": "as many as work there",
    "/api/v1/conversations/{id}/drafts": "one of each kind",
    "/api/v1/conversations/{id}/notes": "of one conversation: read as a whole",
    "/api/v1/conversations/{id}/readers": "addresses of one case",
    "/api/v1/conversations/{id}/timeline": "of one conversation: a chain that is read from its beginning",
    "/api/v1/drafts": "at most as many as one person may keep",
    "/api/v1/following": "at most as many as one person may follow",
    "/api/v1/keys": "as many as the house has made",
    "/api/v1/mentions": "the latest, as many as a person can look at",
    "/api/v1/quality/samples/{id}/sheets": "as many as were drawn",
    "/api/v1/reports/now/cases": "the most pressing of now, up to a limit",
    "/api/v1/reports/now/conversations": "the most pressing of now, up to a limit",
    "/api/v1/teams": "as many as the house has made",
    "/api/v1/texts": "as many as the product has",
    "/api/v1/views": "at most as many as one person may keep",
    "/api/v1/webhooks": "at most as many as a house may have",
}
"""Lists without a cursor, and what bounds them."""

NOTHING_KEPT = {
    "POST /api/v1/calendar/check": "changes nothing",
    "POST /api/v1/calendar/read": "changes nothing",
    "POST /api/v1/cases/{key}/offers/preview": "changes nothing",
    "POST /api/v1/persons/export": "each handing out is another, and stands on record as one",
    "POST /api/v1/persons/find": "changes nothing",
    "POST /api/v1/policy/check": "changes nothing",
    "POST /api/v1/policy/set": "changes nothing: writes a value into the text that was sent",
    "POST /api/v1/sign-out": "signed out is signed out",
    "POST /api/v1/texts/{name}/check": "changes nothing",
    "DELETE /api/v1/session": "signed out is signed out",
    "PUT /api/v1/conversations/{id}/drafts/{kind}": "says which version it goes on from: the second is that version already",
    "PATCH /api/v1/uploads/{id}": "says at which offset it goes on: 409 with the right one",
    "DELETE /api/v1/uploads/{id}": "what is gone is gone",
}
"""Requests that are done once, or as often as they come, without an answer kept under their key, and why that does no harm."""

NO_VERSION = {
    "PATCH /api/v1/agents/{username}": "sets the fields that are named and no others; each change stands in the house's chain",
    "PATCH /api/v1/uploads/{id}": "appends at an offset, which is its version",
    "PATCH /api/v1/views/{id}": "a list of one person's own",
    "PUT /api/v1/cases/{key}/hold": "places what was not there: 409 where a hold stands, and changes none",
    "PUT /api/v1/conversations/{id}/drafts/{kind}": "names the version it goes on from in its body (`base`): 409 shows what another browser wrote",
}
"""Changes without `If-Match`, and why nobody's change is lost."""


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def is_list(route: Route) -> bool:
    return (
        route.method == "GET"
        and {"items", "next_cursor"} <= SHAPES.get(route.answer or "", {}).get("properties", {}).keys()
    )


def test_a_list_that_can_grow_goes_on_by_a_cursor() -> None:
    paged = {route.path for route in ROUTES if is_list(route) and all(one in route.query for one in PAGING)}
    assert len(paged) > 10
    assert {route.path for route in ROUTES if is_list(route)} - paged == OTHER_LISTS.keys()


def reached(function: Any, seen: set[Any]) -> Iterator[Any]:
    """What a function calls, and what that calls, within the gateway's API."""
    function = inspect.unwrap(function)
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("gateway."):
        return
    seen.add(function)
    yield function
    names = set(names_in(function.__code__))
    for known in [function.__globals__.get(one) for one in names] + cells(function):
        if isinstance(known, ModuleType):
            for inner in names:
                yield from reached(getattr(known, inner, None), seen)
        else:
            yield from reached(known, seen)


def cells(function: FunctionType) -> list[Any]:
    return [cell.cell_contents for cell in function.__closure__ or ()]


def names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names_in(inner)


def keeps(route: Route) -> bool:
    return doing.claim_of in reached(route.handler, set())


def test_what_changes_something_may_come_twice_under_a_key() -> None:
    writing = {name(route): route for route in ROUTES if route.method in ("POST", "PUT", "PATCH", "DELETE")}
    assert len(writing) > 80
    assert {named for named, route in writing.items() if not keeps(route)} == NOTHING_KEPT.keys()
    assert {named for named, route in writing.items() if route.anew} == NOTHING_KEPT.keys()


def test_a_change_of_a_record_names_the_version_it_was_made_on() -> None:
    changing = [route for route in ROUTES if route.method in ("PUT", "PATCH")]
    versioned = {name(route) for route in changing if {412, 428} <= route.answers.keys()}
    assert len(versioned) > 4
    assert {name(route) for route in changing} - versioned == NO_VERSION.keys()


def test_the_description_tells_of_the_key_and_of_every_problem() -> None:
    paths = describe(ROUTES)["paths"]
    for route in ROUTES:
        told = paths[route.path][route.method.lower()]
        named = {one["name"] for one in told["parameters"]}
        assert ("Idempotency-Key" in named) == takes_key(route), name(route)
        problems = {status for status in told["responses"] if status >= "400"}
        if route.scope is not None:
            assert {"401", "403", "429"} <= problems or route.path.endswith(("/live", "/uploads")), name(route)
        for status in problems:
            assert "application/problem+json" in told["responses"][status]["content"], (name(route), status)
