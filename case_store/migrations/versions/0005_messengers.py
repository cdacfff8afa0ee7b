"""What messengers need: messages of several parts, and answered messages that were edited since.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("conversations", sa.Column("edited", Json, nullable=True))
    op.create_table(
        "message_parts",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("external_id", sa.String(320), nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("group_key", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unspoken", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_message_parts_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "external_id", name=op.f("pk_message_parts")),
    )
    op.create_index("ix_message_parts_group", "message_parts", ["conversation_id", "group_key", "number"])
