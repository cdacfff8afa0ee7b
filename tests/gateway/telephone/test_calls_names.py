"""Two telephone systems may call their calls alike: whose call is meant, and that nobody reaches another's by its name."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession

from case_store import people
from case_store.people import NewAgent
from case_store.records import Role
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import calls
from channels.phone.folder import DONE, WatchedFolder
from gateway.auth.sessions import csrf_of, digest_of, new_key
from gateway.duties import StoredDuty
from tests.gateway.telephone.conftest import COMPLAINT, Telephone

Wav = Callable[..., bytes]
ALICE = "Agent: hello\nCustomer: I complain, my name is Alice Lee, my pension of 70000 yuan is gone since 2 November\n"
BOB = "Agent: good day\nCustomer: I complain, my name is Bob Tan, my mortgage rate is wrong since March\n"
WORD = {"speaker": "customer", "text": "One more thing.", "start": 90.0, "end": 91.0}
RECORDING = {"Content-Type": "audio/wav"}


def north(telephone: Telephone) -> dict[str, str]:
    return telephone.key("north", "transcripts")


def south(telephone: Telephone) -> dict[str, str]:
    return telephone.key("south", "transcripts", "conversations:read", "conversations:write", "recordings")


async def both(telephone: Telephone) -> tuple[dict[str, str], dict[str, str], dict[str, Any], dict[str, Any]]:
    """Both keys, and the receipts of their calls of the same name."""
    one, other = north(telephone), south(telephone)
    alice = await telephone.hand_in(ALICE, call="958676292", line="north", headers=one)
    bob = await telephone.hand_in(BOB, call="958676292", line="south", headers=other)
    assert (alice.status, bob.status) == (201, 201)
    return one, other, alice.body, bob.body


async def test_the_same_name_of_two_telephone_systems_is_two_cases(telephone: Telephone) -> None:
    _, _, alice, bob = await both(telephone)
    assert alice["reference"] != bob["reference"]
    assert alice["conversation"] != bob["conversation"]
    assert (await telephone.case(alice["reference"]))["facts"]["name"] == "Alice Lee"
    assert (await telephone.case(bob["reference"]))["facts"]["name"] == "Bob Tan"
    assert "Bob" not in json.dumps(await telephone.conversation(alice["conversation"]))


async def test_the_same_bytes_under_the_same_name_are_two_calls_too(telephone: Telephone) -> None:
    first = await telephone.hand_in(COMPLAINT, call="c", headers=north(telephone))
    second = await telephone.hand_in(COMPLAINT, call="c", headers=south(telephone))
    assert first.body["reference"] != second.body["reference"]
    assert len(telephone.rows(sa.select(arrivals.c.id))) == 2
    assert len(telephone.rows(sa.select(cases.c.id))) == 2


async def test_one_telephone_system_goes_on_with_its_own_call_whatever_line_it_tells(telephone: Telephone) -> None:
    one = north(telephone)
    first = await telephone.hand_in(ALICE, call="c", line="north", headers=one)
    await telephone.post("/api/v1/calls/c/utterances", WORD, headers=one)
    again = await telephone.hand_in(ALICE, call="c", headers=one)
    assert first.body["reference"] == again.body["reference"]
    assert len(telephone.rows(sa.select(calls.c.call))) == 1


async def test_nobody_ends_records_or_silences_anothers_call_by_its_name(telephone: Telephone, wav: Wav) -> None:
    one, other = north(telephone), south(telephone)
    alice = await telephone.hand_in(ALICE, wav(), call="c", consent="yes", headers=one)
    for path, body in (("end", {}), ("consent", {"consent": "no"}), ("speakers", {"speakers": {"x": "agent"}})):
        answer = await telephone.post(f"/api/v1/calls/c/{path}", body, headers=other)
        assert (path, answer.status) == (path, 404)
    sent = {"data": wav(0.2), "params": {"consent": "yes"}, "headers": {**RECORDING, **other}}
    assert (await telephone.post("/api/v1/calls/c/recording", **sent)).status == 404
    assert (await telephone.get("/api/v1/calls/c", headers=other)).status == 404
    assert (await telephone.get("/api/v1/calls/c/recording", headers=other)).status == 404
    heard = await telephone.post("/api/v1/calls/c/utterances", WORD, params={"consent": "no"}, headers=other)
    assert heard.body["conversation"] != alice.body["conversation"]
    kept = await telephone.get(f"/api/v1/calls/{alice.body['conversation']}/recording")
    assert kept.body == wav()


async def test_a_program_that_only_hands_in_reaches_no_other_call_by_its_conversation(telephone: Telephone) -> None:
    _, other, alice, bob = await both(telephone)
    foreign = await telephone.post(f"/api/v1/calls/{alice['conversation']}/end", {}, headers=other)
    own = await telephone.post(f"/api/v1/calls/{bob['conversation']}/end", {}, headers=other)
    assert (foreign.status, own.status) == (404, 200)
    assert own.body["reference"] == bob["reference"]
    read = await telephone.get(f"/api/v1/calls/{alice['conversation']}", headers=other)
    assert read.body["reference"] == alice["reference"]  # as it may read any conversation


async def test_a_no_of_one_call_leaves_the_recording_of_the_other(telephone: Telephone, wav: Wav) -> None:
    one, other = north(telephone), south(telephone)
    await telephone.hand_in(ALICE, wav(0.3), call="c", consent="yes", headers=one)
    bob = await telephone.hand_in(BOB, wav(0.4), call="c", consent="yes", headers=other)
    await telephone.post("/api/v1/calls/c/utterances", WORD, params={"consent": "no"}, headers=one)
    await telephone.settle()
    kept = await telephone.get("/api/v1/calls/c/recording", headers=other)
    assert (kept.status, kept.body) == (200, wav(0.4))
    mentioned = sa.cast(arrivals.c.transport, sa.Text).contains("recording")
    assert len(telephone.rows(sa.select(arrivals.c.id).where(mentioned))) == 1
    assert (await telephone.get(f"/api/v1/calls/{bob.body['conversation']}", headers=other)).body["consent"] == "yes"


class TestAgents:
    """They reach every call."""

    @pytest.fixture
    async def agent(self, telephone: Telephone) -> AsyncIterator[Telephone]:
        """The house as somebody sees it who has signed in at the console."""
        new = NewAgent("lina", "Li Na", Role.AGENT, "x", post="Complaints", contact="")
        made = telephone.store.write_now(people.add_agent, new, actor="system")
        token = new_key()
        session = {"csrf": digest_of(csrf_of(token)), "lasts": timedelta(hours=1), "client": None, "instead_of": None}
        telephone.store.write_now(people.open_session, made.id, digest=digest_of(token), **session)
        headers = {"Cookie": f"qingting={token}", "X-CSRF-Token": csrf_of(token)}
        async with ClientSession(headers=headers) as browser:
            yield replace(telephone, session=browser)

    async def test_by_a_name_that_only_one_call_has(self, telephone: Telephone, agent: Telephone) -> None:
        alice = (await telephone.hand_in(ALICE, call="c", headers=north(telephone))).body
        shown = await agent.get("/api/v1/calls/c")
        assert (shown.status, shown.body["reference"]) == (200, alice["reference"])
        again = await agent.hand_in(ALICE + "Customer: And more.\n", call="c")
        assert again.body["reference"] == alice["reference"]

    async def test_not_by_a_name_that_several_have(self, telephone: Telephone, agent: Telephone) -> None:
        _, _, alice, bob = await both(telephone)
        for answer in (
            await agent.get("/api/v1/calls/958676292"),
            await agent.post("/api/v1/calls/958676292/consent", {"consent": "no"}),
            await agent.post("/api/v1/calls/958676292/end", {}),
            await agent.post("/api/v1/calls/958676292/utterances", WORD),
            await agent.hand_in(ALICE, call="958676292"),
            await agent.get("/api/v1/calls/958676292/recording"),
        ):
            assert (answer.status, answer.body["code"]) == (409, "several_calls")
            assert answer.body["lines"] == ["north", "south"]
            assert "north, south" in answer.body["detail"]
        for receipt in (alice, bob):
            shown = await agent.get(f"/api/v1/calls/{receipt['conversation']}")
            assert shown.body["reference"] == receipt["reference"]

    async def test_nor_are_they_led_elsewhere_by_a_call_named_like_anothers_conversation(
        self, telephone: Telephone, agent: Telephone
    ) -> None:
        alice = (await telephone.hand_in(ALICE, call="c", headers=north(telephone))).body
        await telephone.hand_in(BOB, call=alice["conversation"], headers=south(telephone))
        shown = await agent.get(f"/api/v1/calls/{alice['conversation']}")
        assert shown.body["reference"] == alice["reference"]

    async def test_another_line_is_another_call(self, telephone: Telephone, agent: Telephone) -> None:
        alice = (await telephone.hand_in(ALICE, call="c", line="north", headers=north(telephone))).body
        other = await agent.hand_in(BOB, call="c", line="south")
        assert other.body["reference"] != alice["reference"]


async def test_in_the_folder_a_name_is_its_lines_and_late_recordings_find_theirs(
    telephone: Telephone, wav: Wav, tmp_path: Path
) -> None:
    place, channel = tmp_path / "in", telephone.channel
    duty = StoredDuty(telephone.store, "transcripts", "node")
    folder = WatchedFolder(place, duty, largest=2_000_000, settled=0, look=0.05)
    folder._prepare()

    def leave(name: str, content: bytes) -> None:
        (place / name).write_bytes(content)

    for stem, line, words in (("one", "north", ALICE), ("two", "south", BOB)):
        leave(f"{stem}.meta.json", json.dumps({"call": "17", "line": line, "consent": "yes"}).encode())
        leave(f"{stem}.txt", words.encode())
    await folder._look(channel, telephone.intake.accept)
    await folder._look(channel, telephone.intake.accept)
    assert {path.name for path in (place / DONE).glob("*.txt")} == {"one.txt", "two.txt"}
    leave("two.meta.json", b'{"consent": "yes"}')
    leave("two.wav", wav())
    await folder._look(channel, telephone.intake.accept)
    await folder._look(channel, telephone.intake.accept)
    await telephone.stop()
    await telephone.read_all()
    found = telephone.rows(
        sa.select(calls.c.line, calls.c.source, calls.c.recording.is_not(None)).order_by(calls.c.line)
    )
    assert [tuple(row) for row in found] == [("north", "line:north", False), ("south", "line:south", True)]
