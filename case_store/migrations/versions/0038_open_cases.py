"""Go through the open cases by their own indexes: as they were, SQLite looked up each status among all cases instead.

Revision ID: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision: str | None = "0037"
branch_labels: str | None = None
depends_on: str | None = None

_OPEN = sa.text("reference IS NOT NULL AND status NOT IN ('draft', 'resolved', 'closed', 'withdrawn')")
_ORDERS = ("assignee", "risk", "team")


def upgrade() -> None:
    for name in ("due", *_ORDERS):
        op.drop_index(f"ix_cases_open_{name}", "cases")
    op.create_index("ix_cases_open_due", "cases", ["feedback_due_at", "id"], postgresql_where=_OPEN, sqlite_where=_OPEN)
    for name in _ORDERS:
        op.create_index(
            f"ix_cases_open_{name}",
            "cases",
            [name, "feedback_due_at", "id"],
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        )
