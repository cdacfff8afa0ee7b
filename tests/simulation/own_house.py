"""A house of our own for the simulator: a real gateway in a process of its own, with mail, Telegram and web chat."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.commands.simulating import SCOPES
from gateway.simulation.mail import Sink
from gateway.simulation.run import Places
from tests.bad_days.conftest import ROOT, GatewayProcess
from tests.bot_api import TOKEN, BotApi
from tests.bot_api_customers import CustomersDoor
from tests.ports import free_port


@dataclass(frozen=True, slots=True)
class OwnHouse:
    places: Places
    key: str
    process: GatewayProcess


@asynccontextmanager
async def own_house(folder: Path, **settings: str) -> AsyncIterator[OwnHouse]:
    """One on a fresh SQLite store below `folder`, marked for practice; ended with the block."""
    api, sink = BotApi(), Sink("127.0.0.1", free_port())
    door = CustomersDoor(api)
    await api.start()
    await door.start()
    data = folder / "var"
    data.mkdir()
    telegram = {"QINGTING_TELEGRAM_TOKEN": TOKEN, "QINGTING_TELEGRAM_API": api.url}
    relay = {"QINGTING_SMTP_RELAY": f"smtp://127.0.0.1:{sink.port}", "QINGTING_MAIL_AUTH": "off"}
    process = GatewayProcess(data, **{"QINGTING_PRACTICE": "yes", **telegram, **relay, **settings})
    try:
        await asyncio.to_thread(process.start)
        key = await asyncio.to_thread(_key, process)
        smtp = ("127.0.0.1", process.smtp)
        yield OwnHouse(Places(process.url, smtp, "complaints@localhost", sink, door.url), key, process)
    finally:
        if process.process is not None and process.process.poll() is None:
            await asyncio.to_thread(process.stop)
        await door.stop()
        await api.stop()


def _key(process: GatewayProcess) -> str:
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    command = [sys.executable, "-m", "gateway", "key", "add", "--name", "simulator", *scopes, "--json"]
    made = subprocess.run(command, cwd=ROOT, env=process.environment(), capture_output=True, text=True, check=True)
    return str(json.loads(made.stdout)["key"])
