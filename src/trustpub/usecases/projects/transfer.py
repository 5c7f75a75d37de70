"""A project changes hands: nobody who had a right in it before has one afterwards, by whatever token, session or link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.storage import accounts, invitations, projects
from trustpub.storage.events import Event, record
from trustpub.storage.people import members, revoke_role
from trustpub.storage.publishers import links, unlink
from trustpub.storage.tokens import burn_tokens_of_publisher
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.projects.mailing import tell

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.people import Member
    from trustpub.storage.projects import Project
    from trustpub.storage.publishers import Registered
    from trustpub.usecases.projects.principal import Principal


@dataclass(frozen=True, slots=True)
class Transferred:
    """A project that changed hands, and how many publishers may still upload to it."""

    project: str
    owner: str
    publishers: int


def transfer(
    connection: Connection, who: Principal, project: Project, to_user: str, remove_publishers: bool, now: float
) -> Transferred | NotDone:
    """Make one of its people the project's only one. Upload tokens that are out are worth nothing from now on.

    Publishers stay unless they are to be removed; the new owner is told which there are. An administrator may give a project to
    any account with a verified address: somebody must be able to when its owners are gone.
    """
    before = members(connection, project.id)
    heir = _heir(connection, who, before, to_user)
    if isinstance(heir, NotDone):
        return heir
    for member in before:
        revoke_role(connection, project.id, member.user_id)
    invitations.remove_offers(connection, project.id)
    projects.grant_role(connection, project.id, heir.id, "owner")
    linked = [row for _, row in links(connection, project_id=project.id)]
    for row in linked:
        _close(connection, who, project, row, remove_publishers, now)
    left = 0 if remove_publishers else len(linked)
    detail: dict[str, JSON] = {"from": [each.user for each in before], "to": heir.name, "publishers": left}
    record(connection, Event("project:transferred", who.name, now, detail, project.id, heir.id))
    _tell(connection, who, project, heir, before, [] if remove_publishers else linked, now)
    return Transferred(project.name, heir.name, left)


def _heir(connection: Connection, who: Principal, before: tuple[Member, ...], to_user: str) -> User | NotDone:
    user = accounts.find_user(connection, to_user.strip())
    if user is None or not user.active or not user.email_verified:
        return not_done(404, "not-found", "`to`: there is no user of this name with a verified address", "to")
    if not who.admin and user.id not in {each.user_id for each in before}:
        why = f"`to`: `{user.name}` has no role in the project. Invite them first: nobody gets a project without agreeing"
        return not_done(409, "invite-first", why, "to")
    if [each.user_id for each in before] == [user.id] and before[0].role == "owner":
        return not_done(409, "owns-it", f"`to`: the project is `{user.name}`'s alone already", "to")
    return user


def _close(connection: Connection, who: Principal, project: Project, row: Registered, remove: bool, now: float) -> None:
    burn_tokens_of_publisher(connection, row.id, now)
    if remove:
        unlink(connection, row.id, project.id)
        detail: dict[str, JSON] = {"publisher": row.publisher.specifier, "publisher_id": row.id}
        record(connection, Event("publisher:removed", who.name, now, detail, project.id))


def _tell(
    connection: Connection,
    who: Principal,
    project: Project,
    heir: User,
    before: tuple[Member, ...],
    linked: list[Registered],
    now: float,
) -> None:
    said = {"by": who.name, "project": project.name, "heir": heir.name}
    tell(connection, [each for each in before if each.user_id != heir.id], "transferred", now, said)
    tell(connection, [heir], "received", now, said, tuple(("publisher", row.publisher.specifier) for row in linked))
