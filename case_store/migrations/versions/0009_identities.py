"""One customer by many channels: identities that were joined by proof, and the codes that prove.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

UtcTime = sa.DateTime(timezone=True)
Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("customer", sa.String(32), nullable=False),
        sa.Column("proof", sa.String(24), nullable=False),
        sa.Column("joined_by", sa.String(80), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_identities"),
    )
    op.create_index("ix_identities_customer", "identities", ["customer"])
    op.create_table(
        "codes",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("asked_in", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.String(32), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("tries", Json, nullable=False),
        sa.Column("settled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "asked_in", name="pk_codes"),
    )
    op.create_index("ix_codes_case", "codes", ["case_id", "at"])
