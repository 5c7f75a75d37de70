"""The programs people use (uv, twine, pip, build), run unmodified in an environment that holds no credential."""
