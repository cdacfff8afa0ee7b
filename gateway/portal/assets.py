"""The files that browsers fetch: scripts, styles, icons; read once at start, packed once, named by their content.

All of them stand under one address that holds a digest of them all, so a script can import its neighbour by a plain
relative name, and a browser may keep each for ever. There is no build step.

Not here: the pages (routes.py).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from aiohttp import hdrs, web

from case_store.records import Language
from gateway.portal.wording import catalogue

FOR_EVER: Final = "public, max-age=31536000, immutable"
AN_HOUR: Final = "public, max-age=3600"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_WORDS_PLACE: Final = "/* WORDS */ null"
WIDGET: Final = "widget.js"


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
        folder = files("gateway.portal").joinpath("static")
        contents = {entry.name: entry.read_bytes() for entry in sorted(folder.iterdir(), key=lambda one: one.name)}
        contents[WIDGET] = _with_words(contents[WIDGET])
        self._assets = {name: _asset(name, content) for name, content in contents.items()}
        whole = hashlib.sha256(b"".join(name.encode() + content for name, content in sorted(contents.items())))
        self.version = whole.hexdigest()[:16]

    def __getitem__(self, name: str) -> Asset:
        return self._assets[name]

    def names(self) -> list[str]:
        return list(self._assets)

    def path(self, name: str) -> str:
        """The address of a file, from the root of the house."""
        if name not in self._assets:
            raise KeyError(name)
        return f"/static/portal/{self.version}/{name}"

    async def serve(self, request: web.Request) -> web.Response:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        # a page from a neighbouring node of another version still gets its file, but may not keep it under that name
        kept = request.match_info["version"] == self.version
        return asset.response(request, FOR_EVER if kept else "no-cache")


def _asset(name: str, content: bytes) -> Asset:
    media_type = _TYPES[name[name.rindex(".") :]]
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    return Asset(content, gzip.compress(content, 9, mtime=0), media_type, etag)


def _with_words(script: bytes) -> bytes:
    """The widget with its few words in every language: it may fetch nothing from the page that embeds it."""
    words = {language.value: catalogue(language)["widget"] for language in Language}
    source = script.decode()
    if _WORDS_PLACE not in source:
        raise ValueError(f"{WIDGET} has no place for its words")
    return source.replace(_WORDS_PLACE, json.dumps(words, ensure_ascii=False, separators=(",", ":"))).encode()
