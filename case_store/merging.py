"""An agent's word that a case is dealt with under another of the same customer, and taking the two apart again.

Nothing of the merged case goes: its record, number, facts, chain and messages stay as they are, and what its messages name. Its
conversations get links to the case it went into and are about that from now on; its contacts, its open tasks and the earlier of both dates go
with them. What was moved, and what stood before, is kept beside the merge, so that it can be undone.

Not here: what may be merged (merge_rules.py), following a merged case (merged.py), dates, clocks, words and whom it is told to (gateway/merging.py).

MergeError              `code` for programs, the text for people
├── NotMerged           there is nothing to take apart
├── CannotMerge         a rule speaks against it (merge_rules.py)
└── CannotTakeApart     it would not be true any more
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from case_store import (
    cases,
    contacts,
    conversations,
    duplicates,
    following,
    links,
    papers,
)
from case_store import tasks as open_tasks
from case_store.audit import Entry
from case_store.case_record import CaseRecord
from case_store.cases import OPEN, LostUpdate
from case_store.conversations import Row
from case_store.duplicates import SAME, pair_of
from case_store.merge_rows import (
    Merge,
    active_into,
    change_before,
    due_of,
    earliest,
    gravest,
    keep,
    shown_due,
    standing,
    stored_due,
    undo,
)
from case_store.merge_rules import MergeError, refusal
from case_store.records import Sender, Status
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_conversations, case_duplicates
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_conversations import messages
from case_store.tables_outbox import tasks, timers

REASON: Final = "merged"  # of links
DEADLINES: Final = ("feedback_warning", "feedback_urgent", "feedback_overdue")
"""What there is to look at of a date that holds no more."""
Remember = Callable[[Row], Mapping[str, Any]]
"""What the dialogue remembers of a conversation that is about another case now."""


class NotMerged(MergeError):
    def __init__(self) -> None:
        super().__init__("not_merged", "this case is dealt with under its own number: there is nothing to take apart")


class CannotTakeApart(MergeError):
    pass


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which case goes into which, by whom and why, and the versions of both records that were looked at."""

    case_id: str
    into_id: str
    by: str
    reason: str
    version: int
    into_version: int


@dataclass(frozen=True, slots=True)
class Done:
    """Both records as they are after it. `id` is the merge's; `earlier`: the date of the case that goes on has changed."""

    id: str
    case: CaseRecord
    into: CaseRecord
    earlier: bool


# merging ------------------------------------------------------------------------------------------------------------


def merge(tx: Transaction, wanted: Wanted, remember: Remember) -> Done:
    """The case is dealt with under the other from now on. Raises CannotMerge, cases.LostUpdate, cases.NoSuchCase."""
    rows = _locked(tx, wanted.case_id, wanted.into_id)
    case, into = cases.get(tx, wanted.case_id), cases.get(tx, wanted.into_id)
    wrong = refusal(tx, case, into)
    if wrong is not None:
        raise wrong
    for record, version in ((case, wanted.version), (into, wanted.into_version)):
        if record.version != version:
            raise LostUpdate(record.version)
    before = {
        "status": case.status.value,
        "duplicate_of": case.possible_duplicate_of,
        "into": {
            "due": stored_due(into),
            "risk": into.risk.value,
            "corrected": "risk" in into.corrected,
            "duplicate_of": into.possible_duplicate_of,
        },
        "pair": _pair(tx, case, into, wanted),
        **_move_conversations(tx, case, into, rows, wanted, remember),
        **_move_contacts(tx, case, into),
        **_move_tasks(tx, case, into, wanted.by),
        "timers": _stop_timers(tx, case.id),
    }
    following.carry_on(tx, case.id, into.id)
    id = keep(tx, wanted.case_id, wanted.into_id, wanted.reason, wanted.by, before)
    earlier = _write(tx, case, into, wanted, {name: before[name] for name in ("contacts", "proved", "postal", "tasks")})
    return Done(id, cases.get(tx, case.id), cases.get(tx, into.id), earlier)


def _locked(tx: Transaction, *case_ids: str) -> dict[str, Row]:
    """Both cases under lock with their conversations: those first, as every turn and every mail takes its locks."""
    rows = conversations.locked_together(tx, _linked(tx, case_ids))
    for id in sorted(case_ids):
        cases.lock(tx, id)
    for id in set(_linked(tx, case_ids)) - set(rows):  # linked while we waited: nobody links another now
        rows[id] = conversations.locked(tx, id)
    return rows


def _linked(tx: Transaction, case_ids: Sequence[str]) -> list[str]:
    link = case_conversations.c
    found = sa.select(link.conversation_id).where(link.case_id.in_(case_ids)).distinct()
    return sorted(tx.execute(found).scalars())


def _pair(tx: Transaction, case: CaseRecord, into: CaseRecord, wanted: Wanted) -> Mapping[str, Any] | None:
    """That the two are one matter; answers what was said of them before. A draft is in no pair."""
    if case.reference is None:
        return None
    row = duplicates.of_case(tx, case.id).get(into.id)
    known = None if row is None else {name: row[name] for name in ("state", "decided_by", "reason")}
    if row is not None:
        known["suggested_at"] = row["suggested_at"] and row["suggested_at"].isoformat()  # type: ignore[index]
        known["decided_at"] = row["decided_at"] and row["decided_at"].isoformat()  # type: ignore[index]
    said = {"state": SAME, "decided_by": wanted.by[:200], "decided_at": tx.now, "reason": wanted.reason}
    _set_pair(tx, case.id, into.id, said)
    return known


def _set_pair(tx: Transaction, one: str, other: str, said: Mapping[str, Any]) -> None:
    pair, c = pair_of(one, other), case_duplicates.c
    here = (c.case_id == pair["case_id"], c.other_id == pair["other_id"])
    if not tx.execute(sa.update(case_duplicates).where(*here).values(**said)).rowcount:
        tx.execute(sa.insert(case_duplicates).values(**pair, **said))


def _move_conversations(
    tx: Transaction, case: CaseRecord, into: CaseRecord, rows: Mapping[str, Row], wanted: Wanted, remember: Remember
) -> dict[str, Any]:
    """Links, and what each conversation is about; a turn that is under way knows the old case and is thrown away."""
    linked, about, states = [], [], {}
    for id in case.conversations:
        row = rows[id]
        if cases.link_conversation(tx, into.id, id, linked_by=wanted.by[:80], reason=REASON):
            linked.append(id)
        values: dict[str, Any] = {}
        if row["case_id"] == case.id:
            about.append(id)
            states[id] = row["state"]
            values = {"case_id": into.id, "state": dict(remember(row)), "quiet_at": None, **_begun_again(tx, row)}
        detail = {"case": into.reference, "from": _name(case), "reason": wanted.reason}
        conversations.add_messages(tx, row, [], values=values, entries=[Entry(wanted.by, "merged_into", detail)])
        if values and row["speak_at"] is not None:
            tx.wake("turn", id, at=values.get("speak_at", row["speak_at"]))
    return {"linked": linked, "about": about, "states": states if case.status is Status.DRAFT else {}}


def _begun_again(tx: Transaction, row: Row) -> dict[str, Any]:
    """A turn that is under way is thrown away and begins at once, not when its lease would have ended."""
    return {"lease": None, "speak_at": tx.now} if row["lease"] is not None else {}


def _move_contacts(tx: Transaction, case: CaseRecord, into: CaseRecord) -> dict[str, Any]:
    """The customer is reached under the one number wherever they were reached before: ways to write, to call, to post."""
    known = {address: proof for address, _, proof, _ in contacts.contacts_of(tx, into.id)}
    added, proved = [], []
    for address, kind, proof, bounced_at in contacts.contacts_of(tx, case.id):
        if address not in known:
            row = {"case_id": into.id, "address": address, "kind": kind, "proof": proof, "bounced_at": bounced_at}
            tx.execute(sa.insert(case_contacts).values(**row, at=tx.now))
            added.append(address)
        elif known[address] is None and proof is not None:
            contacts.prove(tx, into.id, address, proof)
            proved.append(address)
    posted = papers.postal_addresses(tx, [case.id, into.id])
    postal = case.id in posted and into.id not in posted
    if postal:
        papers.keep(tx, into.id, postal_address=posted[case.id])
    return {"contacts": added, "proved": proved, "postal": postal}


def _move_tasks(tx: Transaction, case: CaseRecord, into: CaseRecord, by: str) -> dict[str, Any]:
    """What is to be done goes on under the other case; a date that holds no more is looked at by nobody."""
    due = [one for one in open_tasks.open_of(tx, case.id) if one.kind == "look" and one.words in DEADLINES]
    open_tasks.close_about(tx, case.id, dict.fromkeys(DEADLINES, REASON), actor=by)
    moved = [one.id for one in open_tasks.open_of(tx, case.id)]
    _give_tasks(tx, moved, into.id)
    return {"tasks": moved, "closed": [one.id for one in due]}


def _give_tasks(tx: Transaction, ids: Sequence[str], case_id: str) -> None:
    if ids:
        given = sa.update(tasks).where(tasks.c.id.in_(ids), tasks.c.done_at.is_(None)).values(case_id=case_id)
        for id in sorted(tx.execute(given.returning(tasks.c.id)).scalars()):
            tx.wake("task", id)


def _stop_timers(tx: Transaction, case_id: str) -> dict[str, str]:
    """No clock of the case runs any more; answers those that did."""
    t = timers.c
    ran = tx.execute(sa.select(t.key, t.due_at).where(t.subject == case_id, t.due_at.is_not(None)).with_for_update())
    found = {row.key: row.due_at.isoformat() for row in ran}
    tx.execute(sa.update(timers).where(t.subject == case_id).values(due_at=None, lease=None))
    return found


def _write(tx: Transaction, case: CaseRecord, into: CaseRecord, wanted: Wanted, moved: Mapping[str, Any]) -> bool:
    """Both records. The customer loses nothing by it: the earlier of both dates holds, and the graver risk.

    `moved`: what came over with it, for the chain: addresses, what was proved, the postal address, tasks.
    """
    came = [_name(case), *case.merged_from]
    values: dict[str, Any] = {"merged_from": [*into.merged_from, *came]}
    told: dict[str, Any] = {
        "case": _name(case),
        "reason": wanted.reason,
        "moved": {k: v for k, v in moved.items() if v},
    }
    due = earliest([due_of(into), due_of(case)])
    if due != due_of(into):
        values |= due
        told["feedback_due"] = {"from": shown_due(into), "to": due["feedback_due"]}
    risk = gravest([into.risk, case.risk])
    if risk is not into.risk:  # and no later turn of the dialogue lowers it again
        values |= {"risk": risk.value, "corrected": sorted({*into.corrected, "risk"})}
        told["risk"] = {"from": into.risk.value, "to": risk.value}
    if into.possible_duplicate_of in came:
        values["possible_duplicate_of"] = None
    detail = {"case": into.reference, "reason": wanted.reason, "status": case.status.value}
    entries = {case.id: Entry(wanted.by, "merged_into", detail), into.id: Entry(wanted.by, "merged", told)}
    changed = {case.id: {"status": Status.CLOSED.value, "merged_into": into.reference}, into.id: values}
    for id in (case.id, into.id):
        cases.note_change(tx, id, entries[id], **changed[id])
    return "feedback_due" in values


def _name(case: CaseRecord) -> str:
    """By what it can be opened: its number, or its id where it never had one."""
    return case.reference or case.id


# taking apart -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Apart:
    """A case that goes its own way again. `messages`, as (conversation, number), came meanwhile and belong to it all the same."""

    case_id: str
    by: str
    reason: str
    messages: tuple[tuple[str, int], ...] = ()


def take_apart(tx: Transaction, apart: Apart, silence: timedelta) -> Done:
    """The case is what it was before it was merged. What came in meanwhile stays where it came, but for the messages that are named.

    `silence`: after which a draft is filed as it is. Raises NotMerged, CannotTakeApart, cases.NoSuchCase.
    """
    done = standing(tx, apart.case_id)
    if done is None:
        cases.get(tx, apart.case_id)
        raise NotMerged
    rows = _locked(tx, done.case_id, done.into_id)
    case, into = cases.get(tx, done.case_id), cases.get(tx, done.into_id)
    if case.merged_into is None:
        raise NotMerged
    _check_truth(tx, into)
    _name_messages(tx, apart, case, into, rows)
    _part_conversations(tx, apart, done, case, into, rows, silence)
    _part_contacts(tx, done, case, into)
    _give_tasks(tx, done.before["tasks"], case.id)
    _open_again(tx, done.before["closed"])
    _start_timers(tx, done)
    _restore_pair(tx, done, case, into)
    earlier = _write_apart(tx, apart, done, case, into)
    undo(tx, done.id, by=apart.by, reason=apart.reason)
    return Done(done.id, cases.get(tx, case.id), cases.get(tx, into.id), earlier)


def _check_truth(tx: Transaction, into: CaseRecord) -> None:
    if into.merged_into is not None:
        detail = f"{into.reference} was merged into {into.merged_into} meanwhile: take that apart first"
        raise CannotTakeApart("merged_further", detail)
    if into.status not in OPEN:
        detail = f"{into.reference} is {into.status.value} by now, and its customer was told so of both"
        raise CannotTakeApart("finished_meanwhile", detail)
    if into.mandate is not None or papers.papers_of(tx, into.id).members or links.withheld(tx, into.id):
        detail = "who may be told of it was decided anew meanwhile: taken apart, the other case would tell whom it told before"
        raise CannotTakeApart("decided_meanwhile", detail)


def _name_messages(tx: Transaction, apart: Apart, case: CaseRecord, into: CaseRecord, rows: Mapping[str, Row]) -> None:
    """What came under the other number and tells this matter names this case from now on."""
    by_conversation: dict[str, list[int]] = {}
    for id, number in apart.messages:
        by_conversation.setdefault(id, []).append(number)
    m = messages.c
    for id, numbers in by_conversation.items():
        here = (m.conversation_id == id, m.number.in_(numbers), m.case_id == into.id, m.sender == Sender.CUSTOMER.value)
        found = set(tx.execute(sa.select(m.number).where(*here)).scalars()) if id in rows else set()
        if found != set(numbers):
            missing = ", ".join(str(number) for number in sorted(set(numbers) - found))
            raise CannotTakeApart("not_its_message", f"no message of the customer's on {into.reference}: {missing}")
        tx.execute(sa.update(messages).where(*here).values(case_id=case.id))
        cases.link_conversation(tx, case.id, id, linked_by=apart.by[:80], reason="unmerged")


def _part_conversations(
    tx: Transaction,
    apart: Apart,
    done: Merge,
    case: CaseRecord,
    into: CaseRecord,
    rows: Mapping[str, Row],
    silence: timedelta,
) -> None:
    named, told_in = {id for id, _ in apart.messages}, links.told_in(tx, into.id)
    for id in sorted({*done.before["linked"], *done.before["about"], *named}):
        row = rows.get(id) or conversations.locked(tx, id)
        if id in done.before["linked"] and id in told_in and not _speaks_of(tx, id, into.id):
            links.unlink(tx, into.id, id, by=apart.by, reason="unmerged")
        values: dict[str, Any] = {}
        if id in done.before["about"] and row["case_id"] == into.id:
            values = {"case_id": case.id, **_begun_again(tx, row)}
            if id in done.before["states"]:  # a draft is asked about, and filed by silence, as before
                values |= {"state": done.before["states"][id], "quiet_at": tx.now + silence}
        detail = {"case": _name(case), "from": into.reference, "reason": apart.reason}
        conversations.add_messages(tx, row, [], values=values, entries=[Entry(apart.by, "unmerged", detail)])
        if values and row["speak_at"] is not None:
            tx.wake("turn", id, at=values.get("speak_at", row["speak_at"]))


def _speaks_of(tx: Transaction, conversation_id: str, case_id: str) -> bool:
    """Whether people have spoken of this case here; what the house says by itself is no such thing."""
    m = messages.c
    said = sa.select(m.number).where(m.conversation_id == conversation_id, m.case_id == case_id)
    people = m.sender.in_((Sender.CUSTOMER.value, Sender.AGENT.value))
    return tx.execute(said.where(people).limit(1)).first() is not None


def _part_contacts(tx: Transaction, done: Merge, case: CaseRecord, into: CaseRecord) -> None:
    """The other case knows no address any more that it has only from this one; one from which they have written to it stays."""
    k, c, link = case_contacts.c, conversation_rows.c, case_conversations.c
    held = (
        sa.select(c.address)
        .join(case_conversations, link.conversation_id == c.id)
        .where(link.case_id == into.id, c.address.is_not(None))
    )
    stays = set(tx.execute(held).scalars())
    here = {address: proof for address, _, proof, _ in contacts.contacts_of(tx, case.id)}
    for address, _, proof, _ in contacts.contacts_of(tx, into.id):
        if address in stays or proof != here.get(address):
            continue  # it was proved there by itself
        if address in done.before["contacts"]:
            contacts.remove(tx, into.id, address)
        elif address in done.before["proved"]:
            where = (k.case_id == into.id, k.address == address)
            tx.execute(sa.update(case_contacts).where(*where).values(proof=None))
    posted = papers.postal_addresses(tx, [case.id, into.id])
    if done.before["postal"] and posted.get(case.id) == posted.get(into.id):
        papers.keep(tx, into.id, postal_address=None)


def _open_again(tx: Transaction, ids: Sequence[str]) -> None:
    if ids:
        again = {"done_at": None, "done_by": None, "note": None, "how": None, "happened_at": None}
        closed = sa.update(tasks).where(tasks.c.id.in_(ids), tasks.c.how == REASON).values(**again)
        for id in sorted(tx.execute(closed.returning(tasks.c.id)).scalars()):
            tx.wake("task", id)


def _start_timers(tx: Transaction, done: Merge) -> None:
    """The clocks go on; what they would have told meanwhile they tell now."""
    for key, moment in done.before["timers"].items():
        at = done.moment(moment)
        tx.execute(sa.update(timers).where(timers.c.key == key).values(due_at=at))
        tx.wake("timer", key, at=at)


def _restore_pair(tx: Transaction, done: Merge, case: CaseRecord, into: CaseRecord) -> None:
    known = done.before["pair"]
    said = duplicates.of_case(tx, case.id).get(into.id) if case.reference is not None else None
    if said is None or (said["state"], said["decided_at"]) != (SAME, done.merged_at):
        return  # somebody has decided about the two since
    if known is not None:
        times = {name: done.moment(known[name]) for name in ("suggested_at", "decided_at")}
        _set_pair(tx, case.id, into.id, {**known, **times})
        return
    pair, c = pair_of(case.id, into.id), case_duplicates.c
    here = (c.case_id == pair["case_id"], c.other_id == pair["other_id"])
    tx.execute(sa.delete(case_duplicates).where(*here))


def _write_apart(tx: Transaction, apart: Apart, done: Merge, case: CaseRecord, into: CaseRecord) -> bool:
    """Both records as they would be without this merge; what somebody has changed since stays as they changed it."""
    gone = {_name(case), *case.merged_from}
    values: dict[str, Any] = {"merged_from": [name for name in into.merged_from if name not in gone]}
    told: dict[str, Any] = {"case": _name(case), "reason": apart.reason}
    others = [cases.get(tx, one.case_id) for one in active_into(tx, into.id) if one.id != done.id]
    base = active_into(tx, into.id)[0].before["into"]
    own, risk = _read_due(done, base["due"]), base["risk"]
    if into.feedback_due_at == earliest([own, due_of(case), *map(due_of, others)])["feedback_due_at"]:
        due = earliest([own, *map(due_of, others)])
        if due != due_of(into):
            values |= due
            told["feedback_due"] = {"from": shown_due(into), "to": due["feedback_due"]}
    graver = gravest([type(into.risk)(risk), *(one.risk for one in others)])
    if into.risk is gravest([graver, case.risk]) and graver is not into.risk:
        values |= {"risk": graver.value}
        if graver.value == risk and not base["corrected"]:  # by itself it is judged on by what is said
            values["corrected"] = [name for name in into.corrected if name != "risk"]
        told["risk"] = {"from": into.risk.value, "to": graver.value}
    if into.possible_duplicate_of is None and done.before["into"]["duplicate_of"] in gone:
        values["possible_duplicate_of"] = done.before["into"]["duplicate_of"]
    _hand_on_base(tx, done, into.id, base)
    detail = {"case": into.reference, "reason": apart.reason, "status": done.before["status"]}
    own_values = {"status": done.before["status"], "merged_into": None}
    own_values["possible_duplicate_of"] = done.before["duplicate_of"]
    cases.note_change(tx, case.id, Entry(apart.by, "unmerged", detail), **own_values)
    cases.note_change(tx, into.id, Entry(apart.by, "unmerged_from", told), **values)
    return "feedback_due" in values


def _read_due(done: Merge, kept: Mapping[str, Any]) -> dict[str, Any]:
    return {**kept, "feedback_due_at": done.moment(kept["feedback_due_at"])}


def _hand_on_base(tx: Transaction, done: Merge, into_id: str, base: Mapping[str, Any]) -> None:
    """What the other case promised by itself is known to the first merge that stays."""
    left = [one for one in active_into(tx, into_id) if one.id != done.id]
    if left and active_into(tx, into_id)[0].id == done.id:
        first = left[0]
        change_before(tx, first.id, {**first.before, "into": {**first.before["into"], **base}})
