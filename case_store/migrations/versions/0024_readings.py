"""Who has read what: a chain for each day, and where a case's readings are found. The first lines of a file, beside its picture.

Revision ID: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision: str | None = "0023"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "reading_days",
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("audit_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("audit_hash", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reading_days"),
    )
    op.create_table(
        "readings",
        sa.Column("subject", sa.String(48), nullable=False),
        sa.Column("day", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "day", "number", name="pk_readings"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_readings_day", "readings", ["day", "number"])
    op.add_column("attachments", sa.Column("excerpt", sa.Text(), nullable=True))
