"""Mails about projects: rows that wait, written in the transaction of what they tell of. Only verified addresses get one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.mails import add_mail
from trustpub.storage.people import members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.storage.database import Connection
    from trustpub.storage.people import Member

MOST = 100
"""People who are told of one change at most."""


def tell(connection: Connection, addresses: Iterable[str], subject: str, body: str, now: float) -> None:
    """Let one mail wait for each address; an empty one is nobody's."""
    for address in list(dict.fromkeys(filter(None, addresses)))[:MOST]:
        add_mail(connection, address, subject, body, now)


def tell_owners(connection: Connection, project_id: int, subject: str, body: str, now: float) -> None:
    """Tell every owner of a project."""
    tell(connection, (each.email for each in owners(connection, project_id)), subject, body, now)


def tell_everybody(connection: Connection, project_id: int, subject: str, body: str, now: float) -> None:
    """Tell everybody with a role in a project."""
    tell(connection, (each.email for each in members(connection, project_id)), subject, body, now)


def owners(connection: Connection, project_id: int) -> tuple[Member, ...]:
    """The owners of a project."""
    return tuple(each for each in members(connection, project_id) if each.role == "owner")
