"""What is handed in over the counter or comes by letter: papers, proxies, representatives, withdrawals; calls and letters with their tries.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

UtcTime = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "case_papers",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("taken_by", sa.String(200), nullable=True),
        sa.Column("taken_post", sa.String(200), nullable=True),
        sa.Column("handed_in_by", sa.String(200), nullable=True),
        sa.Column("postal_address", sa.Text(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_papers_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_papers"),
    )
    op.create_table(
        "case_parties",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("relation", sa.String(200), nullable=True),
        sa.Column("contact", sa.String(320), nullable=True),
        sa.Column("postal_address", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.String(10), nullable=True),
        sa.Column("added_at", UtcTime, nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.Column("ended_at", UtcTime, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_parties_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_parties"),
    )
    op.create_index("ix_case_parties_case", "case_parties", ["case_id"])
    op.create_table(
        "case_withdrawals",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("received_on", sa.String(10), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("who", sa.String(200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.Column("recorded_at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_withdrawals_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_withdrawals"),
    )
    op.create_index("ix_case_withdrawals_case", "case_withdrawals", ["case_id"])
    op.add_column("attachments", sa.Column("purpose", sa.String(16), nullable=True))
    op.add_column("cases", sa.Column("mandate", sa.String(8), nullable=True))
    op.add_column("tasks", sa.Column("due_at", UtcTime, nullable=True))
    op.add_column("tasks", sa.Column("next_at", UtcTime, nullable=True))
    op.add_column("tasks", sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("tasks", sa.Column("tried_at", UtcTime, nullable=True))
    op.add_column("tasks", sa.Column("how", sa.String(16), nullable=True))
    op.add_column("tasks", sa.Column("happened_at", UtcTime, nullable=True))
