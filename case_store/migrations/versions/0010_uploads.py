"""Uploads on their way, and what is found out about every attachment: its content, a scan, a preview.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
Time = sa.DateTime(timezone=True)

TO_EXAMINE = sa.text("examine_at IS NOT NULL")
INFECTED = sa.text("scan = 'infected'")


def upgrade() -> None:
    op.add_column("messages", sa.Column("wordless", sa.Boolean(), nullable=True))
    for column in (
        sa.Column("sniffed_type", sa.String(255), nullable=True),
        sa.Column("notes", Json, nullable=True),
        sa.Column("scan", sa.String(12), nullable=True),
        sa.Column("signature", sa.String(200), nullable=True),
        sa.Column("scanned_at", Time, nullable=True),
        sa.Column("preview", sa.String(64), nullable=True),
        sa.Column("examine_at", Time, nullable=True),
        sa.Column("examine_lease", sa.String(32), nullable=True),
        sa.Column("examine_tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
    ):
        op.add_column("attachments", column)
    op.create_index(
        "ix_attachments_examine",
        "attachments",
        ["examine_at"],
        postgresql_where=TO_EXAMINE,
        sqlite_where=TO_EXAMINE,
    )
    op.create_index("ix_attachments_infected", "attachments", ["id"], postgresql_where=INFECTED, sqlite_where=INFECTED)
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pieces", Json, nullable=False),
        sa.Column("lease", sa.String(32), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("sniffed_type", sa.String(255), nullable=True),
        sa.Column("notes", Json, nullable=True),
        sa.Column("refusal", sa.String(24), nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_owner", "uploads", ["owner", "created_at"])
    op.create_index("ix_uploads_network", "uploads", ["network", "created_at"])
    op.create_index("ix_uploads_expires", "uploads", ["expires_at"])
