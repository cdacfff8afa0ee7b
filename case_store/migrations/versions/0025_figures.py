"""The steps of each case, and indexes by time, for figures.

What happened before is read from the cases' chains, as far as its details were not erased: when each was registered stands in the case itself.

Revision ID: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision: str | None = "0024"
branch_labels: str | None = None
depends_on: str | None = None

_OPEN = "('filed', 'in_progress', 'waiting_for_customer')"
_FILED = "reference IS NOT NULL"
_TAKEN = "action IN ('took_over', 'assigned', 'given_by_turn')"
_BY_AGENTS = "sender = 'agent'"


def upgrade() -> None:
    op.create_table(
        "case_steps",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("assignee", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_steps_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_case_steps"),
        sqlite_with_rowid=False,
    )
    _carry_over()
    op.create_index("ix_case_steps_at", "case_steps", ["at", "step"])
    op.create_index("ix_cases_received", "cases", ["received_at"])
    _where("ix_cases_registered", "cases", ["registered_at"], _FILED)
    _where("ix_audit_events_taken", "audit_events", ["at"], _TAKEN)
    _where("ix_messages_by_agents", "messages", ["at"], _BY_AGENTS)
    _where("ix_conversations_urgent", "conversations", ["id"], "urgent")


def _where(name: str, table: str, columns: list[str], which: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(which), sqlite_where=sa.text(which))


def _carry_over() -> None:
    """Number 0 where the entry of the filing is not there any more: no chain has an entry of that number."""
    filed = "(SELECT number FROM audit_events WHERE chain = 'case:' || cases.id AND action = 'filed' LIMIT 1)"
    _into(
        f"SELECT cases.id, COALESCE({filed}, 0), registered_at, 'registered', 'filed', assignee "
        f"FROM cases WHERE {_FILED} AND registered_at IS NOT NULL"
    )
    moved_from, moved_to = _in_detail("status", "from"), _in_detail("status", "to")
    _changes("changed", moved_from, moved_to, f"{moved_to} IS NOT NULL AND {moved_from} <> 'draft'")
    _changes("withdrawn", _in_detail("from"), "'withdrawn'", f"{_in_detail('from')} <> 'draft'")
    before = _in_detail("status")
    _changes("merged_into", "'merged'", "'closed'", f"COALESCE({before}, '') <> 'draft'")
    _changes("unmerged", "'unmerged'", before, f"{before} IS NOT NULL AND {before} <> 'draft'")


def _changes(action: str, before: str, after: str, which: str) -> None:
    step = (
        f"CASE WHEN {before} IN ('merged', 'unmerged') THEN {before} "
        f"WHEN ({before} IN {_OPEN}) = ({after} IN {_OPEN}) THEN 'moved' WHEN {after} IN {_OPEN} THEN 'reopened' "
        f"WHEN {after} = 'withdrawn' THEN 'withdrawn' ELSE 'ended' END"
    )
    _into(
        f"SELECT cases.id, audit_events.number, audit_events.at, {step}, {after}, cases.assignee FROM audit_events "
        f"JOIN cases ON audit_events.chain = 'case:' || cases.id WHERE audit_events.action = '{action}' "
        f"AND cases.{_FILED} AND {which}"
    )


def _into(rows: str) -> None:
    op.execute(sa.text(f"INSERT INTO case_steps (case_id, number, at, step, status, assignee) {rows}"))


def _in_detail(*path: str) -> str:
    """A text within an entry's detail, as this database writes it."""
    if op.get_bind().dialect.name == "postgresql":
        return f"(audit_events.detail #>> '{{{','.join(path)}}}')"
    return f"json_extract(audit_events.detail, '$.{'.'.join(path)}')"
