"""The one transaction of an upload: every question asked again, then the file, its release, the events and the serial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.pending import PENDING_DAYS
from trustpub.domain.release import release_metadata
from trustpub.errors import Unreachable
from trustpub.storage.accounts import ApiToken, note_use
from trustpub.storage.blob_uses import blob_use_remove
from trustpub.storage.events import Event, record
from trustpub.storage.files import NewFile, insert_file, insert_release
from trustpub.storage.projects import bump_serial, create_project, rename_project
from trustpub.storage.tokens import UploadToken
from trustpub.usecases.reify import adopt
from trustpub.usecases.upload_checks import Stored, conflict, project_of, right_of, standing_of, too_old
from trustpub.usecases.upload_credential import UploadRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON
    from trustpub.domain.core_metadata import CoreMetadata
    from trustpub.domain.publishers import Publisher
    from trustpub.domain.release import Submission
    from trustpub.storage.blob_uses import BlobUse
    from trustpub.storage.database import Connection
    from trustpub.storage.files import Right
    from trustpub.storage.projects import Project
    from trustpub.usecases.upload_credential import Admission
    from trustpub.usecases.upload_received import Received
    from trustpub.usecases.upload_sizes import Room, Sizes

TAKEN = UploadRefused(400, "File already exists")


@dataclass(frozen=True, slots=True)
class Placed:
    """What the transaction did: whether the file is new, and the project's serial before and after."""

    new: bool
    project_id: int = 0
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a file that may be listed: its metadata, the SHA-256 of a wheel's METADATA, and its provenance."""

    core: CoreMetadata
    metadata_sha256: str | None
    provenance: str | None


@dataclass(frozen=True, slots=True)
class Placing:
    """An upload that passed every check outside the file, and now waits for its transaction."""

    admission: Admission
    form: Submission
    received: Received
    sizes: Sizes
    room: Room
    clock: Callable[[], float]
    publisher: Publisher | None = None
    old_release_days: int = 0
    pending_days: int = PENDING_DAYS

    def place(self, connection: Connection, uses: tuple[BlobUse, ...], found: Looked) -> Placed | UploadRefused:
        """Name the file, or say what has changed since it was checked; either way the blobs are no longer merely announced."""
        if not blob_use_remove(connection, uses):
            why = "it stood still for so long that its bytes may have been taken away"
            raise Unreachable("the upload", why=why, next_step="Upload the file again")
        now = self.clock()
        right = right_of(connection, self.admission)
        if isinstance(right, UploadRefused):
            return right
        filename, digests = self.received.filename, self.received.digests
        there = standing_of(connection, right, self.form, filename, digests)
        project = project_of(connection, right, self.form, there, now)
        if isinstance(project, UploadRefused):
            return project
        taken = conflict(connection, there, self.form, filename, digests) or too_old(there, self.old_release_days, now)
        if taken is not None:
            return Placed(new=False) if isinstance(taken, Stored) else taken
        full = None if project is None else self.sizes.filled(connection, project, self.received.size, self.room)
        if full is not None:
            return full
        if isinstance(right, ApiToken):
            note_use(connection, right, now)
        project = project or self._create(connection, right, found.core, now)
        return self._insert(connection, right, project, there.release, found, now)

    def _create(self, connection: Connection, right: Right, core: CoreMetadata, now: float) -> Project:
        """A user's first upload of a new name creates the project, and the user owns it."""
        owner = right.user_id if isinstance(right, ApiToken) else None
        project = create_project(connection, core.one("name"), now, owner)
        detail: dict[str, JSON] = {"project": project.name, "owner": right.actor}
        record(connection, Event("project:created", right.actor, now, detail, project.id))
        if owner is not None:
            adopt(connection, project, owner, right.actor, self.pending_days, now)
        return project

    def _insert(
        self, connection: Connection, right: Right, project: Project, release: int | None, found: Looked, now: float
    ) -> Placed | UploadRefused:
        version, actor, core = str(self.form.version), right.actor, found.core
        received, origin = self.received, _origin(right)
        made = release is None
        if release is None:
            release = insert_release(connection, project.id, version, release_metadata(core), now)
        new = NewFile(
            filename=received.filename,
            project_id=project.id,
            release_id=release,
            packagetype=self.form.filetype,
            python_version=self.form.pyversion,
            requires_python=core.one("requires-python") or None,
            sha256=received.sha256,
            blake2_256=received.blake2_256,
            md5=received.md5,
            size=received.size,
            metadata_sha256=found.metadata_sha256,
            uploaded_by=actor,
            upload_time=now,
            provenance=found.provenance,
        )
        if insert_file(connection, new, project.normalized) is None:
            return TAKEN
        detail = {"filename": received.filename, "sha256": received.sha256, "version": version, **origin}
        if found.provenance is not None:
            detail["attested"] = True
        if made:
            record(connection, Event("release:added", actor, now, {"version": version, **origin}, project.id))
        record(connection, Event("file:added", actor, now, detail, project.id))
        renamed = core.one("name") != project.name
        if renamed:
            rename_project(connection, project.id, core.one("name"))
        return Placed(True, project.id, project.serial, bump_serial(connection, project.id, names_changed=renamed))


def _origin(right: Right) -> dict[str, JSON]:
    """What the audit log keeps about where a file came from."""
    if isinstance(right, UploadToken):
        return {"uploaded_via_trusted_publisher": True, "publisher_id": right.publisher_id, "claims": right.claims}
    return {"uploaded_via_trusted_publisher": False, "token_id": right.id}
