"""What the rest of trustpub knows about issuers: a token goes in, claims or a refusal come out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from trustpub.domain.claims import Claims
    from trustpub.domain.publishers import Provider


class Why(StrEnum):
    """The exact cause of a refusal: a fixed word for logs and audit events, never a part of the token."""

    TOO_LONG = "too-long"
    NOT_ASCII = "not-ascii"
    SEGMENTS = "segments"
    BASE64 = "base64"
    JSON = "json"
    NO_ISSUER = "no-issuer"
    UNKNOWN_ISSUER = "unknown-issuer"
    HEADER = "header"
    ALGORITHM = "algorithm"
    KID = "kid"
    AUDIENCE = "audience"
    TIMES = "times"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    LIFETIME = "lifetime"
    SUBJECT = "subject"
    JTI = "jti"
    NO_KEYS = "no-keys"
    OLD_KEYS = "old-keys"
    UNKNOWN_KEY = "unknown-key"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """The token was not believed. `code` and `description` are PyPI's words for the client, `why` is for our log only.

    Mirrors: warehouse/oidc/views.py @6b62157
    """

    code: str
    description: str
    why: Why


@dataclass(frozen=True, slots=True)
class KeysWanted:
    """The issuer's keys are needed first: call `refresh(issuer)`, which uses the network, and verify once more."""

    issuer: str


class Verifier(Protocol):
    """Believes a token or refuses it. `verify` is pure arithmetic on what is known; only `refresh` may wait for the network."""

    def verify(self, token: str) -> Claims | TokenRefused | KeysWanted:
        """Answer for any text whatsoever, without network and without raising."""
        ...

    def refresh(self, issuer: str) -> None:
        """Fetch the issuer's keys if that is allowed now; join a fetch that is under way. Never raises for a failed fetch."""
        ...

    def provider_of(self, issuer: str) -> Provider | None:
        """The kind of an issuer that is trusted here, None for a stranger."""
        ...


def verify_now(verifier: Verifier, token: str) -> Claims | TokenRefused:
    """Verify a token and wait for the network when keys are needed (at most one refresh).

    For callers on a thread of their own; a server verifies on its own thread and refreshes on another.
    """
    answer = verifier.verify(token)
    if isinstance(answer, KeysWanted):
        verifier.refresh(answer.issuer)
        answer = verifier.verify(token)
    if isinstance(answer, KeysWanted):
        return TokenRefused("invalid-token", "malformed or invalid token", Why.NO_KEYS)
    return answer
