"""Following a case: whoever does sees that something is new in it, whoever handles it. It gives no right and tells no customer anything."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from case_store import following
from case_store.audit import case_chain
from case_store.following import Followed, News, TooMany
from case_store.idempotency import Answer
from case_store.store import Transaction
from gateway.api import models, shapes
from gateway.api.cases import case_of
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.context import GATEWAY
from gateway.problems import Problem, forbidden
from gateway.readings import LIST, seen


async def follow(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Following, read)
    principal, key = request[PRINCIPAL], request.match_info["key"]
    if principal.agent is None:
        raise forbidden("not_allowed", "an agent follows a case: a machine listens to all of them")

    def effect(tx: Transaction) -> Answer:
        id = case_of(tx, key).id
        try:
            change = following.follow if asked.following else following.unfollow
            change(tx, id, principal.id)
        except TooMany:
            raise Problem(409, "too_many", f"at most {following.MOST} cases are followed: leave one first") from None
        return answer_of(_standing(tx, id, principal))

    return await do(request, body, effect)


async def get_followers(request: web.Request) -> web.Response:
    key, principal = request.match_info["key"], request[PRINCIPAL]
    standing = await request.app[GATEWAY].store.read(lambda tx: _standing(tx, case_of(tx, key).id, principal))
    return json_response(standing)


def _standing(tx: Transaction, case_id: str, principal: Principal) -> dict[str, Any]:
    found = following.followers(tx, case_id)
    return {
        "following": any(username == principal.username for username, _ in found),
        "followers": [{"username": username, "name": name} for username, name in found],
    }


async def list_following(request: web.Request) -> web.Response:
    principal = request[PRINCIPAL]
    found = await request.app[GATEWAY].store.read(following.of_agent, principal.id, principal.actor)
    seen(request, *(case_chain(one.case_id) for one in found))
    return json_response(shapes.whole([_followed(one) for one in found]))


def _followed(one: Followed) -> dict[str, Any]:
    news = one.news
    return {
        "case": one.case_id,
        "reference": one.reference,
        "customer": one.customer,
        "status": one.status,
        "conversations": list(one.conversations),
        "since": one.since.isoformat(),
        "news": news and _news(news),
    }


def _news(news: News) -> dict[str, Any]:
    detail = None if news.detail is None else dict(news.detail)
    return {"action": news.action, "at": news.at.isoformat(), "actor": news.actor, "detail": detail}


async def see_followed(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.FollowedSeen, read)
    principal = request[PRINCIPAL]

    def effect(tx: Transaction) -> Answer:
        following.see(tx, principal.id, asked.cases)
        return Answer(204, "")

    return await do(request, body, effect)


ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/cases/{key}/followers",
        get_followers,
        "cases:read",
        "Who follows a case, and whether the caller does",
        answers={404: "no such case"},
        answer="Followers",
        reads_nothing=True,
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/follow",
        follow,
        "cases:read",
        "Follows a case, or leaves it",
        body=models.Following,
        answers={403: "a machine follows nothing", 404: "no such case", 409: "as many as one may follow"},
        answer="Followers",
    ),
    Route(
        "GET",
        "/api/v1/following",
        list_following,
        "cases:read",
        "The cases that the caller follows, those with something new first",
        answer="FollowedCases",
        reads=LIST,
    ),
    Route(
        "POST",
        "/api/v1/following/seen",
        see_followed,
        "cases:read",
        "The caller has seen these cases as they are now",
        body=models.FollowedSeen,
        status=204,
        own=True,
    ),
)
