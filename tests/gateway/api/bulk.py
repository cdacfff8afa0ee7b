"""Conversations that wait, the agents who act upon many of them at once, and the ways to ask and to look: what the tests of bulk acts share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from case_store import audit, checkpoints, conversations, ownership, people
from case_store.conversations import NewMessage
from case_store.records import Role, Sender
from case_store.store import Store, Transaction

LONG_AGO = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
TAKE, GIVE = {"kind": "take_over"}, {"kind": "assign", "agent": "carol"}
TO_QUEUE, TO_BOT = {"kind": "hand_back", "to": "queue"}, {"kind": "hand_back", "to": "bot"}
PUT_OFF, TAKE_UP = {"kind": "snooze", "until": TOMORROW.isoformat()}, {"kind": "snooze", "until": None}
KEY = {"Idempotency-Key": "b5bd1d23-7c0c-4d3c-9a3c-5b2d61a9a001"}


async def seen(agent: Any, *ids: str) -> list[dict[str, Any]]:
    """The conversations as a page shows them."""
    found = [(await agent.get(f"/api/v1/conversations/{id}"))[1] for id in ids]
    return [{name: one[name] for name in ("id", "epoch", "last_message")} for one in found]


async def act(agent: Any, action: dict[str, Any], *ids: str, shown: Any = None) -> tuple[int, Any]:
    items = await seen(agent, *ids) if shown is None else shown
    return (await agent.post("/api/v1/bulk", {"action": action, "conversations": items}))[:2]


async def undo(agent: Any, done: Any, **more: Any) -> tuple[int, Any]:
    return (await agent.post(f"/api/v1/bulk/{done['id']}/undo", **more))[:2]


def reasons(answer: Any) -> dict[str, str]:
    return {one["id"]: one["code"] for one in answer["refused"]}


def row(house: Any, id: str) -> Any:
    return house.store.read_now(conversations.find, id)


def who(house: Any, id: str) -> tuple[str, str | None]:
    found = row(house, id)
    agent = found["agent_id"] and house.store.read_now(people.find_agent_by_id, found["agent_id"])
    return found["owner"], agent and agent.username


def waits(tx: Transaction, id: str, since: datetime) -> None:
    found = conversations.locked(tx, id)
    values = ownership.queue_for_person(tx, found, "asked")
    conversations.add_messages(tx, found, [], values={**values, "waiting_since": since, "announced_at": since})


def queued(house: Any, minutes: int = 0) -> str:
    id: str = house.conversation("hello")
    house.store.write_now(waits, id, LONG_AGO + timedelta(minutes=minutes))
    return id


def says(tx: Transaction, id: str, sender: Sender, text: str = "and another thing") -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [NewMessage(sender, text)])


def set_values(tx: Transaction, id: str, **values: Any) -> None:
    conversations.add_messages(tx, conversations.locked(tx, id), [], values=values)


def trail(house: Any, chain: str) -> list[tuple[str, str, Any]]:
    return [(one.action, one.actor, one.detail) for one in house.store.read_now(audit.timeline, chain)]


def chains_hold(store: Store) -> bool:
    findings = checkpoints.verify(store)
    return findings.ok and findings.events > 0


@pytest.fixture
async def megan(house: Any, browser: Any) -> Any:
    for name in ("megan", "carol"):
        house.agent(name)
    house.agent("sian", Role.SUPERVISOR)
    return await browser("megan")


def heard(tx: Transaction, id: str) -> None:
    """The turn that was due has listened."""
    found = conversations.locked(tx, id)
    conversations.add_messages(tx, found, [], values={"speak_at": None, "speak_at_latest": None})
