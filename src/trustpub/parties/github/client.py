"""The client of GitHub's REST API: the port's promises, each kept in the file of its subject."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trustpub.domain.github_settings import Hosted
from trustpub.domain.untold import Untold
from trustpub.parties.github import actions, environments, people, repositories, rulesets, runs, secrets
from trustpub.parties.github.api import DOT_COM, api_of, is_cloud
from trustpub.parties.github.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trustpub.domain.github_settings import (
        Account,
        ActionsPolicy,
        Annotation,
        BranchGuard,
        Environment,
        Person,
        RefRule,
        Ruleset,
        Run,
        RunJob,
        Secret,
        Subject,
    )  # fmt: skip
    from trustpub.parties.github.etags import Etags
    from trustpub.parties.github.port import JSON
    from trustpub.parties.wire import Send


def _silent(line: str) -> None:
    """Tell nobody."""


class Client:
    """One GitHub, asked in the name of one token. Every method is the port's (`parties/github/port.py`)."""

    def __init__(
        self,
        host: str,
        send: Send,
        token: str | None,
        *,
        api: str | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = _silent,
        etags: Etags | None = None,
    ) -> None:
        token = token or None
        self.host = host
        self.signed_in = token is not None
        self._cloud = is_cloud(host)
        self._asker: Account | Untold | None = None
        self._talk = Conversation(api or api_of(host, {}), send, token, clock=clock, sleep=sleep, say=say, etags=etags)

    def asker(self) -> Account | Untold:
        """Say whose token it is; it is asked once."""
        self._asker = self._asker or people.asker(self._talk)
        return self._asker

    def account(self, login: str) -> Account | Untold | None:
        """Find a user or an organisation."""
        return people.account(self._talk, login)

    def team(self, organization: str, slug: str) -> Account | Untold | None:
        """Find a team."""
        return people.team(self._talk, organization, slug)

    def people(self, slug: str) -> tuple[Person, ...] | Untold:
        """List who may push or administer."""
        return people.people(self._talk, slug)

    def repository(self, slug: str) -> Hosted | Untold | None:
        """Identify a repository, with its owner's plan where GitHub tells it."""
        found = repositories.identity(self._talk, slug)
        return found._replace(plan=self._plan(found)) if isinstance(found, Hosted) else found

    def _plan(self, repository: Hosted) -> str:
        if self.host.lower() != DOT_COM:
            return "enterprise"  # whoever has a GitHub of their own
        asker = self.asker() if repository.owner.kind == "User" else None
        return repositories.plan(self._talk, repository, "" if asker is None or isinstance(asker, Untold) else asker.login)

    def tag_commit(self, slug: str, tag: str) -> str | Untold | None:
        """Say which commit a tag points at."""
        return repositories.tag_commit(self._talk, slug, tag)

    def content(self, slug: str, path: str, ref: str) -> bytes | Untold | None:
        """Read a file as a branch, tag or commit has it."""
        return repositories.content(self._talk, slug, path, ref)

    def latest_release(self, slug: str) -> str | Untold | None:
        """Name the tag of the newest full release."""
        return repositories.latest_release(self._talk, slug)

    def immutable_releases(self, slug: str) -> bool | Untold:
        """Say whether published releases stay as they are."""
        return repositories.immutable_releases(self._talk, slug)

    def branch(self, slug: str, branch: str) -> BranchGuard | Untold:
        """Read the rules in force for a branch."""
        return repositories.branch(self._talk, slug, branch)

    def environments(self, slug: str) -> Mapping[str, Environment] | Untold:
        """Read every environment, by name in lower case."""
        return environments.environments(self._talk, slug)

    def environment(self, slug: str, name: str) -> Environment | Untold | None:
        """Read one environment."""
        return environments.environment(self._talk, slug, name)

    def put_environment(self, slug: str, name: str, body: Mapping[str, JSON]) -> None:
        """Create or replace an environment."""
        environments.put_environment(self._talk, slug, name, body)

    def add_ref_rule(self, slug: str, environment: str, rule: RefRule) -> None:
        """Add a pattern."""
        environments.add_ref_rule(self._talk, slug, environment, rule)

    def remove_ref_rule(self, slug: str, environment: str, rule: RefRule) -> None:
        """Remove a pattern."""
        environments.remove_ref_rule(self._talk, slug, environment, rule)

    def rulesets(self, slug: str) -> tuple[Ruleset, ...] | Untold:
        """Read every ruleset that holds for the repository."""
        return rulesets.rulesets(self._talk, slug)

    def put_ruleset(self, slug: str, body: Mapping[str, JSON], ruleset: str = "") -> str:
        """Create or replace a ruleset."""
        return rulesets.put_ruleset(self._talk, slug, body, ruleset)

    def actions(self, slug: str) -> ActionsPolicy | Untold:
        """Read the settings of Actions."""
        return actions.actions(self._talk, slug)

    def subject(self, slug: str) -> Subject | Untold:
        """Read how `sub` is made."""
        return actions.subject(self._talk, slug)

    def secrets(self, slug: str, environments: Sequence[str]) -> tuple[tuple[Secret, ...], tuple[Untold, ...]]:
        """List the names of secrets, and which lists could not be read."""
        return secrets.secrets(self._talk, slug, environments)

    def runs(self, slug: str, *, workflow: str = "", event: str = "", sha: str = "", most: int = 30) -> tuple[Run, ...] | Untold:
        """List the newest runs."""
        return runs.runs(self._talk, slug, workflow, event, sha, most)

    def run(self, slug: str, run: str) -> Run | Untold | None:
        """Read one run."""
        return runs.run(self._talk, slug, run)

    def jobs(self, slug: str, run: str) -> tuple[RunJob, ...] | Untold:
        """List the jobs of a run's last attempt."""
        return runs.jobs(self._talk, slug, run)

    def log(self, slug: str, job: str) -> str | Untold | None:
        """Read a job's log."""
        return runs.log(self._talk, slug, job)

    def annotations(self, slug: str, job: str) -> tuple[Annotation, ...] | Untold:
        """Read the messages beside a job."""
        return runs.messages(self._talk, slug, job)

    def dispatch(self, slug: str, workflow: str, ref: str, inputs: Mapping[str, str]) -> str:
        """Start a workflow by hand."""
        return runs.dispatch(self._talk, slug, workflow, ref, inputs, details=self._cloud)


if TYPE_CHECKING:
    from trustpub.parties.github.port import GitHub

    def _keeps_the_port(client: Client) -> GitHub:
        return client
