"""The process that verifies: one upload's attestations after the other, under limits of its own, with nothing to give away."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from trustpub.domain.attestations import Signer
from trustpub.parties.attestations.port import LONGEST, Attested, NotAttested, Statements
from trustpub.parties.confined import allow, confined
from trustpub.parties.frames import Gone, receive, send

if TYPE_CHECKING:
    from pathlib import Path
    from socket import socket

    from trustpub.domain.claims import JSON
    from trustpub.parties.attestations.sigstore import Verifying

SECONDS = 10
"""Processor time for one upload's attestations; a hundredth of it is enough for real ones."""
MEMORY = 1024 * 1024 * 1024
"""Address space, most of it the libraries'."""


def serve(channel: socket, verifying: Verifying) -> None:
    """Answer until the other side closes."""
    while True:
        try:
            asked = receive(channel, LONGEST)
        except Gone:
            return
        allow(SECONDS, MEMORY)
        try:
            answer = verifying.verify(_statements(asked))
        except (MemoryError, RecursionError):
            answer = NotAttested("Malformed attestations: reading them takes too much memory")
        if isinstance(answer, Attested):
            send(channel, ["true", answer.provenance])
        else:
            send(channel, ["false", answer.message])


def _statements(asked: JSON) -> Statements:
    if not isinstance(asked, list):
        raise Gone
    text, filename, sha256, signer = asked
    return Statements(text, filename, sha256, Signer(*signer))  # type: ignore[arg-type,misc]


def main() -> None:
    """Load everything, say whether the trust root can be used, and serve."""
    channel, trust_root = confined()
    logging.disable()  # nobody reads what this process has to say
    with channel:
        try:
            verifying = _load(trust_root)
        except (OSError, ValueError) as problem:
            send(channel, ["broken", str(problem)[:500]])
            return
        send(channel, ["ready"])
        serve(channel, verifying)


def _load(trust_root: str) -> Verifying:
    from pathlib import Path

    from trustpub.parties.attestations.sigstore import Verifying

    file: Path | None = Path(trust_root) if trust_root else None
    return Verifying(file)
