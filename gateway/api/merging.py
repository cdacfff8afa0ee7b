"""Merging cases, taking them apart, and making messages that tell another matter a case of their own.

Whoever merges names the versions of both records that they have looked at: nobody merges what has moved on meanwhile. Before that it can be
asked what would come of it, and what speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from case_store import cases, conversations, merge_rows
from case_store.audit import case_chain
from case_store.case_record import CaseRecord
from case_store.cases import LostUpdate
from case_store.conversations import NoSuchConversation
from case_store.idempotency import Answer
from case_store.merge_rules import CannotMerge, MergeError, refusal
from case_store.merging import Apart, Wanted
from case_store.records import Facts
from case_store.splitting import CannotChoose, SplitError
from case_store.store import Transaction
from gateway import merging as room
from gateway import splitting
from gateway.api import merge_models as models
from gateway.api.cases import case_of, changed_meanwhile, unmasked_facts
from gateway.api.doing import answer_of, do, json_response
from gateway.api.masks import sees_masks
from gateway.api.reading import read_json, validated
from gateway.api.routes import Query, Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.hooks import PROMISES, UNDERSTAND
from gateway.notifications import Notices
from gateway.problems import Problem, invalid_field, not_found, unavailable
from gateway.readings import also

Effect = Callable[[Transaction], Answer]


def _notices(request: web.Request) -> Notices:
    gateway = request.app[GATEWAY]
    return Notices(request.app[PROMISES], gateway.settings, gateway.tokens)


async def look(request: web.Request) -> web.Response:
    into = request.query.get("into", "").strip()
    told = await request.app[GATEWAY].store.read(_looked_at, request.match_info["key"], into)
    also(request, case_chain(told["into"]["id"]))
    return json_response(told)


def _looked_at(tx: Transaction, key: str, into: str) -> dict[str, Any]:
    case = case_of(tx, key)
    if into:
        other = case_of(tx, into)
        return _shown(case, other, refusal(tx, case, other))
    done = merge_rows.standing(tx, case.id)
    if done is None:
        raise not_found("this case is dealt with under its own number: name another by `into`")
    by = {"by": done.merged_by.partition(":")[2] or done.merged_by, "at": done.merged_at.isoformat()}
    standing = {**by, "reason": done.reason, "status_before": done.before["status"]}
    return {**_shown(case, cases.get(tx, done.into_id), None), "standing": standing}


def _shown(case: CaseRecord, into: CaseRecord, wrong: MergeError | None) -> dict[str, Any]:
    due = merge_rows.earliest([merge_rows.due_of(into), merge_rows.due_of(case)])
    return {
        "case": case.to_json(),
        "into": into.to_json(),
        "feedback_due": due["feedback_due"],
        "risk": merge_rows.gravest([into.risk, case.risk]).value,
        "refused": wrong and {"code": wrong.code, "detail": str(wrong), "into": wrong.into},
        "standing": None,
    }


async def merge(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Merged, read)

    def effect(tx: Transaction) -> Answer:
        case, into = case_of(tx, request.match_info["key"]), case_of(tx, asked.into)
        by = request[PRINCIPAL].actor
        wanted = Wanted(case.id, into.id, by, asked.reason.strip(), asked.version, asked.into_version)
        return answer_of(room.merge(tx, _notices(request), wanted).into.to_json())

    return await do(request, body, _told(effect))


async def unmerge(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Unmerged, read)
    named = tuple((one.conversation, one.message) for one in asked.messages)

    def effect(tx: Transaction) -> Answer:
        case, by = case_of(tx, request.match_info["key"]), request[PRINCIPAL].actor
        apart = Apart(case.id, by, asked.reason.strip(), named)
        return answer_of(room.take_apart(tx, _notices(request), apart).case.to_json())

    return await do(request, body, _told(effect))


def _told(effect: Effect) -> Effect:
    """The effect, with refusals of the store as problems."""

    def told(tx: Transaction) -> Answer:
        try:
            return effect(tx)
        except CannotMerge as error:
            status = 422 if error.code == "same_case" else 409
            raise Problem(status, error.code, str(error), into=error.into) from None
        except MergeError as error:
            raise Problem(409, error.code, str(error)) from None
        except LostUpdate as error:
            raise changed_meanwhile(error) from None

    return told


async def split(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.SplitOff, read)
    app, id, numbers = request.app, request.match_info["id"], tuple(sorted(set(asked.messages)))
    if UNDERSTAND not in app:
        raise unavailable()
    facts = _facts(await app[GATEWAY].store.read(_given, request, asked))
    found = await app[GATEWAY].store.read(splitting.look, id, numbers, facts)
    now = datetime.now(UTC)
    said = None if found is None else await splitting.understand(app[UNDERSTAND], app[PROMISES], found, now)
    wanted = splitting.Split(id, numbers, request[PRINCIPAL].actor, asked.reason.strip(), found, said)

    def effect(tx: Transaction) -> Answer:
        try:
            made, _ = splitting.split(tx, _notices(request), wanted)
        except NoSuchConversation:
            raise not_found("no conversation has this id") from None
        except SplitError as error:
            raise Problem(422 if isinstance(error, CannotChoose) else 409, error.code, str(error)) from None
        return answer_of(made.to_json(), 201)

    return await do(request, body, effect)


def _given(tx: Transaction, request: web.Request, asked: models.SplitOff) -> dict[str, Any]:
    """What the agent has filled in, with the numbers that they saw masked in the case that it comes from."""
    given = asked.facts.model_dump(mode="json", exclude_unset=True) if asked.facts is not None else {}
    if not given or not sees_masks(request):
        return given
    row = conversations.find(tx, request.match_info["id"])
    return unmasked_facts(None if row is None or row["case_id"] is None else cases.get(tx, row["case_id"]), given)


def _facts(given: dict[str, Any]) -> Facts:
    """Facts as the agent has filled them in."""
    try:
        return Facts.from_json(given)
    except (KeyError, ValueError) as error:
        raise invalid_field("facts", str(error)) from None


_KEYED: Final = {404: "no such case"}
_TOO_LATE: Final = "another customer's, merged or finished already, or something of it would be lost"

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/cases/{key}/merge",
        look,
        "cases:read",
        "What would come of merging this case into another, and what speaks against it; or how it was merged",
        query=(Query("into", "reference number or id of the case that would go on"),),
        answers={404: "no such case, or it is not merged and no other is named"},
        answer="MergeLookedAt",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/merge",
        merge,
        "cases:write",
        "Deals with this case under another of the same customer's from now on, and tells the customer; answers that one",
        body=models.Merged,
        answers={
            **_KEYED,
            409: _TOO_LATE,
            412: "somebody changed one of them meanwhile",
            422: "a wrong body, or itself",
        },
        answer="Case",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/unmerge",
        unmerge,
        "cases:write",
        "Takes a merged case out again as it was before, and tells the customer if they had heard of it",
        body=models.Unmerged,
        answers={**_KEYED, 409: "it is not merged, or it would not be true any more", 422: "a wrong body"},
        answer="Case",
    ),
    Route(
        "POST",
        "/api/v1/conversations/{id}/split",
        split,
        "cases:write",
        "Makes messages that tell another matter a case of their own, filed under its own number; answers that case",
        body=models.SplitOff,
        status=201,
        answers={
            404: "no such conversation",
            409: "a proxy's, nobody knows whose it is, or a message was changed meanwhile",
            422: "not the customer's messages, split off before, of several cases, or all of their case",
        },
        answer="Case",
    ),
)
