"""Offers of solutions, what customers answered to them, and the settlements that came of it (handbook 5.2 and 5.3).

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)
Json = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "offers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("solution", sa.String(60)),
        sa.Column("by_bot", sa.Boolean(), nullable=False),
        sa.Column("offered_by", sa.String(80), nullable=False),
        sa.Column("offered_at", Time, nullable=False),
        sa.Column("expires_on", sa.String(10), nullable=False),
        sa.Column("chosen", sa.Integer()),
        sa.Column("closed_at", Time),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_offers_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
        sa.UniqueConstraint("case_id", "round", name="uq_offers_case_id_round"),
    )
    op.create_table(
        "offer_answers",
        sa.Column("offer_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("option", sa.Integer()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.String(32)),
        sa.Column("message", sa.Integer()),
        sa.Column("way", sa.String(16)),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name="fk_offer_answers_offer_id_offers"),
        sa.PrimaryKeyConstraint("offer_id", "number", name="pk_offer_answers"),
    )
    op.create_table(
        "settlements",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("offer_id", sa.String(32), nullable=False),
        sa.Column("option", Json, nullable=False),
        sa.Column("option_number", sa.Integer(), nullable=False),
        sa.Column("parties", Json, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("due_on", sa.String(10), nullable=False),
        sa.Column("due_at", Time, nullable=False),
        sa.Column("calendar_gap", sa.Boolean(), nullable=False),
        sa.Column("policy_version", sa.String(60), nullable=False),
        sa.Column("confirmed_at", Time, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.String(32)),
        sa.Column("message", sa.Integer()),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.Column("performed_on", sa.String(10)),
        sa.Column("performed_at", Time),
        sa.Column("performed_by", sa.String(80)),
        sa.Column("note", sa.Text()),
        sa.Column("overdue_at", Time),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_settlements_case_id_cases"),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name="fk_settlements_offer_id_offers"),
        sa.PrimaryKeyConstraint("id", name="pk_settlements"),
        sa.UniqueConstraint("offer_id", name="uq_settlements_offer_id"),
    )
    op.create_index("ix_settlements_case", "settlements", ["case_id"])
