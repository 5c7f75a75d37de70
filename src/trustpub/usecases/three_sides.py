"""Ask the other two sides: GitHub for the repository's settings, the indexes for the projects and their publishers.

What they do not tell stays `Untold`; a party that cannot be reached is named, and hides nothing of what the others say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES, DeclaredEnvironment
from trustpub.domain.github_settings import GitHubSide
from trustpub.domain.index_project import IndexProject, IndexSide
from trustpub.domain.names import normalize
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Unreachable
from trustpub.record import NamedTuple
from trustpub.usecases.report import NotKnown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trustpub.domain.declaration import Declaration
    from trustpub.domain.github_settings import Environment, Hosted, Run
    from trustpub.domain.index_project import Attested
    from trustpub.parties.github.port import GitHub
    from trustpub.parties.index.addresses import Addresses
    from trustpub.parties.index.port import Index, Registrar
    from trustpub.rules.facts import Facts
    from trustpub.usecases.outside import Outside
    from trustpub.workflows.contexts import Repository

RECENT = 2
"""Of how many of the newest versions the provenance is read."""


class Parties(NamedTuple):
    """Whom to ask. `github` is None when the remote is no GitHub; `registrars` are the indexes that let themselves be managed."""

    github: GitHub | None
    indexes: Mapping[str, Index]
    registrars: Mapping[str, Registrar]


class Sides(NamedTuple):
    """What the two sides told at `now`. `unreachable` are sentences on the parties that did not answer."""

    repository: Repository | None
    github: GitHubSide | None
    indexes: Mapping[str, IndexSide]
    now: float
    unknown: tuple[NotKnown, ...] = ()
    unreachable: tuple[str, ...] = ()

    def in_force(self, declared: Declaration) -> Declaration:
        """Put the environments as GitHub has them in the place of the declared ones, wherever their rules are known to the last.

        An environment that does not exist has no rules: the first run that names it makes it.
        """
        told = self.github.environments if self.github is not None else None
        if told is None or isinstance(told, Untold):
            return declared
        real = {each.name: _rules(each) for each in told.values()}
        known = {name: rules for name, rules in real.items() if rules is not None}
        unknown = {name.lower() for name, rules in real.items() if rules is None}
        kept = {name: rules for name, rules in declared.environments.items() if name.lower() in unknown}
        return declared._replace(environments={**kept, **known})

    def attached(self, facts: Facts) -> Facts:
        """Put what was told beside what the files say."""
        return facts._replace(github=self.github, indexes=self.indexes, now=self.now)


def _rules(environment: Environment) -> DeclaredEnvironment | None:
    """Write an environment as a declaration would; None where that cannot be said or is not known."""
    if isinstance(environment.rules, Untold) or environment.policy == "protected":
        return None
    if environment.policy == "patterns" and not environment.rules:
        return None  # no ref at all: a declaration without patterns would mean every one
    rules = environment.rules if environment.policy == "patterns" else ()
    branches, tags = (tuple(rule.pattern for rule in rules if rule.kind == kind) for kind in ("branch", "tag"))
    reviewers = tuple(account.login for account in environment.reviewers)
    return DeclaredEnvironment(environment.name, reviewers, environment.wait_minutes or None, branches, tags)


def parties_of(
    facts: Facts, outside: Outside, addresses: Addresses, names: Iterable[str] | None = None, github: GitHub | None = None
) -> Parties:
    """Choose whom to ask about a checkout: its GitHub, and the indexes of these names.

    Without names they are all that it uploads to or declares publishers on. `github` is a client that was made before: its token
    is not looked for again.
    """
    from trustpub.parties.index.client import addresses_of, index_of
    from trustpub.parties.index.registrar import ApiRegistrar

    declared = facts.declaration
    indexes: dict[str, Index] = {}
    registrars: dict[str, Registrar] = {}
    for name in index_names(facts) if names is None else names:
        token = None
        if name not in PUBLIC_INDEXES:
            base = addresses_of(name, declared, addresses).web
            token = outside.environment.get(token_variable(base)) or None
            registrars[name] = ApiRegistrar(name, base, outside.send, token)
        indexes[name] = index_of(name, declared, addresses, outside.send, token)
    return Parties(github or github_of(facts, outside), indexes, registrars)


def github_of(facts: Facts, outside: Outside) -> GitHub | None:
    """Make the client of the GitHub that the remote names, None when the remote is not known to be one."""
    from trustpub.parties.github.api import api_of, is_github
    from trustpub.parties.github.client import Client
    from trustpub.parties.github.etags import Etags
    from trustpub.parties.github.token import find_token

    if not facts.repository.slug or not is_github(facts.host or "github.com", outside.environment):
        return None
    host = facts.host or "github.com"
    return Client(
        host,
        outside.send,
        find_token(host, outside.environment, outside.run),
        api=api_of(host, outside.environment),
        clock=outside.clock,
        sleep=outside.sleep,
        say=outside.say,
        etags=Etags(f"{outside.cache}/github"),
    )


def token_variable(base: str) -> str:
    """Name the environment variable with the API token for an index of one's own.

    It goes by the host, not by the name in `trustpub.toml`: whoever writes that file must not choose where a token is sent.
    `https://my-index.example:8443/` has `TRUSTPUB_TOKEN_MY__INDEX_EXAMPLE_8443`.
    """
    from urllib.parse import urlsplit

    return f"TRUSTPUB_TOKEN_{re.sub(r'[^A-Z0-9_]', '_', urlsplit(base).netloc.upper().replace('-', '__'))}"


def index_names(facts: Facts) -> list[str]:
    """List the indexes that are uploaded to or declared on, TestPyPI first and PyPI last; only those whose address is known."""
    known = {*PUBLIC_INDEXES, *facts.declaration.indexes}
    found = [each.index for one in facts.uploads for each in one.predictions if each.index]
    names = dict.fromkeys(name for name in (*found, *(row.index for row in facts.declaration.publishers)) if name in known)
    return sorted(names, key=lambda name: (name == "pypi", name != "testpypi"))


def read(facts: Facts, parties: Parties, now: float) -> Sides:
    """Ask everything that a rule or a plan may want to know."""
    unknown: list[NotKnown] = []
    unreachable: list[str] = []
    github = None
    if parties.github is not None:
        try:
            github = _github(parties.github, facts, unknown)
        except Unreachable as problem:
            unreachable.append(f"{'' if str(problem).startswith('GitHub') else 'GitHub: '}{problem}")
    elif facts.host:
        unknown.append(NotKnown("GitHub's settings", f"`{facts.host}` is not known to be a GitHub", ""))
    indexes = _indexes(facts, parties, unreachable)
    unknown += _untold_of_github(github) if github is not None else ()
    unknown += [row for side in indexes.values() for row in _untold_of_index(side)]
    repository = _identity(facts, github.repository) if github is not None else None
    return Sides(repository, github, indexes, now, tuple(dict.fromkeys(unknown)), tuple(unreachable))


def with_new_indexes(sides: Sides, facts: Facts, parties: Parties) -> Sides:
    """Ask the indexes, too, that only a declaration made since then names, and again those on which it names other projects."""
    silent = {each.partition(":")[0] for each in sides.unreachable}
    wanted = {name: {normalize(project) for project in _projects(name, facts)} for name in parties.indexes}
    asked = {*silent, *(name for name, side in sides.indexes.items() if wanted.get(name, set()) <= side.projects.keys())}
    unreachable = list(sides.unreachable)
    new = parties._replace(indexes={name: each for name, each in parties.indexes.items() if name not in asked})
    more = _indexes(facts, new, unreachable)
    unknown = tuple(dict.fromkeys((*sides.unknown, *(row for side in more.values() for row in _untold_of_index(side)))))
    return sides._replace(indexes={**sides.indexes, **more}, unknown=unknown, unreachable=tuple(unreachable))


def _indexes(facts: Facts, parties: Parties, unreachable: list[str]) -> dict[str, IndexSide]:
    """Ask every index; one that does not answer is named and left out."""
    sides: dict[str, IndexSide] = {}
    for name, index in parties.indexes.items():
        try:
            sides[name] = _index(index, parties.registrars.get(name), facts)
        except Unreachable as problem:
            unreachable.append(f"{name}: {problem}")
    return sides


def _identity(facts: Facts, hosted: Hosted) -> Repository:
    """GitHub's own spelling and numbers, which is what the claims will carry."""
    return facts.repository._replace(
        owner=hosted.owner.login, name=hosted.name, owner_id=hosted.owner.id, id=hosted.id, default_branch=hosted.default_branch
    )


def _github(github: GitHub, facts: Facts, unknown: list[NotKnown]) -> GitHubSide | None:
    slug = facts.repository.slug
    hosted = github.repository(slug)
    if hosted is None or isinstance(hosted, Untold):
        why = f"GitHub knows no `{slug}`, or does not show it to {'this token' if github.signed_in else 'strangers'}"
        step = hosted.permission if isinstance(hosted, Untold) else ""
        unknown.append(NotKnown("GitHub's settings", hosted.why if isinstance(hosted, Untold) else why, step))
        return None
    slug = hosted.slug
    environments = github.environments(slug)
    names = [] if isinstance(environments, Untold) else [each.name for each in environments.values()]
    secrets, secrets_untold = github.secrets(slug, names)
    asker = github.asker() if github.signed_in else None
    return GitHubSide(
        repository=hosted,
        environments=environments,
        rulesets=github.rulesets(slug),
        actions=github.actions(slug),
        subject=github.subject(slug),
        immutable_releases=github.immutable_releases(slug),
        secrets=secrets,
        secrets_untold=secrets_untold,
        people=github.people(slug),
        branch=github.branch(slug, hosted.default_branch),
        asker=None if isinstance(asker, Untold) else asker,
    )


_RUN = r"/actions/runs/([0-9]+)"


def _releases(github: GitHub, side: GitHubSide, indexes: Iterable[IndexSide]) -> GitHubSide:
    """Ask for the tags and the runs that the provenance of newest releases names, as far as they are this repository's."""
    slug = side.repository.slug
    tags: dict[str, str | Untold | None] = {}
    runs: dict[str, Run | Untold | None] = {}
    for each in indexes:
        for project in each.projects.values():
            for who in _newest(project) if isinstance(project, IndexProject) else ():
                tag = who.claim("ref").removeprefix("refs/tags/")
                number = re.search(_RUN, who.claim("run"))
                if who.repository.lower() != slug.lower():
                    continue
                if tag != who.claim("ref") and tag not in tags:
                    tags[tag] = github.tag_commit(slug, tag)
                if number is not None and number[1] not in runs:
                    runs[number[1]] = github.run(slug, number[1])
    return side._replace(tags=tags, runs=runs)


def _newest(project: IndexProject) -> tuple[Attested, ...]:
    """Who published the last file of a project."""
    told = project.provenance.get(project.files[-1].filename) if project.files else None
    return () if told is None or isinstance(told, Untold) else told


def _index(index: Index, registrar: Registrar | None, facts: Facts) -> IndexSide:
    projects: dict[str, IndexProject | Untold | None] = {}
    for name in _projects(index.name, facts):
        found = index.project(name)
        projects[normalize(name)] = _with_provenance(index, found) if isinstance(found, IndexProject) else found
    why = Untold("only a project's owners see its publishers")
    registered = why if registrar is None else registrar.registered(projects)
    return IndexSide(index.name, index.audience(), projects, registered)


def _projects(index: str, facts: Facts) -> list[str]:
    """List the projects that are uploaded to this index or declared on it."""
    uploaded = [each.project for one in facts.uploads for each in one.predictions if each.index == index and each.project]
    return list(dict.fromkeys([*uploaded, *(row.project for row in facts.declaration.publishers if row.index == index)]))


def _with_provenance(index: Index, project: IndexProject) -> IndexProject:
    """Read who published the files of the newest versions."""
    versions = list(dict.fromkeys(file.version for file in project.files))[-RECENT:]
    recent = [file for file in project.files if file.version in versions and file.provenance is not None]
    return project._replace(provenance={file.filename: index.provenance(project.name, file) for file in recent})


def _untold_of_github(side: GitHubSide) -> Iterator[NotKnown]:
    """List what GitHub did not tell."""
    asked = {
        "the environments": side.environments,
        "the rulesets": side.rulesets,
        "the Actions settings": side.actions,
        "how `sub` is made": side.subject,
        "whether releases are immutable": side.immutable_releases,
        "who may push": side.people,
        "the rules of the default branch": side.branch,
    }
    yield from (NotKnown(about, value.why, value.permission) for about, value in asked.items() if isinstance(value, Untold))
    yield from (NotKnown("the names of secrets", value.why, value.permission) for value in side.secrets_untold)
    environments = () if isinstance(side.environments, Untold) else side.environments.values()
    for environment in environments:
        for value in (environment.rules, environment.apps):
            if isinstance(value, Untold):
                yield NotKnown(f"the rules of the environment `{environment.name}`", value.why, value.permission)


def _untold_of_index(side: IndexSide) -> Iterator[NotKnown]:
    """List what an index did not tell. That PyPI shows no publishers is said by the row of acceptance."""
    if isinstance(side.audience, Untold):
        yield NotKnown(f"Trusted Publishing on {side.name}", side.audience.why, "")
    if isinstance(side.registered, Untold) and side.name not in PUBLIC_INDEXES:
        yield NotKnown(f"the publishers on {side.name}", side.registered.why, side.registered.permission)
    for name, project in side.projects.items():
        if isinstance(project, Untold):
            yield NotKnown(f"the project `{name}` on {side.name}", project.why, project.permission)


def only(names: Iterable[str], parties: Parties) -> Parties:
    """Keep the indexes that are asked for. Raises `BadInput` for one that is not there."""
    wanted = list(names)
    for name in wanted:
        if name not in parties.indexes:
            there = ", ".join(f"`{each}`" for each in parties.indexes)
            step = f"There is: {there}" if there else "Declare it in `trustpub.toml`"
            raise BadInput(f"--index `{name}`", why="nothing is published there", next_step=step)
    return parties._replace(indexes={name: parties.indexes[name] for name in wanted})
