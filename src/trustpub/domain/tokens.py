"""Opaque tokens: a prefix that says what it is, 32 random bytes, and check characters against typing errors.

Nothing is encoded in them: scope and expiry live in the row that is found by the token's digest. The check characters let
anyone (a secret scanner, our own edge) tell a token from noise without asking the database.
"""

from __future__ import annotations

import hashlib
import string
import zlib
from dataclasses import dataclass, field

UPLOAD_PREFIX = "pypi-tp_"
API_PREFIX = "pypi-api_"
READ_PREFIX = "pypi-rd_"
PREFIXES = (UPLOAD_PREFIX, API_PREFIX, READ_PREFIX)
LIFETIME = 900
"""Seconds for which an upload token is valid: PyPI's fifteen minutes."""

RANDOM_BYTES = 32
BODY_LENGTH = 43
"""Base62 digits that hold 32 bytes: 62**43 > 2**256."""
CHECK_LENGTH = 6
"""Base62 digits that hold a CRC-32: 62**6 > 2**32."""

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ALPHABET = frozenset(_DIGITS)


@dataclass(frozen=True, slots=True)
class Token:
    """A well-formed token: right prefix, length, alphabet and check characters. Whether it is valid only its row can tell."""

    prefix: str
    text: str = field(repr=False)


def mint(prefix: str, random: bytes) -> str:
    """Write a token of this prefix from 32 random bytes (the caller's, from the operating system)."""
    if prefix not in PREFIXES or len(random) != RANDOM_BYTES:
        raise ValueError("a token is minted from a known prefix and 32 random bytes")
    unchecked = prefix + _base62(int.from_bytes(random, "big"), BODY_LENGTH)
    return unchecked + _check(unchecked)


def parse(text: str) -> Token | None:
    """Read a token, or None when its prefix, length, alphabet or check characters are wrong."""
    for prefix in PREFIXES:
        if text.startswith(prefix) and len(text) == len(prefix) + BODY_LENGTH + CHECK_LENGTH:
            body = text[len(prefix) :]
            if _ALPHABET.issuperset(body) and _check(text[:-CHECK_LENGTH]) == text[-CHECK_LENGTH:]:
                return Token(prefix, text)
    return None


def digest(text: str) -> str:
    """The SHA-256 (hex) under which a token is stored; the token itself never is."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _check(text: str) -> str:
    return _base62(zlib.crc32(text.encode("ascii")), CHECK_LENGTH)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
