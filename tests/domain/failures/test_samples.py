"""Every collected failure is explained with its right cause first, however its log was taken; nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Scale
from tests.domain.failures.samples import samples, unrelated
from trustpub.domain.failures import known
from trustpub.domain.logs import cleaned

SAMPLES = samples()
UNRELATED = unrelated()


def alone(log: bytes) -> bool:
    """Whether a log is still as a client printed it, and not as GitHub kept it."""
    return b"Z ##[" not in log


def stamped(log: bytes) -> bytes:
    """As GitHub keeps a log."""
    if not alone(log):
        return log
    lines = log.decode().splitlines()
    return "".join(f"2026-11-22T10:02:03.{number:07}Z {line}\n" for number, line in enumerate(lines)).encode()


def viewed(log: bytes) -> bytes:
    """As `gh run view --log` prints it."""
    if not alone(log):
        return log
    return b"\n".join(b"publish\tUpload to PyPI\t" + line for line in stamped(log).split(b"\n") if line)


def coloured(log: bytes) -> bytes:
    """As a terminal gets it: every line in red, and the ends of Windows."""
    return b"\r\n".join(b"\x1b[31;1m" + line + b"\x1b[0m" for line in log.split(b"\n"))


def boxed(log: bytes) -> bytes:
    """As rich draws it: in a box, wrapped at its width between words."""
    if not alone(log):
        return log
    lines: list[str] = []
    for line in log.decode().splitlines():
        row = ""
        for word in line.split(" "):
            if len(row) + len(word) > 70 and row:
                lines.append(row)
                row = ""
            row = f"{row} {word}" if row else word
        lines.append(row)
    return "\n".join(f"│ {line:<70} │" for line in lines).encode()


def sixteen(log: bytes) -> bytes:
    """As PowerShell writes it to a file."""
    return log.decode().encode("utf-16")


def buried(log: bytes, lines: int = 200) -> bytes:
    """Below what a job prints that works."""
    return b"Collecting something (from demo)\nok 12%\n" * lines + log


FORMS = (bytes, stamped, viewed, coloured, boxed, sixteen, buried)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: str(form.__name__))
def test_the_right_cause_comes_first(form: Callable[[bytes], bytes]) -> None:
    """The code, and the field where the text names it, in every form in which a log is handed over."""
    firsts = {sample: known(cleaned(form(sample.log)))[0] for sample in SAMPLES}
    found = {sample.name: (first.code, first.field) for sample, first in firsts.items()}

    assert {sample.name: (sample.code, sample.field or first.field) for sample, first in firsts.items()} == found


def test_the_right_cause_comes_first_far_below(scale: Scale) -> None:
    """Under ten thousand lines of a job that works, too."""
    for sample in SAMPLES[:: scale(20, 1)]:
        first = known(cleaned(buried(sample.log, 5_000)))[0]
        assert (sample.name, sample.code, sample.field or first.field) == (sample.name, first.code, first.field)


def test_other_failures_are_not_known() -> None:
    """A failure that has nothing to do with publishing has no cause here."""
    assert [] == [name for name, log in UNRELATED if known(cleaned(log))]


def test_enough_was_collected() -> None:
    """At least 60 samples, half of them printed by real clients, and at least 100 failures of everything else."""
    printed = [sample for sample in SAMPLES if sample.verbatim]
    programs = {sample.name.partition(".")[2].partition("-")[0] for sample in printed}

    assert len(SAMPLES) >= 60
    assert len(printed) >= 30
    assert {"uv", "twine", "action", "pdm"} <= programs
    assert len(UNRELATED) >= 100
