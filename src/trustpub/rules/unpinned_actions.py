"""Actions on the way to an upload that are named by a tag or a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, rank
from trustpub.record import NamedTuple
from trustpub.rules.spans import of_word
from trustpub.workflows.uses import Uses, uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.rules.facts import Facts
    from trustpub.workflows.release_path import PathJob
    from trustpub.workflows.source import Scalar

RULE = Rule(
    code="C03",
    name="unpinned-actions",
    severity="high",
    title="An action on the way to the upload is named by a tag or branch",
    why=(
        "Whoever can move a tag or a branch of an action runs their code in every job that uses it. In the job that publishes "
        "that code can take the ID token or the stored token, in a job that builds it can change what is published: this is "
        "how the tags of widely used actions were turned into malware more than once. A full commit id cannot be moved. PyPA's "
        "own actions count as low, since its guide names them by a branch, and GitHub's as info, since GitHub runs the machine "
        "anyway."
    ),
    source="GitHub's guide to secure use of actions: using third-party actions",
    help="Name it by the full id of a commit with the version in a comment behind it (`@<40 hex digits> # v1.2.3`); "
    "Dependabot and Renovate keep both up to date.",
)

_GITHUB = frozenset(("actions", "github"))
_MOST = 8
"""How many other references are pointed at."""


class _Loose(NamedTuple):
    """One reference that can move, where it stands, and how grave that is."""

    here: PathJob
    word: Scalar
    uses: Uses
    severity: Severity


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for the jobs of a file that publish with something that can move, and one for those that feed them."""
    groups: dict[tuple[str, bool], list[PathJob]] = {}
    for here in facts.path_jobs():
        groups.setdefault((here.workflow.path, here.role == "publishes"), []).append(here)
    for group in groups.values():
        loose = [each for here in group for each in _loose(here, facts.repository.owner.lower())]
        if loose:
            yield _finding(sorted(loose, key=lambda each: rank(each.severity)))


def _loose(here: PathJob, owner: str) -> Iterator[_Loose]:
    for word in (here.job.uses, *(step.uses for step in here.job.steps)):
        used = uses(word.value) if word is not None else None
        severity = _severity(here, used, owner) if used is not None and not used.pinned else None
        if word is not None and used is not None and severity is not None:
            yield _Loose(here, word, used, severity)


def _severity(here: PathJob, used: Uses, owner: str) -> Severity | None:
    """Who can move it, and what runs beside it. GitHub's own actions matter only where the token is."""
    publishes = here.role == "publishes"
    if used.owner in _GITHUB:
        return "info" if publishes else None
    if used.owner in ("pypa", owner) or (used.kind == "image" and used.name.startswith("ghcr.io/pypa/")):
        return "low"
    return "high" if publishes else "medium"


def _finding(loose: list[_Loose]) -> Finding:
    first = loose[0]
    grave = list(dict.fromkeys(each.word.value for each in loose if each.severity == first.severity))
    names = ", ".join(f"`{name}`" for name in grave[:3]) + (f" and {len(grave) - 3} more" if len(grave) > 3 else "")
    jobs = list(dict.fromkeys(each.here.job.id for each in loose if each.severity == first.severity))
    publishes = first.here.role == "publishes"
    one = f"the job `{jobs[0]}` {'publishes' if publishes else 'feeds the upload'}"
    what = one if len(jobs) == 1 else f"{len(jobs)} jobs {'publish' if publishes else 'feed the upload'}"
    return Finding(
        rule=RULE.code,
        severity=first.severity,
        message=f"{what} with {'an action' if len(grave) == 1 else 'actions'} named by a tag or branch: {names}",
        span=of_word(first.here.workflow, first.word),
        help=RULE.help,
        related=tuple(_related(loose)),
    )


def _related(loose: list[_Loose]) -> Iterator[Related]:
    """Point at the other references, each once, and at no more than a screen shows."""
    seen = {loose[0].word.value}
    for each in loose[1:]:
        if each.word.value not in seen and len(seen) <= _MOST:
            seen.add(each.word.value)
            yield Related(of_word(each.here.workflow, each.word), f"`{each.word.value}` in the job `{each.here.job.id}`")
