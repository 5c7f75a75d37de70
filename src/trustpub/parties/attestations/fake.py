"""An attestor without signatures, for tests: it believes what does not say that it is forged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trustpub.parties.attestations.port import Attested, NotAttested

if TYPE_CHECKING:
    from trustpub.parties.attestations.port import Statements


class FakeAttestor:
    """Believes every attestation but those that say `"forged"` somewhere, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Statements] = []
        self.closed = False

    def verify(self, statements: Statements) -> Attested | NotAttested:
        """Put the attestations into provenance as they are."""
        self.asked.append(statements)
        if "forged" in statements.text:
            return NotAttested("Could not verify the uploaded artifact using the included attestation: it is forged")
        bundle = {"publisher": {"kind": statements.signer.kind}, "attestations": json.loads(statements.text)}
        return Attested(json.dumps({"version": 1, "attestation_bundles": [bundle]}))

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
