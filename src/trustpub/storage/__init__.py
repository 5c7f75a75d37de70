"""Storage: every table, the one writer, and the queries, for SQLite and PostgreSQL alike."""
