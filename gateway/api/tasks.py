"""What waits for a person: calls and letters to be made and recorded, and arrivals that could not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from case_store import arrivals, recipients, tasks
from case_store.audit import case_chain
from case_store.idempotency import Answer
from case_store.store import Transaction
from case_store.tasks import Deed, Task
from gateway import telling
from gateway.api import arrived, models, paper_models, shapes
from gateway.api.cases import case_of, unmasked_facts
from gateway.api.counter import CLOCKS_DIFFER
from gateway.api.doing import answer_of, do, json_response
from gateway.api.masks import sees_masks
from gateway.api.paging import PAGING, Page, page_of
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, SUPERVISE
from gateway.context import GATEWAY
from gateway.hooks import PROMISES
from gateway.problems import Problem, invalid_field, not_found
from gateway.readings import LIST, seen
from gateway.telephone import callbacks
from gateway.telephone.callbacks import Outcome

LONGEST_PUT_OFF: Final = timedelta(days=7)


async def list_tasks(request: web.Request) -> web.Response:
    page = page_of(request, tasks.open_tasks, lambda task: (task.created_at, task.id), usual=200)
    shown = await request.app[GATEWAY].store.read(_to_do, page)
    seen(request, *(case_chain(one["case"]) for one in shown["items"] if one["case"]))
    return json_response(shown)


def _to_do(tx: Transaction, page: Callable[[Transaction], Page[Task]]) -> dict[str, Any]:
    """The longest open are on the first page, and on each page the most pressing stand first."""
    found = page(tx)
    people = recipients.of_cases(tx, [task.case_id for task in found.items if task.case_id])
    pressing = Page(sorted(found.items, key=tasks.pressing), found.next_cursor)
    return pressing.shown(lambda task: shapes.task(task, people.get(task.case_id or ""), tx.now))


async def task_done(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(models.TaskDone, read)
    id = request.match_info["id"]

    changes = asked.model_dump(mode="json", exclude_unset=True)
    outcome = Outcome(changes.get("facts"), changes.get("declined", ()), vouched=asked.vouched)

    def effect(tx: Transaction) -> Answer:
        task = _task(tx, id)
        if task.done_at is not None:
            raise _done_before()
        if not asked.reached:
            return answer_of({"id": id, "done": False, **_missed(request, tx, task, asked.note, asked.at, None)})
        _check_outcome(task, outcome)
        how = asked.how or telling.USUAL_WAY.get(task.kind, "done")
        telling.done(tx, id, _deed(request, how, asked.note, asked.at))
        callbacks.record(tx, task, _with_numbers(tx, request, task, outcome), request[PRINCIPAL].actor)
        return answer_of({"id": id, "done": True})

    return await do(request, body, effect)


def _with_numbers(tx: Transaction, request: web.Request, task: Task, outcome: Outcome) -> Outcome:
    """Facts that were corrected where they stood masked keep their numbers."""
    if task.case_id is None or not outcome.facts or not sees_masks(request):
        return outcome
    return replace(outcome, facts=unmasked_facts(case_of(tx, task.case_id), outcome.facts))


def _check_outcome(task: Task, outcome: Outcome) -> None:
    if task.case_id is None and (outcome.facts or outcome.declined or outcome.vouched):
        raise invalid_field("facts", "this task is about no case that they could be written to")


def _missed(
    request: web.Request, tx: Transaction, task: Task, note: str, at: datetime | None, next_at: datetime | None
) -> dict[str, Any]:
    """A call that reached nobody: what comes next."""
    if task.kind != "call_back":
        raise Problem(409, "no_call", "only a call can reach nobody")
    if task.done_at is not None:
        raise _done_before()
    deed = _deed(request, telling.NOT_REACHED, note, at)
    tried = telling.not_reached(tx, request.app[PROMISES], task, deed, _next_try(next_at, deed))
    return shapes.tried(task.id, tried)


async def not_reached(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(paper_models.NotReached, read)
    id = request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        return answer_of(_missed(request, tx, _task(tx, id), asked.note, asked.at, asked.next_at))

    return await do(request, body, effect)


async def receipt_given(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(paper_models.ReceiptGiven, read)

    def effect(tx: Transaction) -> Answer:
        record = case_of(tx, request.match_info["key"])
        if record.reference is None:
            raise Problem(409, "not_filed", "a draft has no receipt: file it first")
        telling.receipt_given(tx, record, _deed(request, asked.how, asked.note, asked.at))
        return answer_of({"reference": record.reference, "told": True})

    return await do(request, body, effect)


def _task(tx: Transaction, id: str) -> Task:
    task = tasks.locked(tx, id)
    if task is None:
        raise not_found()
    return task


def _done_before() -> Problem:
    return Problem(409, "done_before", "this task was done before")


def _deed(request: web.Request, how: str, note: str, at: datetime | None) -> Deed:
    principal, now = request[PRINCIPAL], datetime.now(UTC)
    if at is not None and at > now + CLOCKS_DIFFER:
        raise invalid_field("at", "lies in the future")
    return Deed(how, (at or now).astimezone(UTC), principal.id, principal.actor, note)


def _next_try(at: datetime | None, deed: Deed) -> datetime | None:
    if at is not None and not deed.at < at <= deed.at + LONGEST_PUT_OFF:
        raise invalid_field("next_at", f"lies after this try, at most {LONGEST_PUT_OFF.days} days")
    return at and at.astimezone(UTC)


async def list_parked(request: web.Request) -> web.Response:
    page = page_of(request, arrivals.parked, lambda one: (one.received_at, one.id), usual=200)
    found = await request.app[GATEWAY].store.read(page)
    items = await arrived.shown(request.app[GATEWAY], found.items)
    return json_response({"items": items, "next_cursor": found.next_cursor})


async def replay_parked(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(models.Replay, read)

    def effect(tx: Transaction) -> Answer:
        again = arrivals.replay(tx, asked.id)
        if asked.id is not None and not again:
            raise not_found("no parked arrival has this id")
        tx.wake("parked", asked.id or "")
        return answer_of({"replayed": again})

    return await do(request, body, effect)


ROUTES = (
    Route(
        "GET",
        "/api/v1/tasks",
        list_tasks,
        "cases:read",
        "What a person has to do: call back, write, look; the longest open on the first page, the most pressing first on each",
        query=PAGING,
        answer="Tasks",
        reads=LIST,
    ),
    Route(
        "POST",
        "/api/v1/tasks/{id}/done",
        task_done,
        "cases:write",
        "Records that it was done and how: of a call back, what the customer answered",
        body=models.TaskDone,
        body_required=False,
        answers={404: "no such task", 409: "it was done before"},
        answer="TaskDone",
    ),
    Route(
        "POST",
        "/api/v1/tasks/{id}/not-reached",
        not_reached,
        "cases:write",
        "Records a call that reached nobody; the last of the policy's tries makes it a letter",
        body=paper_models.NotReached,
        body_required=False,
        answers={404: "no such task", 409: "it was done before, or is no call"},
        answer="NotReached",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/receipt",
        receipt_given,
        "cases:write",
        "Records that the customer has the receipt in hand, which tells them that the complaint is registered",
        body=paper_models.ReceiptGiven,
        body_required=False,
        answers={404: "no such case", 409: "a draft has no receipt"},
        answer="ReceiptGiven",
    ),
    Route(
        "GET",
        "/api/v1/parked",
        list_parked,
        "cases:read",
        "Arrivals that could not be read, with the reason, the last first",
        query=PAGING,
        answer="ParkedArrivals",
    ),
    Route(
        "POST",
        "/api/v1/parked/replay",
        replay_parked,
        SUPERVISE,
        "Sends one parked arrival, or all, to be read again",
        body=models.Replay,
        body_required=False,
        answers={404: "no such arrival"},
        answer="Replayed",
    ),
)
