"""What a person's program may do at the publishers of an index, with an API token. Every change leaves an event.

Owners alone see and change a project's publishers, as on PyPI; whoever runs the index (an admin account) those of all projects.
The token is looked at inside the transaction that makes the change: one revoked meanwhile changes nothing.
"""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.names import is_project_name, project_name_problem
from trustpub.storage import accounts, projects, publishers
from trustpub.storage.events import Event, record
from trustpub.usecases.publisher_rows import Problem, Wrong, publisher_of_row, wrong_field
from trustpub.usecases.upload_credential import Admission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trustpub.domain.claims import JSON
    from trustpub.domain.issuers import Issuer
    from trustpub.domain.publishers import Publisher
    from trustpub.storage.accounts import ApiToken
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.projects import Project
    from trustpub.usecases.upload_credential import UploadRefused

READING = ("read", "manage")
CHANGING = ("manage",)
_ID = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,17})|p([1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Registration:
    """A publisher of one project. `id` names this link, not the publisher: other projects may have the same publisher.

    `new` is False for one that was there before; `user` will own the project that a pending one makes.
    """

    id: str
    project: str
    publisher: Publisher
    pending: bool
    user: str | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class NotManaged:
    """Why nothing was told or changed: an HTTP status, and what is wrong."""

    status: int
    problems: tuple[Problem, ...]


NO_TOKEN = "give an API token of the scope `manage`, or `read` to list: `Authorization: Bearer pypi-api_...`"  # noqa: S105 - no token
UNKNOWN_TOKEN = "the token is unknown, revoked or expired, or no API token"  # noqa: S105 - a refusal


class ManagePublishers:
    """Lists, registers and removes publishers for whoever holds an API token; `issuers` are those of this index."""

    def __init__(self, database: Database, clock: Callable[[], float], issuers: Sequence[Issuer]) -> None:
        self._database = database
        self._clock = clock
        self._issuers = issuers

    def listed(self, admission: Admission | UploadRefused | None, project: str | None) -> tuple[Registration, ...] | NotManaged:
        """The publishers of one project, or of all that the token reaches; the pending ones among them are the user's own."""
        if project is not None and not is_project_name(project):
            return refused(422, "invalid-field", "`project`: it is no project's name", "project")
        if not isinstance(admission, Admission):
            return _no_token(admission)
        with self._database.read() as connection:
            right = _right(connection, admission, READING, self._clock())
            if isinstance(right, NotManaged):
                return right
            if project is None:
                return _all_of(connection, right)
            found = projects.find_project(connection, project)
            if found is not None:
                denied = _not_owner(connection, right, found)
                return denied or (*_linked(connection, found.id), *_waiting(connection, right, project))
            return _waiting(connection, right, project)

    def register(
        self, admission: Admission | UploadRefused | None, wanted: Mapping[str, JSON]
    ) -> Future[Registration | NotManaged]:
        """Register a publisher; an equal one that is there is returned as it is. `wanted` is what was sent."""
        if not isinstance(admission, Admission):
            return _at_once(_no_token(admission))
        asked = _asked(wanted, self._issuers)
        now = self._clock()

        def work(connection: Connection) -> Registration | NotManaged:
            right = _right(connection, admission, CHANGING, now)
            if isinstance(right, NotManaged):
                return right
            if isinstance(asked, NotManaged):
                return asked
            found = projects.find_project(connection, asked.project)
            if found is not None:
                return _link(connection, right, found, asked, now)
            if not asked.pending:
                why = "there is no such project; with `pending` the first exchange makes it"
                return refused(404, "not-found", f"`project`: {why}", "project")
            return _wait(connection, right, asked, now)

        return self._database.write(work)

    def remove(self, admission: Admission | UploadRefused | None, registration: str) -> Future[Registration | NotManaged]:
        """Take a publisher from its project, or remove a pending one. Its tokens are worth nothing there from now on."""
        if not isinstance(admission, Admission):
            return _at_once(_no_token(admission))
        now = self._clock()

        def work(connection: Connection) -> Registration | NotManaged:
            right = _right(connection, admission, CHANGING, now)
            if isinstance(right, NotManaged):
                return right
            parts = _ID.fullmatch(registration)
            if parts is None:
                return _GONE
            if parts[3]:
                return _stop_waiting(connection, right, int(parts[3]), now)
            return _unlink(connection, right, int(parts[1]), int(parts[2]), now)

        return self._database.write(work)


def refused(status: int, code: str, description: str, field: str = "") -> NotManaged:
    """A refusal with one problem."""
    return NotManaged(status, (Problem(code, description, field),))


_GONE = refused(404, "not-found", "there is no publisher of this id")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was sent, once it is known to be right in itself."""

    project: str
    publisher: Publisher
    pending: bool


def _asked(wanted: Mapping[str, JSON], issuers: Sequence[Issuer]) -> _Asked | NotManaged:
    known = ("project", "provider", "publisher", "pending", "issuer")
    unknown = f"there is no such field; fields: {', '.join(known)}"
    problems = [wrong_field(name, unknown) for name in wanted if name not in known]
    project, pending = wanted.get("project"), wanted.get("pending", False)
    if not isinstance(project, str) or not is_project_name(project):
        problems.append(wrong_field("project", "it is no project's name"))
    if not isinstance(pending, bool):
        problems.append(wrong_field("pending", "it is true or false"))
    publisher = publisher_of_row(wanted.get("provider"), wanted.get("publisher"), wanted.get("issuer"), issuers)
    if isinstance(publisher, Wrong):
        return NotManaged(422, (*problems, *publisher.problems))
    if problems or not isinstance(project, str):
        return NotManaged(422, tuple(problems))
    return _Asked(project, publisher, bool(pending))


def _no_token(admission: UploadRefused | None) -> NotManaged:
    """Why a request gets nowhere that carries no token that could be one. It costs no transaction."""
    return refused(401, "no-token", NO_TOKEN) if admission is None else refused(401, "invalid-token", UNKNOWN_TOKEN)


def _at_once(answer: NotManaged) -> Future[Registration | NotManaged]:
    future: Future[Registration | NotManaged] = Future()
    future.set_result(answer)
    return future


def _right(connection: Connection, admission: Admission, scopes: Sequence[str], now: float) -> ApiToken | NotManaged:
    """What the token allows now."""
    token = accounts.find_api_token(connection, admission.digest)
    if token is None or (token.expires is not None and token.expires <= now):
        return refused(401, "invalid-token", UNKNOWN_TOKEN)
    if token.scope not in scopes:
        words = " or ".join(f"`{scope}`" for scope in scopes)
        return refused(403, "wrong-scope", f"the token has the scope `{token.scope}`, this needs {words}")
    return token


def _not_owner(connection: Connection, right: ApiToken, project: Project) -> NotManaged | None:
    """Why this token may not manage this project; None when it may."""
    if right.project_id is not None and right.project_id != project.id:
        return refused(403, "wrong-project", f"the token is for another project than `{project.name}`", "project")
    if right.admin or projects.role_of(connection, project.id, right.user_id) == "owner":
        return None
    return refused(403, "not-owner", f"user `{right.user}` is no owner of the project `{project.name}`", "project")


def _linked(connection: Connection, project_id: int | None = None, owner_id: int | None = None) -> tuple[Registration, ...]:
    found = publishers.links(connection, project_id=project_id, owner_id=owner_id)
    return tuple(Registration(f"{row.id}-{row.projects[0]}", name, row.publisher, pending=False) for name, row in found)


def _waiting(connection: Connection, right: ApiToken, project: str | None = None) -> tuple[Registration, ...]:
    """The pending publishers that the token may see: those of its user, unless it is for one project only."""
    if right.project_id is not None:
        return ()
    rows = publishers.all_pending(connection, user_id=None if right.admin else right.user_id, project=project)
    names = {user_id: accounts.user_by_id(connection, user_id) for user_id in {row.user_id for row in rows}}
    return tuple(
        Registration(f"p{row.id}", row.project, row.publisher, pending=True, user=user.name if user else None)
        for row in rows
        for user in [names[row.user_id]]
    )


def _all_of(connection: Connection, right: ApiToken) -> tuple[Registration, ...] | NotManaged:
    if right.project_id is not None:
        project = projects.project_by_id(connection, right.project_id)
        if project is None:
            return ()
        return _not_owner(connection, right, project) or _linked(connection, project.id)
    owner = None if right.admin else right.user_id
    return (*_linked(connection, owner_id=owner), *_waiting(connection, right))


def _link(connection: Connection, right: ApiToken, project: Project, asked: _Asked, now: float) -> Registration | NotManaged:
    """Let the publisher upload to a project that exists. A pending one that has made its project meanwhile is there already."""
    denied = _not_owner(connection, right, project)
    if denied is not None:
        return denied
    identity = asked.publisher.identity
    for there in _linked(connection, project.id):
        if there.publisher.identity == identity:
            return there
    if asked.pending:
        return refused(409, "project-exists", f"the project `{project.name}` exists: register without `pending`", "pending")
    row_id = publishers.get_or_create_publisher(connection, asked.publisher, now)
    publishers.link(connection, row_id, project.id, now)
    detail: dict[str, JSON] = {"publisher": asked.publisher.specifier, "publisher_id": row_id}
    record(connection, Event("publisher:added", right.actor, now, detail, project.id))
    return Registration(f"{row_id}-{project.id}", project.name, asked.publisher, pending=False, new=True)


def _wait(connection: Connection, right: ApiToken, asked: _Asked, now: float) -> Registration | NotManaged:
    """Register a publisher whose first exchange makes the project, for the token's user."""
    if right.project_id is not None:
        return refused(403, "wrong-project", "the token is for one project only, and makes no other", "project")
    problem = project_name_problem(asked.project)
    if problem is not None:
        return refused(422, "invalid-field", f"`project`: {problem}", "project")
    identity = asked.publisher.identity
    for there in publishers.all_pending(connection, project=asked.project):
        if there.publisher.identity == identity:
            if there.user_id == right.user_id:
                return Registration(f"p{there.id}", there.project, there.publisher, pending=True, user=right.user)
            return refused(409, "already-pending", "this publisher is pending for it already, for another user", "publisher")
    alike = projects.similar_project(connection, asked.project)
    if alike is not None:
        return refused(409, "name-taken", f"`project`: the name is too similar to the project `{alike.name}`", "project")
    row_id = publishers.add_pending(connection, asked.publisher, asked.project, right.user_id, now)
    detail: dict[str, JSON] = {"project": asked.project, "owner": right.user, "publisher": asked.publisher.specifier}
    record(connection, Event("pending-publisher:added", right.actor, now, detail))
    return Registration(f"p{row_id}", asked.project, asked.publisher, pending=True, user=right.user, new=True)


def _unlink(connection: Connection, right: ApiToken, publisher_id: int, project_id: int, now: float) -> Registration | NotManaged:
    project = projects.project_by_id(connection, project_id)
    row = publishers.publisher_by_id(connection, publisher_id)
    if project is None or row is None:
        return _GONE
    denied = _not_owner(connection, right, project)
    if denied is not None:
        return denied
    if not publishers.unlink(connection, publisher_id, project_id):
        return _GONE
    detail: dict[str, JSON] = {"publisher": row.publisher.specifier, "publisher_id": publisher_id}
    record(connection, Event("publisher:removed", right.actor, now, detail, project_id))
    return Registration(f"{publisher_id}-{project_id}", project.name, row.publisher, pending=False)


def _stop_waiting(connection: Connection, right: ApiToken, pending_id: int, now: float) -> Registration | NotManaged:
    row = publishers.find_pending(connection, pending_id)
    mine = row is not None and right.project_id is None and (right.admin or row.user_id == right.user_id)
    if row is None or not mine:
        return _GONE
    publishers.remove_pending(connection, [row.id])
    user = accounts.user_by_id(connection, row.user_id)
    detail: dict[str, JSON] = {"project": row.project, "publisher": row.publisher.specifier}
    record(connection, Event("pending-publisher:removed", right.actor, now, detail))
    return Registration(f"p{row.id}", row.project, row.publisher, pending=True, user=user.name if user else None)
