"""An environment that is on GitHub not what `trustpub.toml` says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.untold import Untold
from trustpub.record import NamedTuple
from trustpub.rules import declared, links
from trustpub.rules.wording import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import DeclaredEnvironment
    from trustpub.domain.github_settings import Environment, GitHubSide
    from trustpub.rules.facts import Facts

RULE = Rule(
    code="E08",
    name="environment-drift",
    severity="medium",
    title="An environment's settings differ from trustpub.toml",
    why=(
        "What stands in the file was reviewed; what stands in the settings decides. A rule that was taken away for one urgent "
        "release stays away, and nobody sees it in a diff."
    ),
    source="GitHub's documentation: managing environments for deployment",
    help="Run `trustpub setup`, which makes GitHub follow the file; or write what GitHub has into the file.",
)


class _Drift(NamedTuple):
    """One key that differs: what is meant, what GitHub has, and the line that would say so."""

    key: str
    message: str
    line: str = ""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each declared key that GitHub has otherwise. What is not declared is not compared."""
    side = facts.github
    named = {each.environment.lower() for _, predictions in facts.trusted() for each in predictions}
    for rules in facts.declaration.environments.values() if side is not None else ():
        real = side.environment(rules.name) if side is not None else None
        if side is None or isinstance(real, Untold):
            continue
        if real is not None:
            yield from (_finding(facts, side, rules, real, drift) for drift in _drifts(rules, real))
        elif rules.name.lower() not in named:  # that a publishing job's own is missing is told there
            message = (
                f"`{facts.declaration.path}` has rules for the environment `{rules.name}`, which `{side.repository.slug}` lacks"
            )
            yield _finding(facts, side, rules, None, _Drift("", message))


def _drifts(rules: DeclaredEnvironment, real: Environment) -> Iterator[_Drift]:
    yield from _reviewers(rules, real)
    if rules.wait_minutes is not None and rules.wait_minutes != real.wait_minutes:
        line = f"wait_minutes = {real.wait_minutes}"
        yield _Drift("wait_minutes", f"waits {real.wait_minutes} minutes, not {rules.wait_minutes}", line)
    yield from _refs(rules, real)
    switches = (
        ("admins_bypass", rules.admins_bypass, real.admins_bypass, "lets administrators pass its rules"),
        ("prevent_self_review", rules.prevent_self_review, real.prevent_self_review, "forbids self-reviews"),
    )
    for key, meant, found, words in switches:
        if meant is not None and found is not None and meant != found:
            no = words.replace("lets administrators", "lets no administrator").replace("forbids", "allows")
            yield _Drift(key, words if found else no, f"{key} = {str(found).lower()}")


def _reviewers(rules: DeclaredEnvironment, real: Environment) -> Iterator[_Drift]:
    """Compare names without case; one approval is enough, so that one more reviewer is a difference too."""
    have = {account.login.lower(): account.login for account in real.reviewers}
    meant = {name.lower(): name for name in rules.reviewers}
    lacks, more = _without(meant, have), _without(have, meant)
    if meant and (lacks or more):
        said = [f"lacks the reviewer{'s' * (len(lacks) > 1)} {quoted(lacks)}"] if lacks else []
        said += [f"has the reviewer{'s' * (len(more) > 1)} {quoted(more)} beside those of the file"] if more else []
        yield _Drift("reviewers", listed(said), f"reviewers = {_toml(have.values())}")


def _refs(rules: DeclaredEnvironment, real: Environment) -> Iterator[_Drift]:
    if not rules.branches and not rules.tags:
        return
    if real.policy != "patterns":
        lets = "every branch and tag" if real.policy == "all" else "protected branches"
        key = "tags" if rules.tags else "branches"
        yield _Drift(key, f"lets {lets} deploy, not only {_both(rules)}")
        return
    for key, kind, meant in (("branches", "branch", rules.branches), ("tags", "tag", rules.tags)):
        have = [rule.pattern for rule in real.rules if rule.kind == kind] if not isinstance(real.rules, Untold) else meant
        lacks, more = sorted(set(meant) - set(have)), sorted(set(have) - set(meant))
        what = f"{kind} rule"
        said = [f"lacks the {what}{'s' * (len(lacks) > 1)} {quoted(lacks)}"] if lacks else []
        said += [f"has the {what}{'s' * (len(more) > 1)} {quoted(more)} beside those of the file"] if more else []
        if said:
            yield _Drift(key, listed(said), f"{key} = {_toml(have)}")


def _both(rules: DeclaredEnvironment) -> str:
    parts = [(f"tags {quoted(rules.tags)}", rules.tags), (f"branches {quoted(rules.branches)}", rules.branches)]
    return listed(words for words, patterns in parts if patterns)


def _without(these: dict[str, str], those: dict[str, str]) -> list[str]:
    return [name for key, name in these.items() if key not in those]


def _toml(values: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _finding(facts: Facts, side: GitHubSide, rules: DeclaredEnvironment, real: Environment | None, drift: _Drift) -> Finding:
    path = facts.declaration.path
    other = f", or write what GitHub has: `{drift.line}`" if drift.line else ""
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"on GitHub the environment `{rules.name}` {drift.message}, unlike `{path}`"
        if real is not None
        else drift.message,
        span=declared.of_environment(facts, rules, drift.key),
        help=f"`trustpub setup` makes GitHub follow the file ({links.of_environment(facts, side, real)}){other}.",
    )
