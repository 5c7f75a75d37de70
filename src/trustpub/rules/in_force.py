"""The rules of an environment that are in force: GitHub's own where it told them, else those that `trustpub.toml` declares.

What GitHub has goes before what is declared: a difference between the two is a finding of its own, and no rule reads both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple
from trustpub.workflows.environments import fnmatch

if TYPE_CHECKING:
    from trustpub.domain.declaration import DeclaredEnvironment
    from trustpub.domain.github_settings import Environment, GitHubSide
    from trustpub.rules.facts import Facts

WIDE = ("*", "**", "*/*", "**/*")
"""Patterns of branches that let whoever can push deploy a branch of their own."""


class InForce(NamedTuple):
    """What an environment asks for. `refs` says what `branches` and `tags` are worth.

    `all`: every ref may deploy. `patterns`: only those of the patterns, with none of them no ref at all. `unknown`: it restricts
    refs in a way that was not told, or to branches that are protected. `guarded` says that something beside reviewers and
    refs may stop a run, None that this is not known. One of `real` and `declared` is there.
    """

    name: str
    reviewers: tuple[str, ...]
    refs: Literal["all", "patterns", "unknown"]
    branches: tuple[str, ...]
    tags: tuple[str, ...]
    guarded: bool | None
    real: Environment | None
    declared: DeclaredEnvironment | None

    def admits(self, ref: str) -> bool | None:
        """Say whether a full ref may deploy; None when that is not known."""
        if self.refs != "patterns":
            return True if self.refs == "all" else None
        if ref.startswith("refs/tags/"):
            return any(fnmatch(pattern, ref.removeprefix("refs/tags/")) for pattern in self.tags)
        short = ref if ref.startswith("refs/pull/") else ref.removeprefix("refs/heads/")
        return any(fnmatch(pattern, short) for pattern in self.branches)

    @property
    def any_branch(self) -> bool:
        """Whether every branch surely may deploy."""
        return self.refs == "all" or (self.refs == "patterns" and any(pattern in WIDE for pattern in self.branches))


def in_force(facts: Facts, name: str) -> InForce | None:
    """Find an environment's rules; None when nothing is known of it, or GitHub says that there is none."""
    real = known(facts.github, name)
    if real is not None:
        return of_github(real)
    if facts.github is not None and facts.github.environment(name) is None:
        return None
    declared = facts.declaration.environment(name)
    return _of_declaration(declared) if declared is not None else None


def known(side: GitHubSide | None, name: str) -> Environment | None:
    """Return what GitHub told of an environment; None when it told nothing, or that there is none."""
    from trustpub.domain.untold import Untold

    found = side.environment(name) if side is not None else None
    return None if isinstance(found, Untold) else found


def of_github(real: Environment) -> InForce:
    """Read GitHub's settings. Which branches are protected is not among them."""
    from trustpub.domain.untold import Untold

    told = () if isinstance(real.rules, Untold) else real.rules
    branches = tuple(rule.pattern for rule in told if rule.kind == "branch")
    tags = tuple(rule.pattern for rule in told if rule.kind == "tag")
    refs: Literal["all", "patterns", "unknown"] = "all" if real.policy == "all" else "unknown"
    if real.policy == "patterns" and not isinstance(real.rules, Untold):
        refs = "patterns"
    guarded = None if isinstance(real.apps, Untold) else bool(real.apps)
    reviewers = tuple(account.login for account in real.reviewers)
    return InForce(real.name, reviewers, refs, branches, tags, guarded, real, None)


def _of_declaration(rules: DeclaredEnvironment) -> InForce:
    refs: Literal["all", "patterns"] = "patterns" if rules.branches or rules.tags else "all"
    return InForce(rules.name, rules.reviewers, refs, rules.branches, rules.tags, False, None, rules)
