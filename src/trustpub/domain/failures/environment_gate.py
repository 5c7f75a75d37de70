"""The job never started: an environment's rules, a reviewer, or the rules for actions kept it from running."""

from __future__ import annotations

from trustpub.domain.failures.clue import Cause, Clue

CAUSES = (
    Cause(
        "environment-refuses-tag",
        "the environment `{environment}` lets no run of the tag `{ref}` deploy",
        (Clue('Tag "{ref}" is not allowed to deploy to {environment} due to environment protection rules'),),
        "Add a rule for this tag in Settings → Environments → {environment} → Deployment branches and tags, of the type *tag* "
        "(for example `v*`): the same pattern of the type *branch* lets no tag through. Then re-run the job.",
        field="environment",
    ),
    Cause(
        "environment-refuses-branch",
        "the environment `{environment}` lets no run of the branch `{ref}` deploy",
        (
            Clue('Branch "{ref}" is not allowed to deploy to {environment} due to environment protection rules'),
            Clue('Ref "{ref}" is not allowed to deploy to {environment} due to environment protection rules'),
        ),
        "Run the workflow from a tag or branch that the environment allows (`gh workflow run FILE --ref TAG`), or add this "
        "branch in Settings → Environments → {environment} → Deployment branches and tags.",
        field="environment",
    ),
    Cause(
        "environment-refuses",
        "the environment's rules refused the deployment",
        (
            Clue("is not allowed to deploy to", near=("environment protection rules",)),
            Clue("The deployment was rejected or didn't satisfy other protection rules"),
        ),
        "Look at the environment's rules in Settings → Environments: deployment branches and tags, reviewers, other protection "
        "rules. A reviewer may have said no; the run's page names who.",
        field="environment",
        behind=("environment-refuses-tag", "environment-refuses-branch"),
    ),
    Cause(
        "waiting-for-review",
        "the job waits for somebody to approve it",
        (
            Clue("needs approval to start deploying changes"),
            Clue("Waiting for review:", near=("approval", "deploy")),
        ),
        "One of the environment's reviewers approves it on the run's page (Review deployments). An approval that nobody gives "
        "expires after 30 days, and the job fails.",
        field="environment",
    ),
    Cause(
        "action-not-allowed",
        "the repository's rules for actions do not allow the publish action, and the run never started",
        (Clue("is not allowed to be used in", near=("gh-action-pypi-publish",)),),
        "Allow `pypa/gh-action-pypi-publish@*` in Settings → Actions → General (the organisation's, if it decides), pinned to a "
        "commit where that is asked for.",
    ),
    Cause(
        "startup-failure",
        "GitHub refused the workflow file, or a file that it calls, and no job of the run ever started",
        (),
        "The run's page shows GitHub's own words. `trustpub check` names what GitHub refuses in a file, permissions that a "
        "called workflow asks for included.",
    ),
)  # fmt: skip
