"""The console's files, read once and served by content: their address changes with any of them, so browsers may keep them.

The words of each language are served as one JSON file beside the modules, and one for each room that is opened late.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from aiohttp import hdrs, web

from case_store.records import Language
from gateway.console.wording import first_words, room_words, rooms

FOR_EVER: Final = "public, max-age=31536000, immutable"
ROOT: Final = "/static/console"
LATE: Final = frozenset(
    {
        "assign.js",
        "attachments.js",
        "bulk.js",
        "call.js",
        "callback.js",
        "canned-dialog.js",
        "canned.js",
        "cases.js",
        "choosing.js",
        "clocks.js",
        "comparing.js",
        "composer.js",
        "copies.js",
        "customer.js",
        "danger.js",
        "drafts.js",
        "duplicates.js",
        "enclosing.js",
        "enter.js",
        "evidence.js",
        "files.js",
        "following.js",
        "for-you-dialog.js",
        "held.js",
        "help.js",
        "hints.js",
        "hold.js",
        "history.js",
        "marking.js",
        "mask-forms.js",
        "masked.js",
        "mentions-dialog.js",
        "moved.js",
        "merging.js",
        "negotiation-dialogs.js",
        "negotiation.js",
        "notes.js",
        "papers-dialogs.js",
        "papers.js",
        "postroom.js",
        "provider.js",
        "resolve.js",
        "second-step.js",
        "sections.js",
        "sending-menu.js",
        "sending.js",
        "snooze.js",
        "splitting.js",
        "status.js",
        "steps.js",
        "tasks.js",
        "thread.js",
        "trail.js",
        "translating.js",
        "upload.js",
        "turns.js",
        "toast.js",
        "verdict.js",
        "views.js",
        "watch.js",
        "ways.js",
        "work.js",
    }
)
"""Modules of places and dialogs that are fetched when they are opened: not every agent answers calls or enters letters."""
LATE_PLACES: Final = ("settings", "supervise")
"""Whatever is named after these is fetched late as well."""
SHARED: Final = ("upload.js",)
"""Modules of the customers' pages that the console uses as they are."""
_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    packed: bytes
    media_type: str
    etag: str

    def response(self, request: web.Request, cache: str) -> web.Response:
        if self.etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=304, headers={hdrs.ETAG: self.etag, hdrs.CACHE_CONTROL: cache})
        headers = {hdrs.ETAG: self.etag, hdrs.CACHE_CONTROL: cache, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        body = self.content
        if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            body, headers[hdrs.CONTENT_ENCODING] = self.packed, "gzip"
        return web.Response(body=body, content_type=self.media_type, charset="utf-8", headers=headers)


class Assets:
    """All files by name. `version` changes with any of them."""

    def __init__(self) -> None:
        folder = files("gateway.console").joinpath("static")
        contents = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
        for name in SHARED:
            contents[name] = files("gateway.portal").joinpath("static", name).read_bytes()
        for language in Language:
            contents[f"{language.value}.json"] = _as_json(first_words(language))
            for room in rooms():
                contents[f"{room}.{language.value}.json"] = _as_json(room_words(room, language))
        self._assets = {name: _asset(name, contents[name]) for name in sorted(contents)}
        whole = hashlib.sha256()
        for name, asset in self._assets.items():
            whole.update(f"{name} {asset.etag}\n".encode())
        self.version = whole.hexdigest()[:16]

    def path(self, name: str) -> str:
        if name not in self._assets:
            raise KeyError(name)
        return f"{ROOT}/{self.version}/{name}"

    def modules(self) -> list[str]:
        """The modules, for the browser to fetch at once instead of one after the other; those of `LATE` come when they are used."""
        return [self.path(name) for name in self._assets if name.endswith(".js") and not _is_late(name)]

    async def serve(self, request: web.Request) -> web.Response:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        # a page from a node of another version still gets its file, but may not keep it under that address
        kept = request.match_info["version"] == self.version
        return asset.response(request, FOR_EVER if kept else "no-cache")


def _is_late(name: str) -> bool:
    return name in LATE or name.startswith(LATE_PLACES)


def _as_json(words: Mapping[str, Any]) -> bytes:
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()


def _asset(name: str, content: bytes) -> Asset:
    media_type = _TYPES[name[name.rindex(".") :]]
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    return Asset(content, gzip.compress(content, 9, mtime=0), media_type, etag)
