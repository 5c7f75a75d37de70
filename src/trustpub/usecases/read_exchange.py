"""The exchange for reading: one ID token of a registered reader in, one short read token out, or a refusal and why.

It is the exchange of publishers with another table: the same verifier and rules, the same replay table (an ID token buys one
token, to read or to upload, never both), the same shape of refusals. Each leaves an event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.issuers import replay_retention
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Difference, Refused
from trustpub.domain.publishers import lookup_of
from trustpub.domain.tokens import RANDOM_BYTES, READ_PREFIX, digest, mint
from trustpub.storage import tokens
from trustpub.storage.events import Event, record
from trustpub.storage.readers import add_read_token, reader_candidates
from trustpub.usecases.exchange import Minted
from trustpub.usecases.near_misses import cut, told
from trustpub.usecases.payload import Refusal, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from trustpub.domain.claims import JSON
    from trustpub.domain.outcome import Decision
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.readers import Reader
    from trustpub.usecases.exchange import Ready

LIFETIME = 3600
"""Seconds of a read token: an installation in a long job may fetch for that long."""
ACTOR = "OpenID created token"


class ReadExchange:
    """Settles verified ID tokens of readers; `random` gives as many unguessable bytes as it is asked for."""

    def __init__(self, database: Database, profile: Profile, clock: Callable[[], float], random: Callable[[int], bytes]) -> None:
        self._database = database
        self._profile = profile
        self._clock = clock
        self._random = random

    def settle(self, ready: Ready) -> Future[Minted | Refusal]:
        """Settle a verified token in one transaction; the answer comes after its commit."""
        now = self._clock()
        minted = Minted(mint(READ_PREFIX, self._random(RANDOM_BYTES)), int(now) + LIFETIME)
        return self._database.write(lambda connection: self._settle(connection, ready, minted, now))

    def _settle(self, connection: Connection, ready: Ready, minted: Minted, now: float) -> Minted | Refusal:
        claims, key = ready.claims, ready.claims.replay_key
        lookup = lookup_of(ready.provider, claims.values)
        found = () if lookup is None else reader_candidates(connection, lookup, claims.issuer)
        decision = self._decide(ready, found, replayed=False)
        if tokens.is_spent(connection, claims.issuer, key):
            decision = self._decide(ready, found, replayed=True)
        if isinstance(decision, Refused):
            return _refuse(connection, ready, decision, now)
        reader = found[decision.index]
        tokens.spend_fresh(connection, claims.issuer, key, replay_retention(claims.expires))
        add_read_token(connection, digest(minted.token), reader.id, now, minted.expires)
        detail: dict[str, JSON] = {"reader": reader.publisher.specifier, "reader_id": reader.id, "expires": minted.expires}
        record(connection, Event("read-token:minted", ACTOR, now, detail))
        return minted

    def _decide(self, ready: Ready, found: tuple[Reader, ...], *, replayed: bool) -> Decision:
        publishers = [reader.publisher for reader in found]
        claims = ready.claims
        return decide(claims.values, publishers, self._profile, provider=ready.provider, issuer=claims.issuer, replayed=replayed)


def _refuse(connection: Connection, ready: Ready, refusal: Refused, now: float) -> Refusal:
    """Log the refusal with its whole difference; the caller hears which of its own values differ, never what is registered."""
    differing = [Difference(each.field, cut(each.expected), cut(each.got)) for each in refusal.differences]
    detail: dict[str, JSON] = {
        "code": refusal.code,
        "reason": cut(refusal.reason),
        "provider": str(ready.provider),
        "issuer": ready.claims.issuer,
        "differences": [
            {"field": each.field, "expected": cut(each.expected), "got": cut(each.got)} for each in refusal.differences
        ],
        "claims": told(ready.claims.values),
    }
    record(connection, Event("read-exchange:refused", ACTOR, now, detail))
    shown = tuple(each._replace(expected=None) for each in differing)
    return refused(refusal.code, refusal.description, shown)
