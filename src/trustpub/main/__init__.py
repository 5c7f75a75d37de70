"""The composition roots: the only room that sees the command line and the web, and puts settings, stores and parties together."""
