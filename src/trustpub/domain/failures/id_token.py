"""The job got no ID token: it never came to an exchange."""

from __future__ import annotations

from trustpub.domain.failures.clue import Cause, Clue

_TRUSTED = ("rusted publish", "OIDC", "oidc", "ID token")
_ELSEWHERE = "you're not in GitHub Actions"

CAUSES = (
    Cause(
        "call-permission",
        "a called workflow asks for `id-token: write`, and the job that calls it does not grant it: the run never started",
        (
            Clue("is requesting 'id-token: write', but is only allowed 'id-token: none'"),
            Clue("is requesting 'id-token: write'", near=("is only allowed",)),
        ),
        "Add `permissions: {{id-token: write, contents: read}}` to the job that calls the workflow (the one with `uses:`).",
        field="permissions",
    ),
    Cause(
        "fork-pull-request",
        "the run was started by a pull request from a fork, which never gets an ID token",
        (Clue("called from a pull request on a fork"),),
        "Publish on an event that forks cannot cause: a tag push, a release or a dispatch.",
        field="event_name",
    ),
    Cause(
        "id-token-permission",
        "the job has no right to ask for an ID token",
        (
            Clue("missing or insufficient OIDC token permissions"),
            Clue("ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was unset"),
            Clue("ACTIONS_ID_TOKEN_REQUEST_URL environment variable was unset"),
            Clue("is the `id-token: write` permission missing", apart=(_ELSEWHERE,)),
            Clue("missing ACTIONS_ID_TOKEN_REQUEST_URL"),
            Clue("missing ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
            Clue("Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable"),
            Clue("Unable to get ACTIONS_ID_TOKEN_REQUEST_TOKEN env variable"),
        ),
        "Give the job `permissions: {{id-token: write}}` (and `contents: read` if it checks out): a job with any "
        "`permissions:` has no others. In a called workflow the calling job needs it too.",
        field="permissions",
        behind=("fork-pull-request",),
    ),
    Cause(
        "id-token-variable",
        "GitLab gave the job no ID token under the name that the client looks for",
        (
            Clue("ID token variable not found: {name}"),
            Clue("_ID_TOKEN not found", near=_TRUSTED),
        ),
        "Add `id_tokens:` to the job, with the variable and the audience of this index: `PYPI_ID_TOKEN: {{aud: pypi}}` for PyPI, "
        "`TESTPYPI_ID_TOKEN: {{aud: testpypi}}` for TestPyPI.",
        field="id_tokens",
    ),
    Cause(
        "audience",
        "the ID token is meant for another index",
        (Clue("Token audience claim mismatch"), Clue("audience claim mismatch", near=_TRUSTED)),
        "Ask for the audience that the index names at `/_/oidc/audience`: `pypi` for PyPI, `testpypi` for TestPyPI. In GitLab "
        "it is the `aud:` below `id_tokens:`.",
        field="aud",
    ),
    Cause(
        "not-in-ci",
        "the client found no CI that could give it an ID token",
        (
            Clue("No OIDC token discovered"),
            Clue(_ELSEWHERE, near=("rusted publishing",)),
            Clue("This environment is not supported for trusted publishing"),
            Clue("Attempted to discover OIDC in broken environment"),
            Clue("Unable to detect OIDC token for CI platform"),
        ),
        "Run this in the CI job that the publisher names. On your own machine `trustpub rehearse` plays the whole flow, and an "
        "API token uploads.",
        behind=("id-token-permission", "id-token-variable", "audience", "fork-pull-request"),
    ),
    Cause(
        "missing-credentials",
        "the client had no credential, and Trusted Publishing gave it none",
        (
            Clue("Missing credentials for", near=("Failed to publish", "rusted publishing")),
            Clue("Neither credentials nor keyring are configured"),
            Clue("NonInteractive: Credential not found for"),
            Clue("Credentials not found and non-interactive mode is enabled"),
            Clue("Username and password are required", near=("pdm", "PDM")),
        ),
        "If Trusted Publishing was meant, give the job `permissions: {{id-token: write}}`, and make the client say why it fails: "
        "`uv publish --trusted-publishing always`. twine tries it at PyPI and TestPyPI only.",
        field="permissions",
        sure="likely",
        last_resort=True,
    ),
)  # fmt: skip
