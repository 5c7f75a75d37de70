"""`trustpub serve` as a process that can be killed at any moment, and what its folder then holds."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.journeys.crash.load import Sent

TRUSTPUB = Path(sys.executable).parent / "trustpub"


class Server:
    """One run of the server; its own process group, so that nothing of it outlives a kill."""

    def __init__(self, data: Path, config: Path, *, wrapper: list[str] | None = None, launcher: list[str] | None = None) -> None:
        command = [
            *(wrapper or []),
            *(launcher or [str(TRUSTPUB)]),
            "serve",
            "--data",
            str(data),
            "--port",
            "0",
            "--config",
            str(config),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server did not start"
        self.port = int(json.loads(line)["url"].rstrip("/").rsplit(":", 1)[1])

    def kill(self) -> None:
        """No signal handler, no clean-up, no last words."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def terminate(self) -> None:
        """Ask it to stop and wait; the whole group, because a tracer keeps a signal to itself."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()


STEPS = (
    "upload: receiving, checking",
    "upload: use row committed",
    "upload: blob linked",
    "upload: row committed, not answered",
    "upload: answered",
    "exchange: not committed",
    "exchange: committed, not answered",
    "exchange: answered",
)


def steps_reached(data: Path, log: list[Sent], known: set[str]) -> Counter[str]:
    """At which step of its protocol the kill met each request, read from what is on disk.

    `known` holds the token keys (jti) that earlier rounds had spent.
    """
    found: Counter[str] = Counter()
    with closing(sqlite3.connect(data / "index.sqlite")) as database:
        listed = dict(database.execute("SELECT filename, sha256 FROM files"))
        used = {row[0] for row in database.execute("SELECT sha256 FROM blob_uses")}
        spent = {row[0] for row in database.execute("SELECT key FROM replays")} - known
    for sent in log:
        if sent.kind == "exchange":
            committed = token_key(sent.body) in spent
            stage = "answered" if sent.status else "committed, not answered" if committed else "not committed"
            found[f"exchange: {stage}"] += 1
            continue
        blob = data / "blobs" / sent.sha256[:2] / sent.sha256
        if sent.status:
            stage = "answered"
        elif sent.name in listed:
            stage = "row committed, not answered"
        elif blob.exists():
            stage = "blob linked"
        elif sent.sha256 in used:
            stage = "use row committed"
        else:
            stage = "receiving, checking"
        found[f"upload: {stage}"] += 1
    return found


def token_key(raw: bytes) -> str:
    """The jti of the ID token that an exchange request carries."""
    import base64

    token = str(json.loads(raw.partition(b"\r\n\r\n")[2])["token"])
    payload = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["jti"])


def whole_listing(port: int, projects: list[str]) -> dict[str, tuple[str, str]]:
    """Every file the index lists: its name -> (sha256, address), through the public pages only."""
    from tests.journeys.crash.load import ask

    accept = "Accept: application/vnd.pypi.simple.v1+json"
    files = {}
    for project in projects:
        path = f"/simple/{project}/"
        status, body = ask(port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{accept}\r\n\r\n".encode())
        if status == 200:
            for file in json.loads(body)["files"]:
                files[file["filename"]] = (file["hashes"]["sha256"], file["url"])
    return files


def download(port: int, url: str) -> str:
    """The SHA-256 of what the address in a listing gives."""
    from urllib.parse import urljoin, urlsplit

    from tests.journeys.crash.load import ask

    path = urlsplit(urljoin(f"http://127.0.0.1:{port}/simple/x/", url)).path
    status, body = ask(port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert status == 200, f"{path}: {status}"
    return hashlib.sha256(body).hexdigest()
