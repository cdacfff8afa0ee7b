"""A program that receives webhooks on a port: verifies each signature and that each is a valid CloudEvent, and answers as a test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from standardwebhooks import Webhook, WebhookVerificationError


@dataclass
class Receiver:
    """`taken`: what came and was signed rightly, in order. `answers`: status by what came, else 204."""

    secrets: list[str] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    forged: int = 0
    answers: Callable[[dict[str, Any]], Any] = lambda event: None
    url: str = ""
    came: asyncio.Event = field(default_factory=asyncio.Event)  # set whenever something was taken

    async def start(self) -> TestServer:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        app.router.add_route("*", "/elsewhere", self._elsewhere)
        server = TestServer(app)
        await server.start_server()
        self.url = f"http://127.0.0.1:{server.port}/hook"
        return server

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if not self._signed(body, dict(request.headers)):
            self.forged += 1
            return web.Response(status=401)
        event = from_structured_event(HTTPMessage(dict(request.headers), body))  # raises for one that is not valid
        assert event.get_id() == request.headers["webhook-id"]
        assert request.headers["Content-Type"].startswith("application/cloudevents+json")
        shown = json.loads(body)
        answer = self.answers(shown)
        if asyncio.iscoroutine(answer):
            answer = await answer
        self.ids.append(shown["id"])
        if answer is None:
            self.taken.append(shown)
            self.came.set()
            return web.Response(status=204)
        return answer if isinstance(answer, web.StreamResponse) else web.Response(status=answer, text="not now")

    def _signed(self, body: bytes, headers: dict[str, str]) -> bool:
        for secret in self.secrets:
            try:
                Webhook(secret).verify(body, headers)
            except WebhookVerificationError:
                continue
            return True
        return False

    async def _elsewhere(self, request: web.Request) -> web.Response:
        raise AssertionError("nobody follows a redirect here")
