"""Passwords: hashed slowly with their own salt, so that a stolen database gives none of them away."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

SALT_BYTES = 16
SHORTEST = 12
LONGEST = 4096
"""Characters of a password. PyPI's upper limit; long enough that nobody meets it, short enough that hashing it is no attack."""

_COST, _BLOCK, _PARALLEL = 2**15, 8, 1
"""32 MiB and about 80 ms for every guess."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash costs: argon2id's passes, KiB of memory, and lanes."""

    passes: int = 3
    memory: int = 64 * 1024
    lanes: int = 1


class Hashing:
    """Hashes passwords, few at a time."""

    def __init__(self, cost: Cost) -> None:
        self._cost = cost


def hash_password(password: str, salt: bytes) -> str:
    """Hash a password with 16 random bytes; the parameters stand in the result, so that they can rise later."""
    key = _derive(password, salt, _COST, _BLOCK, _PARALLEL)
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${_text(salt)}${_text(key)}"


def password_matches(password: str, stored: str) -> bool:
    """Whether this is the password that was hashed; False also for a hash of an unknown kind."""
    try:
        kind, cost, block, parallel, salt, key = stored.split("$")
        parameters = int(cost), int(block), int(parallel)
        expected = base64.b64decode(key, validate=True)
        derived = _derive(password, base64.b64decode(salt, validate=True), *parameters)
    except ValueError:
        return False
    return kind == "scrypt" and hmac.compare_digest(expected, derived)


def _derive(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    memory = 256 * cost * block
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
