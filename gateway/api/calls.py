"""Telephone calls: their words while they go on, who speaks in them, and their recordings for agents to listen to.

Listening takes a scope of its own and is written down each time (handbook 7.1.2 (3)). A recording is never shown by a browser as
a page of ours: it is saved, or played by the console beside its text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from aiohttp import web

from case_store import audit, calls, conversations
from case_store.audit import Entry, conversation_chain
from case_store.calls import LIVE, NoSuchCall
from case_store.conversations import Row
from case_store.idempotency import Answer
from case_store.records import Sender
from case_store.store import Transaction
from case_store.tables_house import audit_events
from channels.phone.call import Speaker, Utterance
from channels.phone.channel import NAME
from channels.phone.details import consent_of, is_call_name
from gateway.api import call_models, shapes
from gateway.api.doing import answer_of, claim_of, do, json_response, perform, response_of
from gateway.api.reading import parse_json, read_bytes, read_json, validated
from gateway.api.routes import Route
from gateway.api.transcripts import DETAILS, caller_of, details_of, hand_in_of, several
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.problems import Problem, invalid_field, not_found
from gateway.readings import Reads, seen
from gateway.telephone import consent, speakers, taking
from gateway.telephone.addressing import SeveralCalls, find, place_of
from gateway.telephone.handing_in import Waiting, call_receipt, case_of
from gateway.telephone.taking import Opening

LISTENED: Final = timedelta(minutes=10)  # a player asks for a recording piece by piece: within this it is one listening
_OTHER_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
_VOICES: Final = {voice.value for voice in Speaker}


def _call(request: web.Request) -> str:
    name = request.match_info["call"]
    if not is_call_name(name):
        raise invalid_field("call", "a call's name has 1 to 100 printable characters")
    return name.strip()


def _no_call() -> Problem:
    return not_found("no call has this name")


def _told(effect: Callable[[Transaction], Answer]) -> Callable[[Transaction], Answer]:
    def guarded(tx: Transaction) -> Answer:
        try:
            return effect(tx)
        except NoSuchCall:
            raise _no_call() from None
        except SeveralCalls as error:
            raise several(error) from None

    return guarded


async def _look(request: web.Request, scope: str) -> Row:
    """The call that is meant. Raises a 404 or 409."""
    caller = caller_of(request, scope)
    try:
        return await request.app[GATEWAY].store.read(find, caller, _call(request))
    except NoSuchCall:
        raise _no_call() from None
    except SeveralCalls as error:
        raise several(error) from None


async def get_call(request: web.Request) -> web.Response:
    row = await _look(request, "conversations:read")
    seen(request, conversation_chain(row["conversation_id"]))
    return json_response(await request.app[GATEWAY].store.read(_shown, row["conversation_id"]))


def _shown(tx: Transaction, conversation_id: str) -> dict[str, Any]:
    row = calls.get(tx, conversation_id)
    record, conversation = case_of(tx, row), conversations.find(tx, conversation_id)
    assert conversation is not None  # every call is one
    return {
        **shapes.call(row, conversation["created_at"]),
        "conversation": row["conversation_id"],
        "case": record and record.id,
        "reference": record and record.reference,
    }


# while it goes on --------------------------------------------------------------------------------------------------


async def take_utterances(request: web.Request) -> web.Response:
    """Utterances one after another, in whatever order they come. What is not final is shown and not kept."""
    name, gateway = _call(request), request.app[GATEWAY]
    body = await read_bytes(request)
    said = validated(call_models.Utterances, _one_or_several(body)).all
    details = await details_of(request, {})
    final = [(_utterance(one), one.sequence) for one in said if one.final]
    opening = Opening(
        line=details.line,
        account=f"{NAME}:{details.line}",
        received_at=datetime.now(UTC),
        state=LIVE,
        started_at=details.started_at,
        language=details.language,
        customer_number=details.customer,
        agent=details.agent,
        consent=consent_of(details.consent, announced=gateway.policy.telephone.announces_recording),
    )

    caller, line_said = caller_of(request, "transcripts"), "line" in request.query

    def effect(tx: Transaction) -> Answer:
        source, call = place_of(tx, caller, name, details.line, line_said=line_said)
        heard = taking.take_utterances(tx, gateway, source, call, opening, final)
        if len(final) < len(said):
            tx.wake("typing", heard.conversation_id, version=1)
        return answer_of(
            {
                "call": call,
                "conversation": heard.conversation_id,
                "stored": heard.stored,
                "repeated": heard.repeated,
                "corrected": heard.corrected,
                "interim": len(said) - len(final),
            }
        )

    return await do(request, body, _told(effect))


def _one_or_several(body: bytes) -> Any:
    if body.lstrip()[:1] == b"[":
        return parse_json(b'{"all":' + body + b"}")["all"]
    return parse_json(body)


def _utterance(one: call_models.SaidOnTheTelephone) -> Utterance:
    known = one.speaker in _VOICES
    voice = Speaker(one.speaker) if known else Speaker.UNKNOWN
    ends = one.end if one.start is not None and one.end is not None and one.end >= one.start else None
    return Utterance(voice, one.text.strip(), one.start, ends, one.confidence, "" if known else one.speaker)


async def end_call(request: web.Request) -> web.Response:
    """The call is over: its case is filed. Ending it again changes nothing."""
    name, caller = _call(request), caller_of(request, "transcripts")
    read, body = await read_json(request, required=False)
    validated(call_models.CallEnded, read)
    actor = request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        row = conversations.locked(tx, find(tx, caller, name)["conversation_id"])
        if calls.get(tx, row["id"])["state"] == LIVE:
            calls.end(tx, row, by="told", actor=actor)
        return answer_of({"call": name})

    ended, _ = await perform(request, claim_of(request, body), _told(effect))
    if ended.status >= 400:
        return response_of(ended)
    known = await _look(request, "transcripts")
    try:
        record, row = await hand_in_of(request).settled(known["source"], known["call"])
    except Waiting:
        return json_response(
            {"call": name, "reference": None}, 202, headers={"Location": f"/api/v1/calls/{quote(name)}"}
        )
    return json_response(call_receipt(record, row))


# what people decide ------------------------------------------------------------------------------------------------


async def decide_speakers(request: web.Request) -> web.Response:
    name, principal = _call(request), request[PRINCIPAL]
    caller = caller_of(request, "conversations:write")
    read, body = await read_json(request)
    asked = validated(call_models.Speakers, read)
    if not asked.speakers and not asked.utterances:
        raise invalid_field("speakers", "say whose at least one voice is, or whose at least one utterance")
    labels = {label: Sender(voice) for label, voice in asked.speakers.items()}
    numbers = {_number(id): Sender(voice) for id, voice in asked.utterances.items()}

    def effect(tx: Transaction) -> Answer:
        id = find(tx, caller, name)["conversation_id"]
        try:
            speakers.decide(tx, id, labels, numbers, agent_id=principal.id, actor=principal.actor)
        except speakers.NotInThisCall as error:
            raise invalid_field(error.field, error.detail) from None
        return answer_of(_shown(tx, id))

    return await do(request, body, _told(effect))


def _number(id: str) -> int:
    if not id.isascii() or not id.isdigit() or len(id) > 9:
        raise invalid_field("utterances", f"{id[:40]!r} is not the id of a message")
    return int(id)


async def record_consent(request: web.Request) -> web.Response:
    """What the customer says of being recorded, also afterwards. A no erases the recording, and that is written down."""
    name, actor = _call(request), request[PRINCIPAL].actor
    caller = caller_of(request, "conversations:write")
    read, body = await read_json(request)
    asked = validated(call_models.Consent, read)

    def effect(tx: Transaction) -> Answer:
        row = conversations.locked(tx, find(tx, caller, name)["conversation_id"])
        consent.set_consent(tx, row["id"], calls.get(tx, row["id"]), asked.consent, consent.ASKED, actor=actor)
        if asked.note:
            entry = Entry(actor, "consent_note", {"note": asked.note})
            conversations.add_messages(tx, conversations.locked(tx, row["id"]), [], entries=[entry])
        return answer_of(_shown(tx, row["id"]))

    return await do(request, body, _told(effect))


# listening ---------------------------------------------------------------------------------------------------------


async def listen(request: web.Request) -> web.StreamResponse:
    """The recording, whole or in pieces (RFC 9110, 14.2). Who has listened to it is in the conversation's audit trail."""
    gateway = request.app[GATEWAY]
    row = await _look(request, "recordings")
    seen(request, conversation_chain(row["conversation_id"]))
    if row["recording"] is None:
        raise not_found("no recording of this call is kept")
    path = gateway.files.path_of(row["recording"])
    if not gateway.files.exists(row["recording"]):
        raise not_found("the file of this recording is not there: see `qingting doctor --deep`")
    if request.method == "GET":
        actor = request[PRINCIPAL].actor
        if not await gateway.store.read(_has_listened, row["conversation_id"], actor):
            await gateway.store.write(_listened, row, actor)
    headers = {
        "Content-Type": row["recording_type"],
        "Content-Disposition": f'attachment; filename="{_file_name(row)}"',
        "Content-Security-Policy": _OTHER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return web.FileResponse(path, headers=headers)


def _file_name(row: Row) -> str:
    kind = {"audio/mpeg": "mp3", "audio/mp4": "m4a"}.get(row["recording_type"], row["recording_type"].partition("/")[2])
    return f"call-{row['conversation_id'][:12]}.{kind}"


def _has_listened(tx: Transaction, conversation_id: str, actor: str) -> bool:
    e = audit_events.c
    lately = sa.select(e.number).where(
        e.chain == conversation_chain(conversation_id),
        e.action == "listened",
        e.actor == actor,
        e.at > tx.now - LISTENED,
    )
    return tx.execute(lately.limit(1)).first() is not None


def _listened(tx: Transaction, row: Row, actor: str) -> None:
    entry = Entry(actor, "listened", {"call": row["call"], "sha256": row["recording"]})
    audit.append(tx, conversation_chain(row["conversation_id"]), entry)


_MISSING: Final = {404: "no such call", 409: "several calls have this name: name one by its conversation's id"}

ROUTES = (
    Route(
        "GET",
        "/api/v1/calls/{call}",
        get_call,
        "conversations:read",
        "A telephone call: how far it is, who speaks, consent and recording",
        answers={**_MISSING, 422: "no name that a call can have"},
        answer="Call",
        reads=Reads("conversation"),
    ),
    Route(
        "POST",
        "/api/v1/calls/{call}/utterances",
        take_utterances,
        "transcripts",
        "Words of a call that goes on, one utterance or several; the first ones open it",
        body=call_models.Utterances,
        query=DETAILS[1:],
        answers={409: _MISSING[409], 422: "a wrong field"},
        answer="Heard",
    ),
    Route(
        "POST",
        "/api/v1/calls/{call}/end",
        end_call,
        "transcripts",
        "The call is over: its case is filed",
        body=call_models.CallEnded,
        body_required=False,
        answers={**_MISSING, 202: "it has ended, and is not filed yet: ask for the call"},
        answer="CallReceipt",
    ),
    Route(
        "POST",
        "/api/v1/calls/{call}/speakers",
        decide_speakers,
        "conversations:write",
        "Says whose voices these are; the call is read anew",
        body=call_models.Speakers,
        answers={**_MISSING, 422: "no such voice or utterance"},
        answer="Call",
    ),
    Route(
        "POST",
        "/api/v1/calls/{call}/consent",
        record_consent,
        "conversations:write",
        "Records whether the customer agrees to be recorded; a no erases the recording",
        body=call_models.Consent,
        answers=_MISSING,
        answer="Call",
    ),
    Route(
        "GET",
        "/api/v1/calls/{call}/recording",
        listen,
        "recordings",
        "The recording, whole or by `Range`; each listening is written down",
        answers={206: "a piece of it", **_MISSING, 422: "no name that a call can have", 416: "no such piece"},
        media_type="audio/*",
        reads=Reads("recording", first=True),
    ),
)
