"""Versions of what the house decides: which counts when, what is refused, what the chain keeps, and that nothing is ever rewritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, checkpoints, documents
from case_store.audit import HOUSE
from case_store.documents import (
    POLICY,
    Author,
    NoSuchVersion,
    NotOpen,
    Origin,
    Overtaken,
    OwnVersion,
    StillToCome,
    Subject,
    Verdict,
    Version,
    Written,
    template,
)
from case_store.store import Store, Transaction

LI, WANG = Author("1", "Li Na", "agent:Li Na"), Author("2", "Wang Wei", "agent:Wang Wei")


def write(
    store: Store, content: str, based_on: int, *, later: int = 0, approved: bool = True, by: Author = LI, **more: Any
) -> Version:
    subject: Subject = more.pop("subject", POLICY)

    def unit(tx: Transaction) -> Version:
        effective = tx.now + timedelta(days=later) if later else None
        written = Written(content, "why", based_on, effective, **more)
        return documents.add(tx, subject, written, lambda n: f"{subject.name}+v{n}", by, approved=approved)

    return store.write_now(unit)


def counts(store: Store, subject: Subject = POLICY) -> str | None:
    found = {one.subject: one for one in store.read_now(documents.counting)}
    return found[subject].content if subject in found else None


def let_days_pass(store: Store, days: int) -> None:
    """As if everything had been written so long ago."""

    def unit(tx: Transaction) -> None:
        for version in documents.versions(tx, POLICY):
            moved = version.effective_from - timedelta(days=days)
            tx.execute(sa.update(documents._T).where(documents._T.c.id == version.id).values(effective_from=moved))

    store.write_now(unit)


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("digest", {"content": "forged"}),
        ("label", {"label": "another+v1"}),
        ("verdict", {"verdict": None}),
        ("effective_from", {"effective_from": datetime(2020, 1, 1, tzinfo=UTC)}),
    ],
)
def test_a_version_that_was_changed_behind_the_houses_back_is_found(
    store: Store, what: str, values: dict[str, Any]
) -> None:
    write(store, "one", 0)
    write(store, "two", 1, approved=False)
    store.write_now(documents.decide, POLICY, 2, Verdict.APPROVED, WANG)
    write(store, "three", 2, approved=False)
    assert checkpoints.verify(store).problems == []

    def forge(tx: Transaction) -> None:
        tx.execute(sa.update(documents._T).where(documents._T.c.number == 2).values(values))

    store.write_now(forge)
    [problem] = checkpoints.verify(store).problems
    assert (problem.kind, problem.chain) == ("edited", HOUSE)
    assert f"version 2 has another {what}" in problem.message


def test_a_version_that_was_put_there_or_taken_away_is_found(store: Store) -> None:
    write(store, "one", 0)
    store.write_now(lambda tx: tx.execute(sa.update(documents._T).values(number=7)))
    told = [one.message for one in checkpoints.verify(store).problems]
    assert told == ["policy policy version 7 was never written by the house", "policy policy 1 is gone"]


def test_the_latest_that_has_come_counts_and_an_earlier_one_comes_back_as_a_new_one(store: Store) -> None:
    assert counts(store) is None
    first = write(store, "one", 0)
    write(store, "two", 1)
    assert counts(store) == "two"
    back = write(store, first.content or "one", 2)
    assert (back.number, back.label, counts(store)) == (3, "policy+v3", "one")


def test_a_version_for_a_day_to_come_waits_for_it_and_keeps_others_from_being_written_that_it_would_undo(
    store: Store,
) -> None:
    write(store, "now", 0)
    write(store, "next week", 1, later=7)
    with pytest.raises(StillToCome):
        write(store, "tomorrow's correction", 2)
    assert counts(store) == "now"
    stamp = store.read_now(documents.stamp)
    let_days_pass(store, 8)
    assert counts(store) == "next week"
    assert store.read_now(documents.stamp) != stamp  # so a process that looks every second sees it


def test_of_two_that_begin_at_the_same_moment_the_later_number_counts(store: Store) -> None:
    write(store, "a", 0)
    write(store, "b", 1)

    def same(tx: Transaction) -> None:
        tx.execute(sa.update(documents._T).values(effective_from=tx.now))

    store.write_now(same)
    assert counts(store) == "b"


def test_what_was_written_without_seeing_the_latest_is_refused(store: Store) -> None:
    write(store, "one", 0)
    with pytest.raises(Overtaken) as refused:
        write(store, "mine", 0)
    assert refused.value.number == 1
    assert counts(store) == "one"


def test_a_proposal_counts_once_somebody_else_has_approved_it(store: Store) -> None:
    write(store, "one", 0)
    write(store, "proposed", 1, approved=False)
    assert counts(store) == "one"
    with pytest.raises(OwnVersion):
        store.write_now(documents.decide, POLICY, 2, Verdict.APPROVED, LI)
    assert counts(store) == "one"
    approved = store.write_now(documents.decide, POLICY, 2, Verdict.APPROVED, WANG)
    assert (approved.decided_by, counts(store)) == ("Wang Wei", "proposed")
    with pytest.raises(NotOpen):
        store.write_now(documents.decide, POLICY, 2, Verdict.WITHDRAWN, WANG)


def test_a_proposal_that_was_overtaken_is_not_approved_unseen(store: Store) -> None:
    write(store, "proposed", 0, approved=False)
    write(store, "another", 1, by=WANG)
    with pytest.raises(Overtaken):
        store.write_now(documents.decide, POLICY, 1, Verdict.APPROVED, WANG)
    assert counts(store) == "another"


@pytest.mark.parametrize("what", ["proposed", "scheduled"])
def test_what_does_not_count_yet_can_be_withdrawn_and_then_never_does(store: Store, what: str) -> None:
    write(store, "mistake", 0, later=3 if what == "scheduled" else 0, approved=what == "scheduled")
    store.write_now(documents.decide, POLICY, 1, Verdict.WITHDRAWN, LI)
    let_days_pass(store, 4)
    assert counts(store) is None


def test_a_file_seen_is_kept_once_counts_never_and_its_name_means_one_content_for_ever(store: Store) -> None:
    seen = store.write_now(documents.seen_in_file, POLICY, "a = 1", "bank-1")
    again = store.write_now(documents.seen_in_file, POLICY, "a = 1", "bank-1")
    changed = store.write_now(documents.seen_in_file, POLICY, "a = 2", "bank-1")
    assert (seen.number, again.id, seen.label) == (0, seen.id, "bank-1")
    assert changed.label == f"bank-1+f{changed.digest[:8]}"
    assert store.write_now(documents.seen_in_file, POLICY, "a = 2", "bank-1").label == changed.label
    assert counts(store) is None
    assert seen.state(seen.created_at, None) == "seen"
    write(store, "console", 1)
    assert counts(store) == "console"
    write(store, "", 2, origin=Origin.FOLLOW)
    assert counts(store) == ""


def test_each_is_in_the_chain_of_the_house_with_the_digest_of_its_content(store: Store) -> None:
    write(store, "one", 0)
    write(store, "two", 1, approved=False)
    store.write_now(documents.decide, POLICY, 2, Verdict.APPROVED, WANG)
    told = [
        (one.action, one.actor, (one.detail or {})["number"], (one.detail or {})["digest"])
        for one in store.read_now(audit.timeline, HOUSE)
    ]
    digests = [documents.digest_of(content) for content in ("one", "two")]
    assert told == [
        ("document_written", "agent:Li Na", 1, digests[0]),
        ("document_written", "agent:Li Na", 2, digests[1]),
        ("document_approved", "agent:Wang Wei", 2, digests[1]),
    ]


def test_subjects_are_numbered_each_by_itself_and_a_number_that_is_not_there_is_told(store: Store) -> None:
    write(store, "one", 0)
    write(store, "notice", 0, subject=template("case_filed"))
    assert counts(store, template("case_filed")) == "notice"
    assert [one.number for one in store.read_now(documents.versions, POLICY)] == [1]
    with pytest.raises(NoSuchVersion):
        store.read_now(documents.get, POLICY, 2)
