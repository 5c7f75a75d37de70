"""Attestations were in the way: they were refused, could not be made, or were asked for where nobody takes them."""

from __future__ import annotations

from trustpub.domain.failures.clue import Cause, Clue

CAUSES = (
    Cause(
        "attestations-need-trusted-publishing",
        "attestations were sent with an API token, and the index takes them with Trusted Publishing only",
        (Clue("Attestations are only supported when using Trusted Publishing"),),
        "Use Trusted Publishing, or switch them off: `attestations: false`, `uv publish --no-attestations`.",
        field="attestations",
    ),
    Cause(
        "attestation-identity",
        "the attestation was signed by another identity than the publisher's, or for another file",
        (
            Clue("Could not verify the uploaded artifact using the included attestation"),
            Clue("of 2 policies succeeded"),
        ),
        "Publish from the workflow that the publisher names, not from a reusable one, and change nothing in the files after "
        "they are signed; or set `attestations: false`.",
        field="attestations",
    ),
    Cause(
        "signed-twice",
        "the files have attestations from an earlier step already",
        (Clue("already has a publish attestation"), Clue("already have publish attestations")),
        "Upload to TestPyPI and to PyPI in two jobs, or set `attestations: false` at the first of the two steps.",
        field="attestations",
    ),
    Cause(
        "attestations-refused",
        "the index does not take these attestations",
        (
            Clue("Invalid attestations supplied during upload"),
            Clue("Attestations are not currently supported with"),
            Clue("Malformed attestations"),
            Clue("Multiple attestations for the same file"),
        ),
        "Let the publish action make them, one of each kind a file; or set `attestations: false`.",
        field="attestations",
        behind=("attestation-identity",),
    ),
    Cause(
        "attestations-missing",
        "attestations were asked for, and a file has none",
        (Clue("has no associated attestations"), Clue("invalid JSON in attestation")),
        "Make them before the upload (`pypi-attestations sign`), or take `--attestations` away. The publish action makes them "
        "for `.whl` and `.tar.gz` only: build no `.zip`, or set `attestations: false`.",
        field="attestations",
    ),
    Cause(
        "sigstore-outage",
        "the signing services did not answer in time",
        (
            Clue("ExpiredIdentity"),
            Clue("rekor.sigstore.dev", near=("timed out", "502", "503", "Max retries")),
            Clue("fulcio.sigstore.dev", near=("timed out", "502", "503", "Max retries")),
            Clue("tuf-repo-cdn.sigstore.dev", near=("timed out", "502", "503", "Max retries", "refresh")),
        ),
        "Re-run the job; if it cannot wait, set `attestations: false` for this release.",
        field="attestations",
        sure="likely",
    ),
    Cause(
        "attestations-ignored",
        "the publish action makes no attestations here",
        (
            Clue("attestations input is ignored"),
            Clue("does not support PEP 740 attestations"),
            Clue("disabling Trusted Publishing", near=("attestations", "password")),
        ),
        "With a password there is no Trusted Publishing: take it away. For an index of your own set `attestations: false`; this "
        "is only a warning.",
        field="attestations",
        sure="possible",
    ),
)  # fmt: skip
