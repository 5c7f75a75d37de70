"""The command `orchay FILE`: print the waves of a TOML file of `task = [what it needs]`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from orchay import CycleError, waves


def main(args: list[str] | None = None) -> int:
    """Print one line a wave. Ends with 0, with 1 when tasks wait for each other, with 2 when the file cannot be used."""
    words = sys.argv[1:] if args is None else args
    if len(words) != 1:
        return _fail("usage: orchay FILE", 2)
    try:
        needs = tomllib.loads(Path(words[0]).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        return _fail(f"orchay: {words[0]}: {problem}", 2)
    if not all(isinstance(value, list) and all(isinstance(item, str) for item in value) for value in needs.values()):
        return _fail(f"orchay: {words[0]}: every task is a list of the tasks it needs", 2)
    try:
        for number, wave in enumerate(waves(needs), 1):
            sys.stdout.write(f"{number}  {' '.join(wave)}\n")
    except CycleError as problem:
        return _fail(f"orchay: these wait for each other: {' -> '.join(problem.args[1])}", 1)
    return 0


def _fail(line: str, status: int) -> int:
    sys.stderr.write(f"{line}\n")
    return status
