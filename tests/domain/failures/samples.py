"""The collected samples, each with the cause that must come first, and the logs that must stay unknown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[2] / "failures"


class Sample(NamedTuple):
    """One log. `field` is what the first cause names, empty when the sample does not say."""

    name: str
    code: str
    field: str
    verbatim: bool
    log: bytes


def samples() -> list[Sample]:
    """Every sample, those that the matcher met unseen included."""
    return [_sample(path) for path in sorted((FOLDER / "samples").rglob("*.txt"))]


def _sample(path: Path) -> Sample:
    first, second, log = path.read_bytes().split(b"\n", 2)
    code, _, field = first.decode().removeprefix("# expected: ").partition(" ")
    return Sample(path.stem, code, field, second.startswith(b"# printed by"), log)


def unrelated() -> list[tuple[str, bytes]]:
    """Failing logs of everything else."""
    parts = re.split(r"(?m)^=== ", (FOLDER / "unrelated.txt").read_text(encoding="utf-8"))[1:]
    return [(name, log.encode()) for name, _, log in (part.partition("\n") for part in parts)]
