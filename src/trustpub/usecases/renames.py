"""Renames: a name that moved makes publishers stop matching without anybody knowing why; the numbers tell.

Accepted tokens leave their number with their publisher, written only when it changes. A refused token with a known number under
another name, or with a known name under another number, is told to the project's owners: once for each new name. See
`domain.renames` for what is told from what.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from trustpub.domain.narrowing import ascii_lower
from trustpub.domain.publishers import Provider
from trustpub.domain.renames import TAKEN, Moved, moved
from trustpub.storage.events import Event, record
from trustpub.storage.projects import project_by_id
from trustpub.storage.publishers import note_seen, storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.claims import JSON, ClaimSet
    from trustpub.storage.database import Connection
    from trustpub.storage.publishers import Registered

ACTOR = "OpenID created token"
LONGEST = 300
KINDS = {"owner": "publisher:owner-renamed", "namespace": "publisher:owner-renamed", TAKEN: "publisher:name-taken"}
"""What the audit log calls it; anything else is `publisher:renamed`."""
_NAMES = {Provider.GITHUB: ("repository_id", "repository", ""), Provider.GITLAB: ("project_id", "project_path", "namespace_id")}
"""Which claims hold the number and the name of the place that a token comes from, and the owner's number if none is pinned."""

_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def said_by(provider: Provider, claims: ClaimSet) -> str:
    """What is kept of an accepted token (a JSON object); empty when it says nothing of the kind.

    The name is in lower case: a change of case is no change to anybody.
    """
    names = _NAMES.get(provider)
    if names is None:
        return ""
    number, name, owner = claims.get(names[0]), claims.get(names[1]), claims.get(names[2])
    if not isinstance(number, str) or not isinstance(name, str):
        return ""
    return _said(number, name, owner if isinstance(owner, str) else None)


@lru_cache(maxsize=4096)
def _said(number: str, name: str, owner: str | None) -> str:
    """The same text for every token of one place, so it is written once."""
    said = {"id": number, "name": ascii_lower(name), **({} if owner is None else {"owner": owner})}
    text = "".join(said.values())
    return _compact(said) if storable(text) and len(text) <= LONGEST else ""


def moved_from(row: Registered, claims: ClaimSet) -> Moved | None:
    """Which name moved between this publisher and the token; None when no number tells."""
    return moved(row.publisher, claims, json.loads(row.seen))


def noted(row: Registered) -> tuple[Moved, ...]:
    """What was told of this publisher since its last accepted token."""
    told = json.loads(row.seen).get("moved", {})
    return tuple(Moved(what, *names) for what, names in told.items())


def notice(connection: Connection, rows: Sequence[Registered], claims: ClaimSet, now: float) -> None:
    """Tell owners when this refused token shows that a name moved between it and a publisher of theirs.

    A pending publisher has no project, and its id is of another table: nothing is noted with it.
    """
    for row in (each for each in rows if each.projects):
        found = moved_from(row, claims)
        if found is not None and found not in noted(row) and storable(found.now) and len(found.now) <= LONGEST:
            _tell(connection, row, found, now)


def _tell(connection: Connection, row: Registered, found: Moved, now: float) -> None:
    from trustpub.usecases.publishing.notices import tell_moved  # rare: an index starts without it

    seen = json.loads(row.seen)
    told = {**seen.get("moved", {}), found.what: [found.before, found.now]}
    note_seen(connection, row.id, _compact({**seen, "moved": told}))
    detail: dict[str, JSON] = {
        "publisher": row.publisher.specifier,
        "publisher_id": row.id,
        "before": found.before,
        "now": found.now,
    }
    for project_id in row.projects:
        record(connection, Event(KINDS.get(found.what, "publisher:renamed"), ACTOR, now, detail, project_id))
        project = project_by_id(connection, project_id)
        if project is not None:
            tell_moved(connection, project, row.publisher, found, now)
