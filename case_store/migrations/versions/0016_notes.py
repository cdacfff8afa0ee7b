"""Notes that colleagues write beside a conversation, and whom they call in them.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(32), nullable=False),
        sa.Column("author_name", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_notes_conversation_id_conversations"
        ),
    )
    op.create_index("ix_notes_conversation", "notes", ["conversation_id", "at"])
    op.create_table(
        "note_mentions",
        sa.Column("note_id", sa.String(32), nullable=False),
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("seen_at", Time, nullable=True),
        sa.PrimaryKeyConstraint("note_id", "agent_id", name="pk_note_mentions"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_note_mentions_note_id_notes"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_note_mentions_agent_id_agents"),
    )
    op.create_index("ix_note_mentions_agent", "note_mentions", ["agent_id", "note_id"])
