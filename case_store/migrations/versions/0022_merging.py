"""Cases that are dealt with under another: into which, which came, and what undoes it.

Revision ID: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision: str | None = "0021"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("cases", sa.Column("merged_into", sa.String(40), nullable=True))
    op.add_column("cases", sa.Column("merged_from", Json, server_default=sa.text("'[]'"), nullable=False))
    where = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_cases_merged", "cases", ["merged_into"], postgresql_where=where, sqlite_where=where)
    op.create_table(
        "case_merges",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("into_id", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_by", sa.String(80), nullable=False),
        sa.Column("merged_at", Time, nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("undone_by", sa.String(80), nullable=True),
        sa.Column("undone_at", Time, nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_merges_case_id_cases"),
        sa.ForeignKeyConstraint(["into_id"], ["cases.id"], name="fk_case_merges_into_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_merges"),
    )
    op.create_index("ix_case_merges_case", "case_merges", ["case_id", "merged_at"])
    op.create_index("ix_case_merges_into", "case_merges", ["into_id", "merged_at"])
