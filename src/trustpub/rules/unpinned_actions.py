"""Actions on the way to an upload that are named by a tag or a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, rank
from trustpub.record import NamedTuple
from trustpub.rules.spans import of_word
from trustpub.workflows.nested import steps_of
from trustpub.workflows.uses import Uses, uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.rules.facts import Facts
    from trustpub.workflows.actions import Action
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.nested import Nested
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
        "own actions count as low, since its guide names them by a branch; GitHub's do not count, since GitHub runs the machine "
        "anyway. A file of this very repository needs no name of a commit: `./` takes it from the commit that runs."
    ),
    source="GitHub's guide to secure use of actions: using third-party actions",
    help="Name it by the full id of a commit with the version in a comment behind it (`@<40 hex digits> # v1.2.3`); "
    "Dependabot and Renovate keep both up to date.",
)

_HELP_FOR_SEVERAL = RULE.help.replace("Name it by", "Name each by").replace("keep both", "keep them")
_GITHUB = frozenset(("actions", "github"))
_MOST = 8
"""How many other references are pointed at."""


class _Loose(NamedTuple):
    """One reference that can move, the job on the way, the file that it stands in, and how grave that is."""

    here: PathJob
    file: Workflow | Action
    word: Scalar
    uses: Uses
    severity: Severity


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for the jobs of a file that publish with something that can move, and one for those that feed them."""
    groups: dict[tuple[str, bool, bool], list[_Loose]] = {}
    own = f"{facts.repository.owner}/{facts.repository.name}".lower()
    seen: set[tuple[str, int]] = set()
    for here in sorted(facts.path_jobs(), key=lambda each: each.role != "publishes"):
        for loose in _loose(here, facts):
            if (loose.file.path, loose.word.start) not in seen:
                seen.add((loose.file.path, loose.word.start))
                groups.setdefault((here.workflow.path, here.role == "publishes", loose.uses.name == own), []).append(loose)
    for (_, _, mine), group in groups.items():
        yield _own(group) if mine else _finding(sorted(group, key=lambda each: rank(each.severity)))


def _loose(here: PathJob, facts: Facts) -> Iterator[_Loose]:
    words = [(here.workflow, here.job.uses), *((each.file, each.step.uses) for each in _steps(here, facts))]
    for file, word in words:
        used = uses(word.value) if word is not None else None
        severity = _severity(here, used, facts.repository.owner.lower()) if used is not None and not used.pinned else None
        if word is not None and used is not None and severity is not None:
            yield _Loose(here, file, word, used, severity)


def _steps(here: PathJob, facts: Facts) -> Iterator[Nested]:
    return steps_of(here.workflow, here.job, facts.files)


def _severity(here: PathJob, used: Uses, owner: str) -> Severity | None:
    """Who can move it, and what runs beside it. GitHub's own actions come from whoever runs the machine."""
    if used.owner in _GITHUB:
        return None
    if used.owner in ("pypa", owner) or (used.kind == "image" and used.name.startswith("ghcr.io/pypa/")):
        return "low"
    return "high" if here.role == "publishes" else "medium"


def _own(loose: list[_Loose]) -> Finding:
    """Tell of files of this repository that are taken from some other commit than the one that runs."""
    first = loose[0]
    path = f"./{first.uses.path}"
    workflow = first.uses.path.startswith(".github/workflows/")
    what = "a workflow" if workflow else "an action"
    where = "publishes with" if first.here.role == "publishes" else "feeds the upload with"
    return Finding(
        rule=RULE.code,
        severity=first.severity,
        message=f"the job `{first.here.job.id}` {where} {what} of this repository by a tag or branch: `{first.word.value}`",
        span=of_word(first.file, first.word),
        help=f"Write `uses: {path}`: that takes the file from the commit that runs, and not from `{first.uses.ref}`.",
        related=tuple(_related(loose)),
    )


def _finding(loose: list[_Loose]) -> Finding:
    first = loose[0]
    gravest = [each for each in loose if each.severity == first.severity]
    grave = list(dict.fromkeys(each.word.value for each in gravest))
    names = ", ".join(f"`{name}`" for name in grave[:3]) + (f" and {len(grave) - 3} more" if len(grave) > 3 else "")
    jobs = list(dict.fromkeys(each.here.job.id for each in gravest))
    publishes = first.here.role == "publishes"
    one = f"the job `{jobs[0]}` {'publishes, and runs' if publishes else 'feeds the upload, and runs'}"
    what = one if len(jobs) == 1 else f"{len(jobs)} jobs {'publish' if publishes else 'feed the upload'}, and run"
    return Finding(
        rule=RULE.code,
        severity=first.severity,
        message=f"{what} {_kind(gravest, len(grave))} named by a tag or branch: {names}",
        span=of_word(first.file, first.word),
        help=RULE.help if len({each.word.value for each in loose}) == 1 else _HELP_FOR_SEVERAL,
        related=tuple(_related(loose)),
    )


def _kind(loose: list[_Loose], count: int) -> str:
    """Say what is named: an image, a workflow, else an action."""
    kinds = {
        "image" if each.uses.kind == "image" else "workflow" if each.word is each.here.job.uses else "action" for each in loose
    }
    kind = kinds.pop() if len(kinds) == 1 else "action"
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" if count == 1 else f"{kind}s"


def _related(loose: list[_Loose]) -> Iterator[Related]:
    """Point at the other references: each once in a job, and at no more than a screen shows."""
    seen = {(loose[0].here.job.id, loose[0].word.value)}
    for each in loose[1:]:
        key = (each.here.job.id, each.word.value)
        if key not in seen and len(seen) <= _MOST:
            seen.add(key)
            less = f" ({each.severity})" if each.severity != loose[0].severity else ""
            yield Related(of_word(each.file, each.word), f"`{each.word.value}` in the job `{each.here.job.id}`{less}")
