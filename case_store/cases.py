"""Cases: drafts, their filing under a reference number, every later change.

Units over a transaction. Every change raises the record's `version` and is written to the case's audit chain. Fields that an
agent has corrected are left alone by the dialogue from then on.

Not here: whom it may be told to (contacts.py), when a case is filed and what date it promises (gateway), finding cases by words (search.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit, corrections, duplicates, steps
from case_store.audit import GENESIS, NOTHING, Entry, Head, case_chain
from case_store.case_record import CaseRecord
from case_store.contacts import Contact, add_contact, kind_of_address
from case_store.ids import new_id
from case_store.records import FACT_NAMES, Category, Disposition, Draft, Facts, Judgement, Risk, Status
from case_store.reference import next_reference
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_conversations, cases

Row = Mapping[Any, Any]

OPEN: Final = (Status.FILED, Status.IN_PROGRESS, Status.WAITING_FOR_CUSTOMER)


class NoSuchCase(LookupError):
    """No case has this id or reference number."""


class Erased(Exception):
    """Only what proves it is kept: no word of anybody comes into it any more, nor a conversation."""


class LostUpdate(Exception):
    """Somebody else changed the record meanwhile. `current` is its version now."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the record has changed meanwhile: it is at version {current}")
        self.current = current


@dataclass(frozen=True, slots=True)
class Registration:
    """What filing gives a case beside its number: the dates it promises, by which policy, and who is responsible."""

    day: date
    feedback_due: date
    feedback_due_at: datetime
    policy_version: str
    calendar_gap: bool = False
    incomplete: bool = False
    assignee: str | None = None


def open_draft(
    tx: Transaction,
    *,
    conversation_id: str,
    channel: str,
    account: str,
    language: str,
    received_at: datetime,
    customer: str | None,
    reason: str = "first_complaint",
    linked_by: str = "system",
    entered_at: datetime | None = None,
) -> str:
    """A draft case, linked to the conversation it began in."""
    id, now = new_id(), tx.now
    rows, head = audit.link(
        case_chain(id), Head(0, GENESIS), now, [_linked(conversation_id, linked_by=linked_by, reason=reason)]
    )
    tx.execute(
        _OPEN,
        {
            "id": id,
            "status": Status.DRAFT,
            "category": Category.OTHER,
            "risk": Risk.MINOR,
            "disposition": Disposition.INVESTIGATE,
            "channel": channel,
            "account": account,
            "language": language,
            "facts": Facts().to_json(),
            "words": {},
            "evidence": {},
            "declined": [],
            "corrected": [],
            "merged_from": [],
            "customer": customer,
            "received_at": received_at,
            "entered_at": entered_at,
            "created_at": now,
            "updated_at": now,
            "audit_number": head.number,
            "audit_hash": head.hash,
        },
    )
    _link(tx, id, conversation_id, linked_by=linked_by, reason=reason)
    audit.add_events(tx, rows)
    return id


def link_conversation(tx: Transaction, case_id: str, conversation_id: str, *, linked_by: str, reason: str) -> bool:
    """Links a case and a conversation, saying who did and why. False if they were linked already. Raises Erased."""
    if tx.execute(_ARE_LINKED, {"of": case_id, "to": conversation_id}).first() is not None:
        return False
    _check_kept(_locked(tx, case_id))
    _link(tx, case_id, conversation_id, linked_by=linked_by, reason=reason)
    audit.append(tx, case_chain(case_id), _linked(conversation_id, linked_by=linked_by, reason=reason))
    return True


def _link(tx: Transaction, case_id: str, conversation_id: str, *, linked_by: str, reason: str) -> None:
    row = {"case_id": case_id, "conversation_id": conversation_id, "linked_by": linked_by, "reason": reason}
    tx.execute(_LINK, {**row, "at": tx.now})


def _linked(conversation_id: str, *, linked_by: str, reason: str) -> Entry:
    return Entry(linked_by, "linked", {"conversation": conversation_id, "reason": reason})


def save_draft(tx: Transaction, case_id: str, draft: Draft, judgement: Judgement | None, language: str) -> bool:
    """What the dialogue knows now goes into the record, except where an agent has spoken. False if nothing changed. Raises Erased."""
    row = _locked(tx, case_id)
    _check_kept(row)
    corrected = set(row["corrected"])
    facts = draft.facts.to_json()
    for name in corrected & set(FACT_NAMES):
        facts[name] = row["facts"].get(name)
    new: dict[str, Any] = {
        "facts": facts,
        "words": {name: said for name, said in draft.words.items() if name not in corrected},
        "evidence": dict(draft.evidence),
        "declined": sorted(draft.declined - corrected),
        "language": language,
        "customer": (facts["name"] or row["customer"] or "")[:200] or None,
    }
    if judgement is not None:
        heard = judgement if row["judgement"] is None else judgement.after(Judgement.from_json(row["judgement"]))
        new["judgement"] = heard.to_json()
        new["category"] = judgement.category.value
        new["risk"] = judgement.risk.value
        new["disposition"] = judgement.disposition.value
    new = {name: value for name, value in new.items() if name not in corrected}
    changed = {name: value for name, value in new.items() if corrections.plain(row[name]) != value}
    if not changed:
        return False
    if facts["contact"] and facts["contact"] != row["facts"].get("contact"):
        add_contact(tx, case_id, Contact(facts["contact"], kind_of_address(facts["contact"])))
    told: dict[str, Any] = {
        name: changed[name] for name in ("facts", "declined", "category", "risk", "disposition") if name in changed
    }
    found = _look_for_duplicates(tx, row, changed)
    _write(tx, row, changed, *([Entry("bot", "understood", told)] if told else ()), *found)
    return True


def file_case(tx: Transaction, case_id: str, registration: Registration, *, actor: str) -> str:
    """Registers the draft: number and dates. A case that has its number keeps it: filing twice changes nothing."""
    row = _locked(tx, case_id)
    if row["reference"] is not None:
        return str(row["reference"])
    reference = next_reference(tx, registration.day, case_id)
    changes = {
        "reference": reference,
        "status": Status.FILED.value,
        "registered_at": tx.now,
        "feedback_due": registration.feedback_due.isoformat(),
        "feedback_due_at": registration.feedback_due_at,
        "due_policy": registration.policy_version,
        "calendar_gap": registration.calendar_gap,
        "incomplete": registration.incomplete,
        "assignee": row["assignee"] or registration.assignee,
    }
    found = _look_for_duplicates(tx, row, changes)
    detail = {
        "reference": reference,
        "feedback_due": registration.feedback_due.isoformat(),
        "policy": registration.policy_version,
        "incomplete": registration.incomplete,
        "facts": row["facts"],
        "possible_duplicate_of": changes.get("possible_duplicate_of"),
    }
    _write(tx, row, changes, Entry(actor, "filed", detail), *found)
    return reference


def _look_for_duplicates(tx: Transaction, row: Row, changes: dict[str, Any]) -> list[Entry]:
    """Where a filed case's facts are new: who may have told the same, into `changes` and the trail.

    A case that a person has named as the duplicate stays named.
    """
    now = {**row, **changes}
    if now["reference"] is None or not ({"reference", "facts"} & set(changes)):
        return []
    before = row["possible_duplicate_of"]
    by_person = before is not None and before not in duplicates.references_of(tx, row["id"])
    found = duplicates.look(tx, now)
    changes["untraced"] = False
    if found.best != before and not by_person:
        changes["possible_duplicate_of"] = found.best
    return [Entry("system", "duplicate_suggested", {"case": reference}) for reference in found.references]


def change(
    tx: Transaction,
    case_id: str,
    changes: Mapping[str, Any],
    *,
    actor: str,
    version: int | None = None,
    beside: Mapping[str, Any] = NOTHING,
) -> CaseRecord:
    """Sets fields of the record for a person; `facts` is a mapping of the facts to change, values as in the contract.

    `beside`: what the trail keeps besides, such as of which act upon many this was a part.
    Raises LostUpdate if `version` is not the record's any more, ValueError for a field or value that can't be set.
    """
    row = _locked(tx, case_id)
    if version is not None and row["version"] != version:
        raise LostUpdate(row["version"])
    unknown = sorted(set(changes) - corrections.CORRECTABLE)
    if unknown:
        raise ValueError(
            f"can't be set here: {', '.join(unknown)}; these can: {', '.join(sorted(corrections.CORRECTABLE))}"
        )
    new, corrected = corrections.checked(row, changes)
    differing = {name: value for name, value in new.items() if corrections.plain(row[name]) != value}
    if differing:
        before = {name: corrections.plain(row[name]) for name in differing}
        contact = differing.get("facts", {}).get("contact")
        if contact and contact != row["facts"].get("contact"):  # a change of another fact vouches for nothing
            add_contact(tx, case_id, Contact(contact, kind_of_address(contact), "agent"))
        if "facts" in differing:
            differing["customer"] = differing["facts"]["name"] or row["customer"]
            differing["words"] = {k: v for k, v in row["words"].items() if k not in corrected}
        told = {name: {"from": before[name], "to": new[name]} for name in before}
        differing["corrected"] = sorted({*row["corrected"], *corrected})
        found = _look_for_duplicates(tx, row, differing)
        _write(tx, row, differing, Entry(actor, "changed", {**told, **beside}), *found)
    return get(tx, case_id)


def confirm(tx: Transaction, case_id: str, facts: Iterable[str], *, actor: str) -> None:
    """The customer has confirmed these facts: nothing is in doubt about them any more, and the dialogue leaves them alone."""
    names = corrections.fact_names(facts)
    row = _locked(tx, case_id)
    if not names:
        return
    doubts = {f"{name}.confidence" for name in names}
    changes = {
        "evidence": {name: words for name, words in row["evidence"].items() if name not in doubts},
        "corrected": sorted({*row["corrected"], *names}),
    }
    _write(tx, row, changes, Entry(actor, "confirmed_facts", {"facts": sorted(names)}))


def note(tx: Transaction, case_id: str, text: str, *, actor: str) -> CaseRecord:
    """Records what a person tells the customer. It makes a new version, so that each note is an occasion of its own."""
    row = _locked(tx, case_id)
    _write(tx, row, {}, Entry(actor, "noted", {"note": text}))
    return get(tx, case_id)


def heard_more(tx: Transaction, case_id: str) -> None:
    """More was said about a case: it is to be found by those words too."""
    tx.execute(sa.update(cases).where(cases.c.id == case_id).values(unindexed=True))


def withdraw(tx: Transaction, case_id: str, *, actor: str, detail: Mapping[str, Any] | None = None) -> bool:
    """The customer takes the complaint back: the procedure ends that day, the record stays. False if it was before."""
    row = _locked(tx, case_id)
    if row["status"] == Status.WITHDRAWN:
        return False
    told = {"from": row["status"], **(detail or {})}
    _write(tx, row, {"status": Status.WITHDRAWN.value}, Entry(actor, "withdrawn", told))
    return True


def note_change(tx: Transaction, case_id: str, entry: Entry, *, version: int | None = None, **values: Any) -> None:
    """A change beside the facts: a new version of the record, its audit event, and these columns of the row.

    Raises LostUpdate if `version` is given and is not the record's any more.
    """
    row = _locked(tx, case_id)
    if version is not None and row["version"] != version:
        raise LostUpdate(row["version"])
    _write(tx, row, values, entry)


def locked_together(tx: Transaction, ids: Sequence[str]) -> dict[str, Row]:
    """Rows under lock, by id; taken in one order, so that two who lock several can't wait for each other."""
    return {row["id"]: row for row in tx.execute(_LOCKED_TOGETHER, {"these": list(ids)}).mappings()}


def lock(tx: Transaction, case_id: str) -> None:
    """Nobody else changes the case before this transaction ends. Raises NoSuchCase."""
    _locked(tx, case_id)


def get(tx: Transaction, key: str) -> CaseRecord:
    """By id or reference number. Raises NoSuchCase."""
    return records(tx, [_row(tx, key)])[0]


def glance(tx: Transaction, key: str) -> CaseRecord:
    """Like `get`, without the case's conversations and contacts: one query instead of three."""
    return CaseRecord.of(_row(tx, key), (), ())


def of_ids(tx: Transaction, ids: Sequence[str]) -> list[CaseRecord]:
    """Those that there are, in this order, however many in three queries."""
    if not ids:
        return []
    rows = {row["id"]: row for row in tx.execute(_OF_IDS, {"these": list(ids)}).mappings()}
    return records(tx, [rows[id] for id in ids if id in rows])


def _row(tx: Transaction, key: str) -> Row:
    row = tx.execute(_BY_REFERENCE if "-" in key else _BY_ID, {"key": key}).mappings().one_or_none()
    if row is None:
        raise NoSuchCase(key)
    return row


def _locked(tx: Transaction, case_id: str) -> Row:
    row = tx.execute(_LOCKED, {"key": case_id}).mappings().one_or_none()
    if row is None:
        raise NoSuchCase(case_id)
    return row


def _check_kept(row: Row) -> None:
    if row["erased_at"] is not None:
        raise Erased(row["id"])


def _write(tx: Transaction, row: Row, changes: Mapping[str, Any], *entries: Entry) -> None:
    """Changes a locked row and continues its audit chain from the head that stands in it: two statements."""
    version = row["version"] + 1
    head = Head(row["audit_number"], row["audit_hash"] or GENESIS)
    events, head = audit.link(case_chain(row["id"]), head, tx.now, entries)
    moved_on = {"version": version, "updated_at": tx.now, "unindexed": True}
    chained = {"audit_number": head.number, "audit_hash": head.hash}
    tx.execute(_CHANGE, {"key": row["id"], **changes, **moved_on, **chained})
    audit.add_events(tx, events)
    steps.note(tx, row, changes, head.number)
    tx.wake("case", row["id"], version=version)


# Statements of the hot paths are built once: building one costs several times what running it does.
_KEY: Final[sa.BindParameter[str]] = sa.bindparam("key")
_OPEN: Final = sa.insert(cases)
_BY_ID: Final = sa.select(cases).where(cases.c.id == _KEY)
_BY_REFERENCE: Final = sa.select(cases).where(cases.c.reference == _KEY)
_LOCKED: Final = _BY_ID.with_for_update()
_LOCKED_TOGETHER: Final = (
    sa.select(cases).where(cases.c.id.in_(sa.bindparam("these", expanding=True))).order_by(cases.c.id).with_for_update()
)
_CHANGE: Final = sa.update(cases).where(cases.c.id == _KEY)
_LINK: Final = sa.insert(case_conversations)
_ARE_LINKED: Final = sa.select(case_conversations.c.case_id).where(
    case_conversations.c.case_id == sa.bindparam("of"), case_conversations.c.conversation_id == sa.bindparam("to")
)


def open_ones(tx: Transaction, limit: int) -> list[CaseRecord]:
    """Cases that somebody works on, last changed first."""
    c = cases.c
    found = sa.select(cases).where(c.status.in_(OPEN)).order_by(c.updated_at.desc(), c.id.desc()).limit(limit)
    return records(tx, tx.execute(found).mappings().all())


def of_conversations(tx: Transaction, conversation_ids: Sequence[str]) -> dict[str, list[CaseRecord]]:
    """The cases of which each of these conversations may be told, the longest linked first: no link that is withheld.

    What was merged into another is told of as that.
    """
    if not conversation_ids:
        return {}
    linked = list(tx.execute(_OF_CONVERSATIONS, {"these": list(conversation_ids)}).mappings())
    by_id = {record.id: record for record in records(tx, linked)}
    grouped: dict[str, list[CaseRecord]] = {}
    for row in linked:
        grouped.setdefault(row["of"], []).append(by_id[row["id"]])
    return grouped


def records(tx: Transaction, rows: Sequence[Row]) -> list[CaseRecord]:
    """Rows of `cases` as records, with their conversations and contacts: two queries for all of them."""
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    linked, contacts = _grouped(tx, _LINKED_TO, ids), _grouped(tx, _CONTACTS_OF, ids)
    return [CaseRecord.of(row, linked.get(row["id"], ()), contacts.get(row["id"], ())) for row in rows]


def _grouped(tx: Transaction, pairs: Any, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, tuple[str, ...]] = {}
    for row in tx.execute(pairs, {"these": list(ids)}):
        grouped[row.key] = (*grouped.get(row.key, ()), row.value)
    return grouped


_THESE: Final[sa.BindParameter[Any]] = sa.bindparam("these", expanding=True)
_OF_IDS: Final = sa.select(cases).where(cases.c.id.in_(_THESE))
_OF_CONVERSATIONS: Final = (
    sa.select(case_conversations.c.conversation_id.label("of"), cases)
    .join(cases, cases.c.id == case_conversations.c.case_id)
    .where(case_conversations.c.conversation_id.in_(_THESE), case_conversations.c.withheld_at.is_(None))
    .where(cases.c.merged_into.is_(None))
    .order_by(case_conversations.c.at, case_conversations.c.case_id)
)
_LINKED_TO: Final = (
    sa.select(case_conversations.c.case_id.label("key"), case_conversations.c.conversation_id.label("value"))
    .where(case_conversations.c.case_id.in_(_THESE))
    .order_by(case_conversations.c.at)
)
_CONTACTS_OF: Final = (
    sa.select(case_contacts.c.case_id.label("key"), case_contacts.c.address.label("value"))
    .where(case_contacts.c.case_id.in_(_THESE))
    .order_by(case_contacts.c.at)
)
