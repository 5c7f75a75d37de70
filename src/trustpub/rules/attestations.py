"""Uploads to PyPI without the attestations that they could carry, or that trip over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.rules.spans import of_step, of_word
from trustpub.workflows import edit
from trustpub.workflows.events import CALLED, triggers
from trustpub.workflows.model import word
from trustpub.workflows.source import Map
from trustpub.workflows.uses import older, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity, Span
    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="A01",
    name="attestations",
    severity="high",
    title="An upload makes no attestations, or trips over those of another upload",
    why=(
        "An attestation proves to anybody which repository and which workflow uploaded a file; who watches a project for "
        "uploads from elsewhere can only tell them apart by it. The publish action makes them by default from 1.11.0, next to "
        "the distributions: a second upload of the same folder in the same job finds them there, and fails."
    ),
    source="PyPI's documentation: attestations; the publish action's notes on its use",
    help="Let `pypa/gh-action-pypi-publish` make attestations, once in a job.",
)

_SILENT = ("uv", "pdm", "twine", "maturin")
"""Tools that upload attestations, if at all, only when something else has made them."""
_SIGNERS = ("attest-action", "pypi-attestations", "pypi_attestations", "gh-action-sigstore-python")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield what hinders attestations, for uploads by trusted publishing to PyPI."""
    seen: set[tuple[str, int]] = set()
    jobs: dict[tuple[str, str], list[Site]] = {}
    for site, predictions in facts.trusted():
        if not any(_counts(each) for each in predictions):
            continue
        if (site.workflow.path, site.start) in seen:
            continue
        seen.add((site.workflow.path, site.start))
        if site.upload.tool == "action" and site.upload.attestations.strip().lower() in ("", "true"):
            jobs.setdefault((site.workflow.path, site.job.id), []).append(site)
        if any(each.index == "pypi" for each in predictions):
            yield from _unattested(site)
    for sites in jobs.values():
        yield from _twice(sites)


def _counts(prediction: Prediction) -> bool:
    return prediction.credential == "trusted-publishing" and prediction.index in PUBLIC_INDEXES and prediction.verdict != "never"


def _unattested(site: Site) -> Iterator[Finding]:
    """Speak of an upload without attestations, where they can be made: PyPI takes none from a called workflow."""
    if site.calls or any(trigger.event == CALLED for trigger in triggers(site.workflow.on)):
        return
    node = site.step.with_.get("attestations")
    if site.upload.tool == "action" and node is not None and word(node).lower() == "false":
        say = f"the step `{site.step.label}` uploads to pypi without attestations: `attestations: false`"
        yield _finding("low", say, of_word(site.workflow, node), "Take `attestations: false` away.", _default(site))
    elif site.upload.tool == "action" and site.step.uses is not None:
        version = version_of(site.workflow.source, site.step.uses)
        if older(version, (1, 11)) and not older(version, (1, 8)):
            say = f"this version of the publish action makes no attestations: `{'.'.join(str(part) for part in version or ())}`"
            yield _finding("low", say, of_word(site.workflow, site.step.uses), "Use version 1.11.0 or newer.")
    elif site.upload.tool in _SILENT and not site.upload.attestations and not _signs(site.workflow):
        say = f"the upload to pypi carries no attestations: `{site.upload.tool}` makes none"
        yield _finding("info", say, of_step(site.workflow, site.step), _how(site.upload.tool))


def _how(tool: str) -> str:
    if tool == "uv":
        return "Make them before the upload with `astral-sh/attest-action`, or upload with `pypa/gh-action-pypi-publish`."
    return "Upload with `pypa/gh-action-pypi-publish`, which makes them."


def _signs(workflow: Workflow) -> bool:
    return any(name in workflow.source.text for name in _SIGNERS)


def _default(site: Site) -> Fix | None:
    inputs = site.step.node.get("with")
    if not isinstance(inputs, Map):
        return None
    alone = len(inputs.entries) == 1
    change = edit.removed(site.workflow.source, site.step.node if alone else inputs, "with" if alone else "attestations")
    return Fix("make attestations, as the publish action does by default", (change,), safe=False) if change is not None else None


def _twice(sites: list[Site]) -> Iterator[Finding]:
    """Two uploads of one folder by the publish action in one job, both of which run: the second fails."""
    for position, second in enumerate(sites):
        for first in sites[:position]:
            if first.upload.files == second.upload.files and _together(first, second):
                finding = _finding(
                    "high",
                    f"the second upload of `{second.upload.files[0]}` in one job fails: its files are attested already",
                    of_step(second.workflow, second.step),
                    "Upload to each index in a job of its own, or put `attestations: false` into the step for testpypi.",
                )
                yield finding._replace(
                    related=(Related(of_step(first.workflow, first.step), "the attestations are made here first"),)
                )
                return


def _together(first: Site, second: Site) -> bool:
    """Whether two steps surely run in the same run: neither has a condition, or both have the same, all the way to the upload."""
    conditions = [[word(step.if_).strip() for step in (site.step, *site.steps)] for site in (first, second)]
    return conditions[0] == conditions[1] and not _is_old(first) and not _is_old(second)


def _is_old(site: Site) -> bool:
    """Whether the action is surely older than its attestations."""
    used = site.uploading_step.uses
    return used is not None and older(version_of(site.source, used), (1, 11))


def _finding(severity: Severity, message: str, span: Span, help_: str, fix: Fix | None = None) -> Finding:
    return Finding(RULE.code, severity, message, span, help_, fix=fix)
