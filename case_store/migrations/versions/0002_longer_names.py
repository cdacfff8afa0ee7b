"""Names that have no length of their own.

A letter's `response` joins the names of all it is made of, and `part` has a number for each level of nesting: PostgreSQL
refused the row, and with it the answer.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    with op.batch_alter_table("messages", table_kwargs={"sqlite_with_rowid": False}) as messages:
        messages.alter_column("response", existing_type=sa.String(80), type_=sa.Text(), existing_nullable=True)
    with op.batch_alter_table("attachments") as attachments:
        attachments.alter_column("part", existing_type=sa.String(80), type_=sa.Text(), existing_nullable=True)
