"""A call's name is told apart by who names it: an API key, or what is left on a line by files.

Which key handed in the calls so far was not kept: they count as their line's, which agents and files reach.

Revision ID: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None

NAMES = {"uq": "uq_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}


def upgrade() -> None:
    op.add_column("calls", sa.Column("source", sa.String(96), server_default=sa.text("'line:main'"), nullable=False))
    op.execute(sa.text("UPDATE calls SET source = 'line:' || line"))
    with op.batch_alter_table("calls", naming_convention=NAMES) as calls:
        calls.drop_constraint("uq_calls_call", type_="unique")
        calls.create_unique_constraint("uq_calls_source_call", ["source", "call"])
    op.create_index("ix_calls_call", "calls", ["call"])
