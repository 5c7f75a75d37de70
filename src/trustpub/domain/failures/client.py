"""The client stopped by itself: an address, an option, a credential or a file in its way, before the index was asked."""

from __future__ import annotations

from trustpub.domain.failures.clue import Cause, Clue

_UPLOADING = ("ublish", "pload", "twine", "dist/")

CAUSES = (
    Cause(
        "credentials-and-always",
        "the client was told to use Trusted Publishing, and was given a credential as well",
        (Clue("not allowed when using trusted publishing"),),
        "Take the token, user name, password or keyring away from the step (`UV_PUBLISH_TOKEN`, `UV_PUBLISH_PASSWORD`), or do "
        "not ask for `--trusted-publishing always`.",
    ),
    Cause(
        "empty-token",
        "the publish action was given a password that is empty, or that is no token",
        (
            Clue("EMPTY TOKEN", near=("password", "PyPA publish")),
            Clue("POTENTIALLY INVALID TOKEN"),
            Clue("your token value does not start with", near=("Invalid or non-existent authentication",)),
        ),
        "Look whether the secret exists under this name, in this environment; for Trusted Publishing take `password:` away "
        "altogether.",
    ),
    Cause(
        "upload-address",
        "the upload address is not the one that takes uploads",
        (
            Clue("RedirectDetected"),
            Clue("missing a trailing slash", near=_UPLOADING),
            Clue("Redirected URL is not in the same realm"),
            Clue("location header is not a URL"),
            Clue("POST requests are not supported by the endpoint"),
            Clue("are you using the simple index URL instead of the upload URL"),
            Clue("405 Method Not Allowed", near=("/simple",)),
            Clue("files are uploaded to the address that ends in"),
            Clue("308 Permanent Redirect", near=("/legacy",)),
            Clue("Redirect response '308", near=("/legacy",)),
        ),
        "Write the upload address whole, with https and the slash at its end: it ends in `/legacy/`, not in `/simple/`.",
        field="repository-url",
    ),
    Cause(
        "skip-existing",
        "twine skips existing files on PyPI and TestPyPI only",
        (Clue("UnsupportedConfiguration", near=("--skip-existing",)),),
        "Take `--skip-existing` (`skip-existing: true`) away for this index.",
    ),
    Cause(
        "no-distributions",
        "there was nothing to upload",
        (
            Clue("MISSING DISTS"),
            Clue("Cannot find file (or expand pattern)"),
            Clue("No files found to publish"),
            Clue("No artifacts found", near=("hatch",)),
        ),
        "Look whether the build's files reach the publishing job: the same name and `path: dist/` in upload-artifact and "
        "download-artifact, and `packages-dir` where the files are.",
        field="packages-dir",
    ),
    Cause(
        "folders-in-dist",
        "the folder that is uploaded holds folders in place of files",
        (Clue("look like distributions but are not actually files"),),
        "Give download-artifact `merge-multiple: true`, so that the files of several artifacts lie in one folder.",
        field="packages-dir",
    ),
    Cause(
        "other-build",
        "the index has this file from another build",
        (Clue("Local file and index file do not match"),),
        "Raise the version and build again: a released file is never replaced.",
    ),
    Cause(
        "old-twine",
        "the client is too old for the metadata that the build wrote",
        (
            Clue("Metadata is missing required fields: Name, Version"),
            Clue("unrecognized or malformed field 'license-file'"),
            Clue("unrecognized or malformed field 'license-expression'"),
            Clue("is not a valid metadata version", near=("InvalidDistribution", "twine")),
        ),
        "Upgrade twine and packaging (`pip install -U twine packaging`), or the publish action.",
    ),
    Cause(
        "publish-on-linux",
        "the publish action is a container action, and these run on Linux with docker only",
        (
            Clue("Container action is only supported on Linux"),
            Clue("docker: command not found", near=("gh-action-pypi-publish",)),
        ),
        "Build where you like, and publish in a job of its own with `runs-on: ubuntu-latest`.",
        field="runs-on",
    ),
    Cause(
        "action-image",
        "the publish action's image could not be fetched",
        (
            Clue("gh-action-pypi-publish", near=("manifest unknown", "Unable to find image", "manifest for ghcr.io")),
        ),
        "Pin the action to the commit of a release (not to the id of the tag object), allow ghcr.io where outgoing traffic is "
        "filtered, and do not wrap the action in another one.",
    ),
    Cause(
        "token-not-given-back",
        "the upload token could not be given back; it expires by itself",
        (Clue("Failed to invalidate trusted publishing token"),),
        "Nothing has to be done: the upload is not concerned. An index of your own may offer `/_/oidc/burn-token`.",
        sure="possible",
    ),
)  # fmt: skip
