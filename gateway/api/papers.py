"""What is printed, as PDF: the receipt, the written record of a case, the letter of a task. That it was printed stands in the trail.

A document is made in a thread, two at a time and one for each who asks: making one takes some tenths of a second of a processor, and a
second or two for a text that is made to be slow.

Not here: what stands on the pages (gateway/paper/).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote
from weakref import WeakValueDictionary

import sqlalchemy as sa
from aiohttp import web

from case_store import (
    audit,
    calls,
    offers,
    overview,
    papers,
    people,
    readings,
    recipients,
    same_matter,
    settlements,
    tasks,
    ways,
)
from case_store.audit import Entry, case_chain
from case_store.case_record import CaseRecord
from case_store.conversations import StoredMessage
from case_store.overview import ConversationView
from case_store.papers import Papers
from case_store.recipients import Recipient
from case_store.records import Language, Sender
from case_store.settlements import NoSuchSettlement, Settlement
from case_store.store import Transaction
from case_store.tables_cases import cases as case_rows
from case_store.tables_conversations import conversations as conversation_rows
from case_store.ways import Aside
from gateway import evidence, trail
from gateway.api.cases import case_of
from gateway.api.reading import read_choice
from gateway.api.routes import Query, Route
from gateway.auth.principals import PRINCIPAL
from gateway.context import GATEWAY
from gateway.hooks import PROMISES
from gateway.problems import Problem, forbidden, not_found
from gateway.readings import PRINT, READINGS, seen
from gateway.tokens import without_links

AT_ONCE: Final = 2
PDF: Final = "application/pdf"
# shown by the browser's own reader, which a sandbox would keep from working; nothing of a customer's is in it but text
PRINTED_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"

PRINTERS: web.AppKey[asyncio.Semaphore] = web.AppKey("printers", asyncio.Semaphore)
TURNS: web.AppKey[WeakValueDictionary[str, asyncio.Lock]] = web.AppKey("printing_turns", WeakValueDictionary)


async def receipt(request: web.Request) -> web.Response:
    record, known = await request.app[GATEWAY].store.read(_case_with_papers, request.match_info["key"])
    if record.reference is None:
        raise Problem(409, "not_filed", "a draft has no receipt: file it first")
    from gateway.paper.receipt import receipt as made  # late: fonts and their reader are for those who print

    printing = _printing(request, record.language)
    content = await _made(request, partial(made, record, known, printing))
    notice = request.app[PROMISES].policy.privacy.version
    detail = {"language": printing.language.value, "privacy_notice": notice}
    await _note(request, record.id, "receipt_printed", content, detail, notice=notice)
    seen(request, case_chain(record.id), of="receipt")
    return _shown(content, f"{record.reference}.pdf")


async def written_record(request: web.Request) -> web.Response:
    from gateway.paper.record import record as made

    if not request[PRINCIPAL].may("conversations:read"):
        raise forbidden("not_allowed", "this takes 'conversations:read' too: the record holds every message")
    printing = _printing(request, request.app[GATEWAY].settings.locale.value)
    await request.app[READINGS].flush()  # who looked a moment ago stands in it
    whole = await request.app[GATEWAY].store.read(_whole, request.match_info["key"])
    content = await _made(request, partial(made, whole, printing))
    detail = {"language": printing.language.value, "audit_number": whole.audit_number}
    await _note(request, whole.record.id, "record_printed", content, detail)
    seen(request, case_chain(whole.record.id), of="record")
    return _shown(content, f"{whole.record.reference or whole.record.id}-record.pdf")


async def letter(request: web.Request) -> web.Response:
    """The words of a task on paper."""
    from gateway.paper.letter import letter as made

    words, to = await request.app[GATEWAY].store.read(_letter, request.match_info["id"])
    printing = _printing(request, to.language)
    content = await _made(request, partial(made, words, to, printing))
    detail = {"task": request.match_info["id"], "language": printing.language.value}
    await _note(request, to.case_id, "letter_printed", content, detail)
    seen(request, case_chain(to.case_id), of="letter")
    return _shown(content, f"{to.reference or to.case_id}-letter.pdf")


async def settlement(request: web.Request) -> web.Response:
    """What was agreed, in the customer's language."""
    from gateway.paper.settlement import settlement as made

    agreed, record = await request.app[GATEWAY].store.read(_agreed, request.match_info["id"])
    printing = _printing(request, agreed.language)
    content = await _made(request, partial(made, agreed, record, printing))
    detail = {"settlement": agreed.id, "language": printing.language.value}
    await _note(request, record.id, "settlement_printed", content, detail)
    seen(request, case_chain(record.id), of="settlement")
    return _shown(content, f"{record.reference or record.id}-settlement.pdf")


async def settlement_for_customer(request: web.Request, agreed: Settlement, record: CaseRecord) -> web.Response:
    """The same in the hands of its customer, in their language. Whoever calls knows that it is their own."""
    from gateway.paper.receipt import Printing
    from gateway.paper.settlement import settlement as made

    promises, language = request.app[PROMISES], Language(agreed.language)
    printing = Printing(promises.house, promises.zone, language, datetime.now(UTC), "")
    content = await _made(request, partial(made, agreed, record, printing), actor=f"customer:{record.id}")
    detail = {"settlement": agreed.id, "language": language.value}
    await _note(request, record.id, "settlement_printed", content, detail, actor="customer")
    return _shown(content, f"{record.reference or record.id}-settlement.pdf")


def _printing(request: web.Request, language: str) -> Any:
    from gateway.paper.receipt import Printing

    chosen = read_choice(request, "language", [one.value for one in Language]) or language
    promises = request.app[PROMISES]
    return Printing(promises.house, promises.zone, Language(chosen), datetime.now(UTC), request[PRINCIPAL].name)


async def _made(request: web.Request, make: Callable[[], bytes], *, actor: str | None = None) -> bytes:
    who = actor or request[PRINCIPAL].actor
    turn = request.app[TURNS].setdefault(who, asyncio.Lock())  # one at a time for each: nobody keeps all printers
    async with turn, request.app[PRINTERS]:
        return await asyncio.to_thread(make)


async def _note(
    request: web.Request,
    case_id: str,
    action: str,
    content: bytes,
    detail: dict[str, Any],
    *,
    notice: str | None = None,
    actor: str | None = None,
) -> None:
    """Paper leaves the house: what was printed, and its digest, before it is handed out."""
    told = {**detail, "sha256": hashlib.sha256(content).hexdigest()}
    await request.app[GATEWAY].store.write(
        _noted, case_id, Entry(actor or request[PRINCIPAL].actor, action, told), notice
    )


def _noted(tx: Transaction, case_id: str, entry: Entry, notice: str | None) -> None:
    audit.append(tx, case_chain(case_id), entry)
    if notice is not None:  # the receipt shows the privacy notice, to those who were shown none before
        c = conversation_rows.c
        for id in case_of(tx, case_id).conversations:
            tx.execute(
                sa.update(conversation_rows).where(c.id == id, c.notice_version.is_(None)).values(notice_version=notice)
            )


def _shown(content: bytes, name: str) -> web.Response:
    headers = {
        "Content-Type": PDF,
        "Content-Disposition": f"inline; filename=\"{name}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": PRINTED_POLICY,
    }
    return web.Response(body=content, headers=headers)


# what is printed ------------------------------------------------------------------------------------------------


def _case_with_papers(tx: Transaction, key: str) -> tuple[CaseRecord, Papers]:
    record = case_of(tx, key)
    return record, papers.papers_of(tx, record.id)


def _agreed(tx: Transaction, id: str) -> tuple[Settlement, CaseRecord]:
    try:
        agreed = settlements.get(tx, id)
    except NoSuchSettlement:
        raise not_found("no settlement has this id") from None
    return agreed, case_of(tx, agreed.case_id)


def _letter(tx: Transaction, id: str) -> tuple[str, Recipient]:
    task = tasks.get(tx, id)
    if task is None or task.kind not in tasks.TELLING or task.case_id is None:
        raise not_found("no letter or call of a case has this id")
    return task.words, recipients.of_case(tx, task.case_id)


def _whole(tx: Transaction, key: str) -> Any:
    from gateway.paper.record import MOST_READINGS, WholeCase

    record, known = _case_with_papers(tx, key)
    head = tx.execute(
        sa.select(case_rows.c.audit_number, case_rows.c.audit_hash).where(case_rows.c.id == record.id)
    ).one()
    views = [overview.conversation(tx, id) for id in record.conversations]
    return WholeCase(
        record=record,
        papers=known,
        steps=trail.steps_of(tx, record),
        talks=[_talk(record, view) for view in views],
        asides=[_without_secrets(aside) for aside in ways.asides_of(tx, record.id)],
        audit_number=head.audit_number,
        audit_hash=head.audit_hash or "",
        assignee=_name_of(tx, record.assignee),
        proofs=evidence.proofs_of(tx, record, evidence.said_in(tx, record)),
        said_at={
            (view.row["id"], one.number): (view.row["channel"], one.at) for view in views for one in view.messages
        },
        pairings=same_matter.pairings(tx, record),
        offers=offers.rounds_of(tx, record.id),
        settlements=settlements.of_case(tx, record.id),
        readings=readings.of_case(tx, record.id, MOST_READINGS + 1),
    )


def _talk(record: CaseRecord, view: ConversationView) -> Any:
    from gateway.paper.record import Talk

    row, call = view.row, view.call
    said = [_message(view, one) for one in view.messages if one.case_id in (None, record.id)]
    began = calls.began_at(call, row["created_at"]) if call is not None else None
    if call is None:
        began = min([row["created_at"], *(one.at for one in said if one.at is not None)])
    of_case = call if said or not view.messages else None
    return Talk(row["channel"], began, said, row["audit_number"], row["audit_hash"] or "", of_case)


def _message(view: ConversationView, said: StoredMessage) -> Any:
    from gateway.paper.record import Message

    told = said.utterance or {}
    # what a transcript without times tells was stored when it came, not when it was spoken
    undated = said.utterance is not None and "start" not in told and (view.call or {}).get("ended_at") is None
    return Message(
        sender=said.sender.value,
        name=said.name or (told.get("label") if said.sender is Sender.UNKNOWN else None),
        at=None if undated else said.at,
        text=said.text,
        second=told.get("start"),
        ways=view.ways.get(said.number, ()),
        edits=[(str(edit.get("text") or ""), _moment(edit.get("at"))) for edit in said.edits],
        replaced=bool(told.get("superseded")),
    )


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _without_secrets(aside: Aside) -> Aside:
    """A link that proves an address, or brings back to a chat, works for whoever holds it; so does a code."""
    return replace(aside, text="…" if aside.occasion.startswith("code:") else without_links(aside.text))


def _name_of(tx: Transaction, username: str | None) -> str | None:
    if username is None:
        return None
    try:
        return people.find_agent(tx, username).name
    except people.NoSuchPerson:
        return username


_LANGUAGE: Final = Query("language", "of the paper; the customer's if not named", [one.value for one in Language])
_KEYED: Final = {404: "no such case"}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/cases/{key}/receipt.pdf",
        receipt,
        "cases:read",
        "The receipt, for printing; that it was printed stands in the trail",
        query=(_LANGUAGE,),
        answers={**_KEYED, 409: "a draft has no receipt"},
        media_type=PDF,
        reads=PRINT,
    ),
    Route(
        "GET",
        "/api/v1/cases/{key}/record.pdf",
        written_record,
        "cases:read",
        "The written record of the whole case, for printing",
        query=(Query("language", "of the paper; the institution's if not named", [one.value for one in Language]),),
        answers=_KEYED,
        media_type=PDF,
        reads=PRINT,
    ),
    Route(
        "GET",
        "/api/v1/settlements/{id}/settlement.pdf",
        settlement,
        "cases:read",
        "What was agreed: parties, facts, solution, day of performance, confirmation; to sign where paper is wanted",
        query=(_LANGUAGE,),
        answers={404: "no settlement has this id"},
        media_type=PDF,
        reads=PRINT,
    ),
    Route(
        "GET",
        "/api/v1/tasks/{id}/letter.pdf",
        letter,
        "cases:read",
        "The words of a call or a letter on paper, with the address where an envelope's window shows it",
        query=(_LANGUAGE,),
        answers={404: "no letter or call of a case has this id"},
        media_type=PDF,
        reads=PRINT,
    ),
)
