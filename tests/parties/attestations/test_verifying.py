"""True attestations are believed, and no forged one is: one thing wrong in each, signed by a service of our own."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.parties.attestations.signing import (
    CLAIMS,
    COMMIT,
    FILENAME,
    ISSUER,
    NOW,
    REPOSITORY,
    SHA256,
    SLSA,
    Signing,
    public,
    sign,
    text,
    trust_root,
)
from trustpub.domain.attestations import Signer
from trustpub.parties.attestations.port import Attested, NotAttested, Statements
from trustpub.parties.attestations.sigstore import Verifying

SIGNER = Signer("GitHub", ISSUER, "acme/tiny", "pypi.yml", "pypi", "42")
GOOGLE = Signer("Google", "https://accounts.google.com", email="robot@acme.example")
GITLAB = Signer("GitLab", "https://gitlab.com", "acme/group/tiny", "ci/release.yml", "prod")
UNTRUE = "Could not verify the uploaded artifact using the included attestation: Verification failed: "

Attestation = dict[str, Any]


@pytest.fixture(scope="module")
def verifying(tmp_path_factory: pytest.TempPathFactory) -> Verifying:
    """The verifier that trusts our own service."""
    file = tmp_path_factory.mktemp("trust") / "root.json"
    file.write_text(trust_root())
    return Verifying(file)


def statements(*attestations: object, signer: Signer = SIGNER, filename: str = FILENAME, sha256: str = SHA256) -> Statements:
    """These attestations of this file."""
    return Statements(json.dumps(attestations), filename, sha256, signer)


def claims(**changed: str | None) -> dict[str, str]:
    """A certificate's claims with some changed; None takes one away."""
    told = {**CLAIMS, **{name.removeprefix("c"): value for name, value in changed.items()}}
    return {name: value for name, value in told.items() if value is not None}


def test_a_true_attestation_becomes_provenance(verifying: Verifying) -> None:
    """The publisher and the attestation, in the shape of PEP 740."""
    true = Signing().attestation()

    found = verifying.verify(statements(true))

    assert isinstance(found, Attested)
    publisher = {"kind": "GitHub", "repository": "acme/tiny", "workflow": "pypi.yml", "environment": "pypi"}
    bundle = {"publisher": publisher, "attestations": [true]}
    assert json.loads(found.provenance) == {"version": 1, "attestation_bundles": [bundle]}


def test_two_kinds_of_one_file(verifying: Verifying) -> None:
    """One attestation of each type."""
    found = verifying.verify(statements(Signing().attestation(), Signing(kind=SLSA).attestation()))

    assert isinstance(found, Attested)
    assert len(json.loads(found.provenance)["attestation_bundles"][0]["attestations"]) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"c18": f"{REPOSITORY}/.github/workflows/pypi.yml@{COMMIT}"},
        {"c17": None},
        {"c13": None},
        {"c14": None, "c18": f"{REPOSITORY}/.github/workflows/pypi.yml@{COMMIT}"},
    ],
)
def test_what_a_certificate_may_leave_open(verifying: Verifying, changed: dict[str, str | None]) -> None:
    """The commit is named by its hash or by its ref, and older certificates do not tell the owner's number."""
    assert isinstance(verifying.verify(statements(Signing(claims=claims(**changed)).attestation())), Attested)


def test_the_repository_is_written_as_its_certificate_has_it(verifying: Verifying) -> None:
    """Who registered the publisher in other letters is the same; readers of provenance compare exactly."""
    found = verifying.verify(statements(Signing().attestation(), signer=SIGNER._replace(repository="Acme/TINY")))

    assert isinstance(found, Attested)
    assert json.loads(found.provenance)["attestation_bundles"][0]["publisher"]["repository"] == "acme/tiny"


def test_gitlab(verifying: Verifying) -> None:
    """A group within a group, and a path for the workflow."""
    place = "https://gitlab.com/acme/group/tiny"
    told = claims(c8="https://gitlab.com", c12=place, c18=f"{place}//ci/release.yml@{CLAIMS['14']}", c17=None)

    found = verifying.verify(statements(Signing(claims=told).attestation(), signer=GITLAB))

    assert isinstance(found, Attested)
    publisher = {"kind": "GitLab", "repository": "acme/group/tiny", "workflow_filepath": "ci/release.yml", "environment": "prod"}
    assert json.loads(found.provenance)["attestation_bundles"][0]["publisher"] == publisher


def test_google(verifying: Verifying) -> None:
    """A service account is the certificate's own name."""
    told = {"1": GOOGLE.issuer, "8": GOOGLE.issuer}
    true = Signing(claims=told, san=x509.RFC822Name(GOOGLE.email)).attestation()

    found = verifying.verify(statements(true, signer=GOOGLE))

    assert isinstance(found, Attested)
    publisher = json.loads(found.provenance)["attestation_bundles"][0]["publisher"]
    assert publisher == {"kind": "Google", "email": GOOGLE.email}
    other = verifying.verify(statements(true, signer=GOOGLE._replace(email="other@acme.example")))
    assert isinstance(other, NotAttested)


EVIL = "https://github.com/evil/tiny"
LATER = NOW + dt.timedelta(minutes=11)
FORGED: dict[str, tuple[Signing, str]] = {
    "another repository": (
        Signing(claims=claims(c12=EVIL, c18=f"{EVIL}/.github/workflows/pypi.yml@{CLAIMS['14']}")),
        f"Certificate's source repository does not match (got {EVIL}, expected {REPOSITORY})",
    ),
    "a longer repository": (Signing(claims=claims(c12=REPOSITORY + "-evil")), "source repository does not match"),
    "no repository": (Signing(claims=claims(c12=None)), "source repository does not match (got None"),
    "another workflow": (
        Signing(claims=claims(c18=f"{REPOSITORY}/.github/workflows/evil.yml@{CLAIMS['14']}")),
        "Certificate's workflow does not match",
    ),
    "a workflow of another repository": (
        Signing(claims=claims(c18=f"{EVIL}/.github/workflows/pypi.yml@{CLAIMS['14']}")),
        "Certificate's workflow does not match",
    ),
    "a workflow at another commit": (
        Signing(claims=claims(c18=f"{REPOSITORY}/.github/workflows/pypi.yml@refs/heads/evil")),
        "Certificate's workflow does not match",
    ),
    "no commit": (Signing(claims=claims(c13=None, c14=None)), "Certificate's workflow does not match"),
    "an empty commit": (
        Signing(claims=claims(c13="", c14="", c18=f"{REPOSITORY}/.github/workflows/pypi.yml@")),
        "Certificate's workflow does not match",
    ),
    "another owner of the same name": (
        Signing(claims=claims(c17="43")),
        "Certificate's number of the repository's owner does not match (got 43, expected 42)",
    ),
    "another issuer": (Signing(claims=claims(c8="https://ghe.acme.example/_services/token")), "OIDC issuer does not match"),
    "no issuer": (Signing(claims=claims(c8=None)), "OIDC issuer does not match (got None"),
    "another file's digest": (Signing(sha256="0" * 64), "subject does not match distribution digest"),
    "another file's name": (
        Signing(filename="tiny_demo-2.0-py3-none-any.whl"),
        f"subject does not match distribution name: tiny_demo-2.0-py3-none-any.whl != {FILENAME}",
    ),
    "no file's name": (Signing(filename="notes.txt"), "invalid subject: "),
    "two subjects": (
        Signing(statement={"subject": [{"name": FILENAME, "digest": {"sha256": SHA256}}] * 2}),
        "too many subjects in statement (must be exactly one)",
    ),
    "no subject": (Signing(statement={"subject": []}), "too many subjects in statement (must be exactly one)"),
    "a subject without a name": (
        Signing(statement={"subject": [{"digest": {"sha256": SHA256}}]}),
        "invalid subject: missing name",
    ),
    "a weak digest": (
        Signing(statement={"subject": [{"name": FILENAME, "digest": {"md5": "0" * 32}}]}),
        "subject does not match distribution digest",
    ),
    "another type": (Signing(kind="https://evil.example/v1"), "unknown attestation type: https://evil.example/v1"),
    "no type": (Signing(statement={"predicateType": None}), "unknown attestation type: None"),
    "not a statement": (Signing(statement={"_type": "https://evil.example"}), "invalid statement: its type is not"),
    "expired when it was logged": (Signing(logged=LATER), "failed to build timestamp certificate chain"),
    "logged before it was valid": (Signing(logged=NOW - dt.timedelta(days=1)), "failed to build timestamp certificate chain"),
    "another authority": (Signing(ca="evil"), "failed to build timestamp certificate chain"),
    "another certificate log": (Signing(certificate_log="evil"), "failed to verify SCT on signing certificate"),
    "no promise of a certificate log": (Signing(sct=False), "failed to verify SCT on signing certificate"),
    "a certificate for web sites": (Signing(usage=ExtendedKeyUsageOID.SERVER_AUTH), "Extended usage does not contain"),
    "another transparency log": (Signing(log="evil"), "invalid log entry"),
    "another key": (Signing(signer="evil"), "signature"),
    "logged with another content": (
        Signing(body={"payloadHash": {"algorithm": "sha256", "value": "0" * 64}}),
        "log entry payload hash does not match bundle",
    ),
    "logged with another signature": (
        Signing(body={"signatures": [{"signature": text(b"x"), "verifier": text(b"x")}]}),
        "log entry signatures do not match bundle",
    ),
}


@pytest.mark.parametrize("case", FORGED)
def test_no_forged_attestation_is_believed(verifying: Verifying, case: str) -> None:
    """Each names what is wrong."""
    signing, words = FORGED[case]

    found = verifying.verify(statements(signing.attestation()))

    assert isinstance(found, NotAttested)
    assert found.message.startswith(UNTRUE), found.message
    assert words in found.message
    assert "\n" not in found.message


def changed(path: str, value: object) -> Callable[[Attestation], None]:
    """Change one thing in a finished attestation."""

    def change(made: Attestation) -> None:
        *way, last = path.split(".")
        at: Any = made
        for step in way:
            at = at[int(step)] if step.isdecimal() else at[step]
        at[int(last) if last.isdecimal() else last] = value

    return change


def other_entry(made: Attestation) -> None:
    """Put in the log entry of another attestation of the same signer."""
    entries = Signing(kind=SLSA).attestation()["verification_material"]["transparency_entries"]  # type: ignore[index,call-overload]
    made["verification_material"]["transparency_entries"] = entries


def spoofed_log(made: Attestation) -> None:
    """Say that our log signed what another one did."""
    entry = made["verification_material"]["transparency_entries"][0]
    note = entry["inclusionProof"]["checkpoint"]["envelope"].partition("\n\n")[0] + "\n"
    mark = text(b"".join((hashlib.sha256(public("rekor")).digest()[:4], sign("evil", note.encode()))))
    entry["inclusionProof"]["checkpoint"]["envelope"] = f"{note}\n\u2014 log.example {mark}\n"


ENTRY = "verification_material.transparency_entries.0"
TAMPERED: dict[str, Callable[[Attestation], None]] = {
    "the statement": changed("envelope.statement", text(Signing(sha256="0" * 64).payload())),
    "the signature": changed("envelope.signature", text(b"nonsense")),
    "no signature": changed("envelope.signature", ""),
    "the log entry of another": other_entry,
    "a checkpoint of another log": spoofed_log,
    "the time": changed(f"{ENTRY}.integratedTime", str(int(NOW.timestamp()) + 5)),
    "no time": changed(f"{ENTRY}.integratedTime", None),
    "no promise": changed(f"{ENTRY}.inclusionPromise", None),
    "no proof": changed(f"{ENTRY}.inclusionProof", None),
    "no checkpoint": changed(f"{ENTRY}.inclusionProof.checkpoint", None),
    "an empty checkpoint": changed(f"{ENTRY}.inclusionProof.checkpoint.envelope", ""),
    "another root": changed(f"{ENTRY}.inclusionProof.rootHash", text(bytes(32))),
    "a larger tree": changed(f"{ENTRY}.inclusionProof.treeSize", "99999999999999999999"),
    "a place before the start": changed(f"{ENTRY}.inclusionProof.logIndex", "-1"),
    "more hashes": changed(f"{ENTRY}.inclusionProof.hashes", [text(bytes(32))] * 64),
    "another kind": changed(f"{ENTRY}.kindVersion.kind", "hashedrekord"),
    "the body": changed(f"{ENTRY}.canonicalizedBody", text(b"{}")),
    "the log's name": changed(f"{ENTRY}.logId.keyId", text(bytes(32))),
    "the certificate": changed("verification_material.certificate", text(b"nonsense")),
    "no log entry": changed("verification_material.transparency_entries", []),
    "a log entry of another shape": changed(ENTRY, {"a": 1}),
    "two log entries": changed("verification_material.transparency_entries", [{}, {}]),
    "the version": changed("version", 2),
    "an envelope of another shape": changed("envelope", []),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_nothing_of_an_attestation_can_be_changed(verifying: Verifying, case: str) -> None:
    """Whatever is changed afterwards, it is no longer believed, and nothing is raised."""
    made = Signing().attestation()
    TAMPERED[case](made)

    found = verifying.verify(statements(made))

    assert isinstance(found, NotAttested)
    assert "\n" not in found.message
    assert len(found.message) < 800


def test_two_of_one_type(verifying: Verifying) -> None:
    """One of each is enough."""
    found = verifying.verify(statements(Signing().attestation(), Signing().attestation()))

    words = "Multiple attestations for the same file with the same predicate type ("
    assert isinstance(found, NotAttested)
    assert found.message.startswith(words)


def test_one_forged_among_true_ones(verifying: Verifying) -> None:
    """All or nothing."""
    found = verifying.verify(statements(Signing().attestation(), Signing(kind=SLSA, sha256="0" * 64).attestation()))

    assert isinstance(found, NotAttested)


@pytest.mark.parametrize(("given", "message"), [("[{}]", "Malformed attestations: 0.version: Field required"), ("[1]", None)])
def test_what_is_no_attestation(verifying: Verifying, given: str, message: str | None) -> None:
    """The field that is missing is named."""
    found = verifying.verify(Statements(given, FILENAME, SHA256, SIGNER))

    assert isinstance(found, NotAttested)
    assert found.message.startswith("Malformed attestations: 0")
    assert message in (None, found.message)


def test_the_real_service_does_not_vouch_for_ours() -> None:
    """The trust root that comes with the library is another one, and it is found without asking anybody."""
    found = Verifying(None).verify(statements(Signing().attestation()))

    assert isinstance(found, NotAttested)


@pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense", '{"mediaType": "text/plain"}'])
def test_a_trust_root_that_is_none(tmp_path: Path, content: str) -> None:
    """It is refused when it is read, not when somebody uploads."""
    file = tmp_path / "root.json"
    file.write_text(content)

    with pytest.raises(ValueError, match=r"."):
        Verifying(file)
