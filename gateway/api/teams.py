"""Teams: who belongs to them, and giving a conversation to one. A case is given to a team as its other fields are set (cases.py).

Not here: what is a team's (case_store/teams.py), giving by turn within one (gateway/giving.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from aiohttp import web

from case_store import conversations, notes, overview, ownership, teams
from case_store.idempotency import Answer
from case_store.store import Transaction
from case_store.teams import NoSuchTeam, Team, TeamChanged, TeamNameTaken
from gateway.api import shapes
from gateway.api.agents import open_account
from gateway.api.conversations import shown_to, told
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import if_match, read_json, validated
from gateway.api.routes import Route
from gateway.api.team_fields import open_team
from gateway.api.team_models import TeamAdded, TeamChange, TeamGiven
from gateway.auth.principals import PRINCIPAL, SUPERVISE
from gateway.context import GATEWAY
from gateway.hooks import OWNER_CHANGED
from gateway.problems import Problem, not_found

T = TypeVar("T")


async def list_teams(request: web.Request) -> web.Response:
    return json_response(shapes.whole(await request.app[GATEWAY].store.read(_listed)))


def _listed(tx: Transaction) -> list[dict[str, Any]]:
    loads = teams.loads(tx)
    return [_shape(one, *loads.get(one.name, (0, 0))) for one in teams.every(tx)]


def _shape(one: Team, waiting: int, open_cases: int) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "note": one.note,
        "active": one.active,
        "version": one.version,
        "members": list(one.members),
        "waiting": waiting,
        "open": open_cases,
    }


def _shown(tx: Transaction, one: Team) -> dict[str, Any]:
    return _shape(one, *teams.loads(tx).get(one.name, (0, 0)))


async def get_team(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    found = await request.app[GATEWAY].store.read(_told(lambda tx: _shown(tx, teams.find(tx, name))))
    return _versioned(found)


def _versioned(shown: dict[str, Any]) -> web.Response:
    return json_response(shown, headers={"ETag": f'"{shown["version"]}"'})


async def add_team(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, actor = validated(TeamAdded, read), request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        ids = _ids(tx, asked.members)
        made = teams.add(tx, asked.name, title=asked.title, note=asked.note, members=ids, actor=actor)
        return answer_of(_shown(tx, made), 201)

    return await do(request, body, _told(effect))


def _ids(tx: Transaction, usernames: Collection[str]) -> list[str]:
    return [open_account(tx, "members", username).id for username in usernames]


async def change_team(request: web.Request) -> web.Response:
    version = if_match(request)
    read, body = await read_json(request)
    changes = validated(TeamChange, read).model_dump(mode="json", exclude_unset=True)
    members, name, actor = changes.pop("members", None), request.match_info["name"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        ids = None if members is None else _ids(tx, members)
        return answer_of(_shown(tx, teams.change(tx, name, changes, members=ids, version=version, actor=actor)))

    return await do(request, body, _told(effect), versioned=True)


def _told(unit: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    def guarded(tx: Transaction) -> T:
        try:
            return unit(tx)
        except NoSuchTeam:
            raise not_found("no team has this name") from None
        except TeamNameTaken:
            raise Problem(409, "name_taken", "a team has this name already, or had it") from None
        except TeamChanged:
            raise Problem(412, "changed_meanwhile", "somebody has changed the team; read it again") from None

    return guarded


async def give(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(TeamGiven, read)
    id, principal = request.match_info["id"], request[PRINCIPAL]

    def effect(tx: Transaction) -> Answer:
        if asked.team is not None:
            open_team(tx, "team", asked.team)
        before = conversations.locked(tx, id)
        told_owner, _ = ownership.answering(tx, before)
        after = teams.give(
            tx, id, team=asked.team, by=principal.id, actor=principal.actor, supervises=principal.may(SUPERVISE)
        )
        if after["epoch"] != before["epoch"] and told_owner != after["owner"]:
            request.app[OWNER_CHANGED](tx, {**before, "owner": told_owner}, after, principal.person())
        if asked.note is not None:
            author = {"author": principal.id, "author_name": principal.name, "actor": principal.actor}
            notes.add(tx, id, asked.note, calls={}, **author)
        return answer_of(shown_to(request, overview.conversation(tx, id)))

    return await do(request, body, told(effect))


_KEYED = {404: "no such team"}

ROUTES = (
    Route("GET", "/api/v1/teams", list_teams, "conversations:read", "Every team, the closed ones too", answer="Teams"),
    Route("GET", "/api/v1/teams/{name}", get_team, "conversations:read", "One team", answers=_KEYED, answer="Team"),
    Route(
        "POST",
        "/api/v1/teams",
        add_team,
        "admin",
        "Makes a team",
        body=TeamAdded,
        status=201,
        answers={409: "the name is taken", 422: "a wrong field, or nobody who answers customers has this name"},
        answer="Team",
    ),
    Route(
        "PATCH",
        "/api/v1/teams/{name}",
        change_team,
        "admin",
        "Changes title, note and members of a team, closes it or opens it again; needs `If-Match`",
        body=TeamChange,
        answers={
            **_KEYED,
            412: "somebody changed it meanwhile",
            422: "a wrong field, or nobody who answers customers has this name",
            428: "If-Match is missing",
        },
        answer="Team",
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/team",
        give,
        "conversations:write",
        "Puts it into the queue of a team, or of everybody; out of another agent's hands it takes a supervisor",
        body=TeamGiven,
        answers={404: "no such conversation", 409: "another agent's conversation", 422: "no open team has this name"},
        answer="Conversation",
    ),
)
