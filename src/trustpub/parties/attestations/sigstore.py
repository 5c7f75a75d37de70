"""The one place that knows the libraries: `pypi_attestations` reads attestations, `sigstore` checks signatures, nobody is asked.

The library's own `verify` takes its trust root from the signing service's repository, over the network or from a cache in
somebody's home folder. So its steps are taken here one by one, with a trust root from a file: certificate, log entry and
signature by `sigstore`, then the statement, as `Attestation.verify` does. Imported in the verifying process only.
Mirrors: pypi_attestations 0.0.30 (Attestation.verify, the publishers' policies), warehouse/attestations/services.py @6b62157.
"""

from __future__ import annotations

import json
import re
from importlib.resources import as_file, files
from typing import TYPE_CHECKING
from urllib.parse import quote

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from pydantic import TypeAdapter, ValidationError
from pypi_attestations import (
    Attestation,
    AttestationBundle,
    AttestationError,
    AttestationType,
    GitHubPublisher,
    GitLabPublisher,
    GooglePublisher,
    Provenance,
)
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore.errors import Error as SigstoreError
from sigstore.errors import VerificationError
from sigstore.models import TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from trustpub.parties.attestations.port import Attested, NotAttested

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.x509 import Certificate
    from sigstore.verify.policy import VerificationPolicy

    from trustpub.domain.attestations import Signer
    from trustpub.domain.claims import JSON
    from trustpub.parties.attestations.port import Statements

_FULCIO = "1.3.6.1.4.1.57264.1."
_ISSUER, _REPOSITORY, _DIGEST, _REF, _OWNER_ID, _CONFIG = (_FULCIO + each for each in ("8", "12", "13", "14", "17", "18"))
"""Names in a certificate, as the signing service documents them."""
_HOSTS = {"GitHub": "https://github.com/", "GitLab": "https://gitlab.com/"}
_PAYLOAD = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_UNTRUE = "Could not verify the uploaded artifact using the included attestation: Verification failed: "


class Verifying:
    """Verifies with the trust root in a file (None: the one that came with the library). Raises OSError and ValueError."""

    def __init__(self, trust_root: Path | None) -> None:
        self._attestations = TypeAdapter(list[Attestation])
        try:
            self._verifier = Verifier(trusted_root=_trusted_root(trust_root))
        except SigstoreError as problem:
            raise ValueError(_one_line(problem)) from None

    def verify(self, statements: Statements) -> Attested | NotAttested:
        """Verify every attestation: whose it is, what it says of which file, and that no two say the same."""
        try:
            attestations = self._attestations.validate_json(statements.text)
        except ValidationError as problem:
            first = problem.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            return NotAttested(f"Malformed attestations: {place}: {first['msg']}")
        seen: set[str] = set()
        for attestation in attestations:
            try:
                kind = self._kind_of_true(attestation, statements)
            except (VerificationError, AttestationError) as problem:
                return NotAttested(_UNTRUE + _one_line(problem))
            except (MemoryError, RecursionError):
                raise
            except Exception as problem:  # noqa: BLE001 - libraries that read foreign bytes raise whatever they like
                return NotAttested(f"Unknown error while trying to verify included attestations: {_one_line(problem)}")
            if kind in seen:
                why = f"Multiple attestations for the same file with the same predicate type ({kind}) are not supported"
                return NotAttested(why)
            seen.add(kind)
        bundle = AttestationBundle(publisher=_publisher(statements.signer, attestations), attestations=attestations)
        return Attested(Provenance(attestation_bundles=[bundle]).model_dump_json())

    def _kind_of_true(self, attestation: Attestation, statements: Statements) -> str:
        """The predicate type of one attestation that is true."""
        if len(attestation.verification_material.transparency_entries) != 1:
            raise VerificationError("exactly one transparency log entry is expected")
        policy = _policy(statements.signer, attestation)
        kind, payload = self._verifier.verify_dsse(attestation.to_bundle(), policy)
        if kind != _PAYLOAD:
            raise VerificationError(f"expected JSON envelope, got {kind}")
        return _predicate_type(payload, statements)


class _SignedBy:
    """The certificate names the publisher's repository and workflow, at whatever commit."""

    def __init__(self, signer: Signer, claims: dict[str, str]) -> None:
        self._signer = signer
        self._claims = claims

    def verify(self, _: Certificate) -> None:
        """Compare; the claims are the same certificate's. Raises VerificationError."""
        signer, claims = self._signer, self._claims
        if claims.get(_ISSUER) != signer.issuer:
            raise _other("OIDC issuer", claims.get(_ISSUER), signer.issuer)
        repository = _HOSTS[signer.kind] + signer.repository
        if not _same_place(claims.get(_REPOSITORY, ""), repository):
            raise _other("source repository", claims.get(_REPOSITORY), repository)
        owner = claims.get(_OWNER_ID)
        if signer.owner_id and owner is not None and owner != signer.owner_id:
            raise _other("number of the repository's owner", owner, signer.owner_id)
        between = "/.github/workflows/" if signer.kind == "GitHub" else "//"
        workflow = f"{claims.get(_REPOSITORY)}{between}{signer.workflow}"
        commits = [claims[name] for name in (_DIGEST, _REF) if claims.get(name)]
        if claims.get(_CONFIG) not in [f"{workflow}@{commit}" for commit in commits]:
            raise _other("workflow", claims.get(_CONFIG), f"{workflow} at its own commit")


def _policy(signer: Signer, attestation: Attestation) -> VerificationPolicy:
    if signer.kind == "Google":
        return Identity(identity=signer.email, issuer=signer.issuer)
    return _SignedBy(signer, attestation.certificate_claims)


def _other(what: str, got: str | None, expected: str) -> VerificationError:
    return VerificationError(f"Certificate's {what} does not match (got {got}, expected {expected})")


def _same_place(one: str, other: str) -> bool:
    """Owners and repositories are the same in any case; both must be ASCII, where `lower` has no surprises."""
    return one.isascii() and other.isascii() and one.lower() == other.lower()


def _predicate_type(payload: bytes, statements: Statements) -> str:
    """The statement's type, when it speaks of this file and of nothing else. Raises VerificationError."""
    try:
        statement: JSON = json.loads(payload)
    except ValueError:
        raise VerificationError("invalid statement: it is not JSON") from None
    if not isinstance(statement, dict) or statement.get("_type") != _STATEMENT:
        raise VerificationError(f"invalid statement: its type is not {_STATEMENT}")
    subjects = statement.get("subject")
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise VerificationError("too many subjects in statement (must be exactly one)")
    subject = subjects[0]
    name = subject.get("name") if isinstance(subject, dict) else None
    if not isinstance(subject, dict) or not isinstance(name, str) or not name:
        raise VerificationError("invalid subject: missing name")
    if _parsed(name) != _parsed(statements.filename):
        raise VerificationError(f"subject does not match distribution name: {name} != {statements.filename}")
    digest = subject.get("digest")
    if not isinstance(digest, dict) or digest.get("sha256") != statements.sha256:
        raise VerificationError("subject does not match distribution digest")
    kind = statement.get("predicateType")
    if kind not in [each.value for each in AttestationType]:
        raise VerificationError(f"unknown attestation type: {kind}")
    return str(kind)


def _parsed(filename: str) -> object:
    """A file name without what may be spelled in several ways. Raises VerificationError."""
    try:
        return parse_wheel_filename(filename) if filename.endswith(".whl") else parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename) as problem:
        raise VerificationError(f"invalid subject: {problem}") from None


def _publisher(signer: Signer, attestations: list[Attestation]) -> GitHubPublisher | GitLabPublisher | GooglePublisher:
    """The publisher as provenance names it; its repository in the certificates' spelling, which readers compare exactly."""
    if signer.kind == "Google":
        return GooglePublisher(email=signer.email)
    repository = attestations[0].certificate_claims[_REPOSITORY].removeprefix(_HOSTS[signer.kind])
    environment = signer.environment or None
    if signer.kind == "GitHub":
        return GitHubPublisher(repository=repository, workflow=signer.workflow, environment=environment)
    return GitLabPublisher(repository=repository, workflow_filepath=signer.workflow, environment=environment)


def _trusted_root(file: Path | None) -> TrustedRoot:
    if file is not None:
        return TrustedRoot.from_file(str(file))
    with as_file(files("sigstore._store") / quote(DEFAULT_TUF_URL, safe="") / "trusted_root.json") as embedded:
        return TrustedRoot.from_file(str(embedded))


def _one_line(problem: Exception) -> str:
    """The problem's words in one line that fits a status line."""
    words = re.sub(r"\s+", " ", str(problem)).strip() or type(problem).__name__
    return words.removeprefix("Verification failed: ")[:600]
