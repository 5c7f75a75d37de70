"""A version that is out so long that it takes no more files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.findings import Finding, Rule
from trustpub.domain.names import normalize
from trustpub.rules.on_index import published
from trustpub.rules.wording import age, day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.index_project import IndexProject
    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published
    from trustpub.workflows.predict import Prediction

RULE = Rule(
    code="R01",
    name="release-closed",
    severity="info",
    title="The version that would be uploaded is out for more than 14 days",
    why="PyPI takes no new files for a release that is older than 14 days: wheels that come later need a new version.",
    source="warehouse/forklift/legacy.py: no new files for releases older than 14 days",
    help="Raise the version before the next upload.",
)
OPEN_DAYS = 14


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each package whose own static version is out for longer than that, where a run that needs no new tag uploads it."""
    for each in published(facts):
        package = next((one for one in facts.packages if one.name and normalize(one.name) == normalize(each.project)), None)
        version = package.version if package is not None else None
        if each.there is None or not version or each.index not in PUBLIC_INDEXES or facts.now is None or not _without_tag(each):
            continue
        first = _first(each.there, version)
        if first is not None and age(first, facts.now) > OPEN_DAYS:
            yield _finding(facts, each, version, first)


def _without_tag(each: Published) -> bool:
    """Say whether some run uploads without a new tag: before a tag the version is raised, and nobody has to be told."""
    return any(prediction.event not in ("push", "release", "create") or _is_branch(prediction) for _, prediction in each.uploads)


def _is_branch(prediction: Prediction) -> bool:
    return prediction.event == "push" and prediction.ref.startswith("refs/heads/")


def _first(project: IndexProject, version: str) -> float | None:
    """When the first file of a version was uploaded; None when the index has none, or does not say."""
    from packaging.version import InvalidVersion, Version

    try:
        wanted = Version(version)
        times = [file.uploaded_at for file in project.files if Version(file.version) == wanted]
    except InvalidVersion:
        return None
    return min((time for time in times if time is not None), default=None)


def _finding(facts: Facts, each: Published, version: str, first: float) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="info",
        message=f"`{each.project}` {version} is on {each.index} since {day(first)}: it takes no new files",
        span=each.place(facts),
        help=f"Raise the version before the next upload; wheels for {version} come too late.",
    )
