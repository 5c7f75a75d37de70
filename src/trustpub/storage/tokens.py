"""Upload tokens, and the ID tokens they were bought with: stored as digests, spent once, swept a little at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from trustpub.storage.publishers import read_publisher
from trustpub.storage.statements import Prepared
from trustpub.storage.tables import project_publishers, publishers, replays, upload_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher

SWEEP = 200
"""Rows that one sweep removes at most, so that no exchange waits long for it."""

KEPT_AFTER_EXPIRY = 86_400
"""Seconds for which an expired upload token stays known, so that its owner can be told what it was. Mirrors PyPI's one day."""


@dataclass(frozen=True, slots=True)
class UploadToken:
    """An upload token's row.

    `projects` are the ids of those that it was minted for *and* that its publisher is still linked to: the only ones it may
    upload to. `expires` is in seconds since the epoch, `claims` are what PyPI keeps of the ID token.
    """

    id: int
    publisher_id: int
    publisher: Publisher
    claims: dict[str, JSON]
    expires: int
    burnt: bool
    projects: frozenset[int]

    @property
    def actor(self) -> str:
        """Who acts, for the audit log and the file row."""
        return self.publisher.specifier


_INSERT_REPLAY = Prepared(
    insert(replays).values({name: bindparam(name) for name in ("issuer", "key", "expires")}),
    unless_there=True,
)
_SPENT = Prepared(select(replays.c.expires).where(replays.c.issuer == bindparam("issuer"), replays.c.key == bindparam("key")))
_INSERT_TOKEN = Prepared(
    insert(upload_tokens).values(
        {name: bindparam(name) for name in ("digest", "publisher_id", "projects", "claims", "created", "expires")}
    ),
)
_FIND = Prepared(
    select(
        upload_tokens.c.id,
        upload_tokens.c.publisher_id,
        publishers.c.provider,
        publishers.c.issuer,
        publishers.c.fields,
        publishers.c.allowed_events,
        upload_tokens.c.claims,
        upload_tokens.c.expires,
        upload_tokens.c.burnt_at,
        upload_tokens.c.projects,
        project_publishers.c.project_id,
    )
    .select_from(upload_tokens)
    .join(publishers, publishers.c.id == upload_tokens.c.publisher_id)
    .outerjoin(project_publishers, project_publishers.c.publisher_id == upload_tokens.c.publisher_id)
    .where(upload_tokens.c.digest == bindparam("wanted")),
)
_BURN = Prepared(
    update(upload_tokens)
    .where(upload_tokens.c.digest == bindparam("wanted"), upload_tokens.c.burnt_at.is_(None))
    .values(burnt_at=bindparam("now"))
    .returning(upload_tokens.c.publisher_id),
)
_DUE = (
    select(replays.c.issuer, replays.c.key).where(replays.c.expires < bindparam("now")).order_by(replays.c.expires).limit(SWEEP)
)
_OLDEST = select(upload_tokens.c.id, upload_tokens.c.expires).order_by(upload_tokens.c.id).limit(SWEEP)


def spend(connection: Connection, issuer: str, key: str, until: int) -> bool:
    """Mark an ID token as spent; False when it was spent already. The row is kept until `until` (seconds since the epoch)."""
    return _INSERT_REPLAY.run(connection, issuer=issuer, key=key, expires=until).rowcount == 1


def is_spent(connection: Connection, issuer: str, key: str) -> bool:
    """Whether this ID token was spent before."""
    return _SPENT.one(connection, issuer=issuer, key=key) is not None


def add_upload_token(
    connection: Connection, digest: str, publisher_id: int, projects: Iterable[int], claims: str, created: float, expires: int
) -> None:
    """Store a token by its digest, with the ids of the projects it covers; `claims` is a JSON object."""
    _INSERT_TOKEN.run(
        connection,
        digest=digest,
        publisher_id=publisher_id,
        projects=f"[{','.join(map(str, projects))}]",
        claims=claims,
        created=created,
        expires=expires,
    )


def find_upload_token(connection: Connection, digest: str) -> UploadToken | None:
    """The token with this digest, valid or not; None when there is none, or when its publisher is gone."""
    rows = _FIND.all(connection, wanted=digest)
    if not rows:
        return None
    first = rows[0]
    return UploadToken(
        id=first[0],
        publisher_id=first[1],
        publisher=read_publisher(*first[2:6]),
        claims=json.loads(first[6]),
        expires=first[7],
        burnt=first[8] is not None,
        projects=frozenset(json.loads(first[9])) & {row[10] for row in rows},
    )


def burn_upload_token(connection: Connection, digest: str, now: float) -> int | None:
    """End a token's life now; the id of its publisher, or None when it is unknown or burnt already."""
    row = _BURN.one(connection, wanted=digest, now=now)
    return None if row is None else int(row[0])


def sweep(connection: Connection, now: float) -> None:
    """Forget some ID tokens that can no longer be accepted, and some upload tokens that ended a day ago."""
    for row in connection.execute(_DUE, {"now": int(now)}).all():
        connection.execute(delete(replays).where(replays.c.issuer == row.issuer, replays.c.key == row.key))
    # Ids rise with time and every token lives equally long, so the old ones are a prefix.
    old = [row.id for row in takewhile(lambda row: row.expires < now - KEPT_AFTER_EXPIRY, connection.execute(_OLDEST).all())]
    if old:
        connection.execute(delete(upload_tokens).where(upload_tokens.c.id <= old[-1]))
