"""The steps of a case: what each change of status leaves behind, and what is made of what happened before they were kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, conversations, floor, schema, steps
from case_store.audit import Entry
from case_store.cases import Registration
from case_store.conversations import NewConversation
from case_store.floor import Limits, Part, Talk
from case_store.ids import new_id
from case_store.steps import Step
from case_store.store import Store, Transaction
from case_store.tables_cases import cases as case_rows
from case_store.tables_figures import case_steps
from case_store.tables_house import audit_events

REGISTRATION = Registration(date(2026, 11, 23), date(2026, 12, 2), datetime(2026, 12, 2, tzinfo=UTC), "test")


def drafted(tx: Transaction) -> str:
    talk = new_id()
    conversations.open_conversation(tx, NewConversation(talk, "webchat", "a", "en"))
    return cases.open_draft(
        tx, conversation_id=talk, channel="webchat", account="a", language="en", received_at=tx.now, customer=None
    )


def left(store: Store, id: str) -> list[tuple[str, str]]:
    s = case_steps.c
    found = sa.select(s.step, s.status).where(s.case_id == id).order_by(s.number)
    return [(row.step, row.status) for row in store.read_now(lambda tx: list(tx.execute(found)))]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ([], []),
        ([{"status": "in_progress"}], [(Step.MOVED, "in_progress")]),
        ([{"risk": "major"}], []),
        ([{"status": "resolved"}, {"status": "closed"}], [(Step.ENDED, "resolved"), (Step.MOVED, "closed")]),
        ([{"status": "withdrawn"}], [(Step.WITHDRAWN, "withdrawn")]),
        (
            [{"status": "closed"}, {"status": "in_progress"}, {"status": "resolved"}],
            [(Step.ENDED, "closed"), (Step.REOPENED, "in_progress"), (Step.ENDED, "resolved")],
        ),
    ],
)
def test_each_change_of_status_leaves_its_step(
    store: Store, changes: list[dict[str, Any]], kept: list[tuple[Step, str]]
) -> None:
    def unit(tx: Transaction) -> str:
        id = drafted(tx)
        cases.file_case(tx, id, REGISTRATION, actor="bot")
        cases.file_case(tx, id, REGISTRATION, actor="bot")  # filed once
        for change in changes:
            cases.change(tx, id, change, actor="agent:Test")
        return id

    assert left(store, store.write_now(unit)) == [
        ("registered", "filed"),
        *((str(one), status) for one, status in kept),
    ]


def test_a_draft_leaves_none_and_being_merged_ends_nothing(store: Store) -> None:
    def unit(tx: Transaction) -> tuple[str, str]:
        draft, merged = drafted(tx), drafted(tx)
        cases.change(tx, draft, {"status": "withdrawn"}, actor="agent:Test")
        cases.file_case(tx, merged, REGISTRATION, actor="bot")
        cases.note_change(tx, merged, Entry("agent:T", "merged_into"), status="closed", merged_into="C-1")
        cases.note_change(tx, merged, Entry("agent:T", "unmerged"), status="filed", merged_into=None)
        return draft, merged

    draft, merged = store.write_now(unit)
    assert left(store, draft) == []
    assert left(store, merged) == [("registered", "filed"), ("merged", "closed"), ("unmerged", "filed")]
    assert [Step(step).flow for step, _ in left(store, merged)] == [1, 0, 0]


def test_a_step_keeps_who_was_responsible_then(store: Store) -> None:
    def unit(tx: Transaction) -> str:
        id = drafted(tx)
        cases.file_case(tx, id, REGISTRATION, actor="bot")
        cases.change(tx, id, {"assignee": "megan"}, actor="agent:Test")
        cases.change(tx, id, {"status": "closed"}, actor="agent:Test")
        cases.change(tx, id, {"assignee": "aled"}, actor="agent:Test")
        return id

    id = store.write_now(unit)
    kept = sa.select(case_steps.c.assignee).where(case_steps.c.case_id == id).order_by(case_steps.c.number)
    assert store.read_now(lambda tx: list(tx.execute(kept).scalars())) == [None, "megan"]


@pytest.mark.parametrize(
    ("changes", "ended"),
    [
        ([], None),
        ([{"status": "in_progress"}], None),
        ([{"status": "resolved"}], 0),
        ([{"status": "resolved"}, {"status": "closed"}], 0),
        ([{"status": "withdrawn"}], 0),
        ([{"status": "resolved"}, {"status": "in_progress"}], None),
        ([{"status": "closed"}, {"status": "in_progress"}, {"status": "resolved"}, {"status": "closed"}], 2),
        ([{"status": "in_progress"}, {"status": "closed", "merged_into": "C-1"}], 1),
        ([{"status": "resolved"}, {"status": "closed", "merged_into": "C-1"}], 0),
        ([{"status": "closed", "merged_into": "C-1"}, {"status": "filed", "merged_into": None}], None),
    ],
)
def test_a_case_ended_when_it_was_last_open(store: Store, changes: list[dict[str, Any]], ended: int | None) -> None:
    id, moments = store.write_now(drafted), []
    store.write_now(cases.file_case, id, REGISTRATION, actor="bot")
    for change in changes:

        def unit(tx: Transaction, change: dict[str, Any] = change) -> datetime:
            cases.note_change(tx, id, Entry("agent:T", "changed"), **change)
            return tx.now

        moments.append(store.write_now(unit))
    assert store.read_now(steps.ended_at, id) == (None if ended is None else moments[ended])


# before steps were kept -------------------------------------------------------------------------------------------


@pytest.fixture
def before(empty_urls: Callable[[str], str], database: str) -> Iterator[Store]:
    """A database from before, with nothing in it."""
    with closing(Store(empty_urls(database))) as opened:
        schema.upgrade(opened, to=schema.REVISIONS[schema.REVISIONS.index("0025") - 1])
        yield opened


BEFORE = [
    ("linked", None),
    ("filed", {"reference": "C-1"}),
    ("changed", {"risk": {"from": "minor", "to": "major"}}),
    ("changed", {"status": {"from": "filed", "to": "in_progress"}}),
    ("changed", {"status": {"from": "in_progress", "to": "resolved"}, "outcome": {"from": None, "to": "solved"}}),
    ("changed", None),  # its detail was erased
    ("changed", {"status": {"from": "resolved", "to": "in_progress"}}),
    ("merged_into", {"case": "C-2", "status": "in_progress"}),
    ("unmerged", {"case": "C-2", "status": "in_progress"}),
    ("withdrawn", {"from": "in_progress"}),
]


def test_what_happened_before_is_read_from_the_chains(before: Store) -> None:
    at = datetime(2026, 5, 4, tzinfo=UTC)
    row = {name: [] for name in ("declined", "corrected", "merged_from")}
    row |= {name: {} for name in ("facts", "words", "evidence")}
    row |= {"id": "one", "reference": "C-1", "status": "withdrawn", "category": "other", "risk": "minor"}
    row |= {"disposition": "investigate", "channel": "webchat", "account": "a", "language": "en", "assignee": "megan"}
    row |= dict.fromkeys(("received_at", "registered_at", "created_at", "updated_at"), at)
    draft = row | {"id": "two", "reference": None, "status": "draft", "registered_at": None}

    def unit(tx: Transaction) -> None:
        tx.execute(sa.insert(case_rows), [row, draft])
        for number, (action, detail) in enumerate(BEFORE, start=1):
            event = {"chain": "case:one", "number": number, "at": at + timedelta(days=number), "actor": "agent:T"}
            tx.execute(sa.insert(audit_events), {**event, "action": action, "detail": detail, "digest": "", "hash": ""})

    before.write_now(unit)
    schema.upgrade(before)
    found = sa.select(case_steps).order_by(case_steps.c.case_id, case_steps.c.number)
    kept = [(one.number, one.step, one.status) for one in before.read_now(lambda tx: list(tx.execute(found)))]
    assert kept == [
        (2, "registered", "filed"),
        (4, "moved", "in_progress"),
        (5, "ended", "resolved"),
        (7, "reopened", "in_progress"),
        (8, "merged", "closed"),
        (9, "unmerged", "in_progress"),
        (10, "withdrawn", "withdrawn"),
    ]


# the board --------------------------------------------------------------------------------------------------------


def test_the_board_asks_as_often_for_many_as_for_none(store: Store) -> None:
    now = datetime.now(UTC)
    limits = Limits(now - timedelta(minutes=5), now + timedelta(hours=8))
    asked: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    def look() -> int:
        asked.clear()
        store.read_now(floor.board, limits, timedelta(hours=2))
        store.read_now(floor.talks, Talk.WAITING, Part(), limits)
        return len(asked)

    sa.event.listen(store.engine, "before_cursor_execute", count)
    before = look()
    for _ in range(12):
        store.write_now(drafted)
    assert look() == before
