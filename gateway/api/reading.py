"""What comes in by HTTP: bodies, fields, cursors, versions; each refused with its name and what would be right."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from pydantic import BaseModel, ValidationError

from gateway.problems import Problem, invalid, invalid_field

M = TypeVar("M", bound=BaseModel)

LARGEST: Final = 1_000_000
MOST_FIELDS: Final = 100
PATIENCE: Final = 30.0  # seconds for a whole body
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2100, 1, 1)
"""Days beyond these are slips of the hand, and at the edge of the calendar no day follows."""
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def read_bytes(request: web.Request) -> bytes:
    """The whole body, as long as it isn't larger than any request of ours is."""
    if (request.content_length or 0) > LARGEST:
        raise too_large()
    body = bytearray()
    async with _in_time():
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > LARGEST:
                raise too_large()
    return bytes(body)


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    """A body that trickles in holds a connection for ever."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise Problem(408, "too_slow", f"the body did not come within {PATIENCE:g} s") from None


def too_large() -> Problem:
    return Problem(413, "too_large", f"a body here has at most {LARGEST:,} bytes")


async def read_json(request: web.Request, *, required: bool = True) -> tuple[dict[str, Any], bytes]:
    """The object in the body, and the body as it came."""
    body = await read_bytes(request)
    if not body.strip() and not required:
        return {}, body
    if request.content_type not in (
        "application/json",
        "application/octet-stream",
    ) and not request.content_type.endswith("+json"):
        raise Problem(415, "unsupported_media_type", f"send application/json, not {request.content_type}")
    return parse_json(body), body


def parse_json(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem(400, "not_json", "the body is not JSON in UTF-8") from None
    if not isinstance(read, dict):
        raise invalid_field("", "the body is a JSON object")
    check_texts(read)
    return read


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def check_texts(read: Mapping[str, Any]) -> None:
    """No database keeps a NUL, and half a surrogate pair is no character."""
    waiting: list[tuple[str, Any]] = list(read.items())
    for name, value in waiting:
        if isinstance(value, dict):
            waiting.extend((f"{name}.{inner}", found) for inner, found in value.items())
        elif isinstance(value, list):
            waiting.extend((name, found) for found in value)
        for text in (name, value):
            if isinstance(text, str) and ("\x00" in text or _SURROGATE.search(text)):
                shown = name.encode("utf-8", "replace").decode().replace("\x00", "?")
                raise invalid_field(shown, "holds a character that no text can have")


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


async def read_form(request: web.Request) -> tuple[dict[str, str], bytes]:
    """The fields of a form, and the body (or, of a multipart one, its fields without their boundary)."""
    if request.content_type == FORMS[0]:
        body = await read_bytes(request)
        if body.lstrip().startswith(b"{"):  # as curl sends what is not said to be anything else
            raise Problem(415, "unsupported_media_type", f"this is JSON: send it as application/json, not {FORMS[0]}")
        try:
            pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            raise Problem(400, "not_a_form", "the body is not a form in UTF-8") from None
        fields = dict(pairs)
    elif request.content_type != FORMS[1]:
        raise Problem(415, "unsupported_media_type", f"send a form, {' or '.join(FORMS)}, not {request.content_type}")
    else:
        fields = await _multipart(request)
        body = json.dumps(fields, sort_keys=True).encode()
    check_texts(dict(fields))
    return fields, body


async def _multipart(request: web.Request) -> dict[str, str]:
    if (request.content_length or 0) > LARGEST:
        raise too_large()
    fields: dict[str, str] = {}
    size = 0
    try:
        async with _in_time():
            reader = await request.multipart()
            while (part := await reader.next()) is not None:
                if not isinstance(part, BodyPartReader) or part.name is None or len(fields) >= MOST_FIELDS:
                    raise Problem(400, "not_a_form", "the body is not a form")
                value = await _value(part, LARGEST - size)
                size += len(value)
                fields[part.name] = value.decode("utf-8")
    except ValueError:
        raise Problem(400, "not_a_form", "the body is not a form in UTF-8") from None
    return fields


async def _value(part: BodyPartReader, room: int) -> bytes:
    value = bytearray()
    while chunk := await part.read_chunk(65_536):
        if part.filename:
            raise invalid_field(
                part.name or "", "a file can't be sent with this form; send it by mail to your complaint"
            )
        value += chunk
        if len(value) > room:
            raise too_large()
    return bytes(value)


def validated(model: type[M], read: Mapping[str, Any]) -> M:
    """The body as its model. Raises 422 with every field that is wrong."""
    try:
        return model.model_validate(read)
    except ValidationError as error:
        raise invalid(
            [{"field": ".".join(map(str, one["loc"])), "detail": _told(dict(one), model)} for one in error.errors()]
        ) from None


def _told(error: dict[str, Any], model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        return f"there is no such field; there are {', '.join(model.model_fields)}"
    if error["type"] == "missing":
        return "is required"
    message: str = error["msg"]
    return message.removeprefix("Value error, ")


def cursor_of(moment: datetime, id: str) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {id}".encode()).decode().rstrip("=")


def read_cursor(request: web.Request) -> tuple[datetime, str] | None:
    written = request.query.get("cursor")
    if not written:
        return None
    try:
        text = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True).decode("ascii")
        moment, _, id = text.partition(" ")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or not re.fullmatch(r"[0-9a-f]{1,40}", id):
            raise ValueError
        at = at.astimezone(UTC)  # which the first day and the last one have no room for in every zone
    except (ValueError, OverflowError, binascii.Error):
        raise invalid_field("cursor", "is not one that a list here has given") from None
    return at, id


def read_limit(request: web.Request, name: str = "limit", *, least: int = 1, usual: int = 50, most: int = 200) -> int:
    written = request.query.get(name)
    if written is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,4}", written) or not least <= int(written) <= most:
        raise invalid_field(name, f"is a number from {least} to {most}")
    return int(written)


def read_choice(request: web.Request, name: str, choices: Any) -> str | None:
    """A filter that has one of these values."""
    value = request.query.get(name)
    if value is None or value == "":
        return None
    if value not in list(choices):
        raise invalid_field(name, f"is one of {', '.join(choices)}, not {value[:60]!r}")
    return value


def read_day(request: web.Request, name: str) -> date | None:
    written = request.query.get(name)
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise invalid_field(name, f"is a day such as 2026-11-23, not {written[:40]!r}") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise invalid_field(name, f"is a day between {FIRST_DAY.year} and {LAST_DAY.year}")
    return day


def if_match(request: web.Request) -> int | None:
    """The version that the client has seen; None for any (`*`). Raises 428 if it doesn't say, 412 if it is none of ours."""
    header = request.headers.get("If-Match")
    if header is None or not header.strip():
        raise Problem(
            428, "version_required", "send If-Match with the record's version, so that nobody's change is lost"
        )
    if header.strip() == "*":
        return None
    match = re.fullmatch(r'\s*(?:W/)?(?:"(\d{1,9})"|(\d{1,9}))\s*', header)
    if match is None:
        raise Problem(412, "changed_meanwhile", "If-Match is not a version of this record")
    return int(match[1] or match[2])
