"""Start, wire, stop: one process of the gateway.

Order matters: the lock before the store, the schema before its readers, channels last, so that nobody is accepted before
everything that answers them runs. Stopping goes the other way: no new arrivals, turns and attempts under way are finished,
everything else waits in the store for the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from case_store.files import Files
from dialogue.embedded import embedded_engine

from case_store import schema
from case_store.store import Store, Wake
from channels.channel import Channel
from channels.webchat.socket import handler as chat_handler
from gateway.chat import Chat, origin_allowed
from gateway.clockwork import Clockwork
from gateway.conductor import Conductor
from gateway.config import Settings, house_secret
from gateway.context import GATEWAY, Gateway
from gateway.delivery import Delivery
from gateway.engines import Engines
from gateway.intake import Intake
from gateway.listen import Listener
from gateway.lock import DataDirectoryLock
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups

log = structlog.get_logger(__name__)

GRACE = 20.0  # seconds that connections may take to end


class Service:
    """One running gateway. `start` returns once it is ready to accept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._ends = contextlib.AsyncExitStack()
        self.http: tuple[str, int] = ("", 0)

    async def start(self) -> None:
        settings = self.settings
        data = settings.data_dir
        data.mkdir(parents=True, exist_ok=True)
        lock = self._ends.enter_context(DataDirectoryLock(data, {"pid": os.getpid(), "node": settings.node}))
        gateway = await self._open()
        promises = Promises(gateway.policy, settings)
        engines = Engines(embedded_engine())
        self._ends.callback(engines.close)
        channels = self._channels(gateway)
        intake = Intake(gateway, channels)
        notices = Notices(promises, settings, gateway.tokens)
        delivery, conductor = Delivery(gateway, channels), Conductor(gateway, engines, notices)
        self._running(intake, delivery, conductor, Clockwork(gateway, notices))
        await self._serve(self._app(gateway, notices))
        for channel in channels.values():
            await channel.start(intake.accept)
            self._ends.push_async_callback(channel.stop)
        lock.tell({"pid": os.getpid(), "node": settings.node, "http": "http://{}:{}".format(*self.http)})

    async def _open(self) -> Gateway:
        """The store with its schema, and what every room shares."""
        settings, wakeups = self.settings, Wakeups()
        url = settings.database
        await asyncio.to_thread(schema.upgrade, url)
        store = Store(url, on_wake=wakeups.publish)
        self._ends.callback(store.close)
        if settings.listen_dsn is not None:
            listener = Listener(settings.listen_dsn, wakeups, settings.node)
            store.on_wake = _both(wakeups, listener)
            listener.start()
            self._ends.push_async_callback(listener.stop)
        return Gateway(
            settings=settings,
            policy=load_policy(settings.policy),
            store=store,
            files=Files(Path(str(settings.files_place))),
            tokens=Tokens(house_secret(settings)),
            wakeups=wakeups,
        )

    def _channels(self, gateway: Gateway) -> Mapping[str, Channel]:
        return {}

    def _running(self, *rooms: Any) -> None:
        for room in rooms:
            room.start()
            self._ends.push_async_callback(room.stop)

    def _app(self, gateway: Gateway, notices: Notices) -> web.Application:
        app = web.Application()
        app[GATEWAY] = gateway
        app.router.add_get("/chat/ws", chat_handler(Chat(gateway), lambda request: origin_allowed(gateway, request)))
        return app

    async def _serve(self, app: web.Application) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE, handle_signals=False)
        await runner.setup()
        self._ends.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, self.settings.http.host, self.settings.http.port, backlog=1024)
        await site.start()
        self.http = runner.addresses[0][:2]

    async def stop(self) -> None:
        await self._ends.aclose()


def _both(wakeups: Wakeups, listener: Listener) -> Any:
    def publish(wakes: list[Wake]) -> None:
        wakeups.publish(wakes)
        listener.pass_on(wakes)

    return publish


async def run(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    service = Service(settings)
    try:
        await service.start()
        print("http://{}:{}".format(*service.http), flush=True)
        await stopped.wait()
    finally:
        await service.stop()
