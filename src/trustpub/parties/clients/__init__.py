"""parties/clients."""
