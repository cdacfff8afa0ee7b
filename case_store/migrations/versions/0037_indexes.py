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
