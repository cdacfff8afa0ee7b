"""What agents enter and record of complaints that come by hand: the entry, files handed in later, proxies, groups, withdrawals.

Everything is recorded with who did it. A file is kept before the unit that names it; a request repeated under its idempotency key
changes nothing again.

Not here: printing (papers.py), calls and letters (tasks.py), the complaint's own facts (complaints.py).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from case_store import cases, conversations, papers
from case_store.audit import Entry as Happened
from case_store.case_record import CaseRecord
from case_store.cases import LostUpdate
from case_store.conversations import NewConversation, NewMessage
from case_store.files import FilesError
from case_store.idempotency import Answer
from case_store.ids import new_id
from case_store.papers import HERE, MANDATE, NoProxy, Withdrawal
from case_store.records import ChannelName, Sender, Status
from case_store.store import StoreUnavailable, Transaction
from case_store.uploads import StoredUpload
from gateway import filekeeping, mandates, withdrawing
from gateway.api import paper_models as models
from gateway.api import shapes
from gateway.api.cases import case_of, changed_meanwhile, own_case_of, undivided_case_of
from gateway.api.complaints import named_uploads, take
from gateway.api.doing import answer_of, do, json_response, response_of
from gateway.api.parts import Parts, read_parts
from gateway.api.reading import if_match, read_json, validated
from gateway.api.routes import Route
from gateway.api.uploads import refused
from gateway.auth.principals import PRINCIPAL, Principal
from gateway.context import GATEWAY
from gateway.entries import Entered, Original
from gateway.filekeeping import GivenFile, KeptFile, RefusedFile
from gateway.hooks import CASE_CHANGED, PROMISES, WAY_OPENED
from gateway.intake import INLINE
from gateway.mandates import MISSING
from gateway.problems import Problem, invalid_field
from gateway.uploads import FORM

CLOCKS_DIFFER: Final = timedelta(minutes=5)


async def enter(request: web.Request) -> web.StreamResponse:
    """What a clerk enters."""
    parts = await read_parts(request)
    asked = validated(models.Entry, parts.fields)
    _check_entry(request, asked, parts.files)
    principal = request[PRINCIPAL]
    uploaded = await named_uploads(request, asked.attachments, {FORM, principal.caller})
    entered = Entered(
        original=await _original(request, asked, parts.files, uploaded),
        taken_by=principal.name,
        taken_post=principal.person().post,
        handed_in_by=asked.handed_in_by,
        postal_address=asked.postal_address,
        members=asked.members,
        proxy=None if asked.proxy is None else asked.proxy.party(),
        representatives=tuple(one.party() for one in asked.representatives),
        files=await _kept(request, parts.files),
    )
    answer, repeated = await take(
        request,
        asked,
        parts.body,
        ChannelName(asked.channel),
        asked.received_at.astimezone(UTC),
        principal,
        entered,
        uploaded,
    )
    return response_of(answer, repeated=repeated)


def _check_entry(request: web.Request, asked: models.Entry, files: Sequence[GivenFile]) -> None:
    if asked.received_at > datetime.now(UTC) + CLOCKS_DIFFER:
        raise invalid_field("received_at", "lies in the future")
    if asked.members is not None and asked.members < len(asked.representatives):
        raise invalid_field("members", f"counts everybody of the group: at least {len(asked.representatives)}")
    if any(file.purpose == MANDATE for file in files) and asked.proxy is None:
        raise invalid_field("proxy", "names who the mandate is for")
    if asked.proxy is not None:
        _check_proxy(request, asked.proxy, asked.contact, "proxy.")


def _check_proxy(request: web.Request, proxy: models.ProxyNamed, own: str | None, at: str = "") -> None:
    if proxy.contact is not None and proxy.contact == own:
        raise invalid_field(f"{at}contact", "is the complainant's own: name it for one of them only")
    _check_last_day(request, proxy.valid_until, at)


def _check_last_day(request: web.Request, last_day: date | None, at: str = "") -> None:
    if last_day is not None and last_day < _today(request):
        raise invalid_field(f"{at}valid_until", "lies in the past: such a mandate has ended")


def _today(request: web.Request) -> date:
    return datetime.now(request.app[PROMISES].zone).date()


async def _original(
    request: web.Request, asked: models.Entry, files: Sequence[GivenFile], uploaded: Sequence[StoredUpload]
) -> Original:
    """The entry as it was typed, with the digests of what came with it."""
    told: list[dict[str, Any]] = [{"name": file.name, "sha256": file.digest, "purpose": file.purpose} for file in files]
    told += [{"name": upload.name, "sha256": upload.digest} for upload in uploaded]
    document = {**asked.model_dump(mode="json", exclude_unset=True), "files": told}
    raw = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
    if len(raw) <= INLINE:
        return Original(len(raw), raw=raw)
    return Original(len(raw), digest=await _put(request, raw))


async def _put(request: web.Request, raw: bytes) -> str:
    try:
        return await asyncio.to_thread(request.app[GATEWAY].files.put, raw)
    except FilesError as error:
        raise StoreUnavailable(str(error)) from error


async def _kept(request: web.Request, files: Sequence[GivenFile]) -> tuple[KeptFile, ...]:
    if not files:
        return ()
    try:
        return await asyncio.to_thread(filekeeping.keep, request.app[GATEWAY].files, files)
    except RefusedFile as error:
        raise refused(request, error.name, error.refusal) from None
    except FilesError as error:
        raise StoreUnavailable(str(error)) from error


# papers ---------------------------------------------------------------------------------------------------------


async def get_papers(request: web.Request) -> web.Response:
    shown = await request.app[GATEWAY].store.read(_papers, request.match_info["key"])
    return json_response(shown, headers={"ETag": f'"{shown["version"]}"'})


def _papers(tx: Transaction, key: str) -> dict[str, Any]:
    record = case_of(tx, key)
    return shapes.papers(papers.papers_of(tx, record.id), record)


async def change_papers(request: web.Request) -> web.Response:
    version = if_match(request)
    read, body = await read_json(request)
    asked = validated(models.PapersChange, read)
    values = {name: getattr(asked, name) for name in asked.model_fields_set}
    if "representatives" in values:
        values["representatives"] = [one.party() for one in asked.representatives]
    key, actor = request.match_info["key"], request[PRINCIPAL].actor

    def effect(tx: Transaction) -> Answer:
        try:
            return answer_of(_papers_changed(tx, key, values, actor, version))
        except LostUpdate as error:
            raise changed_meanwhile(error) from None

    return await do(request, body, effect, versioned=True)


def _papers_changed(
    tx: Transaction, key: str, values: dict[str, Any], actor: str, version: int | None
) -> dict[str, Any]:
    names_others = bool({"representatives", "members"} & values.keys())
    record = undivided_case_of(tx, key) if names_others else own_case_of(tx, key)
    known = papers.papers_of(tx, record.id)
    group = values.get("representatives", known.representatives)
    members = values.get("members", known.members)
    if members is not None and members < len(group):
        raise invalid_field("members", f"counts everybody of the group: at least {len(group)}")
    papers.change(tx, record.id, values, actor=actor, version=version)
    return _papers(tx, record.id)


async def add_files(request: web.Request) -> web.Response:
    """Files, or words, that are handed in later."""
    parts = await read_parts(request)
    asked = validated(models.FilesAdded, parts.fields)
    if not parts.files and not asked.note:
        raise invalid_field("file", "is what was handed in; or say it in `note`")
    kept = await _kept(request, parts.files)

    def effect(tx: Transaction) -> Answer:
        record = own_case_of(tx, request.match_info["key"])
        _hand_in(tx, record, asked, kept, request[PRINCIPAL])
        return answer_of(_papers(tx, record.id), 201)

    return await do(request, parts.body, effect)


def _hand_in(
    tx: Transaction, record: CaseRecord, asked: models.FilesAdded, kept: Sequence[KeptFile], by: Principal
) -> None:
    row = _conversation_by_hand(tx, record, asked.channel, by)
    message = NewMessage(Sender.CUSTOMER, asked.note, name=asked.handed_in_by or row["customer"], case_id=record.id)
    # answered by whoever took it: the bot says nothing of its own to what was handed in
    values = {"answered_message": row["last_message"] + 1}
    [stored] = conversations.add_messages(tx, row, [message], values=values)
    filekeeping.attach(tx, stored.conversation_id, stored.number, kept)
    told = {"note": asked.note, "handed_in_by": asked.handed_in_by, "files": [file.told() for file in kept]}
    cases.note_change(tx, record.id, Happened(by.actor, "files_added", told))


def _conversation_by_hand(tx: Transaction, record: CaseRecord, channel: str, by: Principal) -> conversations.Row:
    """The case's conversation of this channel; what is handed in never stands in a chat that the customer sees."""
    for id in record.conversations:
        row = conversations.locked(tx, id)
        if row["channel"] == channel and row["erased_at"] is None:
            return row
    id = new_id()
    opening = NewConversation(id, channel, channel, record.language, customer=record.customer)
    conversations.open_conversation(tx, opening)
    cases.link_conversation(tx, record.id, id, linked_by=by.actor[:80], reason="handed_in")
    return conversations.locked(tx, id)


# proxies --------------------------------------------------------------------------------------------------------


async def name_proxy(request: web.Request) -> web.Response:
    parts = await read_parts(request)
    asked = validated(models.ProxyNamed, parts.fields)
    _check_proxy(request, asked, None)
    kept = await _kept(request, _only_mandates(parts))

    def effect(tx: Transaction) -> Answer:
        record, actor = undivided_case_of(tx, request.match_info["key"]), request[PRINCIPAL].actor
        mandates.name_proxy(tx, request.app[PROMISES], record.id, asked.party(), mandate=bool(kept), actor=actor)
        _hand_in_mandate(tx, record, kept, asked.name, request[PRINCIPAL])
        request.app[WAY_OPENED](tx, record.id)
        return answer_of(_papers(tx, record.id), 201)

    return await do(request, parts.body, effect)


async def mandate_came(request: web.Request) -> web.Response:
    parts = await read_parts(request)
    asked = validated(models.MandateCame, parts.fields)
    _check_last_day(request, asked.valid_until)
    kept = await _kept(request, _only_mandates(parts))
    if not kept:
        raise invalid_field("mandate", "is the mandate itself, as a scan or a photo")

    def effect(tx: Transaction) -> Answer:
        record, principal = own_case_of(tx, request.match_info["key"]), request[PRINCIPAL]
        try:
            mandates.came(tx, request.app[PROMISES], record.id, asked.valid_until, actor=principal.actor)
        except NoProxy:
            raise _no_proxy() from None
        proxy = papers.papers_of(tx, record.id).proxy
        _hand_in_mandate(tx, record, kept, proxy.name if proxy else None, principal, asked.note)
        request.app[WAY_OPENED](tx, record.id)
        return answer_of(_papers(tx, record.id), 201)

    return await do(request, parts.body, effect)


def _only_mandates(parts: Parts) -> tuple[GivenFile, ...]:
    if any(file.purpose != MANDATE for file in parts.files):
        raise invalid_field("file", "here only `mandate` brings a file; hand others in with the case's files")
    return parts.files


def _hand_in_mandate(
    tx: Transaction, record: CaseRecord, kept: Sequence[KeptFile], by: str | None, principal: Principal, note: str = ""
) -> None:
    if kept:
        asked = models.FilesAdded(note=note, handed_in_by=by, channel="counter")
        _hand_in(tx, cases.get(tx, record.id), asked, kept, principal)


def _no_proxy() -> Problem:
    return Problem(409, "no_proxy", "nobody speaks for this complainant: name the proxy first")


async def end_proxy(request: web.Request) -> web.Response:
    key, actor = request.match_info["key"], request[PRINCIPAL].actor
    return await do(request, b"", lambda tx: answer_of(_proxy_ended(tx, key, actor)))


def _proxy_ended(tx: Transaction, key: str, actor: str) -> dict[str, Any]:
    record = own_case_of(tx, key)
    try:
        mandates.ended(tx, record.id, actor=actor)
    except NoProxy:
        raise _no_proxy() from None
    return _papers(tx, record.id)


# withdrawal -----------------------------------------------------------------------------------------------------


async def withdraw(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked = validated(models.Withdrawn, read)

    def effect(tx: Transaction) -> Answer:
        return answer_of(_withdrawn(tx, request, asked).to_json(), 201)

    return await do(request, body, effect)


def _withdrawn(tx: Transaction, request: web.Request, asked: models.Withdrawn) -> CaseRecord:
    before, actor = own_case_of(tx, request.match_info["key"]), request[PRINCIPAL].actor
    if before.status in (Status.WITHDRAWN, Status.CLOSED):
        detail = f"the procedure has ended already: the case is {before.status.value}"
        raise Problem(409, "ended_before", detail)
    _check_day_of_withdrawal(request, asked.received_on, before)
    who = asked.who
    if asked.by_proxy:
        proxy = papers.papers_of(tx, before.id).proxy
        if proxy is None or before.mandate != HERE:
            detail = "a proxy withdraws only with their mandate: hand it in first, or ask the complainant"
            raise Problem(409, MISSING, detail)
        who = who or proxy.name
    withdrawal = Withdrawal(asked.received_on, asked.way, who or before.facts.name, asked.note)
    papers.withdraw(tx, before.id, withdrawal, actor=actor)
    withdrawing.settle(tx, before.id, actor=actor)
    after = cases.get(tx, before.id)
    request.app[CASE_CHANGED](tx, before, after, None, actor)
    return cases.get(tx, before.id)


def _check_day_of_withdrawal(request: web.Request, day: date, record: CaseRecord) -> None:
    zone = request.app[PROMISES].zone
    if day > _today(request):
        raise invalid_field("received_on", "lies in the future")
    if day < record.received_at.astimezone(zone).date():
        raise invalid_field("received_on", "lies before the complaint was received")


_KEYED: Final = {404: "no such case"}
_WRONG: Final = {**_KEYED, 422: "a wrong field"}

ROUTES: Final = (
    Route(
        "POST",
        "/api/v1/intake",
        enter,
        "intake",
        "A complaint by letter, in person or noted by phone; as multipart with the files that came with it",
        body=models.Entry,
        form=True,
        status=201,
        answers={422: "a wrong field, such as a sixth representative"},
        answer="Receipt",
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}/papers",
        get_papers,
        "cases:read",
        "Who took it, who speaks for the complainant, a group and its representatives, withdrawals, files",
        answers=_KEYED,
        answer="Papers",
    ),
    Route(
        "PATCH",
        "/api/v1/cases/{key}/papers",
        change_papers,
        "cases:write",
        "Sets the postal address, who handed it in, the group; needs `If-Match` with the record's version",
        body=models.PapersChange,
        answers={**_WRONG, 412: "somebody changed it meanwhile", 428: "If-Match is missing"},
        answer="Papers",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/files",
        add_files,
        "cases:write",
        "Files that are handed in later, as `file` parts of a multipart body",
        body=models.FilesAdded,
        form=True,
        status=201,
        answers=_WRONG,
        answer="Papers",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/proxy",
        name_proxy,
        "cases:write",
        "Who speaks for the complainant from now on; with the part `mandate`, or without it and told nothing yet",
        body=models.ProxyNamed,
        form=True,
        status=201,
        answers=_WRONG,
        answer="Papers",
    ),
    Route(
        "DELETE",
        "/api/v1/cases/{key}/proxy",
        end_proxy,
        "cases:write",
        "The complainant speaks for themself again",
        answers={**_KEYED, 409: "there is no proxy"},
        answer="Papers",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/mandate",
        mandate_came,
        "cases:write",
        "The proxy's mandate, as the part `mandate`: from now on they may be told",
        body=models.MandateCame,
        form=True,
        status=201,
        answers={**_WRONG, 409: "there is no proxy"},
        answer="Papers",
    ),
    Route(
        "POST",
        "/api/v1/cases/{key}/withdrawal",
        withdraw,
        "cases:write",
        "The complaint is taken back, with day, way and who; the customer is told",
        body=models.Withdrawn,
        status=201,
        answers={**_WRONG, 409: "it had ended before, or the proxy has no mandate"},
        answer="Case",
    ),
)
