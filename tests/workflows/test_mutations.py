"""Broken copies of a real workflow: each is predicted or refused, and nothing else ever happens."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.conftest import Scale
from tests.workflows.samples import facts
from trustpub.errors import BrokenFile
from trustpub.workflows.model import Workflow, read
from trustpub.workflows.predict import VERDICTS, predict
from trustpub.workflows.source import parse

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/orchay/.github/workflows/pypi.yml"
PIECES = [
    b"${{ ",
    b" }}",
    b"'",
    b'"',
    b": ",
    b"- ",
    b"[",
    b"]",
    b"{",
    b"}",
    b"!",
    b"&a ",
    b"*a",
    b"\n",
    b"\n  ",
    b"null",
    b"if: ",
    b"|",
    b"(",
    b")",
]


def mutated(data: bytes, random: Random) -> bytes:
    """Cut, repeat, insert and flip a few places."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 6)):
        at, other = random.randrange(len(changed) + 1), random.randrange(len(changed) + 1)
        kind = random.randrange(4)
        if kind == 0:
            del changed[at : at + random.randint(1, 40)]
        elif kind == 1:
            changed[at:at] = changed[other : other + random.randint(1, 80)]
        elif kind == 2:
            changed[at:at] = random.choice(PIECES)
        elif at < len(changed):
            changed[at] = random.randrange(256)
    return bytes(changed)


def outcome(data: bytes) -> Workflow | BrokenFile:
    """Read a file, or the error that it ends in."""
    try:
        return read(parse(data, ".github/workflows/pypi.yml"))
    except BrokenFile as problem:
        return problem


@pytest.mark.parametrize("seed", range(4))
def test_mutants_are_predicted_or_refused(seed: int, scale: Scale) -> None:
    """No exception but the one that points at a place in the file."""
    random = Random(seed)
    data = EXAMPLE.read_bytes()
    predicted = 0
    for _ in range(scale(150, 25_000)):
        workflow = outcome(mutated(data, random))
        if isinstance(workflow, BrokenFile):
            assert workflow.line > 0
            continue
        for prediction in predict({workflow.path: workflow}, facts()):
            predicted += 1
            assert prediction.verdict in VERDICTS
            assert 1 <= prediction.line <= workflow.source.text.count("\n") + 1
    assert predicted > 0
