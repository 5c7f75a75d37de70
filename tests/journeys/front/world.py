"""An index as the guide sets it up: `trustpub serve`, nginx with TLS before it, and clients that know it as https://pypi.example.

A throw-away authority vouches for the name, and a proxy of this machine leads the clients to it; nothing else can be reached.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.journeys.clients.publishing import OWN, Call, run
from tests.journeys.front.nginx import NAME, in_front
from tests.journeys.front.raw_http import Answer
from trustpub.main.ca import make_authority
from trustpub.main.proxy import ConnectProxy

URL = f"https://{NAME}"


class World:
    """Everything, running. `settings` is the text of the index's configuration."""

    def __init__(self, folder: Path, settings: str, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.config, self.data, self.log = folder / "index.toml", folder / "data", folder / "index.log"
        self.config.write_text(settings)
        self._environment = {**os.environ, **(environment or {})}
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as undo:
            self.authority = make_authority(self.folder, [NAME], datetime.now(UTC))
            self.index = undo.enter_context(self._serving())
            blobs = self.folder / "files" / "blobs"
            self.nginx = undo.enter_context(in_front(self.folder, self.index, blobs=blobs, leaf=self.authority.leaf_file))
            self.way = undo.enter_context(ConnectProxy([f"{NAME}:443"], self.nginx))
            self._closing = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @contextlib.contextmanager
    def _serving(self) -> Iterator[int]:
        """Its port."""
        command: list[str | Path] = [OWN / "trustpub", "serve", "--data", self.data, "--config", self.config, "--port", "0"]
        with self.log.open("wb") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=self._environment, text=True)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, self.log.read_text()
            yield urlsplit(json.loads(line)["url"]).port or 0
        finally:
            process.terminate()
            process.wait(90)
            process.stdout.close()

    def admin(self, *arguments: str, told: str = "") -> str:
        """What `trustpub admin` says, after it was told this."""
        command: list[str | Path] = [OWN / "trustpub", "admin", "--data", self.data, "--config", self.config, *arguments]
        done = subprocess.run(command, input=told, capture_output=True, text=True, check=False, env=self._environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def token(self, scope: str, *more: str) -> str:
        """A new token of the one account."""
        return self.admin("token", "create", "hana", "--scope", scope, *more).split()[-1]

    def run(self, command: list[str], home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a client that trusts the authority and knows the way."""
        home.mkdir(parents=True, exist_ok=True)
        certificate = str(self.authority.ca_file)
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
        given = {"HTTPS_PROXY": self.way.url, **dict.fromkeys(names, certificate), **variables}
        return run(Call(command, given), home, home)

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Answer:
        """One request by the same way as the clients'. Cookies come joined."""
        connection = self.connected()
        try:
            connection.request(method, path, body, dict(headers or {}))
            found = connection.getresponse()
            return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
        finally:
            connection.close()

    def connected(self) -> http.client.HTTPSConnection:
        """A connection by the same way as the clients'."""
        way = urlsplit(self.way.url).port
        connection = http.client.HTTPSConnection("127.0.0.1", way, timeout=30, context=self.authority.client_context())
        connection.set_tunnel(NAME, 443)
        return connection

    def asked(self) -> list[str]:
        """The paths that reached the index, in their order; for indexes whose settings log requests."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line["path"] for line in lines if line["event"] == "request"]
