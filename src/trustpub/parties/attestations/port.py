"""What the rest of the house knows about attestations: give them with the file they speak of, get provenance or the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from trustpub.domain.attestations import Signer

LONGEST = 4 * 1024 * 1024
"""Bytes of one frame; an upload's attestations have 256 KiB at most, and are not much longer once they are provenance."""


@dataclass(frozen=True, slots=True)
class Statements:
    """What came with a file: the form field's JSON text, the file's name and SHA-256 (hex), and who must have signed."""

    text: str
    filename: str
    sha256: str
    signer: Signer


@dataclass(frozen=True, slots=True)
class Attested:
    """Every attestation is true. `provenance` is the PEP 740 object as JSON text, to be stored and served as it is."""

    provenance: str


@dataclass(frozen=True, slots=True)
class NotAttested:
    """One attestation is not true, or nobody can tell; the message is the end of the refusal's text."""

    message: str


class Attestor(Protocol):
    """Whoever verifies attestations."""

    def verify(self, statements: Statements) -> Attested | NotAttested:
        """Verify them, asking nobody outside; blocks for a limited time. Raises Broken when the trust root is unusable."""
        ...

    def close(self) -> None:
        """Stop; what is under way is given up."""
        ...
