"""Who is at a blob: an upload that is about to name it, or a sweeper that is about to remove it. Never both.

    an upload                                      a sweeper
    blob_use_add     no removal stands             removal_add     no file, no use and no removal stands
    the store takes the bytes                      the store removes them
    blob_use_remove  with the row of the file      removal_remove  the store has answered

Each line is a transaction or a request of its own, in this order. There is one writer, so of two that begin with the same blob
one comes first, and the other finds its row. A file is named only while the upload's own use still stands: nobody has removed
its bytes since they were put there. A removal stands for as long as it may still be carried out: until the store has answered,
or, when the store never did or the sweeper was killed, for as long as `LATE`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Double, Text, bindparam, delete, exists, insert, literal, select, union, update

from trustpub.record import NamedTuple
from trustpub.storage.statements import Prepared
from trustpub.storage.tables import blob_removals, blob_uses, files

if TYPE_CHECKING:
    from collections.abc import Iterable

LATE = 3600.0
"""Seconds after which a removal that was begun can no longer be carried out, whatever became of it.

A store takes a request for 15 minutes after the time that was signed with it, and by no clock that differs by more than that: so
one host may be 30 minutes ahead of another. That leaves 15 minutes for the store to do what it has taken.
"""


class BlobUse(NamedTuple):
    """An upload's own row. SQLite may give its id to another one later, but never with the same time."""

    id: int
    created: float


_INSERT_USE = Prepared(
    insert(blob_uses)
    .from_select(
        ["sha256", "created"],
        select(bindparam("sha256", type_=Text), bindparam("created", type_=Double)).where(
            ~exists().where(blob_removals.c.sha256 == bindparam("sha256"), blob_removals.c.asked > bindparam("late")),
        ),
    )
    .returning(blob_uses.c.id),
)
_DELETE_USE = Prepared(
    delete(blob_uses).where(blob_uses.c.id == bindparam("wanted"), blob_uses.c.created == bindparam("created"))
)
_FORGET_USES = Prepared(delete(blob_uses).where(blob_uses.c.created < bindparam("before")))
_NAMED_BY_FILE = Prepared(select(literal(1)).where(files.c.sha256 == bindparam("wanted")).limit(1))
_IN_USE = Prepared(select(literal(1)).where(blob_uses.c.sha256 == bindparam("wanted")).limit(1))
_INSERT_REMOVAL = Prepared(
    insert(blob_removals).values({name: bindparam(name) for name in ("sha256", "asked")}), unless_there=True
)


def blob_use_add(connection: Connection, sha256s: Iterable[str], now: float) -> tuple[BlobUse | None, ...]:
    """Say that an upload is about to name these blobs; commit it before the first of them is put in place.

    None for a blob that is being removed: what were put there now could be taken away again.
    """
    rows = (_INSERT_USE.one(connection, sha256=sha256, created=now, late=now - LATE) for sha256 in sha256s)
    return tuple(None if row is None else BlobUse(int(row[0]), now) for row in rows)


def blob_use_remove(connection: Connection, uses: Iterable[BlobUse]) -> bool:
    """Take the use back: a file row names the blobs now, or the upload was refused. Whether it still stood.

    When it did not, the upload stood still for so long that it was given up, and its blob may be gone.
    """
    stood = [_DELETE_USE.run(connection, wanted=use.id, created=use.created).rowcount == 1 for use in uses]
    return all(stood)


def forget_blob_uses(connection: Connection, before: float) -> None:
    """Drop what uploads that died before then said that they would name."""
    _FORGET_USES.run(connection, before=before)


def is_blob_wanted(connection: Connection, sha256: str) -> bool:
    """Whether a file names this blob, or an upload is about to."""
    return _NAMED_BY_FILE.one(connection, wanted=sha256) is not None or _IN_USE.one(connection, wanted=sha256) is not None


def blobs_in_use(connection: Connection) -> frozenset[str]:
    """Every blob that a file names, or that an upload is about to."""
    return frozenset(connection.execute(union(select(files.c.sha256), select(blob_uses.c.sha256))).scalars())


def removal_add(connection: Connection, sha256: str, now: float) -> bool:
    """Say that this blob is about to be removed, unless it is wanted or another removal stands; whether it was said."""
    return not is_blob_wanted(connection, sha256) and _INSERT_REMOVAL.run(connection, sha256=sha256, asked=now).rowcount == 1


def removal_remove(connection: Connection, sha256: str, asked: float) -> None:
    """End the removal that was begun then, and no later one of the same blob: the store has answered."""
    connection.execute(delete(blob_removals).where(blob_removals.c.sha256 == sha256, blob_removals.c.asked == asked))


def forget_removals(connection: Connection, now: float) -> None:
    """End the removals that can no longer be carried out.

    One that a clock began which was far ahead has begun by now, whenever that was: it stands for `LATE` from here, not until that
    day comes.
    """
    connection.execute(delete(blob_removals).where(blob_removals.c.asked <= now - LATE))
    connection.execute(update(blob_removals).where(blob_removals.c.asked > now + LATE).values(asked=now))
