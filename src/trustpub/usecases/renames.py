"""Renames: a repository that got another name keeps its number, and its publishers stop matching without anybody knowing why.

Accepted tokens leave the number with their publisher, written only when it changes. A refused token with a known number at the
same owner under another name is told to the project's owners: once for each new name. The caller is told nothing more.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trustpub.domain.narrowing import ascii_lower
from trustpub.domain.publishers import Provider, kin_of
from trustpub.storage.events import Event, record
from trustpub.storage.publishers import kin, note_seen, storable

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON, ClaimSet
    from trustpub.storage.database import Connection
    from trustpub.storage.publishers import Registered

ACTOR = "OpenID created token"
LONGEST = 300
_NAMES = {Provider.GITHUB: ("repository_id", "repository"), Provider.GITLAB: ("project_id", "project_path")}
"""Which claims hold the number and the name of the place that a token comes from."""

_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def said_by(provider: Provider, claims: ClaimSet) -> str:
    """What is kept of an accepted token (a JSON object); empty when it says nothing of the kind."""
    place = _place(provider, claims)
    return "" if place is None else _compact({"id": place[0], "name": place[1]})


def notice(connection: Connection, provider: Provider, claims: ClaimSet, now: float) -> None:
    """Tell owners when this refused token comes from a place of theirs that has another name now."""
    place, key = _place(provider, claims), kin_of(provider, claims)
    if place is None or key is None:
        return
    number, name = place
    for row in kin(connection, key):
        seen = json.loads(row.seen)
        if seen.get("id") == number and _is_owners(row, provider, claims) and name not in (seen.get("name"), seen.get("now")):
            _told(connection, row, seen, name, now)


def _told(connection: Connection, row: Registered, seen: dict[str, JSON], name: str, now: float) -> None:
    from trustpub.usecases.publishing.notices import tell_renamed  # rare: an index starts without it

    note_seen(connection, row.id, _compact({**seen, "now": name}))
    detail: dict[str, JSON] = {"publisher": row.publisher.specifier, "publisher_id": row.id, "before": seen["name"], "now": name}
    for project in row.projects:
        record(connection, Event("publisher:renamed", ACTOR, now, detail, project))
        tell_renamed(connection, project, row.publisher, str(seen["name"]), name, now)


def _is_owners(row: Registered, provider: Provider, claims: ClaimSet) -> bool:
    """Whether the token is of the very owner that is registered: a number may be told by anybody's issuer, not by this one's."""
    if row.publisher.issuer != claims.get("iss") or row.publisher.provider is not provider:
        return False
    if provider is Provider.GITHUB:
        return bool(row.publisher.get("repository_owner_id")) and (
            row.publisher.get("repository_owner_id") == claims.get("repository_owner_id")
        )
    return True


def _place(provider: Provider, claims: ClaimSet) -> tuple[str, str] | None:
    """The number and the name of the repository, in lower case: a change of case is no change to anybody."""
    names = _NAMES.get(provider)
    if names is None:
        return None
    number, name = claims.get(names[0]), claims.get(names[1])
    if not isinstance(number, str) or not isinstance(name, str) or not storable(number + name):
        return None
    return None if len(number) + len(name) > LONGEST else (number, ascii_lower(name))
