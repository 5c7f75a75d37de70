"""Mails about projects: rows that wait, written in the transaction of what they tell of, each in its reader's language.

Only verified addresses get one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trustpub.storage.mails import add_mail
from trustpub.storage.people import members
from trustpub.usecases.letters import letter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.people import Member
    from trustpub.usecases.letters import Rows

MOST = 100
"""People who are told of one change at most."""


class Reader(Protocol):
    """Who gets a mail: an address, empty when nobody has shown to read it, and a language."""

    @property
    def email(self) -> str:
        """Where mail goes."""
        ...

    @property
    def language(self) -> str:
        """A tag like `en` or `ko`."""
        ...


def tell(
    connection: Connection, readers: Iterable[Reader], kind: str, now: float, said: Mapping[str, str], rows: Rows = ()
) -> None:
    """Let one mail of this kind wait for each address; `said` are the values that its letter takes."""
    for address, language in list({each.email: each.language for each in readers if each.email}.items())[:MOST]:
        text = letter(kind, language, said, rows)
        add_mail(connection, address, text.subject, text.body, now)


def tell_owners(connection: Connection, project_id: int, kind: str, now: float, said: Mapping[str, str], rows: Rows = ()) -> None:
    """Tell every owner of a project."""
    tell(connection, owners(connection, project_id), kind, now, said, rows)


def tell_everybody(
    connection: Connection, project_id: int, kind: str, now: float, said: Mapping[str, str], rows: Rows = ()
) -> None:
    """Tell everybody with a role in a project."""
    tell(connection, members(connection, project_id), kind, now, said, rows)


def tell_user(connection: Connection, user: User, kind: str, now: float, said: Mapping[str, str], rows: Rows = ()) -> None:
    """Tell one person, if the account is open and the address theirs."""
    if user.email_verified and user.active:
        tell(connection, [user], kind, now, said, rows)


def owners(connection: Connection, project_id: int) -> tuple[Member, ...]:
    """The owners of a project."""
    return tuple(each for each in members(connection, project_id) if each.role == "owner")
