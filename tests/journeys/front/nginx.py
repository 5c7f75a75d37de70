"""A real nginx with `deploy/nginx.conf`: taken as it is, but for ports, folders and certificates of this machine."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

EXAMPLE = ROOT / "deploy" / "nginx.conf"
NAME = "pypi.example"
"""The host of the example."""


def program() -> str:
    """Nginx, or the end of the test with a word about it."""
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        pytest.skip("nginx is not here")
    return found


@contextlib.contextmanager
def in_front(folder: Path, upstream: int, *, blobs: Path | None = None, leaf: Path | None = None) -> Iterator[int]:
    """Nginx before the index on this port, with one worker and one connection to it that is kept; yields the port it listens on.

    `leaf` is a file with the certificate and its key; without one it speaks plain HTTP.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    (folder / "nginx.conf").write_text(configuration(folder, port, upstream, blobs or folder, leaf))
    nginx = subprocess.Popen([program(), "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        _wait_for(port, nginx)
        yield port
    finally:
        nginx.terminate()
        nginx.communicate(timeout=20)


def configuration(folder: Path, port: int, upstream: int, blobs: Path, leaf: Path | None) -> str:
    """The whole file: the example in its http block."""
    told = EXAMPLE.read_text()
    told = re.sub(r"(?m)^ *listen \[::\].*\n", "", told)
    told = _with(told, "listen 443 ssl;", f"listen {port}{' ssl' if leaf else ''};")
    told = _with(told, "server 127.0.0.1:8080 ", f"server 127.0.0.1:{upstream} ")
    told = _with(told, "keepalive 32;", "keepalive 1;")
    told = _with(told, "/srv/trustpub/blobs/", f"{blobs}/")
    told = _with(told, "/var/log/nginx/", f"{folder}/")
    told = _with(told, "/etc/ssl/pypi.example.pem", str(leaf)).replace("/etc/ssl/pypi.example.key", str(leaf))
    if leaf is None:
        told = re.sub(r"(?m)^ *ssl_.*\n", "", told)
    user = "user root root;\n" if os.geteuid() == 0 else ""  # the folders of tests are their user's alone
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    places = f"{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
    return f"{places}http {{\n{temporary}{told}\n}}\n"


def _with(text: str, old: str, new: str) -> str:
    """The text with this replaced; the example must hold it, or the test would show something else."""
    assert old in text, old
    return text.replace(old, new)


def _wait_for(port: int, nginx: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and nginx.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise AssertionError(nginx.communicate(timeout=5)[1].decode() if nginx.poll() is not None else "nginx does not listen")
