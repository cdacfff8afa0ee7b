"""Complaints that are handed in whole: the online form, and how what a clerk enters (counter.py) is filed.

The form is JSON or form fields; a browser without scripts sends its files with it and is sent on to a page that thanks. Who only looks a case up hears one
answer for every mismatch, after one time, and nothing but how far it has come.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from case_store import contacts, merged
from case_store.case_record import CaseRecord
from case_store.cases import NoSuchCase
from case_store.files import FilesError
from case_store.idempotency import Answer, OtherRequest
from case_store.records import ChannelName, Language, Money, PartialDate, Status
from case_store.reference import MistypedReference, parse_reference
from case_store.store import Transaction
from case_store.uploads import NoSuchUpload, StoredUpload
from gateway import uploads
from gateway.api import models
from gateway.api.doing import answer_of, claim_of, other_request, perform, response_of
from gateway.api.form_files import NAMED, read_form_with_files
from gateway.api.keys import THROTTLE
from gateway.api.parts import read_amount
from gateway.api.reading import FORMS, read_form, read_json, validated
from gateway.api.routes import ANYONE, Route
from gateway.api.uploads import kept_not
from gateway.auth.principals import Principal
from gateway.complaint import Complaint, Idempotency, Repeated, possible_contacts, receipt, sign_receipt
from gateway.context import GATEWAY
from gateway.entries import Entered
from gateway.hooks import FORM_REFUSED, TAKE_COMPLAINT
from gateway.problems import Problem, invalid, invalid_field
from gateway.uploads import FORM, NotReady
from gateway.web import CLIENT, wants_page

THANKS: Final = "/thanks"
MULTIPART: Final = "multipart/form-data"
NOT_TAKEN: Final = "files not taken"  # beside the fields of a form: its blank is in no field's name
STATUS_TAKES: Final = 0.4  # seconds, whatever the look-up took
NEXT_STEP: Final = {
    Status.FILED: "assignment",
    Status.IN_PROGRESS: "investigation",
    Status.WAITING_FOR_CUSTOMER: "your_answer",
    Status.RESOLVED: "result_sent",
    Status.CLOSED: "none",
    Status.WITHDRAWN: "none",
}


async def hand_in(request: web.Request) -> web.StreamResponse:
    """The online form."""
    request.app[THROTTLE].admit("complaints", request[CLIENT].network)
    typed, body = await _read(request, with_files=True)
    try:
        asked, files = await _checked(request, typed)
    except Problem as problem:
        if _wants_page(request):
            page = await request.app[FORM_REFUSED](request, _texts(typed), problem.members.get("errors", []))
            if page is not None:
                return page
        raise
    answer, repeated = await take(request, asked, body, ChannelName.WEBFORM, datetime.now(UTC), files=files)
    if answer.status == 201 and _wants_page(request):
        told = {**json.loads(answer.body), "files": len(files)}
        raise web.HTTPSeeOther(f"{THANKS}?receipt={sign_receipt(request.app[GATEWAY].tokens, told)}")
    return response_of(answer, repeated=repeated)


async def _read(request: web.Request, *, with_files: bool = False) -> tuple[dict[str, Any], bytes]:
    """The fields, and what tells this request from others. Files that a form brings become uploads, named by the fields."""
    if request.content_type not in FORMS:
        return await read_json(request)
    if request.content_type == MULTIPART and with_files:
        filled = await read_form_with_files(request, FORM)
        typed: dict[str, Any] = dict(filled.fields)
        made = [request.app[GATEWAY].tokens.sign_upload(upload.id) for upload in filled.made]
        if made:
            typed[NAMED] = [*typed.get(NAMED, []), *made]
        if filled.errors:
            typed[NOT_TAKEN] = filled.errors
        body = filled.body
    else:
        fields, body = await read_form(request)
        typed = dict(fields)
    read_amount(typed)
    return typed, body


async def _checked(request: web.Request, typed: dict[str, Any]) -> tuple[models.Complaint, tuple[StoredUpload, ...]]:
    """The form, and its files, ready to be attached. Raises 422 with everything that is wrong."""
    errors: list[Any] = list(typed.pop(NOT_TAKEN, []))
    asked, files = None, tuple[StoredUpload, ...]()
    try:
        asked = validated(models.Complaint, typed)
        files = await named_uploads(request, asked.attachments, {FORM})
    except Problem as problem:
        errors += problem.members.get("errors", [])
        if not problem.members.get("errors"):
            raise
    if errors or asked is None:
        raise invalid(errors)
    return asked, files


async def named_uploads(
    request: web.Request, named: Sequence[str], owners: Collection[str]
) -> tuple[StoredUpload, ...]:
    """The uploads that a complaint names, if they are whole and of one of these owners. Raises 422."""
    gateway = request.app[GATEWAY]
    if not named:
        return ()
    most = gateway.policy.uploads.per_message
    if len(named) > most:
        raise invalid_field(NAMED, f"at most {most} files go with one form")
    try:
        return tuple(await uploads.ready(gateway, named, owners))
    except NotReady as error:
        raise invalid_field(NAMED, f"{error.upload[:60]} is an {error.why} upload") from None
    except FilesError as error:
        raise kept_not(request, "", error) from None


def _texts(typed: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, for the page that shows it again; the uploads that were made with blanks between them."""
    texts = {name: value for name, value in typed.items() if isinstance(value, str)}
    return {**texts, NAMED: " ".join(typed.get(NAMED, ()))}


def _wants_page(request: web.Request) -> bool:
    """A browser that has sent a form and will show what comes back."""
    return request.content_type in FORMS and wants_page(request)


async def take(
    request: web.Request,
    asked: models.Complaint,
    body: bytes,
    channel: ChannelName,
    received_at: datetime,
    by: Principal | None = None,
    entered: Entered | None = None,
    files: tuple[StoredUpload, ...] = (),
) -> tuple[Answer, bool]:
    """Files what was handed in whole. Answers the receipt, and whether it was given before."""
    take = request.app.get(TAKE_COMPLAINT)
    if take is None:
        raise Problem(503, "unavailable", "complaints can't be taken here just now", headers={"Retry-After": "60"})
    complaint = Complaint(
        channel=channel,
        account=channel.value,
        what_happened=asked.what_happened,
        received_at=received_at,
        name=asked.name,
        contact=asked.contact,
        occurred_on=_day(asked.occurred_on),
        about=asked.about,
        amount=_amount(asked.amount),
        desired_outcome=asked.desired_outcome,
        locale=Language(asked.locale) if asked.locale else None,
        entered_by=None if by is None else by.actor,
        entered=entered,
        files=files,
        idempotency=Idempotency(claim_of(request, body)),
    )
    try:
        record = await take(request.app[GATEWAY], complaint)
    except Repeated as repeated:
        return repeated.answer, True
    except OtherRequest:
        raise other_request() from None
    except NoSuchUpload:
        raise invalid_field(NAMED, "one of the uploads belongs to another complaint already") from None
    return answer_of(receipt(record), 201), False


def _day(written: str | None) -> PartialDate | str | None:
    try:
        return PartialDate(written) if written else None
    except ValueError:
        return written  # in the customer's words: the dialogue's understanding reads them


def _amount(amount: models.Amount | str | None) -> Money | str | None:
    return Money.from_json(amount.model_dump()) if isinstance(amount, models.Amount) else amount


async def look_up(request: web.Request) -> web.StreamResponse:
    """How far a case has come, for who knows its number and an address of its customer."""
    return await answer_look_up(request, *await _read(request))


async def answer_look_up(request: web.Request, typed: dict[str, Any], body: bytes) -> web.StreamResponse:
    """The same for whoever has read the form already: the page that shows the answer to a browser without scripts."""
    request.app[THROTTLE].admit("status", request[CLIENT].network)
    asked = validated(models.StatusLookUp, typed)
    try:
        reference = parse_reference(asked.reference)
    except MistypedReference:
        detail = "the number has a typing error: its last digit doesn't fit the others"
        raise Problem(422, "mistyped_reference", detail) from None
    started = asyncio.get_running_loop().time()
    addresses = possible_contacts(asked.contact)
    claim = claim_of(request, body)
    try:
        answer, repeated = (
            (await request.app[GATEWAY].store.read(_status, reference, addresses), False)
            if claim is None
            else await perform(request, claim, lambda tx: _status(tx, reference, addresses))
        )
    finally:
        await fill_up(started)
    return response_of(answer, repeated=repeated)


async def fill_up(started: float) -> None:
    """Waits until a whole number of times has passed since then: how long a look-up took tells nothing."""
    taken = asyncio.get_running_loop().time() - started
    await asyncio.sleep(math.ceil(taken / STATUS_TAKES) * STATUS_TAKES - taken)


def _status(tx: Transaction, reference: str | None, addresses: list[str]) -> Answer:
    record = _known(tx, reference, addresses)
    if record is None:
        problem = Problem(404, "no_match", "there is no complaint with this number and this contact")
        return answer_of(problem.document(), problem.status)
    return answer_of(
        {
            "reference": _told_as(tx, record, reference, addresses),
            "status": record.status.value,
            "next_step": NEXT_STEP[record.status],
            "feedback_due": still_due(record),
        }
    )


def _told_as(tx: Transaction, record: CaseRecord, asked: str | None, addresses: list[str]) -> str | None:
    """The number under which it is dealt with; to an address that was only typed, the one that was asked for, which it knew before."""
    proved = any(contacts.is_proved(tx, record.id, address) for address in addresses)
    return record.reference if proved or asked == record.reference else asked


def still_due(record: CaseRecord) -> str | None:
    """By when an answer comes; None once none comes any more."""
    if record.status is Status.WITHDRAWN or record.feedback_due is None:
        return None
    return record.feedback_due.isoformat()


def _known(tx: Transaction, reference: str | None, addresses: list[str]) -> CaseRecord | None:
    """The case, if one of the addresses is its customer's. Looks for both whatever comes of the first."""
    try:
        record = merged.current(tx, reference or "-")
    except NoSuchCase:
        record = None
    known = {address for address, _, _, _ in contacts.contacts_of(tx, record.id if record else "-")}
    return record if record is not None and known & set(addresses) else None


ROUTES = (
    Route(
        "POST",
        "/api/v1/complaints",
        hand_in,
        ANYONE,
        "The online form; a browser that sends a form and wants a page is sent on to one",
        body=models.Complaint,
        form=True,
        status=201,
        answers={303: "on to the page that thanks", 422: "a wrong field", 429: "too many"},
        answer="Receipt",
    ),
    Route(
        "POST",
        "/api/v1/status",
        look_up,
        ANYONE,
        "How far a complaint has come",
        body=models.StatusLookUp,
        form=True,
        answers={404: "no such complaint, or not this contact's", 422: "a typing error in the number", 429: "too many"},
        answer="CaseStatus",
    ),
)
