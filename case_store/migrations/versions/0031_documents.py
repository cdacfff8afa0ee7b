"""What the house decides and words for itself, version by version.

Revision ID: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision: str | None = "0030"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "house_documents",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("origin", sa.String(12), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("file_digest", sa.String(64), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("author_id", sa.String(32), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("effective_from", Time, nullable=False),
        sa.Column("verdict", sa.String(12), nullable=True),
        sa.Column("decided_by", sa.String(80), nullable=True),
        sa.Column("decided_at", Time, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_house_documents"),
        sa.UniqueConstraint("kind", "name", "number", name="uq_house_documents_kind_name_number"),
        sa.UniqueConstraint("label", name="uq_house_documents_label"),
    )
    op.create_index("ix_house_documents_effective", "house_documents", ["verdict", "effective_from"])
