"""Which names are this index's own, whatever became of them: no other index may answer for one of these."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, literal, select, union_all

from trustpub.storage.statements import Prepared
from trustpub.storage.tables import pending_publishers, projects, retired_names

_HERE = Prepared(
    union_all(
        *(
            select(literal(1)).where(each.c.normalized == bindparam("wanted"))
            for each in (projects, retired_names, pending_publishers)
        )
    )
)


def is_name_here(connection: Connection, normalized: str) -> bool:
    """Whether a project has this name (in any state), had it before it was deleted, or is about to get it from a publisher."""
    return _HERE.one(connection, wanted=normalized) is not None
