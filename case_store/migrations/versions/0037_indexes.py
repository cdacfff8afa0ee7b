"""Lists of cases by an index that holds all they are chosen by; what is erased with a case, a conversation or an original is found by it.

Revision ID: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision: str | None = "0036"
branch_labels: str | None = None
depends_on: str | None = None

_LISTED = ("status", "category", "risk", "channel", "language", "assignee", "team")
_TOLD = (
    ("conversations", "address", "address"),
    ("messages", "arrival", "arrival_id"),
    ("attachments", "arrival", "arrival_id"),
    ("tasks", "conversation", "conversation_id"),
    ("channel_events", "conversation", "conversation_id"),
    ("channel_events", "arrival", "arrival_id"),
)


def upgrade() -> None:
    for order in ("updated", "created"):
        op.drop_index(f"ix_cases_{order}", "cases")
        op.create_index(f"ix_cases_{order}", "cases", [f"{order}_at", "id", *_LISTED])
    for table, name, column in _TOLD:
        told = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{name}", table, [column], postgresql_where=told, sqlite_where=told)
    op.create_index("ix_postings_chain", "postings", ["chain"])
    _named_in_the_house_chain()
    _of_calls()
    _as_0024_and_0026_make_it()


def _named_in_the_house_chain() -> None:
    named = sa.text("action IN ('identities_joined', 'identity_parted') AND detail IS NOT NULL")
    op.create_index("ix_audit_events_customers", "audit_events", ["number"], postgresql_where=named, sqlite_where=named)


def _of_calls() -> None:
    of_calls = sa.text("channel = 'phone'")
    op.create_index(
        "ix_arrivals_of_calls",
        "arrivals",
        ["external_id"],
        postgresql_ops={"external_id": "varchar_pattern_ops"},
        postgresql_where=of_calls,
        sqlite_where=of_calls,
    )


def _as_0024_and_0026_make_it() -> None:
    """Both were mended in place: a database that went through them before lacks an index and has a column too many."""
    op.create_index("ix_readings_day", "readings", ["day", "number"], if_not_exists=True)
    if any(column["name"] == "category" for column in sa.inspect(op.get_bind()).get_columns("surges")):
        op.drop_column("surges", "category")
