"""parties/archives."""
