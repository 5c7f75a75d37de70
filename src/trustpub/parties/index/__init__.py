"""Package indexes as somebody outside sees them: where the public ones are."""
