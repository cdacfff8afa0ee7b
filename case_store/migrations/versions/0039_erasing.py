"""Find by an index what is erased with a customer or a call; keep of an erasure what is read of it again.

Revision ID: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision: str | None = "0038"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.drop_index("ix_erasures_subject", "erasures")
    op.drop_column("erasures", "order_id")  # both stand in the entry of the chain
    op.drop_column("erasures", "counts")
    _named_in_the_house_chain()
    _of_calls()
    _as_0024_and_0026_make_it()


def _named_in_the_house_chain() -> None:
    named = sa.text("action IN ('identities_joined', 'identity_parted') AND detail IS NOT NULL")
    op.create_index("ix_audit_events_customers", "audit_events", ["number"], postgresql_where=named, sqlite_where=named)


def _of_calls() -> None:
    of_calls = sa.text("channel = 'phone'")
    op.create_index(
        "ix_arrivals_of_calls",
        "arrivals",
        ["external_id"],
        postgresql_ops={"external_id": "varchar_pattern_ops"},
        postgresql_where=of_calls,
        sqlite_where=of_calls,
    )


def _as_0024_and_0026_make_it() -> None:
    """Both were mended in place: a database that went through them before lacks an index and has a column too many."""
    op.create_index("ix_readings_day", "readings", ["day", "number"], if_not_exists=True)
    if any(column["name"] == "category" for column in sa.inspect(op.get_bind()).get_columns("surges")):
        op.drop_column("surges", "category")
