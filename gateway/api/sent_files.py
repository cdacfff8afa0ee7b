"""Files that come in by HTTP: a whole body, or the parts of a form, bounded in size and in time.

Large parts go to disk as they come; they are gone when the request has been answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import BodyPartReader, web

from gateway.problems import Problem, invalid_field

CHUNK: Final = 256 << 10
LONGEST_FIELD: Final = 2_000
MOST_PARTS: Final = 40
PATIENCE: Final = 30.0  # seconds without a byte
WHOLE: Final = 600.0  # seconds for everything


@dataclass(slots=True)
class Sent:
    """A file that was sent. `path` holds it until the request has been answered."""

    path: Path
    name: str | None
    media_type: str | None
    sha256: str
    size: int


@dataclass(slots=True)
class Uploaded:
    """`files` by the name of their part (of a plain body: ``, the first of the names asked for)."""

    files: dict[str, Sent] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def uploaded(request: web.Request, names: Sequence[str], largest: int) -> AsyncIterator[Uploaded]:
    """What was sent. `names` are the parts that may be files; a body that is no form is the first of them."""
    if (request.content_length or 0) > largest:
        raise too_large(largest)
    with tempfile.TemporaryDirectory(prefix="qingting-") as folder:
        found = Uploaded()
        try:
            async with asyncio.timeout(WHOLE):
                if request.content_type == "multipart/form-data":
                    await _parts(request, names, largest, Path(folder), found)
                else:
                    media_type = request.content_type if "Content-Type" in request.headers else None
                    whole = _Growing(Path(folder) / "0", largest)
                    await whole.take(request.content)
                    found.files[names[0]] = await whole.closed(None, media_type)
        except TimeoutError:
            raise Problem(408, "too_slow", f"nothing came for {PATIENCE:g} s, or not all within {WHOLE:g} s") from None
        yield found


def too_large(largest: int) -> Problem:
    return Problem(413, "too_large", f"an upload has at most {largest:,} bytes")


async def _parts(request: web.Request, names: Sequence[str], largest: int, folder: Path, found: Uploaded) -> None:
    room = largest
    try:
        reader = await request.multipart()
        while (part := await asyncio.wait_for(reader.next(), PATIENCE)) is not None:
            if not isinstance(part, BodyPartReader) or not part.name:
                raise Problem(400, "not_a_form", "each part of the form has a name")
            if part.name in found.files or part.name in found.fields:
                raise invalid_field(part.name, "is there twice")
            if len(found.files) + len(found.fields) >= MOST_PARTS:
                raise Problem(400, "not_a_form", f"a form has at most {MOST_PARTS} parts")
            if part.name in names:
                growing = _Growing(folder / str(len(found.files)), room, largest)
                await growing.take(part)
                found.files[part.name] = await growing.closed(part.filename, part.headers.get("Content-Type"))
                room -= growing.size
            else:
                found.fields[part.name] = await _text(part, names)
    except ValueError:
        raise Problem(400, "not_a_form", "the body is not a form in UTF-8") from None


async def _text(part: BodyPartReader, names: Sequence[str]) -> str:
    if part.filename:
        raise invalid_field(part.name or "", f"no file is taken here; files are {', '.join(names)}")
    text = bytearray()
    while chunk := await asyncio.wait_for(part.read_chunk(8192), PATIENCE):
        text += chunk
        if len(text) > LONGEST_FIELD:
            raise invalid_field(part.name or "", f"is longer than {LONGEST_FIELD} bytes")
    return text.decode("utf-8")


class _Growing:
    """A file that grows as it comes, no further than it may. Written off the event loop."""

    def __init__(self, path: Path, room: int, largest: int | None = None) -> None:
        self.size = 0
        self._path = path
        self._room = room
        self._largest = largest or room
        self._digest = hashlib.sha256()
        self._file = path.open("xb")

    async def take(self, source: Any) -> None:
        read = source.read_chunk if isinstance(source, BodyPartReader) else source.read
        while chunk := await asyncio.wait_for(read(CHUNK), PATIENCE):
            self.size += len(chunk)
            if self.size > self._room:
                self._file.close()
                raise too_large(self._largest)
            await asyncio.to_thread(self._write, chunk)

    def _write(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._file.write(chunk)

    async def closed(self, name: str | None, media_type: str | None) -> Sent:
        await asyncio.to_thread(self._file.close)
        return Sent(self._path, name, media_type, self._digest.hexdigest(), self.size)
