"""An emulated GitHub: the runner's token endpoint, the discovery document and the keys, on this machine.

A job's client is told where to ask by two variables (`token_request_url`, `request_token`), asks for an audience, and gets an
ID token with GitHub's claims, types and lifetimes. The tokens name GitHub's issuer but are signed by a key of ours, so they are
worth nothing anywhere but to a verifier that was given this emulation's keys.

Mirrors: actions/toolkit packages/core/src/oidc-utils.ts (the request), GitHub's discovery document and key set (the shapes).
"""

from __future__ import annotations

import hmac
import json
import os
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from trustpub.parties.issuer.github_claims import ISSUER
from trustpub.parties.issuer.signing import SigningKey, key_set

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from trustpub.domain.claims import JSON

LIFETIME = 300
"""Seconds from `iat` to `exp` in GitHub's tokens."""

BACKDATED = 600
"""Seconds from `nbf` to `iat` in GitHub's tokens: they are valid before they were made, for runners whose clock is slow."""

DISCOVERY_PATH = "/.well-known/openid-configuration"
KEYS_PATH = "/.well-known/jwks"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One request at the token endpoint: by whom, for which audience, when, and how it was answered. Never the token."""

    user_agent: str
    audience: str
    at: float
    status: int = 200


class EmulatedGitHub:
    """GitHub's issuer on a loopback port of its own, from `with` to its end.

    `issuer` is the `iss` of its tokens (GitHub's own by default; None: its own address, for verifiers that use discovery).
    `clock` gives seconds since the epoch, `random` bytes. Safe for threads: every request is answered on one of its own.
    """

    def __init__(
        self,
        *,
        issuer: str | None = ISSUER,
        key: SigningKey | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.key = key or SigningKey.generate()
        self.published: tuple[SigningKey, ...] = (self.key,)
        self.records: list[TokenRequest] = []
        self.request_token = random(24).hex()
        self._issuer = issuer
        self._clock = clock
        self._random = random
        self._job: dict[str, JSON] | None = None
        self._plan, self._job_id = str(self._uuid()), str(self._uuid())
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="emulated-github")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    @property
    def url(self) -> str:
        """Its own address, without a slash at the end."""
        if self._server is None:
            raise RuntimeError("the emulated GitHub has not been started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens."""
        return self.url if self._issuer is None else self._issuer

    @property
    def jwks_url(self) -> str:
        """Where its public keys are."""
        return self.url + KEYS_PATH

    @property
    def token_path(self) -> str:
        """The path of the token endpoint; the double slash is GitHub's."""
        return f"/idtoken/{self._plan}//idtoken/{self._job_id}"

    @property
    def token_request_url(self) -> str:
        """The value of ACTIONS_ID_TOKEN_REQUEST_URL. It has a query already: clients append `&audience=`."""
        return f"{self.url}{self.token_path}?api-version=2.0"

    def environment(self) -> dict[str, str]:
        """The variables by which a client finds this endpoint, as the runner sets them for a job with `id-token: write`."""
        return {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": self.token_request_url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token,
        }

    def set_job(self, claims: Mapping[str, JSON]) -> None:
        """From now on tokens carry these claims; see `github_claims`."""
        self._job = dict(claims)

    def rotate(self, key: SigningKey, *, keep: bool = True) -> None:
        """Sign with another key from now on; `keep` goes on publishing the earlier ones beside it."""
        self.published = (*self.published, key) if keep else (key,)
        self.key = key

    def sign(
        self,
        claims: Mapping[str, JSON],
        *,
        audience: JSON,
        lifetime: int = LIFETIME,
        header: Mapping[str, JSON] | None = None,
        key: SigningKey | None = None,
    ) -> str:
        """A token for these claims. What the claims say themselves of `iss`, `jti`, `iat`, `nbf` and `exp` counts.

        `header` adds to GitHub's header or replaces parts of it, `key` signs instead of the published one.
        """
        signer = key or self.key
        now = int(self._clock())
        base: dict[str, JSON] = {"jti": str(self._uuid()), "iss": self.issuer, "nbf": now - BACKDATED}
        base |= {"exp": now + lifetime, "iat": now}
        return signer.sign({**signer.header(), **(header or {})}, {**base, **claims, "aud": audience})

    def discovery(self) -> dict[str, JSON]:
        """GitHub's discovery document, with this emulation's addresses."""
        return {
            "issuer": self.issuer,
            "jwks_uri": self.jwks_url,
            "subject_types_supported": ["public", "pairwise"],
            "response_types_supported": ["id_token"],
            "claims_supported": ["sub", "aud", "exp", "iat", "iss", "jti", "nbf", *sorted(self._job or {})],
            "id_token_signing_alg_values_supported": [self.key.algorithm],
            "scopes_supported": ["openid"],
        }

    def answer(self, target: str, authorization: str, user_agent: str) -> tuple[int, bytes]:
        """The status and JSON body for a GET of `target`."""
        place = urlsplit(target)
        if place.path == self.token_path:
            return self._token(parse_qs(place.query), authorization, user_agent)
        if place.path == DISCOVERY_PATH:
            return 200, json.dumps(self.discovery()).encode()
        if place.path == KEYS_PATH:
            return 200, key_set(*self.published)
        return 404, b'{"message":"Not Found"}'

    def _token(self, query: Mapping[str, list[str]], authorization: str, user_agent: str) -> tuple[int, bytes]:
        job = self._job
        # Like the real service: without an audience the token is for the owner's page on GitHub.
        audience = query.get("audience", [f"https://github.com/{(job or {}).get('repository_owner', '')}"])[0]
        status = 401 if not self._authorized(authorization) else 403 if job is None else 200
        self.records.append(TokenRequest(user_agent, audience, self._clock(), status))
        if job is None or status != 200:
            return status, json.dumps({"message": "no job in progress" if status == 403 else "unauthorized"}).encode()
        value = self.sign(job, audience=audience)
        return 200, json.dumps({"count": len(value), "value": value}).encode()

    def _authorized(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self.request_token.encode())

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(bytes=self._random(16), version=4)


class _Server(ThreadingHTTPServer):
    """A loopback listener that looks no names up and keeps broken connections to itself."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, github: EmulatedGitHub) -> None:
        self.github = github
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Bind without asking for this machine's name, which can take seconds where there is no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD, says nothing on stderr, and keeps no connection open."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "trustpub-emulated-github"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Answer with a body."""
        self._respond(with_body=True)

    def do_HEAD(self) -> None:
        """Answer without one."""
        self._respond(with_body=False)

    def _respond(self, *, with_body: bool) -> None:
        headers = self.headers
        status, body = self.server.github.answer(self.path, headers.get("Authorization", ""), headers.get("User-Agent", ""))
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing: `records` are the log."""
