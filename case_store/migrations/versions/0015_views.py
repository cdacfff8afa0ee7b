"""Lists of cases that agents work from: those they have made, and indexes by which the others are counted.

Revision ID: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_OPEN = "reference IS NOT NULL AND status IN ('filed', 'in_progress', 'waiting_for_customer')"


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("chosen", Json, nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.UniqueConstraint("owner", "name", name="uq_saved_views_owner_name"),
    )
    _where("ix_saved_views_shared", "saved_views", ["id"], "shared")
    _where("ix_case_duplicates_suggested", "case_duplicates", ["case_id", "other_id"], "state = 'suggested'")
    _where("ix_cases_open_due", "cases", ["feedback_due_at", "id"], _OPEN)
    _where("ix_cases_open_assignee", "cases", ["assignee", "feedback_due_at", "id"], _OPEN)
    _where("ix_cases_open_risk", "cases", ["risk", "feedback_due_at", "id"], _OPEN)


def _where(name: str, table: str, columns: list[str], which: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(which), sqlite_where=sa.text(which))
