"""An issuer's public keys: which of them are usable, and for how long they are believed.

Keys are objects, never text, and each knows its one algorithm: a token cannot talk a key into another one.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from trustpub.errors import TrustpubError, Unreachable
from trustpub.parties.issuer.jws import Unreadable, decode_base64url, parse_object
from trustpub.parties.issuer.port import KeysWanted, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.domain.claims import JSON

COOL_DOWN = 60
"""Seconds between two refreshes of one issuer, counted from the start of the first, whatever became of it.

Anybody can send a token with an unknown `kid`; each must not make us call the issuer, least of all while it is down.
"""

FRESH = 3600
"""Seconds after which a key set is fetched again although its keys are known, so that a withdrawn key stops working."""

OLDEST = 24 * 3600
"""Seconds after which keys are no longer believed while the issuer cannot be reached."""

LONGEST_WAIT = 30
"""Seconds for which a second caller waits for a refresh that is under way; the fetch itself has a shorter limit."""

LONGEST_KID = 256
SHORTEST_RSA = 2048
LONGEST_RSA = 8192

_log = logging.getLogger(__name__)
_PRIVATE_MEMBERS = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))
_PKCS1 = padding.PKCS1v15()
_SHA256 = Prehashed(SHA256())
_ECDSA = ec.ECDSA(_SHA256)


class PublicKey(Protocol):
    """A key that checks signatures of exactly one algorithm."""

    @property
    def algorithm(self) -> str:
        """The only `alg` whose tokens this key checks."""
        ...

    def verifies(self, signature: bytes, digest: bytes) -> bool:
        """Whether `signature` is this key's over the bytes with this SHA-256 digest."""
        ...


class RsaKey:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RS256, RFC 7518 3.3)."""

    __slots__ = ("_key",)
    algorithm = "RS256"

    def __init__(self, key: rsa.RSAPublicKey) -> None:
        self._key = key

    def verifies(self, signature: bytes, digest: bytes) -> bool:
        """Whether `signature` is this key's over the bytes with this SHA-256 digest."""
        try:
            self._key.verify(signature, digest, _PKCS1, _SHA256)
        except InvalidSignature:
            return False
        return True


class EcKey:
    """ECDSA on P-256 with SHA-256 (ES256, RFC 7518 3.4): the signature is r and s, 32 bytes each."""

    __slots__ = ("_key",)
    algorithm = "ES256"

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def verifies(self, signature: bytes, digest: bytes) -> bool:
        """Whether `signature` is this key's over the bytes with this SHA-256 digest."""
        if len(signature) != 64:
            return False
        both = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        try:
            self._key.verify(both, digest, _ECDSA)
        except InvalidSignature:
            return False
        return True


def parse_key_set(data: bytes) -> dict[str, PublicKey]:
    """The usable keys of a JWK set (RFC 7517) by `kid`.

    A key that we cannot use is left out and does not harm the others; a `kid` that occurs twice is left out altogether, because
    it names no key. Raises `Unreachable` when this is not a key set, or not one key of it is usable.
    """
    try:
        entries = parse_object(data).get("keys")
    except Unreadable:
        entries = None
    if not isinstance(entries, list):
        raise Unreachable("the issuer's key set", why="it is not a JWK set")
    named = [entry for entry in entries if isinstance(entry, dict)]
    times = Counter(kid for entry in named if isinstance(kid := entry.get("kid"), str))
    usable = {kid: key for entry in named if (kid := _kid(entry)) and times[kid] == 1 and (key := _public_key(entry))}
    if not usable:
        raise Unreachable("the issuer's key set", why="it has no usable key")
    return usable


def _kid(entry: Mapping[str, JSON]) -> str:
    kid = entry.get("kid")
    return kid if isinstance(kid, str) and len(kid) <= LONGEST_KID else ""


def _public_key(entry: Mapping[str, JSON]) -> PublicKey | None:
    """The key of one JWK, None when it is not for checking signatures, too weak, or shown with its private half."""
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    if entry.get("use", "sig") != "sig" or not _PRIVATE_MEMBERS.isdisjoint(entry):
        return None
    build = {"RSA": _rsa_key, "EC": _ec_key}.get(str(entry.get("kty")))
    try:
        key = build(entry) if build else None
    except (Unreadable, ValueError):
        return None
    return key if key and entry.get("alg", key.algorithm) == key.algorithm else None


def _bytes(entry: Mapping[str, JSON], name: str) -> bytes:
    value = entry.get(name)
    if not isinstance(value, str) or not value.isascii():
        raise Unreadable(Why.BASE64)
    return decode_base64url(value.encode("ascii"))


def _rsa_key(entry: Mapping[str, JSON]) -> PublicKey | None:
    n = int.from_bytes(_bytes(entry, "n"), "big")
    e = int.from_bytes(_bytes(entry, "e"), "big")
    if not SHORTEST_RSA <= n.bit_length() <= LONGEST_RSA or n % 2 == 0:
        return None
    # Every issuer uses 65537. A small exponent invites forgeries, a huge one is a way to keep us busy.
    if not 65537 <= e < 2**32 or e % 2 == 0 or _is_roca(n):
        return None
    return RsaKey(rsa.RSAPublicNumbers(e, n).public_key())


def _ec_key(entry: Mapping[str, JSON]) -> PublicKey | None:
    x, y = _bytes(entry, "x"), _bytes(entry, "y")
    if entry.get("crv") != "P-256" or len(x) != 32 or len(y) != 32:
        return None
    point = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
    return EcKey(point.public_key())


_ROCA_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


def _powers(prime: int) -> frozenset[int]:
    return frozenset(pow(65537, exponent, prime) for exponent in range(prime))


_ROCA_MARKS = tuple((prime, _powers(prime)) for prime in _ROCA_PRIMES)


def _is_roca(n: int) -> bool:
    """Whether a modulus has the fingerprint of the Infineon generator, whose keys can be factored (CVE-2017-15361).

    Its primes are powers of 65537 modulo many small primes, and so is their product; a sound modulus is that by chance only
    once in some hundred million.
    """
    return all(n % prime in marks for prime, marks in _ROCA_MARKS)


@dataclass(frozen=True, slots=True)
class _Held:
    """A key set as it was fetched; replaced as a whole, never changed."""

    keys: Mapping[str, PublicKey]
    since: float


class KeyRing:
    """The keys of one issuer: found without network, refreshed seldom, by one caller at a time, and never lost to a failure.

    `load` fetches a key set and raises `Unreachable` when it cannot; `clock` is in seconds since the epoch. Safe for threads.
    """

    def __init__(self, issuer: str, load: Callable[[], Mapping[str, PublicKey]], clock: Callable[[], float]) -> None:
        self._load = load
        self._clock = clock
        self._wanted = KeysWanted(issuer)
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._tried = float("-inf")
        self._flight: threading.Event | None = None

    def find(self, kid: str, now: float) -> PublicKey | KeysWanted | Why:
        """The key of exactly this `kid`, or `KeysWanted` when a refresh could bring it and is allowed, or why there is none."""
        held = self._held
        key = held.keys.get(kid) if held else None
        if held is None or key is None:
            if self._flight is not None or self._may_fetch(now):
                return self._wanted
            return Why.NO_KEYS if held is None else Why.UNKNOWN_KEY
        age = now - held.since
        if 0 <= age < FRESH:
            return key
        # A known key goes on working while somebody else asks for news; a clock that was set back asks for news too.
        if self._may_fetch(now):
            return self._wanted
        return key if abs(age) < OLDEST else Why.OLD_KEYS

    def _may_fetch(self, now: float) -> bool:
        return not 0 <= now - self._tried < COOL_DOWN

    def refresh(self) -> None:
        """Fetch the key set unless one was fetched or tried within `COOL_DOWN`; wait when another caller is fetching it."""
        with self._lock:
            flight, mine = self._flight, False
            if flight is None:
                now = self._clock()
                if not self._may_fetch(now):
                    return
                # Before the fetch, so that an issuer that is down is not called by every token that comes in meanwhile.
                self._tried = now
                flight = self._flight = threading.Event()
                mine = True
        if not mine:
            flight.wait(LONGEST_WAIT)
            return
        try:
            self._held = _Held(self._load(), now)
        except (TrustpubError, OSError) as problem:
            _log.warning("keys of %s not refreshed: %s", self._wanted.issuer, problem)
        finally:
            self._flight = None
            flight.set()
