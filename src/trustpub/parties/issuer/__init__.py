"""parties/issuer."""
