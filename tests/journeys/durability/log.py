"""The clients' own log: what was meant, written and synced before it is sent, and what was answered, after.

One JSON object a line. `{"id", "what": "upload", "project", "name", "sha256", "allowed"}` or `{"id", "what": "exchange", "key",
"request", "project"}`, then `{"id", "status"}` when an answer came. No answer means: nobody knows, and either outcome is right.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Upload:
    """One file that a client sent; `allowed` is False when its token must not reach the project. `status` None: no answer."""

    project: str
    name: str
    sha256: str
    allowed: bool
    status: int | None
    number: int


@dataclass(frozen=True)
class Exchange:
    """One ID token that was sent, by a key of its own, and the whole request (base64)."""

    key: str
    request: str
    project: str
    status: int | None
    number: int


class Log:
    """Appends to the log; every line is on the disk before the caller goes on."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._lock = threading.Lock()
        self._last = sum(1 for line in path.read_text().splitlines() if '"what"' in line)

    def intent(self, what: str, **about: object) -> int:
        """Say what is about to be sent; the number that the answer will name."""
        with self._lock:
            self._last += 1
            number = self._last
            self._write({"id": number, "what": what, **about})
        return number

    def answered(self, number: int, status: int) -> None:
        """Say what was answered."""
        with self._lock:
            self._write({"id": number, "status": status})

    @property
    def last(self) -> int:
        """The number of the newest intent."""
        return self._last

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def _write(self, entry: dict[str, object]) -> None:
        os.write(self._fd, json.dumps(entry).encode() + b"\n")
        os.fsync(self._fd)


def read(path: Path) -> tuple[list[Upload], list[Exchange]]:
    """Everything that was meant, with its answer."""
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    status = {entry["id"]: entry["status"] for entry in entries if "status" in entry}
    meant = [entry for entry in entries if "what" in entry]
    uploads = [
        Upload(each["project"], each["name"], each["sha256"], each["allowed"], status.get(each["id"]), each["id"])
        for each in meant
        if each["what"] == "upload"
    ]
    exchanges = [
        Exchange(each["key"], each["request"], each["project"], status.get(each["id"]), each["id"])
        for each in meant
        if each["what"] == "exchange"
    ]
    return uploads, exchanges
