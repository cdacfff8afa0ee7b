"""A card, an identity number and a telephone stand in whatever can hold text, and every route that answers is fetched: none shows card or identity number."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, conversations, surges, tasks
from case_store.conversations import NewMessage
from case_store.records import Role, Sender
from case_store.store import Transaction
from case_store.surges import Seen
from case_store.tables_conversations import attachments
from case_store.tables_conversations import conversations as talks
from gateway.api.masks import HEADER
from gateway.api.routes import ANYONE, TABLE
from tests.gateway.api.conftest import FACTS
from tests.gateway.api.permissions import rows
from tests.gateway.api.test_operating import parked_mail
from tests.gateway.api.test_quality import DONE, drawn, hand_in

ID, CARD, PHONE = "11010519491231002X", "6222021234567894", "13812345678"
WORDS = f"卡{CARD}，证件{ID}，电话{PHONE}"

SHOWN_WHOLE = {
    "/api/v1/conversations/{id}/drafts": "one's own words, which the console sends back",
    "/api/v1/drafts": "one's own words",
    "/api/v1/cases/{key}/papers": "a form that is sent back whole",
    "/api/v1/cases/{key}/receipt.pdf": "a paper for the customer",
    "/api/v1/cases/{key}/record.pdf": "a paper for the customer or an authority",
    "/api/v1/canned": "the house's wording, which its form sends back; nothing of a case comes into it",
    "/api/v1/canned/{id}": "the house's wording, which its form sends back",
    "/api/v1/canned/{id}/history": "the house's wording",
    "/api/v1/views": "how somebody has called a list",
}
"""Routes that may show a card or an identity number unmasked, and why. Files, byte for byte, are the console's (tests/gateway/console)."""

NOT_FILLED = {
    "/api/v1/calls/{call}",
    "/api/v1/calls/{call}/recording",
    "/api/v1/calendar/versions/{number}",
    "/api/v1/policy/versions/{number}",
    "/api/v1/settlements/{id}/settlement.pdf",
    "/api/v1/tasks/{id}/letter.pdf",
    "/api/v1/teams/{name}",
    "/api/v1/texts/{name}",
    "/api/v1/texts/{name}/versions/{number}",
    "/api/v1/webhooks/{id}",
    "/api/v1/webhooks/{id}/deliveries",
    "/api/v1/webhooks/{id}/deliveries/{delivery}",
}
"""Routes of one thing of which none is put here."""
LET_IN = {row.path: row.roles for row in rows() if row.method == "GET"}


async def ok(answer: Any) -> Any:
    status, found, _ = await answer
    assert status < 300, found
    return found


def beside(tx: Transaction, conversation: str) -> None:
    """What no route of the API writes: how a mail was headed, what it brought."""
    mail = {"subject": WORDS, "from": WORDS, "to": [f"{CARD}@bank.example"], "html": f"<p>{WORDS}</p>"}
    said = NewMessage(Sender.CUSTOMER, WORDS, name=f"江敏{CARD}", mail=mail)
    offered = NewMessage(Sender.BOT, WORDS, choices=[{"label": WORDS, "value": WORDS}])
    conversations.add_messages(tx, conversations.locked(tx, conversation), [said, offered])
    own = {"customer": f"江敏{CARD}", "subject": WORDS, "address": f"{CARD}@bank.example"}
    tx.execute(sa.update(talks).where(talks.c.id == conversation).values(own))
    file = {"id": "a" * 32, "conversation_id": conversation, "message": 2, "digest": "0" * 64, "size": 1}
    tx.execute(sa.insert(attachments).values(**file, name=f"{CARD}.txt", media_type="text/plain", excerpt=WORDS))


async def filled(house: Any, browser: Any) -> dict[str, str]:
    """A house in which everything tells the numbers; what stands for the braces of its routes."""
    megan = house.agent("megan")
    house.agent("sian", Role.SUPERVISOR)
    house.agent("pat", Role.COMPLIANCE)
    texts = dict.fromkeys(("about", "what_happened", "desired_outcome"), WORDS)
    case = house.case(replace(FACTS, name=f"江敏{CARD}", contact=f"+86{PHONE}", **texts), assignee="megan")
    (conversation,) = case.conversations
    house.store.write_now(beside, conversation)
    house.store.write_now(_answered, conversation, megan)
    agent, supervisor, admin = await browser("megan"), await browser("sian"), await browser("admin")
    path, talk = f"/api/v1/cases/{case.id}", f"/api/v1/conversations/{conversation}"
    await ok(agent.post(f"{talk}/take-over", {}))
    await ok(admin.post(f"{talk}/notes", {"text": f"@megan {WORDS}"}))
    await ok(agent.post(f"{path}/follow", {"following": True}))
    words = {"texts": {"en": WORDS}, "name": f"name {CARD}"}
    reply = await ok(supervisor.post("/api/v1/canned", {**words, "shared": True}))
    await ok(agent.send("PUT", f"{talk}/drafts/reply", {"text": WORDS, "writer": "page-0001"}))
    for fact in ("about", "what_happened"):
        change = {"facts": {fact: f"{WORDS}，改"}, "note": WORDS}
        await ok(admin.send("PATCH", path, change, headers={"If-Match": "*"}))
    await ok(admin.post("/api/v1/views", {"name": f"list {CARD}", "chosen": {}, "shared": True}))
    await ok(admin.send("PUT", f"{path}/hold", {"reason": WORDS}))
    other = house.case(replace(FACTS, **texts))
    house.store.write_now(
        tasks.add, occasion="call:1", kind="call_back", words=WORDS, case_id=case.id, detail={"a": WORDS}
    )
    seen = Seen("rise", "hour", "about", WORDS, 9, 3, 1.0, 4, (case.id,))
    house.store.write_now(surges.begin, seen, "built-in 1")
    arrival = parked_mail(
        house, f"From: {CARD}@x.org\r\nSubject: {WORDS}\r\n\r\n{WORDS}".encode(), "ValueError: x", filed=False
    )
    finished = house.case(replace(FACTS, **texts), assignee="megan")
    house.store.write_now(_answered, finished.conversations[0], megan)
    done = {**DONE, "basis": WORDS, "next_steps": WORDS}
    house.store.write_now(cases.change, finished.id, done, actor="agent:Megan")
    sample, [sheet] = await drawn(supervisor)
    status, _ = await hand_in(supervisor, sheet, remark=WORDS)
    assert status == 201
    await ok(agent.post(f"/api/v1/quality/sheets/{sheet['id']}/statement", {"text": WORDS}))
    await ok(supervisor.post("/api/v1/quality/measures", {"text": WORDS, "who": CARD, "due_on": "2026-01-01"}))
    return {
        "{key}": case.id, "{username}": "megan",
        "/canned/{id}": f"/canned/{reply['id']}", "/conversations/{id}": f"/conversations/{conversation}",
        "/samples/{id}": f"/samples/{sample['id']}", "/sheets/{id}": f"/sheets/{sheet['id']}",
        "/arrivals/{id}": f"/arrivals/{arrival}", "/merge": f"/merge?into={other.reference}",
        "/v1/arrivals": f"/v1/arrivals?ids={arrival}",
    }  # fmt: skip


def _answered(tx: Transaction, conversation: str, agent: Any) -> None:
    said = NewMessage(Sender.AGENT, WORDS, name=agent.name, agent_id=agent.id)
    conversations.add_messages(tx, conversations.locked(tx, conversation), [said])


def addressed(path: str, known: dict[str, str]) -> str | None:
    """The path of something that is there; None where nothing was put."""
    for name, value in known.items():
        path = re.sub(re.escape(name) + ("" if "{" in name else "$"), value, path)
    return None if "{" in path else path


@pytest.mark.parametrize(
    ("who", "role"), [("megan", "agent"), ("sian", "supervisor"), ("pat", "compliance"), ("admin", "admin")]
)
async def test_no_answer_shows_a_card_or_an_identity_number(house: Any, browser: Any, who: str, role: str) -> None:
    known = await filled(house, browser)
    asks = {HEADER: "yes"} if role == "admin" else {}  # as the console does for an admin, who else sees all
    person, shown, fetched, not_filled = await browser(who), {}, set(), set()
    for route in house.app[TABLE].routes:
        if route.method != "GET" or route.scope is ANYONE or route.path.endswith("/live"):
            continue
        path = addressed(route.path, known)
        if path is None:
            not_filled.add(route.path)
            continue
        status, found, _ = await person.get(path, headers=asks)
        assert status == (200 if role in LET_IN[route.path] else 403), (route.path, found)
        if status != 200:
            continue
        fetched.add(route.path)
        plain = re.sub(r"[^0-9A-Za-z]", "", str(found))
        if (CARD in plain or ID in plain) and route.path not in SHOWN_WHOLE:
            at = max(str(found).find(CARD), str(found).find(ID), 0)
            shown[route.path] = str(found)[max(0, at - 120) : at + 40]
    assert shown == {}
    assert not_filled == NOT_FILLED
    assert set(SHOWN_WHOLE) - fetched == set(), "what is named is looked at"
    assert len(fetched) >= 40, "so many can be filled"
