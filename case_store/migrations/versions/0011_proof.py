"""What a proof has proved can be taken back: where codes went, what came through which identity, sessions that end, links withheld.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("codes", sa.Column("address", sa.String(320), nullable=True))
    session_epoch = sa.Column("session_epoch", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("conversations", session_epoch)
    op.add_column("case_conversations", sa.Column("withheld_at", Time, nullable=True))
    op.create_table(
        "identity_joins",
        sa.Column("through", sa.String(320), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("proof", sa.String(24), nullable=False),
        sa.Column("joined_by", sa.String(80), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("through", "address", name="pk_identity_joins"),
    )
    op.create_index("ix_identity_joins_address", "identity_joins", ["address"])
    # what was joined before came through the first identity of its customer, as far as anybody can tell now
    op.execute(
        "INSERT INTO identity_joins (through, address, proof, joined_by, at)"
        " SELECT f.address, i.address, i.proof, i.joined_by, i.at FROM identities i"
        " JOIN identities f ON f.customer = i.customer AND f.proof = 'first' WHERE i.proof <> 'first'"
    )
