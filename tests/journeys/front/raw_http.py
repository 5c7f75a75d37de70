"""HTTP written and read byte by byte: what is sent is exactly what a test says, and each answer is counted."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import BinaryIO, Self


@dataclass(frozen=True)
class Answer:
    """One answer: `headers` by lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """One connection to a port of this machine, from an address of this machine."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
        self._coming: BinaryIO = self._connection.makefile("rb")

    def send(self, data: bytes) -> None:
        """Send these bytes; a server that has closed already is no news."""
        try:
            self._connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def answer(self, *, bare: bool = False) -> Answer | None:
        """The next answer that is final, or None at the end of the connection. `bare`: it has no body, whatever it says."""
        try:
            first = self._coming.readline()
        except ConnectionResetError:
            return None
        if not first:
            return None
        version, status, *_ = first.split(b" ", 2)
        assert version in (b"HTTP/1.1", b"HTTP/1.0"), first
        headers: dict[str, str] = {}
        while (line := self._coming.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if status == b"100":
            return self.answer(bare=bare)
        length = int(headers.get("content-length", "0"))
        body = b"" if bare else self._chunks() if headers.get("transfer-encoding") == "chunked" else self._coming.read(length)
        return Answer(int(status), headers, body)

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        try:
            return self._coming.read()
        except ConnectionResetError:
            return b""

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self._coming.readline(), 16):
            found += self._coming.read(size)
            self._coming.readline()
        self._coming.readline()
        return found

    def close(self) -> None:
        """Hang up."""
        self._coming.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ask(port: int, path: str, *headers: str, method: str = "GET", source: str = "127.0.0.1") -> Answer:
    """One request on a connection of its own; the path goes out as it is written."""
    with Wire(port, source) as wire:
        lines = [
            f"{method} {path} HTTP/1.1",
            *(headers if any(each.startswith("Host:") for each in headers) else ("Host: pypi.example", *headers)),
        ]
        wire.send("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        found = wire.answer(bare=method == "HEAD")
        assert found is not None, path
        return found
