"""Use cases that break, for tests of what people see then."""

from __future__ import annotations


class Broken:
    """A use case of which nothing works."""

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    def __getattr__(self, name: str) -> object:
        raise self._problem
