"""Under strace: the bytes are durable before their name, the name before the row, the row before the 200."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.rows.uploads import basic, request, wheel
from bench.server import cli
from tests.journeys.crash.load import ask
from tests.journeys.crash.server import Server

TRACED = "fsync,fdatasync,link,linkat,rename,renameat2,write,writev,sendto,sendmsg"
CALL = re.compile(r"^(?P<pid>\d+)\s+(?P<call>\w+)\((?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<pid>\d+)\s+<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")

ORDER = ("fsync of the file", "link", "fsync of the folders", "fsync of the database", "200")


def finished_calls(trace: str) -> list[str]:
    """System calls in the order in which they *ended*: a call cut in two counts where it resumed."""
    begun: dict[str, str] = {}
    calls = []
    for line in trace.splitlines():
        if match := RESUMED.match(line):
            calls.append(begun.pop(match["pid"], "") + match["rest"])
        elif match := CALL.match(line):
            if line.endswith("<unfinished ...>"):
                begun[match["pid"]] = f"{match['call']}({match['rest'].removesuffix('<unfinished ...>')}"
            else:
                calls.append(f"{match['call']}({match['rest']}")
    return calls


def steps(calls: list[str], sha256: str) -> list[str]:
    """The steps of one upload, as the kernel saw them, in order; a step that repeats is named again."""
    folder = f"blobs/{sha256[:2]}"
    kinds = (
        ("fsync of the file", re.compile(rf"^f(?:data)?sync\(\d+<[^>]*/(?:tmp|{folder})/\.")),
        ("link", re.compile(rf"^(?:link|linkat|rename|renameat2)\(.*{folder}/{sha256}")),
        ("fsync of the folders", re.compile(rf"^fsync\(\d+<[^>]*/{folder}>")),
        ("fsync of the database", re.compile(r"^f(?:data)?sync\(\d+<[^>]*\.sqlite[^>]*-wal>")),
        ("200", re.compile(r'^(?:write|writev|sendto|sendmsg)\(.*"HTTP/1\.1 200')),
    )
    return [name for call in calls for name, pattern in kinds if pattern.match(call)]


def missing(seen: list[str]) -> list[str]:
    """The steps that did not happen, in their order, before the answer.

    Use rows are committed before the link, so the database is also synced early: what counts is one sync after the folders.
    """
    at, lost = 0, []
    for step in ORDER:
        if step in seen[at:]:
            at = seen.index(step, at) + 1
        else:
            lost.append(step)
    return lost


def traced_upload(scratch: Path, launcher: list[str] | None = None) -> list[str]:
    """Run the server under strace, send one upload (a first one warms it up), and return the second one's steps."""
    data, config = scratch / "data", scratch / "serve.toml"
    config.write_text("")
    cli("admin", "--data", str(data), "user", "add", "hana", "--email", "hana@acme.example")
    token = cli("admin", "--data", str(data), "token", "create", "hana", "--scope", "upload").split()[-1]
    log = scratch / "trace"
    strace = ["strace", "-f", "-y", "-s", "64", "-e", f"trace={TRACED}", "-e", "signal=none", "-o", str(log)]
    server = Server(data, config, wrapper=strace, launcher=launcher)
    try:
        sent = {version: wheel("package_0", f"{version}.0") for version in (1, 2)}
        for version, content in sent.items():
            if version == 2:
                time.sleep(0.3)
                before = len(log.read_text())
            status, body = ask(server.port, request("/legacy/", basic("__token__", token), 0, version, content=content))
            assert status == 200, body
        time.sleep(0.3)
    finally:
        server.terminate()
    calls = finished_calls(log.read_text()[before:])
    return steps(calls, hashlib.sha256(sent[2]).hexdigest())


needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None or subprocess.run(["strace", "-qq", "true"], capture_output=True, check=False).returncode != 0,
    reason="strace is not here, or may not trace (ptrace is forbidden on this machine)",
)


@needs_strace
def test_durable_before_acknowledged(tmp_path: Path) -> None:
    """fsync(file), link, fsync(folders), database fsync, 200: in this order."""
    assert missing(traced_upload(tmp_path)) == []


@pytest.mark.usefixtures("only_long")
@needs_strace
@pytest.mark.parametrize(("left_out", "expected"), [("file", "fsync of the file"), ("folder", "fsync of the folders")])
def test_a_server_that_leaves_one_out_is_seen(tmp_path: Path, left_out: str, expected: str) -> None:
    """A server whose blobs leave one fsync out turns this red: the test can fail."""
    careless = [sys.executable, str(Path(__file__).with_name("careless.py")), left_out]

    assert expected in missing(traced_upload(tmp_path, careless))


@pytest.mark.parametrize("left_out", ORDER)
def test_each_step_is_needed(left_out: str) -> None:
    """Take any one step out of a right order, and exactly that one is named."""
    right = ["fsync of the database", *ORDER]

    assert missing(right) == []
    seen = [step for step in right if step != left_out]
    assert left_out in missing(seen)
