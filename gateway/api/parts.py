"""Bodies that bring files: a multipart form, read piece by piece under one limit of size, with its files told apart by their field.

A body that stalls is given up; one that is slow but goes on may take its time, as a photograph over a poor line does.

Not here: keeping the files (filekeeping.py), resumable uploads.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import BodyPartReader, web

from gateway.api.reading import LARGEST, MOST_FIELDS, check_texts, read_form, read_json
from gateway.context import GATEWAY
from gateway.filekeeping import SCAN, GivenFile
from gateway.problems import Problem, invalid_field

MULTIPART: Final = "multipart/form-data"
MOST_FILES: Final = 20
STALLED: Final = 30.0  # seconds without a byte
LONGEST: Final = 900.0  # seconds for a whole body
FILE_FIELDS: Final = {"file": SCAN, "mandate": "mandate"}
"""Fields that bring files, and what the file is handed in as."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A body's fields and files, and what stands for the body when it is compared with another."""

    fields: Mapping[str, Any]
    files: tuple[GivenFile, ...]
    body: bytes


async def read_parts(request: web.Request) -> Parts:
    """JSON, a form, or a form with files. Values of a form that are to be objects or lists are written as JSON."""
    if request.content_type == MULTIPART:
        return await _Reader(int(request.app[GATEWAY].settings.max_message)).read(request)
    if request.content_type == "application/x-www-form-urlencoded":
        fields, body = await read_form(request)
        read = unfolded(fields)
        check_texts(read)
        return Parts(read, (), body)
    written, body = await read_json(request)
    return Parts(written, (), body)


def unfolded(fields: Mapping[str, str]) -> dict[str, Any]:
    """Fields of a form with their objects and lists read: `proxy`, `representatives`, `amount.value` …"""
    read: dict[str, Any] = {name: value for name, value in fields.items() if value.strip() or name not in _NESTED}
    for name in _NESTED & read.keys():
        read[name] = _as_json(name, read[name], "an object or a list")
    read_amount(read)
    return read


def read_amount(read: dict[str, Any]) -> None:
    """A form's amount: in two fields, as an object written as JSON, or in the customer's words."""
    written = read.get("amount")
    if isinstance(written, str) and written.lstrip().startswith("{"):
        read["amount"] = _as_json("amount", written, "words, or an object with value and currency")
    value, currency = read.pop("amount.value", ""), read.pop("amount.currency", "")
    if value.strip():
        read["amount"] = {"value": value.strip(), "currency": currency.strip()} if currency.strip() else value


def _as_json(name: str, written: str, expected: str) -> Any:
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        raise invalid_field(name, f"is {expected}, written as JSON") from None


_NESTED: Final = frozenset({"proxy", "representatives"})


class _Reader:
    """Reads one multipart body of at most `most` bytes of files, and as much text as any other request may have."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._text = 0
        self._fields: dict[str, str] = {}
        self._files: list[GivenFile] = []

    async def read(self, request: web.Request) -> Parts:
        if (request.content_length or 0) > self._most + LARGEST:
            raise self._too_large()
        try:
            async with asyncio.timeout(LONGEST):
                await self._read(request)
        except TimeoutError:
            raise Problem(408, "too_slow", f"nothing more came for {STALLED:g} s, or not all of it in time") from None
        except ValueError:
            raise Problem(400, "not_a_form", "the body is not a form in UTF-8") from None
        told = [[file.name, file.purpose, file.digest] for file in self._files]
        body = json.dumps([self._fields, told], sort_keys=True).encode()
        fields = unfolded(self._fields)
        check_texts(fields)
        return Parts(fields, tuple(self._files), body)

    async def _read(self, request: web.Request) -> None:
        reader = await request.multipart()
        while (part := await asyncio.wait_for(reader.next(), STALLED)) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise Problem(400, "not_a_form", "the body is not a form")
            _check_encoding(part)
            if part.filename is not None or part.name in FILE_FIELDS:
                await self._file(part, part.name)
            else:
                await self._field(part, part.name)

    async def _field(self, part: BodyPartReader, name: str) -> None:
        if len(self._fields) >= MOST_FIELDS:
            raise Problem(400, "not_a_form", f"a form has at most {MOST_FIELDS} fields")
        value = await self._bytes(part, text=True)
        self._fields[name] = value.decode("utf-8")

    async def _file(self, part: BodyPartReader, name: str) -> None:
        if name not in FILE_FIELDS:
            raise invalid_field(name, f"brings no file here; files come as {' or '.join(FILE_FIELDS)}")
        if len(self._files) >= MOST_FILES:
            raise invalid_field(name, f"at most {MOST_FILES} files can be handed in at once; add the others afterwards")
        content = await self._bytes(part)
        # a form whose file input was left empty sends a file without name and content
        if content or part.filename:
            self._files.append(GivenFile(part.filename or "file", content, FILE_FIELDS[name]))

    async def _bytes(self, part: BodyPartReader, *, text: bool = False) -> bytes:
        value = bytearray()
        while chunk := await asyncio.wait_for(part.read_chunk(65_536), STALLED):
            value += chunk
            self._size += len(chunk)
            self._text += len(chunk) if text else 0
            if self._size > self._most or self._text > LARGEST:
                raise self._too_large()
        return bytes(value)

    def _too_large(self) -> Problem:
        return Problem(413, "too_large", f"files here have at most {self._most:,} bytes together")


def _check_encoding(part: BodyPartReader) -> None:
    """A form's parts are bytes as they are (RFC 7578 section 4.7): kept undecoded, a file would not be the one that was sent."""
    encodings = (part.headers.get("Content-Transfer-Encoding", "binary"), part.headers.get("Content-Encoding", ""))
    if encodings[0].lower() not in ("binary", "8bit", "7bit") or encodings[1].lower() not in ("", "identity"):
        raise Problem(400, "encoded_part", f"send {part.name!r} as it is, without an encoding of its own")
