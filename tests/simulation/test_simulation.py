"""The simulator against a real gateway on every channel, and what it does with houses that are not fit to be played with."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from gateway.simulation import report
from gateway.simulation.conversation import Limits
from gateway.simulation.run import Pace, Places, Played, run
from gateway.simulation.sheet import Sheet, read_customers
from tests.bad_days.conftest import ROOT
from tests.simulation.own_house import OwnHouse, own_house

CUSTOMERS = Path(__file__).parent / "customers" / "seen"
BRISK = Pace(typing=0.2, at_once=9, minutes=5, limits=Limits(silence=90, whole=300))
SAMPLE = {
    "en-01": "web chat, one word at a time",
    "en-10": "danger to life",
    "en-06": "mail",
    "hant-12": "Telegram",
    "hans-15": "web form",
    "hans-05": "puts a sum right",
    "hant-13": "withdraws",
    "hant-11": "wants a person",
    "hant-09": "corrects a day",
}
BURST: dict[str, Any] = {
    "id": "burst",
    "who": "types while the house has to wait",
    "language": "en",
    "tempers": ["bursts"],
    "opens": ["hello", "your branch in Leeds charged me 300 yuan", "yesterday", "and nobody had told me"],
    "tells": ["what_happened", "about", "occurred_on", "amount"],
    "says": {"desired_outcome": "a refund", "name": "Ann Lee", "contact": "ann@example.org"},
    "sheet": {"name": "Ann Lee", "amount": "300.00 CNY", "occurred_on": "yesterday"},
}


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def some(ids: Sequence[str]) -> list[tuple[str, Sheet]]:
    found = [(part, one) for part, one in read_customers(CUSTOMERS) if one.id in ids]
    assert len(found) == len(ids)
    return found


@pytest.mark.slow
async def test_customers_of_every_channel_and_language_are_played_against_a_real_house(tmp_path: Path) -> None:
    async with own_house(tmp_path, QINGTING_QUIET_SECONDS="2") as house:
        played = await run(some(list(SAMPLE)), house.places, house.key, BRISK, today())
        told = await _by_command(house)
    assert [(one["id"], one["not_reached"]) for one in told["customers"]] == [("en-10", None)]
    assert report.unreached(played) == []
    found = {one.sheet.id: one for one in played}
    assert [one.sheet.id for one in played if one.transcript.stopped] == []
    for id in ("en-01", "en-06", "hans-15", "hans-05", "hant-09", "hant-12"):
        transcript = found[id].transcript
        assert transcript.reference is not None, id
        assert transcript.record is not None, id
        assert transcript.record["reference"] == transcript.reference
    assert (found["hant-11"].transcript.owner, found["en-10"].transcript.owner) == ("queue", "queue")
    assert _status(found["hant-13"]) != "filed"
    assert all(one.transcript.waits() for one in played)
    assert [fault for one in played for fault in one.faults if fault.kind == "spoke_while_writing"] == []
    assert _kept(found["hans-05"])["amount"] == {"value": "320000.00", "currency": "CNY"}


def _status(one: Played) -> str:
    return str((one.transcript.record or {}).get("status"))


def _kept(one: Played) -> dict[str, Any]:
    assert one.transcript.record is not None
    facts: dict[str, Any] = one.transcript.record["facts"]
    return facts


async def _by_command(house: OwnHouse) -> dict[str, Any]:
    """The command as an operator gives it on the house's own machine: no address, no key."""
    words = ["--only", "en-10", "--typing", "0.2", "--json", "--customers", str(CUSTOMERS)]
    ended = await asyncio.to_thread(command, *words, settings=house.process.environment())
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


# houses that are not fit -----------------------------------------------------------------------------------------


def command(*words: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", "simulate", *words],
        cwd=ROOT,
        env=dict(settings),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def simulate(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command, with no settings of ours about it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
    settings = {**kept, "QINGTING_DATA_DIR": str(folder)}
    return command("--customers", str(CUSTOMERS), *words, settings=settings)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--url", "http://127.0.0.1:9", "--key", "x"], "there is no house"),
        (["--url", "http://127.0.0.1:9"], "needs --key"),
        (["--url", "127.0.0.1:9", "--key", "x"], "is not http://"),
        (["--only", "nobody"], "none of the"),
        (["--smtp", "nowhere"], "is not host:port"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(tmp_path: Path, words: list[str], told: str) -> None:
    ended = simulate(*words, folder=tmp_path)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert told in " ".join(ended.stderr.split())


class Fake:
    """A house that is marked for practice and takes every word; what it says to each is `answers`."""

    practice = True
    answers: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/chat/ws", self._chat)
        app.router.add_get("/api/v1/cases", self._nothing)
        app.router.add_get("/api/v1/conversations", self._nothing)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"} | ({"practice": True} if self.practice else {}))

    async def _nothing(self, request: web.Request) -> web.Response:
        return web.json_response({"items": []})

    async def _chat(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "session", "session": "s", "conversation": "c", "resumed": False})
        numbers = itertools.count(1)
        greeting = {"type": "message", "message": next(numbers), "sender": "bot", "text": "Good day.", "asks": []}
        await socket.send_json(greeting)
        async for message in socket:
            frame = json.loads(message.data)
            if frame["type"] == "message":
                self.heard.append(frame["text"])
                await socket.send_json({"type": "accepted", "client_id": frame["client_id"], "message": next(numbers)})
                for text in self.answers:
                    said = {"type": "message", "message": next(numbers), "sender": "bot", "text": text, "asks": []}
                    await socket.send_json(said)
        return socket


class Parrot(Fake):
    answers = ("How much was it?",)


class Real(Fake):
    practice = False
    answers = ("Very well.",)


async def test_a_house_that_is_not_marked_for_practice_is_left_alone_unless_forced(tmp_path: Path) -> None:
    async with Real() as house:
        words = ["--url", house.url, "--key", "x", "--only", "en-14", "--typing", "0"]
        refused = await asyncio.to_thread(simulate, *words, folder=tmp_path)
        assert (refused.returncode, refused.stdout, house.heard) == (1, "", [])
        assert "QINGTING_PRACTICE=yes" in refused.stderr
        forced = await asyncio.to_thread(simulate, *words, "--force", "--json", folder=tmp_path)
        assert len(house.heard) == 1
    assert (forced.returncode, [one["id"] for one in json.loads(forced.stdout)["customers"]]) == (0, ["en-14"])


async def test_a_house_that_does_not_wait_is_caught_speaking_while_the_customer_writes() -> None:
    pace = Pace(typing=0.1, limits=Limits(turns=2, silence=30, whole=120))
    async with Parrot() as house:
        [played] = await run([("x", Sheet.model_validate(BURST))], Places(house.url), "key", pace, today())
    caught = [fault for fault in played.faults if fault.kind == "spoke_while_writing"]
    assert len(caught) == len(BURST["opens"]) - 1  # after the last line it may speak


async def test_a_silent_house_is_given_up_and_said_to_be_silent() -> None:
    pace = Pace(typing=0, limits=Limits(silence=0.3, whole=20))
    async with Fake() as house:
        [played] = await run(some(["en-01"]), Places(house.url), "key", pace, today())
    assert (house.heard, played.transcript.stopped) == (
        ["bank took the same direct debit two times"],
        "no answer within 0 s",
    )
    assert {"no_end", "not_filed"} <= {fault.kind for fault in played.faults}


async def test_what_could_not_be_reached_is_said_and_counts_for_nothing() -> None:
    async with Fake() as house:
        played = await run(some(["en-06", "hant-12"]), Places(house.url), "key", BRISK, today())
    assert report.rows(played) == []
    assert [why for why, _ in report.unreached(played)] == [
        "email: the house takes no mail by SMTP (name it with --smtp)",
        "telegram: no stand-in of the Bot API that customers can write to (--telegram)",
    ]


async def test_a_run_ends_when_its_time_is_over() -> None:
    pace = Pace(typing=0, at_once=1, minutes=0.05, limits=Limits(silence=5, whole=5))
    async with Fake() as house:
        played = await run(some(["en-01", "en-02", "en-04"]), Places(house.url), "key", pace, today())
    assert [bool(one.transcript.unreached) for one in played] == [False, True, True]


async def test_a_talk_that_goes_in_circles_is_ended() -> None:
    pace = Pace(typing=0, limits=Limits(turns=3, silence=30, whole=120))
    async with Parrot() as house:
        [played] = await run(some(["en-01"]), Places(house.url), "key", pace, today())
    assert played.transcript.stopped == "not at an end after 3 turns"
    assert {"no_end", "asked_twice"} <= {fault.kind for fault in played.faults}
