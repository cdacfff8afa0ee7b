"""Accounts: second factors, passwords that somebody else knows, where sessions were opened, keys that expire.

Revision ID: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision: str | None = "0026"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    must_change: sa.Column[bool] = sa.Column(
        "must_change", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("agents", must_change)
    op.add_column("agents", sa.Column("own_since", Time, nullable=True))
    op.add_column("agent_sessions", sa.Column("network", sa.String(64), nullable=True))
    how: sa.Column[str] = sa.Column("how", sa.String(16), server_default=sa.text("'password'"), nullable=False)
    op.add_column("agent_sessions", how)
    op.add_column("api_keys", sa.Column("expires_at", Time, nullable=True))
    op.add_column("api_keys", sa.Column("used_at", Time, nullable=True))
    op.create_table(
        "second_factors",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("waiting", sa.Text(), nullable=True),
        sa.Column("confirmed_at", Time, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("reset_at", Time, nullable=True),
        sa.Column("reset_by", sa.String(80), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_second_factors_agent_id_agents"),
        sa.PrimaryKeyConstraint("agent_id", name="pk_second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("used_at", Time, nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_recovery_codes_agent_id_agents"),
        sa.PrimaryKeyConstraint("agent_id", "digest", name="pk_recovery_codes"),
    )
