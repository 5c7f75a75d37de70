"""Which refs a GitHub environment lets deploy: patterns of Ruby's `File.fnmatch`, held against the ref's short name.

A second language beside that of `globs`: here `*` and `?` never match `/`, `**/` stands for folders, `?` is any one character,
and `{a,b}` is plain text. A rule for branches never lets a tag through, and the other way round: with only a branch rule, the
deployment of every pushed tag is refused.
Mirrors: GitHub's deployment branch and tag policies (File.fnmatch with File::FNM_PATHNAME).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.workflows import wildcards
from trustpub.workflows.wildcards import Piece

if TYPE_CHECKING:
    from trustpub.domain.declaration import DeclaredEnvironment

MAX_LENGTH = 1000


def environment_admits(declared: DeclaredEnvironment | None, ref: str) -> bool | None:
    """Say whether an environment's declared rules let a ref deploy; None when nothing is declared about the environment.

    `ref` is a full one (`refs/tags/v1.2.3`). Without any pattern every ref may deploy.
    """
    if declared is None:
        return None
    if not declared.branches and not declared.tags:
        return True
    if ref.startswith("refs/tags/"):
        return any(fnmatch(pattern, ref.removeprefix("refs/tags/")) for pattern in declared.tags)
    if ref.startswith("refs/pull/"):
        return any(fnmatch(pattern, ref) for pattern in declared.branches)
    return any(fnmatch(pattern, ref.removeprefix("refs/heads/")) for pattern in declared.branches)


def fnmatch(pattern: str, name: str) -> bool:
    """Say whether Ruby's `File.fnmatch(pattern, name, File::FNM_PATHNAME)` would hold."""
    return len(pattern) <= MAX_LENGTH and len(name) <= MAX_LENGTH and wildcards.fits(_compiled(pattern), name)


_VISIBLE = lazy_pattern(r"[^/.]")
_NO_DOT = Piece(re.compile(r"(?!\.)"), guard=True)
_CLASS = lazy_pattern(r"\[([!^]?)((?:\\.|[^\]\\])+)\]", re.DOTALL)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    index = 0
    while index < len(pattern):
        starts_folder = index == 0 or pattern[index - 1] == "/"
        if starts_folder and pattern.startswith("**/", index):
            pieces.append(Piece(_VISIBLE, folders=True))
            index += 3
            continue
        new, index = _piece(pattern, index, starts_folder)
        pieces += new
    return tuple(pieces)


def _piece(pattern: str, index: int, starts_folder: bool) -> tuple[list[Piece], int]:
    char = pattern[index]
    if char == "*":
        rest = Piece(wildcards.NO_SLASH, least=0, many=True)
        return [_NO_DOT, rest] if starts_folder else [rest], index + 1
    if char == "?":  # a dot that begins a folder or a name must be written out
        return [Piece(_VISIBLE if starts_folder else wildcards.NO_SLASH)], index + 1
    if char == "[" and (match := _CLASS.match(pattern, index)):
        inside = re.sub(r"\\(.)", r"\1", match[2], flags=re.DOTALL)
        accepts = wildcards.one_of(inside, negated=bool(match[1]))
        return [Piece(re.compile(f"(?!/){accepts.pattern}", re.DOTALL))], match.end()  # no class matches a slash
    if char == "\\" and index + 1 < len(pattern):
        return [Piece(wildcards.one(pattern[index + 1]))], index + 2
    return [Piece(wildcards.one(char))], index + 1
