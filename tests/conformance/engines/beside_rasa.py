"""A Rasa with a house beside it that serves its action endpoint, as an engine that is asked like any other.

The house's part runs on an event loop in a thread of its own: Rasa calls back while its answer is waited for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from dialogue.embedded import EmbeddedEngine
from dialogue.turn import BotTurn, CustomerTurn
from gateway.rasa import ACTIONS, LIMIT, PAUSE, RasaEngine
from tests.dialogue.houses import HOUSE
from tests.rasa.server import RasaProcess

KEY: Final = b"the house's own key, unknown to Rasa"


class BesideRasa:
    """`turn` asks Rasa and nobody else: what it does not answer raises."""

    name = "rasa"

    def __init__(
        self, process: RasaProcess, embedded: EmbeddedEngine, *, limit: float = LIMIT, pause: float = PAUSE
    ) -> None:
        self.process = process
        self.engine = RasaEngine(
            process.url, process.secret, lambda: embedded.listener, HOUSE, key=KEY, limit=limit, pause=pause
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        self._thread.start()
        self.serve_actions()

    def serve_actions(self, instead: str | None = None) -> None:
        """The house's own action endpoint, or one that answers every call with `instead`."""
        self.run(self._serve(instead))

    def stop_actions(self) -> None:
        """The action endpoint is down; Rasa is not."""
        if self._runner is not None:
            self.run(self._runner.cleanup())
            self._runner = None

    def turn(self, turn: CustomerTurn) -> BotTurn:
        self.engine.house = turn.house
        answer: BotTurn = self.run(self.engine.turn("conversation", turn, _in_thread))
        return answer

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def stop(self) -> None:
        self.stop_actions()
        self.run(self.engine.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, instead: str | None) -> None:
        async def always(request: web.Request) -> web.Response:
            return web.Response(text=instead, content_type="application/json")

        app = web.Application()
        if instead is None:
            self.engine.add_routes(app)
        else:
            app.router.add_post(ACTIONS, always)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.process.actions_port).start()


async def _in_thread(work: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(work)
