"""Publishers and pending publishers: who may upload, to what, and whom a token may mean."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, bindparam, delete, exists, insert, literal_column, select, union_all, update

from trustpub.domain.names import NormalizedName, normalize
from trustpub.domain.publishers import Provider, Publisher
from trustpub.storage.statements import Prepared, write_waiting
from trustpub.storage.tables import pending_publishers, project_publishers, projects, publishers, replays, roles

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 86_400
MOST_KIN = 50
"""Near misses that are compared to explain one refusal."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A publisher row and the ids of the projects it is linked to (none: it is registered for nothing any more).

    Projects hold a publisher to different refs and events: those that agree share one of these, so that a row may appear as
    several. `seen` is a JSON object: what its last token said that is not matched.
    """

    id: int
    publisher: Publisher
    projects: tuple[int, ...]
    seen: str = "{}"


@dataclass(frozen=True, slots=True)
class Pending:
    """A pending publisher row: the project it will create, and for whom."""

    id: int
    publisher: Publisher
    project: str
    user_id: int
    created: float

    @property
    def normalized(self) -> NormalizedName:
        """The project's name in its one spelling."""
        return normalize(self.project)

    def lasts(self, days: int, now: float) -> bool:
        """Whether it may still be used, when pending publishers wait for so many days. What is over now is over."""
        return now < self.created + days * DAY


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every row that the claims of one token might match, in the order in which they were registered.

    `spent`: an earlier commit spent this token (never said when there is no row at all).
    """

    registered: tuple[Registered, ...]
    pending: tuple[Pending, ...]
    spent: bool = False


_COLUMNS = ("provider", "issuer", "fields")
_HELD = ("allowed_events", "refs")
"""What one project holds a publisher to: columns of the link, and of a pending publisher's own row."""
_LINKED = publishers.outerjoin(project_publishers, project_publishers.c.publisher_id == publishers.c.id)
_SPENT = exists().where(replays.c.issuer == bindparam("issuer"), replays.c.key == bindparam("key")).label("spent")
# One statement for both tables: a row's first column says which one it comes from. It looks for a replay on the way.
_CANDIDATES = Prepared(
    union_all(
        select(
            literal_column("0").label("pending"),
            publishers.c.id,
            *(publishers.c[name] for name in _COLUMNS),
            *(project_publishers.c[name] for name in _HELD),
            project_publishers.c.project_id.label("other"),
            literal_column("''").label("project"),
            publishers.c.created,
            publishers.c.seen,
            _SPENT,
        )
        .select_from(_LINKED)
        .where(publishers.c.lookup == bindparam("lookup"), publishers.c.issuer == bindparam("issuer")),
        select(
            literal_column("1"),
            pending_publishers.c.id,
            *(pending_publishers.c[name] for name in (*_COLUMNS, *_HELD)),
            pending_publishers.c.user_id,
            pending_publishers.c.project,
            pending_publishers.c.created,
            literal_column("''"),
            _SPENT,
        ).where(pending_publishers.c.lookup == bindparam("lookup"), pending_publishers.c.issuer == bindparam("issuer")),
    ),
)
_LINK = (
    publishers.c.id,
    publishers.c.seen,
    *(publishers.c[name] for name in _COLUMNS),
    *(project_publishers.c[name] for name in _HELD),
    project_publishers.c.project_id,
)
_KIN = (
    select(*_LINK)
    .select_from(_LINKED)
    .where(publishers.c.kin == bindparam("kin"), project_publishers.c.project_id.is_not(None))
    .order_by(publishers.c.id.desc())
    .limit(MOST_KIN)
)
_NUMBERED = (
    select(*_LINK)
    .select_from(_LINKED)
    .where(publishers.c.number == bindparam("number"), publishers.c.issuer == bindparam("issuer"))
    .where(project_publishers.c.project_id.is_not(None))
    .order_by(publishers.c.id.desc())
    .limit(MOST_KIN)
)
_NOTE_SEEN = Prepared(update(publishers).where(publishers.c.id == bindparam("publisher")).values(seen=bindparam("said")))
_NUMBER = Prepared(update(publishers).where(publishers.c.id == bindparam("publisher")).values(number=bindparam("its_number")))
_PENDING = select(
    pending_publishers.c.id,
    *(pending_publishers.c[name] for name in (*_COLUMNS, *_HELD)),
    pending_publishers.c.project,
    pending_publishers.c.user_id,
    pending_publishers.c.created,
)


@lru_cache(maxsize=4096)
def read_publisher(
    provider: str, issuer: str, fields: str, allowed_events: str | None = None, refs: str | None = None, namespace_id: str = ""
) -> Publisher:
    """The identity that a row holds, with what a project holds it to. Read far more often than changed, hence the cache."""
    events = tuple(json.loads(allowed_events or "[]"))
    values = tuple(json.loads(fields).items())
    return Publisher(Provider(provider), issuer, values, events, tuple(json.loads(refs or "[]")), namespace_id)


def _used_publisher(
    seen: str, provider: str, issuer: str, fields: str, allowed_events: str | None = None, refs: str | None = None
) -> Publisher:
    """The same, with what is held on to of its last accepted token."""
    namespace_id = json.loads(seen).get("owner", "") if provider == Provider.GITLAB else ""
    return read_publisher(provider, issuer, fields, allowed_events, refs, namespace_id)


def candidates(connection: Connection, lookup: str, issuer: str, key: str = "") -> Candidates:
    """Every row that a token of this issuer with this lookup key might match; `key` is its replay key."""
    if not storable(lookup):
        return Candidates((), ())
    linked: dict[tuple[int, Publisher], tuple[list[int], str]] = {}
    pending: list[Pending] = []
    spent = False
    for is_pending, row_id, provider, its_issuer, fields, events, refs, other, project, created, seen, there in _CANDIDATES.all(
        connection, lookup=lookup, issuer=issuer, key=key
    ):
        spent = bool(there)
        if is_pending:
            waiting = read_publisher(provider, its_issuer, fields, events, refs)
            pending.append(Pending(row_id, waiting, project, other, created))
            continue
        publisher = _used_publisher(seen, provider, its_issuer, fields, events, refs)
        covered, _ = linked.setdefault((row_id, publisher), ([], seen))
        if other is not None:
            covered.append(other)
    return Candidates(_registered(linked), tuple(sorted(pending, key=lambda row: row.id)), spent)


def kin(connection: Connection, key: str) -> tuple[Registered, ...]:
    """Publishers near enough to explain a refusal, the newest first; at most `MOST_KIN` rows are read."""
    return _near(connection, _KIN, {"kin": key}) if storable(key) else ()


def numbered(connection: Connection, issuer: str, number: str) -> tuple[Registered, ...]:
    """Publishers that are known by this number, whatever they are called, the newest first; at most `MOST_KIN` rows are read."""
    return _near(connection, _NUMBERED, {"issuer": issuer, "number": number}) if number and storable(number) else ()


def pending_numbered(connection: Connection, issuer: str, number: str) -> tuple[Pending, ...]:
    """Pending publishers that are known by this number, whatever they are called; at most `MOST_KIN`."""
    if not number or not storable(number):
        return ()
    known = (pending_publishers.c.number == number, pending_publishers.c.issuer == issuer)
    return _pending(connection, _PENDING.where(*known).order_by(pending_publishers.c.id.desc()).limit(MOST_KIN))


def note_seen(connection: Connection, publisher_id: int, seen: str, number: str = "") -> None:
    """Keep what a token said that is not matched (a JSON object), and the number that finds the row after a rename, if any."""
    _NOTE_SEEN.run(connection, publisher=publisher_id, said=seen)
    if number:
        _NUMBER.run(connection, publisher=publisher_id, its_number=number)


def inherit_seen(connection: Connection, publisher_id: int, heir_id: int) -> None:
    """Let a publisher that no token has used yet know what another one's last token said."""
    before = publishers.alias()
    known = {name: select(before.c[name]).where(before.c.id == publisher_id).scalar_subquery() for name in ("seen", "number")}
    connection.execute(update(publishers).where(publishers.c.id == heir_id, publishers.c.seen == "{}").values(**known))


def publisher_by_id(connection: Connection, publisher_id: int) -> Registered | None:
    """The identity with this id and the projects it is linked to; what each of these holds it to is not part of the answer."""
    query = select(
        publishers.c.id, publishers.c.seen, *(publishers.c[name] for name in _COLUMNS), project_publishers.c.project_id
    ).select_from(_LINKED)
    rows = connection.execute(query.where(publishers.c.id == publisher_id)).all()
    if not rows:
        return None
    row_id, seen, *columns, _ = rows[0]
    return Registered(row_id, _used_publisher(seen, *columns), tuple(row[-1] for row in rows if row[-1] is not None), seen)


def get_or_create_publisher(connection: Connection, publisher: Publisher, now: float) -> int:
    """The id of the row with exactly this identity, made when there is none."""
    identity = publisher.identity
    found: int | None = connection.execute(select(publishers.c.id).where(publishers.c.identity == identity)).scalar_one_or_none()
    if found is not None:
        return found
    row = {**identity_row(publisher), "number": publisher.number, "identity": identity, "created": now}
    row_id: int = connection.execute(insert(publishers).returning(publishers.c.id), row).scalar_one()
    return row_id


def link(connection: Connection, publisher_id: int, project_id: int, now: float, held: Publisher | None = None) -> bool:
    """Let the publisher upload to the project, held to the refs and events of `held`; False when it could already."""
    key = {"publisher_id": publisher_id, "project_id": project_id}
    there = select(project_publishers.c.created).filter_by(**key)
    if connection.execute(there).first() is not None:
        return False
    connection.execute(insert(project_publishers), {**key, **(constraints_row(held) if held else {}), "created": now})
    return True


def hold(connection: Connection, publisher_id: int, project_id: int, held: Publisher) -> None:
    """Hold the publisher to these refs and events at this project from now on."""
    key = {"publisher_id": publisher_id, "project_id": project_id}
    connection.execute(update(project_publishers).filter_by(**key).values(**constraints_row(held)))


def unlink(connection: Connection, publisher_id: int, project_id: int) -> bool:
    """Take the project from the publisher; False when they were not linked.

    A publisher without projects is removed, and its upload tokens with it. Mirrors: warehouse/manage/views/oidc_publishers.py
    @6b62157.
    """
    key = {"publisher_id": publisher_id, "project_id": project_id}
    if connection.execute(delete(project_publishers).filter_by(**key)).rowcount == 0:
        return False
    left = select(project_publishers.c.project_id).where(project_publishers.c.publisher_id == publisher_id).limit(1)
    if connection.execute(left).first() is None:
        write_waiting(connection)  # a token that was minted in this very commit goes too
        connection.execute(delete(publishers).where(publishers.c.id == publisher_id))
    return True


def remove_unlinked(connection: Connection) -> None:
    """Remove publishers that have no project any more, because theirs are gone."""
    linked = exists().where(project_publishers.c.publisher_id == publishers.c.id)
    connection.execute(delete(publishers).where(~linked))


def links(
    connection: Connection, *, project_id: int | None = None, owner_id: int | None = None
) -> tuple[tuple[str, Registered], ...]:
    """Every (project name, publisher) link by project: of one project, of the projects that one user owns, or of the index."""
    query = (
        select(projects.c.name, *_LINK)
        .select_from(_LINKED.join(projects, projects.c.id == project_publishers.c.project_id))
        .order_by(projects.c.normalized, publishers.c.id)
    )
    if project_id is not None:
        query = query.where(projects.c.id == project_id)
    if owner_id is not None:
        owned = select(roles.c.project_id).where(roles.c.user_id == owner_id, roles.c.role == "owner")
        query = query.where(projects.c.id.in_(owned))
    return tuple(
        (name, Registered(row_id, _used_publisher(seen, *columns), (project_id,), seen))
        for name, row_id, seen, *columns, project_id in connection.execute(query)
    )


def add_pending(connection: Connection, publisher: Publisher, project: str, user_id: int, now: float) -> int | None:
    """Register a pending publisher and return its id; None when this identity waits for this project already."""
    key = {"identity": publisher.identity, "normalized": normalize(project)}
    if connection.execute(select(pending_publishers.c.id).filter_by(**key)).first() is not None:
        return None
    names = {**identity_row(publisher), "number": publisher.number, **constraints_row(publisher), **key}
    row = {**names, "project": project, "user_id": user_id, "created": now}
    row_id: int = connection.execute(insert(pending_publishers).returning(pending_publishers.c.id), row).scalar_one()
    return row_id


def find_pending(connection: Connection, pending_id: int) -> Pending | None:
    """The pending publisher with this id."""
    return next(iter(_pending(connection, _PENDING.where(pending_publishers.c.id == pending_id))), None)


def all_pending(connection: Connection, *, user_id: int | None = None, project: str | None = None) -> tuple[Pending, ...]:
    """Every pending publisher by project: of one user, for one project's name, or of the index."""
    query = _PENDING.order_by(pending_publishers.c.normalized, pending_publishers.c.id)
    if user_id is not None:
        query = query.where(pending_publishers.c.user_id == user_id)
    if project is not None:
        query = query.where(pending_publishers.c.normalized == normalize(project))
    return _pending(connection, query)


def change_pending(connection: Connection, pending_id: int, publisher: Publisher) -> None:
    """Let a pending publisher be another, held to other refs and events."""
    row = {**identity_row(publisher), **constraints_row(publisher), "identity": publisher.identity}
    connection.execute(update(pending_publishers).where(pending_publishers.c.id == pending_id).values(**row))


def pending_since(connection: Connection, before: float, limit: int, *, reminded: bool | None = None) -> tuple[Pending, ...]:
    """Pending publishers that were registered at `before` or earlier, the oldest first.

    With `reminded=False` only those whose registrant was not told yet.
    """
    query = _PENDING.where(pending_publishers.c.created <= before).order_by(pending_publishers.c.id).limit(limit)
    if reminded is False:
        query = query.where(pending_publishers.c.reminded_at.is_(None))
    return _pending(connection, query)


def note_reminded(connection: Connection, pending_id: int, now: float) -> None:
    """The registrant was told that this pending publisher will expire."""
    connection.execute(update(pending_publishers).where(pending_publishers.c.id == pending_id).values(reminded_at=now))


def remove_pending(connection: Connection, ids: Sequence[int]) -> None:
    """Remove pending publishers: they were used, or can never be."""
    connection.execute(delete(pending_publishers).where(pending_publishers.c.id.in_(ids)))


def storable(text: str) -> bool:
    """Whether a database can hold this text at all: JSON may carry half characters (lone surrogates) and NUL."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))


def identity_row(publisher: Publisher) -> dict[str, str]:
    """An identity as its columns hold it."""
    return {
        "provider": str(publisher.provider),
        "issuer": publisher.issuer,
        "lookup": publisher.lookup,
        "kin": publisher.kin,
        "fields": json.dumps(publisher.row(), ensure_ascii=False),
    }


def constraints_row(publisher: Publisher) -> dict[str, str]:
    """What a publisher is held to, as its columns hold it."""
    return {name: json.dumps(getattr(publisher, name), ensure_ascii=False) for name in _HELD}


def _near(connection: Connection, query: Select[Any], wanted: dict[str, str]) -> tuple[Registered, ...]:
    found: dict[tuple[int, Publisher], tuple[list[int], str]] = {}
    for row_id, seen, *columns, project_id in connection.execute(query, wanted):
        found.setdefault((row_id, _used_publisher(seen, *columns)), ([], seen))[0].append(project_id)
    return tuple(Registered(row_id, publisher, tuple(ids), seen) for (row_id, publisher), (ids, seen) in found.items())


def _registered(linked: dict[tuple[int, Publisher], tuple[list[int], str]]) -> tuple[Registered, ...]:
    rows = [Registered(row_id, publisher, tuple(ids), seen) for (row_id, publisher), (ids, seen) in linked.items()]
    return tuple(sorted(rows, key=lambda row: row.id))


def _pending(connection: Connection, query: Select[Any]) -> tuple[Pending, ...]:
    return tuple(
        Pending(row_id, read_publisher(*columns), project, user_id, created)
        for row_id, *columns, project, user_id, created in connection.execute(query)
    )
