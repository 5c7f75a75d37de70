"""The pages against the code."""
