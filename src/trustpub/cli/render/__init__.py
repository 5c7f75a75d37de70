"""Results as text, JSON and pages; a renderer shows what was found and decides nothing."""
