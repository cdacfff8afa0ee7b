"""Webhooks by the API: who wants to hear what, what was posted to them and how that went, and sending it again.

A secret is in the answer that made it and nowhere else; of a repeated request it is derived again, as a key is.

Not here: what happened (case_store/happenings.py), posting it (gateway/webhooks/).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from case_store import postings, webhooks
from case_store.cases import LostUpdate
from case_store.happenings import TYPES
from case_store.idempotency import Answer, Claim
from case_store.postings import KEPT, MOST_AGAIN, STATES, TEST
from case_store.store import Transaction
from case_store.webhooks import MOST, Inactive, NoSuchWebhook, NotKept, TooMany, Webhook
from gateway import sealing
from gateway.api.cases import changed_meanwhile
from gateway.api.doing import answer_of, claim_of, do, json_response, perform, secret_of, undone
from gateway.api.paging import PAGING, Page, by, page_of
from gateway.api.reading import (
    if_match,
    read_choice,
    read_json,
    validated,
)
from gateway.api.routes import Query, Route
from gateway.api.webhook_models import NAMES, SendSince, WebhookAdded, WebhookChange
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import Problem, invalid_field, not_found
from gateway.webhooks.addresses import problem_of
from gateway.webhooks.names import SEALED_FOR, name_of, secret_from
from gateway.webhooks.shown import all_shown, shown

T = TypeVar("T")
_TYPES = {name_of(type): type for type in (*TYPES, TEST)}


async def list_webhooks(request: web.Request) -> web.Response:
    items = await request.app[GATEWAY].store.read(all_shown)
    return json_response({"items": items, "next_cursor": None, "types": list(NAMES)})


async def get_webhook(request: web.Request) -> web.Response:
    return _shown(await request.app[GATEWAY].store.read(_told(partial(_whole, id=request.match_info["id"]))))


def _whole(tx: Transaction, id: str) -> dict[str, Any]:
    return shown(webhooks.get(tx, id), postings.figures(tx, [id])[id])


def _shown(one: Mapping[str, Any]) -> web.Response:
    return json_response(one, headers={"ETag": f'"{one["version"]}"'})


async def add_webhook(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, actor = validated(WebhookAdded, read), request[PRINCIPAL].actor
    _check_url(request, asked.url)
    types = [_TYPES[name] for name in asked.types]

    def effect(tx: Transaction, secret: str) -> Webhook:
        return webhooks.add(
            tx,
            url=asked.url,
            description=asked.description,
            types=types,
            secret=secret,
            active=asked.active,
            actor=actor,
        )

    return await _with_secret(request, body, effect, 201)


async def replace_secret(request: web.Request) -> web.Response:
    _, body = await read_json(request, required=False)
    id, actor = request.match_info["id"], request[PRINCIPAL].actor
    return await _with_secret(
        request, body, lambda tx, secret: webhooks.replace_secret(tx, id, secret, actor=actor), 200
    )


async def _with_secret(
    request: web.Request, body: bytes, effect: Callable[[Transaction, str], Webhook], status: int
) -> web.Response:
    claim, tokens = claim_of(request, body), request.app[GATEWAY].tokens

    def made(tx: Transaction) -> Answer:
        nonce = secrets.token_urlsafe(32)
        one = effect(tx, sealing.seal(tokens, SEALED_FOR, _secret(request, claim, nonce)))
        counted = postings.figures(tx, [one.id])[one.id]
        return answer_of({"nonce": nonce, "made": shown(one, counted)}, status)

    answer, _ = await perform(request, claim, _told(made))
    kept = json.loads(answer.body)
    if answer.status >= 400:
        raise Problem(answer.status, kept["code"], kept["detail"])
    return json_response({**kept["made"], "secret": _secret(request, claim, kept["nonce"])}, status)


def _secret(request: web.Request, claim: Claim | None, nonce: str) -> str:
    return secret_from(secret_of(request, claim, nonce))


async def change_webhook(request: web.Request) -> web.Response:
    version = if_match(request)
    read, body = await read_json(request)
    changes = validated(WebhookChange, read).model_dump(exclude_unset=True, exclude_none=True)
    if "url" in changes:
        _check_url(request, changes["url"])
    if "types" in changes:
        changes["types"] = [_TYPES[name] for name in changes["types"]]
    id, actor = request.match_info["id"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        webhooks.change(tx, id, changes, version=version, actor=actor)
        return answer_of(_whole(tx, id))

    return await do(request, body, _told(effect), versioned=True)


async def remove_webhook(request: web.Request) -> web.Response:
    version, id, actor = if_match(request), request.match_info["id"], request[PRINCIPAL].actor
    return await undone(request, _told(lambda tx: webhooks.remove(tx, id, version=version, actor=actor)))


async def list_deliveries(request: web.Request) -> web.Response:
    id, name = request.match_info["id"], read_choice(request, "type", _TYPES)
    state, type = read_choice(request, "state", STATES), _TYPES[name] if name else None
    page = page_of(request, partial(postings.listing, webhook_id=id, state=state, type=type), by("created_at"))

    def read(tx: Transaction) -> Page[dict[str, Any]]:
        webhooks.get(tx, id)
        return page(tx)

    found = await request.app[GATEWAY].store.read(_told(read))
    return json_response(found.shown(_delivery))


def _delivery(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"],
        "event": one["event"],
        "type": name_of(one["type"]),
        "subject": one["reference"] if one["conversation_id"] is None else one["conversation_id"],
        "at": one["at"].isoformat(),
        "state": one["state"],
        "attempts": one["attempts"],
        "again": one["again"],
        "next_at": one["due_at"] and one["due_at"].isoformat(),
        "error": one["error"],
        "created_at": one["created_at"].isoformat(),
        "ended_at": one["ended_at"] and one["ended_at"].isoformat(),
    }


async def get_delivery(request: web.Request) -> web.Response:
    from gateway.webhooks.events import event_of

    gateway, id, which = request.app[GATEWAY], request.match_info["id"], request.match_info["delivery"]
    found = await gateway.store.read(postings.one, id, which)
    if found is None:
        raise _no_delivery()
    shown, happening, tries = found
    body = json.loads(event_of(happening, gateway.settings.public_url or ""))
    told = [
        {
            "at": one.at.isoformat(),
            "status": one.status,
            "took_ms": one.took_ms,
            "error": one.error,
            "answer": one.answer,
        }
        for one in tries
    ]
    return json_response({**_delivery(shown), "body": body, "tries": told})


def _no_delivery() -> Problem:
    return not_found("no delivery of this webhook has this id; they are kept for 30 days")


async def send_again(request: web.Request) -> web.Response:
    _, body = await read_json(request, required=False)
    id, which, actor = request.match_info["id"], request.match_info["delivery"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        new = postings.send_again(tx, id, which, actor=actor)
        if new is None:
            raise _no_delivery()
        return answer_of({"id": new}, 202)

    return await do(request, body, effect)


async def send_since(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    since, id = validated(SendSince, read).moment, request.match_info["id"]
    actor = request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        queued, more = postings.send_since(tx, webhooks.get(tx, id), since, actor=actor)
        return answer_of({"queued": queued, "more_since": more and more.isoformat()}, 202)

    return await do(request, body, _told(effect))


async def send_test(request: web.Request) -> web.Response:
    _, body = await read_json(request, required=False)
    id, actor = request.match_info["id"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        return answer_of({"id": postings.send_test(tx, webhooks.get(tx, id), actor=actor)}, 202)

    return await do(request, body, _told(effect))


def _check_url(request: web.Request, url: str) -> None:
    problem = problem_of(url, request.app[GATEWAY].settings.webhook_networks)
    if problem is not None:
        raise invalid_field("url", problem)


def _told(effect: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    def guarded(tx: Transaction) -> T:
        try:
            return effect(tx)
        except NoSuchWebhook:
            raise not_found("no webhook has this id") from None
        except LostUpdate as error:
            raise changed_meanwhile(error) from None
        except Inactive:
            raise Problem(409, "webhook_inactive", "nothing is posted to a webhook that is not active") from None
        except NotKept:
            raise invalid_field("since", f"is a time of the last {KEPT.days} days: that long events are kept") from None
        except TooMany:
            raise Problem(409, "too_many", f"there are at most {MOST} webhooks", most=MOST) from None

    return guarded


_ONE = "/api/v1/webhooks/{id}"
ROUTES = (
    Route("GET", "/api/v1/webhooks", list_webhooks, "admin", "All webhooks, and the types of events there are", answer="Webhooks"),
    Route(
        "POST", "/api/v1/webhooks", add_webhook, "admin", "Adds a webhook; its secret is in this answer and nowhere else",
        body=WebhookAdded, answer="WebhookMade", status=201, answers={409: "there are as many as there may be"},
    ),
    Route("GET", _ONE, get_webhook, "admin", "One webhook", answer="Webhook", answers={404: "there is none"}),
    Route(
        "PATCH", _ONE, change_webhook, "admin", "Changes a webhook", body=WebhookChange, answer="Webhook",
        answers={404: "there is none", 412: "it was changed meanwhile", 428: "no If-Match"},
    ),
    Route(
        "DELETE", _ONE, remove_webhook, "admin", "Removes a webhook with all that was posted to it", status=204,
        answers={404: "there is none", 412: "it was changed meanwhile", 428: "no If-Match"},
    ),
    Route(
        "POST", f"{_ONE}/secret", replace_secret, "admin", "Makes a new secret; the old one signs beside it for a day",
        answer="WebhookMade", answers={404: "there is none"},
    ),
    Route(
        "POST", f"{_ONE}/test", send_test, "admin", "Posts an event of something that did not happen",
        answer="WebhookQueued", status=202, answers={404: "there is none", 409: "it is not active"},
    ),
    Route(
        "POST", f"{_ONE}/replay", send_since, "admin",
        f"Posts everything again that it wants and that has happened since, at most {MOST_AGAIN:,} events",
        body=SendSince, answer="WebhookQueuedMany", status=202, answers={404: "there is none"},
    ),
    Route(
        "GET", f"{_ONE}/deliveries", list_deliveries, "admin", "What was and is to be posted, newest first",
        query=(
            Query("state", "how it stands", STATES),
            Query("type", "the type of event", tuple(_TYPES)),
            *PAGING,
        ),
        answer="WebhookDeliveries", answers={404: "there is none"},
    ),
    Route(
        "GET", f"{_ONE}/deliveries/{{delivery}}", get_delivery, "admin", "One delivery, its event and each try",
        answer="WebhookDelivery", answers={404: "there is none"},
    ),
    Route(
        "POST", f"{_ONE}/deliveries/{{delivery}}/replay", send_again, "admin", "Posts one event again",
        answer="WebhookQueued", status=202, answers={404: "there is none"},
    ),
)  # fmt: skip
