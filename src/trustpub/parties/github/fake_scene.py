"""Setting the scene of the fake GitHub: what stands there before anybody calls. Nothing of this is counted as a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.parties.github.fake_state import (
    Environment,
    OrganizationSecret,
    Owner,
    Plan,
    RefPolicy,
    Repository,
    Ruleset,
    Team,
    Token,
    Visibility,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.parties.github.fake_wire import JSON

OLD = "2024-03-01T09:00:00Z"


class Scene(World):
    """A world with words to fill it. Whatever is added can be changed through the value that is returned."""

    def add_user(self, login: str, *, id: int = 0, plan: Plan = "free") -> Owner:  # noqa: A002
        """Add a person."""
        return self._add_owner(login, "User", id, plan)

    def add_organization(
        self,
        login: str,
        *,
        plan: Plan = "free",
        owners: Sequence[str] = (),
        members: Sequence[str] = (),
        id: int = 0,  # noqa: A002
    ) -> Owner:
        """Add an organisation; people that are not there yet are added, too."""
        owner = self._add_owner(login, "Organization", id, plan)
        for each in (*owners, *members):
            if self.owner(each) is None:
                self.add_user(each)
            owner.members[each.lower()] = "admin" if each in owners else "member"
        return owner

    def add_team(self, organization: str, slug: str, members: Sequence[str] = (), *, id: int = 0) -> Team:  # noqa: A002
        """Add a team; its members become members of the organisation."""
        owner = self._owner(organization)
        for each in members:
            if self.owner(each) is None:
                self.add_user(each)
            owner.members.setdefault(each.lower(), "member")
        team = Team(id or self.number(), owner.login, slug, slug.replace("-", " ").title(), {each.lower() for each in members})
        self.teams[owner.login.lower(), slug.lower()] = team
        return team

    def add_repository(
        self,
        owner: str,
        name: str,
        *,
        visibility: Visibility = "public",
        plan: Plan | None = None,
        created_at: str = OLD,
        default_branch: str = "main",
        id: int = 0,  # noqa: A002
        archived: bool = False,
        fork: bool = False,
        collaborators: Mapping[str, str] | None = None,
        teams: Mapping[str, str] | None = None,
    ) -> Repository:
        """Add a repository. `plan` is its owner's unless it is given; roles are GitHub's own words (`read` ... `admin`)."""
        held = self._owner(owner)
        repository = Repository(
            id or self.number(), held, name, visibility, plan or held.plan, default_branch, created_at, archived, fork
        )
        repository.collaborators.update({login.lower(): role for login, role in (collaborators or {}).items()})
        repository.teams.update({slug.lower(): role for slug, role in (teams or {}).items()})
        repository.branches[default_branch] = "a" * 40
        repository.selected = {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": []}
        self.repositories[repository.slug.lower()] = repository
        return repository

    def add_token(
        self,
        text: str,
        login: str = "",
        *,
        scopes: Sequence[str] | None = None,
        permissions: Mapping[str, str] | None = None,
        repositories: Sequence[str] | None = None,
        installation: bool = False,
        expired: bool = False,
    ) -> Token:
        """Add a token: classic with `scopes` (`repo`, `read:org` and `workflow` if nothing is said), else fine-grained.

        With `installation` it is nobody's: a job's `GITHUB_TOKEN` or an app's, with `permissions` and `repositories` as limits.
        """
        if scopes is None and permissions is None:
            scopes = ("repo", "read:org", "workflow")
        limit = None if repositories is None else frozenset(each.lower() for each in repositories)
        kept = None if permissions is None else {"metadata": "read", **permissions}
        token = Token(text, login, None if kept else tuple(scopes or ()), kept, expired, installation, limit)
        self.tokens[text] = token
        return token

    def add_environment(
        self,
        slug: str,
        name: str,
        *,
        wait_timer: int = 0,
        reviewers: Sequence[str] = (),
        prevent_self_review: bool = False,
        branch_policy: Literal["protected", "custom"] | None = None,
        branches: Sequence[str] = (),
        tags: Sequence[str] = (),
        can_admins_bypass: bool = True,
        apps: Sequence[str] = (),
    ) -> Environment:
        """Add an environment. Reviewers are logins, or `org/team`; patterns make it one that goes by patterns."""
        each = Environment(self.number(), name, self.now(), self.now(), wait_timer)
        each.reviewers = [self._reviewer(reviewer) for reviewer in reviewers]
        each.prevent_self_review, each.can_admins_bypass = prevent_self_review, can_admins_bypass
        each.branch_policy = "custom" if branches or tags else branch_policy
        for kind, patterns in (("branch", branches), ("tag", tags)):
            for pattern in patterns:
                policy = RefPolicy(self.number(), pattern, kind)
                each.policies[policy.id] = policy
        each.apps = {self.number(): app for app in apps}
        self._repository(slug).environments[name.lower()] = each
        return each

    def environment(self, slug: str, name: str) -> Environment:
        """Take an environment that is there, to look at it or to change it behind everybody's back."""
        return self._repository(slug).environments[name.lower()]

    def add_ruleset(
        self,
        where: str,
        name: str,
        *,
        target: str = "tag",
        enforcement: str = "active",
        include: Sequence[str] = ("~ALL",),
        exclude: Sequence[str] = (),
        rules: Sequence[str | Mapping[str, JSON]] = ("creation", "update", "deletion"),
        bypass: Sequence[Mapping[str, JSON]] = (),
    ) -> Ruleset:
        """Add a ruleset to a repository (`owner/name`) or to an organisation (its login)."""
        held = self._repository(where).rulesets if "/" in where else self._owner(where).rulesets
        whole: list[JSON] = [{"type": rule} if isinstance(rule, str) else dict(rule) for rule in rules]
        conditions: JSON = {"ref_name": {"include": list(include), "exclude": list(exclude)}}
        each = Ruleset(
            self.number(), name, target, enforcement, [dict(actor) for actor in bypass], conditions, whole, self.now(), self.now()
        )
        held[each.id] = each
        return each

    def add_secret(self, where: str, name: str, *, environment: str = "", repositories: Sequence[str] | None = None) -> None:
        """Add the name of a secret: to a repository, one of its environments, or an organisation (`where` is its login then)."""
        if "/" not in where:
            limit = None if repositories is None else frozenset(each.lower() for each in repositories)
            self._owner(where).secrets[name] = OrganizationSecret(self.now(), limit)
        elif environment:
            self._repository(where).environments[environment.lower()].secrets[name] = self.now()
        else:
            self._repository(where).secrets[name] = self.now()

    def add_dependabot_secret(self, slug: str, name: str) -> None:
        """Add the name of a secret of Dependabot."""
        self._repository(slug).dependabot_secrets[name] = self.now()

    def rename_repository(self, slug: str, new: str) -> Repository:
        """Rename or move a repository: `new` is a name, or `owner/name`. The old address leads to the new one from now on."""
        repository = self.repositories.pop(self._repository(slug).slug.lower())
        self.renamed[repository.slug.lower()] = repository.id
        owner, _, name = new.rpartition("/")
        repository.owner = self._owner(owner) if owner else repository.owner
        repository.name, repository.renamed_at = name, self.now()
        self.renamed.pop(repository.slug.lower(), None)
        self.repositories[repository.slug.lower()] = repository
        return repository

    def _add_owner(self, login: str, kind: Literal["User", "Organization"], number: int, plan: Plan) -> Owner:
        owner = Owner(number or self.number(), login, kind, plan, OLD)
        self.owners[login.lower()] = owner
        return owner

    def _owner(self, login: str) -> Owner:
        return self.owner(login) or self.add_user(login)

    def _repository(self, slug: str) -> Repository:
        return self.repositories[slug.lower()]

    def _reviewer(self, text: str) -> tuple[str, int]:
        organization, _, slug = text.rpartition("/")
        if organization:
            return "Team", self.teams[organization.lower(), slug.lower()].id
        return "User", self._owner(text).id
