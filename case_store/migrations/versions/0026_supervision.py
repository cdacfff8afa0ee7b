"""Supervision: quality samples and score sheets, surges, emergencies; and cases by when they were entered, for counting them.

Revision ID: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision: str | None = "0025"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "emergencies",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("about", sa.String(160), nullable=True),
        sa.Column("cases", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.String(200), nullable=False),
        sa.Column("declared_at", Time, nullable=False),
        sa.Column("ended_by", sa.String(200), nullable=True),
        sa.Column("ended_at", Time, nullable=True),
        sa.Column("end_note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_emergencies"),
    )
    op.create_index("ix_emergencies_declared", "emergencies", ["declared_at", "id"])
    op.create_index(
        "ix_emergencies_lasting",
        "emergencies",
        ["id"],
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "quality_measures",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("criterion", sa.String(40), nullable=True),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("due_on", sa.String(10), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("added_at", Time, nullable=False),
        sa.Column("done_by", sa.String(200), nullable=True),
        sa.Column("done_at", Time, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_quality_measures"),
    )
    op.create_index("ix_quality_measures_added", "quality_measures", ["added_at", "id"])
    op.create_table(
        "quality_samples",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("drawn_by", sa.String(32), nullable=False),
        sa.Column("drawn_by_name", sa.String(200), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("quarter", sa.String(7), nullable=False),
        sa.Column("chosen", Json, nullable=False),
        sa.Column("seed", sa.String(40), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("pool_size", sa.Integer(), nullable=False),
        sa.Column("left_out", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quality_samples"),
    )
    op.create_index("ix_quality_samples_at", "quality_samples", ["at", "id"])
    op.create_table(
        "surges",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("span", sa.String(8), nullable=False),
        sa.Column("dimension", sa.String(12), nullable=False),
        sa.Column("value", sa.String(160), nullable=False),
        sa.Column("usual", sa.Float(), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("peak", sa.Integer(), nullable=False),
        sa.Column("peak_at", Time, nullable=False),
        sa.Column("customers", sa.Integer(), nullable=True),
        sa.Column("examples", Json, nullable=False),
        sa.Column("policy_version", sa.String(60), nullable=False),
        sa.Column("started_at", Time, nullable=False),
        sa.Column("looked_at", Time, nullable=False),
        sa.Column("ended_at", Time, nullable=True),
        sa.Column("acknowledged_by", sa.String(200), nullable=True),
        sa.Column("acknowledged_at", Time, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_surges"),
    )
    op.create_index(
        "ix_surges_open",
        "surges",
        ["key"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_surges_started", "surges", ["started_at", "id"])
    op.create_table(
        "quality_sheets",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("quarter", sa.String(7), nullable=False),
        sa.Column("handler", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("measured", Json, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reviewer", sa.String(32), nullable=True),
        sa.Column("reviewer_name", sa.String(200), nullable=True),
        sa.Column("grades", Json, nullable=False),
        sa.Column("remark", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("edition", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("handed_in_at", Time, nullable=True),
        sa.Column("seen_at", Time, nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("stated_at", Time, nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_quality_sheets_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["quality_samples.id"], name="fk_quality_sheets_sample_id_quality_samples"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quality_sheets"),
        sa.UniqueConstraint("quarter", "case_id", name="uq_quality_sheets_quarter_case_id"),
    )
    op.create_index("ix_quality_sheets_case", "quality_sheets", ["case_id"])
    op.create_index("ix_quality_sheets_handed_in", "quality_sheets", ["handed_in_at", "id"])
    op.create_index("ix_quality_sheets_handler", "quality_sheets", ["handler", "handed_in_at"])
    op.create_index("ix_quality_sheets_sample", "quality_sheets", ["sample_id", "place"])
    op.create_table(
        "quality_editions",
        sa.Column("sheet_id", sa.String(32), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy_version", sa.String(60), nullable=False),
        sa.Column("criteria", Json, nullable=False),
        sa.Column("grades", Json, nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["quality_sheets.id"], name="fk_quality_editions_sheet_id_quality_sheets"
        ),
        sa.PrimaryKeyConstraint("sheet_id", "edition", name="pk_quality_editions"),
    )
    op.create_index("ix_cases_created", "cases", ["created_at"])
