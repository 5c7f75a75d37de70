"""Who uploads: the Authorization header read as upload clients write it, before anything of the body is looked at."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass, field

from trustpub.domain.tokens import API_PREFIX, digest, parse

HELP = "See the help of this index for more information."

TOKEN_USER = "__token__"  # noqa: S105 - a user name that says: the password is a token
LONGEST = 16_384
"""Characters of a header that could carry a token of anybody's."""


@dataclass(frozen=True, slots=True)
class UploadRefused:
    """Why an upload was not taken: the HTTP status and the text, which clients show and compare."""

    status: int
    reason: str


UNKNOWN = UploadRefused(403, f"Invalid or non-existent authentication information. {HELP}")
PASSWORDS = UploadRefused(
    403,
    "Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted Publishers instead. " + HELP,
)


@dataclass(frozen=True, slots=True)
class Admission:
    """A well-formed token's digest: whether the token is valid is asked anew each time it matters."""

    digest: str = field(repr=False)
    personal: bool = field(default=False, compare=False)
    """It looks like a person's token, which only says where to look first."""


def credential(authorization: str | None) -> Admission | UploadRefused:
    """Read an Authorization header: Basic with the user `__token__`, or the schemes `Bearer` and `token` with the token itself.

    Blanks around the token are dropped: people paste them into secrets. Mirrors: warehouse/macaroons/security_policy.py @6b62157.
    """
    scheme, _, value = (authorization or "").strip().partition(" ")
    if len(value) > LONGEST:
        return UNKNOWN
    kind = scheme.lower()
    if kind == "basic":
        return _basic(value)
    return _token(value) if kind in ("bearer", "token") else UNKNOWN


def _basic(value: str) -> Admission | UploadRefused:
    try:
        user, colon, password = b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return UNKNOWN
    if not colon:
        return UNKNOWN
    return _token(password) if user == TOKEN_USER else PASSWORDS


def _token(text: str) -> Admission | UploadRefused:
    token = parse(text.strip())
    return UNKNOWN if token is None else Admission(digest(token.text), personal=token.prefix == API_PREFIX)
