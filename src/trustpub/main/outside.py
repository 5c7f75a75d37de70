"""The real world outside: HTTP, the clock, the process's environment, helper programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from trustpub.parties.cache import cache_folder
from trustpub.parties.http import send
from trustpub.usecases.outside import Outside

_SECONDS = 10.0
"""How long a helper program may take: it may ask a keyring, not a person."""


def outside() -> Outside:
    """What commands use to reach anybody."""
    return Outside(send, time.time, time.sleep, os.environ, first_line, say, cache_folder())


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
