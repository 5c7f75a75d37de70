"""Whoever turns a project's README into HTML: text from strangers, read by libraries that have crashed before."""
