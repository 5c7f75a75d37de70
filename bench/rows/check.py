"""`trustpub check` beside zizmor on the same files: whole processes in turn, so that a drifting machine hits both alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from bench.checkouts import long, many, ordinary
from bench.server import BIN, PEERS, folder
from bench.table import Line, say

TURNS, FEW = 21, 3
FILES = 2000
SIZES = (50, 100, 200, 400)


class Cost(NamedTuple):
    """What one process took: wall and CPU in milliseconds, memory at its highest in MiB (not less than this process has)."""

    wall: float
    cpu: float
    peak: float


def cost(command: list[str], environment: dict[str, str]) -> Cost:
    """Run one whole process. Findings are no failure, a command line that cannot be used is."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode in (2, 3) or process.returncode < 0:
        raise SystemExit(f"bench: {' '.join(command)} ended with {process.returncode}")
    return Cost(1000 * wall, 1000 * (used.ru_utime + used.ru_stime), used.ru_maxrss / 1024)


class Sides:
    """The commands on one checkout: ours cold, ours warm, and the peer when `./x fetch` has brought it."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(scratch), "LANG": "C.UTF-8"}
        ours = [str(BIN / "trustpub"), "check", "--offline", str(root)]
        self.commands = {"trustpub": [*ours, "--no-cache"], "trustpub, again": ours}
        if (PEERS / "zizmor").exists():
            self.commands["zizmor"] = [str(PEERS / "zizmor"), "--offline", "--no-config", "--quiet", str(root)]

    def turns(self, count: int) -> dict[str, list[Cost]]:
        """Run every side so often, in turn; the first round (which fills caches) is not counted."""
        rounds = [{side: cost(command, self.environment) for side, command in self.commands.items()} for _ in range(count + 1)]
        return {side: [each[side] for each in rounds[1:]] for side in self.commands}


def report(row: str, found: dict[str, list[Cost]], limits: dict[tuple[str, str], float]) -> None:
    """Print median and minimum of each figure of each side."""
    for side, costs in found.items():
        for figure in ("wall", "cpu", "peak"):
            runs = [float(getattr(each, figure)) for each in costs]
            limit = limits.get((side, figure))
            middle = statistics.median(runs)
            budget, met = (f"<= {limit:g}", middle <= limit) if limit else ("", None)
            unit = "MiB" if figure == "peak" else "ms"
            say(Line(row, side, f"{figure} {unit}", (middle,), budget, met))
            say(Line(row, side, f"{figure} {unit} at least", (min(runs),)))


def beside(row: str, found: dict[str, list[Cost]]) -> None:
    """Compare pair by pair with the peer."""
    if "zizmor" not in found:
        sys.stdout.write(f"{row:<12} zizmor is not here: ./x fetch\n")
        return
    ratio = statistics.median(ours.wall / theirs.wall for ours, theirs in zip(found["trustpub"], found["zizmor"], strict=True))
    say(Line(row, "trustpub / zizmor", "wall ratio", (ratio,), "<= 1", ratio <= 1))


def one_repository() -> None:
    """An ordinary repository: six workflows, 20 KB."""
    with folder() as scratch:
        size = ordinary(scratch / "tool")
        found = Sides(scratch / "tool", scratch).turns(TURNS)
        sys.stdout.write(f"check        6 workflows, {size / 1000:.0f} KB; medians of {TURNS}\n")
        report("check", found, {("trustpub", "wall"): 80})
        beside("check", found)
        imports(scratch / "tool", scratch)


def imports(root: Path, scratch: Path) -> None:
    """Print what is most expensive to import in a cold check."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(scratch)}
    command = [sys.executable, "-X", "importtime", str(BIN / "trustpub"), "check", "--offline", "--no-cache", str(root)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stderr
    rows = [line.removeprefix("import time:").split("|") for line in said.splitlines() if line.startswith("import time:")]
    costs = [(int(alone), int(whole), name.strip()) for alone, whole, name in rows if alone.strip().isdigit()]
    sys.stdout.write(f"check        {len(costs)} modules; the ten most expensive (own, whole, in ms):\n")
    for alone, whole, name in sorted(costs, reverse=True)[:10]:
        sys.stdout.write(f"{'':<12} {alone / 1000:6.1f} {whole / 1000:6.1f}  {name}\n")


def many_files() -> None:
    """Two thousand workflows in one folder."""
    with folder() as scratch:
        size = many(scratch / "tool", FILES)
        found = Sides(scratch / "tool", scratch).turns(FEW)
        sys.stdout.write(f"check-many   {FILES} workflows, {size / 1e6:.1f} MB; medians of {FEW}\n")
        limits = {("trustpub", "cpu"): 2000.0, ("trustpub", "peak"): 90.0, ("trustpub, again", "wall"): 500.0}
        report("check-many", found, limits)
        beside("check-many", found)


def growth() -> None:
    """One file that grows: four times the text takes at most about four times as long."""
    with folder() as scratch:
        sides = {long(scratch / str(size), size * 1000): Sides(scratch / str(size), scratch) for size in SIZES}
        rounds = [
            {size: cost(side.commands["trustpub"], side.environment).cpu for size, side in sides.items()} for _ in range(3 * FEW)
        ]
        least = tuple(min(each[size] for each in rounds) for size in sides)
        say(Line("check-long", "trustpub", "cpu ms at least", least))
        ratio = least[-1] / least[1]
        say(Line("check-long", "trustpub", "400 KB / 100 KB", (ratio,), "<= 5", ratio <= 5))


def run() -> None:
    """Print the row."""
    one_repository()
    many_files()
    growth()
