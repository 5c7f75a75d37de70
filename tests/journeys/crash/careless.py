"""`trustpub serve` with blobs that leave one fsync out: what the order test must be able to see."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable

from trustpub.cli import run
from trustpub.main import serve as composition
from trustpub.main.launchers import Launchers
from trustpub.settings import ServerSettings


def careless(left_out: str) -> Callable[[int], None]:
    """An fsync that passes files over, or folders."""

    def fsync(fd: int) -> None:
        folder = stat.S_ISDIR(os.fstat(fd).st_mode)
        if folder != (left_out == "folder"):
            os.fsync(fd)

    return fsync


class Careless(Launchers):
    """Starts the server with the careless fsync."""

    def serve(self, settings: ServerSettings, ready: Callable[[str], None]) -> int:
        """Run the index on blobs that forget."""
        return composition.serve(settings, ready, fsync=careless(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(run(sys.argv[2:], Careless()))
