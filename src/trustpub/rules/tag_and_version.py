"""Tags that start a release, and a version that somebody has to change by hand."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.record import NamedTuple
from trustpub.rules.spans import of_upload
from trustpub.workflows.events import triggers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.package import Package
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="V01",
    name="tag-and-version",
    severity="low",
    title="Nothing compares the tag with the version",
    why=(
        "The version stands in a file, the tag is written by hand: sooner or later one of them is forgotten. The upload then "
        "fails, because the old version is there already, or it releases a version under the wrong tag, which cannot be taken "
        "back."
    ),
    source="PyPI's rule that a file name is never used twice; many reports of it",
    help="Compare them before the build, or take the version from the tag.",
)

_GUARDS = (
    "semantic-release", "release-please", "release-drafter", "changesets", "towncrier", "commitizen", "bump", "knope",
    "jupyter-releaser", "git-cliff", "check-tag", "check-version", "verify-tag", "verify-version", "tag-version", "version-check",
    "build-and-inspect", "poetry version", "hatch version", "uv version", "pdm version", "cz version", "npm version",
)  # fmt: skip
"""What makes versions or tags itself, or is there to compare them."""


_TAGGING = ("gh release create", "tag-new-version", "git/refs", "createRelease", "create-release", "release-action")


class Unguarded(NamedTuple):
    """A package whose version nothing compares, the version, and the file in which somebody writes it."""

    package: Package
    version: str
    file: str


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each package that a tag or a release publishes to PyPI without a comparison."""
    told: set[str] = set()
    for site, predictions in () if makes_tags(facts) else facts.sites():
        found = unguarded(facts, site, predictions)
        if found is not None and found.package.path not in told and not skips(site):
            told.add(found.package.path)
            yield _finding(site, predictions, found)


def unguarded(facts: Facts, site: Site, predictions: Iterable[Prediction]) -> Unguarded | None:
    """Return the package whose static version a tag or a release publishes to PyPI, and that nothing in sight compares."""
    releasing = [each for each in predictions if _releases(each)]
    names = {each.package for each in releasing}
    package = next((each for each in facts.packages if each.path in names), None)
    if package is None or any(compares(text) for text in _texts(site)):
        return None
    version, file = written(facts, package)
    return Unguarded(package, version, file) if version and not version.startswith("0.0.0") else None


def written(facts: Facts, package: Package) -> tuple[str, str]:
    """Return a package's static version and the file that somebody changes for it; two empty texts when there is none."""
    from trustpub.rules.static_version import elsewhere

    if package.version is not None:
        return package.version, "pyproject.toml" if package.path == "." else f"{package.path}/pyproject.toml"
    return elsewhere(facts.files, package.path)


def makes_tags(facts: Facts) -> bool:
    """Say whether some workflow makes tags: then nobody writes them by hand."""
    return any(_makes_tags(each.source.text) for each in facts.workflows.values())


def _makes_tags(text: str) -> bool:
    """Say whether a workflow makes tags. Listing them is another matter."""
    return any(name in text for name in _TAGGING) or re.search(r"\bgit tag (?:-[asfm]\b|[\"'$\w])", text) is not None


def skips(site: Site) -> bool:
    """Say whether the upload passes over files that are there: another rule speaks then."""
    nodes = (site.step.with_.get("skip-existing"), site.step.with_.get("skip_existing"))
    return any(node is not None and node.value.lower() == "true" for node in nodes)


@lru_cache(maxsize=4096)
def compares(text: str) -> bool:
    """Say whether a workflow may compare tag and version, or make one of them: whatever speaks of both might."""
    lower = text.lower()
    if any(name in lower for name in _GUARDS):
        return True
    steps = re.split(r"(?m)^\s*- ", lower) if "version" in lower else ()
    return any("version" in step and re.search(r"ref\b|ref_name|tag", step) for step in steps)


def _texts(site: Site) -> Iterator[str]:
    """Yield the texts of the files on the way, and of the description of the package's build."""
    for workflow in (site.root, site.workflow, *(call.workflow for call in site.calls)):
        yield workflow.source.text
    for workflow in (site.workflow, site.root):
        if _runs_own(workflow.source.text):
            yield "bump"  # what an action of this repository does is not read here: it may well compare


@lru_cache(maxsize=4096)
def _runs_own(text: str) -> bool:
    """Say whether a file calls an action or a workflow of its own repository."""
    return re.search(r"""\buses["']?[ \t]*:[ \t]*(?:[&!]\S+[ \t]+)?["']?(?:\./|\$/)""", text) is not None


def _releases(prediction: Prediction) -> bool:
    started = prediction.event == "release" or (prediction.event == "push" and prediction.ref_types == ("tag",))
    return started and prediction.index == "pypi" and prediction.reached and prediction.verdict != "never"


def _finding(site: Site, predictions: Iterable[Prediction], found: Unguarded) -> Finding:
    first = next(each for each in predictions if _releases(each))
    trigger = next(each for each in triggers(site.root.on) if each.event == first.event)
    what = "a tag" if first.event == "push" else "a GitHub release"
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"{what} starts the upload of version `{found.version}` in `{found.file}`, and nothing compares it with the tag",
        span=Span(site.root.path, trigger.start, trigger.start + len(trigger.event)),
        help="Compare `$GITHUB_REF_NAME` with that version in a step before the build, or take the version from the tag "
        "(hatch-vcs, setuptools-scm).",
        related=(Related(of_upload(site), "uploads to pypi"),),
    )
