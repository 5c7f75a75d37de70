"""Attestations that the real signing service made, verified with the keys that come with the library: nobody is asked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from trustpub.domain.attestations import Signer
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.parties.attestations.port import Attested, NotAttested, Statements
from trustpub.parties.attestations.sigstore import Verifying

FETCHED = Path(__file__).parents[3] / ".cache" / "attestations"
fetched = pytest.mark.skipif(not FETCHED.exists(), reason="real attestations are not in .cache/; `./x fetch` brings them")

SDIST = "pypi_attestations-0.0.19.tar.gz"
GITLAB_SDIST = "gitlab_oidc_project-0.0.3.tar.gz"
GOOGLE_SDIST = "gcb_attestation_test-0.0.0.tar.gz"
GITHUB = Signer("GitHub", DEFAULT_ISSUERS[Provider.GITHUB], "TrailOfBits/pypi-attestations", "release.yml", "pypi", "2314423")
GITLAB = Signer("GitLab", DEFAULT_ISSUERS[Provider.GITLAB], "facutuesca/gitlab-oidc-project", ".gitlab-ci.yml")


@pytest.fixture(scope="module")
def verifying() -> Verifying:
    """The verifier with the real service's keys."""
    return Verifying(None)


def statements(name: str, signer: Signer, *files: str) -> Statements:
    """This file, with these attestations of it."""
    text = "[" + ",".join((FETCHED / file).read_text(encoding="utf-8") for file in files) + "]"
    return Statements(text, name, hashlib.sha256((FETCHED / name).read_bytes()).hexdigest(), signer)


@fetched
@pytest.mark.parametrize(
    ("name", "signer", "kinds"),
    [
        (SDIST, GITHUB, ("publish",)),
        (SDIST, GITHUB, ("slsa",)),
        (SDIST, GITHUB, ("publish", "slsa")),
        (GITLAB_SDIST, GITLAB, ("publish",)),
    ],
)
def test_real_ones_are_true(verifying: Verifying, name: str, signer: Signer, kinds: tuple[str, ...]) -> None:
    """GitHub's and GitLab's, both types."""
    found = verifying.verify(statements(name, signer, *(f"{name}.{kind}.attestation" for kind in kinds)))

    assert isinstance(found, Attested)
    bundle = json.loads(found.provenance)["attestation_bundles"][0]
    assert len(bundle["attestations"]) == len(kinds)
    assert bundle["publisher"]["repository"].lower() == signer.repository.lower()


@fetched
def test_a_real_provenance_of_google(verifying: Verifying) -> None:
    """What comes out is what the library itself made of it."""
    told = json.loads((FETCHED / f"{GOOGLE_SDIST}.provenance").read_text(encoding="utf-8"))
    (bundle,) = told["attestation_bundles"]
    sha256 = hashlib.sha256((FETCHED / GOOGLE_SDIST).read_bytes()).hexdigest()
    signer = Signer("Google", DEFAULT_ISSUERS[Provider.GOOGLE], email=bundle["publisher"]["email"])

    found = verifying.verify(Statements(json.dumps(bundle["attestations"]), GOOGLE_SDIST, sha256, signer))

    assert isinstance(found, Attested)
    assert json.loads(found.provenance)["attestation_bundles"][0]["publisher"] == bundle["publisher"]


@fetched
@pytest.mark.parametrize(
    "signer",
    [
        GITHUB._replace(repository="trailofbits/pypi-attestation"),
        GITHUB._replace(workflow="test.yml"),
        GITHUB._replace(owner_id="1"),
        GITHUB._replace(issuer=DEFAULT_ISSUERS[Provider.GITLAB]),
        GITLAB,
    ],
)
def test_real_ones_prove_nothing_for_others(verifying: Verifying, signer: Signer) -> None:
    """One field of the publisher is another."""
    found = verifying.verify(statements(SDIST, signer, f"{SDIST}.publish.attestation"))

    assert isinstance(found, NotAttested)
    assert "does not match" in found.message
