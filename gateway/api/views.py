"""The lists that agents work from: how much waits in each, and lists of cases that they have made for themselves or for everybody.

A list of one's own is kept by name; one that is shared takes a supervisor, is seen by everybody, changed by whoever made it alone and removed
by any supervisor.
The cases of a list are asked for by `GET /api/v1/due?view=` and `GET /api/v1/cases`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from aiohttp import web

from case_store import views
from case_store.audit import case_chain
from case_store.case_record import CaseRecord
from case_store.idempotency import Answer
from case_store.pages import LastSeen
from case_store.store import Transaction
from case_store.views import NameTaken, NoSuchView, SavedView, TooMany, View, Work
from gateway.api import models, shapes
from gateway.api.doing import answer_of, do, json_response, undone
from gateway.api.paging import PAGING, page_of
from gateway.api.reading import read_choice, read_json, validated
from gateway.api.routes import Query, Route
from gateway.api.team_fields import ASKED_TEAM, asked_for
from gateway.auth.principals import PRINCIPAL, SUPERVISE, Principal
from gateway.context import GATEWAY
from gateway.problems import Problem, forbidden, not_found
from gateway.readings import LIST, seen

T = TypeVar("T")


async def list_due(request: web.Request) -> web.Response:
    assignee = request.query.get("assignee")
    view = View(read_choice(request, "view", [view.value for view in View]) or View.DUE)
    username = request[PRINCIPAL].username
    chosen = username if assignee == "me" else assignee or None
    listing = partial(
        views.listing,
        view=view,
        username=username,
        agent_id=request[PRINCIPAL].id,
        assignee=chosen,
        of_teams=asked_for(request),
    )
    found = await request.app[GATEWAY].store.read(page_of(request, listing, _due))
    seen(request, *(case_chain(record.id) for record in found.items))
    return json_response(found.shown(CaseRecord.to_json))


def _due(record: CaseRecord) -> LastSeen:
    assert record.feedback_due_at is not None
    return record.feedback_due_at, record.id


async def list_views(request: web.Request) -> web.Response:
    principal = request[PRINCIPAL]
    return json_response(await request.app[GATEWAY].store.read(_shown, principal))


def _shown(tx: Transaction, principal: Principal) -> dict[str, Any]:
    work = views.work(tx, principal.username, principal.id)
    saved = views.of_agent(tx, principal.id)
    return {**shapes.whole([_saved(one) for one in saved]), "counts": _counts(work)}


def _counts(work: Work) -> dict[str, int]:
    return {
        **{view.value: count for view, count in work.cases.items()},
        "waiting": work.waiting,
        "waiting_team": work.waiting_team,
        "own_conversations": work.own,
        "parked": work.parked,
    }


def _saved(one: SavedView) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "chosen": dict(one.chosen),
        "shared": one.shared,
        "owner_name": one.owner_name,
    }


async def save_view(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.ViewSaved, read)
    principal = request[PRINCIPAL]
    _check_sharing(principal, asked.shared)
    chosen = asked.chosen.model_dump(mode="json", exclude_none=True)

    def effect(tx: Transaction) -> Answer:
        return answer_of(_saved(views.save(tx, principal.id, asked.name, chosen, shared=asked.shared)), 201)

    return await do(request, body, _told(effect))


async def change_view(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.ViewChanged, read)
    principal, id = request[PRINCIPAL], request.match_info["id"]
    _check_sharing(principal, asked.shared)
    changes = asked.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    changed = _told(lambda tx: answer_of(_saved(views.change(tx, id, principal.id, changes))))
    return await do(request, body, changed)


async def remove_view(request: web.Request) -> web.Response:
    principal, id = request[PRINCIPAL], request.match_info["id"]

    remove = partial(views.remove, id=id, owner=principal.id, supervises=principal.may(SUPERVISE))
    return await undone(request, _told(remove))


def _check_sharing(principal: Principal, shared: bool | None) -> None:
    if shared and not principal.may(SUPERVISE):
        raise forbidden("not_allowed", "a list for everybody takes a supervisor")


def _told(effect: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    """The effect, with what a list refuses told as a problem."""

    def guarded(tx: Transaction) -> T:
        try:
            return effect(tx)
        except NoSuchView:
            raise not_found("no list of yours has this id") from None
        except NameTaken:
            raise Problem(409, "name_taken", "another list of yours has this name") from None
        except TooMany:
            raise Problem(409, "too_many", f"at most {views.MOST} lists are kept: remove one first") from None

    return guarded


_REFUSED: Final = {403: "a list for everybody takes a supervisor", 409: "the name is taken, or there are too many"}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/due",
        list_due,
        "cases:read",
        "Open cases, the most pressing first",
        query=(
            Query("view", "which of them (default: all)", [view.value for view in View]),
            Query("assignee", "username, or `me`: theirs alone"),
            ASKED_TEAM,
            *PAGING,
        ),
        answer="Cases",
        reads=LIST,
    ),
    Route(
        "GET",
        "/api/v1/views",
        list_views,
        "cases:read",
        "How much waits in each list that agents work from, and the lists that were saved: one's own, then those for everybody",
        answer="Views",
    ),
    Route(
        "POST",
        "/api/v1/views",
        save_view,
        "cases:read",
        "Saves a list of cases under a name",
        body=models.ViewSaved,
        status=201,
        answers=_REFUSED,
        answer="SavedView",
    ),
    Route(
        "PATCH",
        "/api/v1/views/{id}",
        change_view,
        "cases:read",
        "Renames a list of one's own, shares it, or keeps another choice",
        body=models.ViewChanged,
        answers={**_REFUSED, 404: "no list of one's own has this id"},
        answer="SavedView",
    ),
    Route(
        "DELETE",
        "/api/v1/views/{id}",
        remove_view,
        "cases:read",
        "Removes a list of one's own; one for everybody takes a supervisor",
        status=204,
        answers={404: "no list that the caller may remove has this id"},
    ),
)
