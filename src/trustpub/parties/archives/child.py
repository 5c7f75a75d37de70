"""The validator process: one job after the other over one socket, under limits of its own, with nothing that it could give away.

It holds no open file but the socket and the file it looks at, cannot write one, and ends when the index closes the socket.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trustpub.parties.archives.inspection import inspect
from trustpub.parties.archives.port import MIB, Rejected
from trustpub.parties.archives.wire import READY, receive_job, send_answer
from trustpub.parties.confined import allow, confined

if TYPE_CHECKING:
    import socket

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
            allow(job.limits.seconds, MEMORY + os.fstat(fd).st_size)
            answer = inspect(fd, job)
        except MemoryError:
            answer = Rejected(TOO_MUCH, spent=True)
        except RecursionError:
            answer = Rejected("Invalid distribution file. It is nested too deeply", spent=True)
        finally:
            os.close(fd)
        send_answer(channel, answer)


def main() -> None:
    """Serve until the index closes the socket."""
    channel, _ = confined()
    with channel:
        channel.sendall(READY)
        serve(channel)
