"""The upload was refused: the index had given an upload token (or was handed one), and did not take the file with it."""

from __future__ import annotations

from trustpub.domain.failures.clue import Cause, Clue

_TAKEN = (
    "blake2_256",
    "file-name-reuse",
    "HTTPError: 400",
    "code 400",
    "error '400",
    "400 Bad Request",
    "400 File already exists",
)

_UPLOADING = ("/legacy", "Upload failed with status code", "twine")
_EXCHANGING = ("Token request failed", "token request failed", "error code 422", "invalid-payload")

CAUSES = (
    Cause(
        "project-name-differs",
        "the upload token may not create a project, and the file's project does not exist",
        (Clue("Non-user identities cannot create new projects"),),
        "The name in the package's metadata is not the one that the publisher was registered for. Make them the same; with "
        "several packages each needs a publisher (or pending publisher) of its own.",
        field="project",
    ),
    Cause(
        "token-of-other-project",
        "the upload token is for another project than the file",
        (
            Clue("OIDC scoped token is not valid for project"),
            Clue("project-scoped token is not valid for project"),
        ),
        "Add this workflow as a publisher to the file's own project too, or upload only the files of one project: look at what "
        "lies in the folder that is uploaded.",
        field="project",
    ),
    Cause(
        "upload-token-expired",
        "the upload token ran out before the upload: it lives for 15 minutes",
        (Clue("Invalid API Token: token is expired"), Clue("token is expired", near=("Invalid API Token",))),
        "Upload right after the exchange, and split many or large files into several runs: no client renews the token on its "
        "way.",
    ),
    Cause(
        "upload-credential",
        "the index does not take the credential that the upload came with",
        (Clue("Invalid or non-existent authentication information"), Clue("Invalid API Token:")),
        "Look which credential the client used. For Trusted Publishing take every `password`, token and `.pypirc` away from the "
        "step; a token of TestPyPI is none of PyPI, an upload token that was given back or revoked is none any more, and a "
        "secret that does not exist is empty.",
        sure="likely",
        behind=("empty-token", "token-of-other-project", "upload-token-expired"),
    ),
    Cause(
        "password-refused",
        "the index takes no user name and password",
        (
            Clue("Username/Password authentication is no longer supported"),
            Clue("Password-based uploads disabled"),
            Clue("must be used to upload in place of password"),
        ),
        "Take `user` and `password` away from the step, so that Trusted Publishing is used; or use `__token__` with an API "
        "token.",
    ),
    Cause(
        "no-upload-right",
        "the credential is good, but not for this project",
        (
            Clue("The given token isn't allowed to upload to project"),
            Clue("isn't allowed to upload to project"),
            Clue("You are not allowed to upload to"),
        ),
        "The project is somebody else's, or archived or in quarantine. Choose another name, or ask an owner for the right (or "
        "for a publisher of this workflow).",
        field="project",
    ),
    Cause(
        "account-not-ready",
        "the account behind the API token lacks a verified e-mail address or a second factor",
        (
            Clue("have a verified primary email address"),
            Clue("two-factor authentication enabled", near=("upload", "403")),
        ),
        "Verify the address and switch two-factor authentication on in the account's settings; or use Trusted Publishing, which "
        "uploads as no account.",
    ),
    Cause(
        "file-exists",
        "the index has a file of this name, with other contents",
        (
            Clue("File already exists", near=_TAKEN),
            Clue("FileExists", near=("File already exists",)),
        ),
        "Raise the version and build again: a released file is never replaced. If the same build ran twice, this upload had "
        "been done already.",
    ),
    Cause(
        "file-name-used",
        "a file of this name was deleted from the index, and its name cannot be used again",
        (
            Clue("previously used by a file that has since been deleted"),
            Clue("This filename has already been used"),
        ),
        "Raise the version and build again.",
    ),
    Cause(
        "second-sdist",
        "the release has a source distribution already",
        (Clue("Only one sdist may be uploaded per release"),),
        "Upload one `.tar.gz` a version: look for two in the folder that is uploaded, or raise the version.",
    ),
    Cause(
        "old-release",
        "the release is too old to get more files",
        (Clue("Uploading new files to releases older than"), Clue("releases older than", near=("is not allowed",))),
        "Raise the version and upload all files of it at once.",
    ),
    Cause(
        "local-version",
        "the version is a local one (with a `+`), which an index does not take",
        (
            Clue("The use of local versions in"),
            Clue("use of local versions"),
            Clue("Can't use PEP 440 local versions"),
        ),
        "Build from the tag itself, with its whole history (`fetch-depth: 0`); with setuptools-scm set `local_scheme` to "
        "`no-local-version`.",
        field="version",
    ),
    Cause(
        "platform-tag",
        "the wheel's platform tag is one that the index does not take",
        (Clue("has an unsupported platform tag"),),
        "Build the wheel with cibuildwheel, or repair it with auditwheel: plain `linux_x86_64` says nothing about the systems "
        "it runs on.",
    ),
    Cause(
        "description",
        "the index cannot render the package's description",
        (Clue("The description failed to render"), Clue("description failed to render"),
            Clue("has syntax errors in markup and would not be rendered")),
        "Run `twine check --strict dist/*`, and set `readme` with the right content type in pyproject.toml.",
        field="readme",
    ),
    Cause(
        "file-name",
        "the file's name is not in the form that the index asks for",
        (
            Clue("should contain the normalized project name"),
            Clue("is invalid, should be", near=("Filename",)),
            Clue("Start filename for"),
            Clue("Invalid source distribution filename"),
        ),
        "Upgrade the build backend and build again: it then writes the normalised name.",
    ),
    Cause(
        "licence-file",
        "the metadata names a licence file that is not in the distribution",
        (Clue("does not exist in distribution file", near=("License-File", "icense")),),
        "Mend `license-files` in pyproject.toml, or upgrade the build backend, and build again.",
    ),
    Cause(
        "distribution-broken",
        "a distribution file is broken, and cannot be read",
        (
            Clue("BadZipFile", near=("InvalidDistribution", "twine")),
            Clue("Invalid distribution file"),
            Clue("ZIP archive not accepted"),
            Clue("does not contain the required RECORD file"),
        ),
        "Build again into an empty folder, with a current backend, and change nothing in the files afterwards.",
        behind=("description",),
    ),
    Cause(
        "too-large",
        "the file or the project is larger than the index allows",
        (
            Clue("File too large. Limit for project"),
            Clue("Project size too large"),
            Clue("413 Request Entity Too Large", near=("/legacy",), sure="likely"),
            Clue("413 Payload Too Large", near=("/legacy",), sure="likely"),
        ),
        "Make the files smaller, delete old releases, or ask the index for a higher limit of this project. A bare 413 may also "
        "mean that the address is the index's web host in place of its host for uploads.",
    ),
    Cause(
        "digest-differs",
        "the file that arrived is not the one that was sent",
        (Clue("The digest supplied does not match"),),
        "Upload again; if it stays, something on the way (a proxy, another step) changes the file.",
    ),
    Cause(
        "too-many-projects",
        "the account made too many new projects in a short time",
        (Clue("Too many new projects created"),),
        "Wait an hour and upload again.",
    ),
    Cause(
        "uploads-off",
        "the index takes no uploads, or no new projects, for now",
        (
            Clue("New project registration temporarily disabled"),
            Clue("New uploads are temporarily disabled"),
            Clue("Read-only mode: Uploads are temporarily disabled"),
        ),
        "Nothing is wrong with the workflow: look at the index's status page and run the job again later.",
    ),
    Cause(
        "organization-inactive",
        "the organisation that owns the project is not active on the index",
        (Clue("Organization account owning this project is inactive"),),
        "An owner of the organisation looks at its state (billing, approval) on the index.",
    ),
    Cause(
        "metadata-refused",
        "the index does not take the package's metadata",
        (
            Clue("is an invalid value for {name}. Error:"),
            Clue("is not a valid metadata version"),
            Clue("is not a valid classifier", near=("400", "upload")),
            Clue("Can't have direct dependency"),
            Clue("introduced in metadata version"),
        ),
        "Mend the named field in pyproject.toml and build again. For a metadata version that is not known upgrade twine or the "
        "publish action; for a field that is newer than the metadata version, the build backend.",
        behind=("local-version",),
    ),
    Cause(
        "project-name-refused",
        "the upload would make a project, and the index lets nobody make one of this name",
        (
            Clue("is too similar to an existing project", near=_UPLOADING, apart=_EXCHANGING),
            Clue("The name '{name}' isn't allowed. See", apart=_EXCHANGING),
            Clue("The name '{name}' isn't allowed (conflict with", apart=_EXCHANGING),
        ),
        "Choose another project name in the package's metadata; or ask the index's support for this one.",
        field="project",
    ),
    Cause(
        "upload-outage",
        "the index did not answer the upload as it should; it may be down",
        (
            Clue("500 Internal Server Error", near=_UPLOADING),
            Clue("502 Bad Gateway", near=_UPLOADING),
            Clue("503 Service Unavailable", near=_UPLOADING),
            Clue("504 Gateway", near=_UPLOADING),
            Clue("502 Server Error:", near=_UPLOADING),
            Clue("503 Server Error:", near=_UPLOADING),
        ),
        "Look at the index's status page and re-run the job in a few minutes, with `skip-existing: true`: files that were "
        "uploaded before the failure stay.",
        sure="likely",
        behind=("uploads-off",),
    ),
    Cause(
        "upload-refused",
        "the index refused the upload, and the client does not show why",
        (Clue("Error during upload. Retry with the --verbose option for more details"),),
        "Upload once with `--verbose` (`verbose: true` at the publish action): the index's own words are then in the log.",
        sure="possible",
        last_resort=True,
    ),
)  # fmt: skip
