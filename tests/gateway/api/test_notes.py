"""Private notes by the API: who writes and reads them, whom they call, and that none ever comes near a customer."""

from __future__ import annotations

import ast
import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from case_store import audit, conversations, notes, people
from case_store.records import Role
from case_store.store import Wake
from case_store.tables_outbox import deliveries, tasks

ROOT = Path(__file__).resolve().parents[3]


async def note(agent: Any, conversation: str, text: str, **more: Any) -> Any:
    status, found, _ = await agent.post(f"/api/v1/conversations/{conversation}/notes", {"text": text}, **more)
    assert status == 201, found
    return found


async def test_a_note_stands_where_it_was_written_and_takes_nothing_over(house: Any, browser: Any) -> None:
    house.agent("megan")
    id = house.conversation("one", "two")
    agent = await browser("megan")
    await note(agent, id, "He was here twice")
    (kept,) = (await agent.get(f"/api/v1/conversations/{id}/notes"))[1]["items"]
    assert (kept["text"], kept["author_name"], kept["after"], kept["mentions"]) == (
        "He was here twice",
        "Megan",
        "2",
        [],
    )
    shown = (await agent.get(f"/api/v1/conversations/{id}"))[1]
    assert (shown["owner"], shown["last_message"], len(shown["messages"])) == ("bot", "2", 2)
    assert house.told.replied == house.told.owned == []


async def test_the_notes_of_a_case_are_those_of_its_conversations(house: Any, browser: Any) -> None:
    case = house.case()
    agent = await browser("admin")
    await note(agent, case.conversations[0], "first")
    await note(agent, house.conversation("another matter"), "elsewhere")
    found = (await agent.get(f"/api/v1/cases/{case.reference}/notes"))[1]["items"]
    assert [one["text"] for one in found] == ["first"]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@megan please look", ["megan"]),
        ("ask @Megan, or @carol.", ["carol", "megan"]),
        ("（@megan）看一下", ["megan"]),
        ("请@megan和@carol看", ["carol", "megan"]),
        ("@megan @megan", ["megan"]),
        ("write to megan@example.com", []),
        ("@nobody knows", []),
        ("@gone has left", []),
        ("an @ alone", []),
    ],
)
async def test_a_note_calls_the_colleagues_it_names(house: Any, browser: Any, text: str, called: list[str]) -> None:
    for name in ("megan", "carol", "gone"):
        house.agent(name)
    house.store.write_now(people.change_agent, "gone", {"active": False}, actor="system")
    assert (await note(await browser("admin"), house.conversation("hello"), text))["mentions"] == called


async def test_who_is_called_is_told_until_they_have_seen_it(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin, megan = await browser("admin"), await browser("megan")
    id = house.conversation("hello")
    first, second = await note(admin, id, "@megan one"), await note(admin, id, "@megan two")
    found = (await megan.get("/api/v1/mentions"))[1]["items"]
    assert [(one["note"]["text"], one["seen_at"], one["customer"]) for one in found] == [
        ("@megan two", None, "江敏"), ("@megan one", None, "江敏"),
    ]  # fmt: skip
    assert (await megan.post("/api/v1/mentions/seen", {"notes": [second["id"], "unknown"]}))[0] == 204
    found = (await megan.get("/api/v1/mentions"))[1]["items"]
    assert [(one["note"]["id"], one["seen_at"] is None) for one in found] == [
        (first["id"], True),
        (second["id"], False),
    ]
    assert (await admin.get("/api/v1/mentions"))[1]["items"] == []
    assert (await admin.post("/api/v1/mentions/seen", {"notes": [first["id"]]}))[0] == 204
    assert (await megan.get("/api/v1/mentions"))[1]["items"][0]["seen_at"] is None


async def test_whoever_is_called_hears_of_it_and_nobody_else(house: Any, browser: Any) -> None:
    house.agent("megan")
    admin, megan = await browser("admin"), await browser("megan")
    id = house.conversation("hello")
    async with (
        megan.session.ws_connect(house.url + "/api/v1/live") as hers,
        admin.session.ws_connect(house.url + "/api/v1/live") as others,
    ):
        await note(admin, id, "@megan look")
        heard = [await hers.receive_json(timeout=30) for _ in range(2)]
        assert {one["kind"] for one in heard} == {"mention", "conversation"}
        assert (await others.receive_json(timeout=30))["kind"] == "conversation"
        with pytest.raises(asyncio.TimeoutError):
            await others.receive_json(timeout=0.3)


async def test_the_chain_keeps_who_wrote_it_and_a_digest_of_the_words(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    kept = await note(await browser("admin"), id, "The branch lied")
    happened = house.store.read_now(audit.timeline, audit.conversation_chain(id))[-1]
    assert (happened.actor, happened.action) == ("agent:Admin", "note_added")
    assert happened.detail == {
        "note": kept["id"], "digest": hashlib.sha256(b"The branch lied").hexdigest(), "mentions": [],
    }  # fmt: skip


async def test_one_request_twice_is_one_note(house: Any, browser: Any) -> None:
    agent, id = await browser("admin"), house.conversation("hello")
    for _ in range(2):
        await note(agent, id, "once", headers={"Idempotency-Key": "a-note"})
    assert len(house.store.read_now(notes.of_conversation, id)) == 1


async def test_what_is_wrong_is_refused(house: Any, browser: Any) -> None:
    agent = await browser("admin")
    assert (await agent.post("/api/v1/conversations/none/notes", {"text": "x"}))[0] == 404
    assert (await agent.get("/api/v1/conversations/none/notes"))[0] == 404
    id = house.conversation("hello")
    for body in ({"text": " "}, {"text": "x" * 8_001}, {}):
        assert (await agent.post(f"/api/v1/conversations/{id}/notes", body))[0] == 422
    assert (await (await browser()).get(f"/api/v1/conversations/{id}/notes"))[0] == 401
    reader = await browser(key=house.key("conversations:read"))
    assert (await reader.post(f"/api/v1/conversations/{id}/notes", {"text": "x"}))[0] == 403


async def test_nothing_is_said_to_the_customer(house: Any, browser: Any) -> None:
    house.agent("megan", Role.AGENT)
    id = house.conversation("hello")
    woken: list[Wake] = []
    house.store.on_wake, before = lambda wakes: woken.extend(wakes), house.store.on_wake
    await note(await browser("megan"), id, "SECRET-7 @megan")
    house.store.on_wake = before
    assert {wake.kind for wake in woken} == {"conversation", "mention"}  # a hint to look again, without a word of it
    said = house.store.read_now(conversations.messages_of, id)
    assert not any("SECRET-7" in message.text for message in said)
    assert house.store.read_now(_everything_that_leaves) == []


def _everything_that_leaves(tx: Any) -> list[Any]:
    return [*tx.execute(deliveries.select()), *tx.execute(tasks.select())]


MAY_READ = {
    "case_store/notes.py",
    "case_store/tables_desk.py",
    "gateway/api/notes.py",
    "case_store/drafts.py",  # whether what is being written was noted just now
    "case_store/erasing.py",  # which takes their words away
    "gateway/api/assigning.py",
    "gateway/api/teams.py",  # a word for those to whom it is given
    "gateway/going.py",  # calls who is given a conversation
    "gateway/api/app.py",
    "gateway/api/revealing.py",  # to agents alone
}


def test_nothing_that_speaks_to_customers_can_read_a_note() -> None:
    """Who imports the notes or their table: by this list alone a note could come to be sent, quoted or printed."""
    readers = {
        str(file.relative_to(ROOT))
        for wing in ("gateway", "channels", "dialogue", "case_store")
        for file in (ROOT / wing).rglob("*.py")
        if "migrations" not in file.parts and _reads_notes(file)
    }
    assert readers == MAY_READ


def _reads_notes(file: Path) -> bool:
    text = file.read_text("utf-8")
    if file.name == "tables_desk.py":
        return "note_mentions" in text
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module in (
            "case_store",
            "gateway.api",
            "case_store.tables_desk",
            "case_store.notes",
        ):
            names = {alias.name for alias in node.names}
            if node.module == "case_store.notes" or names & {"notes", "note_mentions"}:
                return True
    return "FROM notes" in text
