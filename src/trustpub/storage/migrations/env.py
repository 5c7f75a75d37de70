"""How alembic reaches the database: over the connection, and in the transaction, of whoever migrates."""

from __future__ import annotations

from alembic import context

from trustpub.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter most things: a table is made anew and its rows are copied.
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
