"""A job that may ask for an ID token, and builds the distributions too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.rules.spans import of_job
from trustpub.rules.work import building
from trustpub.workflows.permissions import id_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

RULE = Rule(
    code="W01",
    name="build-and-publish",
    severity="medium",
    title="The job that publishes builds the distributions too",
    why=(
        "Every step of a job may ask for its ID token. A build runs the code of the build backend, of its plugins and of "
        "whatever they depend on, mostly in their newest versions: one of them gone bad can publish in the project's name, not "
        "only spoil one release. In a job of its own, the upload has nothing beside it. Many good projects still do both in "
        "one job and it works, so this does not fail a check by itself."
    ),
    source="PyPA's guide: publishing package distribution releases using GitHub Actions; PyPI's security model",
    help=(
        "Build in a job of its own without `id-token: write`, hand the files on with `actions/upload-artifact`, and let the "
        "publishing job do two things: `actions/download-artifact` and the upload."
    ),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each job that builds beside the ID token with which it publishes."""
    seen: set[tuple[str, str]] = set()
    for site, predictions in facts.trusted():
        key = (site.workflow.path, site.job.id)
        reached = any(each.reached and each.verdict != "never" for each in predictions)
        if key in seen or not reached or site.upload.oidc is False or not id_token(site.workflow, site.job).granted:
            continue
        seen.add(key)
        found = list(building(site.workflow, site.job, facts.files))
        if found:
            yield Finding(
                rule=RULE.code,
                severity=RULE.severity,
                message=f"the job `{site.job.id}` builds what it publishes: `{found[0].text}`",
                span=found[0].span,
                help=RULE.help,
                related=(
                    *(Related(each.span, "builds too") for each in found[1:4]),
                    Related(of_job(site.workflow, site.job), "every step of this job may ask for its ID token"),
                ),
            )
