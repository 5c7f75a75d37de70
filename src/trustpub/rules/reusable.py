"""An upload inside a reusable workflow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.findings import Finding, Related, Rule, rank
from trustpub.rules import spans
from trustpub.workflows.model import word
from trustpub.workflows.permissions import id_token
from trustpub.workflows.sites import Outside, Site
from trustpub.workflows.source import Map, Scalar
from trustpub.workflows.uses import older, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction

RULE = Rule(
    code="M04",
    name="reusable-workflow",
    severity="blocker",
    title="The upload stands in a reusable workflow",
    why=(
        "PyPI compares the file whose job runs. A called file of the same repository works as long as that file is the one that "
        "is registered, but attestations are signed for the calling file: PyPI refuses an upload that brings any. A file of "
        "another repository never matches."
    ),
    source="PyPI's documentation: trusted publishers, troubleshooting, reusable workflows on GitHub",
    help="Upload in a job of the workflow that the event starts; building may stay in the reusable one.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each upload that runs in a called file, and for each call that may lead to one elsewhere."""
    called: dict[tuple[str, int], Finding] = {}
    for upload in facts.uploads:
        if isinstance(upload.site, Outside):
            if _by_id_token(upload.site, upload.predictions):
                yield _elsewhere(upload.site, certain=upload.predictions[0].credential == "trusted-publishing")
        elif _is_called(upload.site, upload.predictions):
            often = not all(_is_odd(each) for each in upload.predictions if each.reached)
            finding = _called(upload.site, often)
            key = (upload.site.workflow.path, upload.site.start)
            if key not in called or rank(finding.severity) < rank(called[key].severity):
                called[key] = finding
    yield from called.values()


def _by_id_token(site: Outside, predictions: tuple[Prediction, ...]) -> bool:
    """Say whether a call may end in an exchange: it has the permission, and brings no secret that looks like a token."""
    call = site.calls[-1]
    secrets = call.job.node.get("secrets")
    given = " ".join(name for name, _ in secrets.items()) if isinstance(secrets, Map) else ""
    given = word(secrets) if isinstance(secrets, Scalar) else given
    if not id_token(call.workflow, call.job).granted or all(each.credential == "token" for each in predictions):
        return False
    return not re.search(r"inherit|pypi|twine|token|password", given, re.IGNORECASE)


def _is_called(site: Site, predictions: tuple[Prediction, ...]) -> bool:
    ours = [each for each in predictions if each.index in PUBLIC_INDEXES and each.credential == "trusted-publishing"]
    return bool(site.calls) and any(each.reached for each in ours)


def _is_odd(prediction: Prediction) -> bool:
    """Say whether only a dispatch on one kind of ref gets there: the called file may have its own way for the other."""
    return prediction.event == "workflow_dispatch" and len(prediction.ref_types) == 1


def attests(site: Site) -> bool:
    """Say whether the upload surely brings attestations: the publish action makes them from 1.11 on unless it is told not to."""
    if site.upload.tool != "action" or site.uploading_step.uses is None:
        return False
    if site.upload.attestations.strip().lower() not in ("", "true"):
        return False
    version = version_of(site.source, site.uploading_step.uses)
    newest = site.uploading_step.uses.value.partition("@")[2] in ("release/v1", "unstable/v1")
    return newest or (version is not None and len(version) > 1 and not older(version, (1, 11)))


def _called(site: Site, often: bool) -> Finding:
    caller, file = site.calls[-1], site.workflow.file_name
    severity: Severity = "high" if attests(site) and often else "low"
    refused = "PyPI refuses it, because its attestations are signed for the caller"
    fails = refused if attests(site) else f"a publisher for it has to name `{file}`"
    todo = f"Move the job `{site.job.id}` into `{site.root.file_name}`"
    instead = "; or write `attestations: false` below the step's `with`." if attests(site) else "."
    why = f" A publisher for a called file has to name `{file}`."
    if not attests(site):
        why = " As it is, no attestation can be uploaded: PyPI refuses those whose certificate names another workflow file."
    return Finding(
        rule=RULE.code,
        severity=severity,
        message=f"this upload runs in `{file}`, which `{caller.workflow.file_name}` calls: {fails}",
        span=spans.of_step(site.workflow, site.step),
        help=f"{todo} and register that file{instead}{why}",
        related=tuple(
            Related(spans.of_word(call.workflow, call.job.uses), f"called by the job `{call.job.id}`")
            for call in site.calls
            if call.job.uses is not None
        ),
    )


def _elsewhere(site: Outside, certain: bool) -> Finding:
    call = site.calls[-1]
    uses = call.job.uses
    what = "it uploads with its ID token, which PyPI refuses" if certain else "if that uploads with its ID token, PyPI refuses it"
    return Finding(
        rule=RULE.code,
        severity="blocker" if certain else "medium",
        message=f"the job `{call.job.id}` calls `{site.uses}`: {what}",
        span=spans.of_word(call.workflow, uses) if uses is not None else spans.of_job(call.workflow, call.job),
        help=(
            "PyPI takes no ID token of a job whose file lies in another repository. Let the called workflow build, and upload in "
            f"a job of `{call.workflow.file_name}` itself."
        ),
    )
