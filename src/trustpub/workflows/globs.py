"""GitHub's filter patterns for branches and tags: not fnmatch, not gitignore, but a language of their own.

`*` stops at `/`, `**` does not, `?` and `+` repeat the *preceding* character, `[]` is a class, `!` takes back, and the last
pattern that matches wins. Environment rules speak another language (see `environments`).
Mirrors: GitHub's filter pattern cheat sheet (workflow syntax); cases as in nektos/act pkg/workflowpattern.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows import wildcards
from trustpub.workflows.wildcards import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LENGTH = 1000
"""Longer patterns match nothing here: no ref is that long, and the translation must stay cheap."""


class _Piece(NamedTuple):
    kind: str  # "text", "class", "star", "stars", "folders"
    value: str
    repeat: str  # "", "?" or "+"


def _pieces(pattern: str) -> Iterator[_Piece]:
    index = 0
    while index < len(pattern):
        kind, value, index = _piece(pattern, index)
        repeat = ""
        if kind in ("text", "class") and index < len(pattern) and pattern[index] in "?+":
            repeat, index = pattern[index], index + 1
        yield _Piece(kind, value, repeat)


def _piece(pattern: str, index: int) -> tuple[str, str, int]:
    char = pattern[index]
    if char == "*":
        end = index
        while end < len(pattern) and pattern[end] == "*":
            end += 1
        if end - index > 1 and pattern[end : end + 1] == "/" and (index == 0 or pattern[index - 1] == "/"):
            return "folders", "", end + 1
        return ("stars" if end - index > 1 else "star"), "", end
    if char == "[" and (end := pattern.find("]", index + 2)) > 0:
        return "class", pattern[index + 1 : end], end + 1
    if char == "\\" and index + 1 < len(pattern):
        return "text", pattern[index + 1], index + 2
    return "text", char, index + 1


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> tuple[Piece, ...]:
    return tuple(_compile(piece) for piece in _pieces(pattern))


def _compile(piece: _Piece) -> Piece:
    if piece.kind == "folders":
        return Piece(wildcards.ANY, folders=True)
    if piece.kind in ("star", "stars"):
        return Piece(wildcards.NO_SLASH if piece.kind == "star" else wildcards.ANY, least=0, many=True)
    accepts = wildcards.one(piece.value) if piece.kind == "text" else wildcards.one_of(piece.value)
    return Piece(accepts, least=0 if piece.repeat == "?" else 1, many=piece.repeat == "+")


def matches(pattern: str, name: str) -> bool:
    """Say whether one pattern (without `!`) matches the whole of a name."""
    return len(pattern) <= MAX_LENGTH and len(name) <= MAX_LENGTH and wildcards.fits(_compiled(pattern), name)


def admits(patterns: Iterable[str], name: str) -> bool:
    """Say whether a list of patterns lets a name through: each may add or, with `!`, take back; the last that matches wins."""
    result = False
    for pattern in patterns:
        if result == pattern.startswith("!") and matches(pattern.removeprefix("!"), name):
            result = not result
    return result


def fixed_start(pattern: str) -> str:
    """Return the text with which every name that matches begins."""
    start: list[str] = []
    for kind, value, repeat in _pieces(pattern):
        if kind != "text" or repeat == "?":
            break
        start.append(value)
        if repeat == "+":
            break
    return "".join(start)


def is_literal(pattern: str) -> bool:
    """Say whether the pattern matches one name only."""
    return all(kind == "text" and not repeat for kind, _, repeat in _pieces(pattern))


def instance(pattern: str, filling: str) -> str:
    """Write a name that the pattern matches: the first star becomes `filling`, what may be left out is left out."""
    parts: list[str] = []
    for kind, value, repeat in _pieces(pattern):
        if kind == "text":
            parts.append(value if repeat != "?" else "")
        elif kind == "class":
            parts.append(_member(value) if repeat != "?" else "")
        elif kind in ("star", "stars"):
            parts.append(filling)
            filling = "1"
    return "".join(parts)


def versioned(pattern: str, version: str) -> str:
    """Write a name for a pattern that reads like a version, where that can be: `v3.*` becomes `v3.1.2`.

    What a star stands for follows from what is written around it: a version that is begun is completed to three numbers. Not
    every such name matches, as a star may have to be empty or a class may stand between: ask `matches`.
    """
    name, stars, pieces = "", 0, list(_pieces(pattern))
    for number, (kind, value, repeat) in enumerate(pieces):
        if kind in ("text", "class"):
            name += "" if repeat == "?" else _member(value) if kind == "class" else value
        elif kind != "folders":
            stars += 1
            following = pieces[number + 1].value if number + 1 < len(pieces) else ""
            name += _filling(name, stars, version if following != "." else "")
    return name


def _filling(start: str, number: int, version: str) -> str:
    """Say what the star of a number stands for behind a start: one number where no `version` is given, else all that it lacks."""
    begun = re.search(r"(?:^|[^0-9.])([0-9]+(?:\.[0-9]+)*)(\.?)$", start)
    if re.search(r"[0-9][-_.]?(?:a|b|c|rc|alpha|beta|dev|pre|post)[-_.]?$", start):
        return "1"
    if begun is None:
        return version or str(number)
    count = begun[1].count(".") + 1
    if begun[2]:
        return "1.2" if version and count == 1 else str(number)
    return {1: ".1.2", 2: ".1"}.get(count, "") if version else ""


def _member(text: str) -> str:
    accepts = wildcards.one_of(text)
    return next((char for char in "1a0bA" if accepts.match(char)), text[:1])
