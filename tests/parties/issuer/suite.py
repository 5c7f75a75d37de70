"""The suite's own issuer: keys, documents and tokens without a network, and a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from trustpub.domain.claims import JSON, Claims
from trustpub.domain.issuers import BUILT_IN, Issuer
from trustpub.errors import Unreachable
from trustpub.parties.issuer.github_claims import ISSUER, Job, github_claims
from trustpub.parties.issuer.port import TokenRefused, verify_now
from trustpub.parties.issuer.signing import SigningKey, encode_base64url, key_set
from trustpub.parties.issuer.verifier import StrictVerifier

AUDIENCE = "pypi"
NOW = 1_900_000_000
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
JWKS = f"{ISSUER}/.well-known/jwks"


class _Absent:
    """A value with a name of its own: test names must be the same in every process."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
"""As a claim's or header's value: leave it out."""


@cache
def key(kid: str = "key-1") -> SigningKey:
    """A key by its name, the same one all through this process (making one takes a tenth of a second)."""
    return SigningKey.generate(kid)


@cache
def ec_key(kid: str = "ec-1") -> SigningKey:
    """A P-256 key by its name."""
    return SigningKey.generate(kid, algorithm="ES256")


class Clock:
    """Seconds since the epoch, moved by the test."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Network:
    """Documents by address, and a list of what was asked for. An exception as a document is raised."""

    def __init__(self, documents: Mapping[str, bytes | Exception]) -> None:
        self.documents = dict(documents)
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        document = self.documents.get(url, Unreachable(f"`{url}`", why="it answered 404"))
        if isinstance(document, Exception):
            raise document
        return document


def documents(*keys: SigningKey, issuer: str = ISSUER) -> dict[str, bytes | Exception]:
    """An issuer's two documents."""
    jwks = f"{issuer}/.well-known/jwks"
    place = f"{issuer}/.well-known/openid-configuration"
    return {place: json.dumps({"issuer": issuer, "jwks_uri": jwks}).encode(), jwks: key_set(*keys)}


class Suite:
    """GitHub's issuer with one key, a verifier that knows it, and tokens of every kind."""

    def __init__(self, *keys: SigningKey, issuers: tuple[Issuer, ...] = BUILT_IN) -> None:
        self.key = keys[0] if keys else key()
        self.clock = Clock()
        self.network = Network(documents(*(keys or (self.key,))))
        self.verifier = StrictVerifier(issuers, AUDIENCE, self.clock, self.network)

    def claims(self, **changes: object) -> dict[str, JSON]:
        """A whole, good payload, with some claims changed or `ABSENT`."""
        job = github_claims(Job(owner="octo", repository="sample", environment="pypi", ref="refs/tags/v1.0"))
        times: dict[str, JSON] = {"iat": NOW, "nbf": NOW - 600, "exp": NOW + 300}
        return _changed({"jti": "a-1", "iss": ISSUER, "aud": AUDIENCE, **times, **job}, changes)

    def header(self, **changes: object) -> dict[str, JSON]:
        """A good header, with some members changed or `ABSENT`."""
        return _changed(self.key.header(), changes)

    def token(
        self,
        changes: Mapping[str, object] | None = None,
        *,
        header: Mapping[str, object] | None = None,
        signer: SigningKey | None = None,
        **named: object,
    ) -> str:
        """A token with changed claims (in a mapping or by name), a changed header, another signer."""
        return (signer or self.key).sign(self.header(**(header or {})), self.claims(**{**(changes or {}), **named}))

    def raw(self, *, header: bytes | None = None, payload: bytes | None = None) -> str:
        """A rightly signed token over any bytes."""
        head = json.dumps(self.header()).encode() if header is None else header
        body = json.dumps(self.claims()).encode() if payload is None else payload
        return self.key.sign_text(f"{encode_base64url(head)}.{encode_base64url(body)}")

    def ask(self, token: str) -> Claims | TokenRefused:
        """The verifier's answer, keys fetched when they are wanted."""
        return verify_now(self.verifier, token)

    def believes(self, token: str) -> bool:
        """Whether the token is accepted."""
        return isinstance(self.ask(token), Claims)


def _changed(values: dict[str, JSON], changes: Mapping[str, object]) -> dict[str, JSON]:
    whole: dict[str, object] = {**values, **changes}
    left: dict[str, JSON] = {name: value for name, value in whole.items() if value is not ABSENT}  # type: ignore[misc]
    return left
