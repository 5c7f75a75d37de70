"""A verifier without cryptography, for the tests of those who use one. Keeps the same contract as the real one."""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import TYPE_CHECKING

from trustpub.domain.claims import JSON, Claims
from trustpub.domain.issuers import BUILT_IN, LEEWAY, Issuer
from trustpub.parties.issuer.port import KeysWanted, TokenRefused, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trustpub.domain.publishers import Provider

COOL_DOWN = 60

_MALFORMED = ("invalid-payload", "malformed JWT")
_STRANGER = ("invalid-payload", "unknown trusted publishing issuer")
_INVALID = ("invalid-token", "malformed or invalid token")


class FakeVerifier:
    """Believes the tokens that it wrote itself.

    `known` says whether the issuers' keys are there from the start, `reachable` whether a refresh would bring them; `refreshes`
    lists the issuers that were really asked.
    """

    def __init__(
        self,
        audience: str,
        clock: Callable[[], float],
        issuers: Iterable[Issuer] = BUILT_IN,
        *,
        known: bool = True,
        reachable: bool = True,
    ) -> None:
        self.reachable = reachable
        self.refreshes: list[str] = []
        self._audience = audience
        self._clock = clock
        self._issuers = {issuer.url: issuer for issuer in issuers}
        self._known = set(self._issuers) if known else set()
        self._tried: dict[str, float] = {}
        self._numbers = itertools.count(1)

    def sign(self, claims: Mapping[str, JSON], *, forged: bool = False) -> str:
        """A token for these claims, with an own `jti` and five minutes to live unless they say otherwise."""
        now = int(self._clock())
        base: dict[str, JSON] = {"iss": next(iter(self._issuers)), "aud": self._audience, "jti": f"fake-{next(self._numbers)}"}
        base |= {"iat": now, "nbf": now, "exp": now + 300}
        text = json.dumps({**base, **claims}).encode("ascii").hex()
        return f"fake.{text}.{'forged' if forged else 'signed'}"

    def verify(self, token: str) -> Claims | TokenRefused | KeysWanted:
        """Answer for any text whatsoever."""
        claims = _read(token)
        issuer = claims.get("iss") if claims else None
        if not isinstance(issuer, str) or claims is None:
            return TokenRefused(*_MALFORMED, Why.NO_ISSUER if claims else Why.SEGMENTS)
        if issuer not in self._issuers:
            return TokenRefused(*_STRANGER, Why.UNKNOWN_ISSUER)
        why, expires = self._problem(claims, self._issuers[issuer].max_lifetime)
        if why:
            return TokenRefused(*_INVALID, why)
        if issuer not in self._known:
            return KeysWanted(issuer) if self._may_ask(issuer) else TokenRefused(*_INVALID, Why.NO_KEYS)
        if not token.endswith(".signed"):
            return TokenRefused(*_INVALID, Why.SIGNATURE)
        return Claims(issuer, claims, hashlib.sha256(token.encode("ascii")).hexdigest(), expires)

    def refresh(self, issuer: str) -> None:
        """Ask for the keys, if the last question was long enough ago."""
        if issuer in self._issuers and self._may_ask(issuer):
            self._tried[issuer] = self._clock()
            self.refreshes.append(issuer)
            if self.reachable:
                self._known.add(issuer)

    def provider_of(self, issuer: str) -> Provider | None:
        """The kind of an issuer that is trusted here."""
        known = self._issuers.get(issuer)
        return known.kind if known else None

    def _may_ask(self, issuer: str) -> bool:
        return self._clock() - self._tried.get(issuer, float("-inf")) >= COOL_DOWN

    def _problem(self, claims: Mapping[str, JSON], longest: int) -> tuple[Why | None, int]:
        expires, issued = claims.get("exp"), claims.get("iat")
        if claims.get("aud") != self._audience:
            return Why.AUDIENCE, 0
        if type(expires) is not int or type(issued) is not int:
            return Why.TIMES, 0
        if expires <= self._clock() - LEEWAY:
            return Why.EXPIRED, 0
        if issued > self._clock() + LEEWAY:
            return Why.NOT_YET, 0
        return (None if expires - issued <= longest else Why.LIFETIME), expires


def _read(token: str) -> dict[str, JSON] | None:
    kind, _, rest = token.partition(".")
    text, dot, mark = rest.partition(".")
    if kind != "fake" or not dot or mark not in ("signed", "forged"):
        return None
    try:
        claims: object = json.loads(bytes.fromhex(text))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
