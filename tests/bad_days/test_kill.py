"""Acknowledged = durable, exactly once: `kill -9` at random instants under load from SMTP, chat and HTTP at once; then count."""

from __future__ import annotations

import asyncio
import json
import random
import smtplib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from case_store import audit
from case_store.store import Store, Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations, messages
from tests.bad_days.leases import leases_run_out

pytestmark = pytest.mark.slow

ROUNDS = 3


@dataclass
class Acknowledged:
    """What the gateway has promised to keep."""

    chat: dict[str, int] = field(default_factory=dict)  # client_id -> number
    mails: set[str] = field(default_factory=set)  # Message-IDs
    forms: dict[str, str] = field(default_factory=dict)  # idempotency key -> reference
    contradictions: list[str] = field(default_factory=list)

    def counts(self) -> tuple[int, int, int]:
        return len(self.chat), len(self.mails), len(self.forms)


async def chat_customer(url: str, name: str, kept: Acknowledged, sessions: dict[str, str]) -> None:
    """Writes one message after another; what was not accepted is sent again under its own id after each restart."""
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/chat/ws") as socket:
        await socket.send_json({"type": "start", "session": sessions.get(name), "locale": "zh-Hans"})
        number = sum(key.startswith(f"{name}:") for key in kept.chat)
        # one that was accepted before comes again too: it must get the same number
        wanted = [f"{name}:{max(0, number - 1)}", *(f"{name}:{number + step}" for step in range(1000))]
        for client_id in wanted:
            await socket.send_json({"type": "message", "client_id": client_id, "text": f"钱没有到账 {client_id}"})
            while True:
                frame = json.loads((await socket.receive(timeout=20)).data)
                if frame["type"] == "session":
                    sessions[name] = frame["session"]
                if frame["type"] == "accepted" and frame["client_id"] == client_id:
                    if kept.chat.setdefault(client_id, frame["message"]) != frame["message"]:
                        kept.contradictions.append(f"{client_id} was {kept.chat[client_id]}, now {frame['message']}")
                    break


def send_mail(port: int, message_id: str) -> None:
    mail = (
        f"From: customer@example.org\r\nTo: complaints@localhost\r\nMessage-ID: {message_id}\r\n"
        f"Subject: card fee\r\n\r\nYou charged me 300 yuan. I want it back. {message_id}\r\n"
    )
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.sendmail("customer@example.org", ["complaints@localhost"], mail)


async def mail_customer(port: int, name: str, kept: Acknowledged) -> None:
    for step in range(1000):
        message_id = f"<{name}.{len(kept.mails)}.{step}@example.org>"
        await asyncio.to_thread(send_mail, port, message_id)
        kept.mails.add(message_id)


async def form_customer(url: str, name: str, kept: Acknowledged) -> None:
    async with aiohttp.ClientSession() as http:
        for step in range(1000):
            key = f"{name}-{step}"
            body = {"what_happened": f"柜台多收了我 200 元 {key}", "locale": "zh-Hans"}
            async with http.post(f"{url}/api/v1/complaints", json=body, headers={"Idempotency-Key": key}) as answer:
                told = await answer.json()
                if answer.status == 201 and kept.forms.setdefault(key, told["reference"]) != told["reference"]:
                    kept.contradictions.append(f"{key} was {kept.forms[key]}, now {told['reference']}")


async def load_until(seconds: float, gateway: Any, kept: Acknowledged, sessions: dict[str, str]) -> None:
    """Customers of every kind until each has been promised something and then so long, then kill -9.

    They see connections break, which is no promise.
    """
    before = kept.counts()
    customers = [
        *(chat_customer(gateway.url, f"c{i}", kept, sessions) for i in range(6)),
        *(mail_customer(gateway.smtp, f"m{i}", kept) for i in range(2)),
        *(form_customer(gateway.url, f"f{i}", kept) for i in range(2)),
    ]
    tasks = [asyncio.create_task(customer) for customer in customers]
    async with asyncio.timeout(120):
        while any(now <= then for now, then in zip(kept.counts(), before, strict=True)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(seconds)
    gateway.kill()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def stored(tx: Transaction) -> dict[str, Any]:
    chats = tx.execute(select(messages.c.external_id).where(messages.c.sender == "customer")).scalars().all()
    mails = tx.execute(select(arrivals.c.external_id).where(arrivals.c.channel == "email")).scalars().all()
    references = tx.execute(select(cases.c.reference).where(cases.c.reference.is_not(None))).scalars().all()
    waiting = tx.execute(select(func.count()).where(arrivals.c.state.in_(("waiting", "parked")))).scalar_one()
    return {"messages": Counter(chats), "mails": mails, "references": Counter(references), "waiting": waiting}


async def wait_until_read(store: Store) -> dict[str, Any]:
    for _ in range(1500):
        found = store.read_now(stored)
        if not found["waiting"]:
            return found
        await asyncio.sleep(0.2)
    raise AssertionError(f"{found['waiting']} arrivals were never read")


async def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(
    start_gateway: Callable[..., Any], store_url: str
) -> None:
    kept, sessions = Acknowledged(), dict[str, str]()
    chance = random.Random(20261123)
    gateway = start_gateway(QINGTING_DATABASE_URL=store_url)
    for round_ in range(ROUNDS):
        if round_:
            gateway.start()
        await load_until(chance.uniform(0, 1.5), gateway, kept, sessions)
    store = Store(store_url)
    try:
        store.write_now(leases_run_out)
        gateway.start()
        found = await wait_until_read(store)
        assert kept.chat, "no chat message was accepted: the load was none"
        assert kept.mails, "no mail was accepted: the load was none"
        assert kept.forms, "no form was accepted: the load was none"
        assert kept.contradictions == []
        assert {id: found["messages"][id] for id in kept.chat if found["messages"][id] != 1} == {}
        assert {id for id in kept.mails if sum(one.startswith(id) for one in found["mails"]) != 1} == set()
        assert {id: found["messages"][id] for id in kept.mails if found["messages"][id] != 1} == {}
        assert {key for key, reference in kept.forms.items() if found["references"][reference] != 1} == set()
        assert store.read_now(broken_chains) == []
        await wait_until_answered(store)
        assert store.read_now(answered_twice) == []
    finally:
        store.close()
    assert gateway.stop() == 0


async def wait_until_answered(store: Store) -> None:
    """Nobody is left in silence: every conversation that the bot owns is answered up to its last message."""
    c = conversations.c
    due = select(func.count()).where(c.speak_at.is_not(None), c.owner == "bot")
    for _ in range(1500):
        if not store.read_now(lambda tx: tx.execute(due).scalar_one()):
            break
        await asyncio.sleep(0.2)
    m = messages.c
    last = select(func.max(m.number)).where(m.conversation_id == c.id, m.sender == "customer").scalar_subquery()
    unanswered = select(c.id).where(c.owner == "bot", c.channel != "webform", c.answered_message < last)
    assert store.read_now(lambda tx: tx.execute(unanswered).scalars().all()) == []


def answered_twice(tx: Transaction) -> list[str]:
    """Conversations where the bot spoke twice with no word of the customer between (the greeting apart)."""
    found, before = set(), ("", "")
    rows = tx.execute(
        select(messages.c.conversation_id, messages.c.sender).order_by(messages.c.conversation_id, messages.c.number)
    )
    for row in rows:
        if (row.conversation_id, row.sender) == before and row.sender == "bot":
            found.add(row.conversation_id)
        before = (row.conversation_id, row.sender)
    return sorted(found)


def broken_chains(tx: Transaction) -> list[str]:
    """Chains whose numbers have a gap or whose hashes do not follow."""
    table = audit.audit_events
    wrong, last = [], {}
    for row in tx.execute(select(table).order_by(table.c.chain, table.c.number)):
        before = last.get(row.chain, audit.Head(0, audit.GENESIS))
        digest = audit.digest_of(row.salt, row.detail)
        follows = audit.hash_of(before.hash, row.chain, row.number, row.at, row.actor, row.action, digest)
        if row.number != before.number + 1 or row.hash != follows:
            wrong.append(row.chain)
        last[row.chain] = audit.Head(row.number, row.hash)
    return wrong
