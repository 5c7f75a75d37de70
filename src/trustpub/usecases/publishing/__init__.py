"""Publishers: who may upload to a project without a token of a person. One set of rules for pages, `/api/v1` and commands.

    publishing = Publishing.over(database, settings, clock, random)

A form is what a page posts, every value text: `provider` (github, gitlab, google, activestate, oidc) and the provider's fields
by PyPI's names: owner, owner_id, repository, workflow_filename, environment | namespace, project, workflow_filepath, environment,
issuer_url | email, sub | organization, project, actor, actor_id | issuer and `claims` (a line each: `name = value`). Beyond PyPI:
`refs` and `allowed_events` (a line or a blank between two), `issuer` for a GitHub Enterprise. A pending publisher's form also has
`project_name`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from trustpub.usecases.publishing.registration import Registration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.domain.outcome import Difference
    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.principal import Actor

__all__ = ["Publishing", "Registration", "Tested"]


@dataclass(frozen=True, slots=True)
class Tested:
    """What these claims would get from this publisher: `verdict` is `accepted` or `refused`, `why` one sentence."""

    verdict: str
    why: str
    differences: tuple[Difference, ...]


class Publishing:
    """The use cases around the publishers of one index. For owners; pending ones for who registered them."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    @classmethod
    def over(
        cls, database: Database, settings: ServerSettings, clock: Callable[[], float], _random: Callable[[int], bytes]
    ) -> Self:
        """Put them over one database."""
        return cls(database, settings, clock)

    def of_project(self, actor: Actor, project: str) -> tuple[Registration, ...] | NotDone:
        """The publishers of a project."""
        raise NotImplementedError

    def pending_of(self, actor: Actor) -> tuple[Registration, ...] | NotDone:
        """The pending publishers that the actor registered."""
        raise NotImplementedError

    def add(self, actor: Actor, project: str, form: Mapping[str, str]) -> Registration | NotDone:
        """Let a publisher upload to a project. One that is there already is returned, with `new` False."""
        raise NotImplementedError

    def add_pending(self, actor: Actor, form: Mapping[str, str]) -> Registration | NotDone:
        """Register a publisher whose first exchange makes the project `project_name`, owned by the actor."""
        raise NotImplementedError

    def remove(self, actor: Actor, registration: str) -> Registration | NotDone:
        """Take a publisher from its project, or remove a pending one."""
        raise NotImplementedError

    def remove_all(self, actor: Actor, project: str) -> tuple[Registration, ...] | NotDone:
        """Take every publisher from a project."""
        raise NotImplementedError

    def constrain(self, actor: Actor, registration: str, form: Mapping[str, str]) -> Registration | NotDone:
        """Change what a publisher is held to: `environment`, `refs`, `allowed_events`; what the form leaves out stays."""
        raise NotImplementedError

    def test(self, actor: Actor, publisher: str | Mapping[str, str], claims_text: str) -> Tested | NotDone:
        """Say what pasted claims (JSON, nobody checks a signature) would get from a publisher: an id, or a form."""
        raise NotImplementedError
