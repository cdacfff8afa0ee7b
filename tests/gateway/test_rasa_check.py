"""The doctor on Rasa: there with our script, there with another, or not there."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from aiohttp import web

from dialogue.script import digest
from gateway.config import RasaServer, Settings
from gateway.findings import State
from gateway.rasa_check import rasa_answers


@pytest.mark.parametrize(
    ("answer", "state", "found"),
    [
        ({"script": digest()}, State.OK, "runs the script"),
        ({"script": "0" * 16}, State.WARN, "this gateway"),
        ({"script": ""}, State.WARN, "of nobody"),
        ([], State.WARN, "does not answer as Rasa"),
        (None, State.WARN, "of nobody"),  # a page that isn't there
    ],
)
async def test_what_answers(answer: Any, state: State, found: str) -> None:
    async def script(request: web.Request) -> web.Response:
        return web.Response(status=404) if answer is None else web.json_response(answer)

    app = web.Application()
    app.router.add_get("/webhooks/qingting/", script)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = Settings(dialogue=RasaServer("http://127.0.0.1:{1}".format(*runner.addresses[0])))
    [line] = await asyncio.to_thread(lambda: list(rasa_answers(settings)))
    await runner.cleanup()
    assert line.state is state
    assert found in line.found


@pytest.mark.parametrize("piece", [b"[" * 990, b" " * 2000, b" "], ids=["nested", "long", "drips"])
async def test_what_never_ends_holds_up_no_doctor(piece: bytes) -> None:
    async def script(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            await response.write(piece)
            while len(piece) == 1:
                await response.write(piece)
                await asyncio.sleep(0.02)
        return response

    app = web.Application()
    app.router.add_get("/webhooks/qingting/", script)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = Settings(dialogue=RasaServer("http://127.0.0.1:{1}".format(*runner.addresses[0])))
    [line] = await asyncio.wait_for(asyncio.to_thread(lambda: list(rasa_answers(settings, patience=0.4))), 10)
    await runner.cleanup()
    assert line.state is State.WARN
    assert "does not answer as Rasa" in line.found


def test_nobody_there() -> None:
    [line] = rasa_answers(Settings(dialogue=RasaServer("http://127.0.0.1:1")))
    assert line.state is State.WARN
    assert "the embedded engine answers meanwhile" in line.do


def test_no_rasa_is_nothing_to_say() -> None:
    assert list(rasa_answers(Settings())) == []
