"""Where a command's words go: results to stdout, talk to stderr, colours only to somebody who sees them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}


def say(text: str) -> None:
    """Write a result to stdout, as it is: the line feed at its end is the text's own."""
    _write(sys.stdout, text)


def complain(text: str) -> None:
    """Write one line of talk to stderr."""
    _write(sys.stderr, f"{text}\n")


def summarise(text: str) -> None:
    """Add to the page of the job that runs here, where there is one. One that cannot be written changes no answer: it is said."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8") as page:  # noqa: PTH123 - pathlib takes longer to load than this
            page.write(text)
    except OSError as problem:
        complain(f"trustpub: `GITHUB_STEP_SUMMARY`: the summary cannot be written to `{path}`: {problem.strerror}")


def coloured(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether colours may go there: `NO_COLOR` forbids them, `FORCE_COLOR` asks for them, else a terminal decides."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return environment.get("TERM") != "dumb" and stream.isatty()


def styled(text: str, colour: str | None = None, *, bold: bool = False) -> str:
    """Put a colour around a word, for a stream that `coloured` allows it for."""
    codes = [str(_COLOURS[colour])] if colour else []
    codes += ["1"] if bold else []
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes else text


def _write(stream: TextIO, text: str) -> None:
    """Write at once, so that a reader who has gone is noticed here. What the stream's encoding lacks is written as an escape."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
