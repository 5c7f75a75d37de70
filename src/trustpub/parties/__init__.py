"""Whoever is outside: each party behind a Protocol, with the real one and a stateful fake that passes the same tests."""
