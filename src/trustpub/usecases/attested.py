"""Attestations of uploads: verified before a file is listed, kept as its provenance, and read by whoever asks for it.

Only what was verified is kept, and nothing is dropped in silence: an upload whose attestations cannot be verified is refused, so
that nobody believes that a proof is there when it is not (docs/adr/0011).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.attestations import attestations_problem, invalid_attestations, signer_of
from trustpub.parties.attestations.port import Attested, Statements
from trustpub.storage.files import find_file
from trustpub.storage.projects import find_project
from trustpub.usecases.upload_credential import UploadRefused

if TYPE_CHECKING:
    from trustpub.domain.publishers import Publisher
    from trustpub.domain.release import Submission
    from trustpub.parties.attestations.port import Attestor
    from trustpub.storage.database import Database
    from trustpub.usecases.upload_received import Received

QUARANTINED = "quarantined"


class Attesting:
    """Attestations of the uploads to one index; `required` refuses uploads by Trusted Publishing without any."""

    def __init__(self, attestor: Attestor, *, required: bool = False) -> None:
        self._attestor = attestor
        self._required = required

    def problem(self, form: Submission, publisher: Publisher | None) -> UploadRefused | None:
        """What is wrong before anybody looks at a signature; `publisher` is None when a person's token authorises the upload."""
        problem = attestations_problem(form.attestations, publisher, required=self._required)
        return None if problem is None else UploadRefused(400, problem.message)

    def provenance(self, form: Submission, publisher: Publisher | None, received: Received) -> str | UploadRefused | None:
        """The file's provenance, None when no attestations came with it. Blocks for milliseconds; raises Broken.

        Call it for what `problem` let through.
        """
        signer = signer_of(publisher) if form.attestations and publisher is not None else None
        if signer is None:
            return None
        found = self._attestor.verify(Statements(form.attestations, received.filename, received.sha256, signer))
        return found.provenance if isinstance(found, Attested) else UploadRefused(400, invalid_attestations(found.message))

    def close(self) -> None:
        """Let the attestor go."""
        self._attestor.close()


class Unlisted:
    """There is no such file."""


UNLISTED = Unlisted()


def provenance_of(database: Database, project: str, version: str, filename: str) -> str | Unlisted | None:
    """A listed file's provenance as JSON text, None when it has none; `project` and `version` must be the file's own.

    `project` is the normalized name, `version` the canonical one.
    """
    with database.read() as connection:
        file = find_file(connection, filename)
        if file is None or file.version != version:
            return UNLISTED
        owner = find_project(connection, project)
    if owner is None or owner.id != file.project_id or owner.normalized != project or owner.state == QUARANTINED:
        return UNLISTED
    return file.provenance
