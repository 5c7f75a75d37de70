"""What goes between the index and a confined process over its socket: JSON values, each behind its length.

A length is a little-endian number of 32 bits. Who sends what is no frame, or more than may be, is treated as gone: the other side
of such a socket has looked at foreign bytes.
"""

from __future__ import annotations

import json
import struct
from socket import SO_RCVTIMEO, SO_SNDTIMEO, SOL_SOCKET
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    from trustpub.domain.claims import JSON

_LENGTH = struct.Struct("<I")
_PIECE = 1024 * 1024


class Gone(Exception):
    """The other side closed the connection, or sent what is no frame."""


def send(channel: socket.socket, value: JSON) -> None:
    """Send one value. Raises OSError."""
    text = json.dumps(value).encode("ascii")
    channel.sendall(_LENGTH.pack(len(text)) + text)


def receive(channel: socket.socket, longest: int) -> JSON:
    """Wait for one value of at most `longest` bytes. Raises Gone, and OSError, also when the channel's own time limit is over."""
    (length,) = _LENGTH.unpack(complete(channel, b"", _LENGTH.size))
    if length > longest:
        raise Gone
    return json_value(complete(channel, b"", length))


def json_value(text: bytes) -> JSON:
    """The value that a frame holds. Raises Gone."""
    try:
        value: JSON = json.loads(text)
    except (ValueError, RecursionError):
        raise Gone from None
    return value


def complete(channel: socket.socket, data: bytes, length: int) -> bytes:
    """Wait until the frame that begins with `data` has `length` bytes. Raises Gone, and OSError."""
    if len(data) >= length:
        return data
    pieces = [data]
    missing = length - len(data)
    while missing > 0:
        piece = channel.recv(min(missing, _PIECE))
        if not piece:
            raise Gone
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def be_patient(channel: socket.socket, seconds: float) -> None:
    """Let the kernel end each wait after so long: Python's own time limits cost two more system calls for every piece."""
    limit = struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))
    for option in (SO_RCVTIMEO, SO_SNDTIMEO):
        channel.setsockopt(SOL_SOCKET, option, limit)
