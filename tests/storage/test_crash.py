"""A writer that is killed at any moment: what it acknowledged is there, and the database is sound."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from tests.conftest import Scale
from trustpub.storage.database import Database

PROGRAM = """
import pathlib, sys, threading
from sqlalchemy import text
from trustpub.storage.database import Database

database = Database.open(pathlib.Path(sys.argv[1]))
lock = threading.Lock()

def work(number):
    def write(connection):
        for part in range(2):
            connection.execute(text("INSERT INTO blob_uses (sha256, created) VALUES (:n, :part)"), {"n": number, "part": part})
    return write

def client(name):
    for number in range(1_000_000):
        database.write(work(f"{name}-{number}")).result()
        with lock:
            sys.stdout.write(f"{name}-{number}\\n")
            sys.stdout.flush()

for name in "abcd":
    threading.Thread(target=client, args=(name,)).start()
"""


def test_every_acknowledged_write_survives_being_killed(tmp_path: Path, scale: Scale) -> None:
    """Killed while four clients write: each acknowledged pair of rows is there whole, unacknowledged ones whole or not at all."""
    acknowledged: set[str] = set()
    moments = random.Random(20251122)
    for _ in range(scale(3, 40)):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        acknowledged.add(process.stdout.readline().strip())
        time.sleep(moments.uniform(0.0, 0.15))
        process.kill()
        lines = process.stdout.read().split("\n")
        process.stdout.close()
        process.wait()
        # The last line may be cut: it was written by a process that was dying.
        acknowledged.update(line for line in lines[:-1] if line)
        with Database.open(tmp_path) as database:
            assert () == database.problems()
            with database.read() as connection:
                rows = connection.execute(text("SELECT sha256, count(*) FROM blob_uses GROUP BY sha256")).all()
            found = {row[0]: int(row[1]) for row in rows}
            assert set() == acknowledged - found.keys()
            assert all(count % 2 == 0 for count in found.values())
    assert len(acknowledged) > 3
