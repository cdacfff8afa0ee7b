"""Signing in by the institution's own sign-in service: whose account is whose there, and what may be used only once.

Revision ID: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision: str | None = "0027"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "agent_subjects",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("linked_at", Time, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_agent_subjects_agent_id_agents"),
        sa.PrimaryKeyConstraint("agent_id", name="pk_agent_subjects"),
    )
    op.create_index("ix_agent_subjects_subject", "agent_subjects", ["issuer", "subject"], unique=True)
    op.create_table(
        "provider_sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("sid", sa.String(255), nullable=True),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest"],
            ["agent_sessions.digest"],
            name="fk_provider_sessions_digest_agent_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_provider_sessions"),
    )
    op.create_index("ix_provider_sessions_subject", "provider_sessions", ["issuer", "subject"])
    op.create_table(
        "spent_words",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("until", Time, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_spent_words"),
    )
    op.create_index("ix_spent_words_until", "spent_words", ["until"])
