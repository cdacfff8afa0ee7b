"""Teams: who belongs to them, and which cases and conversations are theirs.

Revision ID: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision: str | None = "0031"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)
_OPEN = sa.text("reference IS NOT NULL AND status IN ('filed', 'in_progress', 'waiting_for_customer')")
_NAMED = sa.text("team IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_teams"),
    )
    op.create_table(
        "team_members",
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["team"], ["teams.name"], name="fk_team_members_team_teams"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_team_members_agent_id_agents"),
        sa.PrimaryKeyConstraint("team", "agent_id", name="pk_team_members"),
    )
    op.create_index("ix_team_members_agent", "team_members", ["agent_id"])
    op.add_column("conversations", sa.Column("team", sa.String(32), nullable=True))
    op.add_column("cases", sa.Column("team", sa.String(32), nullable=True))
    op.create_index("ix_cases_team", "cases", ["team", "updated_at", "id"])
    due = ["team", "feedback_due_at", "id"]
    op.create_index("ix_cases_open_team", "cases", due, postgresql_where=_OPEN, sqlite_where=_OPEN)
    updated = ["team", "updated_at", "id"]
    op.create_index("ix_conversations_team", "conversations", updated, postgresql_where=_NAMED, sqlite_where=_NAMED)
