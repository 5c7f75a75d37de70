"""What an analysis looked at on the disk, so that a later one can tell whether anything of it has changed.

Whatever reads the files of a checkout tells here before it looks. States are digests of content, never times: a tool may set a
file's time as it likes.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 8 << 20
"""How much of one file is looked at: more than any reader of a checkout takes."""


class Ledger:
    """The files and folders that were looked at below one root, by path relative to it, with the state that they were in."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self.states: dict[str, str] = {}

    def note(self, path: str, *, folder: bool) -> None:
        """Take down the state of a path (absolute), unless it was taken down before."""
        name = f"{os.path.relpath(path, self.root)}{'/' if folder else ''}"
        if name not in self.states:
            self.states[name] = state(self.root, name)

    def names(self) -> tuple[str, ...]:
        """List what was looked at."""
        return tuple(self.states)


_LEDGERS: list[Ledger] = []


@contextmanager
def watched(ledger: Ledger) -> Iterator[None]:
    """Take down whatever is looked at meanwhile."""
    _LEDGERS.append(ledger)
    try:
        yield
    finally:
        _LEDGERS.remove(ledger)


def file(path: str) -> None:
    """Say that a file is about to be read, or its absence noticed."""
    for ledger in _LEDGERS:
        ledger.note(path, folder=False)


def folder(path: str) -> None:
    """Say that a folder is about to be listed."""
    for ledger in _LEDGERS:
        ledger.note(path, folder=True)


OUTSIDE = "outside"
"""The state of what leads out of the root: it is not looked at, so nothing can be said about its changes."""


def state(root: str, name: str) -> str:
    """Return what a path is now, as one short word: its content, and where links lead. A name that ends in `/` is a folder's."""
    whole = os.path.join(root, name)
    try:
        real = os.path.realpath(whole)
        if os.path.exists(whole) and real != root and not real.startswith(os.path.join(root, "")):
            return OUTSIDE
        return digest([os.fsencode(real), *(_listing(whole) if name.endswith("/") else _content(whole))])
    except (OSError, ValueError):
        return "absent"


def digest(parts: Iterable[bytes]) -> str:
    """Return a digest of byte strings, of which each is told apart from its neighbours."""
    try:
        from _blake2 import blake2b  # hashlib's own, without loading OpenSSL, which takes longer than the digests
    except ImportError:
        from hashlib import blake2b

    whole = blake2b(digest_size=20)
    for part in parts:
        whole.update(b"%d:" % len(part))
        whole.update(part)
    return str(whole.hexdigest())


def _content(path: str) -> list[bytes]:
    if not os.path.isfile(path):
        return [b"absent"]
    with open(path, "rb") as stream:
        return [stream.read(MOST)]


def _listing(path: str) -> list[bytes]:
    with os.scandir(path) as entries:
        rows = sorted(f"{entry.name}\0{entry.is_dir()}{entry.is_file()}{entry.is_symlink()}" for entry in entries)
    return [os.fsencode(row) for row in rows]
