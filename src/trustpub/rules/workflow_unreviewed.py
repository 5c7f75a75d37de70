"""A publishing workflow that can be changed on the default branch without a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule, Span
from trustpub.domain.untold import Untold
from trustpub.rules import links
from trustpub.rules.in_force import known
from trustpub.rules.pushers import alone, pushers
from trustpub.rules.wording import quoted
from trustpub.workflows.globs import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.domain.github_settings import GitHubSide
    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Workflow

RULE = Rule(
    code="G04",
    name="workflow-unreviewed",
    severity="medium",
    title="The publishing workflow can be changed without a review",
    why=(
        "Releases are made from the default branch, with the workflow file that stands there. Where a push changes it, one "
        "stolen account or token is enough to have a step in it that nobody has seen."
    ),
    source="GitHub's documentation: available rules for rulesets, about code owners",
    help="Ask for a pull request on the default branch, and name code owners of `/.github/`.",
)

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for code owners: the first file that is there counts."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding where no rule asks for a pull request, else one where no code owner is asked about the workflows."""
    side = facts.github
    workflows = list({site.workflow.path: site.workflow for site, _ in facts.trusted()}.values())
    if side is None or isinstance(side.branch, Untold) or not workflows or _is_alone(side):
        return
    if "pull_request" not in side.branch.rules:
        yield _unreviewed(facts, side, workflows, side.branch.branch)
        return
    bare = [workflow for workflow in workflows if not _is_owned(facts, workflow.path)]
    if bare:
        where = next((path for path in _PLACES if facts.files.read(path) is not None), _PLACES[0])
        files = quoted(workflow.file_name for workflow in bare)
        message = f"a pull request that changes {files} needs no code owner: `{where}` names none"
        yield _finding(bare[0], "low", message, f"Write `/.github/ @OWNER` into `{where}`, and ask for reviews of code owners.")
    elif not side.branch.code_owners and "admin" in side.repository.may:
        message = f"`{side.branch.branch}` has code owners, and no rule asks for their review"
        help_ = f"Switch on `Require review from Code Owners`: {links.settings(facts, side, 'rules')}"
        yield _finding(workflows[0], "low", message, help_)


def _is_alone(side: GitHubSide) -> bool:
    """Say whether there is nobody else who could review, as far as that was told."""
    return alone(side) is not None or pushers(side) == ()


def _unreviewed(facts: Facts, side: GitHubSide, workflows: list[Workflow], branch: str) -> Finding:
    files = quoted(workflow.file_name for workflow in workflows)
    people = pushers(side)
    who = f"whoever can push ({quoted(person.account.login for person in people)})" if people else "whoever can push"
    return _finding(
        workflows[0],
        "low" if _all_approved(facts, side) else "medium",
        f"{who} can change {files} on `{branch}` without a pull request",
        f"Require a pull request before merging into `{branch}`: {links.settings(facts, side, 'rules/new?target=branch')}",
    )


def _all_approved(facts: Facts, side: GitHubSide) -> bool:
    """Say whether every upload waits for somebody's approval all the same."""
    names = {each.environment for _, predictions in facts.trusted() for each in predictions if each.reached}
    found = [known(side, name) if name else None for name in names]
    return all(each is not None and each.reviewers for each in found)


def _is_owned(facts: Facts, path: str) -> bool:
    """Say whether the last line about a file names an owner; patterns are those of `.gitignore`, without its exceptions."""
    data = next((found for place in _PLACES if (found := facts.files.read(place)) is not None), b"")
    owned = False
    for line in data.decode("utf-8", "replace").splitlines():
        words = line.partition("#")[0].split()
        if words and _fits(words[0], path):
            owned = len(words) > 1
    return owned


def _fits(pattern: str, path: str) -> bool:
    """Say whether a pattern takes a file or a folder above it."""
    bare = pattern.strip("/")
    whole = bare if "/" in pattern.rstrip("/") else f"**/{bare}"
    if pattern.endswith("/"):
        return matches(f"{whole}/**", path)
    return matches(whole, path) or (not pattern.endswith("/*") and matches(f"{whole}/**", path))


def _finding(workflow: Workflow, severity: Severity, message: str, help_: str) -> Finding:
    return Finding(RULE.code, severity, message, Span(workflow.path, 0, 0), help_)
