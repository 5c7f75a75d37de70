"""Writing a new or a changed file into a checkout: whole or not at all, and never anywhere else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from trustpub.errors import BadInput, Broken


def rewrite(root: str, path: str, before: bytes, after: bytes) -> None:
    """Replace a file's bytes at once, its mode kept.

    `path` is relative to `root`. Raises `BadInput` for a link, for what is no regular file of the checkout, and for a file that
    is not what it was when it was read; `Broken` when the folder cannot be written.
    """
    whole = Path(root).resolve() / path
    if whole.resolve() != whole or not whole.is_relative_to(Path(root).resolve()):
        raise BadInput(path, why="a link, or a file behind one, is never rewritten", next_step="Change the file that it leads to")
    try:
        mode = whole.lstat().st_mode
        if not stat.S_ISREG(mode):
            raise BadInput(path, why="not a regular file")
        if whole.read_bytes() != before:
            raise BadInput(path, why="changed while it was checked", next_step="Run the same command again")
        _replace(whole, after, stat.S_IMODE(mode))
    except OSError as problem:
        next_step = "Make the file and its folder writable"
        raise Broken(path, why=f"cannot be written: {problem.strerror}", next_step=next_step) from None


def create(root: str, path: str, data: bytes) -> None:
    """Write a file that is not there yet, with the folders that it needs.

    Raises `BadInput` where something is there already and for folders that are links, `Broken` when it cannot be written.
    """
    whole = Path(root).resolve() / path
    if whole.parent.resolve() != whole.parent or not whole.is_relative_to(Path(root).resolve()):
        raise BadInput(path, why="its folder is a link, and nothing is written behind one", next_step="Make it a folder")
    for folder in whole.parents:
        if folder.exists() and not folder.is_dir():
            why = f"`{folder.name}` is a file, and a folder of this name is needed"
            raise Broken(path, why=why, next_step=f"Move `{folder.name}` away")
    if whole.is_dir():
        raise Broken(path, why="it is a folder, and a file of this name is needed", next_step=f"Move `{whole.name}` away")
    try:
        whole.parent.mkdir(parents=True, exist_ok=True)
        if whole.is_symlink() or whole.exists():
            raise BadInput(path, why="it is there by now", next_step="Run the same command again")
        _replace(whole, data, 0o666 & ~_umask())
    except OSError as problem:
        next_step = "Make the folder writable"
        raise Broken(path, why=f"cannot be written: {problem.strerror}", next_step=next_step) from None


def _umask() -> int:
    """Ask which rights this process leaves out: that cannot be read without setting it for a moment."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _replace(path: Path, data: bytes, mode: int) -> None:
    """Write beside the file and put that in its place: who reads meanwhile sees the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
