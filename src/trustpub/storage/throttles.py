"""How often something was tried: counted in fixed windows, for all processes of the index together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, case, delete, insert, select, update

from trustpub.storage.tables import throttles


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times (`most`) in so many seconds (`window`)."""

    most: int
    window: int


def count(connection: Connection, key: str, limit: Limit, now: float) -> int:
    """Count one more, also beyond the limit; seconds until it may be tried again, 0 when this one is within the limit."""
    began = int(now) // limit.window * limit.window
    ends = began + limit.window
    counted = case((throttles.c.began == began, throttles.c.count + 1), else_=1)
    change = update(throttles).where(throttles.c.key == key).values(began=began, count=counted, expires=ends)
    so_many = connection.execute(change.returning(throttles.c.count)).scalar_one_or_none()
    if so_many is None:
        so_many = 1
        connection.execute(insert(throttles), {"key": key, "began": began, "count": 1, "expires": ends})
    return max(ends - int(now), 1) if so_many > limit.most else 0


def used_up(connection: Connection, key: str, limit: Limit, now: float) -> int:
    """Seconds until it may be tried again, 0 when it may be now. Counts nothing: for the cheap refusal of a flood."""
    began = int(now) // limit.window * limit.window
    query = select(throttles.c.count).where(throttles.c.key == key, throttles.c.began == began)
    so_many = connection.execute(query).scalar_one_or_none() or 0
    return max(began + limit.window - int(now), 1) if so_many >= limit.most else 0


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
    """Forget windows that are over."""
    connection.execute(delete(throttles).where(throttles.c.expires < now))
