"""The people of a project: owners do everything, maintainers upload. Nobody gets a role who did not accept it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.principal import Actor, SignedIn


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role in a project; `you` is whoever asks."""

    user: str
    full_name: str
    role: str
    you: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """A role that somebody was offered and has not accepted. `who` is a user's name or an address, `expires` in seconds."""

    id: int
    project: str
    role: str
    who: str
    by: str
    expires: int


@dataclass(frozen=True, slots=True)
class Listed:
    """The people of one project, owners first, and the invitations that nobody has answered."""

    project: str
    people: tuple[Person, ...]
    invitations: tuple[Invitation, ...]


@dataclass(frozen=True, slots=True)
class Transferred:
    """A project that changed hands, and how many publishers may still upload to it."""

    project: str
    owner: str
    publishers: int


class People:
    """Who has a role in a project. Changing it is for owners (and whoever runs the index); leaving is for everybody."""

    def __init__(
        self, database: Database, settings: ServerSettings, clock: Callable[[], float], random: Callable[[int], bytes]
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._random = random

    def listed(self, actor: Actor, project: str) -> Listed | NotDone:
        """The people of a project; for its own people."""
        raise NotImplementedError

    def invite(self, actor: Actor, project: str, who: str, role: str) -> Invitation | NotDone:
        """Offer a role (`owner`, `maintainer`) to a user by name, or to whoever reads an e-mail address. The link is mailed."""
        raise NotImplementedError

    def invitation(self, caller: SignedIn, link: str | int) -> Invitation | NotDone:
        """The invitation behind a mailed link's secret, or behind an id that the caller was shown; to ask before accepting."""
        raise NotImplementedError

    def accept(self, caller: SignedIn, link: str | int) -> Invitation | NotDone:
        """Take the offered role."""
        raise NotImplementedError

    def decline(self, caller: SignedIn, link: str | int) -> Invitation | NotDone:
        """Refuse the offered role; the link is worth nothing from now on."""
        raise NotImplementedError

    def cancel(self, actor: Actor, project: str, link_id: int) -> Invitation | NotDone:
        """Take an offer back."""
        raise NotImplementedError

    def change_role(self, actor: Actor, project: str, user: str, role: str) -> Person | NotDone:
        """Make an owner of a maintainer, or the other way round. The last owner stays one."""
        raise NotImplementedError

    def remove(self, actor: Actor, project: str, user: str) -> Person | NotDone:
        """Take somebody's role away; their tokens reach the project no more."""
        raise NotImplementedError

    def leave(self, actor: Actor, project: str) -> Person | NotDone:
        """Give the own role back. The last owner cannot: transfer or delete the project instead."""
        raise NotImplementedError

    def transfer(
        self, actor: Actor, project: str, to_user: str, confirm: str, *, remove_publishers: bool = False
    ) -> Transferred | NotDone:
        """Give the project to one of its people, who is then the only one. `confirm` is the project's name, typed."""
        raise NotImplementedError
