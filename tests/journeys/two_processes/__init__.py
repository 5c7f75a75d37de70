"""Two real server processes on one PostgreSQL database: what one of them knows, counts or spends, the other does."""
