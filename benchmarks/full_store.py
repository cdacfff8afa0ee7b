"""What the console asks for, at 1,000,000 cases and 2,000,000 messages beside 10,000 and 20,000; and accepting mail on both.

Each request goes over HTTP with an agent's session, one at a time, as many times as it takes for a p95.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from benchmarks.fill import fill
from benchmarks.harness import PASSWORD, Absent, Gateway, Line, percentile, scratch
from benchmarks.smtp import load, texts

SMALL, LARGE, MESSAGES = 10_000, 1_000_000, 2
TIMES = 60
SETTLES = 10.0  # seconds; a house that has just begun compiles its word lists meanwhile
ASKED: Mapping[str, str] = {
    "list of cases": "/api/v1/cases",
    "list by status": "/api/v1/cases?status=in_progress",
    "search, two characters": "/api/v1/cases?q=保本",
    "search, a word": "/api/v1/cases?q=transfers",
    "search, a rare address": "/api/v1/cases?q=user77@mail.example",
    "search, a reference number": "/api/v1/cases?q={reference}",
    "list of conversations": "/api/v1/conversations?owner=bot",
    "the queue": "/api/v1/conversations?owner=queue&messages=1&limit=200",
    "cases by due date": "/api/v1/due",
    "view: overdue": "/api/v1/due?view=overdue",
    "view: high risk": "/api/v1/due?view=high_risk",
    "view: possible duplicates": "/api/v1/due?view=possible_duplicate",
    "numbers beside the views": "/api/v1/views",
    "one case": "/api/v1/cases/{reference}",
    "one case's trail": "/api/v1/cases/{reference}/timeline?conversations=yes",
}


def measure(runs: int) -> list[Line]:
    with scratch() as folder:
        small, large = (_store(folder, name, size) for name, size in (("small", SMALL), ("large", LARGE)))
        found: dict[str, tuple[list[float], list[float]]] = {what: ([], []) for what in ASKED}
        for _ in range(runs):
            for at, data in enumerate((large, small)):
                with Gateway(data) as gateway:
                    for what, waits in asyncio.run(asked(gateway.http)).items():
                        found[what][at].append(percentile(waits, 0.95))
        lines = [
            Line(f"{what}, p95 at {LARGE:,} cases", "ms", here, there, f"{SMALL:,} cases", "≤ 3, < 50 ms")
            for what, (here, there) in found.items()
        ]
        return [*lines, _accepting(large, runs)]


def _store(folder: Path, name: str, size: int) -> Path:
    data = folder / name
    data.mkdir()
    fill(data / "qingting.db", size, MESSAGES)
    return data


async def asked(port: int) -> dict[str, list[float]]:
    """The waits of each question, in ms."""
    await asyncio.sleep(SETTLES)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        async with client.post("/api/v1/session", json={"username": "admin", "password": PASSWORD}) as answer:
            answer.raise_for_status()
        async with client.get("/api/v1/cases") as answer:
            reference = (await answer.json())["items"][0]["reference"]
        return {
            what: [await _wait(client, path.format(reference=reference)) for _ in range(TIMES)]
            for what, path in ASKED.items()
        }


async def _wait(client: aiohttp.ClientSession, path: str) -> float:
    begun = time.perf_counter()
    async with client.get(path) as answer:
        answer.raise_for_status()
        await answer.read()
    return 1000 * (time.perf_counter() - begun)


def _accepting(large: Path, runs: int) -> Line:
    work = f"mail accepted at {LARGE:,} cases"
    try:
        mails = texts()
    except Absent as absent:
        return Line(work, "", [], beside=str(absent))
    full, empty = [], []
    for _ in range(runs):
        with Gateway(large) as gateway:  # from the second run on these are repeats: accepting one costs a look-up more
            full.append(load(gateway.smtp, mails))
        with scratch() as folder, Gateway(folder / "data") as gateway:
            empty.append(load(gateway.smtp, mails))
    return Line(work, "mails/s", full[:1], empty[:1], "an empty store", "no slower")
