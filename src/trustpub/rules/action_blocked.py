"""An action of the release that the repository's settings do not let run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.domain.untold import Untold
from trustpub.rules import links
from trustpub.rules.spans import of_job, of_word
from trustpub.rules.wording import quoted
from trustpub.workflows.globs import matches
from trustpub.workflows.nested import steps_of
from trustpub.workflows.uses import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Span
    from trustpub.domain.github_settings import ActionsPolicy, GitHubSide
    from trustpub.rules.facts import Facts
    from trustpub.workflows.actions import Action
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.release_path import PathJob
    from trustpub.workflows.source import Scalar
    from trustpub.workflows.uses import Uses

RULE = Rule(
    code="O01",
    name="action-blocked",
    severity="blocker",
    title="The settings of Actions do not let the release run",
    why="GitHub does not start a run with an action that the repository's or the organisation's settings do not allow.",
    source="GitHub's documentation: managing GitHub Actions settings for a repository, allowing select actions",
    help="Allow the action in the settings, or pin it to a commit where they ask for that.",
)

_GITHUBS = ("actions", "github")
"""The owners whose actions count as GitHub's own."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for all actions and called workflows on the way to an upload that a setting surely does not allow."""
    side = facts.github
    if side is None or isinstance(side.actions, Untold):
        return
    link = links.settings(facts, side, "actions")
    refused: dict[str, dict[Span, str]] = {}
    for here in facts.path_jobs():
        if not side.actions.enabled:
            message = f"GitHub Actions is switched off in `{side.repository.slug}`: no run starts"
            yield Finding(RULE.code, "blocker", message, of_job(here.workflow, here.job), f"Switch it on: {link}")
            return
        for file, word, is_step in _words(facts, here):
            used = uses(word.value)
            if used.kind == "repository" and "${{" not in word.value:
                why = _refused(facts, side, side.actions, used, is_step)
                refused.setdefault(why, {})[of_word(file, word)] = word.value
    for why, places in refused.items():
        if why:
            yield _finding(side, places, why, link)


def _words(facts: Facts, here: PathJob) -> Iterator[tuple[Workflow | Action, Scalar, bool]]:
    """Yield what a job calls or uses, with whether it is the action of a step."""
    if here.job.uses is not None:
        yield here.workflow, here.job.uses, False
    for nested in steps_of(here.workflow, here.job, facts.files):
        if nested.step.uses is not None:
            yield nested.file, nested.step.uses, True


def _refused(facts: Facts, side: GitHubSide, policy: ActionsPolicy, used: Uses, is_step: bool) -> str:
    """Say why something surely may not run; empty when it may, or nobody knows. Called workflows need no commit."""
    if policy.sha_pinning and is_step and not used.pinned:
        return "pins"
    ours = used.owner == side.repository.owner.login.lower()
    if policy.allowed == "all" or (ours and policy.allowed == "local_only"):
        return ""
    if policy.allowed == "local_only":
        return "foreign" if _is_elsewhere(facts, side, used.owner) else ""
    reference = f"{used.name}{'/' + used.path if used.path else ''}"
    if ours or (used.owner in _GITHUBS and policy.github_owned) or policy.verified:
        return ""  # whose creator GitHub has verified nobody else can tell
    return "" if any(_fits(pattern, reference, used.ref) for pattern in policy.patterns) else "unlisted"


def _is_elsewhere(facts: Facts, side: GitHubSide, owner: str) -> bool:
    """Say whether an owner surely is no part of the same enterprise, whose actions count as one's own."""
    public = facts.host in ("", "github.com")
    return public and (side.repository.plan in ("free", "pro", "team") or owner in (*_GITHUBS, "pypa"))


def _fits(pattern: str, reference: str, ref: str) -> bool:
    """Say whether a pattern may allow it: a star stands for anything, and one without `@` is taken for every version."""
    wide = pattern.strip().lower().replace("*", "**")
    return any(matches(wide, text.lower()) for text in (f"{reference}@{ref}", reference))


_WHY = {
    "pins": ("asks for full commit ids, and {} names a tag or branch", "asks for full commit ids, and {} name tags or branches"),
    "foreign": ("allows actions of its owner only, and not {}", "allows actions of its owner only, and not {}"),
    "unlisted": ("allows chosen actions only, and {} is not among them", "allows chosen actions only, and {} are not among them"),
}
"""What is said of one action, and of several."""


def _finding(side: GitHubSide, places: dict[Span, str], why: str, link: str) -> Finding:
    words = dict.fromkeys(places.values())
    allow = ", ".join(f"`{name}@*`" for name in dict.fromkeys(uses(word).name for word in words))
    helps = {
        "pins": f"Write the full commit id, with the version in a comment behind it: {link}",
        "foreign": f"Allow selected actions, {allow} among them: {link}",
        "unlisted": f"Add {allow} to the allowed actions there: {link}",
    }
    first, *rest = places
    return Finding(
        rule=RULE.code,
        severity="blocker",
        message=f"`{side.repository.slug}` {_WHY[why][len(words) > 1].format(quoted(words))}: GitHub does not start the run",
        span=first,
        help=helps[why],
        related=tuple(Related(place, "the same here") for place in rest),
    )
