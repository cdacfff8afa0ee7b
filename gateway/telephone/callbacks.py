"""Calling back: what a customer who telephoned is still to be told and asked, as one task for an agent; and what came of it.

The task says whom to call and from when, what to say (the read-back, with reference number and date), which questions to ask,
in the customer's language and in the sentences the bot would use, and what the recogniser was not sure of. Doing it fills the
facts.

Not here: what is missing (the dialogue), by when and how often somebody is called (telling.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from case_store import cases, contacts, search, tasks
from case_store.case_record import CaseRecord
from case_store.conversations import Row
from case_store.records import Language
from case_store.store import Transaction
from case_store.tasks import Task
from gateway import telling
from gateway.promises import Promises
from gateway.working_hours import may_notify_at

UNSURE: Final = 0.6  # of a recogniser's own confidence: facts from words below it are to be confirmed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of calling back. `facts` and `declined` as in the case record; `vouched`: the number is the customer's own."""

    facts: Mapping[str, Any] | None = None
    declined: Sequence[str] = ()
    vouched: bool = False


def occasion_of(conversation_id: str) -> str:
    return f"call_back:{conversation_id}"


def ask(
    tx: Transaction,
    promises: Promises,
    call: Row,
    case: CaseRecord,
    words: str,
    missing: Sequence[str],
    heard: Mapping[str, Any],
) -> None:
    """One task a call; while it is open it is kept up with what is known."""
    occasion = occasion_of(call["conversation_id"])
    detail = _detail(tx, promises, call, case, missing, heard)
    if tasks.renew(tx, occasion, words, detail):
        return
    id = call["conversation_id"]
    telling.ask(
        tx,
        promises,
        occasion=occasion,
        kind="call_back",
        words=words,
        case_id=case.id,
        conversation_id=id,
        detail=detail,
    )


def _detail(
    tx: Transaction,
    promises: Promises,
    call: Row,
    case: CaseRecord,
    missing: Sequence[str],
    heard: Mapping[str, Any],
) -> dict[str, Any]:
    from dialogue.questions import in_doubt, questions  # late: it reads the script

    language = Language(case.language)
    number, proved = _number(tx, call, case)
    return {
        "call": call["call"],
        "number": number,
        "proved": proved,
        "name": case.facts.name,
        "language": language.value,
        "not_before": _working_time(promises, tx.now).isoformat(),
        "questions": [{"fact": fact, "ask": sentence} for fact, sentence in questions(missing, language)],
        "confirm": [
            {
                "fact": fact,
                "ask": in_doubt(told["words"], language),
                "confidence": told["confidence"],
                "start": told.get("start"),
            }
            for fact, told in heard.items()
            if told.get("unsure") and fact not in case.corrected
        ],
    }


def _number(tx: Transaction, call: Row, case: CaseRecord) -> tuple[str | None, bool]:
    """Whom to call, and whether the number is known to be the customer's: the number of a caller is only as sure as caller id."""
    phones = {address: proof for address, kind, proof, _ in contacts.contacts_of(tx, case.id) if kind == "phone"}
    told = case.facts.contact if case.facts.contact in phones else None
    number = told or call["customer_number"] or next(iter(phones), None)
    return number, phones.get(number or "") is not None


def _working_time(promises: Promises, now: datetime) -> datetime:
    """The first moment from now on at which somebody is there to call and the customer may be disturbed."""
    moment = promises.person_at(now) or now
    quiet = may_notify_at(moment, promises.zone, promises.policy.notices)
    return quiet.astimezone(promises.zone)


def record(tx: Transaction, task: Task, outcome: Outcome, actor: str) -> None:
    """What the customer answered. Raises ValueError for a fact that can't be set."""
    if task.case_id is None:
        return
    case = cases.get(tx, task.case_id)
    changes: dict[str, Any] = {"facts": dict(outcome.facts)} if outcome.facts else {}
    if outcome.declined:
        changes["declined"] = sorted({*case.declined, *outcome.declined})
    if changes:
        case = cases.change(tx, case.id, changes, actor=actor)
        search.refresh(tx, case.id)
    doubted = {one["fact"] for one in (task.detail or {}).get("confirm", ())} - set(outcome.facts or ())
    cases.confirm(tx, case.id, doubted & set(case.facts.known()), actor=actor)
    number = (task.detail or {}).get("number")
    if outcome.vouched and number:
        contacts.add_contact(tx, case.id, contacts.Contact(number, "phone", "agent"))
    asked = {one["fact"] for one in (task.detail or {}).get("questions", ())}
    if case.incomplete and not asked - {*case.facts.known(), *case.declined, *case.words}:
        cases.change(tx, case.id, {"incomplete": False}, actor=actor)
