"""The exchange was refused: the index read the ID token and gave no upload token for it."""

from __future__ import annotations

from trustpub.domain.failures.clue import Cause, Clue

_REFUSALS = ("Token request failed", "token request failed", "error code 422", "invalid-payload", "mint")
INVALID_PUBLISHER = "invalid-publisher"
UNEXPLAINED = "exchange-refused"

CAUSES = (
    Cause(
        "pull-request-target",
        "the run was started by `pull_request_target`, and an index takes no token of such a run",
        (
            Clue("invoked via 'pull_request_target' is not supported"),
            Clue("invoked via 'pull_request_target' is not allowed"),
        ),
        "Publish on a tag push, a release or a dispatch: take `pull_request_target` out of the publishing workflow's `on:`.",
        field="event_name",
    ),
    Cause(
        "event-refused",
        "the index takes no token of a run that was started by `{event}`",
        (Clue("from a workflow invoked via '{event}' is not allowed here"),),
        "Publish on a tag push, a release or a dispatch; or allow the event `{event}` by name at the publisher on this index.",
        field="event_name",
        behind=("reusable-workflow", "pull-request-target",),
    ),
    Cause(
        "reusable-workflow",
        "the publishing job stands in a reusable workflow, and the token names that file instead of the one that calls it",
        (
            Clue("The job_workflow_ref claim does not match"),
            Clue(
                "suggest that the calling workflow is a reusable workflow",
                near=("invalid-publisher", "refused the request"),
                sure="likely",
                around=4000,  # all the claims may stand between the warning and the refusal
            ),
        ),
        "Move the publishing job into the workflow that the index knows, and let the reusable one only build. A publisher can "
        "name a file of the same repository only.",
        field="job_workflow_ref",
    ),
    Cause(
        "claim-check",
        "the index found a publisher, but the token's claim `{field}` does not fit it",
        (
            Clue("Check failed for required claim '{field}'"),
            Clue("Check failed for optional claim '{field}'"),
        ),
        "Register the publisher anew with what the token says as `{field}`, spelled exactly as there. For `sub` of a GitHub job "
        "there is nothing to register: set the repository's OIDC subject back to GitHub's default; PyPI reads it no more, so run "
        "the job again first.",
        field="{field}",
    ),
    Cause(
        "claim-missing",
        "the token lacks the claim `{field}`, which the index asks of every token of this issuer",
        (Clue("Missing claim '{field}'", near=("publisher", *_REFUSALS)),),
        "No workflow makes or loses this claim: run the job again later. Of a GitHub or GitLab of one's own it may be that its "
        "version does not give it.",
        field="{field}",
    ),
    Cause(
        "field-differs",
        "the index found a publisher that differs from the token in `{field}`",
        (Clue("Publisher with matching claims was not found: {field} differs"),),
        "Make the job and the publisher say the same: change `{field}` in the workflow, or register the publisher anew with the "
        "token's own value.",
        field="{field}",
    ),
    Cause(
        "project-exists",
        "a pending publisher fits the token, but the project that it should create exists already; it is gone now",
        (Clue("valid token, but project already exists"), Clue("invalid-pending-publisher")),
        "If the project is yours, add an ordinary publisher in its publishing settings. If it is somebody else's, choose "
        "another name: a pending publisher does not reserve one.",
        field="project",
    ),
    Cause(
        "project-name",
        "a pending publisher fits the token, but no project of its name can be created",
        (
            Clue("too similar to an existing project", near=_REFUSALS),
            Clue("conflict with the Python standard library", near=_REFUSALS),
            Clue("conflict with Python standard library", near=_REFUSALS),
            Clue("project name isn't allowed", near=_REFUSALS),
            Clue("project name is not allowed", near=_REFUSALS),
            Clue("Invalid project name", near=_REFUSALS),
        ),
        "Choose another project name, in the package's metadata and for the pending publisher; or ask the index's support for "
        "this one.",
        field="project",
    ),
    Cause(
        "unknown-issuer",
        "the index does not know who signed the ID token",
        (Clue("unknown trusted publishing issuer"),),
        "Publish from an issuer that the index knows. PyPI takes github.com and gitlab.com, but no GitHub Enterprise server and "
        "no GitLab of one's own unless an organisation has it registered; an index of your own can have it in its `[[issuers]]`.",
        field="iss",
    ),
    Cause(
        "token-reused",
        "the ID token had been exchanged before, and each can be exchanged only once",
        (Clue("invalid-reuse-token"), Clue("invalid token: already used", near=_REFUSALS)),
        "Ask for a new ID token for every exchange: do not keep one in a variable, an output or a cache, and re-run the whole "
        "job.",
    ),
    Cause(
        "trusted-publishing-off",
        "the index has Trusted Publishing switched off",
        (
            Clue("trusted publishing functionality not enabled"),
            Clue("Trusted publishing functionality not enabled"),
            Clue("has trusted publishing disabled"),
            Clue("has OIDC disabled", near=("audience retrieval failed",)),
            Clue("/_/oidc/audience", near=("403 ", "403)")),
        ),
        "Nothing is wrong with the workflow: look at the index's status page and run the job again later.",
    ),
    Cause(
        "invalid-token",
        "the index did not believe the ID token: signature, audience or time",
        (Clue("malformed or invalid token", near=("invalid-token", *_REFUSALS)),),
        "Run the job again. If it stays: ask for the audience of this very index (`pypi` for PyPI, `testpypi` for TestPyPI), "
        "exchange within five minutes, and look at the runner's clock.",
        field="aud",
        sure="likely",
    ),
    Cause(
        "malformed-request",
        "what was sent to the exchange is not an ID token in JSON",
        (
            Clue("malformed JWT", near=_REFUSALS),
            Clue("the body is not JSON: send", near=_REFUSALS),
            Clue("the body has no string `token`", near=_REFUSALS),
        ),
        'Send `{{"token": "..."}}` with the whole ID token, and look whether the step that asked for it got one.',
    ),
    Cause(
        INVALID_PUBLISHER,
        "no publisher on this index fits the token: owner, repository, owner's id, workflow file or environment differ",
        (
            Clue("Publisher with matching claims was not found"),
            Clue("All lookup strategies exhausted"),
            Clue("no corresponding publisher"),
            Clue("invalid-publisher"),
        ),
        "Open the project's publishing settings on the index that was uploaded to (TestPyPI has its own) and compare every "
        "field with the run: owner, repository, workflow file name, environment. Case counts, and one difference is enough.",
        sure="likely",
        behind=("reusable-workflow", "pull-request-target", "event-refused", "claim-check", "claim-missing", "field-differs"),
    ),
    Cause(
        UNEXPLAINED,
        "the index refused the exchange, and the client does not show why",
        (
            Clue("Failed to get PyPI token via OIDC"),
            Clue("Failed to resolve PyPI token via OIDC"),
            Clue("The token request failed; the index server gave the following reasons"),
            Clue("the server refused the request for the following reasons"),
            Clue("is trusted publishing correctly configured?"),
            Clue("Failed to obtain token for trusted publishing"),
            Clue("PyPI returned error code"),
            Clue("TrustedPublishingFailure"),
            Clue("render_claims(oidc_token)", near=("Traceback", "Error")),  # the publish action reads claims only then
        ),
        "Compare the publisher on the index with the job: owner, repository, workflow file, environment. To see the index's own "
        "words, publish once with `uv publish --trusted-publishing always` or with the publish action.",
        sure="likely",
        last_resort=True,
    ),
)  # fmt: skip
