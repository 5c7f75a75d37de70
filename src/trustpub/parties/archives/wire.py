"""What goes between the index and a validator process: a job and one descriptor there, an answer back, each in one frame.

A frame is two lengths (little-endian, 32 bits), that much JSON, and that many plain bytes.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import astuple
from functools import lru_cache
from typing import TYPE_CHECKING

from trustpub.domain.core_metadata import Problem, Rules, read
from trustpub.parties.archives.port import Inspected, Job, Limits, Rejected
from trustpub.parties.frames import Gone, complete, json_value

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON

_LENGTHS = struct.Struct("<II")
MAX_JSON = 256 * 1024
MAX_BODY = 64 * 1024 * 1024

READY = b"R"
"""The first byte of a process: it has started, so whatever goes wrong from now on is about a file."""


def send_job(channel: socket.socket, fd: int, job: Job) -> None:
    """Send a job; the descriptor travels with its first byte. Raises OSError."""
    text = json.dumps([job.filename, job.filetype, *_settings(job.rules, job.limits), job.metadata_only]).encode("ascii")
    frame = _LENGTHS.pack(len(text), 0) + text
    sent = socket.send_fds(channel, [frame], [fd])
    if sent < len(frame):
        channel.sendall(frame[sent:])


def receive_job(channel: socket.socket) -> tuple[int, Job] | None:
    """Wait for a job; None when the index has closed the connection."""
    data, fds, _, _ = socket.recv_fds(channel, 64 * 1024, 1)
    if not data:
        return None
    message, _ = _rest(channel, data)
    if not (isinstance(message, list) and len(fds) == 1):
        raise Gone
    filename, filetype, rules, limits, metadata_only = message
    return fds[0], Job(filename, filetype, Rules(*rules), Limits(*limits), metadata_only)  # type: ignore[arg-type,misc]


def send_answer(channel: socket.socket, answer: Inspected | Rejected) -> None:
    """Send the answer to the last job. Raises OSError."""
    told = [answer.message, answer.spent] if isinstance(answer, Rejected) else ["", False]
    text = json.dumps(told).encode("ascii")
    body = answer.metadata if isinstance(answer, Inspected) else b""
    channel.sendall(_LENGTHS.pack(len(text), len(body)) + text + body)


def receive_answer(channel: socket.socket) -> Inspected | Rejected:
    """Wait for the answer. Raises Gone, and OSError, also when the channel's own time limit for a piece is over."""
    data = channel.recv(64 * 1024)
    told, body = _rest(channel, data)
    if not (isinstance(told, list) and len(told) == 2 and isinstance(told[0], str)):
        raise Gone
    if told[0]:
        return Rejected(told[0], spent=told[1] is True)
    core = read(body)
    if isinstance(core, Problem):
        raise Gone
    return Inspected(body, core)


@lru_cache(maxsize=8)
def _settings(rules: Rules, limits: Limits) -> tuple[tuple[bool, ...], tuple[int, ...]]:
    return astuple(rules), astuple(limits)


def _rest(channel: socket.socket, data: bytes) -> tuple[JSON, bytes]:
    """Complete the frame that begins with `data`."""
    data = complete(channel, data, _LENGTHS.size)
    text_length, body_length = _LENGTHS.unpack_from(data)
    if text_length > MAX_JSON or body_length > MAX_BODY:
        raise Gone
    split = _LENGTHS.size + text_length
    data = complete(channel, data, split + body_length)
    return json_value(data[_LENGTHS.size : split]), data[split:]
