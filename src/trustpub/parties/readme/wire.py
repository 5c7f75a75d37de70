"""What goes between the index and the process that renders: one JSON value a frame, with its length before it."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from trustpub.domain.claims import JSON

_LENGTH = struct.Struct("<I")
MOST = 64 * 1024 * 1024


class Gone(Exception):
    """The other side closed the connection, or sent what is no frame."""


def send_value(channel: socket.socket, value: JSON) -> None:
    """Send one value. Raises OSError."""
    text = json.dumps(value).encode("ascii")
    channel.sendall(_LENGTH.pack(len(text)) + text)


def receive_value(channel: socket.socket) -> JSON:
    """Wait for one value. Raises Gone, and OSError, also when the channel's own time limit is over."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    if length > MOST:
        raise Gone
    try:
        value: JSON = json.loads(_exactly(channel, length))
    except ValueError:
        raise Gone from None
    return value


def _exactly(channel: socket.socket, length: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < length:
        piece = channel.recv(min(length - len(pieces), 1024 * 1024))
        if not piece:
            raise Gone
        pieces += piece
    return bytes(pieces)
