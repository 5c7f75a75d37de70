"""Security keys, as browsers speak for them."""
