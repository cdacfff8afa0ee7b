"""What agents are writing, kept here; when what was said to a customer was delivered, and when it was read.

Revision ID: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision: str | None = "0022"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    read = sa.Column("read_message", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("conversations", read)
    for table in ("messages", "deliveries"):
        op.add_column(table, sa.Column("delivered_at", Time, nullable=True))
        op.add_column(table, sa.Column("read_at", Time, nullable=True))
    op.create_table(
        "drafts",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("writer", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("beside", Json, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_drafts_agent_id_agents"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_drafts_conversation_id_conversations"
        ),
        sa.PrimaryKeyConstraint("agent_id", "conversation_id", "kind", name="pk_drafts"),
    )
    op.create_index("ix_drafts_conversation", "drafts", ["conversation_id"])
    op.create_index("ix_drafts_updated", "drafts", ["updated_at"])
