"""What Alembic runs the revisions with: the connection and transaction that case_store.schema hands over."""

from __future__ import annotations

from alembic import context

from case_store.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can't alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
