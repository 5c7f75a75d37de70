"""A rehearsal's stage: a fresh index, an emulated GitHub, an authority and a proxy, all on this machine and all gone afterwards.

The index is the code of `serve`; its only issuer is GitHub's, with the emulation's keys. A client that believes it talks to the
real index talks to this one, and the proxy leads it nowhere else.
"""

from __future__ import annotations

import base64
import datetime as dt
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trustpub.domain.issuers import Issuer
from trustpub.domain.publishers import Provider
from trustpub.main.ca import make_authority
from trustpub.main.listener import RunningServer, bind
from trustpub.main.proxy import ConnectProxy
from trustpub.main.serve import build
from trustpub.parties.clients.build import Build
from trustpub.parties.clients.pip import Pip
from trustpub.parties.clients.port import Seat
from trustpub.parties.clients.twine import Twine
from trustpub.parties.clients.uv import Uv
from trustpub.parties.clients.wire import TlsWire
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.signing import SigningKey
from trustpub.settings import ServerSettings
from trustpub.storage import accounts, publishers
from trustpub.usecases.rehearse import Troupe
from trustpub.usecases.stage import Heard, TokenAsked, Turned
from trustpub.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trustpub.domain.claims import ClaimSet
    from trustpub.storage.database import Connection
    from trustpub.usecases.stage import StageOrder
    from trustpub.web.service import Record, RequestRecord, Service

_RUN_VARIABLES = {
    "GITHUB_REPOSITORY": "repository",
    "GITHUB_REPOSITORY_ID": "repository_id",
    "GITHUB_REPOSITORY_OWNER": "repository_owner",
    "GITHUB_REPOSITORY_OWNER_ID": "repository_owner_id",
    "GITHUB_EVENT_NAME": "event_name",
    "GITHUB_REF": "ref",
    "GITHUB_REF_TYPE": "ref_type",
    "GITHUB_SHA": "sha",
    "GITHUB_WORKFLOW": "workflow",
    "GITHUB_WORKFLOW_REF": "workflow_ref",
    "GITHUB_ACTOR": "actor",
    "GITHUB_RUN_ID": "run_id",
    "GITHUB_RUN_ATTEMPT": "run_attempt",
}
"""The basics of a run, which the runner takes from the same facts as the claims."""


class PutTogether(Protocol):
    """What puts an index together from its settings."""

    def __call__(self, settings: ServerSettings, *, clock: Callable[[], float], record: Record | None) -> Service:
        """Open the stores and wire the use cases."""


class SigningKeys:
    """The issuer's key and a stranger's, made once for all stages of a rehearsal: an RSA key costs a tenth of a second."""

    def __init__(self) -> None:
        self.issuer = SigningKey.generate()
        self.foreign = SigningKey.generate().renamed(self.issuer.kid)


class OpenStage:
    """One stage, from `with` to its end. It is what the port `usecases.stage.Stage` asks for.

    `put_together` builds the index from its settings; a test of the controls gives one with a hole in it.
    """

    def __init__(self, order: StageOrder, keys: SigningKeys | None = None, put_together: PutTogether = build) -> None:
        self._order = order
        self._keys = keys or SigningKeys()
        self._build = put_together
        self._ahead = 0.0
        self._heard: list[Heard] = []
        self._ends = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as ends:
            self.folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="trustpub-rehearsal-")))
            self._github = ends.enter_context(EmulatedGitHub(issuer=self._order.issuer, key=self._keys.issuer))
            self._github.set_job(self._order.claims)
            names = [host.rpartition(":")[0] for host in self._order.hosts]
            self._authority = make_authority(self.folder, names, dt.datetime.now(dt.UTC))
            self._server = ends.enter_context(self._serve())
            self._proxy = ends.enter_context(ConnectProxy(self._order.hosts, self._server.port))
            self.upload_url = self._order.upload_url or f"https://127.0.0.1:{self._server.port}/legacy/"
            self.wire = TlsWire(self._server.port, urlsplit(self.upload_url).hostname or "", self._authority.client_context())
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    @property
    def public_key(self) -> bytes:
        """The issuer's public key (PEM)."""
        return public_pem(self._keys.issuer)

    def seat(self, name: str) -> Seat:
        """A place for one client, with folders of its own."""
        may = self._order.may_ask
        return Seat(
            folder=_made(self.folder / name),
            index=self._order.index,
            upload_url=self.upload_url,
            simple_url=f"http://127.0.0.1:{self._server.port}/simple/",
            proxy_url=self._proxy.url,
            ca_file=self._authority.ca_file,
            token_request_url=self._github.token_request_url if may else "",
            token_request_token=self._github.request_token if may else "",
            github=run_variables(self._order.claims),
        )

    def id_token(self) -> str:
        """An ID token as the job would get it."""
        return self._github.sign(self._order.claims, audience=self._order.audience)

    def sign(self, claims: ClaimSet, *, header: ClaimSet | None = None, foreign: bool = False) -> str:
        """Sign exactly these claims, with the issuer's key or a stranger's under the same key id."""
        key = self._keys.foreign if foreign else self._keys.issuer
        return key.sign({**self._keys.issuer.header(), **(header or {})}, claims)

    def set_clock(self, ahead: float) -> None:
        """Let the index's clock run ahead, or set it right again with 0."""
        self._ahead = ahead

    def now(self) -> float:
        """This machine's time."""
        return time.time()

    def heard(self) -> Sequence[Heard]:
        """The index's own record, in the order of its answers."""
        return tuple(self._heard)

    def asked(self) -> Sequence[TokenAsked]:
        """The emulated GitHub's record of answered token requests."""
        return tuple(TokenAsked(seen.user_agent, seen.audience) for seen in tuple(self._github.records) if seen.status == 200)

    def turned(self) -> Sequence[Turned]:
        """The proxy's record."""
        return tuple(Turned(request.target, request.allowed) for request in self._proxy.requests)

    def _serve(self) -> RunningServer:
        """The index of `serve` on one port for TLS and plain HTTP."""
        settings = ServerSettings(
            self.folder / "index",
            port=0,
            audience=self._order.audience,
            profile=self._order.profile,
            issuers=(Issuer(Provider.GITHUB, self._github.issuer, jwks=self._github.jwks_url),),
        )
        listening = bind("127.0.0.1", 0)
        with ExitStack() as undo:
            undo.callback(listening.close)
            service = self._build(settings, clock=lambda: time.time() + self._ahead, record=self._record)
            undo.callback(service.close)
            service.database.write(self._register).result()
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            tls = self._authority.server_context()
            server = RunningServer(create_app(service), listening, url, tls=tls, dual=True, release=service.close)
            undo.pop_all()
        return server

    def _register(self, connection: Connection) -> None:
        """Register the pending publishers for a user who exists only here."""
        now = time.time()
        user = accounts.add_user(connection, "rehearsal", "rehearsal@localhost", now)
        for publisher, project in self._order.pending:
            publishers.add_pending(connection, publisher, project, user.id, now)

    def _record(self, seen: RequestRecord) -> None:
        self._heard.append(Heard(seen.method, seen.path, seen.status, seen.user_agent, seen.code))


def run_variables(claims: ClaimSet) -> Mapping[str, str]:
    """The `GITHUB_*` variables of a run, from the claims that its tokens will carry."""
    return {variable: value for variable, claim in _RUN_VARIABLES.items() if isinstance(value := claims.get(claim), str)}


def public_pem(key: SigningKey) -> bytes:
    """The public half of a signing key, as its certificate has it."""
    chain = key.jwk()["x5c"]
    der = base64.b64decode(str(chain[0])) if isinstance(chain, list) else b""
    return x509.load_der_x509_certificate(der).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def troupe() -> Troupe:
    """The real players: stages that share one pair of keys, uv and twine, pip, build."""
    keys = SigningKeys()
    return Troupe(lambda order: OpenStage(order, keys), (Uv(), Twine()), Pip(), Build(), time.perf_counter)
