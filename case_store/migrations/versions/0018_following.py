"""Agents who follow a case.

Revision ID: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)
Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "case_followers",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("since", Time, nullable=False),
        sa.Column("seen_event", sa.Integer(), nullable=False),
        sa.Column("seen_messages", Json, nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "case_id", name="pk_case_followers"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_followers_case_id_cases"),
    )
    op.create_index("ix_case_followers_case", "case_followers", ["case_id"])
