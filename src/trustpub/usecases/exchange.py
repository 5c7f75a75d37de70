"""The exchange: one ID token in, one upload token out, or a refusal and why.

It reads like the protocol. `open` is arithmetic: the body, then the signature. `settle` is one transaction: who may be meant,
who matches, the ID token spent, projects made of pending publishers, the upload token, the events. A refused exchange commits its
audit event, and removes pending publishers that can never be used; it spends nothing and creates nothing.

Mirrors: warehouse/oidc/views.py (mint_token_from_oidc) @6b62157, its codes and their order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustpub.domain.issuers import replay_retention
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import INVALID_PUBLISHER, REPLAYED, Accepted, Refused
from trustpub.domain.pending import PENDING_DAYS
from trustpub.domain.publishers import Provider, lookup_of, number_of
from trustpub.domain.tokens import LIFETIME, RANDOM_BYTES, UPLOAD_PREFIX, digest, mint
from trustpub.parties.issuer.port import KeysWanted, TokenRefused
from trustpub.storage import tokens
from trustpub.storage.events import Event, record
from trustpub.storage.projects import find_project
from trustpub.storage.publishers import Candidates, candidates, note_seen
from trustpub.usecases import burn, near_misses, renames
from trustpub.usecases.payload import Refusal, refused, token_in
from trustpub.usecases.reify import ACTOR, Vetted, adopt, drop_taken, reify, vet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from trustpub.domain.claims import JSON, Claims
    from trustpub.domain.publishers import Publisher
    from trustpub.parties.issuer.port import Verifier
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.publishers import Pending, Registered

__all__ = ["Exchange", "KeysWanted", "Minted", "Ready", "Refusal"]

SWEEP_EVERY = 128
"""Exchanges between two sweeps of what has expired; a sweep looks at three times as many rows, so it keeps up."""

TAKEN = refused("invalid-pending-publisher", "valid token, but project already exists")
_compact = json.JSONEncoder(separators=(",", ":")).encode
NOBODY = Candidates((), ())
NOTHING = Vetted()
STRANGER = refused("invalid-payload", "unknown trusted publishing issuer")

KEPT_CLAIMS = {Provider.GITHUB: ("ref", "sha"), Provider.GITLAB: ("ref_path", "sha")}
"""What an upload token remembers of its ID token: where the release came from. Mirrors: the models' stored_claims @6b62157."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A token that was verified: it waits for the transaction that settles it."""

    claims: Claims
    provider: Provider


@dataclass(frozen=True, slots=True)
class Minted:
    """An upload token, and when it expires (seconds since the epoch)."""

    token: str = field(repr=False)
    expires: int


class Exchange:
    """The exchange of one index, under one profile; `random` gives as many unguessable bytes as it is asked for."""

    def __init__(
        self,
        verifier: Verifier,
        database: Database,
        profile: Profile,
        audience: str,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        pending_days: int = PENDING_DAYS,
    ) -> None:
        self.audience = audience
        self._pending_days = pending_days
        self._verifier = verifier
        self._database = database
        self._profile = profile
        self._clock = clock
        self._random = random
        self._settled = 0
        self._swept = tokens.START

    def open(self, body: bytes) -> Ready | KeysWanted | Refusal:
        """Read the body and verify its token, without waiting for anything.

        `KeysWanted` asks the caller to let the verifier `refresh` that issuer, on a thread that may wait, and to open again.
        """
        token = token_in(body)
        if isinstance(token, Refusal):
            return token
        claims = self._verifier.verify(token)
        if isinstance(claims, KeysWanted):
            return claims
        if isinstance(claims, TokenRefused):
            return refused(claims.code, claims.description)
        provider = self._verifier.provider_of(claims.issuer)
        return STRANGER if provider is None else Ready(claims, provider)

    def settle(self, ready: Ready) -> Future[Minted | Refusal]:
        """Settle a verified token in one transaction; the answer comes after its commit."""
        now = self._clock()
        minted = Minted(mint(UPLOAD_PREFIX, self._random(RANDOM_BYTES)), int(now) + LIFETIME)
        return self._database.write(lambda connection: self._settle(connection, ready, minted, now))

    def burn(self, body: bytes) -> Future[Refusal | None]:
        """End the life of an upload token; see `usecases.burn`."""
        return burn.burn(self._database, body, self._clock())

    def _settle(self, connection: Connection, ready: Ready, minted: Minted, now: float) -> Minted | Refusal:
        answer = _Settlement(connection, ready, self._profile, now, self._pending_days).settle(minted)
        self._settled += 1
        if self._settled % SWEEP_EVERY == 0:
            self._swept = tokens.sweep(connection, now, self._swept)
        return answer


class _Settlement:
    """One exchange inside its transaction, from the candidates to the answer: all is looked at before anything changes."""

    __slots__ = ("_claims", "_connection", "_days", "_found", "_key", "_linked", "_now", "_profile", "_provider")

    def __init__(self, connection: Connection, ready: Ready, profile: Profile, now: float, pending_days: int) -> None:
        self._connection = connection
        self._claims = ready.claims
        self._key = ready.claims.replay_key
        self._provider = ready.provider
        self._profile = profile
        self._now = now
        self._days = pending_days
        lookup = lookup_of(ready.provider, ready.claims.values)
        self._found = NOBODY if lookup is None else candidates(connection, lookup, ready.claims.issuer, self._key)
        # A publisher that is linked to nothing may upload nothing: as on PyPI, it is as if it were not there.
        self._linked = [row for row in self._found.registered if row.projects]

    def settle(self, minted: Minted) -> Minted | Refusal:
        """Mint, or refuse."""
        waiting = self._waiting()
        decision = self._decide(waiting)
        if waiting.taken:
            drop_taken(self._connection, waiting.taken, self._now)
        hindrance = _hindrance(waiting)
        if hindrance is not None and (self._profile is Profile.PYPI or isinstance(decision, Refused)):
            return self._refuse(Refused(hindrance.code, None, hindrance.description))
        if isinstance(decision, Refused):
            # The profile says whether a spent token is told so, or what else is wrong with it.
            again = self._decide(waiting, replayed=True) if self._is_spent() else decision
            return self._refuse(again if isinstance(again, Refused) else decision)
        if self._is_seen():
            return self._refuse(REPLAYED)
        until = replay_retention(self._claims.expires)
        tokens.spend_fresh(self._connection, self._claims.issuer, self._key, until)
        publisher_id, covered = self._grant(decision, waiting)
        self._mint(minted, decision.publisher, publisher_id, covered)
        return minted

    def _waiting(self) -> Vetted:
        """The pending publishers that this token is for: all of one identity, unless the token was spent.

        One whose days are over is as if it were not there; the sweeper takes it away, and tells whose it was.
        """
        pending = [row for row in self._found.pending if row.lasts(self._days, self._now)]
        if not pending:
            return NOTHING
        decision = self._match([row.publisher for row in pending])
        # PyPI breaks (500) when a spent token matches a pending publisher; here it is as if nothing were pending.
        if isinstance(decision, Refused) or self._is_seen():
            return NOTHING
        identity = decision.publisher.identity
        rows = [row for row in pending if row.publisher.identity == identity and self._accepts(row.publisher)]
        return vet(self._connection, rows)

    def _decide(self, waiting: Vetted, *, replayed: bool = False) -> Accepted | Refused:
        """Match against the linked publishers, and the one that is about to be.

        PyPI makes the project first and then looks again, so that the new publisher may lose to one that is constrained to the
        environment, and the token then reaches everything but the new project. Under our own profile the new one wins.
        """
        if not waiting.free:
            return self._match([row.publisher for row in self._linked], replayed=replayed)
        new = waiting.free[0].publisher
        if self._profile is Profile.TRUSTPUB:
            return self._match([new], replayed=replayed)
        return self._match([*(row.publisher for row in self._linked), new], replayed=replayed)

    def _match(self, publishers: Sequence[Publisher], *, replayed: bool = False) -> Accepted | Refused:
        claims = self._claims
        return decide(claims.values, publishers, self._profile, provider=self._provider, issuer=claims.issuer, replayed=replayed)

    def _accepts(self, publisher: Publisher) -> bool:
        """Whether this one alone accepts the token: projects hold the same identity to different refs and events."""
        return isinstance(self._match([publisher]), Accepted)

    def _is_seen(self) -> bool:
        """Whether the token was spent, as far as the candidates tell: they do when there is one."""
        return self._found.spent or tokens.is_being_spent(self._connection, self._claims.issuer, self._key)

    def _is_spent(self) -> bool:
        return tokens.is_spent(self._connection, self._claims.issuer, self._key)

    def _grant(self, accepted: Accepted, waiting: Vetted) -> tuple[int, tuple[int, ...]]:
        """Create what was pending; the id of the accepted publisher's row, and of the projects it is linked to now."""
        if not waiting.free:
            row = self._linked[accepted.index]
            self._note(row)
            return row.id, self._covered(row)
        new = waiting.free[0].publisher
        new_id, created = reify(self._connection, new, waiting.free, self._now)
        if self._profile is Profile.TRUSTPUB:  # on PyPI what else waits for these names has lost them
            self._adopt(waiting.free)
        identity = accepted.publisher.identity
        linked = [row for row in self._linked if row.publisher.identity == identity and self._accepts(row.publisher)]
        if identity != new.identity:
            return linked[0].id, tuple(project for row in linked for project in row.projects)
        return new_id, (*(project for row in linked for project in row.projects), *created)

    def _adopt(self, made: Sequence[Pending]) -> None:
        for row in made:
            project = find_project(self._connection, row.project)
            if project is not None:
                adopt(self._connection, project, row.user_id, ACTOR, self._days, self._now)

    def _covered(self, row: Registered) -> tuple[int, ...]:
        """The projects of the accepted publisher: of those that hold it to something else, the ones that let this token in."""
        others = [each for each in self._linked if each.id == row.id and each is not row and self._accepts(each.publisher)]
        return row.projects + tuple(project for each in others for project in each.projects)

    def _note(self, row: Registered) -> None:
        """Keep what the token says that is not matched, when it is news: a name may change, its number does not."""
        said = renames.said_by(self._provider, self._claims.values)
        if said and said != row.seen:
            number = number_of(self._provider, self._claims.values)
            note_seen(self._connection, row.id, said, number)

    def _mint(self, minted: Minted, publisher: Publisher, publisher_id: int, covered: Sequence[int]) -> None:
        kept = {name: self._claims.values.get(name) for name in KEPT_CLAIMS.get(self._provider, ())}
        claims = _compact(kept)
        tokens.add_upload_token(self._connection, digest(minted.token), publisher_id, covered, claims, self._now, minted.expires)
        detail: dict[str, JSON] = {
            "publisher": publisher.specifier,
            "publisher_id": publisher_id,
            "claims": kept,
            "expires": minted.expires,
        }
        for project in covered:
            record(self._connection, Event("upload-token:minted", ACTOR, self._now, detail, project))

    def _refuse(self, refusal: Refused) -> Refusal:
        """Write the refusal into the logs of whom it concerns, and say what the caller may know."""
        explanation = near_misses.explain(self._connection, self._claims, self._provider, self._found, refusal, self._profile)
        detail = near_misses.audited(self._claims, self._provider, refusal, explanation)
        for project in explanation.projects or (None,):
            record(self._connection, Event("exchange:refused", ACTOR, self._now, detail, project))
        if refusal.code == INVALID_PUBLISHER:
            renames.notice(self._connection, explanation.near, self._claims.values, self._now)
        return refused(refusal.code, near_misses.described(refusal, explanation), explanation.shown)


def _hindrance(waiting: Vetted) -> Refusal | None:
    """Why none of the pending projects can be created; None when one can, or when none was pending."""
    if waiting.free:
        return None
    if waiting.taken:
        return TAKEN
    return refused("invalid-payload", waiting.refused[0][1]) if waiting.refused else None
