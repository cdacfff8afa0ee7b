"""Transcripts and recordings of telephone calls, handed in by programs and agents.

A transcript is answered once it has been read and its case is filed and committed. The same call is the same case, and the same
transcript again changes nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from case_store import people
from case_store.calls import NoSuchCall
from case_store.conversations import Erased
from case_store.idempotency import Claim, OtherRequest
from case_store.store import Transaction
from channels.channel import StoreUnavailable
from channels.phone.call import BadTranscript
from channels.phone.details import CONSENTS, BadDetail, ConsentRequired, Details
from channels.phone.reading import CLOCKS_DIFFER
from channels.phone.recording import BadRecording
from gateway.api.doing import answer_of, claim_of, json_response, other_request, perform, response_of
from gateway.api.routes import Query, Route
from gateway.api.sent_files import Uploaded, uploaded
from gateway.auth.principals import PRINCIPAL
from gateway.complaint import read_contact
from gateway.context import GATEWAY
from gateway.problems import Problem, erased, invalid_field, not_found, unavailable
from gateway.telephone.addressing import Caller, SeveralCalls, source_of_key
from gateway.telephone.handing_in import AnsweredBefore, HandingIn, PutAside, Waiting

SAID: Final = ("format", "call", "language", "started_at", "line", "customer", "agent", "consent")
_OFFSET_AS_BLANK: Final = re.compile(r" (?=\d\d:?\d\d$)")  # a + in an address that nobody encoded


async def hand_in(request: web.Request) -> web.StreamResponse:
    """A whole transcript, with its recording if the customer agreed to one."""
    room, largest = hand_in_of(request), int(request.app[GATEWAY].settings.max_message)
    async with uploaded(request, ("file", "recording"), largest) as sent:
        details = await details_of(request, sent.fields)
        file, recording = sent.files.get("file"), sent.files.get("recording")
        if file is None:
            raise invalid_field("file", "is required: the transcript, as body or as this part of a form")
        raw = await asyncio.to_thread(file.path.read_bytes)
        details = _named(details, file.name, file.media_type)
        claim = claim_of(request, _body(request, sent))
        path = recording.path if recording else None
        line_said = "line" in {**sent.fields, **request.query}
        taking = room.take(raw, details, path, claim, caller=caller_of(request, "transcripts"), line_said=line_said)
        return await _answered(request, claim, taking)


async def hand_in_recording(request: web.Request) -> web.StreamResponse:
    """The recording of a call whose transcript has come, or that is live."""
    room, largest = hand_in_of(request), int(request.app[GATEWAY].settings.max_message)
    async with uploaded(request, ("recording",), largest) as sent:
        said = await details_of(request, sent.fields, only=("consent",))
        recording = sent.files.get("recording")
        if recording is None:
            raise invalid_field("recording", "is required: the sound, as body or as this part of a form")
        claim = claim_of(request, _body(request, sent))
        details = Details(call=request.match_info["call"], consent=said.consent)
        caller = caller_of(request, "transcripts")
        return await _answered(request, claim, room.take_recording(details, recording.path, claim, caller=caller))


def caller_of(request: web.Request, scope: str) -> Caller:
    """Who names a call here (telephone/addressing.py): only what a program hands in, it names for itself alone.

    `scope` is that of the route. A key that may do everything reaches what agents reach, its own calls first.
    """
    principal = request[PRINCIPAL]
    if principal.key is None:
        return Caller()
    source = source_of_key(principal.id)
    if "admin" in principal.scopes:
        return Caller(source)
    names_calls = "transcripts" in principal.scopes
    return Caller(source if names_calls else None, by_name=not names_calls, by_id=scope != "transcripts")


def several(error: SeveralCalls) -> Problem:
    return Problem(409, "several_calls", str(error), lines=sorted(set(error.lines)))


def hand_in_of(request: web.Request) -> HandingIn:
    room = request.app[GATEWAY].hand_in
    if room is None:
        raise Problem(503, "unavailable", "calls can't be taken here just now", headers={"Retry-After": "60"})
    return room


async def details_of(request: web.Request, fields: Mapping[str, str], only: tuple[str, ...] = SAID) -> Details:
    """What is said in the address or in fields of the form. Raises a 422 that names what is wrong."""
    said = {name: value.strip() for name, value in {**fields, **request.query}.items() if value.strip()}
    for name in said:
        if name not in only:
            raise invalid_field(name[:80], f"there is no such parameter; there are {', '.join(only)}")
    if "started_at" in said:
        said["started_at"] = _OFFSET_AS_BLANK.sub("+", said["started_at"])
    if "customer" in said:
        said["customer"] = _number(said["customer"])
    try:
        details = Details.from_json(said)
    except BadDetail as error:
        raise invalid_field(error.field, error.detail) from None
    if details.started_at is not None and details.started_at > datetime.now(UTC) + CLOCKS_DIFFER:
        raise invalid_field("started_at", "lies in the future")
    if details.agent is not None and not await request.app[GATEWAY].store.read(_is_agent, details.agent):
        raise invalid_field("agent", f"no agent has the user name {details.agent[:80]!r}")
    return details


def _number(written: str) -> str:
    read = read_contact(written)
    if read is None or "@" in read:
        raise invalid_field("customer", f"is a telephone number such as +8613800138000, not {written[:60]!r}")
    return read


def _is_agent(tx: Transaction, username: str) -> bool:
    try:
        people.find_agent(tx, username)
    except people.NoSuchPerson:
        return False
    return True


def _named(details: Details, name: str | None, media_type: str | None) -> Details:
    return Details.from_json({**details.to_json(), **({"name": name[:200]} if name else {}), **_typed(media_type)})


def _typed(media_type: str | None) -> dict[str, str]:
    plain = (media_type or "").partition(";")[0].strip().lower()
    return {"media_type": plain[:100]} if plain and plain != "application/octet-stream" else {}


def _body(request: web.Request, sent: Uploaded) -> bytes:
    """What makes it the same request again, whatever the boundary of its form was."""
    files = {name: one.sha256 for name, one in sent.files.items()}
    return json.dumps([dict(request.query), sent.fields, files], sort_keys=True).encode()


async def _answered(request: web.Request, claim: Claim | None, taking: Awaitable[dict[str, Any]]) -> web.StreamResponse:
    try:
        return json_response(await taking, 201)
    except AnsweredBefore as before:
        return response_of(before.answer, repeated=True)
    except OtherRequest:
        raise other_request() from None
    except StoreUnavailable as error:
        raise unavailable(error.retry_after) from None
    except Waiting as waiting:
        where = {"Location": f"/api/v1/calls/{waiting.call}"}
        return json_response({"call": waiting.call, "reference": None}, 202, headers=where)
    except (
        BadTranscript,
        BadRecording,
        ConsentRequired,
        BadDetail,
        PutAside,
        NoSuchCall,
        SeveralCalls,
        Erased,
    ) as error:
        return await _refused(request, claim, _as_problem(error))


def _as_problem(error: Exception) -> Problem:
    if isinstance(error, SeveralCalls):
        return several(error)
    if isinstance(error, NoSuchCall):
        return not_found("no call has this name: its transcript or its first words come before its recording")
    if isinstance(error, Erased):
        return erased("call")
    if isinstance(error, BadTranscript):
        return Problem(422, "bad_transcript", str(error), reason=error.reason, line=error.line)
    if isinstance(error, ConsentRequired):
        return Problem(422, "consent_required", str(error))
    if isinstance(error, BadDetail):
        return invalid_field(error.field, error.detail)
    if isinstance(error, PutAside):
        return Problem(422, "put_aside", f"it is kept among what could not be read: {error}")
    return Problem(422, "bad_recording", str(error))


async def _refused(request: web.Request, claim: Claim | None, problem: Problem) -> web.Response:
    """The same request again is refused in the same words."""

    def effect(tx: Transaction) -> Any:
        raise problem

    if claim is None:
        return problem.response()
    answer, repeated = await perform(request, claim, effect)
    if not repeated:
        return response_of(answer_of(problem.document(), problem.status))
    return response_of(answer, repeated=True)


DETAILS: Final = (
    Query("format", "the transcript's format, where it should not be found out"),
    Query("call", "the telephone system's name for the call: the same call of the same key is the same case"),
    Query("language", "what is spoken, as a tag: zh-CN, yue-HK, en-US"),
    Query("started_at", "when the call began, with offset"),
    Query("line", "the line that was called"),
    Query("customer", "the caller's number"),
    Query("agent", "user name of whoever spoke with the customer"),
    Query("consent", "whether the customer agreed to be recorded", CONSENTS),
)
_ANSWERS: Final = {
    202: "taken and durable, and not filed yet: ask for the call",
    408: "it came too slowly",
    409: "several calls have this name: name one by its conversation's id",
    422: "a transcript or recording that can't be read (`line`, `reason`), no consent, or a wrong parameter",
}

ROUTES = (
    Route(
        "POST",
        "/api/v1/transcripts",
        hand_in,
        "transcripts",
        "A telephone transcript, as body or as `file` of a form, with `recording` if the customer agreed to one",
        upload=("file", "recording"),
        status=201,
        query=DETAILS,
        answers=_ANSWERS,
        answer="CallReceipt",
    ),
    Route(
        "POST",
        "/api/v1/calls/{call}/recording",
        hand_in_recording,
        "transcripts",
        "The recording of a call that is known, with the customer's consent",
        upload=("recording",),
        status=201,
        query=(DETAILS[-1],),
        answers={**_ANSWERS, 404: "no such call"},
        answer="CallReceipt",
    ),
)
