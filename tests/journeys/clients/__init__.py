"""Every client that people publish and install with, unmodified, against the running index."""
