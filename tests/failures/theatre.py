"""A stage on which real clients fail: our own index, an emulated GitHub, an authority and a proxy, all on this machine.

It is built from the parts of a rehearsal's stage, and lets a scene change what a rehearsal never would: what is registered, what
the tokens say, what single addresses answer.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from trustpub.domain.claims import JSON
from trustpub.domain.issuers import Issuer
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import Provider, Publisher, publisher
from trustpub.main.ca import make_authority
from trustpub.main.listener import RunningServer, bind
from trustpub.main.proxy import ConnectProxy
from trustpub.main.serve import build
from trustpub.main.stage import SigningKeys, run_variables
from trustpub.parties.clients.wire import TlsWire
from trustpub.parties.index.addresses import default_upload, derive
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.github_claims import ISSUER, Job, github_claims
from trustpub.settings import ServerSettings
from trustpub.storage import accounts, projects, publishers
from trustpub.storage.database import Connection
from trustpub.web.app import create_app

JOB = Job(owner="octo", repository="demo", workflow="pypi.yml", ref="refs/tags/v1.0", environment="pypi")
Answer = tuple[int, str, bytes]
"""Status, content type, body."""


def row(**changes: str) -> Publisher:
    """The publisher that fits `JOB`, with other values for some fields."""
    fields = {"repository_owner": "octo", "repository_owner_id": "1001", "repository_name": "demo"}
    return publisher(Provider.GITHUB, {**fields, "workflow_filename": "pypi.yml", "environment": "pypi", **changes})


@dataclass
class Play:
    """What happens on one stage. By `METHOD /path`, `answers` are given instead of the index's own, and `before` runs."""

    job: Mapping[str, JSON] = field(default_factory=lambda: github_claims(JOB))
    issuer: str = ISSUER
    may_ask: bool = True
    profile: Profile = Profile.PYPI
    pending: Sequence[tuple[Publisher, str]] = ()
    projects: Sequence[tuple[str, Sequence[Publisher]]] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    before: Mapping[str, Callable[[Theatre], None]] = field(default_factory=dict)
    tls: bool = True


class _Edited:
    """The index, but for the addresses that a play answers itself."""

    def __init__(self, app: Any, play: Play, theatre: Theatre) -> None:
        self._app, self._play, self._theatre = app, play, theatre

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        key = f"{scope.get('method')} {scope.get('path')}"
        if key in self._play.before:
            self._play.before[key](self._theatre)
        answer = self._play.answers.get(key)
        if answer is None:
            await self._app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        status, kind, body = answer
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def close(self) -> None:
        await self._app.close()


class Theatre:
    """One play's stage, from `with` to its end."""

    def __init__(self, play: Play, keys: SigningKeys) -> None:
        self.play, self.keys, self.ahead = play, keys, 0.0
        self._ends = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as ends:
            self.folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="trustpub-failure-")))
            self.github = ends.enter_context(EmulatedGitHub(issuer=self.play.issuer, key=self.keys.issuer))
            self.github.set_job(self.play.job)
            self.public = derive(default_upload())
            hosts = {urlsplit(url).hostname or "" for each in self.public.values() for url in each}
            self.authority = make_authority(self.folder, [*hosts, "127.0.0.1"], dt.datetime.now(dt.UTC))
            self.server = ends.enter_context(self._serve())
            self.proxy = ends.enter_context(ConnectProxy([f"{host}:443" for host in hosts], self.server.port))
            self.wire = TlsWire(self.server.port, "127.0.0.1", self.authority.client_context())
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    @property
    def upload_url(self) -> str:
        """PyPI's own upload address, which the proxy leads here."""
        return self.public["pypi"].upload

    @property
    def local(self) -> str:
        """The same index under its own address, without a slash at the end."""
        return f"http://127.0.0.1:{self.server.port}"

    def sign(self, **claims: JSON) -> str:
        """An ID token of the job, with these claims instead of its own."""
        return self.github.sign({**self.play.job, **claims}, audience="pypi")

    def write(self, change: Callable[[Connection], object]) -> None:
        """Change what the index holds."""
        self.service.database.write(change).result()

    def run(self, words: Sequence[str], extra: Mapping[str, str], *, in_ci: bool = True) -> str:
        """Run a client as a step of the job and return all that it printed, with its exit status at the end."""
        environment = self._environment(in_ci=in_ci) | dict(extra)
        environment = {name: value for name, value in environment.items() if value}
        done = subprocess.run(
            list(words), env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=120, check=False,
        )  # fmt: skip
        output = done.stdout.decode("utf-8", "replace")
        return output + (f"##[error]Process completed with exit code {done.returncode}.\n" if done.returncode else "")

    def _environment(self, *, in_ci: bool) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        proxied = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), self.proxy.url)
        base = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(home), "TMPDIR": str(home), **proxied}
        base |= {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
        base |= {"REQUESTS_CA_BUNDLE": str(self.authority.ca_file), "SSL_CERT_FILE": str(self.authority.ca_file)}
        base |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "TWINE_NON_INTERACTIVE": "1"}
        base |= {"UV_NO_CONFIG": "1", "UV_KEYRING_PROVIDER": "disabled", "UV_HTTP_RETRIES": "0", "PDM_CHECK_UPDATE": "false"}
        if not in_ci:
            return base
        base |= {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(home / "summary.md")}
        base |= dict(run_variables(self.play.job))
        if self.play.may_ask:
            base |= self.github.environment()
        return base

    def _serve(self) -> RunningServer:
        issuer = Issuer(Provider.GITHUB, ISSUER, jwks=self.github.jwks_url)
        settings = ServerSettings(self.folder / "index", port=0, audience="pypi", profile=self.play.profile, issuers=(issuer,))
        listening = bind("127.0.0.1", 0)
        self.service = build(settings, clock=lambda: time.time() + self.ahead)
        self.service.database.write(self._register).result()
        tls = self.authority.server_context() if self.play.tls else None
        app = _Edited(create_app(self.service), self.play, self)
        return RunningServer(app, listening, self.local_of(listening.getsockname()[1]), tls=tls, dual=self.play.tls,
                             release=self.service.close)  # fmt: skip

    @staticmethod
    def local_of(port: int) -> str:
        """An address on this machine."""
        return f"http://127.0.0.1:{port}"

    def _register(self, connection: Connection) -> None:
        now = time.time()
        user = accounts.add_user(connection, "somebody", "somebody@localhost", now)
        for name, linked in self.play.projects:
            project = projects.create_project(connection, name, now, user.id)
            for each in linked:
                publishers.link(connection, publishers.get_or_create_publisher(connection, each, now), project.id, now)
        for each, name in self.play.pending:
            publishers.add_pending(connection, each, name, user.id, now)


def answer(status: int, body: object) -> Answer:
    """An answer in JSON, or a page when the body is text."""
    if isinstance(body, str):
        return status, "text/html", body.encode()
    return status, "application/json", json.dumps(body).encode()
