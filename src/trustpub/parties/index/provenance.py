"""Who published a file, as its provenance says (PEP 740). Read, not verified: that is a verifier's work.

Mirrors: warehouse/api/integrity.py @6b62157 and the publishers of pypi-attestations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.index_project import Attested
from trustpub.parties.index.asking import nonsense
from trustpub.parties.index.certificate import claims_of

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.parties.index.asking import Object


def attested_of(page: Object, url: str) -> tuple[Attested, ...]:
    """Who published the file, once for each bundle of attestations."""
    bundles = page.get("attestation_bundles")
    if not isinstance(bundles, list):
        raise nonsense(url, "`attestation_bundles`", "a list (PEP 740)")
    return tuple(_bundle(each, url) for each in bundles)


def _bundle(bundle: JSON, url: str) -> Attested:
    publisher = bundle.get("publisher") if isinstance(bundle, dict) else None
    kind = publisher.get("kind") if isinstance(publisher, dict) else None
    if not isinstance(publisher, dict) or not isinstance(kind, str) or not kind:
        raise nonsense(url, "the `publisher` of a bundle", "a publisher with its kind (PEP 740)")
    return Attested(
        kind,
        _text(publisher, "repository"),
        _text(publisher, "workflow") or _text(publisher, "workflow_filepath"),
        _text(publisher, "environment"),
        _agreed(bundle.get("attestations") if isinstance(bundle, dict) else None),
    )


def _agreed(attestations: JSON) -> tuple[tuple[str, str], ...]:
    """What the certificates of all attestations say alike; nothing when one of them cannot be read."""
    rows = attestations if isinstance(attestations, list) else []
    told = [_claims(each) for each in rows]
    return tuple(claim for claim in told[0] if all(claim in other for other in told)) if told else ()


def _claims(attestation: JSON) -> tuple[tuple[str, str], ...]:
    material = attestation.get("verification_material") if isinstance(attestation, dict) else None
    certificate = material.get("certificate") if isinstance(material, dict) else None
    return claims_of(certificate) if isinstance(certificate, str) else ()


def _text(publisher: Object, name: str) -> str:
    value = publisher.get(name)
    return value if isinstance(value, str) else ""
