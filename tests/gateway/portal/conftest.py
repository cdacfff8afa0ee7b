"""The customers' pages on a real server, with what they need and nothing else: no store, no channels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from case_store.store import StoreUnavailable
from gateway.config import Settings
from gateway.context import GATEWAY, Gateway
from gateway.hooks import FORM_REFUSED
from gateway.policy import load_policy
from gateway.portal.routes import routes
from gateway.problems import Problem
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from gateway.web import setup_web

Browse = Callable[..., Awaitable[TestClient[web.Request, web.Application]]]


async def refuse(request: web.Request) -> web.StreamResponse:
    """Stands for the API: refuses the field that the test names."""
    form = {name: str(value) for name, value in (await request.post()).items()}
    errors = [{"field": request.headers["Refused"], "detail": "in words for programs"}]
    page = await request.app[FORM_REFUSED](request, form, errors)
    assert page is not None
    return page


async def fail(request: web.Request) -> web.StreamResponse:
    """Stands for any route that can't answer: with a status, or with what nobody foresaw."""
    how = request.match_info["how"]
    if how == "store":
        raise StoreUnavailable("the disk is full")
    if how == "bug":
        raise RuntimeError("secret words of a customer")
    raise Problem(int(how), "some_code", "in words for programs", headers={"Retry-After": "7"})


@pytest.fixture
async def browse() -> AsyncIterator[Browse]:
    """`await browse(chat_origins=…)`: a client of the pages under these settings."""
    clients: list[TestClient[web.Request, web.Application]] = []

    async def start(**settings: Any) -> TestClient[web.Request, web.Application]:
        nothing = cast(Any, None)
        app = web.Application()
        app[GATEWAY] = Gateway(
            settings=Settings(**settings),
            policy=load_policy(),
            store=nothing,
            files=nothing,
            tokens=Tokens(b"s" * 32),
            wakeups=Wakeups(),
        )
        setup_web(app)
        routes(app)
        app.router.add_get("/api/v1/fails/{how}", fail)
        app.router.add_post("/api/v1/complaints", refuse)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()
