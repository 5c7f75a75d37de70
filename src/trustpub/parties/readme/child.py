"""The process that renders READMEs: one after the other over one socket, under limits, with nothing that it could give away.

It holds no open file but the socket, cannot write one, and ends when the index closes the socket or has had nothing for it for a
while: READMEs are asked for rarely, because what became of one is remembered.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

from trustpub.parties.readme.port import SECONDS, Markup
from trustpub.parties.readme.wire import Gone, receive_value, send_value

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY = 512 * 1024 * 1024
IDLE = 60.0
"""Seconds without work until the process ends; the next README starts another."""


def serve(channel: socket.socket) -> None:
    """Answer until the other side closes, or nothing comes."""
    from trustpub.parties.readme.rendering import rendered

    channel.settimeout(IDLE)
    while True:
        try:
            asked = receive_value(channel)
        except (Gone, OSError):
            return
        match asked:
            case [str(markup), str(text)]:
                used = time.process_time()
                _set(resource.RLIMIT_CPU, int(used) + 1 + SECONDS)
                send_value(channel, _safely(Markup(markup), text, rendered))
            case _:
                return


def _safely(markup: Markup, text: str, rendered: Callable[[Markup, str], str | None]) -> str | None:
    """None for whatever goes wrong inside: the libraries raise what they like over text from strangers."""
    try:
        return rendered(markup, text)
    except Exception:  # noqa: BLE001 - see above
        return None


def _set(kind: int, soft: int) -> None:
    """Set a soft limit; a system that has not this limit goes without."""
    _, hard = resource.getrlimit(kind)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def main() -> None:
    """Serve on the descriptor that the command line names."""
    _set(resource.RLIMIT_AS, MEMORY)
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_CORE, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        serve(channel)


if __name__ == "__main__":
    main()
