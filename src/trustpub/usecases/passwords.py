"""Passwords: hashed slowly with their own salt, so that a stolen database gives none of them away.

argon2id, its parameters written into every hash. Hashes of scrypt, which came first, are still read; they give way to argon2id
when their owner signs in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SALT_BYTES = 16
SHORTEST = 12
LONGEST = 4096
"""Characters of a password. PyPI's upper limit; long enough that nobody meets it, short enough that hashing it is no attack."""

AT_ONCE = 2
"""Passwords that are hashed at the same time."""
WAITING = 6
"""Sign-ins that wait for their turn at most: they wait in the threads that uploads need too."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash costs: passes, KiB of memory, lanes. The usual one is above OWASP's least (2 passes, 19 MiB): about 0.1 s."""

    passes: int = 3
    memory: int = 32 * 1024
    lanes: int = 1


class Hashing:
    """Hashes passwords, a few at a time: however many sign in at once, they take `AT_ONCE` processors and that much memory."""

    def __init__(self, cost: Cost, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._cost = cost
        self._turn = threading.Semaphore(at_once)
        self._room = threading.Semaphore(at_once + waiting)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Wait for one's turn to hash; False, at once, when too many wait already: then nothing may be hashed."""
        if not self._room.acquire(blocking=False):
            yield False
            return
        try:
            with self._turn:
                yield True
        finally:
            self._room.release()

    def hash(self, password: str, random: Callable[[int], bytes]) -> str:
        """Hash a password with a new salt."""
        return hash_password(password, random(SALT_BYTES), self._cost)

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether this is the password that was hashed; the same work when there is none (`None`), and then False."""
        nobody = self._nobody  # made by the first sign-in of a process, whoever it is for
        found = password_matches(password, nobody if stored is None else stored)
        return found and stored is not None

    @cached_property
    def _nobody(self) -> str:
        return hash_password("", bytes(SALT_BYTES), self._cost)

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made in another way than it is now."""
        return not stored.startswith(_head(self._cost))


def hash_password(password: str, salt: bytes, cost: Cost | None = None) -> str:
    """Hash a password with 16 random bytes; the parameters stand in the result, so that they can rise later."""
    from argon2.low_level import Type, hash_secret

    cost = cost or Cost()
    done = hash_secret(_bytes(password), salt, cost.passes, cost.memory, cost.lanes, 32, Type.ID)
    return done.decode("ascii")


def password_matches(password: str, stored: str) -> bool:
    """Whether this is the password that was hashed; False also for a hash of an unknown kind."""
    if stored.startswith("$argon2id$"):
        return _argon2_matches(password, stored)
    try:
        kind, cost, block, parallel, salt, key = stored.split("$")
        parameters = int(cost), int(block), int(parallel)
        expected = base64.b64decode(key, validate=True)
        derived = _scrypt(password, base64.b64decode(salt, validate=True), *parameters)
    except ValueError:
        return False
    return kind == "scrypt" and hmac.compare_digest(expected, derived)


def _argon2_matches(password: str, stored: str) -> bool:
    from argon2.exceptions import Argon2Error
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret(stored.encode("utf-8"), _bytes(password), Type.ID)
    except Argon2Error:  # another password, or no hash at all
        return False


def _head(cost: Cost) -> str:
    return f"$argon2id$v=19$m={cost.memory},t={cost.passes},p={cost.lanes}$"


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    memory = 256 * cost * block
    return hashlib.scrypt(_bytes(password), salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=32)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
