"""What is kept on purpose and what is erased: holds, erasures, orders to erase what is held on a person.

Revision ID: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035"
down_revision: str | None = "0032"
branch_labels: str | None = None
depends_on: str | None = None

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("cases", sa.Column("held_since", Time, nullable=True))
    op.add_column("cases", sa.Column("erased_at", Time, nullable=True))
    held = sa.text("held_since IS NOT NULL")
    op.create_index("ix_cases_held", "cases", ["updated_at", "id"], postgresql_where=held, sqlite_where=held)
    op.add_column("conversations", sa.Column("erased_at", Time, nullable=True))
    _holds()
    _erasures()
    _orders()


def _holds() -> None:
    op.create_table(
        "case_holds",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(200), nullable=False),
        sa.Column("placed_at", Time, nullable=False),
        sa.Column("lifted_by", sa.String(200), nullable=True),
        sa.Column("lifted_at", Time, nullable=True),
        sa.Column("lifted_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_holds_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_holds"),
    )
    standing = sa.text("lifted_at IS NULL")
    op.create_index(
        "ix_case_holds_standing",
        "case_holds",
        ["case_id"],
        unique=True,
        postgresql_where=standing,
        sqlite_where=standing,
    )
    op.create_index("ix_case_holds_case", "case_holds", ["case_id", "placed_at"])


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("order_id", sa.String(32), nullable=True),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("files", Json, nullable=True),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_subject", "erasures", ["subject"])
    waiting = sa.text("files IS NOT NULL")
    op.create_index("ix_erasures_files", "erasures", ["id"], postgresql_where=waiting, sqlite_where=waiting)


def _orders() -> None:
    op.create_table(
        "erasure_orders",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("contacts", Json, nullable=True),
        sa.Column("contact_digest", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.String(80), nullable=False),
        sa.Column("even_within_retention", sa.Boolean(), nullable=False),
        sa.Column("subjects", Json, nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("cases", Json, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("done_at", Time, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_orders"),
    )
    not_done = sa.text("done_at IS NULL")
    op.create_index(
        "ix_erasure_orders_open", "erasure_orders", ["at"], postgresql_where=not_done, sqlite_where=not_done
    )
