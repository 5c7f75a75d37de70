"""`trustpub setup`: read the three sides, plan, ask, apply in the safe order, read back, compare."""
