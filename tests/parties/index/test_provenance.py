"""Who published a file, as its provenance says: bundle by bundle, and only what all of its certificates say alike."""

from __future__ import annotations

import pytest

from trustpub.domain.claims import JSON
from trustpub.domain.index_project import Attested
from trustpub.errors import Unreachable
from trustpub.parties.index.fake import provenance
from trustpub.parties.index.provenance import attested_of

URL = "https://pypi.example/integrity/orchay/1.0/orchay-1.0.tar.gz/provenance"


def page(*objects: JSON) -> dict[str, JSON]:
    """One provenance of the bundles of several."""
    bundles: list[JSON] = []
    for each in objects:
        assert isinstance(each, dict)
        assert isinstance(each["attestation_bundles"], list)
        bundles += each["attestation_bundles"]
    return {"version": 1, "attestation_bundles": bundles}


def test_the_certificate_adds_what_the_publisher_does_not_say() -> None:
    """The commit, the ref, the event, the run."""
    claims = {"ref": "refs/tags/v1.0", "event_name": "release", "run": "https://github.com/octo/orchay/actions/runs/9/attempts/1"}
    told = attested_of(page(provenance("octo/orchay", "release.yml", "pypi", **claims)), URL)
    assert (Attested("GitHub", "octo/orchay", "release.yml", "pypi", tuple(sorted(claims.items()))),) == told
    assert ("refs/tags/v1.0", "") == (told[0].claim("ref"), told[0].claim("sha"))


def test_each_bundle_has_its_publisher() -> None:
    """GitLab's pipeline has a path."""
    publisher: JSON = {
        "kind": "GitLab",
        "repository": "octo/orchay",
        "workflow_filepath": ".gitlab-ci.yml",
        "environment": None,
    }
    gitlab: JSON = {"attestation_bundles": [{"publisher": publisher, "attestations": []}]}
    told = attested_of(page(provenance("octo/orchay", "release.yml"), gitlab), URL)
    assert ["GitHub", "GitLab"] == [each.kind for each in told]
    assert Attested("GitLab", "octo/orchay", ".gitlab-ci.yml", "") == told[1]


def test_attestations_that_disagree_say_only_what_they_say_alike() -> None:
    """The publisher's word stands beside them."""
    first = page(provenance("octo/orchay", "release.yml", ref="refs/tags/v1", event_name="push"))
    second = page(provenance("octo/orchay", "release.yml", ref="refs/heads/main", event_name="push"))
    one, other = first["attestation_bundles"], second["attestation_bundles"]
    assert isinstance(one, list)
    assert isinstance(other, list)
    assert isinstance(one[0], dict)
    assert isinstance(other[0], dict)
    assert isinstance(one[0]["attestations"], list)
    assert isinstance(other[0]["attestations"], list)
    one[0]["attestations"] += other[0]["attestations"]
    assert (("event_name", "push"),) == attested_of(first, URL)[0].claims


@pytest.mark.parametrize("attestations", [None, [], [None], ["x"], [{}], [{"verification_material": {"certificate": 7}}]])
def test_unreadable_attestations_leave_the_publisher(attestations: JSON) -> None:
    """Only the claims are missing."""
    publisher: JSON = {"kind": "GitHub", "repository": "octo/orchay", "workflow": "release.yml", "environment": "pypi"}
    bundles: list[JSON] = [{"publisher": publisher, "attestations": attestations}]
    told = attested_of({"attestation_bundles": bundles}, URL)
    assert (Attested("GitHub", "octo/orchay", "release.yml", "pypi"),) == told


@pytest.mark.parametrize(
    "bundles", [None, {}, "x", [None], [{}], [{"publisher": None}], [{"publisher": {}}], [{"publisher": {"kind": 3}}]]
)
def test_what_is_no_provenance_is_an_error(bundles: JSON) -> None:
    """Taken for "published by nobody" it would be a false alarm."""
    with pytest.raises(Unreachable) as broken:
        attested_of({"attestation_bundles": bundles}, URL)
    assert URL in str(broken.value)
