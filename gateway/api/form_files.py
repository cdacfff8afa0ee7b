"""Files that come with a form of a browser without scripts: multipart/form-data, streamed into uploads as they come.

A file that can't be taken spoils neither the fields nor the other files: it is told at its field, and what was taken already is kept
for the form that is sent again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import BodyPartReader, web

from case_store.files import FilesError
from case_store.uploads import StoredUpload, TooManyUploads, UploadState
from gateway import uploads
from gateway.api.reading import LARGEST, MOST_FIELDS, PATIENCE, check_texts, too_large
from gateway.api.uploads import LANGUAGE, LONGEST, check_room, kept_not, over_the_limit, refused
from gateway.context import GATEWAY
from gateway.portal.wording import closest
from gateway.problems import Problem, invalid_field
from gateway.uploads import BrokenOff, NotReady, TooMuch
from gateway.web import CLIENT

FILES: Final = "files"  # the field of the browser's file input
NAMED: Final = "attachments"  # uploads that were made before, by their ids
CHUNK: Final = 256 << 10


@dataclass(slots=True)
class FilledIn:
    """What a form held: fields, uploads made of its files, and the files that could not be taken."""

    fields: dict[str, Any] = field(default_factory=dict)
    made: list[StoredUpload] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        """What tells this request from another under the same idempotency key."""
        files = sorted(str(upload.digest) for upload in self.made)
        return json.dumps([self.fields, files], sort_keys=True).encode()


async def read_form_with_files(request: web.Request, owner: str) -> FilledIn:
    """Reads a multipart form. Raises Problem for one that is none, too large, or too slow."""
    read = FilledIn()
    room = LARGEST
    try:
        async with asyncio.timeout(LONGEST):
            reader = await request.multipart()
            while (part := await reader.next()) is not None:
                if not isinstance(part, BodyPartReader) or part.name is None or len(read.fields) >= MOST_FIELDS:
                    raise Problem(400, "not_a_form", "the body is not a form")
                if part.filename:
                    await _file(request, owner, part, read)
                else:
                    room -= await _field(part, read, room)
    except TimeoutError:
        raise Problem(408, "too_slow", f"the form did not come within {LONGEST:g} s") from None
    except ValueError:
        raise Problem(400, "not_a_form", "the body is not a form in UTF-8") from None
    check_texts({name: value for name, value in read.fields.items() if isinstance(value, str)})
    return read


async def _field(part: BodyPartReader, read: FilledIn, room: int) -> int:
    value = bytearray()
    while chunk := await asyncio.wait_for(part.read_chunk(65_536), PATIENCE):
        value += chunk
        if len(value) > room:
            raise too_large()
    if part.name == NAMED:
        read.fields.setdefault(NAMED, []).extend(value.decode("ascii").split())
    elif part.name != FILES or value:  # empty: a file input in which nothing was chosen
        read.fields[part.name or ""] = value.decode("utf-8")
    return len(value)


def _speaks(request: web.Request, read: FilledIn) -> None:
    """What is said about a file is said in the language of the form, if it says so before its files."""
    language = closest(str(read.fields.get("locale", "")))
    if language is not None:
        request[LANGUAGE] = language


async def _file(request: web.Request, owner: str, part: BodyPartReader, read: FilledIn) -> None:
    """One file, taken or told why not; the form goes on after it either way."""
    name = part.filename or ""
    _speaks(request, read)
    if part.name != FILES:
        raise invalid_field(part.name or "", f"files are sent in the field {FILES!r}")
    gateway = request.app[GATEWAY]
    most = gateway.policy.uploads.per_message
    try:
        if len(read.made) + len(read.fields.get(NAMED, ())) >= most:
            raise invalid_field(NAMED, f"at most {most} files go with one form")
        check_room(request, name, 0)
        read.made.append(await _taken(request, owner, name, part))
    except Problem as problem:
        detail = str(problem.members.get("told") or problem.detail)
        read.errors.append({"field": NAMED, "detail": detail, "code": problem.code, "name": name})
        await part.release()


async def _taken(request: web.Request, owner: str, name: str, part: BodyPartReader) -> StoredUpload:
    """A form does not say how long its files are: an upload of the largest size is made, and cut to what came."""
    gateway, client = request.app[GATEWAY], request[CLIENT]
    most = int(gateway.settings.max_message)
    network = uploads.network_digest(gateway, client.network)
    try:
        upload = await uploads.take_whole(
            gateway, owner=owner, network=network, name=name, most=most, body=_chunks(part)
        )
    except TooMuch:
        check_room(request, name, most + 1)  # tells how large one may be
        raise
    except TooManyUploads as error:
        raise over_the_limit(request, error) from None
    except NotReady as error:
        raise refused(request, name, error.refusal) from None
    except FilesError as error:
        raise kept_not(request, name, error) from None
    except BrokenOff:
        raise Problem(408, "too_slow", "the form did not come to its end") from None
    if upload.state is UploadState.REFUSED:
        raise refused(request, name, upload.refusal)
    return upload


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while True:
        try:
            chunk = await asyncio.wait_for(part.read_chunk(CHUNK), PATIENCE)
        except (TimeoutError, ConnectionError) as error:
            raise BrokenOff("the form broke off") from error
        if not chunk:
            return
        yield chunk
