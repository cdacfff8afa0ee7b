"""What is taken away when a case, a conversation or an original is erased, and what stays so that it can be proved to have been there.

Each is one unit: it is erased whole or not at all, and a second time changes nothing. Words, facts, names, addresses, files and the details of
the audit chains go; numbers, dates, category, risk, outcome, status, who of the house handled it, and the chains' digests stay. A
row of `erasures` and an entry `erased` in the chain certify it: the rule, how much of what, and the digests of the files.

A conversation in which another case goes on too keeps what was said about that one. A file goes after the commit, and only if no other
row names it (erasures.py); one that a kill leaves is found again there, or by the sweep.

Not here: whether something may be erased (retention.py, persons.py); what is known of addresses (forgetting.py); who deletes the files (gateway/erasing.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from case_store import drafts, notes, search
from case_store.audit import case_chain, conversation_chain
from case_store.calls import came_of_call
from case_store.certificates import ACTION, Taken, Why, certify, note
from case_store.forgetting import addresses_of, forget_addresses
from case_store.identities import chat_identity
from case_store.records import Facts, Owner
from case_store.slices import piece_by_piece, slices
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals, events, uploads
from case_store.tables_cases import case_contacts, case_conversations, case_duplicates, case_merges, case_traits, cases
from case_store.tables_conversations import attachments, calls, conversations, message_parts, messages
from case_store.tables_customers import codes
from case_store.tables_desk import case_followers
from case_store.tables_house import audit_events
from case_store.tables_outbox import deliveries, tasks, timers
from case_store.tables_papers import case_papers, case_parties, case_withdrawals, offer_answers, offers, settlements
from case_store.tables_quality import quality_editions, quality_sheets
from case_store.tables_retention import case_holds
from case_store.tables_webhooks import posting_attempts, postings

KEPT_DETAILS: Final = ("took_over", "assigned", "given_by_turn")
"""Actions whose details name our own people alone: figures count by them."""
_NO_WORDS: Final = ("language", "notice_shown")  # of what the dialogue remembers (dialogue/memory.py)
_GONE: Final = "erased:"  # what the occasion of an erased delivery or task begins with
_OTHERS: Final = "others"  # and what was told of other matters meanwhile


def erase_case(tx: Transaction, case_id: str, why: Why) -> Taken | None:
    """Erases a case with what was said about it. None if it was erased before. Locks it; whether it may be is the caller's look."""
    with _overwriting(tx):
        row = tx.execute(sa.select(cases).where(cases.c.id == case_id).with_for_update()).mappings().one()
        if row["erased_at"] is not None:
            return None
        taken, talks = Taken(), _conversations_of(tx, case_id)
        addresses = addresses_of(tx, case_id, talks)
        for id in talks:
            _erase_in_conversation(tx, id, case_id, why, taken)
        _erase_deliveries(tx, deliveries.c.case_id == case_id, taken)
        _erase_records(tx, case_id, taken)
        _empty_case(tx, row)
        search.forget(tx, case_id)
        certify(tx, "case", case_id, case_chain(case_id), why, taken)
        forget_addresses(tx, addresses, why)
        tx.wake("case", case_id, version=row["version"] + 1)
        return taken


def erase_conversation(tx: Transaction, id: str, why: Why) -> Taken | None:
    """Erases a conversation that no case needs. None if it was erased before."""
    with _overwriting(tx):
        row = tx.execute(sa.select(conversations).where(conversations.c.id == id).with_for_update()).mappings().one()
        if row["erased_at"] is not None:
            return None
        taken, addresses = Taken(), addresses_of(tx, None, [id])
        _erase_whole(tx, row, why, taken)
        forget_addresses(tx, addresses, why)
        return taken


def erase_arrival(tx: Transaction, id: str, why: Why) -> Taken | None:
    """Erases an original of which nothing came, or that could not be read. That it came stays, so that it isn't taken again."""
    with _overwriting(tx):
        a = arrivals.c
        content = sa.or_(a.raw.is_not(None), a.digest.is_not(None))
        there = sa.select(a.id).where(a.id == id, content, a.state.in_(("read", "parked"))).with_for_update()
        if tx.execute(there).first() is None:
            return None
        taken = Taken()
        _empty_arrivals(tx, [id], taken)
        note(tx, "arrival", id, why, taken, whole=True, upto=0)
        return taken


@contextmanager
def _overwriting(tx: Transaction) -> Iterator[None]:
    """SQLite leaves deleted words in its file until the place is needed, unless it is told to overwrite them."""
    if tx.postgresql:
        yield
        return
    tx.connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        tx.connection.exec_driver_sql("PRAGMA secure_delete = OFF")


def _conversations_of(tx: Transaction, case_id: str) -> list[str]:
    """In one order, as everybody locks them. Without those of which nobody knows whether they are this customer's."""
    c = case_conversations.c
    found = (
        sa.select(c.conversation_id).where(c.case_id == case_id, c.withheld_at.is_(None)).order_by(c.conversation_id)
    )
    return list(tx.execute(found).scalars())


def _erase_in_conversation(tx: Transaction, id: str, case_id: str, why: Why, taken: Taken) -> None:
    row = tx.execute(sa.select(conversations).where(conversations.c.id == id).with_for_update()).mappings().one()
    if row["erased_at"] is not None:
        return
    if not _goes_on_elsewhere(tx, id, case_id):
        _erase_whole(tx, row, why, taken)
        return
    m = messages.c
    about = sa.select(m.number).where(m.conversation_id == id, m.case_id == case_id)
    numbers = list(tx.execute(about.order_by(m.number)).scalars())
    _forget_in_row(tx, row, case_id, set(numbers))
    if not numbers:
        return
    here = Taken()
    _erase_messages(tx, id, numbers, here)
    told = _details_of_messages(tx, conversation_chain(id), set(numbers))
    here.counts["details"] += told
    certify(tx, "conversation", id, conversation_chain(id), why, here, whole=False, case=case_id)
    taken.add(here)


def _forget_in_row(tx: Transaction, row: Any, case_id: str, numbers: set[int]) -> None:
    """What the dialogue remembers of the case. A turn that is under way remembers it too: it is thrown away, and begins again at once."""
    state, edited = dict(row["state"]), dict(row["edited"] or {})
    if row["case_id"] == case_id:  # what is said next is about another
        left: dict[str, Any] = {"case_id": None, "quiet_at": None, "edited": None}
        left["state"] = {name: state[name] for name in _NO_WORDS if name in state}
    else:
        kept = {number: text for number, text in edited.items() if int(number) not in numbers}
        left = {"edited": kept or None, "state": {name: one for name, one in state.items() if name != _OTHERS}}
    changed = {name: value for name, value in left.items() if row[name] != value}
    if not changed:
        return
    if row["lease"] is not None:
        changed |= {"lease": None, "speak_at": tx.now}
    changed["version"] = row["version"] + 1
    tx.execute(sa.update(conversations).where(conversations.c.id == row["id"]).values(**changed))
    tx.wake("conversation", row["id"], version=changed["version"])
    if "lease" in changed:
        tx.wake("turn", row["id"])


def _goes_on_elsewhere(tx: Transaction, id: str, case_id: str) -> bool:
    """Whether another case that is not erased is told of here, or may be: a link that is withheld keeps it too."""
    linked = case_conversations.c
    found = (
        sa.select(linked.case_id)
        .join(cases, cases.c.id == linked.case_id)
        .where(linked.conversation_id == id, linked.case_id != case_id, cases.c.erased_at.is_(None))
        .limit(1)
    )
    return tx.execute(found).first() is not None


def _erase_whole(tx: Transaction, row: Any, why: Why, taken: Taken) -> None:
    id, here = row["id"], Taken()
    _erase_messages(tx, id, None, here)
    _erase_call(tx, id, here)
    c = codes.c
    tx.execute(sa.delete(codes).where(c.conversation_id == id))
    here.counts["drafts"] += drafts.erase(tx, id)
    here.counts["notes"] += notes.erase(tx, id)
    _erase_tasks(tx, tasks.c.conversation_id == id, here)
    tx.execute(sa.update(events).where(events.c.conversation_id == id).values(detail={}))
    theirs = uploads.c.owner == chat_identity(id)
    gone = tx.execute(sa.select(uploads.c.digest).where(theirs)).scalars()
    here.files |= {digest for digest in gone if digest}
    tx.execute(sa.delete(uploads).where(theirs, uploads.c.state != "open"))
    _forget_timers(tx, id)
    empty: dict[str, Any] = {
        **dict.fromkeys(("key", "customer", "address", "subject", "edited", "case_id", "agent_id", "lease"), None),
        **dict.fromkeys(("speak_at", "speak_at_latest", "quiet_at", "snoozed_until"), None),
        **dict.fromkeys(("waiting_since", "waiting_reason", "announced_at", "unassigned"), None),
        "owner": Owner.BOT.value,
        "state": {},
        "urgent": False,
        "epoch": row["epoch"] + 1,  # a turn under way is thrown away
        "session_epoch": row["session_epoch"] + 1,  # and whoever holds the chat opens a new one
        "version": row["version"] + 1,
        "erased_at": tx.now,
    }
    tx.execute(sa.update(conversations).where(conversations.c.id == id).values(**empty))
    here.counts["conversations"] += 1
    here.counts["details"] += _details(tx, conversation_chain(id))
    certify(tx, "conversation", id, conversation_chain(id), why, here)
    tx.wake("conversation", id, version=row["version"] + 1)
    taken.add(here)


def _erase_messages(tx: Transaction, id: str, numbers: Sequence[int] | None, taken: Taken) -> None:
    """These messages of a conversation, or all, with what was attached and what they came in."""
    m, a, p = messages.c, attachments.c, message_parts.c
    these = piece_by_piece(m.number, numbers)
    came: set[str] = set()
    for chosen in these:
        found = sa.select(m.arrival_id, m.mail, m.edits).where(m.conversation_id == id, chosen)
        for row in tx.execute(found):
            came |= {row.arrival_id} - {None}
            taken.mention(row.mail, row.edits)
        mine = m.conversation_id == id, chosen
        gone = dict.fromkeys(("mail", "edits", "utterance", "asks", "choices", "choice", "response", "external_id"))
        # of our own people it stays who has answered: a customer's name goes
        name = sa.case((m.sender == "agent", m.name), else_=None)
        blank = sa.update(messages).where(*mine).values(text="", name=name, **gone)
        taken.counts["messages"] += tx.execute(blank).rowcount
    for chosen in piece_by_piece(a.message, numbers):
        found = sa.select(a.digest, a.preview, a.arrival_id).where(a.conversation_id == id, chosen)
        for row in tx.execute(found):
            came |= {row.arrival_id} - {None}
            taken.files |= {row.digest, row.preview} - {None}
        removed = tx.execute(sa.delete(attachments).where(a.conversation_id == id, chosen))
        taken.counts["attachments"] += removed.rowcount
    for chosen in piece_by_piece(p.message, numbers):
        tx.execute(sa.delete(message_parts).where(p.conversation_id == id, chosen))
    for chosen in piece_by_piece(deliveries.c.message, numbers):
        _erase_deliveries(tx, sa.and_(deliveries.c.conversation_id == id, chosen), taken)
    if numbers is None:
        _erase_deliveries(tx, deliveries.c.conversation_id == id, taken)
    _empty_arrivals(tx, _nobody_elses(tx, id, sorted(came)), taken)


def _nobody_elses(tx: Transaction, conversation_id: str, ids: Sequence[str]) -> list[str]:
    """Of these originals, those of which nothing is left: a mail that went into another conversation too is that one's."""
    left: set[str] = set()
    for some in slices(ids):
        became = tx.execute(sa.select(arrivals.c.id, arrivals.c.became).where(arrivals.c.id.in_(some)))
        places = {row.id: {conversation_id, *places_of(row.became)} for row in became}
        talks = sorted(set().union(*places.values())) if places else []
        m, a = messages.c, attachments.c
        # what was erased has neither of the three; a mail that brings only a picture has no words either
        stands = sa.or_(m.text != "", m.external_id.is_not(None), m.mail.is_not(None))
        said = sa.select(m.arrival_id).where(m.conversation_id.in_(talks), m.arrival_id.in_(some), stands)
        cut = sa.select(a.arrival_id).where(a.conversation_id.in_(talks), a.arrival_id.in_(some))
        left |= set(tx.execute(said).scalars()) | set(tx.execute(cut).scalars())
    return [id for id in ids if id not in left]


def places_of(became: Any) -> set[str]:
    """The conversations that an original went into."""
    return {str(one["conversation"]) for one in became or () if isinstance(one, dict) and one.get("conversation")}


def _empty_arrivals(tx: Transaction, ids: Collection[str], taken: Taken) -> None:
    """The bytes go and what the transport knew. Account and the peer's own id stay: the same must not be taken a second time."""
    a, these = arrivals.c, sorted(ids)
    for some in slices(these):
        for row in tx.execute(sa.select(a.digest, a.fetched, a.transport, a.became).where(a.id.in_(some))):
            taken.mention(row.digest, row.fetched, row.transport, row.became)
        empty: dict[str, Any] = {
            "raw": None,
            "digest": None,
            "fetched": None,
            "transport": {},
            "reason": None,
            "state": "read",
        }
        # a messenger's lane is the chat's own number
        emptied = tx.execute(
            sa.update(arrivals).where(a.id.in_(some)).values(**empty, due_at=None, lease=None, lane=None)
        )
        taken.counts["originals"] += emptied.rowcount
        tx.execute(sa.update(events).where(events.c.arrival_id.in_(some)).values(detail={}))


def _erase_call(tx: Transaction, id: str, taken: Taken) -> None:
    row = tx.execute(sa.select(calls).where(calls.c.conversation_id == id)).mappings().one_or_none()
    if row is None:
        return
    taken.mention(row["recording"], row["erasing"])
    _empty_arrivals(tx, [one.id for one in came_of_call(tx, row["source"], row["call"])], taken)
    gone = dict.fromkeys(("recording", "recording_type", "recording_size", "customer_number", "heard", "erasing"))
    blank: dict[str, Any] = {**gone, "speakers": {}, "why_speakers": "", "due_at": None, "silent_at": None}
    tx.execute(sa.update(calls).where(calls.c.conversation_id == id).values(**blank))
    taken.counts["calls"] += 1


def _erase_deliveries(tx: Transaction, which: sa.ColumnElement[bool], taken: Taken) -> None:
    d = deliveries.c
    found = list(tx.execute(sa.select(d.payload).where(which)).scalars())
    taken.mention(*found)
    blank: dict[str, Any] = {"address": "", "payload": {}, "error": None, "external_id": None, "due_at": None}
    blank["occasion"] = sa.literal(_GONE) + d.id  # it may have named the address
    done = tx.execute(sa.update(deliveries).where(which, ~d.occasion.startswith(_GONE)).values(**blank))
    taken.counts["deliveries"] += done.rowcount


def _erase_tasks(tx: Transaction, which: sa.ColumnElement[bool], taken: Taken) -> None:
    gone: dict[str, Any] = {"words": "", "note": None, "detail": None, "occasion": sa.literal(_GONE) + tasks.c.id}
    blank = sa.update(tasks).where(which, ~tasks.c.occasion.startswith(_GONE)).values(**gone)
    taken.counts["tasks"] += tx.execute(blank).rowcount


def _forget_timers(tx: Transaction, subject: str) -> None:
    tx.execute(sa.update(timers).where(timers.c.subject == subject).values(payload=None, due_at=None))


def _erase_records(tx: Transaction, case_id: str, taken: Taken) -> None:
    """All that stands beside the case's own row."""
    for table, name in ((case_contacts, "contacts"), (case_papers, "papers"), (case_parties, "parties")):
        taken.counts[name] += tx.execute(sa.delete(table).where(table.c.case_id == case_id)).rowcount
    lifted = sa.update(case_holds).where(case_holds.c.case_id == case_id)
    tx.execute(lifted.values(reason="", lifted_reason=sa.case((case_holds.c.lifted_at.is_not(None), ""), else_=None)))
    for table in (case_traits, case_followers, codes):
        tx.execute(sa.delete(table).where(table.c.case_id == case_id))
    these = sa.select(offers.c.id).where(offers.c.case_id == case_id)
    answered = sa.update(offer_answers).where(offer_answers.c.offer_id.in_(these)).values(words="")
    taken.counts["offers"] += tx.execute(answered).rowcount
    tx.execute(sa.update(offers).where(offers.c.case_id == case_id).values(options=[]))
    agreed: dict[str, Any] = {"option": {}, "parties": {}, "facts": {}, "words": "", "note": None}
    done = tx.execute(sa.update(settlements).where(settlements.c.case_id == case_id).values(**agreed))
    taken.counts["settlements"] += done.rowcount
    tx.execute(sa.update(case_withdrawals).where(case_withdrawals.c.case_id == case_id).values(who=None, note=None))
    pair = sa.or_(case_duplicates.c.case_id == case_id, case_duplicates.c.other_id == case_id)
    tx.execute(sa.delete(case_duplicates).where(pair, case_duplicates.c.decided_at.is_(None)))  # only suggested
    tx.execute(sa.update(case_duplicates).where(pair).values(reason=None))
    merged = sa.or_(case_merges.c.case_id == case_id, case_merges.c.into_id == case_id)
    tx.execute(sa.update(case_merges).where(merged).values(reason="", before={}, undone_reason=None))
    _erase_tasks(tx, tasks.c.case_id == case_id, taken)
    tx.execute(sa.update(events).where(events.c.case_id == case_id).values(detail={}))
    _forget_timers(tx, case_id)
    _erase_quality(tx, case_id)
    posted = sa.select(postings.c.id).where(postings.c.chain == case_chain(case_id))
    answers = sa.update(posting_attempts).where(posting_attempts.c.posting_id.in_(posted))
    tx.execute(answers.values(answer=None))
    taken.counts["details"] += _details(tx, case_chain(case_id))


def _erase_quality(tx: Transaction, case_id: str) -> None:
    """Grades and scores stay, for they tell of our own work; what was remarked may tell of the customer."""
    q, e = quality_sheets.c, quality_editions.c
    for row in tx.execute(sa.select(q.id, q.grades).where(q.case_id == case_id)).all():
        blank = {"grades": _without_remarks(row.grades), "remark": "", "statement": None}
        tx.execute(sa.update(quality_sheets).where(q.id == row.id).values(**blank))
        for one in tx.execute(sa.select(e.edition, e.grades).where(e.sheet_id == row.id)).all():
            here = sa.update(quality_editions).where(e.sheet_id == row.id, e.edition == one.edition)
            tx.execute(here.values(grades=_without_remarks(one.grades), remark="", reason=None))


def _without_remarks(grades: Any) -> dict[str, Any]:
    return {
        name: {**grade, "remark": ""} if isinstance(grade, dict) and "remark" in grade else grade
        for name, grade in dict(grades).items()
    }


def _empty_case(tx: Transaction, row: Any) -> None:
    empty: dict[str, Any] = {
        **dict.fromkeys(("judgement", "customer", "basis", "next_steps", "possible_duplicate_of"), None),
        "facts": Facts().to_json(),
        "words": {},
        "evidence": {},
        "declined": [],
        "corrected": [],
        "unindexed": False,
        "untraced": False,
        "version": row["version"] + 1,
        "erased_at": tx.now,  # updated_at stays: it is when something last happened to the matter
    }
    tx.execute(sa.update(cases).where(cases.c.id == row["id"]).values(**empty))


def _details(tx: Transaction, chain: str) -> int:
    e = audit_events.c
    spared = (*KEPT_DETAILS, ACTION)  # the certificate of what went before stays one
    gone = sa.update(audit_events).where(e.chain == chain, e.detail.is_not(None), e.action.not_in(spared))
    return tx.execute(gone.values(detail=None, salt=None)).rowcount


def _details_of_messages(tx: Transaction, chain: str, numbers: set[int]) -> int:
    """Details that tell of one of these messages."""
    e = audit_events.c
    rows = tx.execute(sa.select(e.number, e.detail).where(e.chain == chain, e.detail.is_not(None))).all()
    telling = [row.number for row in rows if isinstance(row.detail, dict) and row.detail.get("number") in numbers]
    for chosen in piece_by_piece(e.number, telling):
        tx.execute(sa.update(audit_events).where(e.chain == chain, chosen).values(detail=None, salt=None))
    return len(telling)
