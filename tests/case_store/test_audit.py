"""The audit chains: whatever is written verifies, whatever is changed afterwards shows, with and without checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_store import audit, checkpoints
from case_store.audit import HOUSE, Entry, case_chain, conversation_chain
from case_store.checkpoints import Checkpoint, Findings, write_checkpoint
from case_store.store import Store, Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations
from case_store.tables_house import audit_checkpoints, audit_events, house
from tests.case_store.over import hide_details

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = [KEY.public_key()]
CASE, TALK = case_chain("k"), conversation_chain("c")


def subjects(tx: Transaction) -> None:
    plain = {"channel": "email", "account": "a", "language": "en", "created_at": AT, "updated_at": AT}
    kinds = {"status": "draft", "category": "other", "risk": "minor", "disposition": "investigate"}
    empty: dict[str, object] = {"facts": {}, "words": {}, "evidence": {}, "declined": [], "corrected": []}
    tx.execute(sa.insert(cases).values(id="k", received_at=AT, **plain, **kinds, **empty))
    tx.execute(sa.insert(conversations).values(id="c", owner="bot", locale="en", state={}, **plain))


def story(tx: Transaction) -> None:
    subjects(tx)
    audit.append(tx, CASE, Entry("system", "opened"), Entry("bot", "understood", {"amount": "35000.00"}))
    audit.append(tx, TALK, Entry("customer", "message", {"text": "理财亏了三万五"}))
    audit.append(tx, HOUSE, Entry("agent:Chan", "policy", {"version": "2"}))
    audit.append(tx, CASE, Entry("agent:Chan", "changed", {"risk": {"from": "minor", "to": "major"}}))


@pytest.fixture
def told(store: Store) -> Store:
    store.write_now(story)
    return store


def change(store: Store, *statements: sa.Executable) -> None:
    store.write_now(lambda tx: [tx.execute(statement) for statement in statements] and None)


def kinds(findings: Findings) -> set[tuple[str, str]]:
    return {(problem.kind, problem.chain) for problem in findings.problems}


def events(chain: str, number: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return audit_events.c.chain == chain, audit_events.c.number == number


def test_what_was_written_verifies_and_is_told_in_order(told: Store) -> None:
    findings = checkpoints.verify(told)
    assert (findings.problems, findings.events, findings.chains, findings.erased) == ([], 5, 3, 0)
    assert any("no checkpoint" in note for note in findings.notes)
    assert [event.action for event in told.read_now(audit.timeline, CASE)] == ["opened", "understood", "changed"]


EDITS = {
    "actor": "agent:Wong",
    "action": "closed",
    "at": datetime(2020, 1, 1, tzinfo=UTC),
    "detail": {"amount": "1.00"},
    "digest": "0" * 64,
    "hash": "0" * 64,
    "salt": "0" * 32,
}


@pytest.mark.parametrize("column", EDITS)
@pytest.mark.parametrize("number", [2, 3])
def test_an_edit_of_any_column_is_found(told: Store, column: str, number: int) -> None:
    change(told, sa.update(audit_events).where(*events(CASE, number)).values({column: EDITS[column]}))
    assert ("edited", CASE) in kinds(checkpoints.verify(told))


@pytest.mark.parametrize(
    ("chain", "number", "kind"),
    [(CASE, 1, "gap"), (CASE, 2, "gap"), (CASE, 3, "cut"), (TALK, 1, "removed"), (HOUSE, 1, "removed")],
)
def test_a_missing_event_is_found(told: Store, chain: str, number: int, kind: str) -> None:
    change(told, sa.delete(audit_events).where(*events(chain, number)))
    assert kinds(checkpoints.verify(told)) == {(kind, chain)}


def test_an_event_that_was_slipped_in_is_found(told: Store) -> None:
    copied = sa.select(
        sa.literal(CASE),
        sa.literal(4),
        *[audit_events.c[name] for name in ("at", "actor", "action", "salt", "digest", "hash")],
    ).where(*events(CASE, 3))
    names = ["chain", "number", "at", "actor", "action", "salt", "digest", "hash"]
    change(told, sa.insert(audit_events).from_select(names, copied))
    assert ("edited", CASE) in kinds(checkpoints.verify(told))


def test_a_subject_that_was_removed_is_found(told: Store) -> None:
    change(told, sa.delete(cases))
    assert kinds(checkpoints.verify(told)) == {("unknown", CASE)}


def cut_with_its_head(store: Store) -> None:
    """The last event of the case goes, and the head is set back to fit: inside the database nothing shows."""
    before = sa.select(audit_events.c.hash).where(*events(CASE, 2)).scalar_subquery()
    change(
        store,
        sa.update(cases).values(audit_number=2, audit_hash=before),
        sa.delete(audit_events).where(*events(CASE, 3)),
    )


def written_anew(store: Store) -> None:
    """The case's chain is written anew with hashes that fit."""

    def rewrite(tx: Transaction) -> None:
        tx.execute(sa.delete(audit_events).where(audit_events.c.chain == CASE))
        tx.execute(sa.update(cases).values(audit_number=0, audit_hash=None))
        audit.append(tx, CASE, *[Entry("system", f"step {number}") for number in range(3)])

    store.write_now(rewrite)


def removed_whole(store: Store) -> None:
    change(store, sa.delete(audit_events).where(audit_events.c.chain == CASE), sa.delete(cases))


@pytest.mark.parametrize("attack", [cut_with_its_head, written_anew, removed_whole])
def test_a_checkpoint_finds_what_fits_inside_the_database(told: Store, attack: Callable[[Store], None]) -> None:
    told.write_now(write_checkpoint, KEY)
    attack(told)
    findings = checkpoints.verify(told, KEYS)
    assert {chain for _, chain in kinds(findings)} == {CASE}


@pytest.mark.parametrize("attack", [cut_with_its_head, written_anew, removed_whole])
def test_without_a_checkpoint_it_is_not_found_and_that_is_said(told: Store, attack: Callable[[Store], None]) -> None:
    attack(told)
    findings = checkpoints.verify(told, KEYS)
    assert findings.ok
    assert any("can't be found" in note for note in findings.notes)


def test_a_cut_before_a_later_checkpoint_is_found_by_the_earlier_one(told: Store) -> None:
    told.write_now(write_checkpoint, KEY)
    cut_with_its_head(told)
    told.write_now(write_checkpoint, KEY)
    assert ("cut", CASE) in kinds(checkpoints.verify(told, KEYS))


def test_checkpoints_that_went_with_what_they_vouch_for_are_missed_only_by_the_one_kept_elsewhere(told: Store) -> None:
    kept = Checkpoint.from_json(told.write_now(write_checkpoint, KEY).to_json())
    cut_with_its_head(told)
    change(told, sa.delete(audit_checkpoints))
    assert checkpoints.verify(told, KEYS).ok
    assert kinds(checkpoints.verify(told, KEYS, kept)) == {("checkpoint", "")}


def test_a_checkpoint_signed_anew_by_somebody_else_is_found(told: Store) -> None:
    kept = told.write_now(write_checkpoint, KEY)
    cut_with_its_head(told)
    change(told, sa.delete(audit_checkpoints))
    told.write_now(write_checkpoint, Ed25519PrivateKey.generate())
    assert kinds(checkpoints.verify(told, KEYS)) == {("checkpoint", "")}
    assert kinds(checkpoints.verify(told, [], kept)) == {("checkpoint", "")}


@pytest.mark.parametrize("column", ["body", "signature", "key_id"])
def test_an_edited_checkpoint_is_found(told: Store, column: str) -> None:
    told.write_now(write_checkpoint, KEY)
    told.write_now(write_checkpoint, KEY)
    edited = audit_checkpoints.c[column] + ("0" if column != "signature" else "AAAA")
    change(told, sa.update(audit_checkpoints).where(audit_checkpoints.c.number == 1).values({column: edited}))
    assert ("checkpoint", "") in kinds(checkpoints.verify(told, KEYS))


def test_a_checkpoint_taken_out_of_the_middle_is_found(told: Store) -> None:
    for _ in range(3):
        told.write_now(write_checkpoint, KEY)
    change(told, sa.delete(audit_checkpoints).where(audit_checkpoints.c.number == 2))
    assert kinds(checkpoints.verify(told, KEYS)) == {("checkpoint", "")}


def test_chains_grow_on_after_a_checkpoint(told: Store) -> None:
    kept = told.write_now(write_checkpoint, KEY)
    told.write_now(audit.append, CASE, Entry("bot", "filed"))
    second = told.write_now(write_checkpoint, KEY)
    findings = checkpoints.verify(told, KEYS, kept)
    assert (findings.problems, findings.checkpoints, second.number) == ([], 2, 2)


def test_a_header_is_small_whatever_the_number_of_chains(told: Store) -> None:
    written = told.write_now(write_checkpoint, KEY)
    assert written.heads.count("\n") == 2
    assert len(str(written.to_json())) < 600


def test_a_detail_may_be_gone_and_the_chain_still_verifies(told: Store) -> None:
    told.write_now(write_checkpoint, KEY)
    assert told.write_now(hide_details, CASE) == 2
    findings = checkpoints.verify(told, KEYS)
    assert (findings.problems, findings.erased) == ([], 2)
    assert [event.detail for event in told.read_now(audit.timeline, CASE)] == [None, None, None]


def test_the_house_chain_is_checked_against_its_head(told: Store) -> None:
    change(told, sa.update(house).where(house.c.key == "audit_head").values(value="1 " + "0" * 64))
    assert kinds(checkpoints.verify(told)) == {("edited", HOUSE)}


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    first = checkpoints.signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = checkpoints.public_text(checkpoints.signing_key(path))
    assert again == checkpoints.public_text(first)
    assert checkpoints.public_text(checkpoints.public_key(again)) == again


PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
DETAILS = st.none() | st.dictionaries(
    PLAIN,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | PLAIN, lambda inner: st.lists(inner, max_size=3)
    ),
    max_size=3,
)
ENTRIES = st.lists(st.tuples(st.sampled_from([CASE, TALK, HOUSE]), PLAIN, DETAILS), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ENTRIES, st.data())
def test_any_sequence_verifies_and_any_tampering_is_found(
    lasting_store: Store, entries: list[object], data: st.DataObject
) -> None:
    def tell(tx: Transaction) -> None:
        for table in (audit_events, audit_checkpoints, cases, conversations, house):
            tx.execute(sa.delete(table))
        subjects(tx)
        for chain, actor, detail in entries:  # type: ignore[attr-defined]
            audit.append(tx, chain, Entry(actor, "done", detail))

    lasting_store.write_now(tell)
    findings = checkpoints.verify(lasting_store)
    assert (findings.problems, findings.events) == ([], len(entries))
    if entries:
        rows = lasting_store.read_now(
            lambda tx: tx.execute(sa.select(audit_events.c.chain, audit_events.c.number)).all()
        )
        victim = events(*data.draw(st.sampled_from(rows)))
        column = data.draw(st.sampled_from([*sorted(EDITS), None]))
        if column is None:
            change(lasting_store, sa.delete(audit_events).where(*victim))
        else:
            value = EDITS[column] if column != "detail" else {"another": "detail"}
            change(lasting_store, sa.update(audit_events).where(*victim).values({column: value}))
        found = checkpoints.verify(lasting_store)
        if column != "salt" or not found.erased:
            assert not found.ok
