"""One act upon many conversations or cases at once, and its undoing.

Each item is acted upon as the single act would, by the same functions and under the same rights, in a savepoint of its own: what can't be done
with one leaves the others alone and is named with its reason. Stricter than the single acts in two things. An item that has another owner or
newer words than the caller saw is refused, never overwritten. And whoever is in danger of life is not one of many: nobody takes over, gives, hands
back or puts off such a conversation with others.

Whoever did it undoes it within ten minutes, once. Customers are told at once, and at an undoing once more what is true then: a notice held back
until nobody can change their mind any more would come after the answer that it announces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from aiohttp import web

from case_store import bulk, cases, conversations
from case_store.bulk import Kept, LeftAsItIs
from case_store.cases import LostUpdate
from case_store.idempotency import Answer
from case_store.ids import new_id
from case_store.people import find_agent_by_id
from case_store.records import Owner
from case_store.store import Transaction
from gateway.api.agents import open_account
from gateway.api.assigning import called_off, given, put_off
from gateway.api.bulk_models import (
    AssignCases,
    Bulk,
    GiveMany,
    HandBackMany,
    SeenCase,
    SeenConversation,
    SnoozeMany,
    TakeMany,
)
from gateway.api.cases import changed, changed_meanwhile
from gateway.api.conversations import handed_back, taken_over, told
from gateway.api.doing import answer_of, attempted, do
from gateway.api.reading import read_json, validated
from gateway.api.routes import SIGNED_IN, Route
from gateway.auth.principals import PRINCIPAL, SUPERVISE, Principal
from gateway.going import person_of
from gateway.hooks import CASE_CHANGED, OWNER_CHANGED, Person
from gateway.problems import Problem, forbidden, not_found

Row = Mapping[Any, Any]
Deed = Callable[[Transaction, str], tuple[Row, str | None]]
"""Does it with the conversation of this id. Answers its row then, and the note that has called somebody."""

CASES: Final = "assign_case"
_LEFT: Final[Mapping[type[LeftAsItIs], tuple[str, str]]] = {
    bulk.ChangedSince: ("changed_meanwhile", "somebody has changed it since: it is left as it is"),
    bulk.AnsweredSince: ("answered", "an agent has answered there since: it is left as it is"),
    bulk.WroteSince: ("moved_on", "the customer has written to the bot since: it is left as it is"),
    bulk.DangerSince: ("danger_to_life", "somebody is in danger of life there: it is left as it is"),
    bulk.AccountClosed: ("account_closed", "who had it has no open account any more: it is left as it is"),
}
_NOT_UNDONE: Final[Mapping[type[bulk.BulkError], tuple[int, str, str]]] = {
    bulk.NoSuchAct: (404, "not_found", "nothing with this id can be undone"),
    bulk.NotTheirs: (403, "not_yours", "who did it undoes it"),
    bulk.UndoneAlready: (409, "undone_already", "it has been undone"),
    bulk.TooLate: (409, "too_late", f"it can be undone for {bulk.UNDO.seconds // 60} minutes"),
}


# acting -----------------------------------------------------------------------------------------------------------


async def act(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(Bulk, read)
    principal, kind = request[PRINCIPAL], asked.action.kind
    _check_scope(principal, kind)

    def effect(tx: Transaction) -> Answer:
        id = new_id()
        done, refused, before = _each(tx, asked.ids, _doing(tx, request, asked, {"bulk": id, **_why(asked)}))
        until = bulk.keep(tx, id, by=principal.id, kind=kind, before=before) if before else None
        return answer_of(_shown(id, done, refused) | {"undo_until": until and until.isoformat()})

    return await do(request, body, effect)


def _why(asked: Bulk) -> dict[str, str]:
    reason = getattr(asked.action, "reason", None)
    return {} if reason is None else {"reason": reason}


def _check_scope(principal: Principal, kind: str) -> None:
    scope = "cases:write" if kind == CASES else "conversations:write"
    if not principal.may(scope):
        raise forbidden("not_allowed", f"this takes {scope!r}, which you do not have")


def _each(
    tx: Transaction, ids: list[str], one: Callable[[Transaction, str], Kept | None]
) -> tuple[list[str], list[dict[str, str]], list[Kept]]:
    """What was done, what was refused and why, and what is to be kept. What is wrong with the act itself (422) is refused as a whole."""
    done: list[str] = []
    refused: list[dict[str, str]] = []
    before: list[Kept] = []

    def alone(id: str) -> Kept | Problem | None:
        return attempted(tx, lambda tx: one(tx, id))

    for id in ids:
        outcome = alone(id)
        if isinstance(outcome, Problem):
            if outcome.status == 422:
                raise outcome
            refused.append({"id": id, "code": outcome.code, "detail": outcome.detail})
            continue
        done.append(id)
        if outcome is not None:
            before.append(outcome)
    return done, refused, before


def _shown(id: str, done: list[str], refused: list[dict[str, str]]) -> dict[str, Any]:
    return {"id": id, "done": done, "refused": refused, "undo_until": None}


def _doing(
    tx: Transaction, request: web.Request, asked: Bulk, beside: Mapping[str, Any]
) -> Callable[[Transaction, str], Kept | None]:
    """What is done with each, all of them under lock."""
    if isinstance(asked.action, AssignCases):
        there = cases.locked_together(tx, asked.ids)
        return partial(_case, request, asked.action, {one.id: one for one in asked.cases}, frozenset(there), beside)
    seen = {one.id: one for one in asked.conversations}
    rows = conversations.locked_together(tx, asked.ids)
    newer = bulk.said_since(tx, rows, {id: one.last_message for id, one in seen.items()})
    # whoever was given one by turn and has not looked at it is not there: what is undone goes back to the queue
    waited = bulk.unopened(tx, rows)
    return partial(_conversation, _deed(tx, request, asked.action, beside), seen, rows, newer, waited)


def _deed(
    tx: Transaction,
    request: web.Request,
    action: TakeMany | GiveMany | HandBackMany | SnoozeMany,
    beside: Mapping[str, Any],
) -> Deed:
    principal = request[PRINCIPAL]
    match action:
        case TakeMany():
            supervises = principal.may(SUPERVISE)
            return lambda tx, id: taken_over(request, tx, id, from_another=supervises, beside=beside)
        case GiveMany():
            agent = open_account(tx, "action.agent", action.agent)
            return lambda tx, id: given(request, tx, id, agent, action.note, beside)
        case HandBackMany():
            to, takes = Owner(action.to), principal.may(SUPERVISE) and action.reason is not None
            return lambda tx, id: handed_back(request, tx, id, to, from_another=takes, beside=beside)
        case SnoozeMany():
            return lambda tx, id: (put_off(tx, id, action.until, principal, beside), None)


def _conversation(
    deed: Deed,
    seen: Mapping[str, SeenConversation],
    rows: Mapping[str, Row],
    newer: Mapping[str, Any],
    waited: Mapping[str, Mapping[str, Any]],
    tx: Transaction,
    id: str,
) -> Kept | None:
    before = rows.get(id)
    if before is None:
        raise not_found("no conversation has this id")
    if before["epoch"] != seen[id].epoch:
        raise Problem(409, "changed_meanwhile", "it has another owner than you saw: look at it again")
    if newer.get(id):
        raise Problem(409, "moved_on", "there are newer messages than you saw: look at it again")
    if before["urgent"]:
        raise Problem(409, "danger_to_life", "somebody is in danger of life there: open it by itself")
    if before["speak_at"] is not None and before["owner"] != Owner.AGENT:
        raise Problem(409, "not_heard_yet", "what the customer said last is being listened to: try again in a moment")
    after, note = told(lambda tx: deed(tx, id))(tx)
    return bulk.conversation_kept({**before, **waited.get(id, {})}, after, note)


def _case(
    request: web.Request,
    action: AssignCases,
    seen: Mapping[str, SeenCase],
    there: frozenset[str],
    beside: Mapping[str, Any],
    tx: Transaction,
    id: str,
) -> Kept | None:
    if id not in there:
        raise not_found("no case has this id")
    before = cases.get(tx, id)
    try:
        after = changed(tx, request, id, seen[id].version, {"assignee": action.assignee}, beside)
    except LostUpdate as error:
        raise changed_meanwhile(error) from None
    return bulk.case_kept(before, after)


# undoing ----------------------------------------------------------------------------------------------------------


async def undo(request: web.Request) -> web.Response:
    _, body = await read_json(request, required=False)
    principal, id = request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        try:
            act = bulk.undo(tx, id, principal.id)
        except bulk.BulkError as error:
            raise Problem(*_NOT_UNDONE[type(error)]) from None
        _check_scope(principal, act.kind)
        items = {one["id"]: one for one in act.before}
        done, refused, _ = _each(tx, list(items), _undoing(tx, request, act, items))
        return answer_of(_shown(id, done, refused))

    return await do(request, body, effect)


def _undoing(
    tx: Transaction, request: web.Request, act: bulk.Act, items: Mapping[str, Kept]
) -> Callable[[Transaction, str], None]:
    closed, beside = bulk.closed_accounts(tx, act.before), {"bulk": act.id, "undone": True}
    if act.kind == CASES:
        there = cases.locked_together(tx, list(items))
        back = partial(_case_back, request, closed, beside)
    else:
        there = conversations.locked_together(tx, list(items))
        said = bulk.said_since(tx, there, {id: one["left"]["last_message"] for id, one in items.items()})
        back = partial(_conversation_back, request, there, said, closed, beside)

    def one(tx: Transaction, id: str) -> None:
        if id not in there:
            raise not_found("it is not there any more")
        try:
            back(tx, items[id])
        except LeftAsItIs as error:
            raise Problem(409, *_LEFT[type(error)]) from None

    return one


def _conversation_back(
    request: web.Request,
    rows: Mapping[str, Row],
    said: Mapping[str, Any],
    closed: frozenset[str],
    beside: Mapping[str, Any],
    tx: Transaction,
    kept: Kept,
) -> None:
    id, principal = kept["id"], request[PRINCIPAL]
    after = bulk.put_back_conversation(
        tx, rows[id], kept, said=said.get(id, ()), closed=closed, actor=principal.actor, beside=beside
    )
    if after["epoch"] != rows[id]["epoch"]:
        request.app[OWNER_CHANGED](tx, rows[id], after, _who_answers(tx, after, principal))
    if kept["note"] is not None:
        called_off(tx, kept["note"])


def _who_answers(tx: Transaction, row: Row, principal: Principal) -> Person:
    """Whom the customer is told of: who has it again, or whoever has undone it."""
    if row["agent_id"] in (None, principal.id):
        return principal.person()
    agent = find_agent_by_id(tx, row["agent_id"])
    return principal.person() if agent is None else person_of(agent)


def _case_back(
    request: web.Request, closed: frozenset[str], beside: Mapping[str, Any], tx: Transaction, kept: Kept
) -> None:
    actor = request[PRINCIPAL].actor
    before, after = bulk.put_back_case(tx, kept, closed=closed, actor=actor, beside=beside)
    request.app[CASE_CHANGED](tx, before, after, None, actor)


ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/bulk",
        act,
        SIGNED_IN,
        "Does one thing with up to a hundred conversations or cases; what can't be done with one is named and leaves the others alone",
        body=Bulk,
        answers={403: "not allowed: it takes `conversations:write`, for cases `cases:write`"},
        answer="BulkDone",
    ),
    Route(
        "POST",
        "/api/v1/bulk/{id}/undo",
        undo,
        SIGNED_IN,
        "Puts each back as it was, within ten minutes and once; what somebody has touched since is named and left",
        answers={403: "somebody else did it", 404: "no such act", 409: "it has been undone, or it is too late"},
        answer="BulkDone",
    ),
)
