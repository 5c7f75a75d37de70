"""What a wrapper runs: a script, and where it stands."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustpub.workflows.scene import Scene
    from trustpub.workflows.tools.runners import Called


class Wrapped(NamedTuple):
    """A script behind a wrapper. `line` is the line in `path` at which it begins; `folder` the one it runs in, if it is another.

    `variables` are those that the wrapper sets; when it is `closed` the script sees no others. `no_id_token` says why nothing in
    it can ask for an ID token.
    """

    kind: str
    name: str
    path: str
    line: int
    script: str
    variables: Mapping[str, str] = {}
    folder: str | None = None
    closed: bool = False
    no_id_token: str = ""


class Wrapping(NamedTuple):
    """A wrapper as it is called: its words, the variables that it sees, and what is there."""

    found: Called
    variables: Mapping[str, str]
    scene: Scene


Behind = tuple[Wrapped, ...] | str
"""What is behind a wrapper, or why it could not be read. Nothing at all for a program that is no wrapper."""


def script_of(words: Iterable[str]) -> str:
    """Write words as a command of a shell."""
    return " ".join(word if word.startswith("$") else shlex.quote(word) for word in words)


def line_of(text: str, needle: str, start: int = 0) -> int:
    """Return the line (from 1) on which a text first stands; 1 when it does not."""
    index = text.find(needle, start)
    return text.count("\n", 0, index) + 1 if index >= 0 else 1
