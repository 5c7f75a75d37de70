"""`skip-existing` on a release to PyPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Rule
from trustpub.rules.spans import of_word
from trustpub.rules.tag_and_version import makes_tags, unguarded
from trustpub.workflows import edit
from trustpub.workflows.model import word
from trustpub.workflows.source import Map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Scalar

RULE = Rule(
    code="V04",
    name="skip-existing",
    severity="low",
    title="A release that uploads nothing looks like one that worked",
    why=(
        "With `skip-existing` a file that the index has already is passed over. When somebody tags a release and forgets to "
        "change the version, every file is passed over, the run is green, and nothing was released. It is said only where the "
        "version stands in a file and nothing compares it with the tag."
    ),
    source="the publish action's notes: tolerating release package file duplicates",
    help="Take `skip-existing: true` away from the upload to pypi; to finish an upload that broke off, set it for that one run.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each step that releases to PyPI on a tag or a release, and passes over what is there."""
    seen: set[tuple[str, int]] = set()
    for site, predictions in () if makes_tags(facts) else facts.sites():
        key = (site.workflow.path, site.start)
        node = _switch(site)
        if node is None or key in seen or not _releases(predictions) or unguarded(facts, site, predictions) is None:
            continue
        seen.add(key)
        yield Finding(
            rule=RULE.code,
            severity=RULE.severity,
            message="the upload passes over files that pypi has, so a forgotten version stays unseen: `skip-existing: true`",
            span=of_word(site.workflow, node),
            help=RULE.help,
            fix=_fix(site),
        )


def _switch(site: Site) -> Scalar | None:
    if site.upload.tool != "action":
        return None
    for name in ("skip-existing", "skip_existing"):
        node = site.step.with_.get(name)
        if node is not None and word(node).lower() == "true":
            return node
    return None


def _releases(predictions: Iterable[Prediction]) -> bool:
    """Say whether all that starts this upload to PyPI is a tag or a release: a dispatch may well be there to finish one."""
    reached = [each for each in predictions if each.reached and each.verdict != "never"]
    return bool(reached) and all(
        each.index == "pypi" and (each.event == "release" or (each.event == "push" and each.ref_types == ("tag",)))
        for each in reached
    )


def _fix(site: Site) -> Fix | None:
    inputs = site.step.node.get("with")
    if not isinstance(inputs, Map):
        return None
    alone = len(inputs.entries) == 1
    name = next(entry.key.value for entry in inputs.entries if entry.key.value in ("skip-existing", "skip_existing"))
    change = edit.removed(site.workflow.source, site.step.node if alone else inputs, "with" if alone else name)
    return Fix("let the upload fail when a file is there already", (change,), safe=False) if change is not None else None
