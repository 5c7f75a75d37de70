"""What GitHub and the indexes told, for the tests of the rules that look at it: a repository in good order, to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.github_settings import (
    Account,
    ActionsPolicy,
    BranchGuard,
    Bypass,
    Environment,
    GitHubSide,
    Hosted,
    Person,
    RefRule,
    Ruleset,
    Subject,
)
from trustpub.domain.index_project import Attested, IndexFile, IndexProject, IndexSide, Registered
from trustpub.domain.publishers import publisher
from trustpub.domain.untold import Untold

if TYPE_CHECKING:
    from trustpub.rules.facts import Facts

UNTOLD = Untold("GitHub does not say", "Administration: read")
DAY = 86_400
NOW = 1_795_305_600.0  # 2026-11-22
ALICE, BOB = Account("alice", "1", "User"), Account("bob", "2", "User")
TEAM = Account("octo/core", "3", "Team")
OWNER = Account("octo", "7", "Organization")
REPOSITORY = Hosted(OWNER, "tool", "70", "public", "main", plan="team")
TAGS_ONLY = (RefRule("tag", "v*", "11"),)
GUARDED = Environment(
    "pypi", "5", reviewers=(ALICE, BOB), prevent_self_review=True, policy="patterns", rules=TAGS_ONLY, admins_bypass=False
)
OPEN = Environment("pypi", "5")
ADMINS = Bypass("RepositoryRole", "5")
PROTECTED = Ruleset(
    "9", "releases", "tag", "active", ("refs/tags/v*",), (), ("creation", "update", "deletion"), bypass=(ADMINS,)
)  # fmt: skip
PEOPLE = (Person(ALICE, "admin"), Person(BOB, "write"))
ACTIONS = ActionsPolicy(enabled=True, allowed="all", default_permissions="read")
MAIN = BranchGuard("main", ("pull_request", "deletion"), code_owners=True)
IN_ORDER = GitHubSide(
    REPOSITORY,
    {"pypi": GUARDED},
    (PROTECTED,),
    ACTIONS,
    Subject(use_default=True, immutable=False),
    immutable_releases=True,
    secrets=(),
    secrets_untold=(),
    people=PEOPLE,
    branch=MAIN,
    asker=ALICE,
)


def github(*environments: Environment) -> GitHubSide:
    """A GitHub in good order but for its environments."""
    return IN_ORDER._replace(environments={each.name.lower(): each for each in environments})


OURS = Attested(
    "GitHub",
    "octo/tool",
    "release.yml",
    "pypi",
    (("ref", "refs/tags/v1.2.3"), ("event_name", "push"), ("repository_id", "70"), ("repository_owner_id", "7")),
)


def file(name: str, version: str, days: float = 1, attested: bool | None = True) -> IndexFile:
    """A file that was uploaded some days ago."""
    provenance = None if attested is None else f"https://pypi.example/integrity/{name}" if attested else ""
    return IndexFile(name, version, NOW - days * DAY, provenance=provenance)


def project(*files: IndexFile, by: tuple[Attested, ...] | Untold = (OURS,)) -> IndexProject:
    """The project `tool`; files with provenance have that of `by`."""
    there = files or (file("tool-1.2.2.tar.gz", "1.2.2"),)
    provenance = {each.filename: by if each.provenance else () for each in there if each.provenance is not None}
    return IndexProject("tool", "active", there, there[-1].version, (("alice", "Owner"),), provenance=provenance)


def index(told: IndexProject | Untold | None, name: str = "pypi", *rows: Registered) -> IndexSide:
    """An index that was asked about `tool`; one that is not PyPI's lists its publishers."""
    own = name not in ("pypi", "testpypi")
    return IndexSide(name, name, {"tool": told}, rows if own else Untold("only a project's owners see its publishers"))


def registered(project: str = "tool", pending: bool = False, **changes: str) -> Registered:
    """A publisher on an index of one's own."""
    row = {"repository_owner": "octo", "repository_owner_id": "7", "repository_name": "tool"}
    row |= {"workflow_filename": "release.yml", "environment": "pypi"}
    return Registered("r1", project, publisher("github", row | changes), pending)


def online(seen: Facts, side: GitHubSide | None = IN_ORDER, *indexes: IndexSide) -> Facts:
    """Put what the other sides told beside a checkout."""
    return seen._replace(github=side, indexes={each.name: each for each in indexes}, now=NOW)
