"""Cases that may tell the same matter: what each is found by, which were suggested, and what an agent has said to it.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "case_traits",
        sa.Column("trait", sa.String(80), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("trait", "at", "case_id", name="pk_case_traits"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_traits_case", "case_traits", ["case_id"])
    op.create_table(
        "case_duplicates",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("other_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("suggested_at", Time, nullable=True),
        sa.Column("decided_by", sa.String(200), nullable=True),
        sa.Column("decided_at", Time, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "other_id", name="pk_case_duplicates"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_duplicates_other", "case_duplicates", ["other_id"])
    # what is filed from now on has its traits from the first; the others get theirs in the background
    op.add_column("cases", sa.Column("untraced", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    where = sa.text("untraced AND reference IS NOT NULL")
    op.create_index("ix_cases_untraced", "cases", ["id"], postgresql_where=where, sqlite_where=where)
