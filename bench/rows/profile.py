"""Where the time of an exchange and of an upload goes: the running server, looked into 250 times a second."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from bench.load import Plan
from bench.rows.exchanges import prepare, sign
from bench.rows.uploads import Versions, basic
from bench.server import PEERS, cli, drive, folder, ours
from trustpub.parties.issuer.signing import SigningKey

SECONDS, MOST = 8, 16


def watch(pid: int, out: Path) -> subprocess.Popen[bytes]:
    """Look into a process from outside, holding the interpreter's lock only, until the time is over."""
    command = [PEERS / "py-spy", "record", "-p", str(pid), "-d", str(SECONDS), "-r", "250", "--gil", "-f", "raw", "-o", out]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


ENTRY = ("click/", "asyncio/", "threading.py", "trustpub/main/", "trustpub/cli/", "<module>")
"""Frames that every sample has: they say nothing."""


def report(what: str, out: Path) -> None:
    """The functions in whose calls the time went (inclusive), and those in which it was spent (self)."""
    inclusive: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    samples = 0
    for line in out.read_text().splitlines():
        stack, _, text = line.rpartition(" ")
        frames, count = [frame.rpartition(":")[0] for frame in stack.split(";")], int(text)
        samples += count
        alone[frames[-1]] += count
        for frame in set(frames):
            inclusive[frame] += count
    told = Counter({frame: count for frame, count in inclusive.items() if not any(word in frame for word in ENTRY)})
    for kind, counts in (("inclusive", told), ("self", alone)):
        sys.stdout.write(f"profile      {what}, {kind}: {samples} samples with the interpreter's lock held\n")
        for frame, count in counts.most_common(MOST):
            sys.stdout.write(f"             {100 * count / samples:5.1f} %  {frame}\n")
    sys.stdout.flush()


def profiled(what: str, plan: Plan, pid: int, scratch: Path) -> None:
    """Drive a plan while the profiler looks."""
    out = scratch / "stacks"
    watcher = watch(pid, out)
    time.sleep(0.5)
    drive(plan, scratch)
    watcher.wait(60)
    report(what, out)


def run() -> None:
    """Print both profiles."""
    if not (PEERS / "py-spy").exists():
        raise SystemExit("bench: the row `profile` needs py-spy. Run: ./x fetch")
    keys = SigningKey.generate()
    with folder() as scratch:
        config = prepare(scratch, keys)
        token = cli("admin", "--data", str(scratch / "data"), "token", "create", "hana", "--scope", "upload").split()[-1]
        with ours(scratch / "data", config) as (port, pid):
            drive(Plan("127.0.0.1", port, 8, 2, sign(keys, 200), holds=b'"success"'), scratch)
            profiled("exchange", Plan("127.0.0.1", port, 8, SECONDS, sign(keys, 26_000), holds=b'"success"'), pid, scratch)
            versions = Versions()
            path, authorization = "/legacy/", basic("__token__", token)
            drive(Plan("127.0.0.1", port, 1, 5, versions.requests(80, path, authorization)), scratch)
            requests = versions.requests(8_000, path, authorization)
            profiled("upload", Plan("127.0.0.1", port, 8, SECONDS, requests), pid, scratch)
