"""Jobs on the way to an upload that get the repository's default GitHub token, which may write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.domain.untold import Untold
from trustpub.rules import links
from trustpub.rules.spans import of_job
from trustpub.rules.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

RULE = Rule(
    code="W08",
    name="default-token-writes",
    severity="medium",
    title="The repository's default GitHub token may write, and jobs on the way to the upload get it",
    why=(
        "What runs in a build, tools and dependencies included, holds a token that can push branches and tags and change "
        "releases, and so can start the next release itself."
    ),
    source="GitHub's documentation: setting the permissions of the GITHUB_TOKEN for your repository",
    help="Set the default to read, and give the jobs that write `permissions` of their own.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for all jobs on the way that say nothing of permissions, where GitHub's default is to write."""
    side = facts.github
    if side is None or isinstance(side.actions, Untold) or side.actions.default_permissions != "write":
        return
    bare = [here for here in facts.path_jobs() if here.permissions is None]
    if not bare:
        return
    more = " and approve pull requests" if side.actions.may_approve else ""
    names = quoted(here.job.id for here in bare)
    jobs = f"the job {names} gets" if len(bare) == 1 else f"the jobs {names} get"
    command = f"gh api -X PUT repos/{side.repository.slug}/actions/permissions/workflow -f default_workflow_permissions=read"
    yield Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the default GitHub token of `{side.repository.slug}` may write{more}, and on the way to the upload {jobs} it",
        span=of_job(bare[0].workflow, bare[0].job),
        help=(
            f"Give workflows that push or release `permissions` of their own first; then run `{command}`, or choose `Read "
            f"repository contents` there: {links.settings(facts, side, 'actions')}"
        ),
        related=tuple(Related(of_job(here.workflow, here.job), "the same here") for here in bare[1:8]),
    )
