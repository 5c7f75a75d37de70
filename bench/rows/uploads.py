"""Durable uploads of a tiny wheel a second, one client and eight, the same bodies to us and to the peers."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import statistics
import subprocess
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

from bench.load import Plan
from bench.server import PEERS, cli, cpu_seconds, drive, folder, free_port, ours, peer
from bench.table import Line, say

SECONDS, RUNS, PROJECTS = 10.0, 3, 40
BUDGET = {1: 200.0, 8: 400.0}
ENOUGH = {1: 9_000, 8: 14_000}
BOUNDARY = "trustpub-bench-boundary"
DEVPI_USER = "root"


def wheel(name: str, version: str, padding: int = 0) -> bytes:
    """A small valid wheel, or one with so many bytes of noise in it."""
    info, module = f"{name}-{version}.dist-info", name.replace("-", "_")
    members = {
        f"{module}/__init__.py": f"__version__ = '{version}'\n# {os.urandom(padding * 3 // 8).hex()}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: tiny\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}\n"
        for path, text in members.items()
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in {**members, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return out.getvalue()


def request(path: str, authorization: str, project: int, version: int, content: bytes = b"") -> bytes:
    """One upload as twine sends it; `content` is a tiny wheel when none is given."""
    name, number = f"package_{project}", f"{version}.0"
    content = content or wheel(name, number)
    fields = {
        ":action": "file_upload", "protocol_version": "1", "metadata_version": "2.1", "name": name, "version": number,
        "summary": "tiny", "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": hashlib.sha256(content).hexdigest(),
        "md5_digest": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "blake2_256_digest": hashlib.blake2b(content, digest_size=32).hexdigest(),
    }  # fmt: skip
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    disposition = f'form-data; name="content"; filename="{name}-{number}-py3-none-any.whl"'
    parts.append(
        f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
        + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    )  # fmt: skip
    body = b"".join(parts)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: twine/7.0.0\r\nAuthorization: {authorization}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def basic(user: str, password: str) -> str:
    """An Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Versions:
    """Numbers that no upload of this process has used."""

    def __init__(self) -> None:
        self.last = 0

    def requests(self, count: int, path: str, authorization: str) -> list[bytes]:
        """Distinct wheels, spread over the projects."""
        self.last += count
        return [request(path, authorization, n % PROJECTS, n) for n in range(self.last - count + 1, self.last + 1)]


def measure(side: str, port: int, pid: int, path: str, authorization: str, scratch: Path, *, budget: bool) -> None:
    """One and eight clients, three runs each."""
    versions = Versions()
    warm = versions.requests(2 * PROJECTS, path, authorization)
    drive(Plan("127.0.0.1", port, 1, 20, warm), scratch)
    for clients in (1, 8):
        results = []
        for _ in range(RUNS):
            plan = Plan("127.0.0.1", port, clients, SECONDS, versions.requests(ENOUGH[clients], path, authorization))
            before = cpu_seconds(pid)
            result = drive(plan, scratch)
            result["cpu_ms"] = 1000 * (cpu_seconds(pid) - before) / result["answers"]
            results.append(result)
        rates = tuple(r["rate"] for r in results)
        goal = f">= {BUDGET[clients]:g}" if budget else ""
        met = statistics.median(rates) >= BUDGET[clients] if budget else None
        say(Line("uploads", side, f"a second, {clients} client" + "s" * (clients > 1), rates, goal, met))
        say(Line("uploads", side, "p99 ms", tuple(r["p99_ms"] for r in results)))
        say(Line("uploads", side, "server CPU ms each", tuple(r["cpu_ms"] for r in results)))


def run_ours() -> None:
    """`trustpub serve`, an API token of a user who may create the projects."""
    with folder() as scratch:
        data = str(scratch / "data")
        cli("admin", "--data", data, "user", "add", "hana", "--email", "hana@acme.example")
        token = cli("admin", "--data", data, "token", "create", "hana", "--scope", "upload").split()[-1]
        with ours(scratch / "data") as (port, pid):
            measure("trustpub serve", port, pid, "/legacy/", basic("__token__", token), scratch, budget=True)


def run_pypiserver() -> None:
    """Pypiserver as its manual starts it, without a password."""
    with folder() as scratch:
        port = free_port()
        (scratch / "packages").mkdir()
        command: list[str | Path] = [
            PEERS / "pypi-server", "run", "-i", "127.0.0.1", "-p", str(port), "-P", ".", "-a", ".", "packages",
        ]  # fmt: skip
        with peer(command, port, scratch) as pid:
            measure("pypiserver", port, pid, "/", basic("u", "p"), scratch, budget=False)


@contextlib.contextmanager
def started_devpi(scratch: Path) -> Iterator[tuple[str, str, int, str]]:
    """Devpi with an index of its own: its address, the index's path, its process, and the header that uploads there."""
    port, store = free_port(), scratch / "devpi"
    init: list[str | Path] = [PEERS / "devpi-init", "--serverdir", store, "--root-passwd", "x", "--no-root-pypi"]
    made = subprocess.run(init, capture_output=True, check=False)
    if made.returncode:
        raise SystemExit(f"bench: devpi-init failed:\n{made.stderr.decode()[-2000:]}")
    with peer([PEERS / "devpi-server", "--serverdir", store, "--port", str(port)], port, scratch) as pid:
        base = f"http://127.0.0.1:{port}"
        yield base, f"/{DEVPI_USER}/dev", pid, login(base)


def run_devpi() -> None:
    """Devpi with its own SQLite storage and no search index, with a login token (a password costs it 200 ms a request)."""
    with folder() as scratch, started_devpi(scratch) as (base, index, pid, authorization):
        port = int(base.rsplit(":", 1)[1])
        measure("devpi", port, pid, f"{index}/", authorization, scratch, budget=False)


def login(base: str) -> str:
    """Sign in, make an index, and give the header that uploads to it."""
    answer = devpi("POST", f"{base}/+login", {"user": DEVPI_USER, "password": "x"})
    authorization = basic(DEVPI_USER, answer["result"]["password"])
    devpi("PUT", f"{base}/{DEVPI_USER}/dev", {"type": "stage", "bases": []}, authorization)
    return authorization


def devpi(method: str, url: str, body: dict[str, object], authorization: str = "") -> dict[str, dict[str, str]]:
    """One call of devpi's own API."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if authorization:
        headers["X-Devpi-Auth"] = authorization.removeprefix("Basic ")
    asked = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        found: dict[str, dict[str, str]] = json.load(answer)
    return found


def run() -> None:
    """Print the row, the peers after us in the same run."""
    run_ours()
    if (PEERS / "pypi-server").exists():
        run_pypiserver()
        run_devpi()
    else:
        say(Line("uploads", "peers", "not here (./x fetch)", (0.0,)))
