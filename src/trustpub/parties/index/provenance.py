"""Who published a file, as its provenance says (PEP 740). Read, not verified: that is a verifier's work.

Mirrors: warehouse/api/integrity.py @6b62157 and the publishers of pypi-attestations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.index_project import Attested
from trustpub.parties.index.asking import nonsense

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
    )


def _text(publisher: Object, name: str) -> str:
    value = publisher.get(name)
    return value if isinstance(value, str) else ""
