"""The index behind a real nginx, set up as our own example says."""
