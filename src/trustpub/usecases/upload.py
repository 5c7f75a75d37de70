"""An upload: one received file in, a durable and listed file out, or the reason why not.

It reads like the write protocol, and the order is the promise that a 200 is never lost and never changes: the checks that cost
nothing, then three things at once (the archive looked at in another process, the bytes made durable, a use row committed), the
blob linked and its folder durable, then ONE transaction that asks every question again and names the file. Killed anywhere before
its commit, nothing is listed; the sweeper takes what lies around a day later.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from trustpub.domain.core_metadata import PYPI, Problem, Rules
from trustpub.domain.filenames import WHEEL, belongs_problem
from trustpub.domain.release import agreement_problem, content_problem, digest_problem, submission
from trustpub.parties.archives.port import Inspected, Job, Rejected
from trustpub.storage.files import blob_use_add, blob_use_remove
from trustpub.storage.uploads import forget_blob_uses, is_blob_wanted
from trustpub.usecases.sidecars import Sidecars
from trustpub.usecases.upload_checks import Stored, conflict, project_of, right_of, standing_of
from trustpub.usecases.upload_credential import Admission, UploadRefused, credential
from trustpub.usecases.upload_placing import Placing, Sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.release import Submission
    from trustpub.parties.archives.port import Validators
    from trustpub.storage.blobs import Blobs, Swept, Temp
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.uploads import Standing

__all__ = ["Admission", "Received", "Stored", "Upload", "UploadRefused", "credential"]

KEPT_WITHOUT_ROW = 86_400
"""Seconds for which a blob without a row, and a temp file, are left alone: far longer than any upload lasts."""


class Limits(Protocol):
    """What one index takes in, in bytes."""

    @property
    def file_size(self) -> int:
        """For one file."""

    @property
    def project_size(self) -> int:
        """For all files of one project."""


@dataclass(frozen=True, slots=True)
class Received:
    """One upload request, read to its end: the form, and the file in a temp file with its digests (lower-case hexadecimal).

    `filename` and `content_type` are the file part's own; `content_type` is empty when the client sent none, as uv does.
    """

    fields: tuple[tuple[str, str], ...]
    filename: str
    content_type: str
    temp: Temp
    sha256: str
    md5: str
    blake2_256: str

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.temp.size

    @property
    def digests(self) -> dict[str, str]:
        """Every digest by its name."""
        return {"sha256": self.sha256, "md5": self.md5, "blake2_256": self.blake2_256}


class Upload:
    """Uploads to one index. Any number of threads may call it."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        validators: Validators,
        limits: Limits,
        clock: Callable[[], float],
        rules: Rules = PYPI,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._validators = validators
        self._limits = limits
        self._clock = clock
        self._rules = rules
        self._sizes = Sizes()
        self.sidecars = Sidecars(blobs, validators)

    @property
    def file_size(self) -> int:
        """The most bytes that one file may have."""
        return self._limits.file_size

    def temp(self, sha256: str = "") -> Temp:
        """A temp file to receive into; whoever opened it discards it unless it went into `accept`.

        Give the SHA-256 of what will be in it when that is known already: it is then stored for less.
        """
        return self._blobs.temp(sha256)

    def admit(self, authorization: str | None) -> Admission | UploadRefused:
        """Whether this caller may upload anything at all: asked before a large body is read. Reads the database."""
        admission = credential(authorization)
        if isinstance(admission, UploadRefused):
            return admission
        with self._database.read() as connection:
            right = right_of(connection, admission)
        return right if isinstance(right, UploadRefused) else admission

    def accept(self, admission: Admission, received: Received) -> Stored | UploadRefused:
        """Store one received file, or say why not; its temp file is gone afterwards. Blocks: call it in a thread.

        Raises OSError and Broken when the disk or the database fails: then nothing was acknowledged and nothing is listed.
        """
        try:
            return self._accept(admission, received)
        finally:
            received.temp.discard()

    def sweep(self) -> Swept:
        """Remove blobs and temp files that no upload finished, a day after they were last touched."""
        before = self._clock() - KEPT_WITHOUT_ROW
        self._database.write(lambda connection: forget_blob_uses(connection, before)).result()

        def guard(sha256: str, remove: Callable[[], None]) -> None:
            with self._database.read() as connection:
                if is_blob_wanted(connection, sha256, before):
                    return

            def settle(connection: Connection) -> None:
                # In the one writer: no use row can be committed between this look and the removal.
                if not is_blob_wanted(connection, sha256, before):
                    remove()

            self._database.write(settle).result()

        return self._blobs.sweep(before, guard)

    def close(self) -> None:
        """Let the validators go."""
        self._validators.close()

    def _accept(self, admission: Admission, received: Received) -> Stored | UploadRefused:
        checked = self._check(admission, received)
        if not isinstance(checked, Placing):
            return checked
        job = Job(received.filename, checked.form.filetype, self._rules)
        now = self._clock()
        # The writer, the validator and the disk do not wait for each other.
        announced = self._database.write(lambda connection: blob_use_add(connection, (received.sha256,), now))
        with self._validators.begin(received.temp.fd, job) as pending:
            received.temp.sync()
            found = pending.result()
        uses = announced.result()
        sound = _sound(checked.form, found)
        if isinstance(sound, UploadRefused):
            self._database.write(lambda connection: blob_use_remove(connection, uses)).result()
            return sound
        return self._store(checked, sound, uses)

    def _check(self, admission: Admission, received: Received) -> Placing | Stored | UploadRefused:
        """Everything that can be asked without opening the file, in PyPI's order."""
        with self._database.read() as connection:
            right = right_of(connection, admission)
            if isinstance(right, UploadRefused):
                return right
            form = submission(received.fields, self._rules)
            if isinstance(form, Problem):
                return UploadRefused(400, form.message)
            there = standing_of(connection, right, form, received.filename, received.digests)
            project = project_of(connection, right, form, there, self._clock())
            if isinstance(project, UploadRefused):
                return project
            if not received.filename:
                return UploadRefused(400, "Upload payload does not have a file.")
            refused = self._check_content(connection, form, there, received)
            if refused is not None:
                return refused
        return Placing(admission, form, received, self._clock)

    def _check_content(
        self, connection: Connection, form: Submission, there: Standing, received: Received
    ) -> Stored | UploadRefused | None:
        project = there.project
        problem = content_problem(form, received.filename, received.content_type)
        if problem:
            return UploadRefused(400, problem.message)
        if project is not None and self._sizes.total(connection, project) + received.size > self._limits.project_size:
            megabytes = self._limits.project_size // 1024**2
            return UploadRefused(400, f"Project size too large. Limit for project '{project.name}' total size is {megabytes} MB.")
        problem = digest_problem(form, received.digests)
        if problem:
            return UploadRefused(400, problem.message)
        taken = conflict(connection, there, form, received.filename, received.digests)
        if taken is not None:
            return taken
        problem = belongs_problem(received.filename, form.filetype, form.name, form.version, self._rules)
        return UploadRefused(400, problem.message) if problem else None

    def _store(self, placing: Placing, found: Inspected, uses: tuple[int, ...]) -> Stored | UploadRefused:
        """Make the blob durable under its content address, then name it in one transaction. The use row is committed."""
        received = placing.received
        metadata_sha256 = sha256(found.metadata).hexdigest() if placing.form.filetype == WHEEL else None
        self._blobs.adopt(received.temp, received.sha256)
        placed = self._database.write(lambda connection: placing.place(connection, uses, found.core, metadata_sha256)).result()
        if isinstance(placed, UploadRefused):
            return placed
        self._sizes.grew(placed, received.size)
        return Stored(received.filename, new=placed.new)


def _sound(form: Submission, found: Inspected | Rejected) -> Inspected | UploadRefused:
    """What was found, or why the file may not be stored as what the form says."""
    if isinstance(found, Rejected):
        return UploadRefused(400, found.message)
    problem = agreement_problem(form, found.core)
    return UploadRefused(400, problem.message) if problem else found
