"""Servers under measurement: ours as `trustpub serve` runs it, the peers as their manuals say. All on 127.0.0.1."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.load import Plan

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".cache" / "peers" / "bin"


def cli(*args: str, stdin: str | None = None) -> str:
    """Run `trustpub` and return what it printed; its own error is shown when it fails."""
    done = subprocess.run([BIN / "trustpub", *args], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: trustpub {args[0]} failed: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder on the real disk (not in memory), taken away afterwards."""
    (ROOT / ".cache").mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".cache"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def ours(data: Path, config: str = "") -> Iterator[tuple[int, int]]:
    """`trustpub serve` as a process of its own; gives its port and process id."""
    settings = data.parent / "serve.toml"
    settings.write_text(config)
    command: list[str | Path] = [BIN / "trustpub", "serve", "--data", data, "--port", "0", "--config", settings]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            yield int(url.rsplit(":", 1)[1].rstrip("/")), process.pid
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def peer(command: list[str | Path], port: int, cwd: Path) -> Iterator[int]:
    """A peer as a process of its own, given half a minute to listen."""
    with (cwd / "peer.log").open("wb") as log, subprocess.Popen(command, cwd=cwd, stdout=log, stderr=log) as process:
        try:
            for _ in range(300):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            else:
                raise SystemExit(f"bench: {Path(command[0]).name} did not start:\n{(cwd / 'peer.log').read_text()[-2000:]}")
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def drive(plan: Plan, scratch: Path) -> dict[str, float]:
    """Run a plan from another process. An unexpected answer ends the bench: a fast wrong answer is no result."""
    file = scratch / "plan.pickle"
    file.write_bytes(pickle.dumps(plan))
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", file], cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    if done.returncode:
        raise SystemExit(f"bench: the load generator failed: {done.stderr[-2000:]}")
    result = json.loads(done.stdout)
    if result["wrong"]:
        raise SystemExit(f"bench: {result['wrong']} answers were not the expected one, the first: {result['first_wrong']}")
    if result["ran_out"]:
        sys.stderr.write("bench: the requests ran out before the time was over; the rate is still right\n")
    return {key: float(value) for key, value in result.items() if isinstance(value, int | float)}


def cpu_seconds(pid: int) -> float:
    """User and system seconds that a process and its reaped children have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(value) for value in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Resident memory of one process now, in MiB."""
    line = next(row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
