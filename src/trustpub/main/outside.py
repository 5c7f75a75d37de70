"""The real world outside: HTTP, the clock, the process's environment, helper programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from trustpub.parties.cache import cache_folder
from trustpub.parties.http import send
from trustpub.parties.wire import shown
from trustpub.usecases.outside import Outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.parties.wire import Request, Response, Send

LONG = 3.0
"""Seconds spent on one host after which that is said."""
_SECONDS = 10.0
"""How long a helper program may take: it may ask a keyring, not a person."""


def outside() -> Outside:
    """What commands use to reach anybody."""
    return Outside(Patient(send, time.monotonic, say).send, time.time, time.sleep, os.environ, first_line, say, cache_folder())


class Patient:
    """Sends, and says once for each host that its answers take long: whoever waits must not think that nothing happens."""

    def __init__(self, send: Send, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        self._send, self._clock, self._say = send, clock, say
        self._waited: dict[str, float] = {}

    def send(self, request: Request) -> Response:
        """Send one request (a `Send`)."""
        began, host = self._clock(), "/".join(shown(request.url).split("/")[:3])
        try:
            return self._send(request)
        finally:
            before = self._waited.get(host, 0.0)
            self._waited[host] = before + self._clock() - began
            if before <= LONG < self._waited[host]:
                self._say(f"Still asking `{host}`: its answers take long.")


def first_line(command: list[str]) -> str | None:
    """Run a helper program and return the first line it prints; None when it is not there, fails or takes too long.

    Its own messages go nowhere: they may hold what it was asked for.
    """
    try:
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.decode("utf-8", "replace").splitlines() if done.returncode == 0 else []
    return lines[0].strip() or None if lines else None


def say(line: str) -> None:
    """Tell the person something, beside the results."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
