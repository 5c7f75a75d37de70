"""The validator process: one job after the other over one socket, under limits of its own, with nothing that it could give away.

It holds no open file but the socket and the file it looks at, cannot write one, and ends when the index closes the socket.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sys
import time

from trustpub.parties.archives.inspection import inspect
from trustpub.parties.archives.port import MIB, Job, Rejected
from trustpub.parties.archives.wire import READY, receive_job, send_answer

MEMORY = 512 * MIB
"""Address space beyond the size of the file, which is mapped."""

TOO_MUCH = "Invalid distribution file. It could not be checked: reading it takes too much memory"


def serve(channel: socket.socket) -> None:
    """Answer jobs until the other side closes."""
    while True:
        received = receive_job(channel)
        if received is None:
            return
        fd, job = received
        try:
            _limit(fd, job)
            answer = inspect(fd, job)
        except MemoryError:
            answer = Rejected(TOO_MUCH)
        except RecursionError:
            answer = Rejected("Invalid distribution file. It is nested too deeply")
        finally:
            os.close(fd)
        send_answer(channel, answer)


def _limit(fd: int, job: Job) -> None:
    """Give this one file its processor time and memory; a soft limit that is hit ends the process."""
    used = time.process_time()
    _set(resource.RLIMIT_CPU, int(used) + 1 + job.limits.seconds)
    _set(resource.RLIMIT_AS, MEMORY + os.fstat(fd).st_size)


def _confine() -> None:
    """What holds for the whole life: no file may grow, no core is dumped, and signals meant for the index are its own affair."""
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_CORE, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _set(kind: int, soft: int) -> None:
    """Set a soft limit; a system that has not this limit goes without."""
    _, hard = resource.getrlimit(kind)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def main() -> None:
    """Serve on the descriptor that the command line names."""
    _confine()
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        channel.sendall(READY)
        serve(channel)


if __name__ == "__main__":
    main()
