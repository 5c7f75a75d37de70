"""The catalogue of failures, on what real clients print and on what has nothing to do with it."""
