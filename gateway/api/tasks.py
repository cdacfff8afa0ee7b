"""What waits for a person: calls and letters to be made, and arrivals that could not be read."""

from __future__ import annotations

from aiohttp import web

from case_store import arrivals, tasks
from case_store.idempotency import Answer
from case_store.store import Transaction
from case_store.tasks import Task
from gateway.api import models, shapes
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, SUPERVISE
from gateway.context import GATEWAY
from gateway.problems import Problem, invalid_field, not_found
from gateway.promises import Promises
from gateway.telephone import callbacks
from gateway.telephone.callbacks import Outcome


async def list_tasks(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(tasks.open_tasks)
    return json_response(shapes.whole([shapes.task(task) for task in found]))


async def task_done(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(models.TaskDone, read)
    id, principal = request.match_info["id"], request[PRINCIPAL]

    changes = asked.model_dump(mode="json", exclude_unset=True)
    outcome = Outcome(
        asked.note, asked.reached, changes.get("facts"), changes.get("declined", ()), vouched=asked.vouched
    )
    gateway = request.app[GATEWAY]

    def effect(tx: Transaction) -> Answer:
        task, promises = tasks.find(tx, id), Promises(gateway.policy, gateway.settings)
        if task is None:
            raise not_found()
        _check_outcome(task, outcome)
        if not callbacks.record(tx, promises, task, outcome, agent_id=principal.id, actor=principal.actor):
            raise Problem(409, "done_before", "this task was done before")
        tx.wake("task", id)
        return answer_of({"id": id, "done": outcome.reached})

    return await do(request, body, effect)


def _check_outcome(task: Task, outcome: Outcome) -> None:
    if not outcome.reached and task.kind != "call_back":
        raise invalid_field("reached", "only a call can reach nobody")
    if task.case_id is None and (outcome.facts or outcome.declined or outcome.vouched):
        raise invalid_field("facts", "this task is about no case that they could be written to")


async def list_parked(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(arrivals.parked)
    return json_response(shapes.whole([shapes.parked(one) for one in found]))


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
        "What a person has to do: call back, write, look",
        answer="Tasks",
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
        "GET",
        "/api/v1/parked",
        list_parked,
        "cases:read",
        "Arrivals that could not be read, with the reason",
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
