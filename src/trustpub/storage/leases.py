"""Leases: of all processes of an index, one does a piece of work at a time.

A lease is a row with an end. Whoever finds it ended, or its own, takes it; a process that died keeps nobody waiting longer than
that. It is no lock: work that runs past its end may meet another's. So only work that does no harm twice is done under one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from trustpub.storage.tables import leases

if TYPE_CHECKING:
    from sqlalchemy import Connection


def take(connection: Connection, name: str, holder: str, now: float, seconds: float) -> bool:
    """Take the lease of this work until `now + seconds`, or renew it; False when another holder has it.

    Runs in a write, where no other process can be between the question and the change.
    """
    row = connection.execute(select(leases.c.holder, leases.c.until).where(leases.c.name == name)).first()
    until = now + seconds
    if row is None:
        connection.execute(insert(leases).values(name=name, holder=holder, until=until))
        return True
    # A clock that was set back must not keep everybody waiting for a day that is far away.
    if row.holder != holder and now < row.until <= now + 2 * seconds:
        return False
    connection.execute(update(leases).where(leases.c.name == name).values(holder=holder, until=until))
    return True


def give_back(connection: Connection, holder: str) -> None:
    """End every lease of this holder, so that nobody has to wait for it."""
    connection.execute(delete(leases).where(leases.c.holder == holder))
