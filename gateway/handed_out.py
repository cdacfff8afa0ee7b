"""What of each row goes to the person it is about: lists of what may, so that a new column is not handed out before somebody says so.

Not in them: how we judged and whom we gave it to, suggestions that it might be another's matter, numbers of cases that are not theirs,
addresses of whoever speaks for them, codes, and links that work for whoever holds them.

Not here: which rows are theirs (persons.py), the file (also there).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from case_store.audit import HappenedAt
from case_store.case_record import CaseRecord
from case_store.contacts import MANDATE
from gateway.tokens import without_links

Row = Mapping[str, Any]

_CASE: Final = (
    *("id", "reference", "status", "outcome", "incomplete", "category", "channel", "language"),
    *("facts", "words", "declined", "received_at", "entered_at", "registered_at", "feedback_due"),
    *("basis", "next_steps", "erased_at", "updated_at"),
)
BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "contacts": ("address", "kind", "proof", "bounced_at", "at"),
    "papers": ("handed_in_by", "postal_address", "members"),
    "parties": ("role", "name", "relation", "valid_until", "added_at", "ended_at"),
    "offers": ("round", "state", "options", "offered_at", "expires_on", "chosen", "closed_at"),
    "settlements": (
        *("option", "option_number", "facts", "language", "due_on", "confirmed_at"),
        *("words", "way", "performed_on"),
    ),
    "withdrawals": ("received_on", "way", "who", "recorded_at"),
    "answers": ("number", "kind", "option", "words", "way", "at"),
    "tasks": ("kind", "created_at", "done_at", "how", "happened_at"),
}
_OPTION: Final = ("title", "meaning", "days")
_SAID: Final = ("number", "sender", "name", "at", "delivered_at", "read_at", "choice")
_MAIL: Final = ("subject", "from", "from_name", "sent_at", "received_at")
_UTTERANCE: Final = ("start", "end")
_SENT: Final = ("channel", "state", "created_at", "sent_at", "delivered_at", "read_at")
_TALK: Final = ("id", "channel", "language", "customer", "address", "subject", "created_at", "updated_at", "erased_at")
_CALL: Final = (
    *("line", "started_at", "ended_at", "duration", "customer_number", "consent", "consent_basis"),
    "recording",
)
_STEPS: Final = frozenset(
    (
        *("entered", "filed", "changed", "confirmed", "confirmed_facts", "bounced", "reachable_again", "erased"),
        *(
            "told",
            "to_be_told",
            "not_told",
            "not_delivered",
            "not_reached",
            "answered",
            "files_added",
            "papers_changed",
        ),
        *("attached", "enclosed", "proxy_named", "proxy_ended", "mandate_came", "mandate_over", "withdrawn"),
        *("offered", "option_chosen", "choice_taken_back", "counter_wish", "offer_question", "offer_declined"),
        *("offer_withdrawn", "offer_expired", "settled", "settlement_performed", "settlement_overdue"),
        *("message", "took_over", "handed_back", "resumed", "fell_silent", "listened", "consent"),
        *("recording_kept", "recording_erased", "transcript", "call_opened", "call_ended", "corrected_utterance"),
    )
)
_DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "filed": ("reference", "feedback_due"),
    "changed": ("status", "outcome"),
    "message": ("number",),
    "consent": ("from", "to", "basis"),
    "recording_kept": ("sha256", "size"),
    "recording_erased": ("sha256",),
    "withdrawn": ("received_on", "way"),
    "offered": ("round",),
    "settled": ("due_on",),
    "settlement_performed": ("performed_on",),
    "erased": ("rule", "counts", "sha256"),
}
_CODE: Final = "code:"  # beginning of the occasion of what carries one


def some(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def case(record: CaseRecord, beside: Mapping[str, Sequence[Row]], keys: Collection[str]) -> dict[str, Any]:
    """`keys`: numbers and ids of the cases that are theirs, the only ones that are named."""
    told = {name: [some(row, names) for row in beside[name]] for name, names in BESIDE.items() if name in beside}
    theirs = [row for row in beside["contacts"] if row["proof"] != MANDATE]
    told["contacts"] = [some(row, BESIDE["contacts"]) for row in theirs]
    for one in told["offers"]:
        one["options"] = [some(option, _OPTION) for option in one["options"]]
    for one in told["settlements"]:
        one["option"] = some(one["option"], _OPTION)
    known = {row["address"] for row in theirs}
    plain = {
        **some(record.to_json(), _CASE),
        "contacts": [address for address in record.contacts if address in known],
        "merged_into": record.merged_into if record.merged_into in keys else None,
        "merged_from": [name for name in record.merged_from if name in keys],
    }
    return {"case": plain, **told}


def talk(row: Row) -> dict[str, Any]:
    return some(row, _TALK)


def call(row: Row) -> dict[str, Any]:
    return some(row, _CALL)


def said(row: Row) -> dict[str, Any]:
    mail, utterance = row["mail"], row["utterance"]
    return {
        **some(row, _SAID),
        "text": without_links(row["text"]),
        "edits": [
            {"text": without_links(str(one.get("text") or "")), "at": one.get("at")} for one in row["edits"] or ()
        ],
        "mail": mail and some(mail, _MAIL),
        "utterance": utterance and some(utterance, _UTTERANCE),
    }


def sent(row: Row, addresses: Collection[str]) -> dict[str, Any]:
    """Subject and text; of what went to somebody who speaks for them, not where to."""
    payload = row["payload"] or {}
    text = "…" if str(row["occasion"]).startswith(_CODE) else without_links(str(payload.get("text") or ""))
    to = row["address"] if row["address"] in addresses else None
    return {**some(row, _SENT), "address": to, "subject": payload.get("subject"), "text": text}


def timeline(events: Sequence[HappenedAt]) -> list[dict[str, Any]]:
    """What happened, when, and which kind of actor did it; of details only those that tell of the person's own matter."""
    return [
        {
            "at": one.at,
            "by": one.actor.partition(":")[0],
            "action": one.action,
            "detail": some(one.detail or {}, _DETAILS.get(one.action, ())),
        }
        for one in events
        if one.action in _STEPS
    ]
