"""The answer to what was asked for and not done: a status, what is wrong with which field, and when to try again."""

from __future__ import annotations

from dataclasses import dataclass

from trustpub.usecases.publisher_rows import Problem

__all__ = ["NotDone", "Problem", "not_done"]


@dataclass(frozen=True, slots=True)
class NotDone:
    """Why nothing was told or changed: an HTTP status, and every problem. `retry_after` is seconds (429), else 0."""

    status: int
    problems: tuple[Problem, ...]
    retry_after: int = 0

    @property
    def code(self) -> str:
        """The first problem's code."""
        return self.problems[0].code


def not_done(status: int, code: str, description: str, field: str = "", *, retry_after: int = 0) -> NotDone:
    """A refusal with one problem."""
    return NotDone(status, (Problem(code, description, field),), retry_after)
