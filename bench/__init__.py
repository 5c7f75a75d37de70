"""Measurements against the budgets, beside the peers: whole processes, real sockets, data on disk."""
