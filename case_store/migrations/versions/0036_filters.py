"""Cases by channel and by language, conversations by channel: each the last changed first.

Revision ID: 0036
"""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision: str | None = "0035"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    for table, column in (("cases", "channel"), ("cases", "language"), ("conversations", "channel")):
        op.create_index(f"ix_{table}_{column}", table, [column, "updated_at", "id"])
