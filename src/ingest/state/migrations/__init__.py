"""Alembic's revisions of the state database; `ingest.state.database.upgrade` runs them."""
