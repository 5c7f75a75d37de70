"""Believe an ID token, or refuse it: the strict verifier.

Nearly every known hole in token verification needs a verifier that allows two families of algorithms, takes a key as text, or
lets the token choose the key. None of that exists here: the issuer is found by its exact text, the key only among that issuer's
keys by its exact `kid`, and the key knows its one algorithm. Header members that carry or point to keys (`jwk`, `jku`, `x5u`,
`x5c`) are never read.

Mirrors: warehouse/oidc/services.py @6b62157 (codes and leeway), stricter in types, sizes and lifetimes.
"""

from __future__ import annotations

import hashlib
import math
from functools import partial
from typing import TYPE_CHECKING

from trustpub.domain.claims import JSON, LONGEST_JTI, Claims
from trustpub.domain.issuers import LEEWAY, Issuer
from trustpub.errors import BadInput
from trustpub.parties.issuer.discovery import load_keys
from trustpub.parties.issuer.jws import Jws, Unreadable, parse
from trustpub.parties.issuer.keys import LONGEST_KID, KeyRing, PublicKey
from trustpub.parties.issuer.port import KeysWanted, TokenRefused, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trustpub.domain.publishers import Provider

SUPPORTED = frozenset(("RS256", "ES256"))

MOST_HEADERS = 256
"""Distinct header segments that are remembered once an issuer signed them: a handful for each key."""

_REFUSED_HEADERS = frozenset(("crit", "b64", "zip", "enc"))
"""Header members that change what a token means (RFC 7515 4.1.11, RFC 7797, RFC 7516). We know none, so none may be there."""

_MALFORMED = frozenset((Why.TOO_LONG, Why.NOT_ASCII, Why.SEGMENTS, Why.BASE64, Why.JSON, Why.NO_ISSUER))


def _refusal(why: Why) -> TokenRefused:
    if why in _MALFORMED:
        return TokenRefused("invalid-payload", "malformed JWT", why)
    if why is Why.UNKNOWN_ISSUER:
        return TokenRefused("invalid-payload", "unknown trusted publishing issuer", why)
    return TokenRefused("invalid-token", "malformed or invalid token", why)


REFUSALS: Mapping[Why, TokenRefused] = {why: _refusal(why) for why in Why}
"""What each cause is called towards the client, in PyPI's words."""


class StrictVerifier:
    """Verifies ID tokens of the given issuers for one audience.

    `clock` gives seconds since the epoch, `fetch` the bytes at an address (and raises `Unreachable`). Of two issuers with the
    same address the later one counts. Raises `BadInput` for an algorithm that does not exist here. Safe for threads.
    """

    def __init__(
        self, issuers: Iterable[Issuer], audience: str, clock: Callable[[], float], fetch: Callable[[str], bytes]
    ) -> None:
        self._audience = audience
        self._clock = clock
        self._issuers = {issuer.url: issuer for issuer in issuers}
        for issuer in self._issuers.values():
            _check_algorithms(issuer)
        self._headers: dict[bytes, dict[str, JSON]] = {}
        self._rings = {url: KeyRing(url, partial(load_keys, issuer, fetch), clock) for url, issuer in self._issuers.items()}

    def provider_of(self, issuer: str) -> Provider | None:
        """The kind of an issuer that is trusted here, None for a stranger."""
        known = self._issuers.get(issuer)
        return known.kind if known else None

    def refresh(self, issuer: str) -> None:
        """Fetch the issuer's keys if that is allowed now; join a fetch that is under way. A failure is logged, never raised."""
        ring = self._rings.get(issuer)
        if ring:
            ring.refresh()

    def verify(self, token: str) -> Claims | TokenRefused | KeysWanted:
        """Answer for any text whatsoever, without network and without raising.

        Cheap checks come first, so that only a token that would be believed if its signature held can make us ask for keys.
        """
        try:
            jws = parse(token, self._headers)
        except Unreadable as problem:
            return REFUSALS[problem.why]
        url = jws.payload.get("iss")
        if type(url) is not str:
            return REFUSALS[Why.NO_ISSUER]
        issuer = self._issuers.get(url)
        if issuer is None:
            return REFUSALS[Why.UNKNOWN_ISSUER]
        now = self._clock()
        why = _header_problem(jws.header, issuer) or _claims_problem(jws.payload, issuer, self._audience, now)
        if why:
            return REFUSALS[why]
        key = self._rings[url].find(str(jws.header["kid"]), now)
        if isinstance(key, KeysWanted):
            return key
        return REFUSALS[key] if isinstance(key, Why) else self._believe(jws, url, key)

    def _believe(self, jws: Jws, issuer: str, key: PublicKey) -> Claims | TokenRefused:
        if key.algorithm != jws.header["alg"]:
            return REFUSALS[Why.ALGORITHM]
        digest = hashlib.sha256(jws.signed)
        if not key.verifies(jws.signature, digest.digest()):
            return REFUSALS[Why.SIGNATURE]
        # Only what an issuer signed is remembered, so a stranger cannot fill this.
        if jws.head not in self._headers and len(self._headers) < MOST_HEADERS:
            self._headers[jws.head] = jws.header
        expires = jws.payload["exp"]
        whole = math.ceil(expires) if isinstance(expires, int | float) else 0
        return Claims(issuer, jws.payload, digest.hexdigest(), whole)


def _check_algorithms(issuer: Issuer) -> None:
    for algorithm in issuer.algorithms:
        if algorithm not in SUPPORTED:
            raise BadInput(
                f"issuer `{issuer.url}`: algorithm `{algorithm}`", why="not supported", next_step="Use RS256 or ES256."
            )


def _header_problem(header: Mapping[str, JSON], issuer: Issuer) -> Why | None:
    algorithm = header.get("alg")
    if type(algorithm) is not str or algorithm not in issuer.algorithms:
        return Why.ALGORITHM
    kid = header.get("kid")
    if type(kid) is not str or not 0 < len(kid) <= LONGEST_KID:
        return Why.KID
    if not _REFUSED_HEADERS.isdisjoint(header):
        return Why.HEADER
    kind = header.get("typ", "JWT")
    return None if type(kind) is str and kind.upper() == "JWT" else Why.HEADER


def _claims_problem(payload: Mapping[str, JSON], issuer: Issuer, audience: str, now: float) -> Why | None:
    if type(payload.get("aud")) is not str or payload["aud"] != audience:
        return Why.AUDIENCE
    jti = payload.get("jti", "")
    # An empty jti is none: PyPI lets such a token through, and it is spent by the digest of its signed bytes.
    if type(jti) is not str or len(jti) > LONGEST_JTI or not (jti.isascii() and jti.isprintable()):
        return Why.JTI
    if type(payload.get("sub", "")) is not str:
        return Why.SUBJECT
    return _times_problem(payload, issuer.max_lifetime, now)


def _times_problem(payload: Mapping[str, JSON], longest: int, now: float) -> Why | None:
    """Whether this is the wrong moment for the token, with `LEEWAY` seconds of patience for two clocks that differ.

    The edges are PyJWT's, which PyPI uses: a token is dead at `exp` + leeway exactly, and alive at `nbf` - leeway exactly.
    """
    expires, issued, begins = payload.get("exp"), payload.get("iat"), payload.get("nbf", 0)
    # type() and not isinstance(): a bool is an int to Python, and no time at all to us.
    if not (
        (type(expires) is int or type(expires) is float)
        and (type(issued) is int or type(issued) is float)
        and (type(begins) is int or type(begins) is float)
    ):
        return Why.TIMES
    if expires <= now - LEEWAY:
        return Why.EXPIRED
    if begins > now + LEEWAY or issued > now + LEEWAY:
        return Why.NOT_YET
    return None if 0 <= expires - issued <= longest else Why.LIFETIME
