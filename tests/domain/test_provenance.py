"""What a provenance says in short; what cannot be read says nothing."""

from __future__ import annotations

import base64
import json

import pytest

from trustpub.domain.provenance import Signed, signed_by


def test_who_signed_what() -> None:
    """The publisher's fields in one line, the predicate types in their order."""
    envelopes = [{"statement": base64.b64encode(json.dumps({"predicateType": kind}).encode()).decode()} for kind in ("a", "b")]
    publisher = {"kind": "GitLab", "repository": "acme/tiny", "workflow_filepath": "ci.yml", "environment": None}
    bundle = {"publisher": publisher, "attestations": [{"envelope": each} for each in envelopes]}
    told = json.dumps({"version": 1, "attestation_bundles": [bundle]})
    assert (Signed("GitLab acme/tiny ci.yml", ("a", "b")),) == signed_by(told)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"attestation_bundles": [{"publisher": {}, "attestations": [{}]}]}'])
def test_what_cannot_be_read_says_nothing(text: str) -> None:
    """No page is broken by it."""
    assert () == signed_by(text)
