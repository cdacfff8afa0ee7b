"""Stands in for LibreTranslate: takes what its documentation says a client sends and nothing else, and knows the bad days of a service.

https://docs.libretranslate.com: POST /translate with JSON of q, source, target, format and api_key; GET /languages.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
_FIELDS = {"q", "source", "target", "format"}


class LibreTranslate:
    """A service on a port of this machine. `says` translates; `answers` is a status, headers and body in the place of a translation."""

    def __init__(self, key: str | None = None, under: str = "") -> None:
        self.key, self.under = key, under
        self.asked: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.says: Callable[[str, str], str] = lambda text, target: f"[{target}] {text}"
        self.answers: tuple[int, dict[str, str], bytes] | None = None
        self.when_asked: Callable[[], None] = lambda: None
        self.languages: tuple[str, ...] = LANGUAGES
        self.silent = False
        self._over = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.take(self, "GET")

            def do_POST(self) -> None:
                service.take(self, "POST")

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.under}"

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> LibreTranslate:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def take(self, request: BaseHTTPRequestHandler, method: str) -> None:
        if (method, request.path) == ("GET", f"{self.under}/languages"):
            told: Any = [{"code": code, "name": code, "targets": list(self.languages)} for code in self.languages]
            _answer(request, 200, {}, json.dumps(told).encode())
            return
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        wrong = self._wrong(method, request.path, request.headers.get("Content-Type", ""), body)
        if wrong:
            self.refused.append(wrong)
            _answer(request, 400, {}, json.dumps({"error": wrong}).encode())
            return
        asked = json.loads(body)
        self.asked.append(asked)
        self.when_asked()
        if self.silent:
            self._over.wait()
            return
        text = self.says(asked["q"], asked["target"])
        _answer(request, *(self.answers or (200, {}, json.dumps({"translatedText": text}).encode())))

    def _wrong(self, method: str, path: str, media_type: str, body: bytes) -> str:
        if (method, path) != ("POST", f"{self.under}/translate"):
            return f"{method} {path}"
        if media_type != "application/json":
            return f"type {media_type}"
        asked = json.loads(body)
        if asked.keys() != (_FIELDS | {"api_key"} if self.key else _FIELDS):
            return f"fields {sorted(asked)}"
        if asked["source"] not in (*LANGUAGES, "auto") or asked["target"] not in LANGUAGES or asked["format"] != "text":
            return f"{asked['source']} to {asked['target']} as {asked['format']}"
        return "" if asked.get("api_key") == self.key else "api_key"


def _answer(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    try:
        request.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)
    except ConnectionError:
        pass  # whoever asked has had enough
