"""What Alembic runs the revisions with: the connection and transaction that case_store.schema hands over."""

from __future__ import annotations

from alembic import context

from case_store import tables_figures as _figures  # noqa: F401  its tables belong to the schema
from case_store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can't alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
