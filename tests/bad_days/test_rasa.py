"""A house with a Rasa at its side, both as operators run them: chats and mails go on whatever becomes of Rasa."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from case_store.tables_cases import cases
from case_store.tables_house import audit_events
from tests.bad_days.conftest import GatewayProcess
from tests.bad_days.test_kill import send_mail
from tests.rasa.server import RasaProcess

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

WHOLE = "我叫李雷，手机13812345678，上个月15号在你们西湖支行被扣了3500元服务费，要求全额退还"


@pytest.fixture
def gateway(rasa_server: RasaProcess, tmp_path: Path) -> Iterator[GatewayProcess]:
    directory = tmp_path / "var"
    directory.mkdir()
    process = GatewayProcess(
        directory, QINGTING_DIALOGUE=f"rasa+{rasa_server.url}", QINGTING_RASA_SECRET=rasa_server.secret
    )
    process.http = rasa_server.actions_port  # where Rasa calls its actions
    try:
        process.start()
        yield process
    finally:
        process.kill()


async def said_by_bot(socket: aiohttp.ClientWebSocketResponse, text: str, client_id: str) -> dict[str, Any]:
    await socket.send_json({"type": "message", "client_id": client_id, "text": text})
    accepted = False
    while True:
        frame: dict[str, Any] = json.loads((await socket.receive(timeout=30)).data)
        accepted = accepted or frame["type"] == "accepted"
        if accepted and frame["type"] == "message" and frame["sender"] == "bot":
            return frame


def engines_of(gateway: GatewayProcess) -> list[str]:
    """Which engine answered, turn by turn, as the trail tells it."""
    store = sa.create_engine(f"sqlite:///{gateway.data_dir / 'qingting.db'}")
    with store.connect() as connection:
        query = sa.select(audit_events.c.detail).where(audit_events.c.action == "answered").order_by(audit_events.c.at)
        details = [row[0] for row in connection.execute(query)]
    store.dispose()
    return [entry["engine"] for entry in details]


async def test_a_chat_goes_on_when_rasa_is_killed_in_its_middle(
    gateway: GatewayProcess, rasa_server: RasaProcess
) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{gateway.url}/chat/ws") as socket:
        await socket.send_json({"type": "start", "session": None, "locale": "zh-Hans"})
        read_back = await said_by_bot(socket, WHOLE, "1")
        assert read_back["asks"] == ["confirm"]
        await asyncio.to_thread(rasa_server.kill)
        changed = await said_by_bot(socket, "不对，是3800元", "2")
        assert "3,800" in changed["text"]
        starting = asyncio.create_task(asyncio.to_thread(rasa_server.start))
        while not starting.done():  # pings are answered while somebody reads, and by nobody else
            with contextlib.suppress(TimeoutError):
                await socket.receive(timeout=0.5)
        await starting
        filed = await said_by_bot(socket, "对", "3")
        assert "C20" in filed["text"]
    assert engines_of(gateway) == ["rasa", "embedded", "rasa"]


async def test_a_mail_is_answered_by_rasa_too(gateway: GatewayProcess) -> None:
    send_mail(gateway.smtp, "<rasa.1@example.org>")
    outgoing = gateway.data_dir / "outgoing"
    while not (outgoing.exists() and list(outgoing.glob("*.eml"))):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    await asyncio.to_thread(gateway.wait_until_ready)
    assert engines_of(gateway) == ["rasa"]
    store = sa.create_engine(f"sqlite:///{gateway.data_dir / 'qingting.db'}")
    with store.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one() == 1
    store.dispose()


@pytest.mark.parametrize("secret", ["", "Bearer wrong"], ids=["none", "wrong"])
async def test_nobody_but_rasa_runs_actions(secret: str, gateway: GatewayProcess) -> None:
    headers = {"Authorization": secret} if secret else {}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{gateway.url}/rasa/actions", json={"next_action": "action_file"}, headers=headers) as answer,
    ):
        assert answer.status == 401
