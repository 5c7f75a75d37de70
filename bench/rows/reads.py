"""Reads a second: a project page as JSON, a 10 kB file, a 5 MB file, all answers checked for their status; the peers after us."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import statistics
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.rows.uploads import basic, request, started_devpi, wheel
from bench.server import PEERS, cli, cpu_seconds, folder, free_port, ours, peer
from bench.table import Line, say

RUNS, SECONDS, CLIENTS = 3, 10, 16
JSON_PAGE, ANY = "application/vnd.pypi.simple.v1+json", "*/*"
SIZES = {"10 kB file": 9_000, "5 MB file": 5_000_000}
GOALS = {"project page JSON": 15_000.0, "10 kB file": 15_000.0, "5 MB file": 1_300.0}


@dataclass(frozen=True)
class Side:
    """One server with the same files: its process, and where each of them is (None: it has no such thing)."""

    name: str
    pid: int
    page: str | None
    files: dict[str, str]


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


def files() -> dict[str, bytes]:
    """The two wheels that every server has."""
    return {what: wheel("package_0", f"{number}.0", size) for number, (what, size) in enumerate(SIZES.items(), 1)}


@contextlib.contextmanager
def trustpub(wheels: dict[str, bytes]) -> Iterator[Side]:
    """`trustpub serve`."""
    with folder() as scratch:
        data = str(scratch / "data")
        cli("admin", "--data", data, "user", "add", "hana", "--email", "hana@acme.example")
        token = cli("admin", "--data", data, "token", "create", "hana", "--scope", "upload").split()[-1]
        with ours(scratch / "data") as (port, pid):
            base = f"http://127.0.0.1:{port}"
            for version, content in enumerate(wheels.values(), 1):
                send_upload(base, request("/legacy/", basic("__token__", token), 0, version, content))
            yield Side("trustpub serve", pid, f"{base}/simple/package-0/", _listed(f"{base}/simple/package-0/"))


@contextlib.contextmanager
def nginx(wheels: dict[str, bytes]) -> Iterator[Side]:
    """The same bytes as plain files: what no application can be faster than."""
    with folder() as scratch:
        (scratch / "page").write_text(json.dumps({"files": [{"filename": str(number)} for number in range(20)]}))
        for number, content in enumerate(wheels.values()):
            (scratch / str(number)).write_bytes(content)
        port = free_port()
        (scratch / "nginx.conf").write_text(
            "daemon off;\nworker_processes 2;\npid nginx.pid;\nerror_log error.log;\nuser root;\nevents {}\n"
            f"http {{ access_log off; sendfile on; keepalive_requests 10000000;\n"
            f"server {{ listen 127.0.0.1:{port}; root {scratch}; }} }}\n"
        )
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        with peer([program, "-p", scratch, "-c", scratch / "nginx.conf"], port, scratch) as pid:
            base = f"http://127.0.0.1:{port}"
            yield Side("nginx", pid, f"{base}/page", {what: f"{base}/{number}" for number, what in enumerate(wheels)})


@contextlib.contextmanager
def devpi(wheels: dict[str, bytes]) -> Iterator[Side]:
    """Devpi with its own SQLite storage and no search index."""
    with folder() as scratch, started_devpi(scratch) as (base, index, pid, authorization):
        for version, content in enumerate(wheels.values(), 1):
            send_upload(base, request(f"{index}/", authorization, 0, version, content))
        page = f"{base}{index}/+simple/package-0/"
        yield Side("devpi", pid, page, _listed(page))


@contextlib.contextmanager
def pypiserver(wheels: dict[str, bytes]) -> Iterator[Side]:
    """Pypiserver as its manual starts it; it has no JSON."""
    with folder() as scratch:
        port = free_port()
        (scratch / "packages").mkdir()
        names = {what: f"package_0-{number}.0-py3-none-any.whl" for number, what in enumerate(wheels, 1)}
        for what, name in names.items():
            (scratch / "packages" / name).write_bytes(wheels[what])
        command: list[str | Path] = [PEERS / "pypi-server", "run", "-i", "127.0.0.1", "-p", str(port), "packages"]
        with peer(command, port, scratch) as pid:
            yield Side(
                "pypiserver", pid, None, {what: f"http://127.0.0.1:{port}/packages/{name}" for what, name in names.items()}
            )


def run() -> None:
    """Print the row: every side in the same run, with the same files."""
    if shutil.which("wrk") is None:
        raise SystemExit("bench: the row `reads` needs wrk. On Debian: apt-get install wrk")
    wheels = files()
    sides: dict[str, Callable[[dict[str, bytes]], contextlib.AbstractContextManager[Side]]] = {"trustpub serve": trustpub}
    if shutil.which("nginx") or Path("/usr/sbin/nginx").exists():
        sides["nginx"] = nginx
    else:
        say(Line("reads", "nginx", "not here (Debian: apt-get install nginx)", (0.0,)))
    if (PEERS / "pypi-server").exists():
        sides |= {"devpi": devpi, "pypiserver": pypiserver}
    else:
        say(Line("reads", "peers", "not here (./x fetch)", (0.0,)))
    for begin in sides.values():
        with begin(wheels) as side:
            _rows(side)


def _rows(side: Side) -> None:
    if side.page is not None:
        page_or_file(side, "project page JSON", side.page, JSON_PAGE)
    for what, url in side.files.items():
        page_or_file(side, what, url, ANY)


def page_or_file(side: Side, what: str, url: str, accept: str) -> None:
    """Print one line of figures and one of what each answer cost the server."""
    by_volume = what == "5 MB file"
    before = cpu_seconds(side.pid)
    results = [wrk(url, accept) for _ in range(RUNS)]
    cpu = cpu_seconds(side.pid) - before
    figures, goal = tuple(each[int(by_volume)] for each in results), GOALS[what]
    unit = " MB/s" if by_volume else ""
    own = side.name == "trustpub serve"
    met = statistics.median(figures) >= goal if own else None
    say(Line("reads", side.name, what, figures, f">= {goal:,.0f}{unit}" if own else "", met))
    if cpu:  # the work of a server's children is not seen while they live
        say(Line("reads", side.name, "server CPU ms each", (1000 * cpu / sum(each[0] * SECONDS for each in results),)))


def _listed(page: str) -> dict[str, str]:
    """Where the files of a page are, by which of the two they are."""
    asked = urllib.request.Request(page, headers={"Accept": JSON_PAGE})
    with urllib.request.urlopen(asked) as answer:
        listed = json.load(answer)["files"]
    found = {each["filename"].split("-")[1]: urllib.parse.urljoin(page, each["url"]).partition("#")[0] for each in listed}
    return {what: found[f"{number}.0"] for number, what in enumerate(SIZES, 1)}


def send_upload(base: str, raw: bytes) -> None:
    """Send one upload that was written for the load generator."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    headers.pop("Host")
    urllib.request.urlopen(urllib.request.Request(base + first.split(" ")[1], body, headers)).read()
