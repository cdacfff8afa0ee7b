"""What happened, for programs outside the house: derived from the entries of the audit chains, in the very transaction.

One place for all: whatever leaves an entry in a case's or a conversation's chain comes by here (`audit.add_events`), and the tables below say
what it is called outside. An entry that they do not name in a case's chain is a change of the case; one of a conversation's chain is
nobody's business. Of a draft nothing is told. While there is no webhook nothing is kept.

A happening holds ids, reference, status and version as they are at that moment, and no word of anybody.

Not here: who wants to hear it, and how it is posted (postings.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from case_store.ids import new_id
from case_store.records import Sender, Status
from case_store.store import Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations
from case_store.tables_webhooks import STANDING, happenings, webhooks

TYPES: Final = (
    "case.filed",
    "case.changed",
    "case.status_changed",
    "case.resolved",
    "case.reopened",
    "case.merged",
    "case.unmerged",
    "conversation.waiting",
    "conversation.taken_over",
    "conversation.assigned",
    "conversation.handed_back",
    "message.received",
    "message.sent",
    "message.not_delivered",
    "message.bounced",
    "deadline.near",
    "deadline.passed",
)
OF_CASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "filed": "case.filed",
        "withdrawn": "case.status_changed",
        "merged_into": "case.merged",
        "unmerged": "case.unmerged",
        "bounced": "message.bounced",
        "not_delivered": "message.not_delivered",
        "feedback_warning": "deadline.near",
        "feedback_urgent": "deadline.near",
        "settlement_near": "deadline.near",
        "feedback_overdue": "deadline.passed",
        "settlement_overdue": "deadline.passed",
    }
)
SILENT: Final = frozenset(  # of a case: it is the same as before
    {
        *("told", "to_be_told", "to_be_sent", "not_told", "told_how", "told_by", "kept_back"),
        *("task_done", "task_closed", "not_reached", "vouched", "confirmed", "reachable_again"),
        *("receipt_printed", "record_printed", "letter_printed", "settlement_printed"),
        *("duplicate_suggested", "linked", "unlinked", "link_withheld", "link_released"),
    }
)
OF_CONVERSATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "called_person": "conversation.waiting",
        "taken_back": "conversation.waiting",
        "took_over": "conversation.taken_over",
        "assigned": "conversation.assigned",
        "given_by_turn": "conversation.assigned",
    }
)
_DONE: Final = frozenset({Status.RESOLVED.value, Status.CLOSED.value, Status.WITHDRAWN.value})


FROM_OUTSIDE: Final = (
    Sender.CUSTOMER.value,
    Sender.UNKNOWN.value,
)  # nobody knows yet whose voice it is on the telephone


def types_of(chain: str, actor: str, action: str, detail: Mapping[str, Any] | None) -> tuple[str, ...]:
    """What an entry is called outside; nothing for what is nobody's business."""
    kind, told = chain.partition(":")[0], detail or {}
    if kind == "case":
        return _of_case(action, told)
    if kind != "conversation":
        return ()
    if action == "message":
        return ("message.received" if actor in FROM_OUTSIDE else "message.sent",)
    if action == "handed_back":
        return ("conversation.waiting" if told.get("to") == "queue" else "conversation.handed_back",)
    if action == "given_to_team":  # what waited already waits on, and what went with its case is whose it was
        return () if told.get("from") == "queue" or "with_case" in told else ("conversation.waiting",)
    found = OF_CONVERSATIONS.get(action)
    return (found,) if found else ()


def _of_case(action: str, told: Mapping[str, Any]) -> tuple[str, ...]:
    if action in SILENT:
        return ()
    if action != "changed":
        return (OF_CASES.get(action, "case.changed"),)
    status = told.get("status")
    if not isinstance(status, Mapping):
        return ("case.changed",)
    others = [name for name, value in told.items() if name != "status" and isinstance(value, Mapping) and "to" in value]
    return (_of_status(status.get("from"), status.get("to")), *(["case.changed"] if others else []))


def _of_status(before: object, after: object) -> str:
    if after == Status.RESOLVED:
        return "case.resolved"
    return "case.reopened" if before in _DONE and after not in _DONE else "case.status_changed"


def note(tx: Transaction, entries: Sequence[Mapping[str, Any]]) -> None:
    """Keeps what these entries are called outside, if anybody wants to hear anything."""
    if len(entries) > 1 and tx.execute(_ANY).first() is None:
        return  # each row is a statement: of one alone that asks by itself, of many it is asked once
    found: dict[str, list[dict[str, Any]]] = {"case": [], "conversation": []}
    for entry in entries:
        for type in types_of(entry["chain"], entry["actor"], entry["action"], entry["detail"]):
            kind, _, id = entry["chain"].partition(":")
            told = {name: entry[name] for name in ("chain", "action", "at")} | {"entry": entry["number"]}
            number = (entry["detail"] or {}).get("number") if entry["action"] == "message" else None
            found[kind].append({**told, "id": new_id(), "type": type, "of": id, "message": number})
    for kind, rows in found.items():
        if rows:
            tx.execute(_NOTE[kind], rows)


_ANY: Final = sa.select(webhooks.c.id).where(STANDING).limit(1)
_GIVEN: Final = ("id", "type", "chain", "entry", "action", "at", "message")
_FOUND: Final = ("case_id", "reference", "status", "version", "conversation_id", "channel")
_WANTED: Final = sa.select(webhooks.c.id).where(STANDING).exists()


def _note(*found: Any, of: Any) -> Any:
    given = [sa.bindparam(name, type_=happenings.c[name].type).label(name) for name in _GIVEN]
    shown = [one.label(name) for name, one in zip(_FOUND, found, strict=True)]
    return sa.insert(happenings).from_select([*_GIVEN, *_FOUND], of(sa.select(*given, *shown)))


def _nothing(name: str) -> Any:
    return sa.cast(sa.null(), happenings.c[name].type)


_NOTE: Final = {
    "case": _note(
        cases.c.id,
        cases.c.reference,
        cases.c.status,
        cases.c.version,
        _nothing("conversation_id"),
        cases.c.channel,
        of=lambda chosen: chosen.where(cases.c.id == sa.bindparam("of"), cases.c.reference.is_not(None), _WANTED),
    ),
    "conversation": _note(
        cases.c.id,
        cases.c.reference,
        _nothing("status"),
        _nothing("version"),
        conversations.c.id,
        conversations.c.channel,
        of=lambda chosen: chosen.select_from(
            conversations.outerjoin(
                cases, sa.and_(cases.c.id == conversations.c.case_id, cases.c.reference.is_not(None))
            )
        ).where(conversations.c.id == sa.bindparam("of"), _WANTED),
    ),
}
