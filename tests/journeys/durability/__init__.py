"""Nothing acknowledged is lost: clients that keep a log, faults on both sizes of an index, and a checker that trusts neither."""
