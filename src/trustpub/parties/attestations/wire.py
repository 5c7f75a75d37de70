"""What goes between the index and the process that verifies: JSON values, each behind its length (little-endian, 32 bits)."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from trustpub.domain.claims import JSON

_LENGTH = struct.Struct("<I")
LONGEST = 4 * 1024 * 1024
"""Bytes of one frame; an upload's attestations have 256 KiB at most, and are not much longer once they are provenance."""


class Gone(Exception):
    """The other side closed the connection, or sent what is no frame."""


def send(channel: socket.socket, value: JSON) -> None:
    """Send one value. Raises OSError."""
    text = json.dumps(value).encode("ascii")
    channel.sendall(_LENGTH.pack(len(text)) + text)


def receive(channel: socket.socket) -> JSON:
    """Wait for one value. Raises Gone, and OSError, also when the channel's own time limit for a piece is over."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    if length > LONGEST:
        raise Gone
    value: JSON = json.loads(_exactly(channel, length))
    return value


def _exactly(channel: socket.socket, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        piece = channel.recv(min(length - len(found), 256 * 1024))
        if not piece:
            raise Gone
        found += piece
    return bytes(found)
