"""What GitHub holds of one repository: values as they were read, without judgement.

Where GitHub did not answer, the value is `Untold`, which is not the same as empty. Ids are texts, as the claims have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.domain.untold import Untold
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

RefKind = Literal["branch", "tag"]


class Account(NamedTuple):
    """A user, an organisation or a team. A team's `login` is `org/slug`."""

    login: str
    id: str
    kind: Literal["User", "Organization", "Team"]


class Hosted(NamedTuple):
    """A repository's identity, in GitHub's own spelling.

    `may` are the rights of whoever asked (`admin`, `maintain`, `push`, `triage`, `pull`), empty when nobody was signed in.
    `renamed_from` is the `owner/name` that was asked for when GitHub led elsewhere. `plan` is the owner's plan (`free`, `pro`,
    `team`, `enterprise`), empty when it was not told.
    """

    owner: Account
    name: str
    id: str
    visibility: Literal["public", "private", "internal"]
    default_branch: str
    may: tuple[str, ...] = ()
    renamed_from: str = ""
    plan: str = ""
    archived: bool = False
    fork: bool = False
    created_at: str = ""

    @property
    def slug(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"


class RefRule(NamedTuple):
    """One deployment rule of an environment: a pattern of branches or of tags. `id` is empty before GitHub has given one."""

    kind: RefKind
    pattern: str
    id: str = ""


class Environment(NamedTuple):
    """One environment with every rule.

    `policy` says which refs may deploy: `all`, `protected` branches only, or those of the `patterns`. `rules` are meant only
    with `patterns`. `prevent_self_review` is None where it cannot be read (without reviewers), `admins_bypass` where GitHub does
    not tell it (an old Enterprise Server). `apps` are custom protection rules, by the app's slug.
    """

    name: str
    id: str = ""
    reviewers: tuple[Account, ...] = ()
    prevent_self_review: bool | None = None
    wait_minutes: int = 0
    policy: Literal["all", "protected", "patterns"] = "all"
    rules: tuple[RefRule, ...] | Untold = ()
    admins_bypass: bool | None = None
    apps: tuple[str, ...] | Untold = ()


class Bypass(NamedTuple):
    """Who may pass a ruleset: `kind` as GitHub says it (`OrganizationAdmin`, `RepositoryRole`, `Team`, `Integration`, ...)."""

    kind: str
    id: str
    mode: str = "always"


class Ruleset(NamedTuple):
    """One ruleset. `include` and `exclude` are full ref patterns (`refs/tags/v*`, `~ALL`), `rules` the types of its rules.

    `source` says whose it is: `Repository`, `Organization` or `Enterprise`. `bypass` is Untold for those who may not edit it.
    """

    id: str
    name: str
    target: str
    enforcement: Literal["active", "evaluate", "disabled"]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: tuple[str, ...]
    bypass: tuple[Bypass, ...] | Untold
    source: str = "Repository"


class ActionsPolicy(NamedTuple):
    """Whether Actions run here, which actions may be used, and what a job's `GITHUB_TOKEN` may do by default.

    `patterns` is meant only with `allowed == "selected"`.
    """

    enabled: bool
    allowed: Literal["all", "local_only", "selected"]
    github_owned: bool = True
    verified: bool = False
    patterns: tuple[str, ...] = ()
    sha_pinning: bool = False
    default_permissions: Literal["read", "write", ""] = ""
    may_approve: bool | None = None


class Subject(NamedTuple):
    """How `sub` is made. `prefix` is the current one (`repo:OWNER/REPO`, or with ids), empty when it was not told."""

    use_default: bool
    keys: tuple[str, ...] = ()
    immutable: bool | None = None
    prefix: str = ""


class Secret(NamedTuple):
    """The name of a secret, never its value. `where` is `repository`, `organization`, `dependabot` or `environment NAME`."""

    name: str
    where: str
    updated_at: str = ""


class Person(NamedTuple):
    """Somebody (or a team) with rights in the repository. `role` is GitHub's: `admin`, `maintain`, `write`, `triage`, `read`."""

    account: Account
    role: str


class BranchGuard(NamedTuple):
    """What the rules of the default branch ask of a push: the types of the rules in force (`pull_request`, `update`, ...)."""

    branch: str
    rules: tuple[str, ...]
    code_owners: bool = False
    """Whether a pull request needs the review of a code owner."""


class Run(NamedTuple):
    """One run of a workflow. `path` is the workflow file, `branch` the short name of the branch or tag."""

    id: str
    path: str
    event: str
    branch: str
    sha: str
    status: str
    conclusion: str
    attempt: int = 1
    actor: str = ""
    created_at: str = ""
    url: str = ""


class RunJob(NamedTuple):
    """One job of a run. `started` is false when no runner ever took it."""

    id: str
    name: str
    status: str
    conclusion: str
    started: bool
    steps: tuple[tuple[str, str], ...] = ()
    """Name and conclusion of each step."""


class Annotation(NamedTuple):
    """One message that GitHub left beside a job: environment rejections and start-up errors stand only here."""

    level: str
    title: str
    message: str


class GitHubSide(NamedTuple):
    """Everything that GitHub told of one repository. `environments` go by their name in lower case, which is how GitHub compares.

    An environment that a workflow names and that is missing in a told mapping does not exist. `secrets_untold` says which
    lists of secrets could not be read.

    `tags` and `runs` are only those that a newest release names: the commit of a tag, and a run by its number; None for what is
    not there any more.
    """

    repository: Hosted
    environments: Mapping[str, Environment] | Untold
    rulesets: tuple[Ruleset, ...] | Untold
    actions: ActionsPolicy | Untold
    subject: Subject | Untold
    immutable_releases: bool | Untold
    secrets: tuple[Secret, ...]
    secrets_untold: tuple[Untold, ...]
    people: tuple[Person, ...] | Untold
    branch: BranchGuard | Untold
    asker: Account | None = None
    """Who asked, None when nobody was signed in."""
    tags: Mapping[str, str | Untold | None] = {}
    runs: Mapping[str, Run | Untold | None] = {}

    def environment(self, name: str) -> Environment | Untold | None:
        """Find an environment as GitHub does, without case; None when there is none."""
        return self.environments if isinstance(self.environments, Untold) else self.environments.get(name.lower())
