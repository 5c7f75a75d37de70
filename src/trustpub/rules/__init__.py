"""One file a rule of `check`: facts in, findings out. Empty until `check` is there."""
