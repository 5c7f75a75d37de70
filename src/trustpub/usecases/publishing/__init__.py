"""Publishers: who may upload to a project without a token of a person. One set of rules for pages, `/api/v1` and commands.

    publishing = Publishing.over(database, settings, clock, random)

A form is what a page posts, every value text: `provider` (github, gitlab, google, activestate, oidc) and the provider's fields
by PyPI's names: owner, owner_id, repository, workflow_filename, environment | namespace, project, workflow_filepath, environment,
issuer_url | email, sub | organization, project, actor, actor_id | issuer and `claims` (a line each: `name = value`). Beyond PyPI:
`refs` and `allowed_events` (a line or a blank between two), `issuer` for a GitHub Enterprise. A pending publisher's form also has
`project_name`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from trustpub.domain.issuers import Issuer
from trustpub.domain.names import project_name_problem
from trustpub.storage import projects, publishers
from trustpub.storage.throttles import Limit, count
from trustpub.usecases.not_done import NotDone, Problem, not_done
from trustpub.usecases.projects.principal import as_owner, changing, reading, to_change
from trustpub.usecases.publishing import linking, waiting
from trustpub.usecases.publishing.asked import constraint_problems, constraints_in_form, publisher_in_form
from trustpub.usecases.publishing.linking import GONE
from trustpub.usecases.publishing.registration import Registration, linked_to, waiting_for
from trustpub.usecases.publishing.trying import NOTHING, OPEN, Tested, tried

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.domain.publishers import Publisher
    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.projects import Project
    from trustpub.usecases.projects.principal import Actor, Principal

__all__ = ["Publishing", "Registration", "Tested"]

MOST_REGISTRATIONS = Limit(1000, 86_400)
"""New publishers of one user a day: whoever moves hundreds of projects gets through, a loop does not."""
_ID = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,17})|p([1-9][0-9]{0,17})", re.ASCII)


class Publishing:
    """The use cases around the publishers of one index. For owners; pending ones for who registered them."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._days = settings.pending_days
        self._clock = clock

    @classmethod
    def over(
        cls, database: Database, settings: ServerSettings, clock: Callable[[], float], _random: Callable[[int], bytes]
    ) -> Self:
        """Put them over one database."""
        return cls(database, settings, clock)

    def of_project(self, actor: Actor, project: str) -> tuple[Registration, ...] | NotDone:
        """The publishers of a project, and the actor's own that wait for one of this name."""
        now = self._clock()
        with self._database.read() as connection:
            who = reading(connection, actor, now)
            if isinstance(who, NotDone):
                return who
            found = projects.find_project(connection, project)
            if found is None:
                return self._waiting(connection, who, now, project)
            denied = as_owner(connection, who, project)
            if isinstance(denied, NotDone):
                return denied
            return (*linked_to(connection, found.id), *self._waiting(connection, who, now, project))

    def all_of(self, actor: Actor) -> tuple[Registration, ...] | NotDone:
        """Every publisher that the actor manages: of their projects (of all, for whoever runs the index), and what waits."""
        now = self._clock()
        with self._database.read() as connection:
            who = reading(connection, actor, now)
            if isinstance(who, NotDone):
                return who
            if who.only is not None:
                project = projects.project_by_id(connection, who.only)
                denied = None if project is None else as_owner(connection, who, project.name)
                return denied if isinstance(denied, NotDone) else linked_to(connection, who.only)
            owner = None if who.admin else who.user_id
            return (*linked_to(connection, owner_id=owner), *self._waiting(connection, who, now))

    def pending_of(self, actor: Actor) -> tuple[Registration, ...] | NotDone:
        """The pending publishers that the actor registered."""
        now = self._clock()
        with self._database.read() as connection:
            who = reading(connection, actor, now)
            if isinstance(who, NotDone):
                return who
            return () if who.only is not None else waiting_for(connection, self._days, now, user_id=who.user_id)

    def add(self, actor: Actor, project: str, form: Mapping[str, str]) -> Registration | NotDone:
        """Let a publisher upload to a project. One that is there already is returned, with `new` False."""
        return self.add_publisher(actor, project, publisher_in_form(form, self._settings.issuers))

    def add_pending(self, actor: Actor, form: Mapping[str, str]) -> Registration | NotDone:
        """Register a publisher whose first exchange makes the project `project_name`, owned by the actor."""
        asked, name = publisher_in_form(form, self._settings.issuers), form.get("project_name", "").strip()
        problem = project_name_problem(name)
        if isinstance(asked, NotDone) and problem is not None:
            asked = NotDone(asked.status, (Problem("invalid-field", f"`project`: {problem}", "project"), *asked.problems))
        return self.add_publisher(actor, name, asked, pending=True)

    def add_publisher(
        self, actor: Actor, project: str, asked: Publisher | NotDone, *, pending: bool = False
    ) -> Registration | NotDone:
        """Register a publisher that was read already, or say what is wrong with it: but not to who may not register any."""
        now = self._clock()

        def work(connection: Connection) -> Registration | NotDone:
            who = changing(connection, actor, now)
            if isinstance(who, NotDone):
                return who
            if isinstance(asked, NotDone):
                return asked
            if projects.find_project(connection, project) is not None:
                return self._link(connection, who, project, asked, now, pending=pending)
            if not pending:
                why = "there is no such project; with `pending` the first exchange makes it"
                return not_done(404, "not-found", f"`project`: {why}", "project")
            if who.only is not None:
                return not_done(403, "wrong-project", "the token is for one project only, and makes no other", "project")
            owner = who.user_id, who.name
            return _too_many(connection, who, now) or waiting.add(connection, who.name, owner, asked, project, self._days, now)

        return self._database.write(work).result()

    def remove(self, actor: Actor, registration: str) -> Registration | NotDone:
        """Take a publisher from its project, or remove a pending one."""
        now = self._clock()

        def work(connection: Connection) -> Registration | NotDone:
            found = self._reached(connection, actor, registration, now)
            if isinstance(found, NotDone):
                return found
            who, project, row = found
            if isinstance(row, publishers.Pending):
                return waiting.remove(connection, who.name, row, self._days, now)
            if project is None:
                return GONE
            return linking.remove(connection, who.name, project, int(row.id.partition("-")[0]), now)

        return self._database.write(work).result()

    def constrain(self, actor: Actor, registration: str, form: Mapping[str, str]) -> Registration | NotDone:
        """Change what a publisher is held to: `environment`, `refs`, `allowed_events`; what the form leaves out stays."""
        return self.hold(actor, registration, constraints_in_form(form))

    def hold(self, actor: Actor, registration: str, said: dict[str, str | tuple[str, ...]]) -> Registration | NotDone:
        """Hold a publisher to what was said, once it was read."""
        now = self._clock()

        def work(connection: Connection) -> Registration | NotDone:
            found = self._reached(connection, actor, registration, now)
            if isinstance(found, NotDone):
                return found
            who, project, row = found
            wanted = linking.held_to(row.publisher, said)
            if isinstance(wanted, NotDone):
                return wanted
            problems = constraint_problems(wanted.provider, wanted.refs, wanted.allowed_events)
            problems += environment_problems(wanted)
            if problems:
                return NotDone(422, tuple(problems))
            if isinstance(row, publishers.Pending):
                return waiting.hold(connection, who.name, row, wanted, self._days, now)
            return GONE if project is None else linking.hold(connection, who.name, project, row, wanted, now)

        return self._database.write(work).result()

    def test(self, actor: Actor, publisher: str | Mapping[str, str], claims_text: str) -> Tested | NotDone:
        """Say what pasted claims (JSON, nobody checks a signature) would get from a publisher: an id, or a form.

        The whole difference is shown: whoever asks owns what is registered, or has typed it.
        """
        with self._database.read() as connection:
            who = reading(connection, actor, self._clock())
            if isinstance(who, NotDone):
                return who
            if not isinstance(publisher, str):
                asked = publisher_in_form(publisher, self._settings.issuers)
                return asked if isinstance(asked, NotDone) else tried(asked, claims_text, self._settings.profile)
            found = self._found(connection, who, publisher, self._clock(), look=True)
            if isinstance(found, NotDone):
                return found
            project, row = found
            seen = row.seen if isinstance(row, Registration) else NOTHING
            state = OPEN if project is None else project.state
            return tried(row.publisher, claims_text, self._settings.profile, seen, state)

    def sweep(self) -> int:
        """Remove pending publishers whose days are over, and remind of those that will be soon; how many were removed."""
        now = self._clock()
        return self._database.write(lambda connection: waiting.sweep(connection, self._days, now)).result()

    def _link(
        self, connection: Connection, who: Principal, project: str, asked: Publisher, now: float, *, pending: bool
    ) -> Registration | NotDone:
        """A pending publisher that has made its project meanwhile is there already."""
        found = to_change(connection, who, project)
        if isinstance(found, NotDone):
            return found
        there = linking.there_already(connection, found, asked)
        if there is not None:
            return there
        if pending:
            why = f"the project `{found.name}` exists: register without `pending`"
            return not_done(409, "project-exists", why, "pending")
        return _too_many(connection, who, now) or linking.add(connection, who.name, found, asked, now)

    def _waiting(
        self, connection: Connection, who: Principal, now: float, project: str | None = None
    ) -> tuple[Registration, ...]:
        """The pending publishers that one may see: those of their own, unless their token is for one project only."""
        if who.only is not None:
            return ()
        return waiting_for(connection, self._days, now, user_id=None if who.admin else who.user_id, project=project)

    def _reached(
        self, connection: Connection, actor: Actor, registration: str, now: float
    ) -> tuple[Principal, Project | None, Registration | publishers.Pending] | NotDone:
        """Who acts, and what they want to change."""
        who = changing(connection, actor, now)
        if isinstance(who, NotDone):
            return who
        found = self._found(connection, who, registration, now)
        return found if isinstance(found, NotDone) else (who, *found)

    def _found(
        self, connection: Connection, who: Principal, registration: str, now: float, *, look: bool = False
    ) -> tuple[Project | None, Registration | publishers.Pending] | NotDone:
        """The registration of an id, if it is theirs. An id of somebody else's pending publisher is as if it were none."""
        parts = _ID.fullmatch(registration)
        if parts is None:
            return GONE
        if parts[3]:
            row = publishers.find_pending(connection, int(parts[3]))
            mine = row is not None and who.only is None and (who.admin or row.user_id == who.user_id)
            return (None, row) if row is not None and mine and row.lasts(self._days, now) else GONE
        project = projects.project_by_id(connection, int(parts[2]))
        if project is None or linking.of_link(connection, int(parts[1]), project) is None:
            return GONE
        denied = (as_owner if look else to_change)(connection, who, project.name)
        if isinstance(denied, NotDone):
            return denied
        there = linking.of_link(connection, int(parts[1]), project)
        return GONE if there is None else (project, there)


def environment_problems(publisher: Publisher) -> list[Problem]:
    """What is wrong with the environment, by the rules of the form that it would have been typed into."""
    from trustpub.usecases.publisher_rows import Wrong, publisher_of_row

    fields = {name: value for name, value in publisher.fields if name != "issuer_url"}
    found = publisher_of_row(
        str(publisher.provider), {**fields}, publisher.issuer, [Issuer(publisher.provider, publisher.issuer)]
    )
    return [each for each in found.problems if each.field == "environment"] if isinstance(found, Wrong) else []


def _too_many(connection: Connection, who: Principal, now: float) -> NotDone | None:
    """Count one more registration; why it is one too many."""
    wait = count(connection, f"publisher:{who.user_id}", MOST_REGISTRATIONS, now)
    why = "You have registered as many publishers as one may in a day. Try again later"
    return not_done(429, "too-many", why, retry_after=wait) if wait else None
