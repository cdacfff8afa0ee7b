"""What comes out of requests, as JSON. Ids are strings, times RFC 3339 with offset, texts exactly as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from case_store import calls
from case_store.arrivals import ParkedArrival
from case_store.audit import HappenedAt
from case_store.case_record import CaseRecord
from case_store.conversations import StoredMessage
from case_store.overview import ConversationView
from case_store.papers import HandedIn, Papers, Party, Withdrawal
from case_store.recipients import Recipient
from case_store.records import ChannelName
from case_store.tasks import TELLING, Task
from case_store.ways import DELIVERED, READ, Way
from gateway.attachments import shown
from gateway.joining import Customer
from gateway.telling import Tried
from gateway.tidings import TELLS

T = TypeVar("T")


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def whole(items: Sequence[Any]) -> dict[str, Any]:
    return {"items": list(items), "next_cursor": None}


def conversation(view: ConversationView) -> dict[str, Any]:
    row = view.row
    return {
        "id": row["id"],
        "version": row["version"],
        "epoch": row["epoch"],
        "channel": row["channel"],
        "account": row["account"],
        "owner": row["owner"],
        "agent": view.agent,
        "agent_name": view.agent_name,
        "waiting_since": _at(row["waiting_since"]),
        "waiting_reason": row["waiting_reason"],
        "urgent": row["urgent"],
        "snoozed_until": _at(row["snoozed_until"]),
        "given_at": _at(row["given_at"]),
        "unassigned": row["unassigned"],
        "team": row["team"],
        "reference": view.reference,
        "references": list(view.references),
        "case": row["case_id"],
        "risk": row["case_risk"],
        "cases": list(view.case_ids),
        "customer": row["customer"],
        "address": row["address"] if row["channel"] == ChannelName.EMAIL else None,
        "subject": row["subject"],
        "language": row["language"],
        "last_message": str(row["last_message"]),
        "seen_message": str(row["seen_message"]),
        "unreachable": view.unreachable,
        "created_at": _at(row["created_at"]),
        "updated_at": _at(row["updated_at"]),
        "call": None if view.call is None else call(view.call, row["created_at"]),
        "messages": [_message_in(view, said) for said in view.messages],
    }


def call(row: Mapping[Any, Any], opened_at: datetime) -> dict[str, Any]:
    """A telephone call beside what was said in it. `opened_at`: when its first words came."""
    recording = {"media_type": row["recording_type"], "size": row["recording_size"]}
    return {
        "call": row["call"],
        "line": row["line"],
        "state": row["state"],
        "started_at": _at(calls.began_at(row, opened_at)),
        "ended_at": _at(row["ended_at"]),
        "duration": row["duration"],
        "format": row["format"],
        "customer_number": row["customer_number"],
        "agent": row["agent"],
        "why_speakers": row["why_speakers"],
        "speakers": dict(row["speakers"]),
        "consent": row["consent"],
        "consent_basis": row["consent_basis"],
        "recording": recording if row["recording"] else None,
        "heard": dict(row["heard"] or {}),
    }


def _message_in(view: ConversationView, said: StoredMessage) -> dict[str, Any]:
    told = message(said)
    told["delivery"] = _delivery(view, said)
    if ways := view.ways.get(said.number, ()):
        told["delivered_at"], told["read_at"] = _at(_telling(ways).delivered_at), _at(_telling(ways).read_at)
    told["attachments"] = [shown(row) for row in view.attachments.get(said.number, ())]
    return told


def message(said: StoredMessage) -> dict[str, Any]:
    mail = said.mail or {}
    return {
        "id": str(said.number),
        "sender": said.sender.value,
        "name": said.name,
        "text": said.text,
        "at": _at(said.at),
        "asks": list(said.asks),
        "choices": [dict(choice) for choice in said.choices],
        "case": said.case_id,
        "subject": mail.get("subject"),
        "cc": list(mail.get("cc", ())),
        "quoted": mail.get("quoted") or None,
        "arrival": said.arrival_id,
        "edits": [dict(edit) for edit in said.edits],
        "verdict": mail.get("verdict"),
        "notes": mail.get("notes"),
        "utterance": None if said.utterance is None else dict(said.utterance),
        "delivery": None,
        "delivered_at": None,
        "read_at": None,
        "attachments": [],
        "wordless": said.wordless,
    }


def _delivery(view: ConversationView, said: StoredMessage) -> dict[str, Any] | None:
    """How far a message to the customer has come by the last way it took; with the task, where a person is to tell it."""
    ways = view.ways.get(said.number, ())
    if not ways:
        return None
    last = _telling(ways)
    told = {"state": last.state, "error": last.error, "at": _at(last.since)}
    if last.task is None:
        return {**told, "by": last.by}
    return {**told, "task": last.task, "kind": last.by, "how": last.how}


def _telling(ways: Sequence[Way]) -> Way:
    """The way that tells how far words have come: the last, unless they have arrived by an earlier one."""
    return next((way for way in ways if way.state in (READ, DELIVERED)), ways[-1])


def event(happened: HappenedAt) -> dict[str, Any]:
    return {
        "id": str(happened.number),
        "at": _at(happened.at),
        "actor": happened.actor,
        "action": happened.action,
        "detail": happened.detail,
    }


def task(one: Task, to: Recipient | None, now: datetime) -> dict[str, Any]:
    """`to` is whom the words are for, where they tell a customer something."""
    return {
        "id": one.id,
        "kind": one.kind,
        "case": one.case_id,
        "reference": to and to.reference,
        "conversation": one.conversation_id,
        "words": one.words,
        "created_at": _at(one.created_at),
        "detail": {name: value for name, value in (one.detail or {}).items() if name != TELLS} or None,
        "due_at": _at(one.due_at),
        "next_at": _at(one.next_at),
        "tries": one.tries,
        "overdue": one.is_overdue(now),
        "to": _recipient(to) if to is not None and one.kind in TELLING else None,
    }


def _recipient(to: Recipient) -> dict[str, Any]:
    return {
        "name": to.name,
        "language": to.language,
        "phones": list(to.phones),
        "postal_address": to.postal_address,
        "proxy": to.proxy,
        "mandate": to.mandate,
        "reach": to.reach,
        "version": to.version,
    }


def tried(id: str, one: Tried) -> dict[str, Any]:
    return {"id": id, "tries": one.tries, "counts": one.counts, "next_at": _at(one.next_at), "letter": one.letter}


def papers(known: Papers, record: CaseRecord) -> dict[str, Any]:
    """What belongs to a case that was handed in; also of one that was not, which may have files and a proxy all the same."""
    return {
        "case": record.id,
        "reference": record.reference,
        "version": record.version,
        "taken_by": known.taken_by,
        "taken_post": known.taken_post,
        "handed_in_by": known.handed_in_by,
        "postal_address": known.postal_address,
        "mandate": record.mandate,
        "proxy": known.proxy and _party(known.proxy),
        "members": known.members,
        "representatives": [_party(party) for party in known.representatives],
        "withdrawals": [_withdrawal(one) for one in known.withdrawals],
        "files": [_handed_in(file) for file in known.files],
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "relation": party.relation,
        "contact": party.contact,
        "postal_address": party.postal_address,
        "valid_until": party.valid_until and party.valid_until.isoformat(),
    }


def _withdrawal(one: Withdrawal) -> dict[str, Any]:
    return {
        "received_on": one.received_on.isoformat(),
        "way": one.way,
        "who": one.who,
        "note": one.note,
        "recorded_by": one.recorded_by,
        "recorded_at": _at(one.recorded_at),
    }


def _handed_in(file: HandedIn) -> dict[str, Any]:
    return {
        "id": file.id,
        "conversation": file.conversation_id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.digest,
        "purpose": file.purpose,
        "at": _at(file.at),
    }


def customer(one: Customer) -> dict[str, Any]:
    return {
        "identities": [
            {"address": known.address, "proof": known.proof, "joined_by": known.joined_by, "at": _at(known.at)}
            for known in one.identities
        ],
        "cases": [_other_case(case) for case in one.cases],
        "strangers": [{**stranger, "at": _at(stranger["at"])} for stranger in one.strangers],
        "maybe": [{**_other_case(case), "address": address} for case, address in one.maybe],
    }


def _other_case(case: CaseRecord) -> dict[str, Any]:
    return {
        "id": case.id,
        "reference": case.reference,
        "status": case.status.value,
        "outcome": case.outcome and case.outcome.value,
        "channel": str(case.channel),
        "category": case.category,
        "risk": case.risk,
        "amount": case.facts.to_json()["amount"],
        "about": case.facts.about,
        "received_at": _at(case.received_at),
        "feedback_due": case.feedback_due and case.feedback_due.isoformat(),
        "updated_at": _at(case.updated_at),
        "merged_into": case.merged_into,
    }


def parked(one: ParkedArrival) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "account": one.account,
        "received_at": _at(one.received_at),
        "size": one.size,
        "reason": one.reason,
    }
