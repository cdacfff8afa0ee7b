"""The web server that chat and form stand on, for the rigs that need one."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from gateway.api.app import setup_api
from gateway.context import GATEWAY
from gateway.web import setup_web
from tests.conformance.channels.rig import House


class WebServer:
    """A real one on 127.0.0.1; stopped as a shutdown does, and started again on another port."""

    def __init__(self, add: Callable[[web.Application], None]) -> None:
        self._add = add
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self, house: House) -> None:
        app = web.Application()
        app[GATEWAY] = house.gateway
        setup_web(app)
        setup_api(app)
        self._add(app)
        self._runner = web.AppRunner(app, shutdown_timeout=2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = "http://127.0.0.1:{}".format(*self._runner.addresses[0][1:])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
