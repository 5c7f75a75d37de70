"""What the fake GitHub holds: accounts, tokens, repositories with all that hangs on them, and who may do what."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.parties.github.fake_wire import JSON

Plan = Literal["free", "pro", "team", "enterprise"]
Visibility = Literal["public", "private", "internal"]
ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""From nothing to everything; each may do what the ones before it may."""
IMMUTABLE_SINCE = "2026-07-15T23:59:59Z"
"""Repositories made or renamed after this day have ids in their `sub`; not on Enterprise Server."""


@dataclass(slots=True)
class Owner:
    """A user or an organisation. `members` and `base_role` are an organisation's."""

    id: int
    login: str
    kind: Literal["User", "Organization"]
    plan: Plan = "free"
    created_at: str = ""
    members: dict[str, Literal["admin", "member"]] = field(default_factory=dict)
    base_role: str = "read"
    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    secrets: dict[str, OrganizationSecret] = field(default_factory=dict)
    default_permissions: str = ""
    """`read` when the organisation forbids more to every `GITHUB_TOKEN`; empty when it lets its repositories choose."""
    may_approve: bool = True
    sub_keys: tuple[str, ...] = ("repo", "context")
    sub_immutable: bool | None = None
    immutable_releases: bool = False
    """Whether the organisation makes every release immutable."""


@dataclass(slots=True)
class Team:
    """A team of an organisation."""

    id: int
    organization: str
    slug: str
    name: str
    members: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Token:
    """A credential. `scopes` make it a classic one, `permissions` a fine-grained one; `installation` a job's or an app's.

    `repositories` limits it, in lower case; None is no limit.
    """

    text: str = field(repr=False)
    login: str
    scopes: tuple[str, ...] | None
    permissions: Mapping[str, str] | None
    expired: bool = False
    installation: bool = False
    repositories: frozenset[str] | None = None

    def may(self, *, scopes: tuple[str, ...], permission: str) -> bool:
        """Whether a classic token has one of the scopes, or another one the permission."""
        if self.scopes is not None:
            return bool(set(scopes) & set(self.scopes))
        return permission in (self.permissions or {})


@dataclass(slots=True)
class OrganizationSecret:
    """A secret of an organisation: `repositories` is None when all of them may use it."""

    updated_at: str
    repositories: frozenset[str] | None = None


@dataclass(slots=True)
class RefPolicy:
    """One pattern of an environment."""

    id: int
    name: str
    type: str


@dataclass(slots=True)
class Environment:
    """An environment. `branch_policy` is None without a restriction, else which of the two kinds holds."""

    id: int
    name: str
    created_at: str
    updated_at: str
    wait_timer: int = 0
    reviewers: list[tuple[str, int]] = field(default_factory=list)
    prevent_self_review: bool = False
    branch_policy: Literal["protected", "custom"] | None = None
    can_admins_bypass: bool = True
    policies: dict[int, RefPolicy] = field(default_factory=dict)
    apps: dict[int, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Ruleset:
    """A ruleset, its parts as they were given."""

    id: int
    name: str
    target: str
    enforcement: str
    bypass_actors: JSON
    conditions: JSON
    rules: JSON
    created_at: str
    updated_at: str


@dataclass(slots=True)
class Workflow:
    """A workflow file. `inputs` are those that a start by hand may give; None when it cannot be started by hand."""

    id: int
    path: str
    inputs: tuple[str, ...] | None = ()


@dataclass(slots=True)
class Run:
    """One run of a workflow."""

    id: int
    number: int
    path: str
    event: str
    branch: str
    sha: str
    status: str
    conclusion: str | None
    actor: str
    created_at: str
    attempt: int = 1
    referenced: tuple[str, ...] = ()


@dataclass(slots=True)
class Annotation:
    """One message beside a job."""

    message: str
    level: str = "failure"
    title: str = ""


@dataclass(slots=True)
class Job:
    """One job of a run. Its number is the number of its check run, too."""

    id: int
    run: int
    name: str
    status: str
    conclusion: str | None
    steps: tuple[tuple[str, str], ...] = ()
    started: bool = True
    log: str | None = None
    log_gone: bool = False
    attempt: int = 1
    annotations: list[Annotation] = field(default_factory=list)


@dataclass(slots=True)
class Tag:
    """A tag. `object` is the annotated tag's own hash, empty for a light one."""

    name: str
    commit: str
    object: str = ""


@dataclass(slots=True)
class Release:
    """A release of a tag."""

    id: int
    tag: str
    created_at: str
    draft: bool = False
    prerelease: bool = False
    immutable: bool = False


@dataclass(slots=True)
class Repository:
    """A repository with everything that hangs on it."""

    id: int
    owner: Owner
    name: str
    visibility: Visibility
    plan: Plan
    default_branch: str
    created_at: str
    archived: bool = False
    fork: bool = False
    renamed_at: str = ""
    collaborators: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    dependabot_secrets: dict[str, str] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)
    """Branches with a classic protection."""
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """What branches hold: by branch and path."""
    tags: dict[str, Tag] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    runs: dict[int, Run] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    actions_enabled: bool = True
    allowed_actions: str = "all"
    sha_pinning: bool = False
    selected: Mapping[str, JSON] = field(default_factory=dict)
    default_permissions: str = "read"
    may_approve: bool = False
    access_level: str = "none"
    sub_default: bool = True
    sub_keys: tuple[str, ...] = ()
    sub_immutable: bool | None = None
    immutable_releases: bool = False

    @property
    def slug(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def private(self) -> bool:
        """Whether strangers see nothing of it."""
        return self.visibility != "public"


class World:
    """All that one GitHub holds. Logins, slugs and names are kept by their lower case, which is how GitHub compares."""

    def __init__(self, clock: Callable[[], float], ghes: str = "") -> None:
        self.clock = clock
        self.ghes = ghes
        self.owners: dict[str, Owner] = {}
        self.teams: dict[tuple[str, str], Team] = {}
        self.tokens: dict[str, Token] = {}
        self.repositories: dict[str, Repository] = {}
        self.renamed: dict[str, int] = {}
        self.omitted_stays = False
        """Whether PUT of an environment leaves alone what it does not name. GitHub promises neither; by default it is reset."""
        self.strangers_refused = False
        """Whether a reviewer who cannot read is refused with 422. By default GitHub leaves them out without a word."""
        self.storage = "https://results-receiver.actions.githubusercontent.com"
        self._numbers = itertools.count(1001)

    @property
    def version(self) -> tuple[int, int] | None:
        """The Enterprise Server's version, None for github.com."""
        major, _, minor = self.ghes.partition(".")
        return (int(major), int(minor.split(".")[0])) if self.ghes else None

    def number(self) -> int:
        """A number that nothing else here has."""
        return next(self._numbers)

    def now(self) -> str:
        """The time as GitHub writes it."""
        return datetime.fromtimestamp(self.clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def owner(self, login: str) -> Owner | None:
        """Find a user or an organisation."""
        return self.owners.get(login.lower())

    def repository(self, slug: str) -> Repository | None:
        """Find a repository by the name it has now."""
        return self.repositories.get(slug.lower())

    def repository_by_id(self, number: int) -> Repository | None:
        """Find a repository by its number."""
        return next((each for each in self.repositories.values() if each.id == number), None)

    def role(self, login: str, repository: Repository) -> str:
        """What a person is in a repository: the most that ownership, membership, teams and invitations give."""
        roles = ["none" if repository.private else "read"]
        login = login.lower()
        if login and login in self.owners:
            if repository.owner.login.lower() == login:
                roles.append("admin")
            if member := repository.owner.members.get(login):
                roles.append("admin" if member == "admin" else repository.owner.base_role)
            roles.append(repository.collaborators.get(login, "none"))
            for slug, role in repository.teams.items():
                if login in self.teams[repository.owner.login.lower(), slug].members:
                    roles.append(role)
        return max(roles, key=ROLES.index)

    def prefix(self, repository: Repository) -> str:
        """How `sub` starts."""
        if self.immutable_subject(repository):
            return f"repo:{repository.owner.login}@{repository.owner.id}/{repository.name}@{repository.id}"
        return f"repo:{repository.slug}"

    def immutable_subject(self, repository: Repository) -> bool:
        """Whether `sub` carries ids: asked for, or the repository was made, renamed or moved after the day it became the rule."""
        if self.version:
            return False
        asked = (repository.sub_immutable, repository.owner.sub_immutable)
        return True in asked or max(repository.created_at, repository.renamed_at) > IMMUTABLE_SINCE


def at_least(role: str, wanted: str) -> bool:
    """Whether a role may do what another may."""
    return ROLES.index(role) >= ROLES.index(wanted)
