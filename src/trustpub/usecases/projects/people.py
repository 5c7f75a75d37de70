"""The people of a project: owners do everything, maintainers upload. Nobody gets a role who did not accept it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.storage import invitations
from trustpub.storage.events import Event, record
from trustpub.storage.links import use_link
from trustpub.storage.people import members, revoke_role, set_role
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.own_address import own_address
from trustpub.usecases.projects.changing import change
from trustpub.usecases.projects.invitations import (
    INVITATION,
    SECRET_BYTES,
    Invitation,
    Wanted,
    answer,
    invitation_of,
    offer,
    offered,
    role_problem,
)
from trustpub.usecases.projects.mailing import owners, tell
from trustpub.usecases.projects.principal import as_member, misspelled, reading
from trustpub.usecases.projects.transfer import Transferred, transfer

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.people import Member
    from trustpub.storage.projects import Project
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.projects.principal import Actor, Principal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role in a project; `you` is whoever asks."""

    user: str
    full_name: str
    role: str
    you: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """The people of one project, owners first, and the invitations that nobody has answered."""

    project: str
    people: tuple[Person, ...]
    invitations: tuple[Invitation, ...]


class People:
    """Who has a role in a project. Changing it is for owners (and whoever runs the index); leaving is for everybody."""

    def __init__(
        self,
        database: Database,
        settings: ServerSettings,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        address: str | None = None,
    ) -> None:
        """`address` is where `serve` listens."""
        self._database = database
        self._clock = clock
        self._random = random
        self._address = own_address(settings, address)

    def listed(self, actor: Actor, project: str) -> Listed | NotDone:
        """The people of a project; for its own people."""
        now = self._clock()
        with self._database.read() as connection:
            who = reading(connection, actor, now)
            if isinstance(who, NotDone):
                return who
            found = as_member(connection, who, project)
            if isinstance(found, NotDone):
                return found
            people = tuple(_person(each, who) for each in members(connection, found.id))
            mine = any(each.you and each.role == "owner" for each in people)
            offers = invitations.offers_of_project(connection, found.id, now) if mine or who.admin else ()
            return Listed(found.name, people, tuple(map(invitation_of, offers)))

    def invite(self, actor: Actor, project: str, who: str, role: str) -> Invitation | NotDone:
        """Offer a role (`owner`, `maintainer`) to a user by name, or to whoever reads an e-mail address. The link is mailed.

        A second invitation of the same person takes the first one's place.
        """
        secret, now = self._random(SECRET_BYTES).hex(), self._clock()
        address = f"{self._address}{INVITATION}?token={secret}"

        def work(connection: Connection, by: Principal, found: Project) -> Invitation | NotDone:
            return role_problem(role) or offer(connection, by, found, Wanted(who.strip(), role, secret, address), now)

        return change(self._database, now, actor, project, work)

    def invitation(self, caller: Caller, link: str | int) -> Invitation | NotDone:
        """The invitation behind a mailed link's secret, or behind an id that the caller was shown; to ask before accepting."""
        now = self._clock()
        with self._database.read() as connection:
            found = offered(connection, caller, link, now)
            return found if isinstance(found, NotDone) else invitation_of(found[1])

    def accept(self, caller: Caller, link: str | int) -> Invitation | NotDone:
        """Take the offered role. A right is won here, so the person must have proven who they are."""
        now = self._clock()
        return self._database.write(lambda connection: answer(connection, caller, link, now, accepted=True)).result()

    def decline(self, caller: Caller, link: str | int) -> Invitation | NotDone:
        """Refuse the offered role; the link is worth nothing from now on."""
        now = self._clock()
        return self._database.write(lambda connection: answer(connection, caller, link, now, accepted=False)).result()

    def cancel(self, actor: Actor, project: str, link_id: int) -> Invitation | NotDone:
        """Take an offer back."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> Invitation | NotDone:
            offer = invitations.offer_by_id(connection, link_id, now)
            if offer is None or offer.project_id != found.id:
                return not_done(404, "not-found", "there is no invitation of this id")
            use_link(connection, offer.id, now)
            detail: dict[str, JSON] = {"invited": offer.user or offer.email, "role": offer.role}
            record(connection, Event("role:cancelled", who.name, now, detail, found.id, offer.user_id))
            return invitation_of(offer)

        return change(self._database, now, actor, project, work)

    def change_role(self, actor: Actor, project: str, user: str, role: str) -> Person | NotDone:
        """Make an owner of a maintainer, or the other way round. The last owner stays one."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> Person | NotDone:
            member = _member(connection, found, user)
            refused = role_problem(role) or (member if isinstance(member, NotDone) else None)
            if isinstance(member, NotDone) or refused is not None:
                return refused or NO_MEMBER
            last = _last_owner(connection, found, member) if role != "owner" else None
            return last or _give_role(connection, who, found, member, role, now)

        return change(self._database, now, actor, project, work)

    def remove(self, actor: Actor, project: str, user: str) -> Person | NotDone:
        """Take somebody's role away; their tokens reach the project no more."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> Person | NotDone:
            member = _member(connection, found, user)
            return member if isinstance(member, NotDone) else _take_role(connection, who, found, member, now)

        return change(self._database, now, actor, project, work)

    def leave(self, actor: Actor, project: str) -> Person | NotDone:
        """Give the own role back. The last owner cannot: transfer or delete the project instead."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> Person | NotDone:
            member = _member(connection, found, who.name)
            return member if isinstance(member, NotDone) else _take_role(connection, who, found, member, now)

        return change(self._database, now, actor, project, work, as_member)

    def transfer(
        self, actor: Actor, project: str, to_user: str, confirm: str, *, remove_publishers: bool = False
    ) -> Transferred | NotDone:
        """Give the project to one of its people, who is then the only one. `confirm` is the project's name, typed."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> Transferred | NotDone:
            return misspelled(found, confirm) or transfer(connection, who, found, to_user, remove_publishers, now)

        return change(self._database, now, actor, project, work)


NO_MEMBER = not_done(404, "not-found", "`user`: nobody of this name has a role in the project", "user")
LAST_OWNER = not_done(
    409, "last-owner", "A project has an owner. Make somebody else an owner first, or transfer or delete the project.", "user"
)


def _member(connection: Connection, project: Project, user: str) -> Member | NotDone:
    found = [each for each in members(connection, project.id) if each.user.lower() == user.strip().lower()]
    return found[0] if found else NO_MEMBER


def _last_owner(connection: Connection, project: Project, member: Member) -> NotDone | None:
    """Why this owner has to stay one; None when there is another whose account is open."""
    others = [each for each in owners(connection, project.id) if each.open and each.user_id != member.user_id]
    return None if others or member.role != "owner" else LAST_OWNER


def _give_role(connection: Connection, who: Principal, project: Project, member: Member, role: str, now: float) -> Person:
    set_role(connection, project.id, member.user_id, role)
    if role != "owner":
        invitations.remove_offers_by(connection, member.user, project.id)
    detail: dict[str, JSON] = {"user": member.user, "role": role, "before": member.role}
    record(connection, Event("role:changed", who.name, now, detail, project.id, member.user_id))
    told = [member, *owners(connection, project.id)]
    said = {"by": who.name, "user": member.user, "role": role, "before": member.role, "project": project.name}
    tell(connection, told, "role-changed", now, said)
    return Person(member.user, member.full_name, role, member.user_id == who.user_id)


def _take_role(connection: Connection, who: Principal, project: Project, member: Member, now: float) -> Person | NotDone:
    last = _last_owner(connection, project, member)
    if last is not None:
        return last
    revoke_role(connection, project.id, member.user_id)
    invitations.remove_offers_by(connection, member.user, project.id)
    own = member.user_id == who.user_id
    detail: dict[str, JSON] = {"user": member.user, "role": member.role}
    record(connection, Event("role:left" if own else "role:removed", who.name, now, detail, project.id, member.user_id))
    told = [member, *owners(connection, project.id)]
    said = {"by": who.name, "user": member.user, "before": member.role, "project": project.name}
    tell(connection, told, "role-left" if own else "role-removed", now, said)
    return Person(member.user, member.full_name, member.role, own)


def _person(member: Member, who: Principal) -> Person:
    return Person(member.user, member.full_name, member.role, member.user_id == who.user_id)
