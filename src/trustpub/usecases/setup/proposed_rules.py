"""The rules that an environment and the release tags should have, where `trustpub.toml` says nothing of them.

A release leaves by a tag, so the environment of a release admits tags and no branch. A team approves its releases and nobody his
own; one person alone is not asked to approve himself, because that stops nobody who has his account. What GitHub holds already
is kept: the proposal adds to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import MOST_REVIEWERS, DeclaredEnvironment
from trustpub.domain.github_settings import Environment
from trustpub.domain.names import normalize
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput
from trustpub.usecases.setup.github_plan import gate_of, unguarded
from trustpub.usecases.setup.wishes import Proposal, Reason, Wanted, predicted
from trustpub.workflows.writing import trigger_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.wishes import Identity, Wishes
    from trustpub.workflows.predict import Prediction


def with_rules(facts: Facts, wishes: Wishes, declared: Declaration, me: Identity, *, several: bool = False) -> Proposal:
    """Give every environment that a publisher of this repository names its rules, and the release tags theirs."""
    if len(wishes.team) > MOST_REVIEWERS:
        step = "Make a team, and name it as `org/team`"
        raise BadInput(f"{len(wishes.team)} reviewers", why=f"GitHub takes {MOST_REVIEWERS} for an environment", next_step=step)
    if facts.github is not None and (lacking := unguarded(facts.host or "github.com", facts.github)):
        hint = gate_of(facts.host or "github.com", facts.github.repository).hint
        why = f"none is proposed, so whoever can push can publish: {lacking}. {hint}".rstrip(". ")
        return Proposal(declared, () if declared.environments or declared.tag_protect else (Reason("environments", why),))
    team, why = _team(facts, wishes)
    why = _unoffered(facts) if team and _unoffered(facts) else why
    rows: dict[str, list[DeclaredPublisher]] = {}
    for row in declared.publishers:
        if row.environment and me.is_of(row) and declared.environment(row.environment) is None:
            rows.setdefault(row.environment.lower(), []).append(row)
    several = several or len({normalize(row.project) for row in declared.publishers if me.is_of(row)}) > 1
    environments = dict(declared.environments)
    reasons: list[Reason] = []
    for mine in rows.values():
        rules, told = _rules(facts, mine, team, several=several)
        environments[rules.name] = rules
        reasons += [*told, *([Reason("environments.reviewers", why)] if _releases(mine) else [])]
    if unheard := [name for name in wishes.team if not rows and not _reviews(declared, name)]:
        why = f"not changed for {', '.join(unheard)}: the environments are declared already, so write their `reviewers` there"
        reasons.append(Reason("environments.reviewers", why))
    released = tuple(_release_tags(declared._replace(environments=environments), me))
    tags = declared.tag_protect or released
    open_ = [f"`{tag}`" for tag in released if tag not in tags]
    if open_:
        reasons.append(Reason("tags.protect", f"not changed: it does not name {', '.join(open_)}, which may be deployed too"))
    elif tags and not declared.tag_protect:
        reasons.append(Reason("tags.protect", "whoever can make a tag that starts a release can release: administrators alone"))
    return Proposal(declared._replace(environments=environments, tag_protect=tags), tuple(reasons))


def _rules(
    facts: Facts, rows: list[DeclaredPublisher], team: tuple[str, ...], *, several: bool
) -> tuple[DeclaredEnvironment, list[Reason]]:
    name = rows[0].environment
    there = _there(facts, name)
    branches, tags = _refs(facts, rows, several=several)
    strangers = ", ".join(f"`{path}`" for path in _strangers(facts, name)) if there is not None else ""
    if strangers and there is not None and there.policy != "patterns":
        why = (
            f"{strangers} names it too and publishes nothing by it, so no run is shut out: add `tags` or `branches` that fit both"
        )
        guarded = _guarded(facts, DeclaredEnvironment(name), there, team if _releases(rows) else (), releases=_releases(rows))
        return guarded, [Reason(f"environments.{name}", why)]
    if there is not None and there.policy == "patterns" and not isinstance(there.rules, Untold):
        branches += tuple(rule.pattern for rule in there.rules if rule.kind == "branch")
        tags += tuple(rule.pattern for rule in there.rules if rule.kind == "tag")
    rules = DeclaredEnvironment(name, branches=tuple(dict.fromkeys(branches)), tags=tuple(dict.fromkeys(tags)))
    reasons = []
    if _releases(rows) and not branches:
        why = "a tag push is admitted by a tag rule only: a rule for a branch would stop every release by tag"
        reasons.append(Reason("environments.tags", why))
    return _guarded(facts, rules, there, team if _releases(rows) else (), releases=_releases(rows)), reasons


def _unoffered(facts: Facts) -> str:
    """Say why nobody can be made to approve on this plan of GitHub; empty when somebody can, or nobody was asked."""
    if facts.github is None:
        return ""
    gate = gate_of(facts.host or "github.com", facts.github.repository)
    more = ", which has no reviewers" if gate.known else f", and only Enterprise has reviewers there. {gate.hint}".rstrip()
    return "" if gate.reviews else f"nobody: this is {gate.words}{more}"


def _reviews(declared: Declaration, name: str) -> bool:
    """Say whether some declared environment has this reviewer."""
    return any(name.lower() in map(str.lower, rules.reviewers) for rules in declared.environments.values())


def _strangers(facts: Facts, name: str) -> Iterator[str]:
    """Yield the workflows with a job that names an environment though they upload nothing: a rule would stop them as well."""
    uploading = {path for site, _ in facts.sites() for path in (site.workflow.path, site.root.path)}
    for path, workflow in facts.workflows.items():
        named = [job.environment.name.value.lower() for job in workflow.jobs.values() if job.environment is not None]
        if path not in uploading and name.lower() in named:
            yield path


def _guarded(
    facts: Facts, rules: DeclaredEnvironment, there: Environment | None, team: tuple[str, ...], *, releases: bool
) -> DeclaredEnvironment:
    """Add who approves, as far as this plan of GitHub lets anybody; who approves already stays."""
    if facts.github is not None and not gate_of(facts.host or "github.com", facts.github.repository).reviews:
        return rules
    held = tuple(account.login for account in there.reviewers) if there is not None else ()
    wanted = tuple({name.lower(): name for name in (*held, *team)}.values())[:MOST_REVIEWERS]
    return rules._replace(
        reviewers=wanted,
        wait_minutes=there.wait_minutes if there is not None and there.wait_minutes else None,
        prevent_self_review=True if _are_several(team) or (there is not None and there.prevent_self_review) else None,
        admins_bypass=False if releases or (there is not None and there.admins_bypass is False) else None,
    )


def _are_several(reviewers: tuple[str, ...]) -> bool:
    """Say whether somebody is left to approve when one of them made the release; a team is taken for several people."""
    return len(reviewers) > 1 or any("/" in name for name in reviewers)


def _there(facts: Facts, name: str) -> Environment | None:
    found = facts.github.environment(name) if facts.github is not None else None
    return found if isinstance(found, Environment) else None


def _releases(rows: Iterable[DeclaredPublisher]) -> bool:
    """Say whether anything but a test upload goes through an environment."""
    return any(row.index != "testpypi" for row in rows)


def _refs(facts: Facts, rows: list[DeclaredPublisher], *, several: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say which branches and tags have to get through: those of the runs that upload today, else those of a new workflow."""
    uploads = [each for row in rows for each in predicted(facts, row.index, Wanted(row.project, row.path))]
    if uploads := [*uploads, *_beside(facts, rows)]:
        return _of_runs(facts, uploads)
    tags = tuple(dict.fromkeys(_tags(facts, row, several=several) for row in rows))
    if _releases(rows):
        return (), tags
    return (facts.repository.default_branch,), () if several else tags


def _beside(facts: Facts, rows: Iterable[DeclaredPublisher]) -> Iterator[Prediction]:
    """Yield what else goes through the environment of these publishers, or may: its rules would stop that too."""
    for _, predictions in facts.sites():
        for each in predictions:
            for row in rows:
                named = each.environment.lower() == row.environment.lower()
                if each.reached and (named or ("environment" in each.unknown and each.index == row.index)):
                    yield each


def _tags(facts: Facts, row: DeclaredPublisher, *, several: bool) -> str:
    """Name the release tags of a package of a new workflow: the protected ones, its own where there are several packages."""
    if several:
        return f"{normalize(row.project)}-v*"
    return trigger_pattern(facts.declaration.tag_protect[0]) if facts.declaration.tag_protect else "v*"


def _of_runs(facts: Facts, uploads: list[Prediction]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    branches: dict[str, None] = {}
    tags: dict[str, None] = {}
    for each in uploads:
        by_hand = each.event in ("workflow_dispatch", "repository_dispatch", "schedule", "workflow_run")
        tag = each.ref_types == ("tag",) or (each.ref.startswith("refs/tags/") and not by_hand)
        if not tag:
            branches |= dict.fromkeys([facts.repository.default_branch] if by_hand else _patterns(each, facts))
        else:
            tags |= dict.fromkeys(trigger_pattern(pattern) for pattern in each.ref_pattern.split(", "))
    return tuple(branches), tuple(tags)


def _patterns(each: Prediction, facts: Facts) -> list[str]:
    """Write the branches of a trigger as an environment does; one for every branch gets the default branch only."""
    named = [pattern for pattern in each.ref_pattern.split(", ") if pattern.strip("*/")]
    return [trigger_pattern(pattern) for pattern in named] or [facts.repository.default_branch]


def _release_tags(declared: Declaration, me: Identity) -> Iterator[str]:
    """Yield the tags that release: what the environments of releases admit, but for all of them."""
    found: dict[str, None] = {}
    for row in declared.publishers:
        rules = declared.environment(row.environment) if row.index != "testpypi" and me.is_of(row) else None
        found |= dict.fromkeys(tag for tag in (rules.tags if rules is not None else ()) if tag.strip("*/"))
    yield from found


def _team(facts: Facts, wishes: Wishes) -> tuple[tuple[str, ...], str]:
    """Say who approves releases, and why: those that were named, else the maintainers whom GitHub names, else nobody."""
    alone = "one person alone approves nothing: that would stop nobody who has the account; name reviewers when you are several"
    if wishes.team and wishes.solo is not True:
        return wishes.team, "as you named them; nobody approves a release of his own"
    people = facts.github.people if facts.github is not None else ()
    if wishes.solo is True:
        return (), alone
    if isinstance(people, Untold):
        return (), f"nobody, because GitHub did not tell who there is ({people}): name the reviewers when you are several"
    leading = [each.account for each in people if each.role in ("admin", "maintain")]
    teams = [account.login for account in leading if account.kind == "Team"]
    users = [account.login for account in leading if account.kind == "User" and not account.login.endswith("[bot]")]
    if len(users) < 2:
        return (), alone
    chosen = tuple(teams or users)[:MOST_REVIEWERS]
    return chosen, "those who maintain this repository, as GitHub names them; nobody approves a release of his own"
