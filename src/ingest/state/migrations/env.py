"""Alembic's entry point: runs the revisions on the connection, and in the transaction, of `database.upgrade`."""

from alembic import context

from ingest.state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter tables in place
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
