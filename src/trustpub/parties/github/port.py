"""What the rest of trustpub asks of GitHub.

The client over HTTP keeps this promise, and nothing else does: the fake is a GitHub, spoken to over the same wire.

Reading never raises for a missing right: it returns `Untold` with the permission that would answer. Writing raises `Denied`.
Everything raises `Unreachable` when GitHub does not answer, answers nonsense, or no longer takes the token. A `slug` is
`owner/name`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.domain.github_settings import (
        Account,
        ActionsPolicy,
        Annotation,
        BranchGuard,
        Environment,
        Hosted,
        Person,
        RefRule,
        Ruleset,
        Run,
        RunJob,
        Secret,
        Subject,
    )  # fmt: skip
    from trustpub.domain.untold import Untold

    JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"


class GitHub(Protocol):
    """One GitHub (github.com or an Enterprise host), asked by one person or by nobody."""

    host: str
    """`github.com`, or the Enterprise host."""
    signed_in: bool
    """Whether there is a token at all."""

    def asker(self) -> Account | Untold:
        """Say whose token it is."""
        ...

    def account(self, login: str) -> Account | Untold | None:
        """Find a user or an organisation, in GitHub's spelling; None when there is none."""
        ...

    def team(self, organization: str, slug: str) -> Account | Untold | None:
        """Find a team."""
        ...

    def repository(self, slug: str) -> Hosted | Untold | None:
        """Identify a repository; None when there is none (or none that this person may see)."""
        ...

    def environments(self, slug: str) -> Mapping[str, Environment] | Untold:
        """Read every environment with every rule, by name in lower case."""
        ...

    def environment(self, slug: str, name: str) -> Environment | Untold | None:
        """Read one environment with every rule; None when there is none."""
        ...

    def put_environment(self, slug: str, name: str, body: Mapping[str, JSON]) -> None:
        """Create or replace an environment. `body` is GitHub's own; keys that the plan does not know must not be in it."""
        ...

    def add_ref_rule(self, slug: str, environment: str, rule: RefRule) -> None:
        """Add a pattern; one that is there already is no error."""
        ...

    def remove_ref_rule(self, slug: str, environment: str, rule: RefRule) -> None:
        """Remove a pattern by its id; one that is gone already is no error."""
        ...

    def rulesets(self, slug: str) -> tuple[Ruleset, ...] | Untold:
        """Read every ruleset that holds for the repository, its owner's included."""
        ...

    def put_ruleset(self, slug: str, body: Mapping[str, JSON], ruleset: str = "") -> str:
        """Create a ruleset, or replace the one of this id whole. Returns its id."""
        ...

    def actions(self, slug: str) -> ActionsPolicy | Untold:
        """Read which actions may run, and what `GITHUB_TOKEN` may do by default."""
        ...

    def subject(self, slug: str) -> Subject | Untold:
        """Read how `sub` is made."""
        ...

    def immutable_releases(self, slug: str) -> bool | Untold:
        """Say whether releases cannot be changed once they are published."""
        ...

    def secrets(self, slug: str, environments: Sequence[str]) -> tuple[tuple[Secret, ...], tuple[Untold, ...]]:
        """List the names of the secrets that jobs here can get, and which lists could not be read."""
        ...

    def people(self, slug: str) -> tuple[Person, ...] | Untold:
        """List who may push or administer: people, and teams of organisations."""
        ...

    def branch(self, slug: str, branch: str) -> BranchGuard | Untold:
        """Read the rules in force for a branch."""
        ...

    def runs(self, slug: str, *, workflow: str = "", event: str = "", sha: str = "", most: int = 30) -> tuple[Run, ...] | Untold:
        """List the newest runs, of one workflow file, event or commit when these are given."""
        ...

    def run(self, slug: str, run: str) -> Run | Untold | None:
        """Read one run."""
        ...

    def jobs(self, slug: str, run: str) -> tuple[RunJob, ...] | Untold:
        """List the jobs of a run's last attempt."""
        ...

    def log(self, slug: str, job: str) -> str | Untold | None:
        """Read a job's log; None when GitHub keeps it no more."""
        ...

    def annotations(self, slug: str, job: str) -> tuple[Annotation, ...] | Untold:
        """Read the messages beside a job."""
        ...

    def tag_commit(self, slug: str, tag: str) -> str | Untold | None:
        """Say which commit a tag points at, through an annotated tag; None when there is no such tag."""
        ...

    def content(self, slug: str, path: str, ref: str) -> bytes | Untold | None:
        """Read a file as a branch, tag or commit has it; None when it is not there, Untold where it is no file or too big."""
        ...

    def latest_release(self, slug: str) -> str | Untold | None:
        """Name the tag of the newest full release; None when there is none."""
        ...

    def dispatch(self, slug: str, workflow: str, ref: str, inputs: Mapping[str, str]) -> str:
        """Start a workflow by hand. Returns the address of the run, empty when GitHub does not say."""
        ...
