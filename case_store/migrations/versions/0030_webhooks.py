"""Webhooks: who wants to hear what, what happened, and what is to be posted to whom.

Revision ID: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision: str | None = "0029"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("types", Json, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_until", Time, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("stopped", sa.String(16), nullable=True),
        sa.Column("failing_since", Time, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(80), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "happenings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("chain", sa.String(50), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("case_id", sa.String(32), nullable=True),
        sa.Column("reference", sa.String(40), nullable=True),
        sa.Column("status", sa.String(24), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.String(32), nullable=True),
        sa.Column("channel", sa.String(16), nullable=True),
        sa.Column("message", sa.Integer(), nullable=True),
        sa.Column("spread", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_happenings"),
    )
    new = sa.text("NOT spread")
    op.create_index("ix_happenings_new", "happenings", ["id"], postgresql_where=new, sqlite_where=new)
    op.create_index("ix_happenings_at", "happenings", ["at"])
    op.create_table(
        "postings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("webhook_id", sa.String(32), nullable=False),
        sa.Column("happening_id", sa.String(32), nullable=False),
        sa.Column("chain", sa.String(50), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("again", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", Time, nullable=True),
        sa.Column("lease", sa.String(32), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("first_attempt_at", Time, nullable=True),
        sa.Column("ended_at", Time, nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name="fk_postings_webhook_id_webhooks"),
        sa.ForeignKeyConstraint(["happening_id"], ["happenings.id"], name="fk_postings_happening_id_happenings"),
        sa.PrimaryKeyConstraint("id", name="pk_postings"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_postings_due", "postings", ["due_at"], postgresql_where=due, sqlite_where=due)
    order = ["webhook_id", "chain", "entry"]
    op.create_index("ix_postings_order", "postings", order, postgresql_where=due, sqlite_where=due)
    op.create_index("ix_postings_webhook", "postings", ["webhook_id", "created_at", "id"])
    op.create_index("ix_postings_happening", "postings", ["happening_id"])
    op.create_table(
        "posting_attempts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("posting_id", sa.String(32), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("answer", sa.String(500), nullable=True),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["postings.id"], name="fk_posting_attempts_posting_id_postings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_posting_attempts"),
    )
    op.create_index("ix_posting_attempts_posting", "posting_attempts", ["posting_id", "at"])
