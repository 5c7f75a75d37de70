"""`trustpub --version` beside `python -c pass`, in turn, so that a drifting machine hits both alike."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.server import BIN, PEERS, folder, free_port, ours, peer, resident_mib
from bench.table import Line, say

TURNS = 41


def wall(command: list[str]) -> float:
    """Milliseconds of one whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return 1000 * (time.perf_counter() - start)


def version() -> None:
    """Pair by pair: the budget is a ratio."""
    ours_command, bare = [str(BIN / "trustpub"), "--version"], [sys.executable, "-c", "pass"]
    wall(ours_command), wall(bare)
    pairs = [(wall(ours_command), wall(bare)) for _ in range(TURNS)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    say(Line("startup", "trustpub --version", "wall ms", (mine,)))
    say(Line("startup", "python -c pass", "wall ms", (theirs,)))
    say(Line("startup", "trustpub / python", "ratio", (ratio,), "<= 2.5", ratio <= 2.5))


def cold_start() -> None:
    """From the start of `trustpub serve` on an empty folder to its first answer, and its idle memory."""
    import urllib.request

    starts, idle = [], []
    for _ in range(5):
        with folder() as scratch:
            begin = time.perf_counter()
            with ours(scratch / "data") as (port, pid):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/simple/", timeout=5).read()
                starts.append(time.perf_counter() - begin)
                time.sleep(1)
                idle.append(resident_mib(pid))
    say(Line("startup", "trustpub serve", "first answer s", tuple(starts), "<= 0.6", statistics.median(starts) <= 0.6))
    say(Line("startup", "trustpub serve", "idle MiB", tuple(idle), "<= 70", statistics.median(idle) <= 70))


def peers() -> None:
    """The same for pypiserver, when `./x fetch` has brought it."""
    if not (PEERS / "pypi-server").exists():
        return
    starts, idle = [], []
    for _ in range(3):
        with folder() as scratch:
            port, begin = free_port(), time.perf_counter()
            (scratch / "packages").mkdir()
            words = f"run -i 127.0.0.1 -p {port} -P . -a . packages".split()
            command: list[str | Path] = [PEERS / "pypi-server", *words]
            with peer(command, port, scratch) as pid:
                starts.append(time.perf_counter() - begin)
                time.sleep(1)
                idle.append(resident_mib(pid))
    say(Line("startup", "pypiserver", "first answer s", tuple(starts)))
    say(Line("startup", "pypiserver", "idle MiB", tuple(idle)))


def run() -> None:
    """Print the row."""
    version()
    cold_start()
    peers()
