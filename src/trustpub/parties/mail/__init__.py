"""Mail: out through a server, or into a folder when there is none."""
