"""Telephone calls under `kill -9`: transcripts by the API, files in the folder, words of live calls, all at once; then count."""

from __future__ import annotations

import asyncio
import io
import json
import math
import random
import struct
import wave
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from case_store import people
from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import case_conversations, cases
from case_store.tables_conversations import calls as call_rows
from case_store.tables_conversations import messages
from gateway.auth.sessions import digest_of, new_key
from tests.bad_days.leases import leases_run_out

pytestmark = pytest.mark.slow

ROUNDS = 2


@dataclass
class Promised:
    """What the gateway has acknowledged: the reference of each call, the words of each live call."""

    references: dict[str, str] = field(default_factory=dict)
    words: dict[str, set[int]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)  # names in the folder
    contradictions: list[str] = field(default_factory=list)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)  # one of the references, in this round


def transcript(name: str) -> bytes:
    return f"WEBVTT\n\n00:00.000 --> 00:04.000\n<v Customer>Your branch charged me 300 yuan, {name}.\n\n00:05.000 --> 00:06.000\n<v Agent>I see.\n".encode()


def sound() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join(struct.pack("<h", int(6000 * math.sin(at / 6))) for at in range(4000)))
    return made.getvalue()


async def program(http: aiohttp.ClientSession, url: str, name: str, kept: Promised) -> None:
    """Hands in one call after another, and each one again."""
    for step in range(1000):
        call = f"{name}-{step}"
        for _ in range(2):
            async with http.post(f"{url}/api/v1/transcripts", data=transcript(call), params={"call": call}) as answer:
                told = await answer.json(content_type=None)
                if answer.status == 201:
                    if kept.references.setdefault(call, told["reference"]) != told["reference"]:
                        kept.contradictions.append(call)
                    kept.acknowledged.set()


async def recogniser(http: aiohttp.ClientSession, url: str, call: str, kept: Promised) -> None:
    """Words of one live call, some of them twice."""
    said = kept.words.setdefault(call, set())
    for number in range(max(said, default=0), 1000):
        one = {"speaker": "customer", "text": f"word {number} of {call}", "sequence": number, "start": number}
        async with http.post(f"{url}/api/v1/calls/{call}/utterances", json=one) as answer:
            if answer.status == 200:
                said.add(number)


async def telephone_system(place: Path, name: str, kept: Promised) -> None:
    """Leaves a transcript with its recording, one after another."""
    for _ in range(1000):
        call = f"{name}-{len(kept.left)}"
        for suffix, content in (
            (".wav", sound()),
            (".meta.json", json.dumps({"consent": "yes", "call": call}).encode()),
            (".vtt", transcript(call)),
        ):
            (place / f"{call}{suffix}.part").write_bytes(content)
            (place / f"{call}{suffix}.part").rename(place / f"{call}{suffix}")
        kept.left.add(call)
        await asyncio.sleep(0.1)


async def load(seconds: float, gateway: Any, key: str, place: Path, kept: Promised) -> None:
    kept.acknowledged.clear()
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as http:
        work = [
            *(program(http, gateway.url, f"p{len(kept.references)}-{one}", kept) for one in range(2)),
            *(recogniser(http, gateway.url, f"live-{one}", kept) for one in range(2)),
            telephone_system(place, "f", kept),
        ]
        tasks = [asyncio.create_task(one) for one in work]
        async with asyncio.timeout(
            180
        ):  # killed before it promised anything it would prove nothing; the first reading takes seconds
            await kept.acknowledged.wait()
        await asyncio.sleep(seconds)
        gateway.kill()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_no_call_is_lost_or_doubled_by_kill_9(
    start_gateway: Callable[..., Any], store_url: str, tmp_path: Path
) -> None:
    place, kept, chance, key = tmp_path / "in", Promised(), random.Random(20261123), new_key()
    gateway = start_gateway(QINGTING_DATABASE_URL=store_url, QINGTING_TRANSCRIPTS_FOLDER=str(place))
    store = Store(store_url)
    try:
        store.write_now(people.add_key, name="pbx", scopes=("transcripts",), digest=digest_of(key), actor="system")
        for round_ in range(ROUNDS):
            if round_:
                gateway.start()
            await load(chance.uniform(1.5, 3.5), gateway, key, place, kept)
        store.write_now(leases_run_out)
        gateway.start()
        await _all_taken(store, place)
        _check(store, place, kept)
    finally:
        store.close()
    assert gateway.stop() == 0


async def _all_taken(store: Store, place: Path) -> None:
    """The folder is empty and every arrival is read and filed."""
    waiting = select(arrivals.c.id).where(arrivals.c.due_at.is_not(None))
    unread = select(call_rows.c.call).where(call_rows.c.due_at.is_not(None), call_rows.c.state == "ended")
    async with asyncio.timeout(120) as limit:
        while (left := _left(place)) or store.read_now(lambda tx: tx.execute(waiting).all() + tx.execute(unread).all()):
            if limit.when() - asyncio.get_running_loop().time() < 1:
                pytest.fail(
                    f"not taken: {left}, {store.read_now(lambda tx: tx.execute(waiting).all() + tx.execute(unread).all())}"
                )
            await asyncio.sleep(0.2)


def _left(place: Path) -> list[Path]:
    return [path for path in place.iterdir() if path.is_file()]


def _check(store: Store, place: Path, kept: Promised) -> None:
    assert kept.references, "no transcript was acknowledged: the load was none"
    assert kept.left, "no file was left: the load was none"
    assert all(kept.words.values()), "no word was acknowledged: the load was none"
    assert kept.contradictions == []
    linked = (
        select(call_rows.c.call, cases.c.reference, call_rows.c.recording)
        .select_from(call_rows)
        .join(case_conversations, case_conversations.c.conversation_id == call_rows.c.conversation_id)
        .join(cases, cases.c.id == case_conversations.c.case_id)
    )
    found = {row.call: row for row in store.read_now(lambda tx: list(tx.execute(linked)))}
    assert {call for call, reference in kept.references.items() if found[call].reference != reference} == set()
    assert {call for call in kept.left if found[call].reference is None or found[call].recording is None} == set()
    assert {path.name for path in (place / "done").glob("*.vtt")} == {f"{call}.vtt" for call in kept.left}
    assert list((place / "refused").iterdir()) == []
    texts = Counter(store.read_now(lambda tx: tx.execute(select(messages.c.text)).scalars().all()))
    assert {
        call for call in (*kept.references, *kept.left) if texts[f"Your branch charged me 300 yuan, {call}."] != 1
    } == set()
    for call, numbers in kept.words.items():
        assert {number for number in numbers if texts[f"word {number} of {call}"] != 1} == set()
    references = store.read_now(
        lambda tx: tx.execute(select(cases.c.reference).where(cases.c.reference.is_not(None))).scalars().all()
    )
    assert len(references) == len(set(references))
