"""A real Chromium before a real gateway, which can be killed and started again under it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.desks import Desks

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
READY_LIMIT = 120.0  # seconds
BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # the pages of one context share a process, and with it what it has compiled
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class GatewayProcess:
    """`qingting serve` on a port that stays the same when it is killed and started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
        environment = {
            **kept,
            "QINGTING_DATA_DIR": str(self.folder / "var"),
            "QINGTING_HTTP": f"127.0.0.1:{self.port}",
            "QINGTING_SMTP": "",
            "QINGTING_ADMIN_PASSWORD": PASSWORD,
            "QINGTING_CHATS_PER_ADDRESS": "1000000",  # all customers sit at this machine
            "QINGTING_REQUESTS_PER_ADDRESS": "off",
            "QINGTING_QUIET_SECONDS": "0.3",
            **self.settings,
        }
        with (self.folder / "gateway.log").open("ab") as log:
            command = [sys.executable, "-m", "gateway", "serve"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_LIMIT
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "gateway.log").read_text()
            assert time.monotonic() < deadline, "the gateway has not become ready"
            time.sleep(0.1)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/widget.js", timeout=2):
                return True
        except OSError:
            return False


class Agent:
    """Someone who works there, by the API."""

    def __init__(self, gateway: GatewayProcess) -> None:
        self._url = gateway.url
        self._headers = {"Content-Type": "application/json", "Origin": gateway.url}
        signed_in, cookie = self._ask("POST", "/api/v1/session", {"username": "admin", "password": PASSWORD})
        self.session = cookie.split(";")[0]
        self._headers |= {"Cookie": self.session, "X-CSRF-Token": signed_in["csrf_token"]}

    def conversation_with(self, text: str) -> dict[str, Any]:
        listed, _ = self._ask("GET", "/api/v1/conversations")
        whole = [self._ask("GET", f"/api/v1/conversations/{one['id']}")[0] for one in listed["items"]]
        return next(one for one in whole if any(message["text"] == text for message in one["messages"]))

    def take_over(self, conversation: str) -> None:
        self._ask("POST", f"/api/v1/conversations/{conversation}/take-over", {})

    def say(self, conversation: str, text: str) -> None:
        self._ask("POST", f"/api/v1/conversations/{conversation}/messages", {"text": text})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[dict[str, Any], str]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, self._headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"{}"), answer.headers.get("Set-Cookie", "")


class Site:
    """A web site of the bank's on another port, with the widget's script tag and nothing else of ours."""

    def __init__(self) -> None:
        self.page = b""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_SitePage, self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def embed(self, gateway: str, locale: str = "en") -> None:
        tag = f'<script src="{gateway}/widget.js" data-locale="{locale}" async></script>'
        page = f'<!doctype html><html lang="en"><title>A bank</title><h1>A bank</h1><a href="#">x</a>{tag}</html>'
        self.page = page.encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _SitePage(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *args: Any) -> None:
        self._site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "style-src 'none'")  # the widget must do without inline style
        self.end_headers()
        self.wfile.write(self._site.page)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def chromium(require: Callable[[str], NoReturn]) -> Iterator[Browser]:
    # not for the whole session: while it lives its event loop runs in this thread, and no other test could run one
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        require("no Chromium on this machine: apt-get install chromium")
    expect.set_options(timeout=40_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desks_of_module(chromium: Browser) -> Desks:
    return Desks(chromium)


@pytest.fixture
def desks(desks_of_module: Desks) -> Iterator[Desks]:
    yield desks_of_module
    desks_of_module.put_back()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[GatewayProcess]:
    """One gateway for all tests that leave it running."""
    process = GatewayProcess(tmp_path_factory.mktemp("gateway"), QINGTING_CHAT_ORIGINS=site.url)
    process.start()
    yield process
    process.kill()


@pytest.fixture(scope="session")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    process = GatewayProcess(tmp_path_factory.mktemp("mortal"))
    yield process
    process.kill()


@pytest.fixture
def own_gateway(mortal: GatewayProcess) -> GatewayProcess:
    """A gateway that a test may kill."""
    if mortal.process is None:
        mortal.start()
    return mortal


@pytest.fixture
def agent(gateway: GatewayProcess) -> Agent:
    return Agent(gateway)


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """`visit(url, context=None, **options)`: a page in a context of its own, or in the one given, whose errors fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(url: str, context: BrowserContext | None = None, **options: Any) -> Page:
        if context is None:
            context = chromium.new_context(**{"locale": "en-GB", **options})
            context.set_default_timeout(60_000)
            contexts.append(context)
            page = context.new_page()
        else:
            page = context.new_page()
            if "viewport" in options:
                page.set_viewport_size(options["viewport"])
        page.on("pageerror", lambda error: errors.append(str(error)))
        if url != page.url:
            page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
