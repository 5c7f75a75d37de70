"""A process that sweeps an index over and over, as if every byte in it had been lying around for a day.

    python -m tests.journeys.durability.sweeper DATA [DATABASE BUCKET ENDPOINT]

Ends when its input does, and says how often it swept and how many blobs it removed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from trustpub.storage.blobs import LocalBlobs
from trustpub.storage.database import Database
from trustpub.storage.store import store_of
from trustpub.usecases.collect_garbage import collect_garbage

AHEAD = 25 * 3600.0


def clock() -> float:
    """Everybody's clock: more than a day ahead of the stores' own."""
    return time.time() + AHEAD


class Folder(LocalBlobs):
    """A folder whose temp files are as young as they are: uploads hold them."""

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        return (entry for entry in super()._entries() if not entry.name.startswith("."))


def main() -> None:
    """Sweep until the input ends."""
    data, url, bucket, endpoint = (*sys.argv[1:], None, None, None)[:4]
    assert data is not None
    ended = threading.Thread(target=sys.stdin.read, daemon=True)
    ended.start()
    counts = {"sweeps": 0, "removed": 0, "kept": 0}
    with Database.open(Path(data), url, migrate=False) as database:
        blobs = store_of(Path(data), bucket, endpoint) if bucket else Folder(Path(data))
        print("ready", flush=True)  # noqa: T201
        while ended.is_alive():
            done = collect_garbage(database, blobs, clock)
            assert done is not None
            counts["sweeps"] += 1
            counts["removed"] += done.blobs
            counts["kept"] += done.kept
    print(json.dumps(counts))  # noqa: T201


if __name__ == "__main__":
    main()
