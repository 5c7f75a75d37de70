"""Processes of ours that look at foreign bytes: they get one socket, no environment, and no file of theirs may grow.

Nothing that the server knows is in such a process: it is a new Python (not a fork, which would hold the server's memory), without
the server's descriptors and variables, so that a hole in a reader of archives or of signatures finds nothing to take.
"""

from __future__ import annotations

import contextlib
import importlib.util
import resource
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from trustpub.errors import Broken

if TYPE_CHECKING:
    from collections.abc import Sequence

_START = "import sys; from importlib import import_module; sys.path[:0] = sys.argv[4:]; import_module(sys.argv[1]).main()"


def start(module: str, paths: Sequence[str], argument: str = "") -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a process that runs `main()` of a module of ours, found below `paths`, and give our end of its socket. Raises Broken.

    It starts without `site`, which costs time and reads other people's files.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-I", "-S", "-c", _START, module, str(theirs.fileno()), argument, *paths]
        try:
            process = subprocess.Popen(
                command,
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        except OSError as problem:
            ours.close()
            raise Broken("a process for foreign bytes cannot be started", why=problem.strerror or "") from problem
    return process, ours


@cache
def folders_of(modules: tuple[str, ...]) -> tuple[str, ...]:
    """Where a process of ours finds these modules of the top level; what is not installed is left out."""
    found = [importlib.util.find_spec(name) for name in modules]
    return tuple(dict.fromkeys(str(Path(spec.origin).parent.parent) for spec in found if spec and spec.origin))


def end(process: subprocess.Popen[bytes], patience: float, *, kill: bool) -> None:
    """Wait until a process is gone whose socket was closed; at once with `kill`, and at the latest after `patience` seconds."""
    if kill:
        process.kill()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def confined() -> tuple[socket.socket, str]:
    """Called first by the process itself: its end of the socket, and the argument it was given.

    For its whole life no file may grow, no core is dumped, and signals meant for the index are the index's own affair.
    """
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_CORE, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    return socket.socket(fileno=int(sys.argv[2])), sys.argv[3]


def allow(seconds: int, memory: int) -> None:
    """Give the next piece of work so much processor time and this process so much address space; who takes more is ended."""
    limit(resource.RLIMIT_CPU, int(time.process_time()) + 1 + seconds)
    limit(resource.RLIMIT_AS, memory)


def limit(kind: int, soft: int) -> None:
    """Set a soft limit; a system that has not this limit goes without."""
    _, hard = resource.getrlimit(kind)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
