"""Workflow files as values: bytes in, predictions out. Pure, as `domain` is; only the YAML events come from outside."""
