"""Attestations verified in a process of their own: what checks signatures takes a second to load, and much memory."""
