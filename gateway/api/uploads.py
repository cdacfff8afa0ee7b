"""Uploads by tus 1.0 (tus.io): creation, expiration, termination and checksum beside the core.

    POST    /api/v1/uploads         begins one: Upload-Length, Upload-Metadata (filename); its address comes back
    HEAD    /api/v1/uploads/{id}    how many bytes are durable; GET tells it as JSON
    PATCH   /api/v1/uploads/{id}    adds bytes at Upload-Offset
    DELETE  /api/v1/uploads/{id}    forgets it

Who may: a chat's customer, by the session of their chat in X-Chat-Session; someone who works here or a program, signed in as
everywhere; and anyone, for a form that is not sent yet: then the address, which nobody can guess, is all there is. Each of them finds
only what they began themselves.

Not here: what becomes of the bytes (gateway/uploads.py), the message or form that takes an upload.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from case_store.files import FilesError
from case_store.ids import new_id
from case_store.records import Language
from case_store.store import Transaction
from case_store.uploads import LeaseTaken, NoSuchUpload, NotOpen, StoredUpload, TooManyUploads, UploadState, WrongOffset
from gateway import uploads
from gateway.api.doing import answer_of, claim_of, claim_that_nobody_guesses, json_response, perform
from gateway.api.keys import THROTTLE
from gateway.api.routes import ANYONE, Query, Route, check_held
from gateway.auth.principals import PRINCIPAL
from gateway.auth.sessions import CSRF_HEADER, recognise
from gateway.chat import SESSION_AGE, is_over
from gateway.context import GATEWAY, Gateway
from gateway.file_words import refusal_words, size_words
from gateway.portal.wording import language_of
from gateway.problems import Problem, forbidden, not_found, too_many, unauthorized
from gateway.uploads import BrokenOff, NotReady, TooMuch, WrongChecksum, chat_owner
from gateway.web import CLIENT

PLACE: Final = "/api/v1/uploads"
VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,expiration,termination,checksum"
ALGORITHMS: Final = ("sha1", "sha256")
SESSION_HEADER: Final = "X-Chat-Session"
BYTES: Final = "application/offset+octet-stream"
SILENCE: Final = 20.0  # seconds without a byte
LONGEST: Final = (
    240.0  # seconds of one request; the client goes on with another (gateway/patience.py ends it after 300)
)
AT_ONCE: Final = 8  # requests that one network sends bytes by
ALL_AT_ONCE: Final = 256
RESERVE: Final = 256 << 20  # bytes on the disk that are left to mail and database
NO_ROOM_AFTER: Final = 300  # seconds
TOMORROW: Final = 24 * 3600
CHECKSUM_MISMATCH: Final = 460  # of tus, beside HTTP's own
_OF_STAFF: Final = ("conversations:write", "intake")

LANGUAGE: web.RequestKey[Language] = web.RequestKey("language", Language)
"""Of a form that says which language it is written in."""
SENDING: web.AppKey[Counter[str]] = web.AppKey("uploads_sending", Counter)


async def options(request: web.Request) -> web.Response:
    """What this server can do."""
    headers = {
        **_resumable(),
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(int(request.app[GATEWAY].settings.max_message)),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return web.Response(status=204, headers=headers)


async def create(request: web.Request) -> web.StreamResponse:
    _check_version(request)
    owner = await owner_of(request)
    gateway = request.app[GATEWAY]
    network = request[CLIENT].network
    request.app[THROTTLE].admit("uploads", network)
    name = _metadata(request).get("filename", "")
    size = _length(request)
    check_room(request, name, size)
    asked = json.dumps([name, size, owner]).encode()
    digest = uploads.network_digest(gateway, network)
    id = new_id()

    def effect(tx: Transaction) -> Any:
        return answer_of({"id": uploads.create_unit(tx, gateway, id, owner, digest, name, size).id}, 201)

    claim = (claim_that_nobody_guesses if owner == uploads.FORM else claim_of)(request, asked)
    try:
        answer, repeated = await perform(request, claim, effect)
    except TooManyUploads as error:
        raise over_the_limit(request, error) from None
    if answer.status != HTTPStatus.CREATED:
        return web.Response(status=answer.status, text=answer.body, content_type="application/problem+json")
    with _told(request, name):
        upload = await uploads.finished(gateway, await uploads.find(gateway, json.loads(answer.body)["id"], {owner}))
    _check_taken(request, upload)
    headers = {**_progress(upload), "Location": _address(gateway, upload)}
    headers |= {"Idempotency-Replayed": "true"} if repeated else {}
    return json_response(shape(gateway, upload), 201, headers)


async def status(request: web.Request) -> web.Response:
    """How it stands; HEAD tells the offset alone. An upload whose last byte was taken by a process that died is finished here."""
    if request.method == "HEAD":
        _check_version(request)
    with _told(request):
        upload = await uploads.finished(request.app[GATEWAY], await _found(request))
    _check_taken(request, upload)
    headers = {**_progress(upload), "Upload-Length": str(upload.size), "Cache-Control": "no-store"}
    return json_response(shape(request.app[GATEWAY], upload), 200, headers)


async def append(request: web.Request) -> web.Response:
    _check_version(request)
    if request.content_type != BYTES:
        raise Problem(415, "unsupported_media_type", f"send {BYTES}, not {request.content_type}")
    request.app[THROTTLE].admit("upload_pieces", request[CLIENT].network)
    offset, checksum = _number(request, "Upload-Offset"), _checksum(request)
    gateway = request.app[GATEWAY]
    upload = await _found(request)
    if upload.state is not UploadState.OPEN and offset == upload.taken and request.content_length == 0:
        _check_taken(request, upload)
        return web.Response(status=204, headers=_progress(upload))  # said again: it has been done
    if offset == upload.taken and offset + (request.content_length or 0) > upload.size:
        raise _too_much(upload.size)
    with _told(request, upload.name), _one_of_few(request):
        upload = await uploads.append(gateway, upload.id, offset, _body(request), checksum=checksum)
    _check_taken(request, upload)
    return web.Response(status=204, headers=_progress(upload))


async def delete(request: web.Request) -> web.Response:
    _check_version(request)
    with _told(request):
        await uploads.drop(request.app[GATEWAY], await _found(request))
    return web.Response(status=204, headers=_resumable())


# who --------------------------------------------------------------------------------------------------------------


async def owner_of(request: web.Request) -> str:
    """Whose uploads the caller may touch. Raises 401 or 403."""
    session = request.headers.get(SESSION_HEADER)
    if session is not None:
        return chat_owner(await conversation_of(request, session))
    if "Authorization" in request.headers or CSRF_HEADER in request.headers:
        principal = request[PRINCIPAL] = await recognise(request)
        check_held(principal)
        if not any(principal.may(scope) for scope in _OF_STAFF):
            raise forbidden("not_allowed", f"this takes {' or '.join(map(repr, _OF_STAFF))}, which you do not have")
        return principal.caller
    return uploads.FORM


async def conversation_of(request: web.Request, session: str) -> str:
    """The conversation of a chat session, which stands in the customer's browser alone. Raises 401 for one that has ended."""
    gateway = request.app[GATEWAY]
    found = gateway.tokens.read_session(session, datetime.now(UTC), SESSION_AGE)
    if found is None or await gateway.store.read(is_over, *found):
        raise unauthorized(f"{SESSION_HEADER} is not the session of a chat, or it has ended")
    return found[0]


async def _found(request: web.Request) -> StoredUpload:
    gateway = request.app[GATEWAY]
    owner = await owner_of(request)
    id = gateway.tokens.read_upload(request.match_info["id"])
    if id is None:
        raise _nothing_here()
    try:
        return await uploads.find(gateway, id, {owner})
    except NoSuchUpload:
        raise _nothing_here() from None


def _nothing_here() -> Problem:
    return not_found("you have no upload of this address, or it has expired")


# what comes in ----------------------------------------------------------------------------------------------------


def _check_version(request: web.Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Problem(
            412, "tus_version", f"send Tus-Resumable: {VERSION}", headers={"Tus-Version": VERSION, **_resumable()}
        )


def _number(request: web.Request, name: str) -> int:
    written = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,15}", written):
        raise Problem(400, "bad_request", f"{name} is a number of bytes, not {written[:40]!r}")
    return int(written)


def _length(request: web.Request) -> int:
    if "Upload-Defer-Length" in request.headers:
        raise Problem(400, "bad_request", "Upload-Length has to be known at the beginning")
    return _number(request, "Upload-Length")


def check_room(request: web.Request, name: str, size: int) -> None:
    """Raises 413 for a file that is too large for anybody, 507 where the disk is needed for what was accepted already."""
    gateway, language = request.app[GATEWAY], _language(request)
    most = int(gateway.settings.max_message)
    if size > most:
        told = refusal_words("too_large", language, name=name, size=size_words(most, language))
        detail = f"an upload has at most {most} bytes, not {size}"
        raise Problem(413, "too_large", detail, headers={"Tus-Max-Size": str(most)}, told=told)
    there = next(each for each in (gateway.files.folder, *gateway.files.folder.absolute().parents) if each.exists())
    if shutil.disk_usage(there).free < size + RESERVE:
        raise no_room(request, name)


def _language(request: web.Request) -> Language:
    return request.get(LANGUAGE) or language_of(request, request.app[GATEWAY].settings.locale)


def no_room(request: web.Request, name: str) -> Problem:
    language = _language(request)
    told = refusal_words("no_room", language, name=name, seconds=NO_ROOM_AFTER)
    detail = "there is no room for it now; nothing of it has been taken"
    return Problem(507, "no_room", detail, headers={"Retry-After": str(NO_ROOM_AFTER)}, told=told)


def over_the_limit(request: web.Request, error: TooManyUploads) -> Problem:
    language = _language(request)
    problem = too_many(TOMORROW, f"the limit {error.limit} of the policy is reached")
    problem.members |= {"limit": error.limit, "told": refusal_words("too_many_today", language)}
    return problem


def _metadata(request: web.Request) -> dict[str, str]:
    """`filename d29ybGQ=,is_private`: keys with texts in base64."""
    found: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise Problem(400, "bad_request", f"Upload-Metadata: {key[:40]!r} is not base64 of UTF-8") from None
    return found


def _checksum(request: web.Request) -> tuple[str, bytes] | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, written = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Problem(400, "bad_request", f"Upload-Checksum: {algorithm[:20]!r} is not one of {', '.join(ALGORITHMS)}")
    try:
        return algorithm, base64.b64decode(written, validate=True)
    except binascii.Error:
        raise Problem(400, "bad_request", "Upload-Checksum: the digest is not base64") from None


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises BrokenOff when the peer is gone, silent, or takes more than one request's time."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST
    while True:
        try:
            async with asyncio.timeout(max(0.0, min(SILENCE, ends - loop.time()))):
                chunk = await request.content.readany()
        except TimeoutError:
            raise BrokenOff("the bytes came too slowly; what came was taken: ask for the offset and go on") from None
        except (ConnectionError, HttpProcessingError, web.RequestPayloadError) as error:
            raise BrokenOff("the connection was lost; what came was taken") from error
        if not chunk:
            return
        yield chunk


@contextmanager
def _one_of_few(request: web.Request) -> Iterator[None]:
    """A network keeps only so many requests open that send bytes, and all of them together leave room for the chat."""
    sending, network = request.app[SENDING], request[CLIENT].network
    if sending[network] >= AT_ONCE or sending.total() >= ALL_AT_ONCE:
        raise too_many(5, "too many uploads are sent at once")
    sending[network] += 1
    try:
        yield
    finally:
        sending[network] -= 1
        if not sending[network]:
            del sending[network]


# what goes out ----------------------------------------------------------------------------------------------------


@contextmanager
def _told(request: web.Request, name: str = "") -> Iterator[None]:
    """What an upload can't do, as the problem that its client is told."""
    try:
        yield
    except NoSuchUpload:
        raise _nothing_here() from None
    except WrongOffset as error:
        headers = {"Upload-Offset": str(error.taken), **_resumable()}
        raise Problem(409, "wrong_offset", str(error), headers=headers, offset=error.taken) from None
    except NotOpen as error:
        raise Problem(409, "finished", f"nothing can be added: {error}") from None
    except LeaseTaken:
        raise Problem(409, "overtaken", "a newer request adds to this upload; ask for its offset") from None
    except TooMuch as error:
        raise Problem(413, "too_large", str(error)) from None
    except WrongChecksum as error:
        raise Problem(CHECKSUM_MISMATCH, "wrong_checksum", str(error)) from None
    except BrokenOff as error:
        raise Problem(408, "broken_off", str(error)) from None
    except NotReady as error:
        raise refused(request, name, error.refusal) from None
    except FilesError as error:
        raise kept_not(request, name, error) from None


def kept_not(request: web.Request, name: str, error: FilesError) -> Problem:
    """Full disks are 507, others 503: both say that nothing was acknowledged that is lost."""
    if error.is_full:
        return no_room(request, name)
    language = _language(request)
    told = refusal_words("unavailable", language, name=name, seconds=5)
    detail = "it can't be kept now; nothing beyond the last offset has been taken"
    return Problem(503, "unavailable", detail, headers={"Retry-After": "5"}, told=told)


def _too_much(size: int) -> Problem:
    return Problem(413, "too_large", f"the upload was said to have {size} bytes, and this is more")


def _check_taken(request: web.Request, upload: StoredUpload) -> None:
    if upload.state is UploadState.REFUSED:
        raise refused(request, upload.name, upload.refusal)


def refused(request: web.Request, name: str, refusal: str | None) -> Problem:
    """A file of a kind that is not taken: 415 with a sentence for its sender."""
    kind = refusal or "executable"
    language = _language(request)
    told = refusal_words(kind, language, name=name)
    return Problem(415, "refused_type", f"files of this kind are not taken: {kind}", refusal=kind, told=told)


def _resumable() -> dict[str, str]:
    return {"Tus-Resumable": VERSION}


def _progress(upload: StoredUpload) -> Mapping[str, str]:
    expires = format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)
    return {**_resumable(), "Upload-Offset": str(upload.taken), "Upload-Expires": expires}


def _address(gateway: Gateway, upload: StoredUpload) -> str:
    root = urlsplit(gateway.settings.public_url or "").path.rstrip("/")
    return f"{root}{PLACE}/{gateway.tokens.sign_upload(upload.id)}"


def shape(gateway: Gateway, upload: StoredUpload) -> dict[str, Any]:
    return {
        "id": gateway.tokens.sign_upload(upload.id),
        "name": upload.name,
        "size": upload.size,
        "offset": upload.taken,
        "state": upload.state.value,
        "media_type": upload.sniffed_type,
        "expires_at": upload.expires_at.isoformat(),
    }


_SESSION = Query(SESSION_HEADER, "the session of the caller's chat")
_TUS = Query("Tus-Resumable", VERSION)
_PROBLEMS: Final = {404: "not yours, or expired", 412: "another version of tus"}

ROUTES: Final = (
    Route("OPTIONS", PLACE, options, ANYONE, "What of tus this server can do", status=204),
    Route(
        "POST",
        PLACE,
        create,
        ANYONE,
        "Begins an upload (tus: creation); its address comes back in Location",
        status=201,
        headers=(
            _TUS,
            _SESSION,
            Query("Upload-Length", "bytes of the whole file"),
            Query("Upload-Metadata", "`filename` and its name in base64"),
        ),
        answers={
            401: "no such session",
            412: "another version of tus",
            413: "too large",
            415: "a kind of file that is not taken",
            429: "too many",
            507: "no room",
        },
        answer="Upload",
    ),
    Route(
        "GET",
        f"{PLACE}/{{id}}",
        status,
        ANYONE,
        "How an upload stands; HEAD for its offset",
        headers=(_SESSION,),
        answers={404: "not yours, or expired", 415: "a kind of file that is not taken"},
        answer="Upload",
    ),
    Route(
        "PATCH",
        f"{PLACE}/{{id}}",
        append,
        ANYONE,
        "Adds bytes at Upload-Offset; what is acknowledged is durable",
        status=204,
        anew=True,
        takes=BYTES,
        headers=(
            _TUS,
            _SESSION,
            Query("Upload-Offset", "number of the first byte that is sent"),
            Query("Upload-Checksum", "`sha256` or `sha1` and the digest of this body in base64"),
        ),
        answers={
            **_PROBLEMS,
            408: "too slow: what came was taken",
            409: "another offset, or nothing can be added",
            413: "more than it was said to have",
            415: "not bytes, or a kind of file that is not taken",
            429: "too many at once",
            460: "another checksum: nothing was taken",
            507: "no room",
        },
    ),
    Route(
        "DELETE",
        f"{PLACE}/{{id}}",
        delete,
        ANYONE,
        "Forgets an upload (tus: termination)",
        status=204,
        anew=True,
        headers=(_TUS, _SESSION),
        answers={**_PROBLEMS, 409: "a message has it already"},
    ),
)
