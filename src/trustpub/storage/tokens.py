"""Upload tokens, and the ID tokens they were bought with: stored as digests, spent once, swept a little at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, delete, select, tuple_, update

from trustpub.storage.publishers import read_publisher
from trustpub.storage.statements import Later, Prepared, write_waiting
from trustpub.storage.tables import project_publishers, publishers, replays, upload_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher

SWEEP = 200
"""Upload tokens that one sweep removes at most, so that no exchange waits long for it."""

LOOKED_AT = 400
"""Spent ID tokens that one sweep looks at."""

START = ("", "")
"""Where a sweep through the spent ID tokens begins: before all of them."""

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


_REPLAYS = Later(replays, "issuer", "key", "expires")
_TOKENS = Later(upload_tokens, "digest", "publisher_id", "projects", "claims", "created", "expires")
_SPENT = Prepared(select(replays.c.expires).where(replays.c.issuer == bindparam("issuer"), replays.c.key == bindparam("key")))
_FIND = Prepared(
    select(
        upload_tokens.c.id,
        upload_tokens.c.publisher_id,
        publishers.c.provider,
        publishers.c.issuer,
        publishers.c.fields,
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
_KEY = tuple_(replays.c.issuer, replays.c.key)
_AFTER = tuple_(bindparam("after_issuer"), bindparam("after_key")) < _KEY
_UNTIL = tuple_(bindparam("last_issuer"), bindparam("last_key")) >= _KEY
_LAST = (
    select(replays.c.issuer, replays.c.key).where(_AFTER).order_by(replays.c.issuer, replays.c.key).offset(LOOKED_AT - 1).limit(1)
)
_FORGET = delete(replays).where(_AFTER, replays.c.expires < bindparam("now"))
_OLDEST = select(upload_tokens.c.id, upload_tokens.c.expires).order_by(upload_tokens.c.id).limit(SWEEP)


def spend(connection: Connection, issuer: str, key: str, until: int) -> bool:
    """Mark an ID token as spent; False when it was spent already. The row is kept until `until` (seconds since the epoch)."""
    if is_spent(connection, issuer, key):
        return False
    spend_fresh(connection, issuer, key, until)
    return True


def spend_fresh(connection: Connection, issuer: str, key: str, until: int) -> None:
    """Mark an ID token as spent that the caller has just seen not to be. If it is after all, the transaction fails."""
    _REPLAYS.add(connection, issuer, key, until)


def is_spent(connection: Connection, issuer: str, key: str) -> bool:
    """Whether this ID token was spent before, by an earlier commit or by a call that shares this one."""
    return is_being_spent(connection, issuer, key) or _SPENT.one(connection, issuer=issuer, key=key) is not None


def is_being_spent(connection: Connection, issuer: str, key: str) -> bool:
    """Whether a call that shares this commit spent this ID token."""
    return any(row[1] == key and row[0] == issuer for row in _REPLAYS.waiting(connection))


def add_upload_token(
    connection: Connection, digest: str, publisher_id: int, projects: Iterable[int], claims: str, created: float, expires: int
) -> None:
    """Store a token by its digest, with the ids of the projects it covers; `claims` is a JSON object."""
    covered = f"[{','.join(map(str, projects))}]"
    _TOKENS.add(connection, digest, publisher_id, covered, claims, created, expires)


def find_upload_token(connection: Connection, digest: str) -> UploadToken | None:
    """The token with this digest, valid or not; None when there is none, or when its publisher is gone."""
    write_waiting(connection)
    rows = _FIND.all(connection, wanted=digest)
    if not rows:
        return None
    first = rows[0]
    return UploadToken(
        id=first[0],
        publisher_id=first[1],
        publisher=read_publisher(*first[2:5]),
        claims=json.loads(first[5]),
        expires=first[6],
        burnt=first[7] is not None,
        projects=frozenset(json.loads(first[8])) & {row[9] for row in rows},
    )


def burn_upload_token(connection: Connection, digest: str, now: float) -> int | None:
    """End a token's life now; the id of its publisher, or None when it is unknown or burnt already."""
    write_waiting(connection)
    row = _BURN.one(connection, wanted=digest, now=now)
    return None if row is None else int(row[0])


def burn_tokens_of_publisher(connection: Connection, publisher_id: int, now: float) -> None:
    """End the life of every upload token that a publisher bought, whichever of its projects it is for."""
    write_waiting(connection)
    alive = (upload_tokens.c.publisher_id == publisher_id, upload_tokens.c.burnt_at.is_(None))
    connection.execute(update(upload_tokens).where(*alive).values(burnt_at=now))


def sweep(connection: Connection, now: float, after: tuple[str, str] = START) -> tuple[str, str]:
    """Forget some ID tokens that can no longer be accepted, and some upload tokens that ended a day ago.

    Spent ID tokens are looked at in the order of their keys, `LOOKED_AT` of them beyond `after`; the answer is where to go on. So
    they need no index over their ends, which would cost every exchange more than all sweeps together.
    """
    write_waiting(connection)
    beyond: dict[str, str | int] = {"after_issuer": after[0], "after_key": after[1], "now": int(now)}
    last = connection.execute(_LAST, beyond).first()
    if last is None:
        connection.execute(_FORGET, beyond)
    else:
        connection.execute(_FORGET.where(_UNTIL), {**beyond, "last_issuer": last.issuer, "last_key": last.key})
    # Ids rise with time and every token lives equally long, so the old ones are a prefix.
    old = [row.id for row in takewhile(lambda row: row.expires < now - KEPT_AFTER_EXPIRY, connection.execute(_OLDEST).all())]
    if old:
        connection.execute(delete(upload_tokens).where(upload_tokens.c.id <= old[-1]))
    return START if last is None else (last.issuer, last.key)
