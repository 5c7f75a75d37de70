"""The METADATA of a listed wheel as a file of its own, as readers ask for it: taken from the wheel, and kept beside it.

An upload only stores its SHA-256. A file for each would cost every upload another inode and another wait for the disk, or leave
bytes that a crash may have damaged; the wheel is durable, and holds the same bytes for as long as it is there. So they are taken
from it when the first reader comes, and whatever lies there later is compared with the row before it is given to anybody.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from trustpub.domain.filenames import WHEEL
from trustpub.errors import Broken
from trustpub.parties.archives.port import Inspected, Job

if TYPE_CHECKING:
    from trustpub.parties.archives.port import Validators
    from trustpub.storage.blobs import Blobs
    from trustpub.storage.files import File


class Sidecars:
    """The metadata of wheels that have some (`metadata_sha256`). Any number of threads may ask; they may wait for a validator."""

    def __init__(self, blobs: Blobs, validators: Validators) -> None:
        self._blobs = blobs
        self._validators = validators

    def read(self, file: File) -> bytes:
        """This wheel's metadata, with the bytes that its row tells. Raises Broken, Unreachable and OSError."""
        kept = self._blobs.sidecar(file.sha256)
        if kept is not None and sha256(kept).hexdigest() == file.metadata_sha256:
            return kept
        taken = self.take(file)
        self._blobs.keep_sidecar(file.sha256, taken)
        return taken

    def take(self, file: File) -> bytes:
        """Take the metadata from the wheel, in a validator's process. Raises Broken when they are not the row's, and OSError."""
        job = Job(file.filename, WHEEL, metadata_only=True)
        with self._blobs.open(file.sha256) as wheel, self._validators.begin(wheel.fileno(), job) as pending:
            found = pending.result()
        if isinstance(found, Inspected) and sha256(found.metadata).hexdigest() == file.metadata_sha256:
            return found.metadata
        raise Broken(
            f"the metadata of `{file.filename}`",
            why="its wheel does not hold what its row tells",
            next_step="Run `trustpub admin verify-data`, then restore the blobs from a backup.",
        )
