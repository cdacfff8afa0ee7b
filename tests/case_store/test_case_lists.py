"""Lists of cases: what is chosen, in which order, and that an index gives each page however many cases there are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import case_lists, search
from case_store.case_lists import CaseFilter
from case_store.pages import Span
from case_store.store import Store, Transaction
from case_store.tables_cases import cases

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATUSES = ("filed", "in_progress", "closed", "resolved")
CHANNELS = ("webchat", "email", "phone")
TEAMS = ("cards", "loans", None, None)


ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""PostgreSQL chooses an index by what it knows of the rows: which one it would be is no matter of the statement."""


@pytest.fixture
def many(store: Store) -> Store:
    """Sixty cases: changed an hour after one another, taken in the reverse order, due a day after one another."""
    store.write_now(lambda tx: tx.execute(sa.insert(cases), [row(number) for number in range(60)]))
    return store


def row(number: int) -> dict[str, Any]:
    plain = {name: {} for name in ("facts", "words", "evidence")} | {name: [] for name in ("declined", "corrected")}
    return {
        "id": f"{number:032x}",
        "reference": f"C{number}",
        "status": STATUSES[number % 4],
        "category": "other",
        "risk": "minor",
        "disposition": "investigate",
        "channel": CHANNELS[number % 3],
        "account": "x",
        "language": "en" if number % 2 else "zh-Hans",
        "assignee": None if number % 5 else "ana",
        "team": TEAMS[number % 4],
        "held_since": NOON if number % 10 == 0 else None,
        "received_at": NOON,
        "created_at": NOON - timedelta(hours=number),
        "updated_at": NOON + timedelta(hours=number),
        "feedback_due_at": NOON + timedelta(days=number),
        **plain,
    }


CHOSEN = [
    (CaseFilter(), lambda n: True),
    (CaseFilter(status=("filed",)), lambda n: n % 4 == 0),
    (CaseFilter(status=("filed", "closed")), lambda n: n % 4 in (0, 2)),
    (CaseFilter(channel=("email", "phone")), lambda n: n % 3 != 0),
    (CaseFilter(status=("filed", "closed"), channel=("email", "phone")), lambda n: n % 4 in (0, 2) and n % 3 != 0),
    (CaseFilter(language=("en",), risk=("minor", "major")), lambda n: n % 2 == 1),
    (CaseFilter(unassigned=True), lambda n: n % 5 != 0),
    (CaseFilter(assignee="ana", status=("filed", "in_progress")), lambda n: n % 5 == 0 and n % 4 in (0, 1)),
    (CaseFilter(unassigned=True, language=("en",)), lambda n: n % 5 != 0 and n % 2 == 1),
    (CaseFilter(held=True, language=("zh-Hans",), assignee="ana"), lambda n: n % 10 == 0),
    (CaseFilter(held=False, unassigned=True), lambda n: n % 5 != 0),
    (CaseFilter(teams=("cards",), channel=("email",)), lambda n: n % 4 == 0 and n % 3 == 1),
    (CaseFilter(teams=("cards", "loans"), status=("filed", "closed")), lambda n: n % 4 == 0),
    (CaseFilter(teams=()), lambda n: False),
    (CaseFilter(teams=("cards", "loans"), assignee="ana"), lambda n: n % 4 in (0, 1) and n % 5 == 0),
    (CaseFilter(updated=Span(NOON + timedelta(hours=7), NOON + timedelta(hours=9))), lambda n: n in (7, 8)),
]


@pytest.mark.parametrize(("chosen", "holds"), CHOSEN)
def test_a_list_holds_what_is_chosen_the_last_changed_first_page_by_page(many: Store, chosen: Any, holds: Any) -> None:
    assert numbers(many, chosen) == [n for n in reversed(range(60)) if holds(n)]


def test_a_search_for_what_is_due_finds_as_many_open_ones_as_it_may(many: Store) -> None:
    """Cases that are over took the places of open ones, and the list left them out afterwards."""
    due = CaseFilter(due=Span(None, NOON + timedelta(days=60)))

    def unit(tx: Transaction) -> list[str]:
        for number in range(60):
            search.index_case(tx, f"{number:032x}", "保本理财")
        return search.matching(tx, "保本", 10, where=due.conditions())

    found = many.write_now(unit)
    assert len(found) == 10
    assert {int(id, 16) % 4 for id in found} == {0, 1}


def test_a_range_of_when_they_were_taken_lists_the_last_taken_first(many: Store) -> None:
    chosen = CaseFilter(created=Span(NOON - timedelta(hours=5)), status=("filed", "in_progress"))
    assert numbers(many, chosen) == [0, 1, 4, 5]


def test_a_range_of_when_they_are_due_lists_open_cases_the_first_due_first(many: Store) -> None:
    chosen = CaseFilter(due=Span(NOON + timedelta(days=2), NOON + timedelta(days=9)))
    assert numbers(many, chosen) == [4, 5, 8]


def test_teams_that_are_asked_for_by_a_statement_are_looked_up_first(many: Store) -> None:
    chosen = CaseFilter(
        teams=sa.union_all(sa.select(sa.literal("cards")), sa.select(sa.literal("loans"))).subquery().select()
    )
    assert numbers(many, chosen) == [n for n in reversed(range(60)) if n % 4 in (0, 1)]


def numbers(store: Store, chosen: CaseFilter) -> list[int]:
    """Of all pages, three cases each."""
    found: list[int] = []
    while True:
        page = store.read_now(case_lists.listing, chosen, 3)
        found += [int(record.id, 16) for record in page]
        if len(page) < 3:
            return found
        chosen = replace(chosen, before=chosen.place(page[-1]))


@pytest.mark.parametrize(
    "chosen",
    [
        *(chosen for chosen, _ in CHOSEN),
        CaseFilter(created=Span(NOON - timedelta(hours=5))),
        CaseFilter(created=Span(NOON - timedelta(hours=5)), category=("other",), status=("filed", "closed")),
        CaseFilter(due=Span(None, NOON + timedelta(days=9))),
        CaseFilter(channel=("phone",)),
        CaseFilter(language=("zh-Hant", "en")),
    ],
)
def test_no_list_is_read_by_going_through_all_cases(many: Store, chosen: CaseFilter) -> None:
    """A look over a million takes seconds. PostgreSQL chooses by what it knows of the rows: an index has to be there to choose."""
    chosen = replace(chosen, before=(NOON + timedelta(hours=30), "f" * 32))
    plan = many.read_now(_plan, chosen)
    assert "Seq Scan on cases" not in plan, plan
    assert "SCAN cases" not in re.sub("SCAN cases USING INDEX ix_cases_(updated|held)", "", plan), plan
    if not several(chosen) and not chosen.due:  # what is sorted then is a page of each value, or what is open
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan, plan


@ON_SQLITE
@pytest.mark.parametrize("name", ["status", "category", "risk", "channel", "language", "assignee"])
def test_what_is_rare_is_found_without_a_look_at_the_rest(many: Store, name: str) -> None:
    value = "rare" if name == "assignee" else ("rare",)
    assert f"ix_cases_{name} ({name}=?" in many.read_now(_plan, CaseFilter(**{name: value}))  # type: ignore[arg-type]


LED = [
    (CaseFilter(category=("other",), created=Span(NOON)), "ix_cases_created (created_at>?"),
    (CaseFilter(status=("closed", "filed"), assignee="ana", created=Span(NOON)), "ix_cases_created (created_at>?"),
    (CaseFilter(channel=("email",), language=("en",), unassigned=True, held=True), "ix_cases_held"),
    (CaseFilter(status=("closed",), channel=("email",), teams=("cards",)), "ix_cases_team (team=?"),
    (CaseFilter(status=("closed",), teams=("cards", "loans")), "ix_cases_team (team=?"),
    (CaseFilter(status=("closed",), teams=("cards",), assignee="ana"), "ix_cases_assignee (assignee=?"),
    (CaseFilter(risk=("major",), channel=("phone",)), "ix_cases_updated"),
    (CaseFilter(status=("closed",), unassigned=True), "ix_cases_updated"),
]


@ON_SQLITE
@pytest.mark.parametrize(("chosen", "index"), LED)
def test_what_is_asked_together_is_read_by_what_tells_most_of_it(many: Store, chosen: CaseFilter, index: str) -> None:
    """None of these has a match in most houses: they would be looked for among all that one of the others is true of."""
    plan = many.read_now(_plan, chosen)
    assert index in plan, plan
    if not several(chosen):
        assert "USE TEMP B-TREE" not in plan, plan


def several(chosen: CaseFilter) -> bool:
    asked = [getattr(chosen, name) for name in (*case_lists.FIELDS, "teams")]
    return any(values is not None and len(values) > 1 for values in asked) or chosen.teams == ()


def _plan(tx: Transaction, chosen: CaseFilter) -> str:
    compiled = case_lists.statement(chosen, 50).compile(
        tx.connection.engine, compile_kwargs={"literal_binds": True, "render_postcompile": True}
    )
    if tx.postgresql:
        tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN" if tx.postgresql else "EXPLAIN QUERY PLAN"
    rows = tx.connection.exec_driver_sql(f"{explain} {str(compiled).replace('%', '%%')}")
    return " | ".join(str(one[-1]) for one in rows)
