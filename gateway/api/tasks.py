"""What waits for a person: calls and letters to be made, and arrivals that could not be read."""

from __future__ import annotations

from aiohttp import web

from case_store import arrivals, tasks
from case_store.idempotency import Answer
from case_store.store import Transaction
from gateway.api import models, shapes
from gateway.api.doing import answer_of, do, json_response
from gateway.api.reading import read_json, validated
from gateway.api.routes import Route
from gateway.auth.principals import PRINCIPAL, SUPERVISE
from gateway.context import GATEWAY
from gateway.problems import Problem, not_found


async def list_tasks(request: web.Request) -> web.Response:
    found = await request.app[GATEWAY].store.read(tasks.open_tasks)
    return json_response(shapes.whole([shapes.task(task) for task in found]))


async def task_done(request: web.Request) -> web.Response:
    read, body = await read_json(request, required=False)
    asked = validated(models.TaskDone, read)
    id, principal = request.match_info["id"], request[PRINCIPAL]

    def effect(tx: Transaction) -> Answer:
        done = tasks.done(tx, id, agent_id=principal.id, agent_name=principal.name, note=asked.note)
        if not done:
            raise Problem(409, "done_before", "this task was done before") if tasks.exists(tx, id) else not_found()
        tx.wake("task", id)
        return answer_of({"id": id, "done": True})

    return await do(request, body, effect)


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
        "Records that it was done, and how",
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
