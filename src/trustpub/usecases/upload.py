"""An upload: one received file in, a durable and listed file out, or the reason why not.

It reads like the write protocol, and the order is the promise that a 200 is never lost and never changes: the checks that cost
nothing, then three things at once (the archive looked at in another process, the bytes made durable, a use row committed), the
blob linked and its folder durable, then ONE transaction that asks every question again and names the file. Killed anywhere before
its commit, nothing is listed; the sweeper takes what lies around a day later.
"""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from trustpub.domain.core_metadata import PYPI, Problem, Rules
from trustpub.domain.filenames import WHEEL, belongs_problem
from trustpub.domain.pending import PENDING_DAYS
from trustpub.domain.release import agreement_problem, content_problem, digest_problem, submission
from trustpub.errors import Broken
from trustpub.parties.archives.port import Job, Rejected
from trustpub.parties.attestations.process import NoAttestor
from trustpub.storage.blob_uses import blob_use_add, blob_use_remove
from trustpub.storage.tokens import UploadToken
from trustpub.usecases.attested import Attesting
from trustpub.usecases.sidecars import Sidecars
from trustpub.usecases.upload_checks import Stored, conflict, project_of, right_of, standing_of, too_old
from trustpub.usecases.upload_credential import Admission, UploadRefused, credential
from trustpub.usecases.upload_placing import Looked, Placed, Placing
from trustpub.usecases.upload_received import Received
from trustpub.usecases.upload_sizes import Room, Sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trustpub.domain.publishers import Publisher
    from trustpub.domain.release import Submission
    from trustpub.parties.archives.port import Inspected, Validators
    from trustpub.storage.blob_uses import BlobUse
    from trustpub.storage.blobs import Blobs, Temp
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.uploads import Standing
    from trustpub.usecases.upload_sizes import Limits

DOOMED = UploadRefused(503, "An old copy of these bytes, which no file names, is being removed. Upload the file again soon.")
"""What is put there now could go with it."""

__all__ = ["Admission", "Received", "Stored", "Upload", "UploadRefused", "credential"]


class _Going:
    """One upload on its way; it has arrived when it has an outcome."""

    __slots__ = ("admission", "checked", "found", "outcome", "provenance", "received", "use")

    def __init__(self, admission: Admission, received: Received) -> None:
        self.admission = admission
        self.received = received
        self.outcome: Stored | UploadRefused | Exception | None = None
        self.checked: Placing | None = None
        self.found: Inspected | None = None
        self.provenance: str | None = None
        self.use: BlobUse | None = None

    @contextmanager
    def own_affair(self) -> Iterator[None]:
        """Keep an exception for the one whose upload it ends."""
        try:
            yield
        except Exception as problem:  # noqa: BLE001 - see `Upload.accept_all`
            self.outcome = problem

    @property
    def form(self) -> Submission:
        """What the checked form says."""
        return self._checked.form

    @property
    def publisher(self) -> Publisher | None:
        """Whose upload it is; None when it is a person's."""
        return self._checked.publisher

    def place(self, connection: Connection) -> Placed | UploadRefused:
        """The upload's transaction."""
        found = self.found
        if found is None or self.use is None:
            raise Broken("an upload", why="nobody has looked at its file")
        metadata_sha256 = sha256(found.metadata).hexdigest() if self.form.filetype == WHEEL else None
        return self._checked.place(connection, (self.use,), Looked(found.core, metadata_sha256, self.provenance))

    @property
    def _checked(self) -> Placing:
        if self.checked is None:
            raise Broken("an upload", why="nobody has checked its form")
        return self.checked


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
        *,
        attesting: Attesting | None = None,
        old_release_days: int = 0,
        pending_days: int = PENDING_DAYS,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._validators = validators
        self._limits = limits
        self._clock = clock
        self._rules = rules
        self._attesting = attesting or Attesting(NoAttestor())
        self._old_release_days = old_release_days
        self._pending_days = pending_days
        self._sizes = Sizes(limits)
        self.sidecars = Sidecars(blobs, validators)

    @property
    def file_size(self) -> int:
        """The most bytes that one file may have."""
        return self._limits.file_size

    def prepare(self) -> None:
        """Be ready for the first upload: whoever looks into files is started now."""
        self._validators.start()

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
        (outcome,) = self.accept_all([(admission, received)])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def accept_all(self, uploads: Sequence[tuple[Admission, Received]]) -> list[Stored | UploadRefused | Exception]:
        """`accept` for several at once, each with an outcome of its own: an exception where `accept` would raise it.

        They share every wait for the database and the changes of threads that come with it, which cost a small upload more than
        its own work does. They go through the file system and the validators one after the other: give it small files.
        """
        going = [_Going(admission, received) for admission, received in uploads]
        try:
            self._accept(going)
        except Exception as problem:  # noqa: BLE001 - what failed was shared by all that have no outcome yet
            for each in going:
                each.outcome = each.outcome or problem
        finally:
            for each in going:
                each.received.temp.discard()
        return [each.outcome or Broken("an upload", why="it came to no end") for each in going]

    def close(self) -> None:
        """Let the validators and the attestor go."""
        self._validators.close()
        self._attesting.close()

    def _accept(self, going: Sequence[_Going]) -> None:
        with self._database.read() as connection:
            for each in going:
                with each.own_affair():
                    checked = self._check(connection, each.admission, each.received)
                    each.checked, each.outcome = (checked, None) if isinstance(checked, Placing) else (None, checked)
        left = [each for each in going if each.checked is not None]
        if not left:
            return
        # The writer, the validators and the disk do not wait for each other.
        now, names = self._clock(), [each.received.sha256 for each in left]
        announced = self._database.write(lambda connection: blob_use_add(connection, names, now))
        for each in left:
            with each.own_affair():
                self._inspect(each)
        for each, use in zip(left, announced.result(), strict=True):
            each.use = use
            if use is None:
                each.outcome = each.outcome or DOOMED
            elif each.outcome is None:
                with each.own_affair():
                    self._blobs.adopt(each.received.temp, each.received.sha256)
        self._place(left)

    def _inspect(self, each: _Going) -> None:
        """Let a validator look at the file while it becomes durable."""
        received, form = each.received, each.form
        with self._validators.begin(received.temp.fd, Job(received.filename, form.filetype, self._rules)) as pending:
            received.temp.sync()
            found = pending.result()
        problem = None if isinstance(found, Rejected) else agreement_problem(form, found.core)
        if isinstance(found, Rejected):
            each.outcome = UploadRefused(400, found.message)
        elif problem:
            each.outcome = UploadRefused(400, problem.message)
        else:
            each.found = found
            provenance = self._attesting.provenance(form, each.publisher, received)
            if isinstance(provenance, UploadRefused):
                each.outcome = provenance
            else:
                each.provenance = provenance

    def _place(self, left: Sequence[_Going]) -> None:
        """Name the blobs that are durable under their content addresses, each in a transaction that asks everything again."""
        lost = [each.use for each in left if each.outcome is not None and each.use is not None]
        given_up = self._database.write(lambda connection: blob_use_remove(connection, lost)) if lost else None
        placing = [(each, self._database.write(each.place)) for each in left if each.outcome is None]
        for each, future in placing:
            with each.own_affair():
                placed = future.result()
                if isinstance(placed, Placed) and placed.new:
                    self._sizes.grew(placed.project_id, placed.before, placed.after, each.received.size)
                each.outcome = Stored(each.received.filename, new=placed.new) if isinstance(placed, Placed) else placed
        if given_up is not None:
            given_up.result()

    def _check(self, connection: Connection, admission: Admission, received: Received) -> Placing | Stored | UploadRefused:
        """Everything that can be asked without opening the file, in PyPI's order."""
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
        room = self._check_content(connection, form, there, received)
        if not isinstance(room, Room):
            return room
        publisher = right.publisher if isinstance(right, UploadToken) else None
        problem = self._attesting.problem(form, publisher)
        days = self._old_release_days, self._pending_days
        return problem or Placing(admission, form, received, self._sizes, room, self._clock, publisher, *days)

    def _check_content(
        self, connection: Connection, form: Submission, there: Standing, received: Received
    ) -> Stored | UploadRefused | Room:
        """What is left for other files beside this one, when nothing is wrong with its name, its size and its digests."""
        problem = content_problem(form, received.filename, received.content_type)
        if problem:
            return UploadRefused(400, problem.message)
        room = self._sizes.room(connection, there.project, received.size)
        if isinstance(room, UploadRefused):
            return room
        problem = digest_problem(form, received.digests)
        if problem:
            return UploadRefused(400, problem.message)
        taken = conflict(connection, there, form, received.filename, received.digests)
        refused = taken or too_old(there, self._old_release_days, self._clock())
        if refused is not None:
            return refused
        problem = belongs_problem(received.filename, form.filetype, form.name, form.version, self._rules)
        return UploadRefused(400, problem.message) if problem else room
