"""Reads a second: a project page as JSON, a 10 kB file, a 5 MB file, all answers checked for their status."""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import urllib.parse
import urllib.request

from bench.rows.uploads import basic, request, wheel
from bench.server import cli, folder, ours
from bench.table import Line, say

RUNS, SECONDS, CLIENTS = 3, 10, 16


def wrk(url: str, accept: str) -> tuple[float, float]:
    """Answers a second and MB a second; an answer that is not 2xx ends the bench."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "-H", f"Accept: {accept}", url],
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"bench: unexpected answers from {url}:\n{done.stdout}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    volume = re.search(r"Transfer/sec:\s+([\d.]+)(\wB)", done.stdout)
    assert rate
    assert volume
    scale = {"KB": 1 / 1024, "MB": 1.0, "GB": 1024.0}[volume.group(2)]
    return float(rate.group(1)), float(volume.group(1)) * scale * 1.048576


def run() -> None:
    """Print the row."""
    if shutil.which("wrk") is None:
        raise SystemExit("bench: the row `reads` needs wrk. On Debian: apt-get install wrk")
    json_type = "application/vnd.pypi.simple.v1+json"
    with folder() as scratch:
        data = str(scratch / "data")
        cli("admin", "--data", data, "user", "add", "hana", "--email", "hana@acme.example")
        token = cli("admin", "--data", data, "token", "create", "hana", "--scope", "upload").split()[-1]
        with ours(scratch / "data") as (port, _):
            base = f"http://127.0.0.1:{port}"
            urls = {}
            for size, version in ((9_000, 1), (5_000_000, 2)):
                _send(base, request("/legacy/", basic("__token__", token), 0, version, wheel("package_0", f"{version}.0", size)))
            page = urllib.request.urlopen(urllib.request.Request(f"{base}/simple/package-0/", headers={"Accept": json_type}))
            for file in json.load(page)["files"]:
                urls[file["size"] > 100_000] = urllib.parse.urljoin(f"{base}/simple/package-0/", file["url"])
            _row("project page JSON", f"{base}/simple/package-0/", json_type, ">= 15,000", 15_000, by_volume=False)
            _row("10 kB file", urls[False], "*/*", ">= 15,000", 15_000, by_volume=False)
            _row("5 MB file", urls[True], "*/*", ">= 1,300 MB/s", 1_300, by_volume=True)


def _row(what: str, url: str, accept: str, budget: str, goal: float, *, by_volume: bool) -> None:
    runs = tuple(wrk(url, accept)[int(by_volume)] for _ in range(RUNS))
    say(Line("reads", "trustpub serve", what, runs, budget, statistics.median(runs) >= goal))


def _send(base: str, raw: bytes) -> None:
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    headers = dict(line.split(": ", 1) for line in lines)
    headers.pop("Host")
    urllib.request.urlopen(urllib.request.Request(f"{base}/legacy/", body, headers)).read()
