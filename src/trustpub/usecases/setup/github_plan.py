"""What GitHub lets this repository have, by its visibility and its owner's plan, and who may change it.

A key that a plan refuses is never sent: on a private repository GitHub refuses the whole request for it, defaults included.
Mirrors: GitHub's table of what environments and rulesets offer on each plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold

if TYPE_CHECKING:
    from trustpub.domain.declaration import Declaration, DeclaredEnvironment
    from trustpub.domain.github_settings import GitHubSide, Hosted
    from trustpub.parties.github.port import GitHub

_PAID = ("pro", "team", "enterprise")


@dataclass(frozen=True, slots=True)
class Gate:
    """What this repository may have.

    `environments` with a policy of branches and tags; `reviews` is what goes beyond it: reviewers, a wait timer, bypass by
    administrators; `rulesets`; `known` is false when a private repository's plan was not told, and then only what every paid
    plan has counts as allowed. `words` names the repository's kind and plan, `hint` says how the plan could be told.
    """

    environments: bool
    reviews: bool
    rulesets: bool
    known: bool
    words: str
    hint: str = ""


def gate_of(host: str, repository: Hosted) -> Gate:
    """Say what a repository may have. Whatever is not on GitHub's own hosts is an Enterprise Server, and has everything."""
    kind, plan = repository.visibility, repository.plan.lower()
    if kind == "public":
        return Gate(True, True, True, True, "a public repository")
    if kind == "internal" or plan == "enterprise" or (host != "github.com" and not host.endswith(".ghe.com")):
        return Gate(True, True, True, True, f"a{'n' if kind == 'internal' else ''} {kind} repository of GitHub Enterprise")
    if plan == "free":
        return Gate(False, False, False, True, "a private repository on GitHub Free")
    if plan in _PAID:
        return Gate(True, False, True, True, f"a private repository on GitHub {plan.capitalize()}")
    hint = "As an owner, let GitHub tell the plan and run it again: `gh auth refresh -s admin:org`"
    words = "a private repository whose plan GitHub did not tell"
    return Gate(True, False, True, False, words, hint if repository.owner.kind == "Organization" else "")


def unguarded(host: str, side: GitHubSide) -> str:
    """Say why nobody can have environments and rulesets here, for certain or as it seems; empty when they can be had.

    A ruleset is shown to whoever sees the repository: where neither it nor environments are shown to an administrator, no
    permission is lacking, but most likely the plan.
    """
    gate = gate_of(host, side.repository)
    if not gate.environments:
        return f"{gate.words} has neither environments nor rulesets"
    hidden = isinstance(side.environments, Untold) and isinstance(side.rulesets, Untold)
    if gate.known or not hidden or "admin" not in side.repository.may:
        return ""
    return (
        "GitHub shows even its administrator neither environments nor rulesets, and did not tell the plan: most likely it is "
        "GitHub Free, which has neither in a private repository"
    )


def may_not(github: GitHub, repository: Hosted) -> str:
    """Say why whoever asks cannot change the settings of a repository, and what to do; empty when nothing speaks against it."""
    if not github.signed_in:
        return f"nobody is signed in to {github.host}: sign in with `gh auth login`, or set `GH_TOKEN`, and run it again"
    if repository.archived:
        return f"`{repository.slug}` is archived: unarchive it, and run it again"
    if repository.may and "admin" not in repository.may:
        return f"only administrators of `{repository.slug}` may change this: let one of them run `trustpub setup`"
    return ""


def wanted_environments(
    declared: Declaration, repository: Hosted, indexes: tuple[str, ...] = ()
) -> tuple[DeclaredEnvironment, ...]:
    """List the environments that shall be there: the declared ones, and those that publishers of this repository name.

    With `indexes` only those that publishers on these indexes name.
    """
    from trustpub.domain.declaration import DeclaredEnvironment

    named = [
        row.environment
        for row in declared.publishers
        if row.environment and row.provider is Provider.GITHUB and _is_here(row.owner, row.repository, repository)
        if not indexes or row.index in indexes
    ]
    wanted = {} if indexes else {name.lower(): rules for name, rules in declared.environments.items()}
    for name in named:
        wanted.setdefault(name.lower(), declared.environment(name) or DeclaredEnvironment(name))
    return tuple(wanted.values())


def _is_here(owner: str, name: str, repository: Hosted) -> bool:
    return f"{owner}/{name}".lower() in (repository.slug.lower(), repository.renamed_from.lower())


def unread(side: GitHubSide, name: str) -> str:
    """Say why an environment cannot be compared; empty when it was read whole."""
    found = side.environment(name)
    if isinstance(found, Untold):
        return f"GitHub did not show the environments of `{side.repository.slug}`: {found}"
    if found is not None and isinstance(found.rules, Untold) and found.policy == "patterns":
        return f"GitHub did not show which refs may deploy to `{name}`: {found.rules}"
    return ""
