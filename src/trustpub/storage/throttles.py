"""How often something was tried: counted in fixed windows, for all processes of the index together.

Their clocks are not quite the same. A window that has begun for one of them has begun for all: otherwise each would begin it anew
after the other, at every edge, and whoever asks both in turn could try without an end.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, delete, insert, select, update

from trustpub.storage.tables import throttles

AHEAD = 60
"""Seconds that another process's clock may be ahead of ours. A window that lies further ahead is of a clock that was wrong."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times (`most`) in so many seconds (`window`)."""

    most: int
    window: int


def count(connection: Connection, key: str, limit: Limit, now: float) -> int:
    """Count one more, also beyond the limit; seconds until it may be tried again, 0 when this one is within the limit."""
    began = int(now) // limit.window * limit.window
    same = _running(limit, now)
    values = {
        "began": case((same, throttles.c.began), else_=began),
        "count": case((same, throttles.c.count + 1), else_=1),
        "expires": case((same, throttles.c.began), else_=began) + limit.window,
    }
    change = update(throttles).where(throttles.c.key == key).values(values)
    row = connection.execute(change.returning(throttles.c.count, throttles.c.began)).first()
    so_many, since = row or (1, began)
    if row is None:
        connection.execute(insert(throttles), {"key": key, "began": began, "count": 1, "expires": began + limit.window})
    return _wait(since, limit, now) if so_many > limit.most else 0


def used_up(connection: Connection, key: str, limit: Limit, now: float) -> int:
    """Seconds until it may be tried again, 0 when it may be now. Counts nothing: for the cheap refusal of a flood."""
    query = select(throttles.c.count, throttles.c.began).where(throttles.c.key == key, _running(limit, now))
    so_many, since = connection.execute(query).first() or (0, 0)
    return _wait(since, limit, now) if so_many >= limit.most else 0


def _running(limit: Limit, now: float) -> ColumnElement[bool]:
    """Whether the window of a row is the one that runs now, by our clock or by one that is a little ahead."""
    return throttles.c.began.between(int(now) // limit.window * limit.window, int(now) + AHEAD)


def _wait(began: int, limit: Limit, now: float) -> int:
    return max(began + limit.window - int(now), 1)


def give_back(connection: Connection, key: str) -> None:
    """Count one less: what was tried succeeded."""
    some = (throttles.c.key == key, throttles.c.count > 0)
    connection.execute(update(throttles).where(*some).values(count=throttles.c.count - 1))


def remember(connection: Connection, key: str, until: int) -> None:
    """Keep a key until then, whatever is counted."""
    change = update(throttles).where(throttles.c.key == key).values(expires=until)
    if connection.execute(change).rowcount == 0:
        connection.execute(insert(throttles), {"key": key, "began": 0, "count": 1, "expires": until})


def remembered(connection: Connection, key: str, now: float) -> bool:
    """Whether a key is kept."""
    query = select(throttles.c.key).where(throttles.c.key == key, throttles.c.expires > now)
    return connection.execute(query).first() is not None


def sweep_throttles(connection: Connection, now: float) -> None:
    """Forget windows that are over, by every process's clock."""
    connection.execute(delete(throttles).where(throttles.c.expires < now - AHEAD))
