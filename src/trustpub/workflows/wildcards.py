"""Matching a name against pieces of a pattern, in time that no pattern can blow up.

GitHub has two pattern languages (`globs` for triggers, `environments` for deployments). Both are sequences of pieces; only how
they are written differs. What can be reached is followed as a set of positions, so the work is at most pieces x characters, where
a regular expression would backtrack for hours on a pattern that a stranger wrote for this purpose.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Piece(NamedTuple):
    """Characters that `accepts` allows: at least `least` (0 or 1) of them, more when `many`.

    `folders` makes it the piece that stands for whole folders, each with its `/`: none, one or several. `guard` makes it one
    that takes no character, and lets through only the places where `accepts` matches.
    """

    accepts: re.Pattern[str]
    least: int = 1
    many: bool = False
    folders: bool = False
    guard: bool = False


ANY = lazy_pattern(".", re.DOTALL)
NO_SLASH = lazy_pattern("[^/]")


def one(char: str) -> re.Pattern[str]:
    """Accept one character only."""
    return re.compile(re.escape(char))


def one_of(text: str, negated: bool = False) -> re.Pattern[str]:
    """Accept a class as it stands between `[` and `]`: characters and ranges. A class that is none accepts nothing."""
    inside = re.sub(r"([\\\[\]^&~|])", r"\\\1", text)
    try:
        return re.compile(f"[{'^' if negated else ''}{inside}]", re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")


def fits(pieces: Iterable[Piece], name: str) -> bool:
    """Say whether the pieces together match the whole name."""
    reached = {0}
    for piece in pieces:
        if piece.guard:
            reached = {place for place in reached if piece.accepts.match(name, place)}
        else:
            reached = _folders(reached, name, piece) if piece.folders else _step(reached, name, piece)
        if not reached:
            return False
    return len(name) in reached


def _step(reached: set[int], name: str, piece: Piece) -> set[int]:
    result = set() if piece.least else set(reached)
    waiting = sorted(reached, reverse=True)
    while waiting:
        position = waiting.pop()
        if position < len(name) and piece.accepts.match(name, position):
            if piece.many and position + 1 not in result and position + 1 not in reached:
                waiting.append(position + 1)
            result.add(position + 1)
    return result


def _folders(reached: set[int], name: str, piece: Piece) -> set[int]:
    """Follow `**/`: from any position over whole folders; `accepts` judges the first character of each."""
    result = set(reached)
    waiting = list(reached)
    while waiting:
        start = waiting.pop()
        slash = name.find("/", start)
        if slash >= 0 and piece.accepts.match(name, start) and slash + 1 not in result:
            result.add(slash + 1)
            waiting.append(slash + 1)
    return result
