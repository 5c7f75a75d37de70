"""Thousands of workflow files, made and broken: each is checked and drawn in every form, never with a traceback, never slowly."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from tests.conftest import Scale
from tests.workflows import making
from tests.workflows.seeds import SEEDS
from trustpub.domain.findings import SEVERITIES
from trustpub.errors import TrustpubError
from trustpub.parties.git import Checkout, Origin
from trustpub.parties.index.addresses import Addresses
from trustpub.usecases import check
from trustpub.usecases.fix import diff, fixed

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.usecases.report import Report

FORMS = ("text", "json", "sarif", "github", "html")
LONGEST = 1.0
"""How many seconds of the processor a file below 100 KB may take, checked and drawn."""
LARGEST = 100_000
PIECES = [
    "${{ ",
    " }}",
    "'",
    '"',
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "!",
    "&a ",
    "*a",
    "\\",
    "#",
    "\t",
    "\x85",
    "\x00",
    "\ufeff",
    "🚀",
    "null",
    "if: ",
    "uses: ",
    "run: |\n",
    "permissions:",
    "id-token: write",
    "on:",
    "jobs:",
    "steps:",
    "<<: *a",
    "needs: [publish]",
    "environment: pypi",
    "strategy: {matrix: {a: [1]}}",
    "---",
    "...",
    "%YAML 1.1",
    "? ",
    "# trustpub: ignore[",
    "# trustpub: ignore[M02] x",
    "\r",
    "> ",
    "|-",
    "~",
    "!!str ",
    "\\0",
]


class Bench:
    """Checks files in one folder, and remembers which took longest."""

    def __init__(self, folder: Path) -> None:
        (folder / "pyproject.toml").write_text('[project]\nname = "tool"\nversion = "1.2.3"\n')
        (folder / "Makefile").write_text("release:\n\ttwine upload dist/*\n")
        self.folder = folder
        self.addresses = Addresses(folder)
        self.slowest = (0.0, b"")
        self.spoke: dict[str, int] = {}
        self.fixes = 0

    def checkout(self, data: bytes) -> Checkout:
        """A checkout with one more workflow file than it always has."""
        files = {".github/workflows/release.yml": data, ".github/workflows/called.yml": CALLED}
        return Checkout(f"{self.folder}", f"{self.folder}", files, Origin("github.com", "octo", "tool"), None, "main", None)

    def report(self, data: bytes) -> Report | None:
        """Check one file and draw it in every form; None when the whole is refused with an error that a person can act on."""
        checkout = self.checkout(data)
        start = time.process_time()
        try:
            report = check.run(checkout, self.addresses)
        except TrustpubError:
            return None
        for draw in RENDERERS:
            draw(report)
        seconds = time.process_time() - start
        if seconds > LONGEST / 4:
            seconds = min(seconds, self.again(data))
        self.slowest = max(self.slowest, (seconds, data), key=lambda each: each[0])
        assert len(data) > LARGEST or seconds < LONGEST, f"{seconds:.2f} s: {data!r}"
        for finding in report.findings:
            self.spoke[finding.rule] = self.spoke.get(finding.rule, 0) + 1
        self.fix(checkout, report)
        return report

    def again(self, data: bytes) -> float:
        """Measure once more: a machine that is busy with something else is slower at everything."""
        start = time.process_time()
        report = check.run(self.checkout(data), self.addresses)
        for draw in RENDERERS:
            draw(report)
        return time.process_time() - start

    def fix(self, checkout: Checkout, report: Report) -> None:
        """Make the fixes, and see that they make nothing worse."""
        if any(finding.fix is not None for finding in report.findings):
            done = fixed(checkout, self.addresses, report, unsafe=True)
            diff(done.files)
            self.fixes += len(done.made)
            assert (gravity(done.report) < gravity(report)) == bool(done.made)

    def summary(self) -> str:
        """Say what took longest, and what was found."""
        seconds, data = self.slowest
        spoke = ", ".join(f"{code} {count}" for code, count in sorted(self.spoke.items()))
        return f"slowest {seconds * 1000:.0f} ms ({len(data)} bytes); {self.fixes} fixes; {spoke}"


def gravity(report: Report) -> list[int]:
    """How many findings there are of each severity, the gravest first."""
    return [sum(finding.severity == severity for finding in report.findings) for severity in SEVERITIES]


def renderers() -> list[Callable[[Report], str]]:
    """Everything that draws a report."""
    found = [getattr(import_module(f"trustpub.cli.render.check_{form}"), f"render_{form}") for form in FORMS]
    return [*found, import_module("trustpub.cli.render.check_github").render_summary]


RENDERERS = renderers()
CALLED = b"""\
on: {workflow_call: {inputs: {index: {type: string}}}}
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    environment: pypi
    steps: [{uses: pypa/gh-action-pypi-publish@76f52bc884231f62b9a034ebfe128415bbaabdfc}]
"""


def test_made_files_are_checked_and_drawn(scale: Scale, tmp_path: Path) -> None:
    """Every key of the language with right and wrong values, in every way in which YAML can be written."""
    bench = Bench(tmp_path)
    read = 0

    @settings(max_examples=scale(60, 10_000), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(making.FILES)
    def checked(file: tuple[making.Made, int]) -> None:
        nonlocal read
        report = bench.report(making.written(*file).encode("utf-8", "replace"))
        read += report is not None

    checked()
    sys.stderr.write(f"{read} made files: {bench.summary()}" + "\n")
    assert read > 0


def mutated(seeds: list[bytes], random: Random) -> bytes:
    """Break a file at a few places: bits, cuts, repeats, pieces of YAML, and parts of another file."""
    changed = bytearray(random.choice(seeds))
    for _ in range(random.randint(1, 6)):
        at, other = random.randrange(len(changed) + 1), random.randrange(len(changed) + 1)
        kind = random.randrange(7)
        if kind == 0:
            del changed[at : at + random.randint(1, 60)]
        elif kind == 1:
            changed[at:at] = changed[other : other + random.randint(1, 200)] * random.choice((1, 1, 1, 20))
        elif kind == 2:
            changed[at:at] = random.choice(PIECES).encode()
        elif kind == 3:
            donor = random.choice(seeds)
            start = random.randrange(len(donor))
            changed[at:at] = donor[start : start + random.randint(1, 300)]
        elif kind == 4:
            lines = changed.splitlines(keepends=True)
            random.shuffle(lines) if random.random() < 0.1 else lines.reverse() if random.random() < 0.05 else lines.pop(
                random.randrange(len(lines))
            )
            changed = bytearray(b"".join(lines)) or bytearray(b"a")
        elif kind == 5 and at < len(changed):
            changed[at] ^= 1 << random.randrange(8)
        elif at < len(changed):
            changed[at] = random.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("seed", range(2))
def test_broken_files_are_checked_and_drawn(seed: int, scale: Scale, tmp_path: Path) -> None:
    """Bits, cuts, repeats and splices of real ways to write a workflow."""
    bench = Bench(tmp_path)
    random = Random(seed)
    seeds = [text.encode() for text in SEEDS.values()]
    read = sum(bench.report(mutated(seeds, random)) is not None for _ in range(scale(30, 5_000)))

    sys.stderr.write(f"{read} broken files: {bench.summary()}" + "\n")
    assert read > 0


def test_there_are_forty_seeds() -> None:
    """Enough different files to break."""
    assert len(SEEDS) >= 40


JOBS = {
    "a missing permission": "    permissions: {}\n    steps:\n      - uses: pypa/gh-action-pypi-publish@release/v1\n",
    "a stored token": (
        "    steps:\n      - uses: actions/checkout@v4\n      - uses: pypa/gh-action-pypi-publish@v1.8.0\n"
        "        with:\n          password: ${{ secrets.TOKEN }} # trustpub: ignore[C03] later\n"
    ),
    "a script": "    permissions: {id-token: write}\n    steps:\n      - run: |\n          cd dist\n          uv publish # now\n",
    "a condition": "    if: startsWith(github.ref, 'refs/tags/v')\n    steps:\n      - run: twine upload dist/*\n",
}


def grown(job: str, count: int) -> bytes:
    """A file with many jobs that upload."""
    head = "on: {push: {branches: [main], tags: ['v*']}, release: {types: [published]}}\njobs:\n"
    return (head + "".join(f"  job{number}:\n    runs-on: ubuntu-latest\n{job}" for number in range(count))).encode()


@pytest.mark.parametrize("kind", JOBS)
def test_time_grows_with_the_file_and_not_faster(kind: str, scale: Scale, tmp_path: Path) -> None:
    """Four times as many jobs take four times as long, where every job uploads and has findings; the square would be sixteen."""
    bench = Bench(tmp_path)
    bench.again(grown(JOBS[kind], 5))
    jobs = scale(15, 50)
    few, many = (min(bench.again(grown(JOBS[kind], count)) for _ in range(3)) for count in (jobs, 4 * jobs))

    assert many < 9 * few
