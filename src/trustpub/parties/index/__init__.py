"""parties/index."""
