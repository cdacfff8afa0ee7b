"""Telephone calls: their recordings and consent, the times of what was said, call-backs with their questions.

Revision ID: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from case_store.tables import UtcTime

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("messages", sa.Column("utterance", Json, nullable=True))
    op.add_column("tasks", sa.Column("detail", Json, nullable=True))
    op.create_table(
        "calls",
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("call", sa.String(100), nullable=False),
        sa.Column("line", sa.String(80), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("started_at", UtcTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=True),
        sa.Column("duration", sa.Float, nullable=True),
        sa.Column("format", sa.String(40), nullable=True),
        sa.Column("customer_number", sa.String(20), nullable=True),
        sa.Column("agent", sa.String(200), nullable=True),
        sa.Column("why_speakers", sa.Text, server_default=sa.text("''"), nullable=False),
        sa.Column("speakers", Json, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("consent", sa.String(8), server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("consent_basis", sa.String(12), nullable=True),
        sa.Column("recording", sa.String(64), nullable=True),
        sa.Column("recording_type", sa.String(40), nullable=True),
        sa.Column("recording_size", sa.BigInteger, nullable=True),
        sa.Column("erasing", Json, nullable=True),
        sa.Column("heard", Json, nullable=True),
        sa.Column("alarmed", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("due_at", UtcTime(timezone=True), nullable=True),
        sa.Column("silent_at", UtcTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(32), nullable=True),
        sa.Column("attempts", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id"),
        sa.UniqueConstraint("call"),
    )
    _index("ix_calls_due", "due_at", "due_at")
    _index("ix_calls_silent", "silent_at", "silent_at")
    _index("ix_calls_erasing", "conversation_id", "erasing")


def _index(name: str, column: str, present: str) -> None:
    where: Any = sa.text(f"{present} IS NOT NULL")
    op.create_index(name, "calls", [column], postgresql_where=where, sqlite_where=where)
