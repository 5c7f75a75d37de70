"""What a file's provenance (PEP 740) says in short: who signed, and what each signature states.

It was verified when the file came and is ours since then, so what cannot be read in it is a fault of the store: nothing is said.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON


class Signed(NamedTuple):
    """One bundle: the publisher that signed, in words, and the predicate types of its attestations."""

    publisher: str
    predicates: tuple[str, ...]


def signed_by(provenance: str) -> tuple[Signed, ...]:
    """Every bundle of a provenance, as it stands there."""
    try:
        bundles = json.loads(provenance)["attestation_bundles"]
        return tuple(Signed(_publisher(each["publisher"]), tuple(map(_predicate, each["attestations"]))) for each in bundles)
    except (ValueError, KeyError, TypeError):
        return ()


def _publisher(said: dict[str, JSON]) -> str:
    names = ("kind", "email", "repository", "workflow", "workflow_filepath")
    return " ".join(str(said[name]) for name in names if said.get(name))


def _predicate(attestation: dict[str, dict[str, str]]) -> str:
    return str(json.loads(base64.b64decode(attestation["envelope"]["statement"]))["predicateType"])
