"""What more channels need: arrivals in lanes, conversations with a key of their own, duties that remember.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


WAITS_IN_LANE = sa.text("lane IS NOT NULL AND due_at IS NOT NULL")
HAS_KEY = sa.text("key IS NOT NULL")


def upgrade() -> None:
    op.add_column("arrivals", sa.Column("lane", sa.String(120), nullable=True))
    op.create_index(
        "ix_arrivals_lane", "arrivals", ["lane", "id"], postgresql_where=WAITS_IN_LANE, sqlite_where=WAITS_IN_LANE
    )
    op.add_column("conversations", sa.Column("key", sa.String(120), nullable=True))
    op.create_index(
        "ix_conversations_key",
        "conversations",
        ["account", "key"],
        unique=True,
        postgresql_where=HAS_KEY,
        sqlite_where=HAS_KEY,
    )
    op.add_column("duties", sa.Column("memory", Json, server_default=sa.text("'{}'"), nullable=False))
