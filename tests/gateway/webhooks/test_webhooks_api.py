"""Webhooks by the API: what is refused and why, that a secret is told once, and what the house's chain keeps."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit
from case_store.audit import HOUSE
from case_store.happenings import OF_CASES, OF_CONVERSATIONS, TYPES, types_of
from case_store.tables_house import idempotency
from case_store.tables_webhooks import webhooks
from tests.gateway.webhooks.conftest import hook

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

WRONG = [
    ({}, "url", "is required"),
    ({"url": "http://hooks.example/"}, "url", "begins with https://"),
    ({"url": "https://169.254.169.254/"}, "url", "goes to 169.254.169.254, which is no public address"),
    ({"url": "https://hooks.example/", "types": ["case.filed"]}, "types.0", "is one of org.qingting.case.filed.v1"),
    ({"url": "https://hooks.example/", "secret": "mine"}, "secret", "there is no such field"),
    ({"url": "https://hooks.example/", "description": "x" * 201}, "description", "at most 200"),
]


@pytest.mark.parametrize(("body", "field", "told"), WRONG)
async def test_what_is_wrong_is_named(browser: Any, body: Any, field: str, told: str) -> None:
    admin = await browser("admin")
    status, problem, _ = await admin.post("/api/v1/webhooks", body)
    assert status == 422
    [error] = problem["errors"]
    assert error["field"] == field
    assert told in error["detail"]


async def test_a_secret_is_told_once_and_kept_nowhere_in_the_clear(house: Any, browser: Any, receiver: Any) -> None:
    admin = await browser("admin")
    key = {"Idempotency-Key": "once-and-only-once"}
    body = {"url": receiver.url, "description": "CRM"}
    status, made, _ = await admin.post("/api/v1/webhooks", body, headers=key)
    assert (status, made["secret"][:6], len(made["secret"])) == (201, "whsec_", 50)
    _, again, _ = await admin.post("/api/v1/webhooks", body, headers=key)
    assert again == made  # repeated, not made twice
    _, listed, _ = await admin.get("/api/v1/webhooks")
    assert len(listed["items"]) == 1
    assert "secret" not in listed["items"][0]

    def everything(tx: Any) -> str:
        kept = [
            *tx.execute(sa.select(idempotency.c.body)).scalars(),
            *tx.execute(sa.select(webhooks.c.secret)).scalars(),
        ]
        return " ".join([*kept, *(str(one.detail) for one in audit.timeline(tx, HOUSE))])

    assert made["secret"].removeprefix("whsec_") not in house.store.read_now(everything)


async def test_the_houses_chain_tells_who_did_what(house: Any, browser: Any, receiver: Any) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, "case.filed")
    path, seen = f"/api/v1/webhooks/{made['id']}", {"If-Match": '"1"'}
    assert (await admin.send("PATCH", path, {"description": "CRM"}, headers=seen))[0] == 200
    assert (await admin.send("PATCH", path, {"description": "x"}, headers=seen))[0] == 412
    assert (await admin.send("PATCH", path, {"description": "x"}))[0] == 428
    await admin.post(f"{path}/secret", {})
    assert (await admin.send("DELETE", path, headers={"If-Match": '"3"'}))[0] == 204
    assert (await admin.get(path))[0] == 404
    told = [(one.action, one.actor) for one in house.store.read_now(audit.timeline, HOUSE) if "webhook" in one.action]
    assert told == [
        (action, "agent:Admin")
        for action in ("webhook_added", "webhook_changed", "webhook_secret_replaced", "webhook_removed")
    ]


async def test_what_is_not_there_is_not_found(house: Any, browser: Any, receiver: Any) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, active=False)
    for path in ("nothing/test", "nothing/secret", f"{made['id']}/deliveries/nothing/replay"):
        assert (await admin.post(f"/api/v1/webhooks/{path}", {}))[0] == 404, path
    assert (await admin.get("/api/v1/webhooks/nothing/deliveries"))[0] == 404
    assert (await admin.post(f"/api/v1/webhooks/{made['id']}/test", {}))[1]["code"] == "webhook_inactive"
    assert (await admin.get(f"/api/v1/webhooks/{made['id']}/deliveries?state=lost"))[0] == 422


def test_every_type_has_an_entry_that_it_comes_from(database: str) -> None:
    changes = [
        {"status": {"from": "filed", "to": "resolved"}},
        {"status": {"from": "resolved", "to": "in_progress"}},
        {"status": {"from": "filed", "to": "in_progress"}},
        {"category": {"from": "other", "to": "product"}},
    ]
    made = {type for detail in changes for type in types_of("case:x", "agent:A", "changed", detail)}
    made |= {type for actor in ("customer", "bot") for type in types_of("conversation:x", actor, "message", {})}
    made |= {
        type for to in ("bot", "queue") for type in types_of("conversation:x", "agent:A", "handed_back", {"to": to})
    }
    assert made | set(OF_CASES.values()) | set(OF_CONVERSATIONS.values()) == set(TYPES)
    assert types_of("house", "agent:A", "agent_added", {}) == ()
    assert types_of("case:x", "system", "told", {}) == ()
    assert types_of("case:x", "agent:A", "something_new", None) == ("case.changed",)
    assert types_of("conversation:x", "agent:A", "note_added", {}) == ()
