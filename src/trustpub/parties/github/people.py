"""Who is who on GitHub, and who may do what in a repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.github_settings import Account, Person
from trustpub.domain.untold import Untold
from trustpub.parties.github import paths
from trustpub.parties.github.refusals import Refused

if TYPE_CHECKING:
    from trustpub.parties.github.conversation import Conversation
    from trustpub.parties.github.document import Document

_ROLES = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}
"""A right in the repository, strongest first, and the role that it makes."""
_MAY_WRITE = {"admin", "maintain", "write"}
_TEAM_PAGE = re.compile(r"/orgs/([^/]+)/teams/")


def asker(talk: Conversation) -> Account | Untold:
    """Say whose token it is. The `GITHUB_TOKEN` of a job is nobody's."""
    if not talk.signed_in:
        return Untold("nobody is signed in to GitHub")
    found = talk.get("/user", "who asks")
    return found.untold if isinstance(found, Refused) else user(found)


def account(talk: Conversation, login: str) -> Account | Untold | None:
    """Find a user or an organisation."""
    found = talk.get(f"/users/{paths.segment(login)}", f"the account `{login}`")
    if isinstance(found, Refused):
        return None if found.status == 404 else found.untold
    return user(found)


def team(talk: Conversation, organization: str, slug: str) -> Account | Untold | None:
    """Find a team. None only for somebody who may see the organisation's teams."""
    of, place = f"the team `{organization}/{slug}`", f"/orgs/{paths.segment(organization)}/teams"
    found = talk.get(f"{place}/{paths.segment(slug)}", of, "Members: read")
    if not isinstance(found, Refused):
        return team_of(found, organization)
    return None if found.status == 404 and talk.may_list(place) else found.untold


def people(talk: Conversation, slug: str) -> tuple[Person, ...] | Untold:
    """List who may push or administer. Everybody is in it, however they got the right; teams too where GitHub tells them."""
    place, of = paths.repository(slug), f"who may write in `{slug}`"
    collaborators = talk.items(f"{place}/collaborators", of, "Metadata: read", affiliation="all")
    if isinstance(collaborators, Refused):
        return collaborators.untold
    teams = talk.items(f"{place}/teams", of, "Administration: read")
    organization = slug.partition("/")[0]
    found = [Person(user(each), _role(each, "role_name")) for each in collaborators]
    if not isinstance(teams, Refused):
        found += [Person(team_of(each, organization), _role(each, "permission")) for each in teams]
    return tuple(person for person in found if person.role in _MAY_WRITE)


def user(found: Document) -> Account:
    """Read a user or an organisation."""
    return Account(found.text("login"), found.id(), "Organization" if found.text("type", "User") == "Organization" else "User")


def team_of(found: Document, organization: str) -> Account:
    """Read a team. Its organisation stands only in its page's address; else it is the one that was asked for."""
    page = _TEAM_PAGE.search(found.text("html_url", ""))
    return Account(f"{page[1] if page else organization}/{found.text('slug')}", found.id(), "Team")


def _role(found: Document, name: str) -> str:
    """The role by rights, because an organisation may give a role any name; else by that name."""
    rights = found.inner("permissions")
    return next(
        (role for right, role in _ROLES.items() if rights.flag(right, False)), _ROLES.get(found.text(name), found.text(name))
    )
