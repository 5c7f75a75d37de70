"""Who can publish, with the names that GitHub and the indexes told: what `powers` says of the files, and who is meant by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.domain.untold import Untold
from trustpub.rules.in_force import known, of_github
from trustpub.rules.on_index import published
from trustpub.rules.pushers import administrators, pushers
from trustpub.rules.tag_rulesets import holds
from trustpub.rules.tags_locked import locks
from trustpub.rules.tags_unprotected import starting
from trustpub.rules.wording import listed, quoted
from trustpub.workflows.powers import Asked, powers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.github_settings import Bypass, Environment, GitHubSide, Person, Ruleset
    from trustpub.rules.facts import Facts


def who(facts: Facts) -> tuple[str, ...]:
    """Say who can publish: by the files, and by what GitHub and the indexes told where they were asked."""
    side = facts.github
    real = _gates(facts, side) if side is not None else {}
    told = [*powers(facts.uploads, facts.declaration, real)]
    if side is not None and told:
        told += [_write_access(side), *_bypassing(facts, side), *_tags(facts, side)]
    return (*told, *_on_indexes(facts))


def _gates(facts: Facts, side: GitHubSide) -> dict[str, Asked]:
    """Put into words what GitHub's environments ask for. One that is not there asks for nothing."""
    named = {each.environment.lower() for one in facts.uploads for each in one.predictions if each.environment}
    if isinstance(side.environments, Untold):
        undeclared = [name for name in named if facts.declaration.environment(name) is None]
        return dict.fromkeys(undeclared, Asked(("asks for what GitHub did not tell",), str(side.environments)))
    missing = Asked((), "GitHub has none of that name: the first job that names it makes it")
    real = {name: Asked(tuple(in_words(each)), "as GitHub has it") for name, each in side.environments.items()}
    return dict.fromkeys(named, missing) | real


def in_words(environment: Environment) -> Iterator[str]:
    """Say what an environment asks for, each as what it does: `waits 5 minutes`."""
    rules = of_github(environment)
    if rules.reviewers:
        self_review = " other than whoever started it" if environment.prevent_self_review else ""
        yield f"needs the approval of {quoted(rules.reviewers, 'or')}{self_review}"
    if environment.wait_minutes:
        yield f"waits {environment.wait_minutes} minutes"
    if not isinstance(environment.apps, Untold) and environment.apps:
        yield f"asks the app {quoted(environment.apps)}"
    if environment.policy == "protected":
        yield "lets only protected branches deploy"
    elif rules.refs == "patterns":
        allowed = [f"tags {quoted(rules.tags)}"] if rules.tags else []
        allowed += [f"branches {quoted(rules.branches)}"] if rules.branches else []
        yield f"lets only {listed(allowed)} deploy" if allowed else "lets nothing deploy, its list of refs being empty"
    elif rules.refs == "unknown":
        yield "lets only some refs deploy, which GitHub did not tell"


def _write_access(side: GitHubSide) -> str:
    slug = side.repository.slug
    if isinstance(side.people, Untold):
        return f"write access to `{slug}`: GitHub did not tell who has it: {side.people}"
    people = pushers(side) or ()
    return f"write access to `{slug}` {'has' if len(people) == 1 else 'have'} {_people(people) or 'nobody that GitHub names'}"


def _people(people: tuple[Person, ...]) -> str:
    return listed(f"{'the team ' if one.account.kind == 'Team' else ''}`{one.account.login}` ({one.role})" for one in people)


def _bypassing(facts: Facts, side: GitHubSide) -> Iterator[str]:
    """Say of each environment on the way who may pass its rules."""
    names = dict.fromkeys(each.environment.lower() for _, found in facts.trusted() for each in found if each.environment)
    for name in names:
        environment = known(side, name)
        if environment is not None and environment.admins_bypass and [*in_words(environment)]:
            admins = _people(administrators(side))
            yield f"administrators may pass the rules of the environment `{environment.name}`{f': {admins}' if admins else ''}"


def _tags(facts: Facts, side: GitHubSide) -> Iterator[str]:
    """Say who may make the tags that start a release."""
    if isinstance(side.rulesets, Untold):
        if any(True for _ in starting(facts)):
            yield f"who may make the tags that start a release: GitHub did not tell: {side.rulesets}"
        return
    for start in starting(facts):
        tags, ref = f"tags `{start.pattern}`", start.ref
        guards = [
            each for each in side.rulesets if each.enforcement == "active" and holds(each, ref) and "creation" in each.rules
        ]
        if not guards:
            yield f"{tags} can be made by everybody with write access"
        elif lock := next((each for each in guards if locks(each, ref)), None):
            yield f"{tags} can be made by nobody: the ruleset `{lock.name}` lets nobody pass"
        else:
            yield f"{tags} can be made only by {listed(_passing(side, each) for each in guards)}"


def _passing(side: GitHubSide, ruleset: Ruleset) -> str:
    """Say whom a ruleset lets pass."""
    whose = f"the ruleset `{ruleset.name}`"
    if isinstance(ruleset.bypass, Untold):
        return f"those whom {whose} lets pass, which GitHub did not tell"
    passing = listed((_named(side, each) for each in ruleset.bypass if each.mode != "pull_request"), "or")
    return f"{passing}, whom {whose} lets pass"


_ROLES = {"5": "admin", "4": "write", "2": "maintain"}
"""GitHub's numbers of the roles in a repository."""


def _named(side: GitHubSide, bypass: Bypass) -> str:
    """Name who is meant by an entry of a ruleset's list, as far as the people of the repository tell."""
    people = pushers(side) or ()
    if bypass.kind == "RepositoryRole" and bypass.id in _ROLES:
        role = _ROLES[bypass.id]
        names = quoted(one.account.login for one in people if one.role == role)
        return f"the role {role}{f' ({names})' if names else ''}"
    if bypass.kind == "OrganizationAdmin":
        return f"the owners of `{side.repository.owner.login}`"
    if bypass.kind == "DeployKey":
        return "deploy keys"
    kinds = {"Team": "Team", "User": "User"}
    found = next((one for one in people if one.account.id == bypass.id and one.account.kind == kinds.get(bypass.kind)), None)
    if found is not None:
        return _people((found,))
    return f"the {'app' if bypass.kind == 'Integration' else bypass.kind.lower()} with the number {bypass.id}"


def _on_indexes(facts: Facts) -> Iterator[str]:
    """Say who can upload past the workflows here: accounts with tokens of their own, and other publishers."""
    for each in published(facts):
        owners = () if each.there is None or isinstance(each.there.owners, Untold) else each.there.owners
        names = listed(f"`{user}` ({role})" for user, role in owners)
        if names:
            yield f"{each.index} (`{each.project}`): {names} can upload with API tokens of their own, past every workflow"
        rows = () if isinstance(each.side.registered, Untold) else each.side.registered
        mine = [row for row in rows if normalize(row.project) == normalize(each.project)]
        if mine:
            shown_rows = listed(f"{row.publisher.specifier}{' (pending)' if row.pending else ''}" for row in mine)
            yield f"{each.index} (`{each.project}`) lists as publishers: {shown_rows}"
