"""Names of projects that were deleted: nobody registers one of them again, nor a name that looks like it."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select

from trustpub.domain.names import normalize, ultranormalize
from trustpub.storage.statements import Prepared
from trustpub.storage.tables import retired_names

_ALIKE = Prepared(
    select(retired_names.c.name)
    .where(retired_names.c.ultranormalized == bindparam("wanted"))
    .order_by(retired_names.c.normalized)
    .limit(1)
)


def retire(connection: Connection, name: str, by: str, now: float) -> None:
    """Keep this name from being registered again."""
    row = {"normalized": normalize(name), "ultranormalized": ultranormalize(name), "name": name, "by": by, "at": now}
    connection.execute(insert(retired_names), row)


def retired_alike(connection: Connection, name: str) -> str | None:
    """The retired name that this one is, or could be taken for; None when there is none."""
    row = _ALIKE.one(connection, wanted=ultranormalize(name))
    return None if row is None else str(row[0])


def free(connection: Connection, name: str) -> bool:
    """Let a retired name be registered again; False when it was not retired."""
    return connection.execute(delete(retired_names).where(retired_names.c.normalized == normalize(name))).rowcount > 0
