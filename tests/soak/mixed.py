"""Mixed traffic on all channels at once, with the mail server and the database restarted and the gateway killed in between.

    python -m tests.soak --minutes 60

Customers of every channel say something at an even pace; each thing carries a mark. When the time is over and everything has
settled, what was promised is counted against what is stored: nothing may be lost, nothing may stand there twice. The doctor
and the audit chains have the last word.

All servers are this run's own, on free ports of 127.0.0.1, and end with it.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries
from tests.bad_days.conftest import ROOT, GatewayProcess
from tests.bot_api import TOKEN, BotApi
from tests.conftest import Cluster
from tests.dovecot import Dovecot
from tests.soak import customers
from tests.soak.customers import MARK, Clock, Place
from tests.soak.tally import Count, Tally, count

DOWN = 8.0  # seconds that a server stays away
SETTLES = 300.0  # seconds in which everything that was taken has to be read, answered and sent


@dataclass
class Result:
    counts: list[Count]
    figures: dict[str, Any]
    restarts: list[str]
    problems: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.problems and all(one.whole for one in self.counts)

    def table(self) -> str:
        head = [
            "| channel | offered | promised | refused, tried again | stored | lost | twice |",
            "|---|---|---|---|---|---|---|",
        ]
        rows = [
            f"| {one.channel} | {one.offered} | {one.promised} | {one.refused} | {one.stored} | {len(one.lost)} | {len(one.twice)} |"
            for one in self.counts
        ]
        told = [f"{name}: {value}" for name, value in self.figures.items()]
        return "\n".join([*head, *rows, "", *self.restarts, *told, *(f"PROBLEM {one}" for one in self.problems)])


class Run:
    """The servers of one run. `folder` holds everything they write."""

    def __init__(self, folder: Path, cluster: Cluster, database: str) -> None:
        self.folder = folder
        self.cluster = cluster
        self.url = cluster.url(database)
        for name in ("dovecot", "calls"):
            (folder / name).mkdir()
        self.dovecot = Dovecot(folder / "dovecot", tls=False)
        self.bot = BotApi()
        self.gateway: GatewayProcess | None = None
        self.restarts: list[str] = []
        self._began = time.monotonic()

    async def start(self) -> Place:
        self.dovecot.start()
        await self.bot.start()
        (self.folder / "gateway").mkdir()
        self.gateway = GatewayProcess(
            self.folder / "gateway" / "var",
            QINGTING_DATABASE_URL=self.url,
            QINGTING_SECRET=secrets.token_hex(24),
            QINGTING_IMAP=f"imap://complaints:{self.dovecot.password}@127.0.0.1:{self.dovecot.port}/INBOX",
            QINGTING_TELEGRAM_TOKEN=TOKEN,
            QINGTING_TELEGRAM_API=self.bot.url,
            QINGTING_TRANSCRIPTS_FOLDER=str(self.folder / "calls"),
            QINGTING_QUIET_SECONDS="0.5",
        )
        self.gateway.data_dir.mkdir()
        await asyncio.to_thread(self.gateway.start)
        return Place(self.gateway.url, self.gateway.smtp, await self._key())

    async def _key(self) -> str:
        made = await self.command(
            "key", "add", "--name", "soak", "--scope", "intake", "--scope", "transcripts", "--json"
        )
        return str(json.loads(made)["key"])

    async def command(self, *words: str) -> str:
        """`qingting …` on this gateway's settings. Raises CalledProcessError."""
        assert self.gateway is not None
        ran = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "gateway", *words],
            cwd=ROOT,
            env=self.gateway.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise AssertionError(f"qingting {' '.join(words)}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return ran.stdout

    async def disturb(self, seconds: float) -> None:
        """Takes each server away once, spread over the time."""
        assert self.gateway is not None
        gateway = self.gateway
        for part, what, away, back in (
            (0.25, "PostgreSQL", self.cluster.stop, self.cluster.start),
            (0.25, "Dovecot", self.dovecot.stop, self.dovecot.start),
            (0.2, "the gateway (kill -9)", gateway.kill, gateway.start),
        ):
            await asyncio.sleep(seconds * part)
            await asyncio.to_thread(away)
            await asyncio.sleep(DOWN)
            await asyncio.to_thread(back)
            self.restarts.append(f"{what} away for {DOWN:.0f} s after {time.monotonic() - self._began:.0f} s")

    async def stop(self) -> None:
        if self.gateway is not None and self.gateway.process is not None and self.gateway.process.poll() is None:
            await asyncio.to_thread(self.gateway.stop)
        await self.bot.stop()
        self.dovecot.stop()


async def run(folder: Path, cluster: Cluster, database: str, *, minutes: float, pause: float) -> Result:
    """One run of so many minutes; each customer loop says something every `pause` seconds on average."""
    here = Run(folder, cluster, database)
    try:
        place = await here.start()
        began = asyncio.get_running_loop().time()
        clock = Clock(until=began + minutes * 60, pause=pause)
        loops: dict[str, Callable[..., Any]] = {
            **customers.CUSTOMERS,
            **customers.keepers(here.dovecot, here.bot, folder / "calls"),
        }
        tallies = {name: Tally(name, keeps=name in customers.KEEPERS) for name in loops}
        async with asyncio.TaskGroup() as group:
            group.create_task(customers.all_of_them(loops, place, tallies, clock))
            group.create_task(here.disturb(minutes * 60))
        store = Store(here.url, readers=1)
        try:
            problems = await settled(store, tallies)
            stored = marks_in(store)
            result = Result(
                [count(tally, stored) for tally in tallies.values()], figures(store), here.restarts, problems
            )
        finally:
            store.close()
        for name, tally in tallies.items():
            result.problems += [f"{name}: {one}" for one in tally.wrong if "broke" in one]
        result.problems += here.bot.complaints
        result.figures["doctor"] = await _last_words(here, "doctor", "--deep")
        result.figures["audit"] = await _last_words(here, "audit", "verify")
        return result
    finally:
        await here.stop()


async def _last_words(here: Run, *words: str) -> str:
    try:
        return (await here.command(*words)).strip().splitlines()[-1]
    except AssertionError as error:
        return f"FAILED {str(error)[-1500:]}"


async def settled(store: Store, tallies: dict[str, Tally]) -> list[str]:
    """Waits until nothing is due any more and what was promised is there. Answers what did not come to rest."""
    give_up = time.monotonic() + SETTLES
    while True:
        due = await asyncio.to_thread(waiting, store)
        stored = await asyncio.to_thread(marks_in, store)
        missing = sum(mark not in stored for tally in tallies.values() for mark in tally.promised)
        if not any(due.values()) and not missing:
            return []
        if time.monotonic() > give_up:
            return [f"after {SETTLES:.0f} s {due} still due, {missing} promised and not stored"]
        await asyncio.sleep(1)


def waiting(store: Store) -> dict[str, int]:
    """What is still to be read, answered and sent now."""

    def unit(tx: Any) -> dict[str, int]:
        def due(column: Any) -> int:
            return int(tx.execute(sa.select(sa.func.count()).where(column <= tx.now)).scalar_one())

        return {
            "arrivals": due(arrivals.c.due_at),
            "turns": due(conversations.c.speak_at),
            "deliveries": due(deliveries.c.due_at),
        }

    return store.read_now(unit)


def marks_in(store: Store) -> dict[str, int]:
    """How often each mark stands in what customers have said."""
    rows = store.read_now(
        lambda tx: tx.execute(sa.select(messages.c.text).where(messages.c.sender == "customer")).scalars().all()
    )
    return Counter(mark for text in rows for mark in set(re.findall(MARK, text)))


def figures(store: Store) -> dict[str, Any]:
    def unit(tx: Any) -> dict[str, Any]:
        def grouped(column: Any) -> dict[str, int]:
            return {row[0]: row[1] for row in tx.execute(sa.select(column, sa.func.count()).group_by(column))}

        return {
            "arrivals": grouped(arrivals.c.state),
            "conversations": grouped(conversations.c.channel),
            "cases": grouped(cases.c.status),
            "deliveries": grouped(deliveries.c.state),
            "messages": tx.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one(),
        }

    return store.read_now(unit)
