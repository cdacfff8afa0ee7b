"""Conversations that are given by turn: what agents can do, who takes any, and what was given to whom.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision: str | None = "0018"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)
Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    for column in (
        sa.Column("languages", Json, nullable=True),
        sa.Column("skills", Json, nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("given_at", Time, nullable=True),
    ):
        op.add_column("agents", column)
    op.add_column("conversations", sa.Column("unassigned", sa.String(24), nullable=True))
    op.add_column("agent_sessions", sa.Column("takes_at", Time, nullable=True))
    taking = sa.text("takes_at IS NOT NULL")
    op.create_index(
        "ix_agent_sessions_taking", "agent_sessions", ["takes_at"], postgresql_where=taking, sqlite_where=taking
    )
    op.create_table(
        "givings",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("waited_since", Time, nullable=True),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("due_at", Time, nullable=True),
        sa.Column("opened_at", Time, nullable=True),
        sa.Column("returned_at", Time, nullable=True),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "epoch", name="pk_givings"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_givings_conversation_id_conversations"
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_givings_agent_id_agents"),
    )
    for name in ("due", "returned"):
        where = sa.text(f"{name}_at IS NOT NULL")
        op.create_index(f"ix_givings_{name}", "givings", [f"{name}_at"], postgresql_where=where, sqlite_where=where)
