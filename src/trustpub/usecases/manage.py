"""What the person who runs an index may do at its data: accounts, API tokens, publishers. Every change leaves an event.

Nothing is looked up outside: whoever registers a publisher gives the owner's id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.forms import Account, LookupFailure, publisher_of, validate
from trustpub.domain.matching import Profile
from trustpub.domain.names import project_name_problem
from trustpub.domain.pending import PENDING_DAYS
from trustpub.domain.publishers import Provider
from trustpub.domain.tokens import API_PREFIX, RANDOM_BYTES, digest, mint
from trustpub.errors import BadInput
from trustpub.storage import accounts, projects, publishers
from trustpub.storage.events import Event, record
from trustpub.usecases.accounts.operated import tell_operated
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.passwords import LONGEST, SALT_BYTES, SHORTEST, hash_password
from trustpub.usecases.publishing import linking, waiting
from trustpub.usecases.publishing.asked import constraint_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.projects import Project

OPERATOR = "operator"
"""The actor of these events: whoever can reach the data folder."""

_USER_NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class NewPublisher:
    """A publisher as it was typed: `owner`, `repository` and the others mean what they mean to the provider.

    `more` are further fields by name, and the claims of a generic OIDC publisher.
    """

    provider: Provider
    owner: str = ""
    owner_id: str = ""
    repository: str = ""
    workflow: str = ""
    environment: str = ""
    issuer: str | None = None
    more: tuple[tuple[str, str], ...] = ()
    refs: tuple[str, ...] = ()
    allowed_events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One publisher and one project it may upload to, or will create (`pending`, for `user`)."""

    id: int
    project: str
    publisher: Publisher
    pending: bool
    user: str | None = None


class Manage:
    """The operator's use cases on one database; `random` gives as many unguessable bytes as it is asked for."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        pending_days: int = PENDING_DAYS,
    ) -> None:
        self._database = database
        self._days = pending_days
        self._clock = clock
        self._random = random

    def add_user(self, name: str, email: str, *, password: str | None = None, admin: bool = False) -> User:
        """Create an account, whose address counts as verified: so it is nobody else's.

        Mirrors the name's rule: warehouse/accounts/forms.py @6b62157.
        """
        if len(name) > 50 or _USER_NAME.fullmatch(name) is None:
            why = "a name is 2 to 50 letters, digits, dots, hyphens and underscores, and starts and ends with a letter or digit"
            raise BadInput(f"user name `{name}`", why=why)
        if len(email) > 254 or _EMAIL.fullmatch(email) is None:
            raise BadInput(f"--email `{email}`", why="this is no e-mail address")
        hashed = None if password is None else self._hash(password)
        now = self._clock()

        def work(connection: Connection) -> User:
            if accounts.find_user(connection, name) is not None:
                raise BadInput(f"user `{name}`", why="there is one of this name already", next_step="Choose another name")
            if (owner := accounts.owner_of_email(connection, email)) is not None:
                step = "Give another one: an address belongs to one account"
                raise BadInput(f"--email `{email}`", why=f"this is the address of `{owner.name}`", next_step=step)
            user = accounts.add_user(connection, name, email, now, password=hashed, admin=admin, verified=True)
            record(connection, Event("user:added", OPERATOR, now, {"user": name, "admin": admin}, user_id=user.id))
            return user

        return self._database.write(work).result()

    def create_token(self, user: str, scope: str, project: str | None = None) -> str:
        """Create an API token and return it: the only time anybody sees it."""
        token = mint(API_PREFIX, self._random(RANDOM_BYTES))
        now = self._clock()

        def work(connection: Connection) -> str:
            owner = found_user(connection, user)
            only = None if project is None else found_project(connection, project)
            if only is not None and user.lower() not in {each.user.lower() for each in projects.roles_of(connection, only.id)}:
                raise BadInput(f"project `{only.name}`", why=f"user `{owner.name}` has no role in it")
            only_id = None if only is None else only.id
            accounts.add_api_token(connection, digest(token), owner.id, scope, now, project_id=only_id)
            detail: dict[str, JSON] = {"user": owner.name, "scope": scope, "project": project}
            record(connection, Event("api-token:created", OPERATOR, now, detail, only_id, owner.id))
            tell_operated(connection, owner, "api-token", now)
            return token

        return self._database.write(work).result()

    def add_publisher(self, project: str, new: NewPublisher, issuers: Sequence[str]) -> Listed:
        """Let a publisher upload to a project that exists; `issuers` are the GitLab issuers of this index."""
        publisher = checked(new, issuers)
        now = self._clock()

        def work(connection: Connection) -> Listed:
            found = projects.find_project(connection, project)
            if found is None:
                step = "Register a pending publisher with `--pending --user USER`: its first exchange creates the project."
                raise BadInput(f"project `{project}`", why="there is none", next_step=step)
            if linking.there_already(connection, found, publisher) is not None:
                raise BadInput(f"project `{found.name}`", why=f"it has this publisher already ({publisher.specifier})")
            added = linking.add(connection, OPERATOR, found, publisher, now)
            return Listed(int(added.id.partition("-")[0]), found.name, publisher, pending=False)

        return self._database.write(work).result()

    def add_pending(self, project: str, new: NewPublisher, user: str, issuers: Sequence[str]) -> Listed:
        """Register a publisher whose first exchange creates the project, for this user."""
        problem = project_name_problem(project)
        if problem is not None:
            raise BadInput(f"project `{project}`", why=problem)
        publisher = checked(new, issuers)
        now = self._clock()

        def work(connection: Connection) -> Listed:
            owner = found_user(connection, user)
            if projects.find_project(connection, project) is not None:
                raise BadInput(f"project `{project}`", why="it exists", next_step="Leave `--pending` away.")
            added = waiting.add(connection, OPERATOR, (owner.id, owner.name), publisher, project, self._days, now)
            if isinstance(added, NotDone):
                raise BadInput(f"project `{project}`", why=added.problems[0].description.removeprefix("`project`: "))
            if not added.new:
                raise BadInput(f"project `{project}`", why=f"this publisher is pending for it already ({publisher.specifier})")
            return Listed(int(added.id.removeprefix("p")), project, publisher, pending=True, user=owner.name)

        return self._database.write(work).result()

    def publishers(self) -> tuple[Listed, ...]:
        """Every publisher once a project, then every pending one."""
        with self._database.read() as connection:
            linked = [Listed(row.id, name, row.publisher, pending=False) for name, row in publishers.links(connection)]
            pending = [
                Listed(row.id, row.project, row.publisher, pending=True, user=_name(accounts.user_by_id(connection, row.user_id)))
                for row in publishers.all_pending(connection)
            ]
        return (*linked, *pending)

    def remove_publisher(self, project: str, publisher_id: int) -> Publisher:
        """Take the project from the publisher: tokens that it holds are worth nothing there from now on."""
        now = self._clock()

        def work(connection: Connection) -> Publisher:
            found = found_project(connection, project)
            gone = linking.remove(connection, OPERATOR, found, publisher_id, now)
            if isinstance(gone, NotDone):
                raise _no_publisher(found.name, publisher_id)
            return gone.publisher

        return self._database.write(work).result()

    def remove_pending(self, project: str, pending_id: int) -> Publisher:
        """Remove a pending publisher that nobody has used."""
        now = self._clock()

        def work(connection: Connection) -> Publisher:
            row = publishers.find_pending(connection, pending_id)
            if row is None or row.project.lower() != project.lower():
                raise _no_publisher(project, pending_id)
            return waiting.remove(connection, OPERATOR, row, self._days, now).publisher

        return self._database.write(work).result()

    def projects(self) -> tuple[tuple[Project, tuple[str, ...]], ...]:
        """Every project with the names of its owners."""
        with self._database.read() as connection:
            return tuple(
                (project, tuple(role.user for role in projects.roles_of(connection, project.id) if role.role == "owner"))
                for project in projects.all_projects(connection)
            )

    def _hash(self, password: str) -> str:
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadInput("the password", why=f"it must have {SHORTEST} to {LONGEST} characters")
        return hash_password(password, self._random(SALT_BYTES))


def checked(new: NewPublisher, issuers: Sequence[str]) -> Publisher:
    """The publisher that was typed. Raises `BadInput` that names every field that cannot be right."""
    fields = {**_form(new), **dict(new.more)}
    account = Account(new.owner, new.owner_id) if new.owner_id else LookupFailure.NOT_ASKED
    if new.provider is Provider.GITHUB and not (new.owner_id.isascii() and new.owner_id.isdigit()):
        raise BadInput("--owner-id", why="GitHub's number for the owner is needed: a name can change hands, the number cannot")
    actor = Account(fields.get("actor", ""), fields.pop("actor_id", ""))
    result = validate(
        new.provider,
        fields,
        github_user=account,
        activestate_organization=Account(fields.get("organization", ""), ""),
        activestate_actor=actor if actor.id else LookupFailure.NOT_ASKED,
        issuers=issuers,
        profile=Profile.TRUSTPUB,
    )
    if result.stored is None:
        told = "; ".join(f"`{name}`: {' '.join(problems).rstrip('.')}" for name, problems in result.errors.items())
        raise BadInput(f"{new.provider} publisher", why=told)
    publisher = publisher_of(new.provider, result.stored)
    # GitHub Enterprise: the same fields, signed by another issuer.
    if new.issuer is not None and new.provider is not Provider.GITLAB:
        publisher = publisher._replace(issuer=new.issuer)
    problems = constraint_problems(new.provider, new.refs, new.allowed_events)
    if problems:
        raise BadInput(f"{new.provider} publisher", why="; ".join(each.description for each in problems))
    return publisher._replace(refs=new.refs, allowed_events=new.allowed_events)


_FORMS: dict[Provider, Mapping[str, str]] = {
    Provider.GITHUB: {
        "owner": "owner",
        "repository": "repository",
        "workflow": "workflow_filename",
        "environment": "environment",
    },
    Provider.GITLAB: {
        "owner": "namespace",
        "repository": "project",
        "workflow": "workflow_filepath",
        "environment": "environment",
        "issuer": "issuer_url",
    },
    Provider.GOOGLE: {},
    Provider.ACTIVESTATE: {},
    Provider.OIDC: {"issuer": "issuer"},
}
"""Which option of the command line fills which field of the provider's form; the others are given by name."""

_FIELDS: dict[Provider, tuple[str, ...]] = {
    Provider.GITHUB: ("owner", "repository", "workflow_filename", "environment"),
    Provider.GITLAB: ("namespace", "project", "workflow_filepath", "environment", "issuer_url"),
    Provider.GOOGLE: ("email", "sub"),
    Provider.ACTIVESTATE: ("organization", "project", "actor", "actor_id"),
}


def _form(new: NewPublisher) -> dict[str, str]:
    """The options as the provider's form has them; an option that it has no field for is refused."""
    places = _FORMS[new.provider]
    fields: dict[str, str] = {}
    for option in ("owner", "repository", "workflow", "environment", "issuer"):
        value = getattr(new, option) or ""
        if option in places:
            fields[places[option]] = value
        elif value and option != "issuer":
            step = f"Its fields are given by `--set`: {', '.join(_FIELDS[new.provider])}." if new.provider in _FIELDS else ""
            raise BadInput(f"--{option}", why=f"a {new.provider} publisher has no such field", next_step=step)
    for name, _ in new.more:
        known = _FIELDS.get(new.provider)
        if known is not None and name not in known:
            raise BadInput(
                f"--set {name}", why=f"a {new.provider} publisher has no such field", next_step=f"Use: {', '.join(known)}."
            )
    return fields


def found_user(connection: Connection, name: str) -> User:
    """The account of this name. Raises `BadInput` when there is none."""
    found = accounts.find_user(connection, name)
    if found is None:
        step = "`trustpub admin user list` names all, `user add` adds one."
        raise BadInput(f"user `{name}`", why="there is none", next_step=step)
    return found


def found_project(connection: Connection, name: str) -> Project:
    """The project of this name. Raises `BadInput` when there is none."""
    found = projects.find_project(connection, name)
    if found is None:
        raise BadInput(f"project `{name}`", why="there is none", next_step="`trustpub admin project list` names all.")
    return found


def _no_publisher(project: str, row_id: int) -> BadInput:
    step = "`trustpub admin publisher list` names all."
    return BadInput(f"publisher {row_id}", why=f"project `{project}` has none of this number", next_step=step)


def _name(user: User | None) -> str | None:
    return None if user is None else user.name
