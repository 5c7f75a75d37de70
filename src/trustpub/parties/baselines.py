"""The baseline file on this disk."""

from __future__ import annotations

import os

from trustpub.errors import BadInput, Broken


def read(path: str) -> bytes | None:
    """Return a file's bytes, or None when there is no such file. Raises `BadInput` when it is there and cannot be read."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - pathlib takes longer to load than this
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise BadInput(path, why=f"cannot be read: {problem.strerror}") from None


def write(path: str, text: str) -> None:
    """Write the file whole: beside its place first. Raises `Broken` when its folder cannot be written."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "x", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123 - as above
            stream.write(text)
        os.replace(temporary, path)  # noqa: PTH105 - as above
    except OSError as problem:
        raise Broken(path, why=f"cannot be written: {problem.strerror}") from None
