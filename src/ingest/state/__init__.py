"""What the pipeline remembers between runs, in one SQL database (SQLite or PostgreSQL)."""
